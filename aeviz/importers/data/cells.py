"""A text as rows of cells: what parts them, whether the first row names them, and what kind of items they are."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from aeviz.errors import DataError
from aeviz.importers.data.answers import DELIMITERS, DataStatement
from aeviz.importers.data.numbers import is_missing, number_of
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.files.texts import head_of
from aeviz.modalities.series import MIN_VALUES

LOOKED_AT = 60  # rows of the head that decide
CONSISTENT = 0.7  # share of rows that must have as many cells as most
NEARLY_ALL = 0.9  # of the rows
NUMERIC = 0.9  # share of a column's cells that must be numbers, to decide on the header
SEPARATOR = "sep="
MAX_CELL = 131_072  # letters of a cell
MAX_TOLD = 3  # lines that are named
MAX_RAGGED = 0.1  # share of the rows


@dataclass(frozen=True)
class Layout:
    """How a text is to be read.

    delimiter: a key of `DELIMITERS`, "" where nothing parts cells. header: whether the first row names the columns.
    modality: of its items. even: whether the names are numbers at even steps, as a series' times are.
    """

    delimiter: str
    header: bool
    modality: str
    even: bool = False


def holds(source: Sniffed, statement: DataStatement, modality: str) -> bool:
    """Whether this is a text of items of such a modality, as it is written or stated."""
    if source.type is not FileType.TEXT or statement.modality not in {None, modality}:
        return False
    return layout_of(head_of(source.path, statement.encoding), statement).modality == modality


def layout_of(head: str, statement: DataStatement) -> Layout:
    """The layout of a text, told by its first whole lines and by what is stated."""
    written = head.partition("\n")[0][len(SEPARATOR) :] if head[: len(SEPARATOR)].lower() == SEPARATOR else ""
    delimiter = statement.delimiter or (written if written in DELIMITERS else _delimiter(head))
    rows = sample(head, delimiter or ",")
    if not delimiter or not rows:
        numbers = [all(number_of(cell) is not None or is_missing(cell) for cell in row) for row in rows]
        header = statement.header if statement.header is not None else len(rows) > 1 and not numbers[0]
        return Layout("", header, statement.modality or ("table" if numbers[1:] and all(numbers[1:]) else "text"))
    known = numeric(rows)
    names = [number_of(cell) for cell in rows[0]]
    even = _even(names) and not _even([number_of(cell) for cell in rows[min(1, len(rows) - 1)]])
    header = not any(value is not None for value, number in zip(names, known, strict=False) if number) or even
    if statement.header is not None:
        header = statement.header
    plain = sum(known) >= MIN_VALUES and known.count(False) <= 1 and (not header or even)
    return Layout(delimiter, header, statement.modality or ("series" if plain else "table"), header and even)


def _delimiter(head: str) -> str:
    """What parts the cells of most rows into the same number, two or more, or parts nearly all; "" for nothing."""
    best, score = "", 0.0
    for delimiter in DELIMITERS:
        rows = sample(head, delimiter)
        width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        share = count / max(1, len(rows))
        # A comma may part the decimals of cells that something else parts.
        weight = share * (1.0 if delimiter == "," else 2.0)
        if not (width > 1 and share >= CONSISTENT):
            several = sum(len(row) > 1 for row in rows) / max(1, len(rows))
            weight = weight / 100 if several >= NEARLY_ALL else 0.0  # a table of ragged rows rather than texts
        if weight > score:
            best, score = delimiter, weight
    return best


def sample(head: str, delimiter: str) -> list[list[str]]:
    """The first rows of a text's head, as far as they can be read."""
    rows: list[list[str]] = []
    head = _body(head)[0]
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t")
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) == LOOKED_AT:
                break
    except csv.Error:  # told when all is read
        pass
    return rows


def numeric(rows: list[list[str]], header: bool = True) -> list[bool]:
    """Of each column, whether nearly all cells, below the first row where that may be a header, are numbers."""
    width = Counter(map(len, rows)).most_common(1)[0][0]
    rows = rows[header:] or rows
    are_numbers = []
    for place in range(width):
        cells = [row[place] for row in rows if len(row) > place and not is_missing(row[place])]
        are_numbers.append(bool(cells) and sum(number_of(cell) is not None for cell in cells) >= NUMERIC * len(cells))
    return are_numbers


def _even(values: list[float | None]) -> bool:
    """Whether all values but one at an end are numbers that rise by even steps."""
    known = [value for value in values if value is not None]
    if len(known) < max(MIN_VALUES, len(values) - 1) or None in values[1:-1]:
        return False
    step = (known[-1] - known[0]) / (len(known) - 1)
    return step > 0 and all(abs(value - known[0] - step * place) < 0.01 * step for place, value in enumerate(known))


def rows_of(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a text with the numbers of their lines, blank lines left out; cells without spaces at their ends.

    Raises DataError for a quotation mark that is not closed and for cells too long.
    """
    text, skipped = _body(text)
    reader = csv.reader(_lines(text), delimiter=delimiter or ",", strict=True, skipinitialspace=delimiter != "\t")
    line = 1 + skipped
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if len(cells) > 1 or any(cells):
                yield line, cells
            line = reader.line_num + 1 + skipped
    except csv.Error as error:
        wrong = str(error)
        if "field larger" in wrong:
            what = f'a cell is longer than {MAX_CELL:,} letters. Is a quotation mark (") opened there and not closed?'
        elif "unexpected end" in wrong:
            what = 'a quotation mark (") is opened there and not closed.'
        else:
            what = f'a quotation mark (") stands where none can ({wrong}). Double it within quoted cells ("").'
        raise DataError(f"{name} cannot be read from line {line:,} on: {what}") from error


def _body(text: str) -> tuple[str, int]:
    """A text without the line in which Excel writes what parts the cells, and how many lines that were."""
    return (text.partition("\n")[2], 1) if text[: len(SEPARATOR)].lower() == SEPARATOR else (text, 0)


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends, one by one: a `StringIO` would hold four bytes for each letter."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


@dataclass(frozen=True)
class Grid:
    """Rows of cells, all as many as there are names; the lines they stand in; and sentences on what was left out."""

    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    notes: tuple[str, ...]


def grid_of(text: str, layout: Layout, name: str) -> Grid:
    """A text as a grid. Rows of another number of cells are left out, and told by their lines.

    Raises DataError where there is no row, or too many are of another length.
    """
    rows = list(rows_of(text, layout.delimiter, name))
    if not rows:
        raise DataError(f"{name} is empty: there is nothing in it to read.")
    width = len(rows[0][1]) if layout.header else Counter(len(row) for _, row in rows).most_common(1)[0][0]
    names, notes = named(rows[0][1]) if layout.header else ([f"column {n + 1}" for n in range(width)], [])
    body = rows[1:] if layout.header else rows
    blank = [line for line, row in body if not any(row)]
    if blank:
        body = [(line, row) for line, row in body if any(row)]
        count = "1 row" if len(blank) == 1 else f"{len(blank):,} rows"
        notes.append(f"Without any value, and left out: {count}; the first: line {blank[0]:,}.")
    if not body:
        raise DataError(f"{name} holds a header and no row below it.")
    ends = [row for _, row in body if len(row) == width + 1 and not row[-1]]
    if len(ends) == len(body):  # a delimiter at the end of each row
        for row in ends:
            row.pop()
    ragged = [(line, len(row)) for line, row in body if len(row) != width]
    if len(ragged) > MAX_RAGGED * len(body):
        line, cells = ragged[0]
        parts = DELIMITERS.get(layout.delimiter, "comma")
        raise DataError(
            f"{name}: {len(ragged):,} of {len(body):,} rows have another number of cells than the {width:,} of "
            f"{'the header' if layout.header else 'most'}; line {line:,} has {cells:,}. Is it the {parts} that parts "
            'them? Cells that hold it must stand in quotation marks (").'
        )
    if ragged:
        which = ", ".join(f"line {line:,} has {cells:,}" for line, cells in ragged[:MAX_TOLD])
        more = " …" if len(ragged) > MAX_TOLD else ""
        count = "1 row was" if len(ragged) == 1 else f"{len(ragged):,} rows were"
        notes.append(f"{count} left out for another number of cells than {width:,}: {which}{more}.")
    kept = [(line, row) for line, row in body if len(row) == width]
    return Grid(names, [row for _, row in kept], [line for line, _ in kept], tuple(notes))


def named(cells: list[str]) -> tuple[list[str], list[str]]:
    """Names of columns, each once, and sentences on those that had to be given."""
    names: list[str] = []
    twice: list[str] = []
    for place, cell in enumerate(cells):
        name = plain(cell) or f"column {place + 1}"
        unique, number = name, 2
        while unique in names:
            unique, number = f"{name} ({number})", number + 1
        if unique != name:
            twice.append(name)
        names.append(unique)
    notes = [f"Several columns are called {', '.join(dict.fromkeys(twice))}: they were numbered."] if twice else []
    return names, notes


def plain(cell: str) -> str:
    """A cell as a name: one line of 60 letters at most."""
    return " ".join(cell.split())[:60].strip()
