"""Data sets: bundled test splits, full training sets, items ready for a model.

The emoji are bundled whole. The other full sets come from the folder named by AEVIZ_DATA_DIR (with
sub-folders as in `SOURCES`, holding the published idx .gz files), or are downloaded once into the
user's cache folder. The app needs neither.
"""

import gzip
import hashlib
import json
import os
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.modalities.image.tiles import tiles

VARIABLE = "AEVIZ_DATA_DIR"
BUNDLED = Path(__file__).parent / "bundled"
IMAGES, LABELS = "images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"
SHEET, NAMES = "sheet.webp", "labels.json"
PREFIXES = {"train": "train-", "test": "t10k-"}
EVERY = 5  # emoji: each fifth is of the test split


@dataclass(frozen=True)
class Source:
    """Where a data set comes from, and the MD5 of its unpacked files by file name.

    shape: (C, H, W) of an item. url: of the published idx files; "" for a set that is bundled whole.
    """

    title: str
    folder: str
    shape: tuple[int, int, int]
    url: str
    label_names: tuple[str, ...]
    credit: str
    licence: str
    md5: dict[str, str]


SOURCES = {
    "mnist": Source(
        title="MNIST",
        folder="mnist",
        shape=(1, 28, 28),
        url="https://ossci-datasets.s3.amazonaws.com/mnist/",
        label_names=tuple("0123456789"),
        credit="Yann LeCun, Corinna Cortes and Christopher J. C. Burges: handwritten digits.",
        licence="commonly listed as CC BY-SA 3.0; the original page states none",
        md5={
            "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
            "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
            "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
            "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
        },
    ),
    "fashion": Source(
        title="Fashion-MNIST",
        folder="fashion-mnist",
        shape=(1, 28, 28),
        url="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        label_names=(
            "T-shirt",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
        credit="Han Xiao, Kashif Rasul and Roland Vollgraf, Zalando SE: articles of clothing.",
        licence="MIT",
        md5={
            "train-images-idx3-ubyte.gz": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "train-labels-idx1-ubyte.gz": "9018921c3c673c538a1fc5bad174d6f9",
            "t10k-images-idx3-ubyte.gz": "8181f5470baa50b63fa0f6fddb340f0a",
            "t10k-labels-idx1-ubyte.gz": "15d484375f8d13e6eb1aabb0c3f46965",
        },
    ),
    "emoji": Source(
        title="Emoji",
        folder="emoji",
        shape=(3, 32, 32),
        url="",
        label_names=(
            "activities",
            "animals & nature",
            "component",
            "flags",
            "food & drink",
            "objects",
            "people & body",
            "smileys & emotion",
            "symbols",
            "travel & places",
        ),
        credit="Google, Noto Emoji: 1,911 pictures, scaled to 32×32 on white.",
        licence="Apache 2.0",
        md5={SHEET: "96f1718600b9267c37576bb893625e1c"},
    ),
}


@dataclass(frozen=True)
class Dataset:
    """Items of one split.

    name: as in `SOURCES`. items: (N, C, H, W) float32 in [0, 1], read-only. labels: (N,) int64.
    label_names: one for each label. kind: how an item is drawn ("image"). split: "test" or "train".
    """

    name: str
    title: str
    items: NDArray[np.float32]
    labels: NDArray[np.int64]
    label_names: tuple[str, ...]
    kind: str = "image"
    split: str = "test"

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an item."""
        channels, height, width = self.items.shape[1:]
        return channels, height, width

    def tiles(self, items: NDArray[Any]) -> NDArray[np.uint8]:
        """Items (N, *shape) of this data set or of a model of it, drawn: (N, h, w, 1 or 3)."""
        return tiles(items)

    def __len__(self) -> int:
        return len(self.items)


@lru_cache(maxsize=4)
def load_dataset(name: str, split: str = "test") -> Dataset:
    """Load a data set: "mnist", "fashion" or "emoji".

    split="test" (10,000 items; 383 emoji) is bundled. split="train" (60,000 items) is read from the folder
    in AEVIZ_DATA_DIR, or else downloaded once with a progress bar; that of the emoji (1,528) is bundled too.
    Every file is checked by the MD5 of its unpacked bytes. Raises DataError for an unknown name or split and
    for a missing or damaged file. The arrays are shared between callers and cannot be written to.
    """
    if name not in SOURCES:
        raise DataError(f"Unknown data set {name!r}: expected one of {', '.join(SOURCES)}.")
    if split not in PREFIXES:
        raise DataError(f"Unknown split {split!r}: expected 'test' or 'train'.")
    source = SOURCES[name]
    items, labels = _published(source, split) if source.url else _emoji(source, split)
    pictures = (items / np.float32(255)).astype(np.float32)
    classes = labels.astype(np.int64)
    for array in (pictures, classes):
        array.setflags(write=False)
    return Dataset(name, source.title, pictures, classes, source.label_names, split=split)


def _published(source: Source, split: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures (N, 1, H, W) and labels (N,) of a set in idx files."""
    items = read_idx(_unpacked(source, PREFIXES[split] + IMAGES))
    return items[:, None], read_idx(_unpacked(source, PREFIXES[split] + LABELS))


def _emoji(source: Source, split: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures (N, 3, H, W) and labels (N,) from the bundled sheet of them all."""
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
    tested = np.arange(len(items)) % EVERY == 0
    rows = tested if split == "test" else ~tested
    return items[rows].transpose(0, 3, 1, 2), labels[rows]


def _unpacked(source: Source, file: str) -> bytes:
    path = _locate(source, file)
    try:
        data = gzip.decompress(path.read_bytes())
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
    return _download(source, file)


def _download(source: Source, file: str) -> Path:
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
