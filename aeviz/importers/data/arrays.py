"""Arrays of items and labels, made into a data set of pictures."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.importers.data.answers import MAX_SIDE, VALUES, DataStatement, OwnData, Progress
from aeviz.importers.data.fitting import check_amount, dataset, described, resized, subset
from aeviz.importers.data.pictures import SAMPLE
from aeviz.importers.files.arrays import Arrays, read_arrays
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.types import Shape

BATCH, BATCH_VALUES = 512, 4_000_000  # items converted at once, and the numbers in them
MAX_DARK = 100  # floats up to here were never bytes: 0 to 16, or per cent


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this is a file of arrays."""
    return source.type in {FileType.NPY, FileType.NPZ} and statement.modality in {None, "image"}


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """Items of an `.npy` or `.npz` file as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    progress(0.0, "Reading the arrays")
    return _from_arrays(read_arrays(source, most_bytes), statement, name, title, progress)


def _from_arrays(arrays: Arrays, statement: DataStatement, name: str, title: str, progress: Progress) -> OwnData:
    pictures, notes = _as_pictures(arrays.items)
    notes += list(arrays.notes)
    chosen, remarks = subset(len(pictures), statement.most)
    own: Shape = (pictures.shape[1], pictures.shape[2], pictures.shape[3])
    if statement.shape is None and max(own[1:]) > MAX_SIDE:
        raise DataError(f"The items are {own[2]} × {own[1]} pixels: state a smaller shape to fit them into.")
    wanted = statement.shape or own
    check_amount(len(chosen), wanted)
    kind = statement.values or detect_values(arrays.items)
    low, span = _range(arrays.items, kind)
    if not span < 1e30:
        raise DataError(f"The items' values reach over {span:.3g}: no pictures are like that.")
    how = " as stated." if statement.values else ", as they are."
    notes += [*remarks, f"Values were taken for {VALUES[kind]}{how}"]
    border = _unit(_border(pictures, chosen[: SAMPLE * 4]), low, span)
    swap = (own[0] == 1 and float(np.median(border)) > 0.5) if statement.invert is None else statement.invert
    items = np.empty((len(chosen), *wanted), np.float32)
    step = max(1, min(BATCH, BATCH_VALUES // max(math.prod(own), math.prod(wanted))))
    for row in range(0, len(chosen), step):
        progress(row / len(chosen), f"Converting items: {row:,} of {len(chosen):,}")
        batch = _unit(pictures[chosen[row : row + step]], low, span)
        items[row : row + step] = resized(1 - batch if swap else batch, wanted)
    if wanted != own or swap:
        notes.append(described(wanted, swap))
    labels = None if arrays.labels is None else arrays.labels[chosen]
    progress(1.0, "Ready")
    made = dataset(name, title, items, labels, arrays.label_names)
    return OwnData(made, VALUES[kind], swap, tuple(notes), len(pictures))


def _as_pictures(items: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
    """A view (N, C, H, W) of items (N, H, W), (N, C, H, W), (N, H, W, C) or (N, side * side * C)."""
    match items.ndim:
        case 2:
            channels, side = _square(items.shape[1])
            note = f"Rows of {items.shape[1]} numbers were taken for {side} × {side} pictures."
            return items.reshape(-1, channels, side, side), [note]
        case 3:
            return items[:, None], []
        case 4 if items.shape[1] in {1, 3} and items.shape[3] not in {1, 3}:
            return items, []
        case 4 if items.shape[3] in {1, 3, 4} and items.shape[1] not in {1, 3}:
            return items.transpose(0, 3, 1, 2)[:, :3], []
        case 4 if items.shape[1] in {1, 3}:
            return items, [f"Items {items.shape[1:]} were taken for (channels, height, width)."]
    raise DataError(
        f"The items have the shape {items.shape}: expected (N, H, W), (N, C, H, W) or (N, H, W, C) with 1 or 3 "
        "channels, or rows of square pictures."
    )


def _square(count: int) -> tuple[int, int]:
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if side > 1 and channels * side * side == count:
            return channels, side
    raise DataError(
        f"Rows of {count} numbers are no square pictures, grey or colour: save them as (N, C, H, W), or "
        "state that they are series or rows of a table."
    )


def detect_values(items: NDArray[Any]) -> str:
    """What the numbers of items mean, a key of `VALUES`, from their type and range."""
    if items.dtype.kind == "b":
        return "unit"
    low, high = float(items.min()), float(items.max())
    slack = 1e-3
    if low >= -slack and high <= 1 + slack:
        return "unit"
    if low >= -1 - slack and high <= 1 + slack:
        return "signed"
    if low >= 0 and high <= 255 and (items.dtype.kind != "f" or high > MAX_DARK):
        return "bytes"
    return "spread"


def _range(items: NDArray[Any], kind: str) -> tuple[float, float]:
    """Lowest value, and the distance to the highest."""
    if kind == "spread":
        low, high = float(items.min()), float(items.max())
        return low, (high - low) or 1.0
    return {"unit": (0.0, 1.0), "signed": (-1.0, 2.0), "bytes": (0.0, 255.0)}[kind]


def _unit(items: NDArray[Any], low: float, span: float) -> NDArray[np.float32]:
    pictures: NDArray[np.float32] = np.clip((items.astype(np.float64) - low) / span, 0, 1).astype(np.float32)
    return pictures


def _border(pictures: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    edges = (pictures[..., 0, :], pictures[..., -1, :], pictures[..., :, 0], pictures[..., :, -1])
    return np.concatenate([edge[rows].ravel() for edge in edges])
