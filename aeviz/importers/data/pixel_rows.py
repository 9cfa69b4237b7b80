"""Pictures in a CSV: a row of pixels each, with or without a header and a column of labels."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.labels import Labels, label_column, of_columns
from aeviz.errors import DataError
from aeviz.importers.data import cells
from aeviz.importers.data.answers import DataStatement, OwnData, Progress
from aeviz.importers.data.arrays import from_arrays, square_of
from aeviz.importers.data.fitting import MAX_VALUES
from aeviz.importers.data.numbers import number_of
from aeviz.importers.files.arrays import Arrays
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.files.texts import head_of, read_text

MIN_PIXELS = 64
BYTES = 255
NAMES = ("pixel", "pix", "px", "1x1", "p0")  # what columns of pixels are called


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this is a text of rows of pixels: of as many bytes as a square has, with one label or none."""
    if source.type is not FileType.TEXT or statement.modality not in {None, "image"}:
        return False
    head = head_of(source.path, statement.encoding)
    layout = cells.layout_of(head, statement)
    rows = cells.sample(head, layout.delimiter or ",")
    if len(rows) < 2 or len(rows[0]) < MIN_PIXELS:
        return False
    named = any(cell.strip().casefold().startswith(NAMES) for cell in rows[0])
    if statement.modality == "image" or named:
        return True
    width = len(rows[0])
    if layout.header or not any(square_of(count) for count in (width, width - 1)):
        return False
    values = [number_of(cell) for row in rows[:20] for cell in row]
    whole = all(value is not None and 0 <= value <= BYTES and value == int(value) for value in values)
    return whole and max(value for value in values if value is not None) > 1


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """The rows as pictures. Raises as `aeviz.importers.reading.read_data` says."""
    import pandas as pd

    progress(0.0, "Reading the text")
    text = read_text(source.path, statement.encoding, most_bytes)
    layout = cells.layout_of(text.text[:65_536], statement)
    first = text.text.partition("\n")[0].split(layout.delimiter or ",")
    header = any(number_of(cell) is None for cell in first)
    progress(0.2, "Parting the cells")
    try:
        frame = pd.read_csv(io.StringIO(text.text), sep=layout.delimiter or ",", header=0 if header else None)
    except (ValueError, pd.errors.ParserError, OverflowError) as error:
        raise DataError(f"{source.name} cannot be read as rows of pixels: {str(error).strip().rstrip('.')}.") from error
    if frame.size > MAX_VALUES:
        raise DataError(f"{source.name} has {frame.size:,} numbers; at most {MAX_VALUES:,} are read. Bring fewer rows.")
    labels: Labels | None = None
    choices: tuple[str, ...] = ()
    if header:
        others = [str(column) for column in frame if not str(column).strip().casefold().startswith(NAMES)]
        if len(others) < len(frame.columns) / 2:
            choices = tuple(others)
            if choices and statement.labels != "":
                chosen = statement.labels or choices[0]
                if chosen not in choices:
                    raise DataError(f"There are no labels {chosen!r}: expected one of {', '.join(choices)}.")
                columns = [
                    label_column(_words(frame[name].to_numpy()), str(name)) for name in frame if str(name) in others
                ]
                labels = of_columns([facet for facet in columns if facet], len(frame), chosen)
            frame = frame[[column for column in frame if str(column) not in others]]
    numbers = frame.select_dtypes("number")
    if numbers.shape[1] != frame.shape[1] or not np.isfinite(values := numbers.to_numpy()).all():
        raise DataError(f"{source.name}: rows of pixels are numbers alone, and some cells are none.")
    arrays = Arrays(values, labels, text.notes, len(values), label_choices=choices)
    return from_arrays(arrays, statement, name, title, progress)


def _words(column: NDArray[Any]) -> NDArray[Any]:
    return column.astype(str) if column.dtype == object else column
