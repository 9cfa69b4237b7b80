"""A text with one short text a line, made into a data set over the alphabet that is found in it."""

from collections import Counter
from itertools import chain

import numpy as np

from aeviz.datasets.arrays import MIN_ITEMS
from aeviz.datasets.labels import Labels
from aeviz.datasets.splits import SHARE, by_chance
from aeviz.errors import DataError
from aeviz.importers.data import cells
from aeviz.importers.data.answers import MAX_ITEMS, DataStatement, OwnData, Progress
from aeviz.importers.data.fitting import check_amount, dataset, few, subset
from aeviz.importers.files.filetypes import Sniffed
from aeviz.importers.files.texts import read_text
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.text import TextScale, spelt

MAX_PLACES = 40  # letters of a text
MAX_LONG = 0.5  # share of lines that may be longer
MAX_SYMBOLS = 64  # of an alphabet, with the end
OTHER = "□"  # stands for letters beyond those
MAX_KNOWN = 5_000  # texts that a misspelt one is compared with


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this is a text of lines that nothing parts into cells, or stated to be one."""
    return cells.holds(source, statement, "text")


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """The lines of a text as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    progress(0.0, "Reading the text")
    text = read_text(source.path, statement.encoding, most_bytes)
    lines, remarks = _lines(text.text, source.name)
    kept, thinned = subset(len(lines), MAX_ITEMS)
    brought, lines = len(lines), [lines[row] for row in kept]
    alphabet, strange = _alphabet(lines)
    known = set(alphabet)
    words = ["".join(sign if sign in known else OTHER for sign in line) for line in lines] if strange else lines
    shape = len(alphabet), max(map(len, words))
    chosen, spread = subset(len(words), statement.most)
    check_amount(len(chosen), shape)
    train = by_chance(len(words), SHARE)[0]
    spoken = tuple(words[row] for row in train[subset(len(train), MAX_KNOWN)[0]])
    scale = TextScale(alphabet=alphabet, known=spoken)
    progress(0.4, f"Spelling {len(chosen):,} texts")
    items = spelt([words[row] for row in chosen], scale, shape)
    firsts = sorted({word[0] for word in words})
    place = {letter: number for number, letter in enumerate(firsts)}
    labels = np.array([place[words[row][0]] for row in chosen], np.int64)
    made = dataset(name, title, items, Labels(labels, tuple(firsts)), MODALITIES["text"], scale)
    progress(1.0, "Ready")
    written = f"Written with {len(alphabet) - 1} symbols ({''.join(alphabet)}) at {shape[1]} places."
    notes = (*text.notes, *remarks, *thinned, *strange, *spread, written, "Classes are the first letters.")
    return OwnData(made, notes=notes, brought=brought, encoding=text.encoding)


def _lines(text: str, name: str) -> tuple[list[str], list[str]]:
    """The texts of the lines, in small letters, `MAX_PLACES` at most, and sentences. Raises DataError."""
    numbered = [(number, " ".join(line.split())) for number, line in enumerate(text.split("\n"), 1)]
    numbered = [(number, line) for number, line in numbered if line]
    if len(numbered) < MIN_ITEMS:
        raise DataError(f"{name}: {few(len(numbered), 'line')}: at least {MIN_ITEMS} are needed, one text a line.")
    lowered = [(number, line.lower()) for number, line in numbered]
    notes = ["Capitals became small letters."] if any(a != b for a, b in zip(numbered, lowered, strict=True)) else []
    long = [(number, len(line)) for number, line in lowered if len(line) > MAX_PLACES]
    if len(long) > MAX_LONG * len(lowered):
        number, letters = long[0]
        raise DataError(
            f"{name}: {len(long):,} of {len(lowered):,} lines are longer than {MAX_PLACES} letters; line {number:,} "
            f"has {letters:,}. Expected one short text a line, such as names or words."
        )
    if long:
        number, letters = long[0]
        count = "1 text was" if len(long) == 1 else f"{len(long):,} texts were"
        notes.append(f"{count} cut to {MAX_PLACES} letters; the first: line {number:,} has {letters:,}.")
    return [line[:MAX_PLACES].rstrip() for _, line in lowered], notes


def _alphabet(lines: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The symbols of some texts in order, the end last, and a sentence where there are too many."""
    counts = Counter(chain.from_iterable(lines))
    if len(counts) < MAX_SYMBOLS:
        return (*sorted(counts), ""), []
    commonest = sorted(counts, key=lambda sign: (-counts[sign], sign))[: MAX_SYMBOLS - 2]
    share = 1 - sum(counts[sign] for sign in commonest) / counts.total()
    note = (
        f"They are written with {len(counts):,} different symbols: the {len(commonest)} commonest are kept, and "
        f"{OTHER} stands for the others ({share:.1%} of the letters)."
    )
    return (*sorted({*commonest, OTHER}), ""), [note]
