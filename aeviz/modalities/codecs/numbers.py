"""Codecs of series, tables and texts: a cosine transform, and what zlib makes of writing."""

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from aeviz.modalities.codecs.base import SHEET, Codec, Compression, Items, Packed, Setting

if TYPE_CHECKING:
    from aeviz.modalities.base import Scale

STEPS = (1, 2, 4, 6, 8, 12, 16, 24, 32)
EIGHT_BITS = 127


def _deflated(texts: list[bytes], items: Items, way: str) -> Packed:
    """Bytes of each item through zlib, each for itself or all one after another."""
    files = [zlib.compress(b"".join(texts), 9)] if way == SHEET else [zlib.compress(text, 9) for text in texts]
    return Packed(tuple(files), (0,) * len(files), items)


# --- Series ---


def cosine(items: Items, scale: "Scale", setting: Setting, way: str) -> Packed:
    """The lowest coefficients of the cosine transform of series (N, C, T), 8 bits each, and zlib.

    A value that is missing counts as 0. A file begins with the largest coefficient, in half precision.
    """
    from scipy.fft import dct, idct

    kept = min(setting[0], items.shape[2])
    low = dct(np.nan_to_num(items), norm="ortho", axis=2)[:, :, :kept]
    largest = np.abs(low).max((1, 2) if way != SHEET else None, keepdims=True)
    half = np.maximum(np.nextafter(largest.astype(np.float16), np.float16(np.inf)), np.float16(1e-4))
    whole = np.rint(low / half.astype(np.float32) * EIGHT_BITS).astype(np.int8)
    back = np.zeros_like(items)
    back[:, :, :kept] = whole * (half.astype(np.float32) / EIGHT_BITS)
    bytes_ = [row.tobytes() for row in whole]
    if way != SHEET:
        bytes_ = [number.tobytes() + row for number, row in zip(half, bytes_, strict=True)]
    else:
        bytes_[0] = half.tobytes() + bytes_[0]
    read = idct(back, norm="ortho", axis=2).astype(np.float32)
    return _smaller(bytes_, read, way)


def rounded(items: Items, scale: "Scale", setting: Setting, way: str) -> Packed:
    """The values of series (N, C, T) rounded to 2^bits steps over the range of their scale, packed, and zlib."""
    steps = 2 ** setting[0] - 1
    share = np.clip((np.nan_to_num(items) - scale.low) / (scale.high - scale.low), 0, 1)
    whole = np.rint(share * steps).astype(np.uint8)
    bits = np.unpackbits(whole.reshape(len(items), -1, 1), axis=2)[:, :, 8 - setting[0] :]
    packed = np.packbits(bits.reshape(len(items), -1), axis=1)
    read = (scale.low + whole * ((scale.high - scale.low) / steps)).astype(np.float32)
    return _smaller([row.tobytes() for row in packed], read, way)


def _smaller(texts: list[bytes], items: Items, way: str) -> Packed:
    """As they are or through zlib, whichever is smaller, told by one bit of the first byte of each file."""
    if way == SHEET:
        texts = [b"".join(texts)]
    files = [min(b"\x00" + text, b"\x01" + zlib.compress(text, 9), key=len) for text in texts]
    return Packed(tuple(files), (0,) * len(files), items)


# --- Tables ---


def lines(items: Items, scale: "Scale", setting: Setting, way: str) -> Packed:
    """Each row as a line of CSV in its own units, numbers to so many digits, and zlib."""
    from aeviz.modalities.columns import columns_of

    columns = columns_of(scale, items.shape[1])
    texts: list[bytes] = []
    back = np.full_like(items, np.nan)
    for number, row in enumerate(items):
        cells = []
        for column in columns:
            values = row[column.features]
            if np.isnan(values).any():
                cells.append("")
            elif column.categories:
                cells.append(column.categories[int(values.argmax())])
                back[number, column.start + int(values.argmax())] = 1
                back[number, column.features] = np.nan_to_num(back[number, column.features])
            else:
                cell = f"{column.mean + column.std * float(values[0]):.{setting[0]}g}"
                cells.append(cell)
                back[number, column.start] = (float(cell) - column.mean) / column.std
        texts.append((",".join(cells) + "\n").encode())
    return _deflated(texts, back, way)


# --- Texts ---


Read = Callable[[Items, "Scale"], list[str]]  # items (N, V, L) -> what they say


def _written(read: Read, write: Callable[[bytes], bytes]) -> "Callable[[Items, Scale, Setting, str], Packed]":
    """`Codec.pack` of texts in UTF-8, each for itself or a line each in one file."""

    def pack(items: Items, scale: "Scale", setting: Setting, way: str) -> Packed:
        words = [text.encode() for text in read(items, scale)]
        files = [write(b"\n".join(words))] if way == SHEET else [write(word) for word in words]
        return Packed(tuple(files), (0,) * len(files), items.copy())

    return pack


def of_texts(read: Read) -> Compression:
    """How texts are written as files; read: what items say."""
    plain = _written(read, lambda text: text)
    zipped = _written(read, lambda text: zlib.compress(text, 9))
    return Compression(
        codecs=(
            Codec(
                "text",
                "Plain text",
                ((0,),),
                lambda setting: "as it is",
                plain,
                ".txt",
                "**Plain text** loses nothing.",
            ),
            Codec(
                "zlib",
                "zlib",
                ((0,),),
                lambda setting: "deflated",
                zipped,
                ".txt.z",
                "**zlib** looks for what repeats and loses nothing; a lone name has nothing to repeat.",
            ),
        ),
        note="JPEG, WebP and AVIF write pictures. A text is set beside itself, plain and through zlib: both lose "
        "nothing.",
    )


SERIES = Compression(
    codecs=(
        Codec(
            "dct",
            "Cosine transform",
            tuple((kept,) for kept in STEPS),
            lambda setting: f"{setting[0]} coefficients of 8 bits",
            cosine,
            ".bin",
            "The **cosine transform** writes a series as slow and fast waves and keeps the slow ones: what JPEG does "
            "to pictures.",
        ),
        Codec(
            "rounded",
            "Rounding",
            tuple((bits,) for bits in range(2, 9)),
            lambda setting: f"{setting[0]} bits a value",
            rounded,
            ".bin",
            "**Rounding** writes each value with a few bits over the range of the axis, through zlib where that helps.",
        ),
    ),
    note="JPEG, WebP and AVIF write pictures. A series is set beside its cosine transform and its rounded values.",
)
TABLES = Compression(
    codecs=(
        Codec(
            "zlib",
            "CSV, zlib",
            tuple((digits,) for digits in range(1, 7)),
            lambda setting: f"{setting[0]} digits",
            lines,
            ".csv.z",
            "A line of **CSV** is written to so many significant digits and deflated (zlib).",
        ),
    ),
    note="JPEG, WebP and AVIF write pictures. A row is set beside its line of CSV through zlib.",
)
