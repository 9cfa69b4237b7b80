"""Arrays from `.npy` and `.npz` files: sized by their headers before anything is unpacked, never unpickled."""

import zipfile
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.importers.files.archives import zip_entries
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.files.zips import DAMAGE, Limits, open_zip, words_of

MAX_ARRAY_BYTES = 1_000_000_000  # of all arrays of a file, unpacked
MAX_HEADER_BYTES = 10_000  # NumPy's own bound for text it evaluates
MAX_ARRAYS = 1_000
MAX_CLASSES = 100

ITEMS = ("items", "images", "pictures", "x", "x_test", "x_train", "data", "samples", "arr_0")
LABELS = ("labels", "label", "y", "y_test", "y_train", "targets", "target", "classes", "class", "arr_1")
NAMES = ("label_names", "class_names", "names", "target_names")


class ArrayError(DataError):
    """A file of arrays is damaged, too large, or holds no items; the message says what was found and expected."""


@dataclass(frozen=True)
class Arrays:
    """What a file of arrays holds: items (N, …) of numbers, labels (N,) in 0 … K-1, the K label names, and notes."""

    items: NDArray[Any]
    labels: NDArray[np.int64] | None
    label_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_arrays(file: Sniffed, max_bytes: int = MAX_ARRAY_BYTES, missing: bool = False) -> Arrays:
    """Items and labels of an `.npy` or `.npz` file, found by name ("x", "images", "y", …) or by shape.

    max_bytes: that an `.npz` may unpack to. missing: whether NaN may stand for items' values that are not there. Raises
    ArrayError for other content, object arrays, more than that or `MAX_ARRAY_BYTES` bytes (before they are unpacked),
    numbers that are not finite and labels that do not fit; ArchiveError for an unsound zip.
    """
    if file.refuse_program().type is FileType.NPY:
        arrays = {"items": _read_npy(file.path)}
    elif file.type is FileType.NPZ:
        arrays = _read_npz(file.path, min(max_bytes, MAX_ARRAY_BYTES))
    else:
        raise ArrayError(f"{file.name} is a {file.type}, not a NumPy file (.npy or .npz).")
    return _items_and_labels(arrays, file.name, missing)


def _read_npy(path: Path) -> NDArray[Any]:
    try:
        with path.open("rb") as file:
            return _read(file, path.name, path.stat().st_size, MAX_ARRAY_BYTES)
    except OSError as error:
        raise ArrayError(f"{path.name} cannot be read: {words_of(error)}.") from error


def _read_npz(path: Path, remaining: int) -> dict[str, NDArray[Any]]:
    limits = Limits(MAX_ARRAYS, remaining + MAX_ARRAYS * MAX_HEADER_BYTES, ratio=1_100)  # deflate's own most
    arrays: dict[str, NDArray[Any]] = {}
    with open_zip(path, limits) as archive:
        for entry in zip_entries(archive, limits):
            name = entry.filename.removesuffix(".npy")
            arrays[name] = _read_member(archive, entry, remaining)
            remaining -= arrays[name].nbytes
    return arrays


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int) -> NDArray[Any]:
    try:
        with archive.open(entry) as file:
            return _read(file, entry.filename, entry.file_size, max_bytes)
    except DAMAGE as error:
        raise ArrayError(f"{entry.filename} is damaged: {words_of(error)}.") from error


def _read(file: IO[bytes], name: str, size: int, max_bytes: int) -> NDArray[Any]:
    """One array of a stream of `size` bytes: the header says what must follow, and no more is ever read."""
    shape, fortran, dtype = _header(file, name)
    if dtype.hasobject:
        raise ArrayError(f"{name} holds Python objects, which only a pickle can: save plain numbers or text.")
    if dtype.kind not in "biufUS" or dtype.itemsize == 0:
        raise ArrayError(f"{name} is of type {dtype}, expected numbers or text.")
    # NumPy refuses an array of no numbers, too, where its other sides are beyond measure.
    endless = 0 in shape and prod(filter(None, shape)) > MAX_ARRAY_BYTES
    if endless or any(side < 0 for side in shape) or len(shape) > 8:
        raise ArrayError(f"{name} has the impossible shape {shape}.")
    length = prod(shape) * dtype.itemsize
    if length > max_bytes:
        raise ArrayError(f"{name} has the shape {shape}, {length:,} bytes unpacked; at most {max_bytes:,} are read.")
    if length > size:
        raise ArrayError(f"{name} is truncated: its header promises {length:,} bytes, and the file has {size:,}.")
    data = file.read(length)
    if len(data) != length:
        raise ArrayError(f"{name} is truncated: its header promises {length:,} bytes, and {len(data):,} follow.")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C") if length else np.empty(shape)


def _header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = npy.read_magic(file)
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if reader is None:
            raise ArrayError(f"{name} is of .npy version {version}, expected 1.0 or 2.0.")
        return reader(file, max_header_size=MAX_HEADER_BYTES)
    except ArrayError:
        raise
    except Exception as error:  # the header is Python text: what can be wrong with it has no end
        raise ArrayError(f"{name} has no sound .npy header: {words_of(error)[:200]}.") from error


def _items_and_labels(arrays: dict[str, NDArray[Any]], where: str, missing: bool) -> Arrays:
    listing = ", ".join(f"{name} {array.shape} {array.dtype}" for name, array in list(arrays.items())[:8])
    numbers = {name: array for name, array in arrays.items() if array.dtype.kind in "biuf" and array.ndim >= 2}
    name = _named(numbers, ITEMS) or (next(iter(numbers)) if len(numbers) == 1 else None) or _largest(numbers)
    if name is None:
        raise ArrayError(f"{where} holds no items: expected numbers of shape (N, H, W) or alike, found {listing}.")
    items = numbers[name]
    if len(items) == 0 or items.size == 0:
        raise ArrayError(f"{where}: {name} is empty, its shape is {items.shape}.")
    _check_finite(items, name, missing)
    rest = {key: array for key, array in arrays.items() if key != name}
    classes = _named(rest, LABELS) or _only([key for key, array in rest.items() if array.shape == items.shape[:1]])
    if classes is None:
        return Arrays(items, None, ())
    labels, names, notes = read_labels(rest[classes], classes, len(items))
    names_key = _named(rest, NAMES)
    if names_key and names and rest[names_key].shape == (len(names),):
        names = tuple(map(_text, rest[names_key].tolist()))
    return Arrays(items, labels, names, notes)


def read_labels(
    labels: NDArray[Any], name: str, count: int
) -> tuple[NDArray[np.int64] | None, tuple[str, ...], tuple[str, ...]]:
    """Labels of `count` items as 0 … K-1, the K names, and notes. One-hot rows count as labels.

    More than `MAX_CLASSES` different values are no classes: they are left out, with a note. Raises ArrayError
    for another number of labels than items, and for numbers that are not finite.
    """
    if labels.ndim == 2 and labels.shape[1] > 1 and labels.dtype.kind in "biuf" and (labels.sum(1) == 1).all():
        labels = labels.argmax(1)
    elif labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape != (count,):
        raise ArrayError(f"{name} has the shape {labels.shape}: expected one label for each of the {count:,} items.")
    if labels.dtype.kind == "f":
        _check_finite(labels, name)
    values, rows = np.unique(labels, return_inverse=True)
    if len(values) > MAX_CLASSES:
        return None, (), (f"{name} holds {len(values):,} different values: too many for classes, left out.",)
    integers = labels.dtype.kind == "f" and (values == values.round()).all()
    names = tuple(_text(int(value) if integers else value) for value in values.tolist())
    return rows.astype(np.int64), names, ()


def _check_finite(array: NDArray[Any], name: str, missing: bool = False) -> None:
    """Raise ArrayError for infinite values, and for NaN unless it stands for what is missing.

    In blocks, for a mask of a large array would take as much memory again.
    """
    if array.dtype.kind != "f":
        return
    step = max(1, 10_000_000 // max(1, prod(array.shape[1:])))
    unsound = np.isinf if missing else lambda block: ~np.isfinite(block)
    bad = sum(int(unsound(array[row : row + step]).sum()) for row in range(0, len(array), step))
    if bad:
        what = "infinite" if missing else "NaN or infinite"
        raise ArrayError(f"{name} holds {bad:,} values that are {what}, of {array.size:,}: expected numbers.")


def _named(arrays: dict[str, NDArray[Any]], names: tuple[str, ...]) -> str | None:
    plain = {key.casefold(): key for key in arrays}
    return next((plain[name] for name in names if name in plain), None)


def _only(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def _largest(arrays: dict[str, NDArray[Any]]) -> str | None:
    return max(arrays, key=lambda name: arrays[name].nbytes, default=None)


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text)[:60]
