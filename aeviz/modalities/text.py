"""The record of the modality "text": short texts (V, L), at each of L places one symbol of an alphabet of V is 1.

Of what a network makes, the values of a place are probabilities. A place that is all 0 has lost its symbol. What needs
torch loads it when it is called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.modalities.base import Array, Corruption, Distance, Looks, Modality, Repair, Scale, Tiles, Upload, Words
from aeviz.modalities.codecs.numbers import of_texts
from aeviz.modalities.handing import Handed
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import Generator, Tensor

CELL = (18, 12)  # pixels, height and width of a place
LETTER = 16  # pixels, of the font
LOST = "·"
END_SHARE, MIN_OPACITY = 0.5, 0.15  # share from which an end ends a text; of a letter
TOOLTIP_SYMBOLS = 3  # likeliest symbols of a place that a tooltip names
MAX_PLACES = 256  # places


@dataclass(frozen=True)
class TextScale(Scale):
    """What the values of a text mean.

    alphabet: its symbols; the last, the empty string, ends a text and fills the places after it. known: texts that a
    misspelt one may have been.
    """

    alphabet: tuple[str, ...] = (*"abcdefghijklmnopqrstuvwxyz", "")
    known: tuple[str, ...] = ()

    def means_the_same(self, other: Scale) -> bool:
        """Whether both have the same alphabet."""
        return isinstance(other, TextScale) and self.alphabet == other.alphabet

    def stated(self) -> dict[str, Any]:
        """All but the known texts: there may be thousands, and they are a person's own."""
        return {**super().stated(), "known": ()}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "TextScale":
        """The scale that a file states: an alphabet of different symbols, the end last."""
        alphabet = tuple(map(str, stored.get("alphabet", cls.alphabet)))
        if alphabet.index("") != len(alphabet) - 1 or len(set(alphabet)) < len(alphabet):
            raise ValueError(f"An alphabet cannot be {alphabet}.")
        return replace(super().of({**stored, "alphabet": ()}), alphabet=alphabet)


def alphabet_of(scale: Scale, symbols: int) -> tuple[str, ...]:
    """The symbols of a text; where a scale has not so many, letters and numbers in order."""
    named = scale.alphabet if isinstance(scale, TextScale) else ()
    return named if len(named) == symbols else (*(chr(97 + number) for number in range(symbols - 1)), "")


def problem(shape: Shape) -> str | None:
    """Why a shape is no text's, or None."""
    if len(shape) != 2 or shape[0] < 2 or not 1 <= shape[1] <= MAX_PLACES:
        return f"A text is (V, L), two symbols or more at 1 to {MAX_PLACES} places, not {shape}."
    return None


def size(shape: Shape) -> str:
    """Places and symbols in words."""
    return f"{shape[1]} places, {shape[0]} symbols"


def tiles(items: Array, scale: Scale) -> Tiles:
    """Texts (N, V, L) as light letters on black, each as bright as it is likely; (N, 18, 12 L, 1)."""
    count, symbols, places = items.shape
    letters = _letters(alphabet_of(scale, symbols))
    blended = np.einsum("nvl,vhw->nhlw", items, letters, optimize=True).reshape(count, CELL[0], places * CELL[1])
    drawn: Tiles = np.rint(np.clip(blended, 0, 1) * 255).astype(np.uint8)[..., None]
    return drawn


@lru_cache(maxsize=8)
def _letters(alphabet: tuple[str, ...]) -> NDArray[np.float32]:
    """The symbols as pictures (V, h, w) in [0, 1]; one wider than its place is drawn narrower."""
    from PIL import Image, ImageDraw, ImageFont

    height, width = CELL
    font = ImageFont.load_default(LETTER)
    drawn = []
    for symbol in alphabet:
        room = max(width, int(np.ceil(font.getlength(symbol.upper()))) + 2)
        cell = Image.new("L", (room, height))
        ImageDraw.Draw(cell).text((room / 2, height / 2 - 1), symbol.upper(), 255, font, anchor="mm")
        drawn.append(np.asarray(cell.resize((width, height)), np.float32) / 255)
    return np.stack(drawn)


def handed(items: Array, classes: Array, scale: Scale) -> Handed:
    """Texts (N, V, L), one a line."""
    return Handed("txt", lambda: "".join(f"{text}\n" for text in texts(items, scale)).encode(), ("--modality", "text"))


def describe(item: Array, scale: Scale) -> str:
    """The text of an item (V, L), a dot where a symbol is lost."""
    return texts(item[None], scale)[0]


def html(item: Array, scale: Scale) -> str | None:
    """A text (V, L) as letters, each as dark as it is likely; a dot where a symbol is lost."""
    alphabet = alphabet_of(scale, len(item))
    signs = []
    for place in range(item.shape[1]):
        likeliest = int(item[:, place].argmax())
        share = float(item[likeliest, place])
        sign = alphabet[likeliest] if share > 0 else LOST
        if not sign and share > END_SHARE:
            break
        tip = ", ".join(
            f"{alphabet[symbol] or 'end'} {item[symbol, place]:.0%}"
            for symbol in np.argsort(-item[:, place])[:TOOLTIP_SYMBOLS]
        )
        signs.append(
            f'<b title="{escape(tip)}" style="opacity: {max(share, MIN_OPACITY):.2f}">{escape(sign.upper() or "▪")}</b>'
        )
    return f'<div class="aeviz-text" data-least="210">{"".join(signs)}</div>'


def errors(item: Array, made: Array, scale: Scale) -> str:
    """The letters of a text (V, L), on orange as strong as the model doubts them; what it expects shows on hover."""
    alphabet = alphabet_of(scale, len(item))
    signs = []
    for place in range(item.shape[1]):
        true, likeliest = int(item[:, place].argmax()), int(made[:, place].argmax())
        doubt = 1 - float(made[true, place])
        tip = f"{alphabet[true] or 'end'} {made[true, place]:.0%}, expected {alphabet[likeliest] or 'end'}"
        colour = f"color-mix(in srgb, #e8820c {100 * doubt:.0f}%, transparent)"
        signs.append(
            f'<b title="{escape(tip)}" style="background: {colour}">{escape(alphabet[true].upper() or "▪")}</b>'
        )
        if not alphabet[true]:
            break
    return f'<div class="aeviz-text" data-least="210">{"".join(signs)}</div>'


def texts(items: Array, scale: Scale) -> list[str]:
    """Texts of items (N, V, L): the likeliest symbol of each place up to the first end, a dot where all are 0."""
    alphabet = alphabet_of(scale, items.shape[1])
    end = alphabet.index("")
    words = []
    for rows, lost in zip(items.argmax(1).tolist(), (items.max(1) <= 0).tolist(), strict=True):
        signs = [LOST if gone else alphabet[symbol] for symbol, gone in zip(rows, lost, strict=True)]
        stop = next((place for place, symbol in enumerate(rows) if symbol == end and not lost[place]), len(rows))
        words.append("".join(signs[:stop]))
    return words


def spelt(words: Sequence[str], scale: Scale, shape: Shape) -> NDArray[np.float32]:
    """Words as items (N, V, L): one symbol is 1 at each place; after the last letter all are the end.

    Raises DataError for a letter that is not in the alphabet and for a word that is too long.
    """
    symbols, places = shape
    alphabet = alphabet_of(scale, symbols)
    index = {symbol: number for number, symbol in enumerate(alphabet)}
    rows = np.full((len(words), places), index[""])
    for row, word in zip(rows, words, strict=True):
        signs = word.lower() if word not in index and word.lower() != word else word
        if len(signs) > places:
            raise DataError(f"{word!r} has more than {places} letters.")
        unknown = [sign for sign in signs if sign not in index]
        if unknown:
            raise DataError(f"{word!r} holds {unknown[0]!r}, which the alphabet ({''.join(alphabet)}) has not.")
        row[: len(signs)] = [index[sign] for sign in signs]
    hot: NDArray[np.float32] = np.eye(symbols, dtype=np.float32)[rows].transpose(0, 2, 1)
    return hot


def prepare(array: NDArray[Any]) -> NDArray[np.float32]:
    """Texts (N, V, L), one-hot or probabilities. Raises DataError."""
    if array.ndim != 3 or problem(array.shape[1:]):
        raise DataError(f"items have the shape {array.shape}: expected texts (N, V, L), one-hot over V symbols.")
    prepared: NDArray[np.float32] = array.astype(np.float32)
    if not ((prepared >= 0) & (prepared <= 1)).all() or (prepared.sum(1) > 1.001).any():
        raise DataError("items must hold probabilities: from 0 to 1, and 1 at most over the symbols of a place.")
    return prepared


def adopt(values: Any) -> tuple[NDArray[np.float32], Scale]:
    """N texts in small letters, over the alphabet of all that they hold; one-hot ones (N, V, L) stay as they are.

    Raises DataError.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "UO":
        return prepare(array), TextScale()
    if array.ndim != 1 or not all(isinstance(word, str) for word in array.tolist()):
        raise DataError("items must be texts, one string each, or one-hot (N, V, L).")
    words = [word.strip().lower() for word in array.tolist()]
    places = max(map(len, words), default=0)
    if not 1 <= places <= MAX_PLACES:
        raise DataError(f"The longest text has {places} letters: expected 1 to {MAX_PLACES}.")
    scale = TextScale(alphabet=(*sorted(set("".join(words))), ""), known=tuple(dict.fromkeys(words)))
    return spelt(words, scale, (len(scale.alphabet), places)), scale


# --- Corruptions and the classical repair ---


def lost(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Take the symbols of the share `level` of each text's places away: x (N, V, L)."""
    return x.masked_fill(_places(x, level, generator)[:, None], 0.0)


def wrong(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Put a letter drawn by chance at the share `level` of each text's places."""
    import torch

    letters = x.shape[1] - 1  # the last symbol is the end
    drawn = torch.randint(letters, (len(x), x.shape[2]), generator=generator, device=x.device)
    hot = torch.nn.functional.one_hot(drawn, x.shape[1]).transpose(1, 2).to(x.dtype)
    return torch.where(_places(x, level, generator)[:, None], hot, x)


def exchanged(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Exchange letters with their right neighbours, at the share `level` of each text's pairs of letters.

    A pair one of whose letters is exchanged already is left as it is.
    """
    import torch

    count, _, places = x.shape
    pairs = (_lengths(x) - 1).clamp(min=0)
    draw = torch.rand(count, places, generator=generator, device=x.device)
    beyond = torch.arange(places, device=x.device) >= pairs[:, None]
    sequence = draw.masked_fill(beyond, 2.0).argsort(1)  # pairs in the order in which they are tried
    exchanges = (level * pairs).round()
    order = torch.arange(places, device=x.device).repeat(count, 1)
    rows = torch.arange(count, device=x.device)
    for number in range(places - 1):
        place = sequence[:, number].clamp(max=places - 2)
        free = (order[rows, place] == place) & (order[rows, place + 1] == place + 1) & (number < exchanges)
        chosen, at = rows[free], place[free]
        order[chosen, at], order[chosen, at + 1] = at + 1, at
    return x.gather(2, order[:, None].expand_as(x))


def _places(x: "Tensor", level: float, generator: "Generator") -> "Tensor":
    """(N, L) bool: the share `level` of the letters of each text, by chance; never the end."""
    import torch

    draw = torch.rand(len(x), x.shape[2], generator=generator, device=x.device)
    length = _lengths(x)[:, None]
    letters = torch.arange(x.shape[2], device=x.device) < length
    rank = draw.masked_fill(~letters, 2.0).argsort(1).argsort(1)
    return letters & (rank < (level * length).round())


def _lengths(x: "Tensor") -> "Tensor":
    """Letters of each text (N,): places before the first end."""
    import torch

    ends = x.argmax(1) == x.shape[1] - 1
    return torch.where(ends.any(1), ends.int().argmax(1), x.shape[2])


def nearest_known(x: "Tensor", scale: Scale) -> "Tensor":
    """The known text that agrees with x (N, V, L) at most places; x itself where none is known."""
    import torch

    known = scale.known if isinstance(scale, TextScale) else ()
    if not known or not len(x):
        return x
    table = torch.from_numpy(spelt(known, scale, tuple(x.shape[1:]))).to(x.device, x.dtype)
    agreement = x.flatten(1) @ table.flatten(1).T
    return table[agreement.argmax(1)]


# --- Distances ---


def edits(x: "Tensor", y: "Tensor", scale: Scale) -> "Tensor":
    """Letters to insert, delete or change until the likeliest text of y is that of x (Levenshtein 1966), (N,)."""
    import torch

    a, b = _symbols(x, LOST_OF_X), _symbols(y, LOST_OF_Y)
    lengths_a, lengths_b = _lengths(x), _lengths(y)
    count, places = a.shape
    rows = torch.arange(places + 1, device=a.device).expand(count, -1)
    table = [rows]
    for i in range(1, places + 1):
        row = [torch.full((count,), i, device=a.device)]
        for j in range(1, places + 1):
            changed = table[i - 1][:, j - 1] + (a[:, i - 1] != b[:, j - 1])
            row.append(torch.minimum(torch.minimum(table[i - 1][:, j], row[-1]) + 1, changed))
        table.append(torch.stack(row, 1))
    every = torch.stack(table, 1)
    return every[torch.arange(count, device=a.device), lengths_a, lengths_b].to(torch.float32)


def differing(x: "Tensor", y: "Tensor", scale: Scale) -> "Tensor":
    """1 where the likeliest text of y is not that of x, letter for letter, else 0, (N,)."""
    import torch

    length = _lengths(x)
    within = torch.arange(x.shape[2], device=x.device) <= length[:, None]
    return ((_symbols(x, LOST_OF_X) != _symbols(y, LOST_OF_Y)) & within).any(1).to(torch.float32)


LOST_OF_X, LOST_OF_Y = -1, -2  # a symbol that is lost is like none, another lost one neither


def _symbols(x: "Tensor", lost: int) -> "Tensor":
    """The likeliest symbol of each place (N, L), `lost` where all are 0."""
    symbols: Tensor = x.argmax(1).masked_fill((x <= 0).all(1), lost)
    return symbols


# --- Files ---


def read(file: bytes, shape: Shape, scale: Scale) -> Upload:
    """The first line of a text. Raises DataError."""
    try:
        lines = file.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DataError("This is not UTF-8 text.") from error
    words = [line.strip() for line in lines if line.strip()]
    if not words:
        raise DataError("There is no text here.")
    notes = (f"The first of {len(words):,} lines is taken.",) if len(words) > 1 else ()
    return Upload(spelt(words[:1], scale, shape)[0], notes)


TEXT = Modality(
    name="text",
    words=Words(noun="text", plural="texts", value="letter", axes="(V, L)", clean="Clean", corrupted="Misspelt"),
    problem=problem,
    size=size,
    tiles=tiles,
    describe=describe,
    handed=handed,
    errors=errors,
    error_legend="The stronger the orange, the less likely a letter at its place; hover for what was expected.",
    prepare=prepare,
    corruptions=(
        Corruption("missing", "Missing letters", "share of letters", 1.0, lost, 0.4, 0.5, holes=True),
        Corruption("wrong", "Wrong letters", "share of letters", 1.0, wrong, 0.4, 0.4),
        Corruption("exchanged", "Exchanged letters", "share of pairs", 1.0, exchanged, 0.2, 0.4),
    ),
    repair=Repair(
        "Nearest known text",
        nearest_known,
        judge="edits",
        idea="The **nearest known text** is the one of the training split that agrees at most places: it can only "
        "answer with what it has seen.",
    ),
    distances=(
        Distance(
            "edits",
            "Edits",
            "letters",
            "Letters to insert, delete or change until one text is the other (Levenshtein 1966).",
            edits,
            2,
            counts=True,
        ),
        Distance(
            "differing",
            "Not the same",
            "share",
            "Share of texts that are not the same letter for letter.",
            differing,
            3,
        ),
    ),
    likelihoods=("categorical",),
    read=read,
    endings=(".txt", ".csv"),
    editors=("line",),
    smooth=True,
    html=html,
    looks=lambda shape, scale: Looks("symbols", 0.0, 1.0, alphabet_of(scale, shape[0])),
    output="softmax",
    body="transformer",
    texts=texts,
    adopt=adopt,
    bounds=(0.0, 1.0),
    scale=TextScale(),
    compression=of_texts(texts),
)
