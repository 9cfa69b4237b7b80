"""The pictures of a data set, sent to the browser once and shared by every part on the page.

    from aeviz.parts.latent_map.streamlit import latent_map
    from aeviz.parts.picture_atlas import payload
    from aeviz.parts.picture_atlas.streamlit import picture_atlas

    picture_atlas(payload("mnist", tiles), key="atlas")  # uint8 (N, h, w, 1 or 3); worth caching
    latent_map(coordinates, atlas="mnist", key="map")

A sheet stays in the browser when the page changes; the four used last are kept.
"""

import json
import struct
import zlib

import numpy as np

from aeviz.parts.sheets import MAX_SIDE, QUICK, Tiles, png

MAX_PIXELS = 1 << 26  # of a sheet
COLUMNS = 100  # tiles in a row of the sheet


def payload(
    name: str, tiles: Tiles, *, columns: int = COLUMNS, smooth: bool = False, compression: int = QUICK
) -> bytes:
    """One PNG holding every tile, row by row, with what is to be known of it in front.

    Args:
        name: what the parts call it, as in `latent_map(..., atlas=name)`.
        tiles: (N, h, w, 1 or 3) uint8.
        columns: tiles in a row.
        smooth: whether a tile is smoothed where it is shown larger; pixels stay sharp otherwise.
        compression: level of the PNG, 1 to 9.

    A browser refuses sheets of more than `MAX_SIDE` pixels a side and runs out of room: tiles that make too large a
    sheet are halved until it fits.

    Returns:
        The length of the JSON as a little-endian 32-bit number, {"name", "count", "columns", "width", "height",
        "smooth", "checksum"} as JSON, and the PNG. Streamlit passes bytes on untouched only where they are all.

    Raises:
        ValueError: the array is not uint8 of four axes, or has another number of channels.

    """
    while tiles.size and not _fits(tiles, columns):
        tiles = _halved(tiles)
    columns = min(columns, MAX_SIDE // tiles.shape[2])
    sheet = png(tiles, columns, compression)
    count, height, width = tiles.shape[:3]
    facts = {"name": name, "count": count, "columns": columns, "width": width, "height": height, "smooth": smooth}
    header = json.dumps({**facts, "checksum": zlib.crc32(sheet)}).encode()
    return struct.pack("<I", len(header)) + header + sheet


def _fits(tiles: Tiles, columns: int) -> bool:
    count, height, width = tiles.shape[:3]
    rows = -(-count // max(1, min(columns, MAX_SIDE // width)))
    return rows * height <= MAX_SIDE and count * height * width <= MAX_PIXELS


def _halved(tiles: Tiles) -> Tiles:
    """Tiles of half the height and width, each pixel the mean of four; an odd last row or column is left out."""
    height, width = (max(2, side // 2 * 2) for side in tiles.shape[1:3])
    parts = [tiles[:, y:height:2, x:width:2].astype(np.uint16) for y in (0, 1) for x in (0, 1)]
    halved: Tiles = ((parts[0] + parts[1] + parts[2] + parts[3]) // 4).astype(np.uint8)
    return halved
