"""Arrays and tiles as JSON: how numbers and pictures travel to a part.

A tile is one drawn item, (h, w, 1 or 3) uint8; the parts know nothing else of what an item is.
"""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.figures import files

Tiles = NDArray[np.uint8]  # (N, h, w, 1 or 3)
MAX_SIDE = 16_384  # pixels of a picture that browsers accept
MAX_PIXELS = 1_000_000  # of the tiles of a strip, about, unless they would be too few
QUICK = 1  # compression level of sheets: fast rather than smallest, they are read on the same machine or network


def pack(array: NDArray[Any]) -> dict[str, Any]:
    """An array as JSON: little-endian bytes in base64 with dtype and shape. `common.js` unpacks it."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "bytes": base64.b64encode(little.tobytes()).decode("ascii"),
    }


def png(tiles: Tiles, columns: int, compression: int = QUICK) -> bytes:
    """Tiles (N, h, w, 1 or 3) side by side, row by row, as one PNG file; the last row is filled with black.

    compression: level of the PNG, 1 to 9.

    Raises ValueError for another array.
    """
    if tiles.ndim != 4 or tiles.dtype != np.uint8 or tiles.shape[3] not in (1, 3):
        raise ValueError(f"expected uint8 tiles (N, h, w, 1 or 3), got {tiles.dtype} {tiles.shape}")
    return files.png(files.sheet(tiles, columns, gap=0, ground=0), compression=compression)


def count_for(tile: NDArray[np.uint8], most: int, *, rows: int = 1, least: int = 5, pixels: int = MAX_PIXELS) -> int:
    """How many tiles like one (h, w, 1 or 3) each of some rows has: `most`, or fewer where they are large, `least`.

    So that what is decoded and sent for a view stays about the same, whatever an item's size. pixels: of all together.
    """
    return int(np.clip(pixels // (rows * tile.shape[0] * tile.shape[1]), min(least, most), most))


def strip(
    tiles: Tiles, columns: int | None = None, *, smooth: bool = False, compression: int = QUICK
) -> dict[str, Any]:
    """Tiles (N, h, w, 1 or 3) uint8 as one sheet, row by row.

    Args:
        tiles: N of them, one or more.
        columns: of the sheet; when left out a single row, or as few as fit. No side may exceed `MAX_SIDE` pixels.
        smooth: whether a tile is smoothed where it is shown larger; pixels stay sharp otherwise.
        compression: level of the PNG, 1 to 9.

    Returns:
        {"url": a PNG data URL, "count", "columns", "width", "height", "smooth"}, width and height of one tile.

    Raises:
        ValueError: the array is not uint8 of four axes, or has another number of channels.

    """
    columns = columns or max(1, min(len(tiles), MAX_SIDE // tiles.shape[2]))
    url = "data:image/png;base64," + base64.b64encode(png(tiles, columns, compression)).decode("ascii")
    count, height, width = tiles.shape[:3]
    return {"url": url, "count": count, "columns": columns, "width": width, "height": height, "smooth": smooth}
