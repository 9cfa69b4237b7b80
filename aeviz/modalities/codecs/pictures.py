"""JPEG, WebP and AVIF as Pillow writes them, a sheet of many pictures, and other pictures to try a network on."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.modalities.codecs.base import (
    BARE,
    SHEET,
    SHEET_COLUMNS,
    SHEET_ITEMS,
    Codec,
    Compression,
    Items,
    Packed,
    Setting,
    each,
)
from aeviz.types import Shape

if TYPE_CHECKING:
    from aeviz.modalities.base import Scale

Tiles = NDArray[np.uint8]
RIFF_HEADER = 20  # bytes: "RIFF", length, "WEBP", "VP8 ", length
BOX = 8  # bytes before the content of a box of AVIF: length and kind
WORKERS = 2  # pictures that are written at a time; Pillow lets other threads run meanwhile
GREY = (0.299, 0.587, 0.114)  # shares of red, green and blue in brightness (ITU-R BT.601)


def _packing(
    save: Callable[[Any, io.BytesIO, int, str], None], header: Callable[[bytes], int]
) -> "Callable[[Items, Scale, Setting, str], Packed]":
    """`Codec.pack` of a picture format. header: bytes of a file that are no picture's own."""

    def pack(items: Items, scale: "Scale", setting: Setting, way: str) -> Packed:
        tiles = _tiles(items, scale)
        groups = [tiles[i : i + SHEET_ITEMS] for i in range(0, len(tiles), SHEET_ITEMS)] if way == SHEET else tiles

        def written(pixels: Tiles) -> tuple[bytes, Tiles]:
            if way == SHEET:
                sheet, columns = _sheet(pixels)
                file, read = _through(save, sheet, setting[0], way)
                return file, _cut(read, columns, pixels.shape)
            file, read = _through(save, pixels, setting[0], way)
            return file, read[None]

        with ThreadPoolExecutor(WORKERS) as pool:
            results = list(pool.map(written, groups))
        files = [file for file, _ in results]
        back = np.concatenate([read for _, read in results])
        values = back.transpose(0, 3, 1, 2).astype(np.float32) / 255
        headers = [header(file) for file in files] if way == BARE else None
        return each(files, scale.low + (scale.high - scale.low) * values, way, headers)

    return pack


def _tiles(items: Items, scale: "Scale") -> Tiles:
    share = np.clip((items - scale.low) / (scale.high - scale.low), 0, 1)
    tiles: Tiles = np.ascontiguousarray(np.rint(share * 255).astype(np.uint8).transpose(0, 2, 3, 1))
    return tiles


def _sheet(pixels: Tiles) -> tuple[Tiles, int]:
    from aeviz.figures.files import sheet

    columns = min(SHEET_COLUMNS, len(pixels))
    return sheet(pixels, columns, gap=0, ground=0), columns


def _cut(sheet: Tiles, columns: int, shape: tuple[int, ...]) -> Tiles:
    """The pictures (N, h, w, C) of a sheet."""
    count, height, width, channels = shape
    cells = sheet.reshape(-1, height, columns, width, channels).swapaxes(1, 2)
    return cells.reshape(-1, height, width, channels)[:count]


def _through(save: Callable[[Any, io.BytesIO, int, str], None], pixels: Tiles, quality: int, way: str) -> Any:
    """A picture's file, and what it is read as."""
    from PIL import Image

    buffer = io.BytesIO()
    save(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels), buffer, quality, way)
    with Image.open(buffer) as read:
        back = np.asarray(read.convert("L" if pixels.shape[-1] == 1 else "RGB"))
    return buffer.getvalue(), back.reshape(pixels.shape)


def _save_jpeg(picture: Any, buffer: io.BytesIO, quality: int, way: str) -> None:
    # Tables of its own make a lone file smaller; headers that are left out must be the same in all files.
    picture.save(buffer, "JPEG", quality=quality, optimize=way != BARE)


def _save_webp(picture: Any, buffer: io.BytesIO, quality: int, way: str) -> None:
    picture.save(buffer, "WEBP", quality=quality, method=6)


def _save_avif(picture: Any, buffer: io.BytesIO, quality: int, way: str) -> None:
    picture.save(buffer, "AVIF", quality=quality)


def jpeg_header(file: bytes) -> int:
    """Bytes of a JPEG before the coded picture, and the mark at its end."""
    place = 2
    while file[place + 1] != 0xDA:  # the start of the scan, after segments that state their lengths
        place += 2 + int.from_bytes(file[place + 2 : place + 4], "big")
    return place + 2 + int.from_bytes(file[place + 2 : place + 4], "big") + 2


def avif_header(file: bytes) -> int:
    """Bytes of an AVIF file that are not in its box of media data."""
    place, media = 0, 0
    while place + BOX <= len(file):
        length = int.from_bytes(file[place : place + 4], "big") or len(file) - place
        media += length - BOX if file[place + 4 : place + BOX] == b"mdat" else 0
        place += max(length, BOX)
    return len(file) - media


def _lacking(feature: str, label: str) -> Callable[[], str]:
    def why() -> str:
        from PIL import features

        return "" if features.check(feature) else f"Pillow was built without {label} here: its curve is left out."

    return why


def _quality(setting: Setting) -> str:
    return f"quality {setting[0]}"


def _settings(*qualities: int) -> tuple[Setting, ...]:
    return tuple((quality,) for quality in qualities)


# --- Other pictures ---


def fitted(items: Items, shape: Shape) -> Items:
    """Pictures (N, C, H, W) in another shape: scaled whole, in grey where one channel is wanted."""
    from PIL import Image

    channels, height, width = shape
    if items.shape[1] == 3 and channels == 1:
        items = np.tensordot(items, np.array(GREY, np.float32), ((1,), (0,)))[:, None]
    elif items.shape[1] == 1 and channels == 3:
        items = np.repeat(items, 3, 1)
    if items.shape[2:] == (height, width):
        return np.ascontiguousarray(items, np.float32)
    scaled = np.empty((len(items), *shape), np.float32)
    for number, item in enumerate(items):
        for channel, plane in enumerate(item):
            size, how = (width, height), Image.Resampling.LANCZOS
            scaled[number, channel] = np.asarray(Image.fromarray(plane.astype(np.float32)).resize(size, how))
    return np.clip(scaled, 0, 1)


def noise(count: int, shape: Shape, scale: "Scale", seed: int) -> Items:
    """Pictures whose pixels are drawn alike from dark to light, each for itself."""
    drawn = np.random.default_rng(seed).random((count, *shape), np.float32)
    return (scale.low + (scale.high - scale.low) * drawn).astype(np.float32)


def cut(file: bytes, shape: Shape) -> tuple[Items, tuple[str, ...]]:
    """A picture file as tiles (N, C, H, W), `SHEET_ITEMS` at most, row by row, and sentences on what was left out.

    A larger picture is made smaller first.

    Raises DataError as `aeviz.modalities.image.files.read_picture` does, and for a picture smaller than a tile.
    """
    from aeviz.modalities.image.files import first_of, pages_of, read_whole

    channels, height, width = shape
    most = SHEET_ITEMS // SHEET_COLUMNS
    pixels = read_whole(file, channels, (SHEET_COLUMNS * width, most * height), (width, height))
    rows, columns = pixels.shape[0] // height, pixels.shape[1] // width
    tiles = pixels[: rows * height, : columns * width].reshape(rows, height, columns, width, channels)
    items = tiles.transpose(0, 2, 4, 1, 3).reshape(rows * columns, *shape).astype(np.float32) / 255
    return np.ascontiguousarray(items), first_of(pages_of(file))


PICTURES = Compression(
    codecs=(
        Codec(
            "jpeg",
            "JPEG",
            _settings(1, 5, 10, 20, 35, 50, 75, 90),
            _quality,
            _packing(_save_jpeg, jpeg_header),
            ".jpg",
            "**JPEG** (1992) takes the discrete cosine transform of blocks of 8 × 8 pixels, rounds it coarsely and "
            "writes it with Huffman's code; its tables are most of a small file.",
            most=300,
            same_files=False,
        ),
        Codec(
            "webp",
            "WebP",
            _settings(0, 2, 10, 25, 50, 75, 90),
            _quality,
            _packing(_save_webp, lambda file: RIFF_HEADER),
            ".webp",
            "**WebP** (VP8, 2010) predicts each block from its neighbours first, and writes the rest arithmetically.",
            most=200,
            lacking=_lacking("webp", "WebP"),
        ),
        Codec(
            "avif",
            "AVIF",
            _settings(0, 10, 25, 45, 65),
            _quality,
            _packing(_save_avif, avif_header),
            ".avif",
            "**AVIF** (AV1, 2019) does the same with blocks of many sizes; its container alone takes about 300 bytes.",
            most=50,
            lacking=_lacking("avif", "AVIF"),
        ),
    ),
    fitted=fitted,
    noise=noise,
    cut=cut,
    cut_words="a photograph, cut into tiles",
    note="",
)
