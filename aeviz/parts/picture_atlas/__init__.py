"""The pictures of a data set, sent to the browser once and shared by every live part on the page.

    from aeviz.parts.picture_atlas import picture_atlas, sheet

    png = sheet(pictures)  # uint8 (N, C, H, W); keep it, it is worth caching
    picture_atlas("mnist", png, count=len(pictures), width=28, height=28)
    latent_map(coordinates, atlas="mnist", key="map")

A sheet stays in the browser when the page changes; the four used last are kept.
"""

import json
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from aeviz.parts.assets import png as png_file
from aeviz.parts.assets import register

COLUMNS = 100

_mount = register("picture_atlas")


def sheet(pictures: NDArray[np.uint8], columns: int = COLUMNS) -> bytes:
    """One PNG holding every picture as a tile, row by row.

    Args:
        pictures: (N, C, H, W) uint8 with one channel (grey) or three (RGB).
        columns: tiles in a row.

    Raises:
        ValueError: the array is not uint8 of four axes, or has another number of channels.

    """
    if pictures.ndim != 4 or pictures.dtype != np.uint8 or pictures.shape[1] not in (1, 3):
        raise ValueError(f"expected uint8 pictures (N, 1 or 3, H, W), got {pictures.dtype} {pictures.shape}")
    count, channels, height, width = pictures.shape
    rows = max(1, -(-count // columns))
    tiles = np.zeros((rows * columns, height, width, channels), np.uint8)
    tiles[:count] = pictures.transpose(0, 2, 3, 1)
    pixels = tiles.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    pixels = pixels.reshape(rows * height, columns * width, channels)
    return png_file(pixels[..., 0] if channels == 1 else pixels)


def picture_atlas(
    name: str,
    png: bytes,
    *,
    count: int,
    columns: int = COLUMNS,
    width: int,
    height: int,
    key: str | None = None,
) -> None:
    """Put a sheet of tiles where every live part on the page finds it by name; shows nothing itself.

    Args:
        name: what the parts call it, as in `latent_map(..., atlas=name)`.
        png: the sheet, as `sheet` makes it.
        count: tiles on the sheet.
        columns: tiles in a row.
        width: of one tile in pixels.
        height: of one tile in pixels.
        key: of the element; the name serves when it is left out.

    """
    facts = {
        "name": name,
        "count": count,
        "columns": columns,
        "width": width,
        "height": height,
        "checksum": zlib.crc32(png),
    }
    header = json.dumps(facts).encode()
    # Streamlit passes bytes through untouched only as the whole of `data`, so the facts ride in front.
    _mount(data=struct.pack("<I", len(header)) + header + png, key=key or f"picture_atlas_{name}")
