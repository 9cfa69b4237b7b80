"""What a codec is, and how its bytes are counted. A scale is an `aeviz.modalities.base.Scale`, which knows of this."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.types import Shape

Items = NDArray[np.float32]
Setting = tuple[int, ...]
FILE, BARE, SHEET = "file", "bare", "sheet"
WAYS = (FILE, BARE, SHEET)  # a file each; a file each without its header; one file of many
SHEET_ITEMS, SHEET_COLUMNS = 900, 30  # items of one file at most, and how many stand side by side in a picture


@dataclass(frozen=True)
class Packed:
    """Items as a codec wrote them.

    files: one for each item, or one of all. header: bytes of each file that are not counted. items: (N, *shape), what
    the files are read as.
    """

    files: tuple[bytes, ...]
    header: tuple[int, ...]
    items: Items

    @property
    def rate(self) -> float:
        """Bytes for each item."""
        return (sum(map(len, self.files)) - sum(self.header)) / max(1, len(self.items))


@dataclass(frozen=True)
class Codec:
    """A way to write items as bytes.

    settings: from the coarsest on. told: a setting in words. pack: (items (N, *shape), their scale, setting, way of
    `WAYS`) -> `Packed`. ending: of its files. idea: what it does, in a sentence or two of Markdown. most: items that
    are measured where each has a file of its own, for that takes time. lacking: why it cannot run here, "" where it
    can. weights: of a setting, bytes of what the receiver must have to read a file, beside a program. entropy: (items,
    setting) -> bytes for each item if its numbers were written with as many bits as their own frequencies ask for.
    same_files: whether a file is the same whether or not its header counts.
    """

    name: str
    label: str
    settings: tuple[Setting, ...]
    told: Callable[[Setting], str]
    pack: Callable[[Items, Any, Setting, str], Packed]
    ending: str
    idea: str = ""
    most: int = 10_000
    lacking: Callable[[], str] = lambda: ""
    weights: Callable[[Setting], int] = lambda setting: 0
    entropy: Callable[[Items, Setting], float] | None = None
    same_files: bool = True


@dataclass(frozen=True)
class Compression:
    """What a modality says of compression.

    codecs: those that a network is compared with. fitted: (items of another data set (N, *shape), shape wanted) ->
    items; None where other items mean nothing here. noise: (count, shape, scale, seed) -> items without any structure.
    cut: (a file's bytes, shape) -> the items that it falls into, and sentences on what was left out; raises DataError.
    cut_words: what is cut, and into what ("a photograph, cut into tiles"). note: why there is no better codec, in a
    sentence.
    """

    codecs: tuple[Codec, ...] = ()
    fitted: Callable[[Items, Shape], Items] | None = None
    noise: Callable[[int, Shape, Any, int], Items] | None = None
    cut: Callable[[bytes, Shape], tuple[Items, tuple[str, ...]]] | None = None
    cut_words: str = ""
    note: str = "No classical codec is set beside these items."


def each(files: list[bytes], items: Any, way: str, headers: list[int] | None = None) -> Packed:
    """Packed items of a file each; headers: what is left out of the count where files are bare."""
    header = tuple(headers) if headers and way == BARE else (0,) * len(files)
    return Packed(tuple(files), header, np.asarray(items, np.float32))
