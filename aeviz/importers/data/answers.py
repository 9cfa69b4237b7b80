"""What is wanted of a reader of data, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.importers.files.filetypes import Sniffed
from aeviz.types import Shape

Progress = Callable[[float, str], None]  # told of the share done and the stage

MAX_ITEMS = 60_000
MAX_SIDE = 1024
VALUES = {"unit": "[0, 1]", "signed": "[−1, 1]", "bytes": "0 to 255", "spread": "from smallest to largest"}


@dataclass(frozen=True)
class DataStatement:
    """How a data set is to be read; None means: as it is, or find it out.

    shape: the (C, H, W) wanted: items are fitted whole and centred, grey and colour turned into each other; None
    keeps the data's own, or that of the first picture. invert: swap light and dark; None swaps grey pictures on a
    light ground. values: of arrays, a key of `VALUES`; None detects it. most: items at most, spread over the set.
    Raises DataError for values outside these.
    """

    shape: Shape | None = None
    invert: bool | None = None
    values: str | None = None
    most: int = MAX_ITEMS

    def __post_init__(self) -> None:
        shape = self.shape
        if shape is not None and not (
            len(shape) == 3 and shape[0] in {1, 3} and all(0 < side <= MAX_SIDE for side in shape)
        ):
            raise DataError(
                f"Pictures can be made (1 or 3, H, W) with sides up to {MAX_SIDE} pixels, not {tuple(shape)}."
            )
        if self.values is not None and self.values not in VALUES:
            raise DataError(f"Unknown range of values {self.values!r}: expected one of {', '.join(VALUES)}.")
        if self.most < 1:
            raise DataError(f"At least one item is needed, not {self.most}.")


@dataclass(frozen=True)
class OwnData:
    """A data set of one's own, what its values were taken for, and sentences on what was done to it.

    brought: items that the file holds, of which no more than wanted were taken.
    """

    dataset: Dataset
    values: str
    inverted: bool = False
    notes: tuple[str, ...] = ()
    brought: int = 0


class DataReader(Protocol):
    """Reads data of one form. A module with these two functions is one; `aeviz.importers.reading` lists them."""

    def recognises(self, source: Sniffed) -> bool:
        """Whether what was brought may be of this form, by its type."""
        ...

    def read(
        self, source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
    ) -> OwnData:
        """The data set. Raises DataError and ArchiveError."""
        ...
