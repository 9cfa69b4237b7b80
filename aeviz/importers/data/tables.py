"""A table in a text, CSV or TSV, or in an array of rows: numbers, categories and classes, made into a data set."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.arrays import MIN_ITEMS, UNLABELLED
from aeviz.datasets.record import Dataset
from aeviz.datasets.splits import SHARE, by_chance
from aeviz.errors import DataError
from aeviz.importers.data import cells, columns
from aeviz.importers.data.answers import MAX_ITEMS, DataStatement, FoundColumn, OwnData, Progress
from aeviz.importers.data.columns import Column
from aeviz.importers.data.fitting import check_amount, dataset, few, subset
from aeviz.importers.files.arrays import read_arrays
from aeviz.importers.files.filetypes import HEAD, FileType, Sniffed
from aeviz.importers.files.texts import read_text
from aeviz.modalities.columns import TableScale, rows_of
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.table import MAX_FEATURES

if TYPE_CHECKING:
    from pandas import DataFrame

UNNAMED = "none stated"  # the class of a row that has none
MAX_COLUMNS = MAX_FEATURES
NO_HEADER = (
    "The first line holds values, so the columns are numbered. Where it names them, state that there is a header."
)
CLASS = "class"  # what the labels of arrays are called
ARRAYS = frozenset({FileType.NPY, FileType.NPZ})
TOLD = 4  # columns that a sentence names


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this is a text of rows of cells, or stated to be a table."""
    if source.type in ARRAYS:
        return statement.modality == "table"
    return cells.holds(source, statement, "table")


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """The rows of a text or an array as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    if source.type in ARRAYS:
        progress(0.0, "Reading the arrays")
        parsed = _from_arrays(source, statement, most_bytes)
    else:
        parsed = _parsed(source, statement, most_bytes, progress)
    progress(0.8, "Making rows")
    taken, remarks = fitted(parsed.columns, source.name)
    chosen, spread = subset(parsed.count, statement.most)
    made = _dataset(taken, chosen, name, title)
    progress(1.0, "Ready")
    return OwnData(
        made,
        notes=(*parsed.notes, *remarks, *spread, *_missing(taken, parsed.count)),
        brought=parsed.brought,
        columns=tuple(column.found for column in taken),
        encoding=parsed.encoding,
        delimiter=parsed.delimiter,
    )


@dataclass(frozen=True)
class Parsed:
    """The columns of a text, of `count` rows out of all that were brought; sentences; and how it was written."""

    columns: list[Column]
    count: int
    brought: int
    notes: tuple[str, ...]
    encoding: str
    delimiter: str


def _parsed(source: Sniffed, statement: DataStatement, most_bytes: int, progress: Progress) -> Parsed:
    """What a text holds. Its cells are let go at the end: as text they take several times the room of their values."""
    progress(0.0, "Reading the text")
    text = read_text(source.path, statement.encoding, most_bytes)
    layout = cells.layout_of(text.text[:HEAD], statement)
    progress(0.2, "Parting the cells")
    grid = cells.grid_of(text.text, layout, source.name)
    if len(grid.names) > MAX_COLUMNS:
        raise DataError(f"{source.name} has {len(grid.names):,} columns; at most {MAX_COLUMNS} are read. Bring fewer.")
    if len(grid.rows) < MIN_ITEMS:
        raise DataError(f"{source.name}: {few(len(grid.rows), 'row')}: at least {MIN_ITEMS} are needed.")
    kept, thinned = subset(len(grid.rows), MAX_ITEMS)
    progress(0.5, "Finding what the columns are")
    body = list(zip(*(grid.rows[row] for row in kept), strict=True))
    typed = columns.typed(grid.names, body, statement.columns, layout.delimiter)
    unnamed = () if layout.header else (NO_HEADER,)
    notes = (*text.notes, *unnamed, *grid.notes, *thinned)
    return Parsed(typed, len(kept), len(grid.rows), notes, text.encoding, layout.delimiter)


def _from_arrays(source: Sniffed, statement: DataStatement, most_bytes: int) -> Parsed:
    """The columns of an array (N, columns) of numbers; its labels are one more, the class."""
    arrays = read_arrays(source, most_bytes, missing=True)
    if arrays.items.ndim != 2 or arrays.items.shape[1] > MAX_COLUMNS:
        shape = arrays.items.shape
        raise DataError(f"The items have the shape {shape}: expected rows (N, columns), up to {MAX_COLUMNS} columns.")
    if len(arrays.items) < MIN_ITEMS:
        raise DataError(f"{source.name}: {few(len(arrays.items), 'row')}: at least {MIN_ITEMS} are needed.")
    kept, thinned = subset(len(arrays.items), MAX_ITEMS)
    names = [f"column {place + 1}" for place in range(arrays.items.shape[1])]
    body = [[repr(float(value)).removesuffix(".0") for value in column] for column in arrays.items[kept].T]
    stated = dict(statement.columns)
    if arrays.labels is not None:
        names.append(CLASS)
        body.append([arrays.label_names[label] for label in arrays.labels[kept]])
        stated = {CLASS: "target"} | stated
    typed = columns.typed(names, body, stated, ",")
    return Parsed(typed, len(kept), len(arrays.items), (*arrays.notes, *thinned), "", "")


def fitted(typed: list[Column], name: str) -> tuple[list[Column], list[str]]:
    """The columns as far as a row has room for their features, and sentences on what becomes of each."""
    widths = {n: len(one.categories) or 1 for n, one in enumerate(typed) if one.found.type in {"number", "category"}}
    left_out = set()
    while sum(widths.values()) > MAX_FEATURES:
        widest = max(widths, key=lambda n: (widths[n], n))
        left_out.add(widest)
        del widths[widest]
    taken = [_without(column, n in left_out) for n, column in enumerate(typed)]
    if sum(widths.values()) < 2:
        said = "; ".join(_why(column.found) for column in taken[:TOLD] if unused(column))
        raise DataError(
            f"{name}: a row needs two numbers or categories at least, and of its {len(taken):,} columns "
            f"{'one is' if widths else 'none is'} of use. {said}".rstrip()
            + (" Series stand one in a row, texts one in a line." if len(taken) == 1 else "")
        )
    return taken, _told(taken)


def unused(column: Column) -> bool:
    """Whether a column is no part of the rows."""
    return column.found.type not in {"number", "category"}


def _without(column: Column, left_out: bool) -> Column:
    if not left_out:
        return column
    note = f"A row holds {MAX_FEATURES} features at most, and this has {len(column.categories) or 1}: it was left out."
    return replace(column, found=replace(column.found, type="ignored", note=note))


def _told(taken: list[Column]) -> list[str]:
    """Sentences on all columns that are not simply numbers or categories."""
    notes = []
    for column in taken:
        found = column.found
        if found.type == "target":
            notes.append(f"{found.name} gives the classes and is no part of the rows. {found.note}".strip())
        elif unused(column):
            notes.append(f"{_why(found)} It was left out." if found.note else f"{found.name} was left out.")
        elif found.note:
            notes.append(f"{found.name}: {found.note}")
    return notes


def _why(found: FoundColumn) -> str:
    return f"{found.name}: {found.note}" if found.note else f"{found.name} is stated as {found.type}."


def _dataset(typed: list[Column], chosen: NDArray[np.int64], name: str, title: str) -> Dataset:
    """The rows chosen, in standard units of the training split of all."""
    count = len(next(column.values for column in typed if column.values is not None))
    table, order, units = _frame(typed)
    check_amount(count, (sum(len(order.get(str(one), " ")) for one in table),))
    items, scaled = rows_of(table, by_chance(count, SHARE)[0], order, units)
    labels, names = _classes(typed, count)
    items, labels = items[chosen], labels[chosen]
    return dataset(name, title, items, labels, names, MODALITIES["table"], TableScale(columns=scaled))


def _frame(typed: list[Column]) -> tuple["DataFrame", dict[str, list[str]], dict[str, str]]:
    """Columns as a table, with the order of categories and the units of numbers."""
    import pandas as pd

    data: dict[str, NDArray[np.float64] | NDArray[np.object_]] = {}
    order: dict[str, list[str]] = {}
    for column in typed:
        name, values = column.found.name, column.values
        if values is None or unused(column):
            continue
        if column.categories:
            order[name] = list(column.categories)
            data[name] = np.array([*column.categories, None], object)[values]
        else:
            data[name] = values
    units = {column.found.name: column.unit for column in typed if column.unit}
    return pd.DataFrame({key: pd.Series(value) for key, value in data.items()}), order, units


def _classes(typed: list[Column], count: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    target = next((column for column in typed if column.found.type == "target"), None)
    if target is None or target.values is None:
        return np.zeros(count, np.int64), (UNLABELLED,)
    values = target.values.astype(np.int64)
    if not (values < 0).any():
        return values, target.categories
    return np.where(values < 0, len(target.categories), values), (*target.categories, UNNAMED)


def _missing(typed: list[Column], count: int) -> list[str]:
    """How many cells have no value, in a sentence."""
    parts = [column.found for column in typed if not unused(column)]
    gone = sum(found.missing for found in parts)
    return [f"{gone:,} cells ({gone / (count * len(parts)):.1%}) have no value: they stay missing."] if gone else []
