"""Arrays from `.npy` and `.npz` files: sized by their headers before anything is unpacked, never unpickled."""

import zipfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from aeviz.datasets.labels import MAX_CLASSES, Labels, label_column, label_text, of_columns, tells_apart
from aeviz.errors import DataError
from aeviz.importers.files.archives import zip_entries
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.files.pairing import LABELS, Pairing, is_one_hot, pair, stem_and_split
from aeviz.importers.files.zips import DAMAGE, Limits, open_zip, words_of
from aeviz.modalities.base import Facet

MAX_ARRAY_BYTES = 1_000_000_000  # of all arrays of a file, unpacked
MAX_HEADER_BYTES = 10_000  # NumPy's own bound for text it evaluates
MAX_ARRAYS = 1_000
MIN_ROWS = 64  # that are left of an array that is thinned
MAX_LABEL_BYTES = 100_000_000

MAX_STREAMED_BYTES = 20_000_000_000  # that an array may have of which rows are taken as it passes by
BLOCK_BYTES = 16_000_000


class ArrayError(DataError):
    """A file of arrays is damaged, too large, or holds no items; the message says what was found and expected."""


class NoNumbersError(ArrayError):
    """An array holds neither numbers nor text: of several arrays, it is left out."""


@dataclass(frozen=True)
class Arrays:
    """What a file of arrays holds: items (N, …) of numbers, their labels, None where there are none, and notes.

    brought: items that the file holds. parts: the splits in it, () for one alone; part: that which was taken.
    label_choices: what may be stated for labels.
    """

    items: NDArray[Any]
    labels: Labels | None
    notes: tuple[str, ...] = ()
    brought: int = 0
    parts: tuple[str, ...] = ()
    part: str = ""
    label_choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stored:
    """An array in a file, told by its header: read when it is needed. dtype: without Python objects."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    opened: Callable[[], AbstractContextManager[IO[bytes]]]
    size: int
    skip: Callable[[IO[bytes]], object] | None = None  # passes by the header; None for that of `.npy`

    @property
    def nbytes(self) -> int:
        """Bytes of its numbers, unpacked."""
        return prod(self.shape) * self.dtype.itemsize

    def read(self, max_bytes: int) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
        """The array, or rows spread over it where it is larger than `max_bytes`, and which rows these are.

        Raises ArrayError where it is truncated, or too large to be thinned.
        """
        count = self.shape[0] if self.shape else 0
        row = self.nbytes // count if count else 0
        most = max_bytes // row if row else 0
        if self.nbytes > max_bytes and (
            self.fortran or len(self.shape) < 2 or most < MIN_ROWS or self.nbytes > min(self.size, MAX_STREAMED_BYTES)
        ):
            raise ArrayError(
                f"{self.name} has the shape {self.shape}, {self.nbytes:,} bytes unpacked; at most {max_bytes:,} are "
                "read."
            )
        if self.nbytes > self.size:
            raise ArrayError(
                f"{self.name} is truncated: its header promises {self.nbytes:,} bytes, and the file has {self.size:,}."
            )
        try:
            with self.opened() as file:
                _ = self.skip(file) if self.skip else _header(file, self.name)
                if self.nbytes > max_bytes:
                    return self._thinned(file, row, most)
                return self._whole(file), None
        except DAMAGE as error:
            raise ArrayError(f"{self.name} is damaged: {words_of(error)}.") from error

    def _whole(self, file: IO[bytes]) -> NDArray[Any]:
        if not self.nbytes:
            return np.empty(self.shape)
        data = self._bytes(file, self.nbytes, 0)
        return np.frombuffer(data, self.dtype).reshape(self.shape, order="F" if self.fortran else "C")

    def _thinned(self, file: IO[bytes], row: int, most: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """`most` rows spread evenly, taken as the array passes by in blocks."""
        rows = np.linspace(0, self.shape[0] - 1, most).round().astype(np.int64)
        kept = np.empty((most, *self.shape[1:]), self.dtype)
        step, done = max(1, BLOCK_BYTES // row), 0
        for start in range(0, self.shape[0], step):
            length = min(step, self.shape[0] - start)
            data = self._bytes(file, length * row, start * row)
            block = np.frombuffer(data, self.dtype).reshape(length, *self.shape[1:])
            inside = rows[done : int(np.searchsorted(rows, start + length))] - start
            kept[done : done + len(inside)] = block[inside]
            done += len(inside)
        return kept, rows

    def _bytes(self, file: IO[bytes], length: int, before: int) -> bytes:
        data = file.read(length)
        if len(data) != length:
            raise ArrayError(
                f"{self.name} is truncated: its header promises {self.nbytes:,} bytes, and {before + len(data):,} "
                "follow."
            )
        return data


def read_arrays(
    file: Sniffed,
    max_bytes: int = MAX_ARRAY_BYTES,
    missing: bool = False,
    part: str | None = None,
    labels: str | None = None,
) -> Arrays:
    """Items and labels of an `.npy` or `.npz` file, found by name ("x_train", "images", "y", …) or by shape.

    max_bytes: that the items may have; of larger ones, rows spread over them are taken as they pass by. missing:
    whether NaN may stand for items' values that are not there. part: the split, or "all"; None takes the test split of
    several. labels: one of the file's `label_choices`, "" for none; None takes the likeliest. Raises ArrayError for
    other content, object arrays alone, numbers that are not finite and labels that do not fit; ArchiveError for an
    unsound zip.
    """
    max_bytes = min(max_bytes, MAX_ARRAY_BYTES)
    if file.refuse_program().type is FileType.NPY:
        return chosen({"items": stored_alone(file.path)}, file.name, max_bytes, missing, part, labels)
    if file.type is not FileType.NPZ:
        raise ArrayError(f"{file.name} is a {file.type}, not a NumPy file (.npy or .npz).")
    limits = Limits(MAX_ARRAYS, MAX_STREAMED_BYTES, ratio=1_100)  # deflate's own most
    stored: dict[str, Stored] = {}
    skipped: list[ArrayError] = []
    with open_zip(file.path, limits) as archive:
        for entry in zip_entries(archive, limits):
            name = entry.filename.removesuffix(".npy")
            try:
                stored[name] = _stored_member(archive, entry)
            except NoNumbersError as error:
                skipped.append(error)
        if skipped and not any(len(array.shape) > 1 for array in stored.values()):
            raise skipped[0]
        arrays = chosen(stored, file.name, max_bytes, missing, part, labels)
    notes = tuple(f"{str(error).rstrip('.')}: it was left out." for error in skipped)
    return replace(arrays, notes=(*arrays.notes, *notes))


def stored_alone(path: Path) -> Stored:
    """The array in an `.npy` file, told by its header. Raises ArrayError."""

    def opened() -> AbstractContextManager[IO[bytes]]:
        return path.open("rb")

    try:
        with opened() as file:
            return _told(file, path.name, path.stat().st_size, opened)
    except OSError as error:
        raise ArrayError(f"{path.name} cannot be read: {words_of(error)}.") from error


def _stored_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Stored:
    def opened() -> AbstractContextManager[IO[bytes]]:
        return archive.open(entry)

    try:
        with opened() as file:
            return _told(file, entry.filename, entry.file_size, opened)
    except DAMAGE as error:
        raise ArrayError(f"{entry.filename} is damaged: {words_of(error)}.") from error


def _told(file: IO[bytes], name: str, size: int, opened: Callable[[], AbstractContextManager[IO[bytes]]]) -> Stored:
    """An array of a stream of `size` bytes: the header says what must follow, and no more is ever read."""
    shape, fortran, dtype = _header(file, name)
    if dtype.hasobject:
        raise NoNumbersError(f"{name} holds Python objects, which only a pickle can: save plain numbers or text.")
    if dtype.kind not in "biufUS" or dtype.itemsize == 0:
        raise NoNumbersError(f"{name} is of type {dtype}, expected numbers or text.")
    # NumPy refuses an array of no numbers, too, where its other sides are beyond measure.
    endless = 0 in shape and prod(filter(None, shape)) > MAX_ARRAY_BYTES
    if endless or any(side < 0 for side in shape) or len(shape) > 8:
        raise ArrayError(f"{name} has the impossible shape {shape}.")
    length = prod(shape) * dtype.itemsize
    if length > MAX_STREAMED_BYTES:
        raise ArrayError(
            f"{name} has the shape {str(shape)[:60]}, {length:,} bytes unpacked; at most {MAX_STREAMED_BYTES:,} are "
            "read."
        )
    return Stored(name, shape, dtype, fortran, opened, size)


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


def chosen(
    stored: Mapping[str, Stored],
    where: str,
    max_bytes: int,
    missing: bool = False,
    part: str | None = None,
    labels: str | None = None,
) -> Arrays:
    """Items and labels among the arrays of a file, as `read_arrays` says."""
    listing = ", ".join(f"{name} {array.shape} {array.dtype}" for name, array in list(stored.items())[:8])
    pairing = pair({name: (array.shape, array.dtype.kind) for name, array in stored.items()}, part)
    if pairing is None:
        raise ArrayError(f"{where} holds no items: expected numbers of shape (N, H, W) or alike, found {listing}.")
    notes: list[str] = []
    if part and part != pairing.part and (pairing.parts or part in {"test", "val"}):
        raise ArrayError(f"{where} holds no part {part!r}: expected one of {', '.join((*pairing.parts, 'all'))}.")
    if pairing.parts and part is None:
        others = ", ".join(pairing.parts)
        notes.append(f"It holds the parts {others}: {pairing.part} was taken.")
    arrays, rows = _joined([stored[name] for name in pairing.items], max_bytes)
    name = pairing.items[0]
    if len(arrays) == 0 or arrays.size == 0:
        raise ArrayError(f"{where}: {name} is empty, its shape is {arrays.shape}.")
    _check_finite(arrays, name, missing)
    brought = sum(stored[name].shape[0] for name in pairing.items)
    if rows is not None:
        notes.append(f"{len(arrays):,} of {brought:,} items were taken as the file passed by, spread evenly.")
    result = Arrays(arrays, None, tuple(notes), brought, pairing.parts, pairing.part, tuple(pairing.labels))
    return _labelled(result, stored, pairing, rows, labels, max_bytes)


def _joined(stored: list[Stored], max_bytes: int) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
    """Arrays one after the other, thinned alike where they are too large together; and the rows taken of them all."""
    total = sum(piece.nbytes for piece in stored)
    blocks, rows, before = [], [], 0
    for piece in stored:
        share = max_bytes if total <= max_bytes else int(max_bytes * piece.nbytes / total)
        array, taken = piece.read(share)
        blocks.append(array)
        rows.append(before + (np.arange(len(array)) if taken is None else taken))
        before += piece.shape[0] if piece.shape else 0
    joined = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    return joined, None if total <= max_bytes else np.concatenate(rows)


def _labelled(
    arrays: Arrays,
    stored: Mapping[str, Stored],
    pairing: Pairing,
    rows: NDArray[np.int64] | None,
    stated: str | None,
    max_bytes: int,
) -> Arrays:
    """The same with all columns of labels, and the one stated, or the first of classes, as the label."""
    if stated and stated not in pairing.labels:
        known = ", ".join(pairing.labels) or "nothing"
        raise ArrayError(f"There are no labels {stated!r}: expected one of {known}.")
    if stated == "":
        return arrays
    if not pairing.labels:
        if len(stored) > 1:
            _complain_of_length(arrays, stored, pairing)
        return arrays
    columns, left_out = _label_columns(stored, pairing, rows, stated, len(arrays.items), max_bytes)
    if stated and stated not in columns:
        raise ArrayError(left_out[stated])
    notes = [*arrays.notes, *left_out.values()]
    if not columns:
        return replace(arrays, notes=tuple(notes))
    labels = of_columns(list(columns.values()), len(arrays.items), stated or _usual(columns, pairing))
    if len(columns) > 1 and not stated:
        others = _listed([name for name in columns if name != labels.column])
        notes.append(
            f"{labels.column} gives the {'classes' if columns[labels.column].names else 'labels'}; {others} may be "
            "stated instead."
            if labels.column
            else f"{others} may be stated as labels."
        )
    return replace(arrays, labels=labels, notes=tuple(notes))


def _usual(columns: Mapping[str, Facet], pairing: Pairing) -> str:
    """The column that gives the labels where none is stated: classes, or numbers by that name; "" for none."""
    classes = [name for name, column in columns.items() if column.names]
    named = [name for name in columns if stem_and_split(pairing.labels[name][0][0])[0] in LABELS]
    return next(iter((*classes, *named)), "")


def _label_columns(
    stored: Mapping[str, Stored],
    pairing: Pairing,
    rows: NDArray[np.int64] | None,
    stated: str | None,
    count: int,
    max_bytes: int,
) -> tuple[dict[str, Facet], dict[str, str]]:
    """What may colour the items, by the choices of `found`, and why the others may not."""
    names = tuple(map(label_text, stored[pairing.names].read(max_bytes)[0].ravel().tolist())) if pairing.names else ()
    columns: dict[str, Facet] = {}
    left_out: dict[str, str] = {}
    arrays: dict[tuple[str, ...], NDArray[Any]] = {}
    one_hot: set[tuple[str, ...]] = set()
    for choice, (parts, place) in pairing.labels.items():
        try:
            if parts not in arrays:
                whole = np.concatenate([_column(stored[name], max_bytes) for name in parts])
                arrays[parts] = whole if rows is None else whole[rows]
            hot = place is not None and is_one_hot(arrays[parts])
            if hot and parts in one_hot:
                continue
            one_hot |= {parts} if hot else set()
            values = arrays[parts] if place is None or hot else arrays[parts][:, place]
            column = label_column(plain_column(values, choice, count), choice, names)
        except ArrayError:
            if stated == choice or not columns:
                raise
            left_out[choice] = f"{choice} cannot be read: it was left out."
            continue
        if column is None:
            left_out[choice] = (
                f"{choice} holds more than {MAX_CLASSES} different words: too many for classes, left out."
            )
        elif tells_apart(column) or choice == stated or len(pairing.labels) == 1:
            columns[choice] = column
    return columns, left_out


def plain_column(values: NDArray[Any], name: str, count: int) -> NDArray[Any]:
    """Labels of `count` items, (N,), (N, 1) or one-hot, as (N,). Raises ArrayError for another number of them."""
    if is_one_hot(values):
        values = values.argmax(1)
    elif values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (count,):
        raise ArrayError(f"{name} has the shape {values.shape}: expected one label for each of the {count:,} items.")
    _check_finite(values, name, missing=True)
    return values


def _complain_of_length(arrays: Arrays, stored: Mapping[str, Stored], pairing: Pairing) -> None:
    """Raise ArrayError for labels by name that are of another number than the items."""
    split = stem_and_split(pairing.items[0])[1]
    for name, array in stored.items():
        if stem_and_split(name) in {(stem, split) for stem in LABELS} and name not in pairing.items:
            raise ArrayError(
                f"{name} has the shape {array.shape}: expected one label for each of the {arrays.brought:,} items."
            )


def _column(stored: Stored, max_bytes: int) -> NDArray[Any]:
    array, rows = stored.read(max(max_bytes, MAX_LABEL_BYTES))
    if rows is not None:
        raise ArrayError(f"{stored.name} has {stored.nbytes:,} bytes: too many for labels.")
    return array


def _listed(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


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
