"""From a drawing to the picture a network was trained on."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aeviz.modalities.image.shapes import in_colour
from aeviz.types import Shape

Convention = Literal["mnist", "fill"]
HANDWRITTEN: frozenset[Convention] = frozenset({"mnist"})  # the conventions of what is written with a pen
BOX = 20 / 28  # the share of MNIST's side that the digit itself may take
MIN_INK = 0.1  # less ink than this is the edge of a stroke, not the stroke


def _averages(count: int, start: float, step: float, length: int) -> NDArray[np.float64]:
    """(count, length) weights: row i averages what lies in [start + i·step, start + (i+1)·step)."""
    edges = start + step * np.arange(count + 1)
    pixel = np.arange(length)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    weights: NDArray[np.float64] = np.clip(overlap, 0, None) / step
    return weights


def _offset(ink: NDArray[np.float64], side: int) -> int:
    """Where a run of ink starts on a side so that its centre of mass is the middle and nothing is cut off."""
    centre = float(np.arange(len(ink)) @ ink / ink.sum())
    nearest = np.floor(side / 2 - centre + 0.5 + 1e-6)  # ties fall to one side whatever the rounding errors
    return int(np.clip(nearest, 0, side - len(ink)))


def _fill(ink: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    (height, width), (rows, columns) = ink.shape[1:], shape
    down, across = _averages(rows, 0, height / rows, height), _averages(columns, 0, width / columns, width)
    return down @ ink @ across.T


def _centre(ink: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    strong = np.abs(ink).max(0) > MIN_INK
    ys, xs = np.flatnonzero(strong.any(1)), np.flatnonzero(strong.any(0))
    crop = ink[:, ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    (height, width), box = crop.shape[1:], [round(side * BOX) for side in shape]
    step = max(height / box[0], width / box[1])
    rows, columns = (int(np.ceil(length / step - 1e-9)) for length in (height, width))
    down = _averages(rows, (height - rows * step) / 2, step, height)
    across = _averages(columns, (width - columns * step) / 2, step, width)
    small = down @ crop @ across.T
    mass = np.abs(small).sum(0)
    top, left = _offset(mass.sum(1), shape[0]), _offset(mass.sum(0), shape[1])
    field = np.zeros((len(ink), *shape))
    field[:, top : top + rows, left : left + columns] = small
    return field


def ground_of(shape: Shape) -> int:
    """The value of an empty pixel: pictures in colour are drawn on white (255), grey ones on black (0)."""
    return 255 if in_colour(shape) else 0


def prepare(
    pixels: NDArray[np.uint8], shape: tuple[int, int] = (28, 28), convention: Convention = "mnist", *, ground: int = 0
) -> NDArray[np.float32] | None:
    """The picture (C, H, W) in [0, 1] that a drawing stands for, or None when nothing is drawn.

    "mnist" is how MNIST was made (LeCun et al. 1998, "Gradient-based learning applied to document
    recognition", section III.A): the ink is scaled, its aspect ratio kept, until it fits a box of 20×20
    in the field of 28×28 (of another field: the same share), each pixel being the mean of the area it
    covers; then it is moved by whole pixels until its centre of mass is the middle of the field. The
    one thing added: ink never leaves the field. "fill" takes the drawing as it is, edge to edge.

    Args:
        pixels: (h, w) or (h, w, C) uint8.
        shape: (H, W) of the picture wanted.
        convention: "mnist" or "fill".
        ground: value of an empty pixel, 0 (black) or 255 (white).

    Raises:
        ValueError: the pixels are not uint8 of two or three axes, or the convention is unknown.

    """
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise ValueError(f"expected uint8 pixels (h, w) or (h, w, C), got {pixels.dtype} {pixels.shape}")
    if convention not in ("mnist", "fill"):
        raise ValueError(f'expected the convention "mnist" or "fill", got {convention!r}')
    planes = pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)
    ink = (planes.astype(np.float64) - ground) / 255
    if not (np.abs(ink) > MIN_INK).any():
        return None
    picture = (_fill if convention == "fill" else _centre)(ink, shape) + ground / 255
    return np.clip(picture, 0, 1).astype(np.float32)
