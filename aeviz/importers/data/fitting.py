"""What pictures and arrays have in common: as many items as there is room for, in the shape that is wanted."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aeviz.datasets.arrays import UNLABELLED
from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.importers.data.answers import MAX_ITEMS
from aeviz.modalities.base import Modality, Scale
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
    labels: NDArray[np.int64] | None,
    names: tuple[str, ...],
    modality: Modality = IMAGE,
    scale: Scale | None = None,
) -> Dataset:
    """A data set that nobody can write to; without labels all items are of one class. scale: the usual one if None."""
    if labels is None:
        labels, names = np.zeros(len(items), np.int64), (UNLABELLED,)
    for array in (items, labels):
        array.setflags(write=False)
    return Dataset(name, title, items, labels, names, modality=modality, scale=scale or modality.scale)


def described(shape: Shape, inverted: bool) -> str:
    """What was done to every picture, in a sentence."""
    channels, height, width = shape
    text = f"Every picture is fitted whole into {width} × {height} pixels, in {'grey' if channels == 1 else 'colour'}"
    return text + (", light and dark swapped." if inverted else ".")


def resized(items: NDArray[np.float32], shape: Shape) -> NDArray[np.float32]:
    """Items (N, C, H, W) in [0, 1] in another shape, fitted whole and centred on black."""
    channels, height, width = shape
    if channels > items.shape[1]:
        return np.repeat(resized(items, (1, height, width)), channels, 1)
    if channels < items.shape[1]:
        items = np.tensordot(items, LUMA, (1, 0))[:, None]
    if items.shape[2:] == (height, width):
        return items
    scale = min(height / items.shape[2], width / items.shape[3])
    inner = max(1, round(items.shape[2] * scale)), max(1, round(items.shape[3] * scale))
    filter_ = Image.Resampling.BOX if scale < 1 else Image.Resampling.LANCZOS
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    fitted = np.zeros((len(items), *shape), np.float32)
    for item, place in zip(items, fitted, strict=True):
        for plane, target in zip(item, place, strict=True):
            small = Image.fromarray(np.ascontiguousarray(plane)).resize((inner[1], inner[0]), filter_)
            target[top : top + inner[0], left : left + inner[1]] = np.clip(np.asarray(small), 0, 1)
    return fitted
