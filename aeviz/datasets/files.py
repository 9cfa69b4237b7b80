"""Reading the files of the data sets: published idx files, downloaded where need be, and the sheet of the emoji."""

import gzip
import hashlib
import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Array, Labels, Source
from aeviz.errors import DataError

VARIABLE = "AEVIZ_DATA_DIR"
BUNDLED = Path(__file__).parent / "bundled"
IMAGES, LABELS = "images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"
SHEET, NAMES = "sheet.webp", "labels.json"
PREFIXES = {"train": "train-", "test": "t10k-"}
TEST_EVERY = 5  # emoji: each fifth is of the test split


def read_published(source: Source, split: str) -> tuple[Array, Labels]:
    """Grey pictures (N, 1, H, W) in [0, 1] and labels (N,) of a set in idx files. Raises DataError."""
    items = read_idx(unpacked(source, PREFIXES[split] + IMAGES))
    labels = read_idx(unpacked(source, PREFIXES[split] + LABELS))
    return _unit(items[:, None]), labels.astype(np.int64)


def read_sheet(source: Source, split: str) -> tuple[Array, Labels]:
    """Pictures (N, 3, H, W) in [0, 1] and labels (N,) from the bundled sheet of them all. Raises DataError."""
    from PIL import Image, UnidentifiedImageError

    folder = BUNDLED / source.folder
    channels, height, width = source.shape
    try:
        labels = np.array(json.loads((folder / NAMES).read_text(encoding="utf-8"))["labels"], np.uint8)
        with Image.open(folder / SHEET) as sheet:
            pixels = np.asarray(sheet.convert("RGB"))
        tiles = pixels.reshape(pixels.shape[0] // height, height, -1, width, channels).swapaxes(1, 2)
    except (OSError, ValueError, KeyError, UnidentifiedImageError) as error:
        raise DataError(f"{folder} cannot be read ({error}): install aeviz again.") from error
    items = np.ascontiguousarray(tiles.reshape(-1, height, width, channels)[: len(labels)])
    if hashlib.md5(items.tobytes(), usedforsecurity=False).hexdigest() != source.md5[SHEET]:
        raise DataError(f"{folder / SHEET} is damaged (its pixels' MD5 differs): install aeviz again.")
    tested = np.arange(len(items)) % TEST_EVERY == 0
    rows = tested if split == "test" else ~tested
    return _unit(items[rows].transpose(0, 3, 1, 2)), labels[rows].astype(np.int64)


def _unit(pixels: NDArray[np.uint8]) -> Array:
    return (pixels / np.float32(255)).astype(np.float32)


def unpacked(source: Source, file: str) -> bytes:
    """The bytes of one of a source's files, unpacked where it ends in .gz, and checked. Raises DataError."""
    path = _locate(source, file)
    try:
        packed = path.read_bytes()
        data = gzip.decompress(packed) if path.suffix == ".gz" else packed
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}): delete it and try again.") from error
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != source.md5[file]:
        raise DataError(f"{path} is not the published {source.title} file (its MD5 differs): delete it and try again.")
    return data


def _locate(source: Source, file: str) -> Path:
    bundled = BUNDLED / source.folder / file
    if bundled.exists():
        return bundled
    if folder := os.environ.get(VARIABLE):
        path = Path(folder).expanduser() / source.folder / file
        if not path.exists():
            raise DataError(f"{path} is missing. {VARIABLE} must name a folder that holds {source.folder}/{file}.")
        return path
    return download(source, file)


def is_here(source: Source, file: str) -> bool:
    """Whether one of a source's files lies where `unpacked` reads it without a download."""
    import pooch

    named = os.environ.get(VARIABLE)
    folder = Path(named).expanduser() if named else Path(pooch.os_cache("aeviz"))
    return any((root / source.folder / file).is_file() for root in (BUNDLED, folder))


def download(source: Source, file: str) -> Path:
    """A file from where a data set is published, kept for the next time. Raises DataError where it cannot be had."""
    import pooch

    folder = Path(pooch.os_cache("aeviz")) / source.folder
    try:
        # The published checksums are of the unpacked bytes; `_unpacked` checks them.
        path = pooch.retrieve(source.url + file, known_hash=None, fname=file, path=folder, progressbar=True)
    except Exception as error:
        raise DataError(
            f"{source.title} could not be downloaded ({error}). "
            f"Without a network, put {file} into a folder {source.folder}/ and name its parent in {VARIABLE}."
        ) from error
    return Path(path)


def read_idx(data: bytes) -> NDArray[np.uint8]:
    """The array in an idx file of unsigned bytes, the format of MNIST. Raises DataError otherwise."""
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise DataError("Not an idx file of unsigned bytes.")
    axes = data[3]
    header = 4 + 4 * axes
    shape = struct.unpack(f">{axes}I", data[4:header]) if len(data) >= header else ()
    if axes == 0 or len(data) - header != np.prod(shape, dtype=np.int64):
        raise DataError("The idx file is truncated.")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)
