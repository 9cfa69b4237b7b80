"""Tiles as files: PNG, GIF and sheets of many; arrays as NPZ, rows as CSV. A tile is one item, (h, w, 1 or 3) uint8."""

import base64
import csv as writing
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Tile = NDArray[np.uint8]  # (h, w, 1 or 3)
Tiles = NDArray[np.uint8]  # (N, h, w, 1 or 3)
FORMULAS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t",
    "\r",
    "\n",
)  # what a spreadsheet takes for the beginning of one
WIDE = 1.25  # width over height, from which a tile is read from left to right
ON_DARK, ON_LIGHT = 60, 222  # grey between the tiles of a sheet, whose edges are mostly dark or mostly light
NAME_SIZE, NAME_LINE, NAME_MARGIN = 16, 20, 8  # px of a name above a picture, of its lines, and beside it


def image(tile: Tile, scale: int = 1) -> Image.Image:
    """A tile as an image of Pillow, each of its pixels `scale` pixels wide."""
    drawn = Image.fromarray(tile[..., 0] if tile.shape[-1] == 1 else tile)
    return drawn.resize((drawn.width * scale, drawn.height * scale), Image.Resampling.NEAREST)


def png(tile: Tile, scale: int = 1, compression: int = 6) -> bytes:
    """A tile as a PNG file, each of its pixels `scale` pixels wide; compression: zlib's level."""
    buffer = io.BytesIO()
    image(tile, scale).save(buffer, "PNG", compress_level=compression)
    return buffer.getvalue()


def data_url(tile: Tile) -> str:
    """A tile as a PNG data URL."""
    return "data:image/png;base64," + base64.b64encode(png(tile)).decode("ascii")


def between(tiles: Tiles) -> int:
    """The grey between tiles (N, h, w, channels) on a sheet, 0 to 255: light where their edges are light."""
    edges = (tiles[:, 0], tiles[:, -1], tiles[:, :, 0], tiles[:, :, -1])
    levels = np.concatenate([edge.ravel() for edge in edges])
    return ON_LIGHT if levels.size and np.median(levels) > 127 else ON_DARK


def sheet(tiles: Tiles, columns: int, gap: int = 1, ground: int | None = None) -> Tile:
    """Tiles as one, row by row, `gap` pixels of grey between them and in the places that are left.

    ground: that grey, 0 to 255; without one it is as `between` has it for these tiles. Tiles that are read from left to
    right have some room at both ends, so that none seems to go on in the next.
    """
    if gap and columns > 1 and tiles.shape[2] > WIDE * tiles.shape[1]:
        room = tiles.shape[1] // 5
        tiles = np.pad(tiles, ((0, 0), (0, 0), (room, room), (0, 0)))
    count, height, width, channels = tiles.shape
    rows = max(1, -(-count // columns))
    grey = between(tiles) if ground is None else ground
    cells = np.full((rows * columns, height + gap, width + gap, channels), grey, np.uint8)
    cells[:count, :height, :width] = tiles
    joined = cells.reshape(rows, columns, *cells.shape[1:]).swapaxes(1, 2)
    joined = joined.reshape(rows * (height + gap), columns * (width + gap), channels)
    return joined[: len(joined) - gap, : joined.shape[1] - gap]


def sheets(stops: NDArray[np.uint8], columns: int, ground: int) -> Tiles:
    """A sheet for each stop of tiles (stops, N, h, w, channels); ground: grey between the tiles, 0 to 255."""
    return np.stack([sheet(tiles, columns, ground=ground) for tiles in stops])


def abreast(tiles: Tiles, columns: int, room: int) -> int:
    """How many tiles stand side by side: `columns`, or fewer where tiles wider than high would be too small to read.

    room: pixels that they have on a page together; a wide tile is shown no smaller than it is. A few columns fewer are
    taken where the last row is full then.
    """
    count, height, width = tiles.shape[:3]
    if width <= WIDE * height:
        return columns
    most = max(1, min(columns, room // width))
    return next((fewer for fewer in range(most, max(2, most // 2), -1) if count % fewer == 0), most)


def fitting(tile: Tile, count: int, columns: int, room: int, share: float) -> int:
    """How many tiles like one stand in a sheet that is no higher than a share of its width: `count`, or fewer.

    columns, room: as `abreast` has them. Tiles that are no wider than high are all shown; others in full rows.
    """
    height, width = tile.shape[:2]
    if width <= WIDE * height:
        return count
    for fewer in range(count, 1, -1):
        side = abreast(np.broadcast_to(tile, (fewer, *tile.shape)), columns, room)
        if fewer % side == 0 and fewer // side * height <= share * side * width:
            return fewer
    return 1


def gif(tiles: Tiles, milliseconds: int, scale: int = 8, names: Sequence[str] = ()) -> bytes:
    """Tiles as an endless animation, there and back.

    milliseconds: of one tile. names: of what stands side by side in each, written above it.
    """
    first, *others = (_named(image(tile, scale), names) for tile in tiles)
    buffer = io.BytesIO()
    frames = others + others[-2::-1]
    first.save(buffer, "GIF", save_all=True, append_images=frames, duration=milliseconds, loop=0)
    return buffer.getvalue()


def _named(picture: Image.Image, names: Sequence[str]) -> Image.Image:
    """A picture with a name above each of its columns, in as many lines as it needs there."""
    if not names:
        return picture
    column, font = picture.width / len(names), ImageFont.load_default(NAME_SIZE)
    texts = [_lines(name, font.getlength, column - 2 * NAME_MARGIN) for name in names]
    height = NAME_SIZE // 2 + max(map(len, texts)) * NAME_LINE
    named = Image.new("RGB", (picture.width, picture.height + height), "white")
    draw = ImageDraw.Draw(named)
    for number, lines in enumerate(texts):
        for row, line in enumerate(lines, start=1):
            at = (number * column + NAME_MARGIN, height - (len(lines) - row) * NAME_LINE - NAME_SIZE // 2)
            draw.text(at, line, "black", font, anchor="ls")
    named.paste(picture.convert("RGB"), (0, height))
    return named


def _lines(text: str, length: Callable[[str], float], room: float) -> list[str]:
    """A text in lines that fit into so much room; a word that is longer than that is cut."""
    lines: list[str] = []
    for word in text.split():
        while len(word) > 2 and length(word) > room:
            word = word.removesuffix("…")[:-1] + "…"
        if lines and length(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def npz(arrays: Mapping[str, NDArray]) -> bytes:
    """Arrays by name as an NPZ file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict[str, Any](arrays))
    return buffer.getvalue()


def csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Rows of cells as a CSV under a header. Numbers stay numbers; no text in it is a formula to a spreadsheet."""
    buffer = io.StringIO(newline="")
    writer = writing.writer(buffer)  # it quotes the line ends that it knows: both of them
    writer.writerow(map(escaped, header))
    writer.writerows([escaped(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def escaped(cell: object) -> object:
    """A cell that no spreadsheet runs: an apostrophe stands before a text that would begin a formula (OWASP)."""
    if not isinstance(cell, str) or not cell.lstrip(" ").startswith(FORMULAS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell.strip()
