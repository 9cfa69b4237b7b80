"""A table in a text, CSV or TSV, or in an array of rows: numbers, categories and classes, made into a data set."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.arrays import MIN_ITEMS
from aeviz.datasets.labels import Labels, of_columns, unlabelled
from aeviz.datasets.record import Dataset
from aeviz.datasets.splits import SHARE, by_chance
from aeviz.errors import DataError
from aeviz.importers.data import cells, columns
from aeviz.importers.data.answers import MAX_ITEMS, DataStatement, FoundColumn, OwnData, Progress
from aeviz.importers.data.columns import Column
from aeviz.importers.data.fitting import check_amount, dataset, few, subset
from aeviz.importers.data.foreign import arrays_in, holds_arrays
from aeviz.importers.files.filetypes import HEAD, Sniffed
from aeviz.importers.files.texts import read_text
from aeviz.modalities.base import Facet
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
MAX_NAMED = 4  # columns that a sentence names


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this is a text of rows of cells, or stated to be a table."""
    if statement.modality == "table" and holds_arrays(source):
        return True
    return cells.holds(source, statement, "table")


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """The rows of a text or an array as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    if holds_arrays(source):
        progress(0.0, "Reading the arrays")
        parsed = _from_arrays(source, statement, most_bytes)
    else:
        parsed = _parsed(source, statement, most_bytes, progress)
    progress(0.8, "Making rows")
    taken, remarks = fitted(parsed.columns, source.name)
    chosen, spread = subset(parsed.count, statement.most)
    made = _dataset(taken, chosen, name, title, parsed.labels)
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
    labels: Labels | None = None


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
    """The columns of an array (N, columns) of numbers; classes that lie beside it are one more column."""
    arrays = arrays_in(source, statement, most_bytes)
    if arrays.items.ndim != 2 or arrays.items.shape[1] > MAX_COLUMNS:
        shape = arrays.items.shape
        raise DataError(f"The items have the shape {shape}: expected rows (N, columns), up to {MAX_COLUMNS} columns.")
    if len(arrays.items) < MIN_ITEMS:
        raise DataError(f"{source.name}: {few(len(arrays.items), 'row')}: at least {MIN_ITEMS} are needed.")
    kept, thinned = subset(len(arrays.items), MAX_ITEMS)
    names = [f"column {place + 1}" for place in range(arrays.items.shape[1])]
    body = [[repr(float(value)).removesuffix(".0") for value in column] for column in arrays.items[kept].T]
    stated = dict(statement.columns)
    labels = arrays.labels.of_rows(kept) if arrays.labels else None
    if labels is not None and len(labels.names) > 1:
        names.append(CLASS)
        body.append([labels.names[label] for label in labels.numbers])
        stated = {CLASS: "target"} | stated
    typed = columns.typed(names, body, stated, ",")
    return Parsed(typed, len(kept), len(arrays.items), (*arrays.notes, *thinned), "", "", labels)


def fitted(typed: list[Column], name: str) -> tuple[list[Column], list[str]]:
    """The columns as far as a row has room for their features, and sentences on what becomes of each."""
    used = {n: column for n, column in enumerate(typed) if column.found.type in {"number", "category"}}
    widths = {n: len(column.categories) or 1 for n, column in used.items()}
    left_out = set()
    while sum(widths.values()) > MAX_FEATURES:
        widest = max(widths, key=lambda n: (widths[n], n))
        left_out.add(widest)
        del widths[widest]
    taken = [_without(column, n in left_out) for n, column in enumerate(typed)]
    if sum(widths.values()) < 2:
        reasons = "; ".join(_why(column.found) for column in taken[:MAX_NAMED] if unused(column))
        raise DataError(
            f"{name}: a row needs two numbers or categories at least, and of its {len(taken):,} columns "
            f"{'one is' if widths else 'none is'} of use. {reasons}".rstrip()
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
        facts = column.found
        if facts.type == "target":
            what = "classes" if column.categories else "labels"
            notes.append(f"{facts.name} gives the {what} and is no part of the rows. {facts.note}".strip())
        elif unused(column):
            notes.append(f"{_why(facts)} It was left out." if facts.note else f"{facts.name} was left out.")
        elif facts.note:
            notes.append(f"{facts.name}: {facts.note}")
    return notes


def _why(facts: FoundColumn) -> str:
    return f"{facts.name}: {facts.note}" if facts.note else f"{facts.name} is stated as {facts.type}."


def _dataset(
    typed: list[Column], chosen: NDArray[np.int64], name: str, title: str, given: Labels | None = None
) -> Dataset:
    """The rows chosen, in standard units of the training split of all. given: labels that are no column of it."""
    count = len(next(column.values for column in typed if column.values is not None))
    table, order, units = _frame(typed)
    check_amount(count, (sum(len(order.get(str(name), " ")) for name in table),))
    items, scaled = rows_of(table, by_chance(count, SHARE)[0], order, units)
    labels = (given or _labels(typed, count)).of_rows(chosen)
    return dataset(name, title, items[chosen], labels, MODALITIES["table"], TableScale(columns=scaled))


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


def _labels(typed: list[Column], count: int) -> Labels:
    target = next((column for column in typed if column.found.type == "target"), None)
    if target is None or target.values is None:
        return unlabelled(count)
    if not target.categories:
        return of_columns([Facet(target.found.name, target.values.astype(np.float32))], count)
    values = target.values.astype(np.int64)
    if not (values < 0).any():
        return Labels(values, target.categories)
    return Labels(np.where(values < 0, len(target.categories), values), (*target.categories, UNNAMED))


def _missing(typed: list[Column], count: int) -> list[str]:
    """How many cells have no value, in a sentence."""
    parts = [column.found for column in typed if not unused(column)]
    gone = sum(part.missing for part in parts)
    return [f"{gone:,} cells ({gone / (count * len(parts)):.1%}) have no value: they stay missing."] if gone else []
