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

from aeviz.parts.sheets import Tiles, png

COLUMNS = 100  # tiles in a row of the sheet


def payload(name: str, tiles: Tiles, *, columns: int = COLUMNS, smooth: bool = False) -> bytes:
    """One PNG holding every tile, row by row, with what is to be known of it in front.

    Args:
        name: what the parts call it, as in `latent_map(..., atlas=name)`.
        tiles: (N, h, w, 1 or 3) uint8.
        columns: tiles in a row.
        smooth: whether a tile is smoothed where it is shown larger; pixels stay sharp otherwise.

    Returns:
        The length of the JSON as a little-endian 32-bit number, {"name", "count", "columns", "width", "height",
        "smooth", "checksum"} as JSON, and the PNG. Streamlit passes bytes on untouched only where they are all.

    Raises:
        ValueError: the array is not uint8 of four axes, or has another number of channels.

    """
    sheet = png(tiles, columns)
    count, height, width = tiles.shape[:3]
    facts = {"name": name, "count": count, "columns": columns, "width": width, "height": height, "smooth": smooth}
    header = json.dumps({**facts, "checksum": zlib.crc32(sheet)}).encode()
    return struct.pack("<I", len(header)) + header + sheet
