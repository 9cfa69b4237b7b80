"""Series of values at even steps of time, one a row of a CSV or of an array, made into a data set."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.arrays import MIN_ITEMS
from aeviz.datasets.labels import MAX_CLASSES, Labels, cells_as_labels, of_columns, unlabelled
from aeviz.datasets.splits import SHARE, by_chance
from aeviz.errors import DataError
from aeviz.importers.data import cells, columns
from aeviz.importers.data.answers import MAX_ITEMS, DataStatement, FoundColumn, OwnData, Progress
from aeviz.importers.data.fitting import check_amount, dataset, few, subset
from aeviz.importers.data.foreign import arrays_in, holds_arrays
from aeviz.importers.data.numbers import comma_of, is_missing, number_of
from aeviz.importers.data.parquet import holds_series
from aeviz.importers.files.filetypes import HEAD, Sniffed
from aeviz.importers.files.texts import read_text
from aeviz.modalities.base import Facet
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.series import MIN_VALUES, scale_of

MAX_STEPS = 512  # values of a series; of more, neighbours become their mean
MAX_LENGTH = 2.0  # times the usual length that a series may have
MAX_CODES = 20  # different whole numbers in a first column that may be classes
SHOWN = 60  # columns that are told one by one
CHOICES = ("number", "target", "identifier", "ignored")
STEPS = "steps"


@dataclass
class Series:
    """Series as they are read: values (T,) each, the class of each by its name, and what was found on the way."""

    values: list[NDArray[np.float32]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # the first cells that are no numbers, with their lines
    count_wrong: int = 0
    count: int = 0


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this is a text of rows of numbers without names, lists of numbers, or stated to be series."""
    if statement.modality == "series" and holds_arrays(source):
        return True
    if statement.modality is None and holds_series(source):
        return True
    return cells.holds(source, statement, "series")


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """The series of a file as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    progress(0.0, "Reading the values")
    if holds_arrays(source):
        parsed = _from_arrays(source, statement, most_bytes)
    else:
        parsed = _from_text(source, statement, most_bytes, progress)
    progress(0.8, "Making series")
    items, kept, notes = _sound(parsed.items)
    labels = (parsed.labels or unlabelled(len(parsed.items))).of_rows(np.flatnonzero(kept))
    items = items[kept]
    rows, remarks = subset(len(items), MAX_ITEMS)
    if remarks:
        items, labels = items[rows], labels.of_rows(rows)
    items, each = _thinned(items)
    if each > 1:
        remarks.append(f"Every {each} neighbouring values became their mean: at most {MAX_STEPS} are kept.")
    step, time_unit = (each / statement.rate, "s") if statement.rate else (float(each), STEPS)
    train = items[by_chance(len(items), SHARE)[0]]
    scale = scale_of(train, unit=statement.unit, step=step, time_unit=time_unit)
    chosen, spread = subset(len(items), statement.most)
    if spread:
        items, labels = items[chosen], labels.of_rows(chosen)
    made = dataset(name, title, items, labels, MODALITIES["series"], scale)
    progress(1.0, "Ready")
    return OwnData(
        made,
        notes=(*parsed.notes, *notes, *remarks, *spread),
        brought=len(parsed.items),
        columns=parsed.columns,
        encoding=parsed.encoding,
        delimiter=parsed.delimiter,
        label_choices=parsed.choices,
    )


@dataclass(frozen=True)
class Parsed:
    """Items (N, C, T) with NaN, their labels or None; sentences; how a text was written; what else may give labels."""

    items: NDArray[np.float32]
    labels: Labels | None
    notes: tuple[str, ...]
    columns: tuple[FoundColumn, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    choices: tuple[str, ...] = ()


def _from_arrays(source: Sniffed, statement: DataStatement, most_bytes: int) -> Parsed:
    arrays = arrays_in(source, statement, most_bytes)
    items, notes = arrays.items, arrays.notes
    if items.ndim == 4 and items.shape[2] == 1:
        items = items[:, :, 0]
    if items.ndim == 3 and items.shape[2] < MIN_VALUES <= items.shape[1]:
        items = items.transpose(0, 2, 1)
        notes += (f"Series of shape {arrays.items.shape[1:]} were taken for (values, channels).",)
    _check_size(float(np.nanmax(np.abs(items), initial=0)), source.name)
    return Parsed(MODALITIES["series"].prepare(items), arrays.labels, notes, choices=arrays.label_choices)


def _from_text(source: Sniffed, statement: DataStatement, most_bytes: int, progress: Progress) -> Parsed:
    text = read_text(source.path, statement.encoding, most_bytes)
    head = text.text[:HEAD]
    layout = cells.layout_of(head, statement)
    rows = cells.rows_of(text.text, layout.delimiter, source.name)
    names, notes = cells.named(next(rows, (0, []))[1]) if layout.header else ([], [])
    sample = cells.sample(head, layout.delimiter or ",")[layout.header :]
    if not sample:
        raise DataError(f"{source.name} holds a header and no row below it.")
    names = names or [f"column {place + 1}" for place in range(len(cells.numeric(sample, header=False)))]
    types = _types(names, sample, statement)
    comma = comma_of((cell for row in sample for cell in row), layout.delimiter)
    series = _collected(rows, types, comma, progress)
    items, remarks = _stacked(series, source.name)
    target = next((name for name in names if types[name] == "target"), "class")
    labels, classes = _labels(series.classes, target) if series.classes else (None, ())
    listed = names if len(names) <= SHOWN else [name for name in names if types[name] != "number" or name == names[0]]
    described = tuple(_column(name, names.index(name), types[name], sample) for name in listed)
    uses = [f"{name} gives the classes and is no part of the series." for name in names if types[name] == "target"]
    uses += [f"{name} was left out." for name in names if types[name] in {"identifier", "ignored"}]
    notes = [*text.notes, *notes, *uses, *classes, *remarks]
    return Parsed(items, labels, tuple(notes), described, text.encoding, layout.delimiter)


def _types(names: list[str], sample: list[list[str]], statement: DataStatement) -> dict[str, str]:
    """What each column is: a value of the series, "number", or its class, its name, or nothing."""
    if unknown := [name for name in statement.columns if name not in names]:
        raise DataError(f"There is no column {unknown[0]!r}: the first are {', '.join(names[:4])}.")
    types = dict.fromkeys(names, "number")
    for name, numeric in zip(names, cells.numeric(sample, header=False), strict=False):
        if not numeric:
            types[name] = "identifier" if "target" in types.values() else "target"
        elif name.casefold() in columns.TARGETS and "target" not in types.values():
            types[name] = "target"
        elif name.casefold() in columns.IDENTIFIERS:
            types[name] = "identifier"
    if "target" not in types.values() and _holds_codes(sample):
        types[names[0]] = "target"
    for name, type_ in statement.columns.items():
        if type_ == "target":
            types = {column: "number" if known == "target" else known for column, known in types.items()}
        types[name] = "target" if type_ == "category" else type_
    if sum(type_ == "number" for type_ in types.values()) < MIN_VALUES:
        raise DataError(f"A series needs {MIN_VALUES} values or more in a row.")
    return types


def _holds_codes(sample: list[list[str]]) -> bool:
    """Whether the first column alone holds a few whole numbers, as the classes in files of the UCR archive."""
    first = [number_of(row[0]) for row in sample if row]
    others = [value for row in sample for cell in row[1:] if (value := number_of(cell)) is not None]
    whole = all(value is not None and value == round(value) for value in first)
    repeated = 2 <= len(set(first)) <= min(MAX_CODES, len(first) // 2)
    return whole and repeated and sum(value != round(value) for value in others) > 0.5 * len(others)


def _column(name: str, place: int, type_: str, sample: list[list[str]]) -> FoundColumn:
    written = [row[place] for row in sample if len(row) > place]
    known = list(dict.fromkeys(cell for cell in written if not is_missing(cell)))
    examples = tuple(map(cells.plain, known[: columns.EXAMPLES]))
    return FoundColumn(name, type_, CHOICES, examples, sum(map(is_missing, written)), len(known))


def _collected(rows: Iterator[tuple[int, list[str]]], types: dict[str, str], comma: str, progress: Progress) -> Series:
    """The series of all rows, read one by one: as text, they would take many times the room."""
    width = len(types)
    target = next((place for place, type_ in enumerate(types.values()) if type_ == "target"), None)
    left_out = sorted((place for place, type_ in enumerate(types.values()) if type_ != "number"), reverse=True)
    series = Series()
    for line, row in rows:
        if len(series.values) % 1000 == 0:
            progress(0.1 + 0.6 * min(1.0, len(series.values) / 20_000), f"Reading series: {len(series.values):,}")
        # The last column is the last of each row, however long.
        places = [len(row) - 1 if place == width - 1 else place for place in left_out]
        if target is not None:
            place = len(row) - 1 if target == width - 1 else target
            series.classes.append(row[place] if place < len(row) else "")
        for place in places:
            if place < len(row):
                del row[place]
        series.values.append(_values(row, line, comma, series))
        series.lines.append(line)
        series.count += len(row)
    return series


def _values(row: list[str], line: int, comma: str, series: Series) -> NDArray[np.float32]:
    try:  # nearly all are plain
        values = np.array(list(map(float, row)), np.float64)
        if comma or np.isinf(values).any():  # with decimal commas, 1.234 is a thousand
            raise ValueError
    except ValueError:
        values = np.full(len(row), np.nan)
        for place, cell in enumerate(row):
            number = number_of(cell, comma)
            if number is not None:
                values[place] = number
            elif not is_missing(cell):
                series.count_wrong += 1
                if len(series.wrong) < cells.MAX_TOLD:
                    series.wrong.append(f"{cells.plain(cell)!r} in line {line:,}")
    if len(values):
        _check_size(float(np.nanmax(np.abs(values), initial=0)), f"line {line:,}")
    return values.astype(np.float32)


def _check_size(largest: float, where: str) -> None:
    if largest > columns.MAX_VALUE:
        raise DataError(f"The values of {where} reach to {largest:.3g}: beyond {columns.MAX_VALUE:.0e} none are read.")


def _stacked(series: Series, name: str) -> tuple[NDArray[np.float32], list[str]]:
    """Series (N, 1, T) of the usual length or up to twice that, shorter ones missing their ends; and sentences."""
    if not series.values:
        raise DataError(f"{name} holds a header and no row below it.")
    notes: list[str] = []
    if series.count_wrong > columns.MAX_WRONG * series.count:
        raise DataError(
            f"{name}: {series.count_wrong:,} of {series.count:,} values are no numbers, such as {series.wrong[0]}. A "
            "series is a row of numbers; state which column is the class, or read the file as a table."
        )
    if series.count_wrong:
        notes.append(f"{series.count_wrong:,} values that are no numbers are missing: {', '.join(series.wrong)}.")
    lengths = np.array([len(values) for values in series.values])
    usual = int(np.median(lengths))
    long = np.flatnonzero(lengths > MAX_LENGTH * usual)
    if len(long):
        count = "1 series was" if len(long) == 1 else f"{len(long):,} series were"
        which = f"line {series.lines[long[0]]:,} has {lengths[long[0]]:,} values"
        notes.append(f"{count} cut to {int(MAX_LENGTH * usual):,} values, for the usual length is {usual:,}: {which}.")
    longest = int(min(lengths.max(), MAX_LENGTH * usual))
    check_amount(len(lengths), (1, longest))
    if lengths.min() < longest:
        short = int(lengths.argmin())
        notes.append(
            f"The series are of unequal length: {lengths.min():,} to {lengths.max():,} values; line "
            f"{series.lines[short]:,} has {lengths[short]:,}. The ends of shorter ones are missing."
        )
    items = np.full((len(lengths), 1, longest), np.nan, np.float32)
    for item, values in zip(items, series.values, strict=True):
        item[0, : len(values)] = values[:longest]
    return items, notes


def _labels(written: list[str], column: str) -> tuple[Labels | None, tuple[str, ...]]:
    """Labels of the series, classes or numbers on a scale, and sentences."""
    values = cells_as_labels(["" if is_missing(cell) else cell for cell in written], column)
    if values.dtype.kind == "f":
        return of_columns([Facet(column, values.astype(np.float32))], len(written)), ()
    names = [cells.plain(cell) if not is_missing(cell) else "none stated" for cell in written]
    if len(Counter(names)) > MAX_CLASSES:
        return None, (f"There are {len(Counter(names)):,} different classes, too many to colour by: left out.",)
    order = columns.sorted_names(set(names))
    place = {name: number for number, name in enumerate(order)}
    return Labels(np.array([place[name] for name in names], np.int64), order), ()


def _sound(items: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_], list[str]]:
    """Items, which of them have a value at all, and sentences. Raises DataError where there are too few."""
    if items.shape[2] < MIN_VALUES:
        raise DataError(f"The series have {items.shape[2]} values; at least {MIN_VALUES} are needed.")
    gone = np.isnan(items)
    kept: NDArray[np.bool_] = np.logical_not(gone.all((1, 2)))
    notes = []
    if not kept.all():
        first = int(kept.argmin()) + 1
        notes.append(f"Series without any value were left out, {(~kept).sum():,}; the first: number {first:,}.")
    if kept.sum() < MIN_ITEMS:
        raise DataError(f"{few(int(kept.sum()), 'series', 'series')}: at least {MIN_ITEMS} are needed, one a row.")
    low, high = np.nanmin(items[kept], (1, 2)), np.nanmax(items[kept], (1, 2))
    if low.min() == high.max():
        raise DataError(f"All series hold the one value {low[0]:g}: there is nothing to tell them apart by.")
    if constant := int((low == high).sum()):
        notes.append(f"Flat lines, of one value throughout: {constant:,} series.")
    missing = int(gone[kept].sum())
    if missing:
        notes.append(f"{missing:,} values ({missing / gone[kept].size:.1%}) are missing, and stay so.")
    return items, kept, notes


def _thinned(items: NDArray[np.float32]) -> tuple[NDArray[np.float32], int]:
    """Series (N, C, T) of `MAX_STEPS` values at most, and of how many neighbours each is the mean."""
    count, channels, steps = items.shape
    each = -(-steps // MAX_STEPS)
    if each == 1:
        return items, 1
    whole = np.full((count, channels, -(-steps // each) * each), np.nan, np.float32)
    whole[..., :steps] = items
    blocks = whole.reshape(count, channels, -1, each)
    known = ~np.isnan(blocks)
    amount = known.sum(3)
    total = np.where(known, blocks, 0).sum(3)
    return np.where(amount > 0, total / np.maximum(amount, 1), np.nan).astype(np.float32), each
