"""Maps of a code as tiles: a colour for each cell, blue below zero, white at zero, red above (Paul Tol's BuRd)."""

import numpy as np
from numpy.typing import NDArray

from aeviz.figures.files import Tile, Tiles
from aeviz.figures.palette import DIVERGING

SCALE = "blue below 0, white at 0, red above"
_STEPS = 256
OUTLINE = (255, 140, 26)  # of a region, orange as the brush of Repair is


def _ramp() -> NDArray[np.uint8]:
    """The colours from the lowest to the highest value, (256, 3)."""
    stops = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in DIVERGING])
    places = np.linspace(0, 1, _STEPS)
    mixed = [np.interp(places, np.linspace(0, 1, len(stops)), stops[:, channel]) for channel in range(3)]
    return np.stack(mixed, 1).round().astype(np.uint8)


_COLOURS = _ramp()


def channel_tiles(maps: NDArray[np.float32], reach: float) -> Tiles:
    """Maps (N, h, w) as tiles (N, h, w, 3), a pixel a cell; the colours run from -reach to reach, 0 in their middle.

    Values beyond have the colour of the nearer end.
    """
    share = np.clip(maps / max(reach, 1e-12), -1, 1) / 2 + 0.5
    return _COLOURS[(share * (_STEPS - 1)).round().astype(np.uint8)]


def outlined(tile: Tile, box: tuple[float, float, float, float]) -> Tile:
    """A tile in colour with a frame round a region: top, bottom, left and right as shares of its sides."""
    framed = np.repeat(tile, 3, 2) if tile.shape[2] == 1 else tile.copy()
    height, width = tile.shape[:2]
    if box[0] >= box[1] or box[2] >= box[3]:
        return framed
    top, bottom = round(box[0] * height), max(round(box[1] * height) - 1, 0)
    left, right = round(box[2] * width), max(round(box[3] * width) - 1, 0)
    thick = max(1, max(height, width) // 96)
    for edge in range(thick):
        framed[[min(top + edge, bottom), max(bottom - edge, top)], left : right + 1] = OUTLINE
        framed[top : bottom + 1, [min(left + edge, right), max(right - edge, left)]] = OUTLINE
    return framed
