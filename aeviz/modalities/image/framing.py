"""How a picture comes into a frame of another size, and upright."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]


def turned(pictures: NDArray[Any], turn: str) -> NDArray[Any]:
    """Pictures (…, H, W) turned or mirrored: "left", "right", "over", "mirror" or "transpose"."""
    match turn:
        case "left":
            return np.rot90(pictures, 1, (-2, -1))
        case "right":
            return np.rot90(pictures, -1, (-2, -1))
        case "over":
            return pictures[..., ::-1, ::-1]
        case "mirror":
            return pictures[..., ::-1]
    return pictures.swapaxes(-2, -1)


def placed(size: tuple[int, int], target: tuple[int, int], fit: str) -> tuple[tuple[float, float, float, float], Box]:
    """The box of a picture that is taken, and the box of the frame that this fills.

    size, target: (height, width). fit: "whole", with bars; "fill", the edges cut off; "stretch"; or "crop", the middle
    square fitted whole. Boxes are (left, top, right, bottom), in pixels.
    """
    (height, width), (rows, columns) = size, target
    if fit == "stretch":
        return (0, 0, width, height), (0, 0, columns, rows)
    if fit in {"fill", "crop"}:
        ratio = 1.0 if fit == "crop" else columns / rows
        across, down = (width, width / ratio) if width / height < ratio else (height * ratio, height)
        left, top = (width - across) / 2, (height - down) / 2
        taken = (left, top, left + across, top + down)
        if fit == "fill":
            return taken, (0, 0, columns, rows)
        side = min(rows, columns)
        x, y = (columns - side) // 2, (rows - side) // 2
        return taken, (x, y, x + side, y + side)
    scale = min(rows / height, columns / width)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    y, x = (rows - inner[0]) // 2, (columns - inner[1]) // 2
    return (0, 0, width, height), (x, y, x + inner[1], y + inner[0])
