"""What is wanted of a reader of data, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.importers.files.filetypes import Sniffed
from aeviz.modalities.registry import MODALITIES
from aeviz.types import Shape

Progress = Callable[[float, str], None]  # told of the share done and the stage

MAX_ITEMS = 60_000
MAX_SIDE = 1024
VALUES = {"unit": "[0, 1]", "signed": "[−1, 1]", "bytes": "0 to 255", "spread": "from smallest to largest"}
LAYOUTS = {
    "first": "(channels, height, width)",
    "last": "(height, width, channels)",
}
GROUNDS = {"black": 0, "white": 255, "grey": 127}
FITS = {
    "whole": "fitted whole, with bars",
    "fill": "filled, the edges cut off",
    "stretch": "stretched",
    "crop": "cut square, then fitted",
}
TURNS = {
    "left": "turned to the left",
    "right": "turned to the right",
    "over": "turned upside down",
    "mirror": "mirrored",
    "transpose": "rows and columns swapped",
}
COLUMN_TYPES = {
    "number": "Number",
    "category": "Category",
    "target": "Class to colour by",
    "identifier": "Name of a row",
    "ignored": "Leave out",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class DataStatement:
    """How a data set is to be read; None, or nothing, means: as it is, or find it out.

    Pictures. shape: the (C, H, W) wanted: items are fitted whole and centred, grey and colour turned into each other;
    None keeps the data's own, or that of most pictures. invert: swap light and dark; None swaps grey pictures on a
    light ground where a shape is wanted, as models that came with aeviz know light shapes on black. values: of arrays,
    a key of `VALUES`; None detects it. most: items at most, spread over the set.
    layout: of arrays, a key of `LAYOUTS`; rows of pixels that are no square are read in `shape`. fit: a key of `FITS`.
    ground: of bars and of what is transparent, a key of `GROUNDS`; None has black bars, and what is transparent on
    white. turn: a key of `TURNS`, done before all else. part: a split that the file or folder holds, or "all"; None
    takes the test split of arrays, and all of a folder. labels: what gives the classes where there is a choice, one of
    `OwnData.label_choices`, "" for nothing; None finds it.

    All. modality: a name in `aeviz.modalities.registry`; None tells by the content, and takes arrays for pictures.

    Tables and series. columns: types of some columns by their names, keys of `COLUMN_TYPES`; a target gives the classes
    of the items and is no part of them. header: whether the first line names the columns. delimiter: a key of
    `DELIMITERS`. encoding: a name that Python knows.

    Series. rate: values a second (Hz); None counts steps. unit: of a value.

    Raises DataError for values outside these.
    """

    shape: Shape | None = None
    invert: bool | None = None
    values: str | None = None
    most: int = MAX_ITEMS
    modality: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    header: bool | None = None
    delimiter: str | None = None
    encoding: str | None = None
    rate: float | None = None
    unit: str = ""
    layout: str | None = None
    fit: str = "whole"
    ground: str | None = None
    turn: str | None = None
    part: str | None = None
    labels: str | None = None

    def __post_init__(self) -> None:
        shape = self.shape
        if shape is not None and not (
            len(shape) == 3 and shape[0] in {1, 3} and all(0 < side <= MAX_SIDE for side in shape)
        ):
            raise DataError(
                f"Pictures can be made (1 or 3, H, W) with sides up to {MAX_SIDE} pixels, not {tuple(shape)}."
            )
        for noun, value, known in (
            ("range of values", self.values, VALUES), ("layout", self.layout, LAYOUTS), ("fit", self.fit, FITS),
            ("ground", self.ground, GROUNDS), ("turn", self.turn, TURNS),
        ):  # fmt: skip
            if value is not None and value not in known:
                raise DataError(f"Unknown {noun} {value!r}: expected one of {', '.join(known)}.")
        if self.most < 1:
            raise DataError(f"At least one item is needed, not {self.most}.")
        if self.modality is not None and self.modality not in MODALITIES:
            raise DataError(f"Unknown modality {self.modality!r}: expected one of {', '.join(MODALITIES)}.")
        for name, type_ in self.columns.items():
            if type_ not in COLUMN_TYPES:
                raise DataError(f"Unknown type {type_!r} of {name}: expected one of {', '.join(COLUMN_TYPES)}.")
        if self.delimiter is not None and self.delimiter not in DELIMITERS:
            raise DataError(f"Unknown delimiter {self.delimiter!r}: expected one of {', '.join(DELIMITERS.values())}.")
        if self.encoding is not None:
            check_encoding(self.encoding)
        if self.rate is not None and not 0 < self.rate < float("inf"):
            raise DataError(f"The rate is a number of values a second above 0, not {self.rate}.")


def check_encoding(name: str) -> None:
    """Raise DataError for an encoding of text that Python does not know."""
    try:
        "".encode(name)
    except (LookupError, ValueError) as error:
        raise DataError(f"Unknown encoding {name!r}: expected utf-8, utf-16, cp1252 or alike.") from error


@dataclass(frozen=True)
class FoundColumn:
    """A column of a file, in the order of the file.

    type: a key of `COLUMN_TYPES`, as found or as stated; choices: those that a person may state instead. examples: some
    of its values, as they are written. missing: cells without a value; distinct: different values; of series, those of
    the first rows. note: why it is of this type or left out, in a sentence; "" where that is plain.
    """

    name: str
    type: str
    choices: tuple[str, ...]
    examples: tuple[str, ...] = ()
    missing: int = 0
    distinct: int = 0
    note: str = ""


@dataclass(frozen=True)
class OwnData:
    """A data set of one's own, what its values were taken for, and sentences on what was done to it.

    brought: items that the file holds, of which no more than wanted were taken. values: of pictures, in words. columns:
    of a table, or of the series in one: all columns of the file, those left out too. encoding: of a text, as Python
    names it. delimiter: a key of `DELIMITERS`, "" for none. The numbers of `dataset.scale` are those of its training
    split (`aeviz.datasets.splits.part`), so that a model learns nothing of the others from them. rows: of the pictures
    that the file holds, in its order, those that became items; None where nobody asks.
    """

    dataset: Dataset
    values: str = ""
    inverted: bool = False
    notes: tuple[str, ...] = ()
    brought: int = 0
    columns: tuple[FoundColumn, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    parts: tuple[str, ...] = ()
    label_choices: tuple[str, ...] = ()
    rows: NDArray[np.int64] | None = field(default=None, compare=False)


class DataReader(Protocol):
    """Reads data of one form. A module with these two functions is one; `aeviz.importers.reading` lists them."""

    def recognises(self, source: Sniffed, statement: DataStatement) -> bool:
        """Whether what was brought is of this form: by its type, what is stated, and the head of a text."""
        ...

    def read(
        self, source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
    ) -> OwnData:
        """The data set. Raises DataError and ArchiveError."""
        ...
