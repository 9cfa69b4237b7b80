"""Arrays of items and labels, made into a data set of pictures."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.labels import MAX_CLASSES, Labels, label_column, of_columns
from aeviz.errors import DataError
from aeviz.importers.data.answers import (
    GROUNDS,
    LAYOUTS,
    MAX_SIDE,
    TURNS,
    VALUES,
    DataStatement,
    OwnData,
    Progress,
)
from aeviz.importers.data.fitting import dataset, described, fewer, fitting_words, resized, subset
from aeviz.importers.data.pictures import SAMPLE
from aeviz.importers.files.arrays import Arrays, read_arrays
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.modalities.image.framing import turned
from aeviz.types import Shape

BATCH, BATCH_VALUES = 512, 4_000_000  # items converted at once, and the numbers in them
MAX_DARK = 100  # floats up to here were never bytes: 0 to 16, or per cent
OVERSHOOT = 0.1  # that interpolation and noise may leave [0, 1] by
CENTRED = -0.75  # values in [−1, 1] reach below this
MAX_CHANNELS = 4
SAMPLED = 64  # items that tell the order of axes


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this is a file of arrays."""
    return source.type in {FileType.NPY, FileType.NPZ} and statement.modality in {None, "image"}


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """Items of an `.npy` or `.npz` file as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    progress(0.0, "Reading the arrays")
    arrays = read_arrays(source, most_bytes, part=statement.part, labels=statement.labels)
    return from_arrays(arrays, statement, name, title, progress)


def from_arrays(arrays: Arrays, statement: DataStatement, name: str, title: str, progress: Progress) -> OwnData:
    """Items and labels as a data set of pictures. Raises DataError."""
    values, column = without_labels(arrays.items, statement) if arrays.labels is None else (arrays.items, None)
    pictures, notes = as_pictures(values, statement)
    if column is not None:
        known = label_column(column[0], "label")
        labels: Labels | None = of_columns([known] if known else [], len(values))
        notes.insert(0, f"The {column[1]} of {arrays.items.shape[1]} columns was taken for the classes.")
    else:
        labels = arrays.labels
    notes += list(arrays.notes)
    chosen, remarks = subset(len(pictures), statement.most)
    if statement.turn:
        pictures = turned(pictures, statement.turn)
        notes.append(f"Every picture was {TURNS[statement.turn]}." if statement.turn != "transpose" else
                     "Rows and columns of every picture were swapped.")  # fmt: skip
    own: Shape = (min(pictures.shape[1], 3), pictures.shape[2], pictures.shape[3])
    shape = statement.shape or own
    if statement.shape is None and max(own[1:]) > MAX_SIDE:
        share = MAX_SIDE / max(own[1:])
        shape = own[0], max(1, round(own[1] * share)), max(1, round(own[2] * share))
    chosen, thinned = fewer(chosen, shape)
    remarks += thinned
    kind = statement.values or detect_values(values)
    low, span = _range(values, kind)
    if not span < 1e30:
        raise DataError(f"The items' values reach over {span:.3g}: no pictures are like that.")
    how = " as stated." if statement.values else ", as they are."
    notes += [*remarks, f"Values were taken for {VALUES[kind]}{how}{_overshoot(values, kind)}"]
    ground = GROUNDS[statement.ground or "white"] / 255
    border = _unit(_border(pictures, chosen[: SAMPLE * 4]), low, span)
    swap = bool(statement.invert)
    if statement.invert is None and statement.shape is not None:
        swap = own[0] == 1 and float(np.median(border)) > 0.5
    items = np.empty((len(chosen), *shape), np.float32)
    step = max(1, min(BATCH, BATCH_VALUES // max(math.prod(own), math.prod(shape))))
    bars = GROUNDS[statement.ground or "black"] / 255
    for row in range(0, len(chosen), step):
        progress(row / len(chosen), f"Converting items: {row:,} of {len(chosen):,}")
        batch = opaque(_unit(pictures[chosen[row : row + step]], low, span), ground)
        items[row : row + step] = resized(1 - batch if swap else batch, shape, statement.fit, bars)
    if pictures.shape[1] == MAX_CHANNELS:
        notes.append(f"What is transparent was laid on {statement.ground or 'white'}.")
    if shape != own or swap:
        notes.append(described(shape, swap, fitting_words(statement)))
    progress(1.0, "Ready")
    made = dataset(name, title, items, None if labels is None else labels.of_rows(chosen))
    return OwnData(
        made,
        VALUES[kind],
        swap,
        tuple(notes),
        arrays.brought or len(pictures),
        parts=arrays.parts,
        label_choices=arrays.label_choices,
    )


def without_labels(
    items: NDArray[Any], statement: DataStatement
) -> tuple[NDArray[Any], tuple[NDArray[Any], str] | None]:
    """Rows of pixels without a column of labels, the first or the last, and that column; as they are otherwise.

    A row is taken to hold a label where it has one number more than a square, or than the shape stated, and that number
    is one of few whole ones.
    """
    if items.ndim != 2 or statement.labels == "" or _is_picture(items.shape[1], statement.shape):
        return items, None
    if not _is_picture(items.shape[1] - 1, statement.shape):
        return items, None
    for place, words in ((0, "first"), (items.shape[1] - 1, "last")):
        column = items[:, place]
        other = items[:, -1 if place == 0 else 0]
        if _few_whole(column) and not (place == 0 and _few_whole(other) and len(np.unique(column)) < 2):
            return np.delete(items, place, 1), (column, words)
    return items, None


def _few_whole(column: NDArray[Any]) -> bool:
    known = np.unique(column)
    return 1 < len(known) <= min(MAX_CLASSES, max(2, len(column) // 2)) and bool((known == known.round()).all())


def _is_picture(count: int, shape: Shape | None) -> bool:
    return square_of(count) is not None or (shape is not None and math.prod(shape) == count)


def as_pictures(items: NDArray[Any], statement: DataStatement | None = None) -> tuple[NDArray[Any], list[str]]:
    """A view (N, C, H, W), C up to 4, of items (N, H, W), (N, C, H, W), (N, H, W, C) or rows of pixels; and notes."""
    statement = statement or DataStatement()
    match items.ndim:
        case 2:
            return _of_rows(items, statement)
        case 3:
            return items[:, None], []
        case 4:
            return _of_planes(items, statement.layout)
    raise DataError(_expected(items.shape))


def _expected(shape: tuple[int, ...]) -> str:
    return (
        f"The items have the shape {shape}: expected (N, H, W), (N, C, H, W) or (N, H, W, C) with 1 or 3 channels "
        "(or 4, the last of them opacity), or rows of pictures."
    )


def _of_planes(items: NDArray[Any], layout: str | None) -> tuple[NDArray[Any], list[str]]:
    known = {1, 3, 4}
    first, last = items.shape[1] in known, items.shape[3] in known
    if layout is not None:
        if not (first if layout == "first" else last):
            raise DataError(_expected(items.shape))
        return (items if layout == "first" else items.transpose(0, 3, 1, 2)), []
    if first and last:
        order = "first" if items.shape[1] <= items.shape[2] and not _smoother(items) else "last"
        note = f"Items {items.shape[1:]} were taken for {LAYOUTS[order]}."
        return (items if order == "first" else items.transpose(0, 3, 1, 2)), [note]
    if first or last:
        return (items if first else items.transpose(0, 3, 1, 2)), []
    raise DataError(_expected(items.shape))


def _smoother(items: NDArray[Any]) -> bool:
    """Whether (N, a, b, c) are pictures (height, width, channels) rather than (channels, height, width).

    Neighbours along an axis of space are more alike than channels are.
    """
    sample = items[:SAMPLED].astype(np.float64)

    def roughness(axis: int) -> float:
        return float(np.abs(np.diff(sample, axis=axis)).mean()) if sample.shape[axis] > 1 else math.inf

    return roughness(1) < roughness(3)


def _of_rows(items: NDArray[Any], statement: DataStatement) -> tuple[NDArray[Any], list[str]]:
    """Rows of pixels as pictures: square ones, or of the shape stated."""
    count = items.shape[1]
    stated = statement.shape
    if stated is not None and math.prod(stated) == count:
        channels, height, width = stated
    else:
        square = square_of(count)
        if square is None:
            raise DataError(
                f"Rows of {count} numbers are no square pictures, grey or colour: state their shape as (C, H, W), save "
                "them as (N, C, H, W), or state that they are series or rows of a table."
            )
        channels, height, width = square[0], square[1], square[1]
    note = f"Rows of {count} numbers were taken for {width} × {height} pictures"
    if channels == 1:
        return items.reshape(-1, 1, height, width), [f"{note}."]
    last = items.reshape(-1, height, width, channels)
    first = items.reshape(-1, channels, height, width)
    takes_last = statement.layout == "last" if statement.layout else _rough(last.transpose(0, 3, 1, 2)) < _rough(first)
    order = LAYOUTS["last" if takes_last else "first"]
    return (last.transpose(0, 3, 1, 2) if takes_last else first), [f"{note} in colour, {order}."]


def _rough(pictures: NDArray[Any]) -> float:
    """Mean step between neighbouring pixels of some pictures (N, C, H, W)."""
    sample = pictures[:SAMPLED].astype(np.float64)
    return float(np.abs(np.diff(sample, axis=2)).mean() + np.abs(np.diff(sample, axis=3)).mean())


def square_of(count: int) -> tuple[int, int] | None:
    """Channels and side of the square picture that so many numbers are, or None."""
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if side > 1 and channels * side * side == count:
            return channels, side
    return None


def opaque(pictures: NDArray[np.float32], ground: float) -> NDArray[np.float32]:
    """Pictures (N, 4, H, W) in [0, 1] on a ground, without their opacity; others as they are."""
    if pictures.shape[1] != MAX_CHANNELS:
        return pictures
    opacity = pictures[:, 3:]
    laid: NDArray[np.float32] = pictures[:, :3] * opacity + np.float32(ground) * (1 - opacity)
    return laid


def detect_values(items: NDArray[Any]) -> str:
    """What the numbers of items mean, a key of `VALUES`, from their type and range."""
    if items.dtype.kind == "b":
        return "unit"
    low, high = float(items.min()), float(items.max())
    slack = 1e-3
    if items.dtype.kind == "f" and low >= -OVERSHOOT and high <= 1 + OVERSHOOT and high > OVERSHOOT:
        return "unit"
    if low >= -slack and high <= 1 + slack:
        return "unit"
    if -1 - OVERSHOOT <= low < CENTRED and high <= 1 + OVERSHOOT:
        return "signed"
    if low >= 0 and high <= 255 and (items.dtype.kind != "f" or high > MAX_DARK):
        return "bytes"
    return "spread"


def _overshoot(items: NDArray[Any], kind: str) -> str:
    """How many values lie outside the range that they were taken for, in a sentence."""
    if kind not in {"unit", "signed"} or items.dtype.kind != "f":
        return ""
    low = 0.0 if kind == "unit" else -1.0
    outside = int(((items < low - 1e-3) | (items > 1 + 1e-3)).sum())
    return f" {outside:,} values ({outside / items.size:.2%}) lie outside and were cut." if outside else ""


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
