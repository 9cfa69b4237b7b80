"""The data sets of tables: sensors of a shuttle and wages."""

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from aeviz.datasets.files import unpacked
from aeviz.datasets.record import Source
from aeviz.datasets.splits import FullSet, by_chance
from aeviz.modalities.columns import Column, TableScale, rows_of

if TYPE_CHECKING:
    from pandas import DataFrame

UNITS = {"age": "years", "wage": "thousand dollars a year"}
NAMES = {"maritl": "marital status", "jobclass": "job class", "health_ins": "health insurance"}  # of columns of `wage`
KINDS = {  # and of their categories
    "<=Good": "good or worse",
    ">=Very Good": "very good or better",
    "< HS Grad": "no high school",
    "HS Grad": "high school",
    "Some College": "some college",
    "College Grad": "college",
    "Advanced Degree": "advanced degree",
}


def shuttle(source: Source) -> FullSet:
    """Rows (N, 9) of sensors in standard units of the training split; class 1: anomaly.

    Half, drawn with seed 0, is the test split. Raises DataError.
    """
    table = _table(source)
    labels = table.pop("anomaly").to_numpy(np.int64)
    train, test = by_chance(len(table), 0.5)
    items, columns = rows_of(table, train)
    return FullSet(items, labels, TableScale(columns=columns), train, test)


def wage(source: Source) -> FullSet:
    """Rows (N, 23) of people: year, age and wage in standard units, and six categories. Classes: education.

    `logwage` repeats `wage` and `region` is the same for all: both are left out. A fifth, with seed 0, is the test.
    """
    table = _table(source).drop(columns=["logwage", "region"])
    for name in table.select_dtypes(exclude="number"):
        table[name] = table[name].str.replace(r"^\d+\. ", "", regex=True)  # "1. White"
    order = [code for name in source.label_names for code, plain in KINDS.items() if plain == name]
    train, test = by_chance(len(table), 0.8)
    items, columns = rows_of(table, train, {"education": order}, UNITS)
    columns = tuple(map(_plain, columns))
    education = next(column for column in columns if column.name == "education")
    labels = items[:, education.features].argmax(1)
    return FullSet(items, labels, TableScale(columns=columns), train, test)


def _plain(column: Column) -> Column:
    """A column of `wage` and its categories, in the order of the file's own codes, by plain names."""
    categories = tuple(KINDS.get(kind, kind[:1] + kind[1:].lower()) for kind in column.categories)
    return replace(column, name=NAMES.get(column.name, column.name), categories=categories)


def _table(source: Source) -> "DataFrame":
    import pandas as pd

    (file,) = source.md5
    return pd.read_csv(io.BytesIO(unpacked(source, file)))
