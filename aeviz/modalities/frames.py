"""A table in memory as rows of features."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aeviz.modalities.table import Column

if TYPE_CHECKING:
    from pandas import DataFrame


def rows_of(
    table: "DataFrame",
    train: NDArray[np.int64],
    order: Mapping[str, Sequence[str]] | None = None,
    units: Mapping[str, str] | None = None,
) -> tuple[NDArray[np.float32], tuple[Column, ...]]:
    """A table as rows (N, F), numbers first and in standard units of the rows `train`, and what its columns are.

    What is missing is NaN. order: categories of some columns in an order of their own; others are sorted. units: of
    numbers, by column.
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
            mean, std = float(known.mean()), float(known.std(ddof=0)) or 1.0
            columns.append(Column(str(name), start, mean, std, unit=(units or {}).get(str(name), "")))
            features.append(((values.to_numpy(float) - mean) / std).astype(np.float32)[:, None])
        else:
            kinds = tuple((order or {}).get(str(name)) or sorted(values.dropna().unique(), key=str))
            hot = (values.to_numpy()[:, None] == np.array(kinds, object)).astype(np.float32)
            hot[values.isna().to_numpy()] = np.nan
            usual = int(np.nansum(hot[train], 0).argmax())
            columns.append(Column(str(name), start, categories=kinds, usual=usual))
            features.append(hot)
    return np.concatenate(features, 1), tuple(columns)
