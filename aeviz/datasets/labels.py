"""Labels of items: classes, or numbers on a continuous scale; one column of them, or several."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import UNLABELLED, Dataset
from aeviz.errors import DataError
from aeviz.modalities.base import Facet

MAX_CLASSES = 100  # different values that are classes; more numbers are a scale, more words are none
MANY = 20  # different whole numbers, up to which they are classes whatever they are
QUANTITY = re.compile(
    r"(?<![a-z])(ages?|years?|months?|days?|hours?|minutes?|seconds?|time|dates?|weight|height|width|length|depth|size|"
    r"distance|angle|degrees|temperature|pressure|price|cost|income|wage|score|bmi|dose|mass|speed|amount)(?![a-z])",
    re.IGNORECASE,
)  # titles of columns that measure
LABEL = "label"  # what labels without a name are called
MISSING = "none stated"


@dataclass(frozen=True)
class Labels:
    """Labels of N items.

    numbers: (N,) the class of each, in 0 … K-1. names: of the K classes. columns: whatever may colour the items, (N,)
    each. column: the title of that which gives the labels, "" where there is none; a continuous one leaves all items in
    one class.
    """

    numbers: NDArray[np.int64]
    names: tuple[str, ...]
    columns: tuple[Facet, ...] = ()
    column: str = ""

    def on(self, data: Dataset) -> Dataset:
        """A data set of N items with these labels."""
        self.numbers.setflags(write=False)
        return replace(
            data, labels=self.numbers, label_names=self.names, columns=self.columns, label_column=self.column
        )

    def of_rows(self, rows: NDArray[np.int64]) -> "Labels":
        """Those of some of the items."""
        columns = tuple(replace(column, values=column.values[rows]) for column in self.columns)
        return replace(self, numbers=self.numbers[rows], columns=columns)

    def by(self, column: str) -> "Labels":
        """With another of the columns as the label. Raises DataError for one that there is not."""
        facet = next((choice for choice in self.columns if choice.title == column), None)
        if facet is None:
            known = ", ".join(choice.title for choice in self.columns) or "nothing"
            raise DataError(f"There are no labels {column!r}: expected one of {known}.")
        if facet.names:
            return replace(self, numbers=facet.values.astype(np.int64), names=facet.names, column=column)
        return replace(self, numbers=np.zeros(len(self.numbers), np.int64), names=(UNLABELLED,), column=column)


def unlabelled(count: int) -> Labels:
    """No labels: all items are of one class."""
    return Labels(np.zeros(count, np.int64), (UNLABELLED,))


def labels_of(data: Dataset) -> Labels:
    """The labels of a data set."""
    return Labels(data.labels, data.label_names, data.columns, data.label_column)


def of_columns(columns: Sequence[Facet], count: int, column: str | None = None) -> Labels:
    """Several columns of labels of `count` items; column: that which gives them; None takes the first of classes.

    "" takes none of them. Raises DataError for one that there is not.
    """
    labels = replace(unlabelled(count), columns=tuple(columns))
    if column == "" or (column is None and not columns):
        return labels
    usual = next((facet for facet in columns if facet.names), columns[0] if columns else None)
    return labels.by(usual.title if column is None and usual else column or "")


def given_labels(labels: Any, names: Sequence[str] | None, count: int, column: str = LABEL) -> Labels:
    """Labels as a program holds them. Raises DataError.

    labels: (N,) whole numbers or words; (N,) numbers on a scale; (N, k), a mapping or a table, which are several
    columns; or None. names: of classes 0, 1, …. column: what the labels are called.
    """
    if labels is None:
        return replace(unlabelled(count), names=(names[0] if names else UNLABELLED,))
    if named := _columns(labels):
        facets = [label_column(_checked(values, title, count), title) for title, values in named.items()]
        telling = [facet for facet in facets if facet and tells_apart(facet)]
        if not telling:
            raise DataError("None of the columns of labels tells the items apart, or has few enough different words.")
        return of_columns(telling, count)
    array = _checked(labels, "labels", count)
    if names is not None:
        return Labels(*_named(array, names))
    facet = label_column(array, column)
    if facet is not None:
        return of_columns([facet], count) if not facet.names else Labels(facet.values.astype(np.int64), facet.names)
    known, numbers = np.unique(array, return_inverse=True)
    return Labels(numbers.astype(np.int64), tuple(label_text(name) for name in known.tolist()))


def is_continuous(values: NDArray[Any], title: str = "") -> bool:
    """Whether labels (N,) are numbers on a scale.

    They are where they are not all whole, or of more different values than classes may be; and where more than `MANY`
    whole numbers leave some out between the least and the greatest or begin at neither 0 nor 1, as ages do and
    numbered classes do not, or where their title is that of a quantity.
    """
    if values.dtype.kind not in "iuf":
        return False
    known = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if bool((known != known.round()).any()):
        return True
    different = np.unique(known)
    if not MANY < len(different) <= MAX_CLASSES:
        return len(different) > MAX_CLASSES
    low, high = float(different[0]), float(different[-1])
    numbered = low in {0, 1} and high - low + 1 == len(different)
    return not numbered or QUANTITY.search(title) is not None


def label_column(values: NDArray[Any], title: str, names: Sequence[str] = ()) -> Facet | None:
    """Labels (N,) as what may colour items: classes or numbers on a scale; None for too many different words.

    names: of classes 0, 1, …, where they are known.
    """
    whole = values.dtype.kind in "iu" and len(values) and values.min() >= 0
    named = len(names) and whole and values.max() < len(names)
    if not named and is_continuous(values, title):
        return Facet(title, values.astype(np.float32))
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        values = np.array([f"{value:.0f}" if np.isfinite(value) else MISSING for value in values])
    known, numbers = np.unique(values, return_inverse=True)
    if len(known) > MAX_CLASSES:
        return None
    if len(names) and values.dtype.kind in "iuf" and known.min() >= 0 and known.max() < len(names):
        return Facet(title, values.astype(np.float32), names=tuple(map(str, names)))
    return Facet(title, numbers.astype(np.float32), names=tuple(map(label_text, known.tolist())))


def tells_apart(column: Facet) -> bool:
    """Whether not all items have the same label."""
    return not bool((column.values == column.values[:1]).all())


def cells_as_labels(cells: Sequence[str], title: str = "") -> NDArray[Any]:
    """Cells (N,) as numbers, NaN for empty ones, where all others are numbers on a scale; else as they are."""
    try:
        numbers = np.array([float(cell) if cell.strip() else np.nan for cell in cells])
    except ValueError:
        return np.array(cells)
    return numbers if np.isfinite(numbers).any() and is_continuous(numbers, title) else np.array(cells)


def label_text(value: object) -> str:
    """A class's name: whole numbers without their point, bytes as text, at most 60 printable letters."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text)[:60]


def as_array(values: Any, name: str) -> NDArray[Any]:
    """An array or a tensor as an array of numbers or words. Raises DataError."""
    if hasattr(values, "detach"):  # a tensor, wherever it is
        values = values.detach().cpu()
    array = np.asarray(values)
    if array.dtype == object and array.size and all(isinstance(value, str) for value in array.flat):
        return array.astype(str)
    if array.dtype == object:
        raise DataError(f"{name} must be an array of one shape and type.")
    return array


def _columns(labels: Any) -> dict[str, NDArray[Any]]:
    """Several columns of labels by name; {} where there is one alone."""
    if hasattr(labels, "columns"):  # a pandas table
        return {str(name): _plain(labels[name].to_numpy(), str(name)) for name in labels}
    if isinstance(labels, Mapping):
        return {str(name): _plain(values, str(name)) for name, values in labels.items()}
    array = as_array(labels, "labels")
    if array.ndim != 2 or array.shape[1] < 2:
        return {}
    return {f"{LABEL} {place}": array[:, place] for place in range(array.shape[1])}


def _plain(values: Any, name: str) -> NDArray[Any]:
    array = np.asarray(values)
    return array.astype(str) if array.dtype == object else as_array(values, name)


def _checked(labels: Any, name: str, count: int) -> NDArray[Any]:
    array = as_array(labels, name)
    if array.shape != (count,):
        raise DataError(f"{name} have the shape {array.shape}: expected ({count},), one for each item.")
    if array.dtype.kind == "f" and not np.isfinite(array).any():
        raise DataError(f"{name} hold no finite number.")
    return array


def _named(array: NDArray[Any], names: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if not np.issubdtype(array.dtype, np.integer) or array.min() < 0 or array.max() >= len(names):
        raise DataError(f"labels must be whole numbers from 0 to {len(names) - 1}, for there are {len(names)} names.")
    return array.astype(np.int64), tuple(map(str, names))
