"""Parquet files: pictures in a column, series as lists, and plain tables, which are read as the text that they are."""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.labels import Labels, label_column, of_columns, tells_apart
from aeviz.errors import DataError
from aeviz.importers.data import pictures
from aeviz.importers.data.answers import MAX_ITEMS, DataStatement, OwnData, Progress
from aeviz.importers.data.arrays import from_arrays
from aeviz.importers.data.fitting import dataset, subset
from aeviz.importers.files.arrays import Arrays
from aeviz.importers.files.filetypes import PICTURES, FileType, Sniffed, type_of
from aeviz.importers.files.pairing import LABELS, stem_and_split
from aeviz.importers.files.zips import words_of

MAX_BYTES = 4_000_000_000
MAX_CELLS = 100_000_000  # of a table that holds no pictures
MAX_NAMED = 4  # columns in a sentence
HEAD_ROWS = 3  # that are looked at to tell what a file holds


def holds_series(source: Sniffed) -> bool:
    """Whether this is a Parquet file of lists of numbers, and of no pictures."""
    return source.type is FileType.PARQUET and _modality(source) == "series"


@contextmanager
def as_text(source: Sniffed, statement: DataStatement) -> Iterator[tuple[Sniffed, list[str]]]:
    """A plain table of a Parquet file as CSV, with sentences on what was left out; anything else as it is.

    It lies in a temporary folder that goes. Raises DataError.
    """
    stated = statement.modality in {"image", "series"}
    if source.type is not FileType.PARQUET or stated or _modality(source) != "table":
        yield source, []
        return
    import pyarrow.csv as csv  # type: ignore[import-untyped]

    table, notes = _text(source)
    with tempfile.TemporaryDirectory(prefix="aeviz-") as folder:
        path = Path(folder) / source.name
        csv.write_csv(table, path)
        yield Sniffed(path, FileType.TEXT), notes


def _modality(source: Sniffed) -> str:
    """What a Parquet file holds, by its columns and first rows: "image", "series" or "table". Raises DataError."""
    head = _table(source, HEAD_ROWS)
    if _image_column(head) is not None:
        return "image"
    return "series" if any(_is_list(field.type) for field in head.schema) else "table"


def _text(source: Sniffed) -> tuple[Any, list[str]]:
    """The columns of a table that can be written as text, and sentences."""
    import pyarrow as pa

    table = _table(source)
    rows, notes = subset(len(table), MAX_ITEMS)
    if len(rows) < len(table):
        table = table.take(rows)
    columns, left_out = {}, []
    for field in table.schema:
        try:
            columns[field.name] = table.column(field.name).cast(_written_as(field.type))
        except (pa.ArrowException, ValueError):
            left_out.append(field.name)
    if not columns:
        raise DataError(f"{source.name} has no columns of numbers or words: {', '.join(left_out[:MAX_NAMED])}.")
    if left_out:
        named = ", ".join(left_out[:MAX_NAMED]) + (", …" if len(left_out) > MAX_NAMED else "")
        notes.append(f"Left out, for they hold neither numbers nor words: {named}.")
    return pa.table(columns), notes


def _written_as(kind: Any) -> Any:
    """The type as which a column is written: its own where text can hold it, and that of its values in a dictionary."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return kind.value_type
    return pa.float64() if pa.types.is_decimal(kind) else kind if _is_plain(kind) else pa.string()


def _table(source: Sniffed, count: int | None = None) -> Any:
    """A Parquet file as a table of Arrow, or its first rows. Raises DataError."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError as error:
        raise DataError(f"{source.name}: reading Parquet files needs pyarrow (pip install pyarrow).") from error
    try:
        file = pq.ParquetFile(source.path)
        if count is not None:
            return pa.Table.from_batches(islice(file.iter_batches(count), 1), file.schema_arrow)
        total = sum(file.metadata.row_group(row).total_byte_size for row in range(file.num_row_groups))
        if total > MAX_BYTES:
            raise DataError(f"{source.name} unpacks to {total:,} bytes; at most {MAX_BYTES:,} are read.")
        return file.read()
    except DataError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(f"{source.name} cannot be read as a Parquet file: {words_of(error)[:200]}.") from error


def pictures_in(source: Sniffed, statement: DataStatement, name: str, title: str, progress: Progress) -> OwnData:
    """The pictures of a column, as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    table = _table(source)
    image = _image_column(table)
    if image is None:  # numbers that are stated to be pictures
        return from_arrays(rows_of_numbers(source, statement.labels), statement, name, title, progress)
    column = table.column(image)
    rows = (
        np.arange(len(column)) if len(column) <= MAX_ITEMS else np.linspace(0, len(column) - 1, MAX_ITEMS).astype(int)
    )
    listed = pictures.Found([(f"{row:08}", partial(_bytes_of, column, int(row))) for row in rows])
    choices = [name_ for name_ in table.column_names if name_ != image and _is_plain(table.schema.field(name_).type)]
    made = pictures.from_pictures(listed, replace(statement, labels=""), name, title, progress)
    label = statement.labels if statement.labels is not None else _likely(choices)
    if label and label not in choices:
        raise DataError(f"There are no labels {label!r}: expected one of {', '.join(choices)}.")
    if not label or len(made.dataset) != min(len(rows), statement.most):
        return replace(made, label_choices=tuple(choices))
    taken = (
        rows
        if len(made.dataset) == len(rows)
        else rows[np.linspace(0, len(rows) - 1, len(made.dataset)).round().astype(int)]
    )
    labels = _labels(table, choices, taken, label)
    data = dataset(name, title, np.array(made.dataset.items), labels)
    notes = () if labels.column else (f"{label} holds too many different words for classes: left out.",)
    return replace(made, dataset=data, label_choices=tuple(choices), notes=(*made.notes, *notes))


def _labels(table: Any, choices: list[str], rows: NDArray[np.int64], label: str | None) -> Labels:
    """Columns of a table as what may colour its rows, one of them as the label."""
    columns = [label_column(_cells(table.column(name), rows), name, _class_names(table, name)) for name in choices]
    known = [column for column in columns if column and (tells_apart(column) or column.title == label)]
    return of_columns(known, len(rows), label if any(column.title == label for column in known) else "")


def _cells(column: Any, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Cells of a column, numbers with NaN where there are none, or words."""
    values = column.take(rows).to_pylist()
    if any(isinstance(value, str) for value in values):
        return np.array(["" if value is None else value for value in values])
    return np.array([np.nan if value is None else value for value in values])


def rows_of_numbers(source: Sniffed, stated: str | None) -> Arrays:
    """The items of a table that holds no pictures, a row each: a column of lists, or all its columns of numbers.

    stated: the column of their labels. Raises DataError.
    """
    import pyarrow as pa

    table, where = _table(source), source.name
    if not len(table) > 0 or len(table) * max(1, table.num_columns) > MAX_CELLS:
        raise DataError(f"{where} has {len(table):,} rows of {table.num_columns:,} columns: too many, or none.")
    fields = list(table.schema)
    lists = [field.name for field in fields if _is_list(field.type)]
    plain = [field.name for field in fields if _is_plain(field.type)]
    if lists:
        items = _stacked([np.array(cell if cell is not None else [], np.float64) for cell in
                          table.column(lists[0]).to_pylist()], where)  # fmt: skip
    else:
        numbers = _numbered([name for name in plain if name != stated and stem_and_split(name)[0] not in LABELS
                             and not pa.types.is_string(table.schema.field(name).type)])  # fmt: skip
        if len(numbers) < 2:
            raise DataError(f"{where} has no column of lists of numbers, nor several columns of numbers.")
        plain = [name for name in plain if name not in numbers]
        items = np.stack([table.column(name).to_numpy(zero_copy_only=False).astype(np.float64) for name in numbers], 1)
    label = stated if stated is not None else _likely(plain)
    if label and label not in plain:
        raise DataError(f"There are no labels {label!r}: expected one of {', '.join(plain)}.")
    labels = _labels(table, plain, np.arange(len(table)), label) if plain else None
    return Arrays(items, labels, brought=len(items), label_choices=tuple(plain))


def _numbered(names: list[str]) -> list[str]:
    """Of names of columns those that count on, t0, t1, …, where most of them do; else all."""
    counting = [name for name in names if re.search(r"\d$", name)]
    stems = Counter(name.rstrip("0123456789") for name in counting)
    stem, count = max(stems.items(), key=lambda item: item[1], default=("", 0))
    return [name for name in counting if name.rstrip("0123456789") == stem] if 2 * count > len(names) else names


def _stacked(series: list[NDArray[np.float64]], where: str) -> NDArray[np.float64]:
    """Lists of numbers as one array (N, T), NaN where one is shorter than the longest. Raises DataError."""
    if any(values.ndim != 1 for values in series) or len(series) * max(map(len, series)) > MAX_CELLS:
        raise DataError(f"{where}: expected a list of numbers in each row, {MAX_CELLS:,} together at most.")
    stacked = np.full((len(series), max(map(len, series))), np.nan)
    for row, values in enumerate(series):
        stacked[row, : len(values)] = values
    return stacked


def _image_column(table: Any) -> str | None:
    """The column that holds pictures: bytes of files, alone or with their path, as the datasets of Hugging Face do."""
    import pyarrow as pa

    for field in table.schema:
        kind = field.type
        held = pa.types.is_struct(kind) and any(kind.field(place).name == "bytes" for place in range(kind.num_fields))
        if held or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            first = next((_bytes_of(table.column(field.name), row) for row in range(min(3, len(table)))), b"")
            if first and type_of(first) in PICTURES:
                return str(field.name)
    return None


def _bytes_of(column: Any, row: int) -> bytes:
    value = column[row].as_py()
    data = value.get("bytes") if isinstance(value, dict) else value
    return data or b""


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    lists = any(check(kind) for check in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list))
    return lists and (pa.types.is_integer(kind.value_type) or pa.types.is_floating(kind.value_type))


def _is_plain(kind: Any) -> bool:
    import pyarrow as pa

    return any(
        check(kind) for check in (pa.types.is_integer, pa.types.is_string, pa.types.is_floating, pa.types.is_boolean)
    )


def _likely(choices: list[str]) -> str | None:
    usual = [name for name in choices if stem_and_split(name)[0] in LABELS]
    return next(iter(usual or choices), None)


def _class_names(table: Any, column: str) -> list[str]:
    """Names of classes as Hugging Face keeps them in a file's metadata."""
    try:
        stated = json.loads((table.schema.metadata or {})[b"huggingface"])
        names = stated["info"]["features"][column]["names"]
        return [str(name) for name in names]
    except (KeyError, TypeError, ValueError):
        return []
