"""What pictures and arrays have in common: as many items as there is room for, in the shape that is wanted."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aeviz.datasets.labels import Labels, unlabelled
from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.importers.data.answers import FITS, MAX_ITEMS, DataStatement
from aeviz.modalities.base import Modality, Scale
from aeviz.modalities.image.framing import placed
from aeviz.modalities.image.record import IMAGE
from aeviz.types import Shape

MAX_VALUES = 250_000_000  # of all items: 1 GB as float32
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def subset(count: int, most: int) -> tuple[NDArray[np.int64], list[str]]:
    """The rows to take: all, or `most` of them, spread evenly."""
    most = min(most, MAX_ITEMS)
    if count <= most:
        return np.arange(count), []
    rows = np.linspace(0, count - 1, most).round().astype(np.int64)
    return rows, [f"{most:,} of {count:,} items were taken, spread evenly."]


def few(count: int, noun: str, plural: str = "") -> str:
    """That so many are too few, the beginning of a sentence."""
    return f"1 {noun} is too few" if count == 1 else f"{count:,} {plural or f'{noun}s'} are too few"


def fewer(rows: NDArray[np.int64], shape: Shape) -> tuple[NDArray[np.int64], list[str]]:
    """Rows of items of a shape, or as many of them, spread evenly, as `MAX_VALUES` numbers are; and a sentence."""
    most = max(1, MAX_VALUES // math.prod(shape))
    if len(rows) <= most:
        return rows, []
    kept = rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]
    return kept, [
        f"{most:,} of {len(rows):,} items were taken, spread evenly: of this size, no more are held ({MAX_VALUES:,} "
        "numbers). A smaller shape leaves room for all."
    ]


def check_amount(count: int, shape: Shape) -> None:
    """Raise DataError where so many items of a shape are more numbers than are held."""
    values = count * math.prod(shape)
    if values > MAX_VALUES:
        raise DataError(
            f"{count:,} items of shape {shape} are {values:,} numbers; at most {MAX_VALUES:,} are held. "
            "State a smaller shape, or bring fewer items."
        )


def dataset(
    name: str,
    title: str,
    items: NDArray[np.float32],
    labels: Labels | None,
    modality: Modality = IMAGE,
    scale: Scale | None = None,
) -> Dataset:
    """A data set that nobody can write to; without labels all items are of one class. scale: the usual one if None."""
    labels = labels or unlabelled(len(items))
    items.setflags(write=False)
    bare = Dataset(name, title, items, labels.numbers, labels.names, modality=modality, scale=scale or modality.scale)
    return labels.on(bare)


def fitting_words(statement: DataStatement) -> str:
    """How pictures are fitted, in words."""
    words = FITS[statement.fit]
    return f"{words} on {statement.ground}" if statement.ground and statement.fit in {"whole", "crop"} else words


def described(shape: Shape, inverted: bool, fit: str = "fitted whole, with bars") -> str:
    """What was done to every picture, in a sentence."""
    channels, height, width = shape
    how = "fitted whole" if fit == "fitted whole, with bars" else fit
    text = f"Every picture is {how} into {width} × {height} pixels, in {'grey' if channels == 1 else 'colour'}"
    return text + (", light and dark swapped." if inverted else ".")


def resized(items: NDArray[np.float32], shape: Shape, fit: str = "whole", ground: float = 0.0) -> NDArray[np.float32]:
    """Items (N, C, H, W) in [0, 1] in another shape, centred on a ground. fit: a key of `FITS`."""
    channels, height, width = shape
    if channels > items.shape[1]:
        return np.repeat(resized(items, (1, height, width), fit, ground), channels, 1)
    if channels < items.shape[1]:
        items = np.tensordot(items, LUMA, (1, 0))[:, None]
    if items.shape[2:] == (height, width):
        return items
    taken, (left, top, right, bottom) = placed((items.shape[2], items.shape[3]), (height, width), fit)
    smaller = bottom - top < taken[3] - taken[1]
    filter_ = Image.Resampling.BOX if smaller else Image.Resampling.LANCZOS
    fitted = np.full((len(items), *shape), ground, np.float32)
    for item, place in zip(items, fitted, strict=True):
        for plane, target in zip(item, place, strict=True):
            small = Image.fromarray(np.ascontiguousarray(plane)).resize(
                (right - left, bottom - top), filter_, box=taken
            )
            target[top:bottom, left:right] = np.clip(np.asarray(small), 0, 1)
    return fitted
