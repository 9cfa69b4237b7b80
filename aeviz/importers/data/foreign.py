"""Files of arrays of other programs: idx and MATLAB, and Parquet (`aeviz.importers.data.parquet`)."""

import gzip
import io
import math
import struct
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.importers.data import parquet
from aeviz.importers.data.answers import DataStatement, OwnData, Progress
from aeviz.importers.data.arrays import from_arrays, square_of
from aeviz.importers.files.arrays import MAX_ARRAY_BYTES, ArrayError, Arrays, Stored, chosen, read_arrays, stored_alone
from aeviz.importers.files.filetypes import FileType, Sniffed, sniff, type_of
from aeviz.importers.files.pairing import stem_and_split
from aeviz.importers.files.zips import words_of

TYPES = frozenset({FileType.IDX, FileType.MAT, FileType.PARQUET})
NO_NUMBERS = frozenset({"object", "function", "opaque", "unknown"})  # kinds of arrays in a MATLAB file
IDX = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MIN_ROW_PIXELS = 64
MAX_FILES = 64  # of a folder that are looked at


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this is a file of another program, or a folder of several of them."""
    if source.type is FileType.FOLDER:
        return statement.modality in {None, "image"} and holds_arrays(source)
    return source.type in TYPES and statement.modality in {None, "image"}


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """Its items as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    progress(0.0, "Reading the file")
    if source.type is FileType.PARQUET:
        return parquet.pictures_in(source, statement, name, title, progress)
    arrays = _chosen(source, statement, most_bytes, are_pictures=True)
    return from_arrays(arrays, statement, name, title, progress)


def holds_arrays(source: Sniffed) -> bool:
    """Whether a file, or a folder of several, holds arrays of whatever items."""
    if source.type is FileType.FOLDER:
        return bool(_together(source.path))
    return source.type in TYPES | {FileType.NPY, FileType.NPZ}


def arrays_in(source: Sniffed, statement: DataStatement, most_bytes: int) -> Arrays:
    """Items that are no pictures, with NaN for what is missing, and labels, of a file that holds arrays.

    Of a Parquet file: the column of lists, or all columns of numbers that are no labels. Raises DataError.
    """
    if source.type in {FileType.NPY, FileType.NPZ}:
        return read_arrays(source, most_bytes, missing=True, part=statement.part, labels=statement.labels)
    if source.type is FileType.PARQUET:
        return parquet.rows_of_numbers(source, statement.labels)
    return _chosen(source, statement, most_bytes, are_pictures=False)


def _chosen(source: Sniffed, statement: DataStatement, most_bytes: int, are_pictures: bool) -> Arrays:
    if source.type is FileType.MAT:
        stored = _mat(source, min(most_bytes, MAX_ARRAY_BYTES), are_pictures)
    else:
        files = _together(source.path) if source.type is FileType.FOLDER else _siblings(source)
        stored = {file.name: _stored(file) for file in files}
    return chosen(
        stored, source.name, most_bytes, missing=not are_pictures, part=statement.part, labels=statement.labels
    )


# --- idx, the format of MNIST ---


def _together(folder: Path) -> list[Sniffed]:
    """The files of arrays in a folder, where there are several."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.is_symlink()][:MAX_FILES]
    arrays = [file for file in map(sniff, files) if _is_array(file)]
    return arrays if len(arrays) > 1 else []


def _is_array(file: Sniffed) -> bool:
    if file.type is FileType.GZIP:
        try:
            with gzip.open(file.path) as inner:
                return type_of(inner.read(64)) is FileType.IDX
        except (OSError, EOFError):
            return False
    return file.type in {FileType.IDX, FileType.NPY}


def _siblings(source: Sniffed) -> list[Sniffed]:
    """A file of items, and those of the labels of the same split that lie beside it."""
    split = stem_and_split(source.name)[1]
    if split == "" and "images" not in source.name:
        return [source]
    beside = [other for other in _together(source.path.parent) if other != source]
    return [source, *(other for other in beside if stem_and_split(other.name)[1] == split)]


def _stored(file: Sniffed) -> Stored:
    if file.type is FileType.NPY:
        return stored_alone(file.path)
    opened = partial(_opened, file)
    try:
        with opened() as stream:
            shape, dtype = _idx_header(stream, file.name)
    except (OSError, EOFError) as error:
        raise ArrayError(f"{file.name} is damaged: {words_of(error)}.") from error
    size = math.prod(shape) * dtype.itemsize
    real = size if file.type is FileType.GZIP else file.path.stat().st_size - 4 - 4 * len(shape)
    return Stored(file.name, shape, dtype, False, opened, real, partial(_idx_header, name=file.name))


def _opened(file: Sniffed) -> AbstractContextManager[IO[bytes]]:
    return gzip.open(file.path) if file.type is FileType.GZIP else file.path.open("rb")  # type: ignore[return-value]


def _idx_header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX or not 1 <= head[3] <= 4:
        raise ArrayError(f"{name} has no sound idx header.")
    sizes = file.read(4 * head[3])
    if len(sizes) != 4 * head[3]:
        raise ArrayError(f"{name} is truncated.")
    return tuple(struct.unpack(f">{head[3]}I", sizes)), np.dtype(IDX[head[2]])


# --- MATLAB ---


def _mat(source: Sniffed, max_bytes: int, are_pictures: bool) -> dict[str, Stored]:
    from scipy.io import loadmat, whosmat

    try:
        listing = whosmat(source.path)
        named = [(name, shape) for name, shape, kind in listing if kind not in NO_NUMBERS]
        known = [(name, shape) for name, shape in named if 1 <= len(shape) <= 5]
        if sum(math.prod(shape) for _, shape in known) * 8 > 4 * max_bytes:
            raise DataError(f"{source.name} holds more than {max_bytes:,} bytes: save fewer items in it.")
        values = loadmat(source.path, variable_names=[name for name, _ in known])
    except DataError:
        raise
    except Exception as error:  # of damaged files, scipy raises whatever comes
        raise DataError(f"{source.name} cannot be read as a MATLAB file: {words_of(error)[:200]}.") from error
    plain = {
        name: value for name, value in values.items()
        if not name.startswith("__") and isinstance(value, np.ndarray) and value.dtype.kind in "biufUS" and value.size
    }  # fmt: skip
    if not plain:
        raise DataError(f"{source.name} holds no arrays of numbers: structures and cells are not read.")
    count = _count(plain)
    return {name: _in_memory(name, _items_first(value, count, are_pictures)) for name, value in plain.items()}


def _count(values: dict[str, NDArray[Any]]) -> int | None:
    """How many items there are: the length of a vector that the largest array has as its first or last side."""
    largest = max(values.values(), key=lambda value: value.nbytes)
    ends = {largest.shape[0], largest.shape[-1]}
    vectors = [
        max(value.shape)
        for value in values.values()
        if value is not largest and value.ndim == 2 and min(value.shape) == 1
    ]
    return next((length for length in vectors if length in ends), None)


def _items_first(value: NDArray[Any], count: int | None, are_pictures: bool) -> NDArray[Any]:
    """An array of MATLAB, whose items often are the last axis, with items first; a vector flat."""
    if value.ndim == 2 and min(value.shape) == 1:
        return np.ascontiguousarray(value.ravel())
    last = value.shape[-1] == count and value.shape[0] != count
    if count is None and are_pictures:
        last = (value.ndim == 4 and value.shape[2] in {1, 3}) or (
            value.ndim == 2 and value.shape[0] >= MIN_ROW_PIXELS and square_of(value.shape[0]) is not None
            and square_of(value.shape[1]) is None
        )  # fmt: skip
    if last:
        value = np.moveaxis(value, -1, 0)
    return np.ascontiguousarray(value)


def _in_memory(name: str, value: NDArray[Any]) -> Stored:
    return Stored(
        name, value.shape, value.dtype, False, lambda: io.BytesIO(value.tobytes()), value.nbytes, lambda file: None
    )
