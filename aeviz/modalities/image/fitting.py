"""A picture cropped, fitted into a data set's shape and laid on its ground. Only arrays go in and come out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.modalities.image.drawing import prepare
from aeviz.modalities.image.shapes import in_colour
from aeviz.types import Shape

BRIGHTNESS = np.array([0.299, 0.587, 0.114])  # of red, green and blue (ITU-R BT.601)


@dataclass(frozen=True)
class Fit:
    """How a picture is fitted.

    frame: the part that is kept, (top, left, bottom, right) as shares of the sides. fill: cut what the longer side has
    too much; else the picture is kept whole and the rest is `ground` (0 black, 1 white). swap: light and dark; None
    swaps a grey picture on a light ground (median of its border above one half).
    """

    frame: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    fill: bool = False
    ground: float = 0.0
    swap: bool | None = None


def fitted(pixels: NDArray[np.uint8], shape: Shape, fit: Fit) -> tuple[NDArray[np.float32], bool]:
    """A picture (h, w, 3) as an item of `shape` (C, H, W) in [0, 1], and whether light and dark were swapped.

    Each pixel is the mean of what it covers. Raises DataError for a frame without a pixel.
    """
    rows, columns = shape[1:]
    part = _filling(_framed(pixels, fit.frame), rows, columns) if fit.fill else _framed(pixels, fit.frame)
    if not in_colour(shape):
        part = np.rint(part @ BRIGHTNESS)[..., None].astype(np.uint8)
    swap = not in_colour(shape) and _light(part) if fit.swap is None else fit.swap
    if swap:
        part = 255 - part
    step = max(part.shape[0] / rows, part.shape[1] / columns)
    size = max(1, min(rows, round(part.shape[0] / step))), max(1, min(columns, round(part.shape[1] / step)))
    small = prepare(part, size, "fill")
    item = np.full(shape, fit.ground, np.float32)
    top, left = (rows - size[0]) // 2, (columns - size[1]) // 2
    item[:, top : top + size[0], left : left + size[1]] = 0 if small is None else small
    return item, swap


def _framed(pixels: NDArray[np.uint8], frame: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    top, left, bottom, right = frame
    part = pixels[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
    if not part.size:
        raise DataError("There is no pixel in the frame: widen it.")
    return part


def _filling(part: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """The middle of a picture in the proportion of `rows` and `columns`."""
    height, width = part.shape[:2]
    high, wide = min(height, max(1, width * rows // columns)), min(width, max(1, height * columns // rows))
    top, left = (height - high) // 2, (width - wide) // 2
    return part[top : top + high, left : left + wide]


def _light(part: NDArray[np.uint8]) -> bool:
    return float(np.median(np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]]))) > 127.5
