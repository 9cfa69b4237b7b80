"""The columns of a table: what the features of a row mean, and how a table in memory becomes rows of features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.modalities.base import Scale

if TYPE_CHECKING:
    from pandas import DataFrame

REACH = 3.0  # standard units that a bar can show
FLAT = 1e-6  # of the spread of all rows: less among those for training is no unit to count the others in


@dataclass(frozen=True)
class Column:
    """One column of a table.

    start: the first of its features. A number has one, (value − mean) / std. A category has one for each of
    `categories`: 1 for the row's own, 0 for others. usual: the commonest of `categories`, by number. unit: of a number.
    """

    name: str
    start: int
    mean: float = 0.0
    std: float = 1.0
    categories: tuple[str, ...] = ()
    usual: int = 0
    unit: str = ""

    @property
    def width(self) -> int:
        """How many features it has."""
        return len(self.categories) or 1

    @property
    def features(self) -> slice:
        """Where its features stand in a row."""
        return slice(self.start, self.start + self.width)


@dataclass(frozen=True)
class TableScale(Scale):
    """What the features of a row mean: its columns, in the order of their features."""

    low: float = -REACH
    high: float = REACH
    columns: tuple[Column, ...] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "TableScale":
        """The scale that a file states: columns one after another, numbers with a spread."""
        columns = tuple(_column_of(column) for column in stored.get("columns", ()))
        starts = [sum(column.width for column in columns[:place]) for place in range(len(columns))]
        if starts != [column.start for column in columns]:
            raise ValueError("The columns of a table do not follow one another.")
        return replace(super().of({**stored, "columns": ()}), columns=columns)

    @property
    def widths(self) -> tuple[int, ...]:
        """How many features each column has."""
        return tuple(column.width for column in self.columns)

    def means_the_same(self, other: Scale) -> bool:
        """Whether both have the same columns, with the same categories and units, in the same order."""
        theirs = other.columns if isinstance(other, TableScale) else ()
        return [(column.name, column.categories, column.unit) for column in self.columns] == [
            (column.name, column.categories, column.unit) for column in theirs
        ]

    @property
    def own_units(self) -> tuple[Any, Any]:
        """Mean and standard deviation of each feature's column; 0 and 1 for those of categories."""
        means = [column.mean for column in self.columns for _ in range(column.width)]
        stds = [column.std for column in self.columns for _ in range(column.width)]
        return (np.array(means, np.float32), np.array(stds, np.float32)) if means else super().own_units


def _column_of(stored: Mapping[str, Any]) -> Column:
    column = Column(
        str(stored["name"]),
        int(stored["start"]),
        float(stored["mean"]),
        float(stored["std"]),
        tuple(map(str, stored["categories"])),
        int(stored["usual"]),
        str(stored["unit"]),
    )
    if not column.std > 0 or not 0 <= column.usual < column.width:
        raise ValueError(f"A column cannot be {dict(stored)}.")
    return column


def columns_of(scale: Scale, features: int) -> tuple[Column, ...]:
    """The columns of a table; where a scale names none, one number for each feature."""
    named = scale.columns if isinstance(scale, TableScale) else ()
    return named or tuple(Column(f"column {number + 1}", number) for number in range(features))


def rows_of(
    table: "DataFrame",
    train: NDArray[np.int64],
    order: Mapping[str, Sequence[str]] | None = None,
    units: Mapping[str, str] | None = None,
) -> tuple[NDArray[np.float32], tuple[Column, ...]]:
    """A table as rows (N, F), numbers first and in standard units of the rows `train`, and what its columns are.

    What is missing is NaN. order: categories of some columns in an order of their own; others are sorted. units: of
    some columns of numbers.
    """
    import pandas as pd

    numbers = [name for name in table if pd.api.types.is_numeric_dtype(table[name])]
    columns: list[Column] = []
    features: list[NDArray[np.float32]] = []
    for name in [*numbers, *(name for name in table if name not in numbers)]:
        start = sum(column.width for column in columns)
        values = table[name]
        if name in numbers:
            known = values.iloc[train].astype(float)
            known = values.astype(float) if known.isna().all() else known
            mean, std = float(known.mean()), float(known.std(ddof=0))
            overall = float(values.astype(float).std(ddof=0))
            std = std if std > FLAT * overall else overall or 1.0
            columns.append(Column(str(name), start, mean, std, unit=(units or {}).get(str(name), "")))
            features.append(((values.to_numpy(float) - mean) / std).astype(np.float32)[:, None])
        else:
            categories = tuple((order or {}).get(str(name)) or sorted(values.dropna().unique(), key=str))
            hot = (values.to_numpy()[:, None] == np.array(categories, object)).astype(np.float32)
            hot[values.isna().to_numpy()] = np.nan
            usual = int(np.nansum(hot[train], 0).argmax())
            columns.append(Column(str(name), start, categories=categories, usual=usual))
            features.append(hot)
    return np.concatenate(features, 1), tuple(columns)
