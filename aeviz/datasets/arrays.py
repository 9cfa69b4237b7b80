"""A data set from arrays in memory."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.labels import LABEL, as_array, given_labels
from aeviz.datasets.record import UNLABELLED, Dataset
from aeviz.errors import DataError
from aeviz.modalities.base import Modality, Scale
from aeviz.modalities.registry import MODALITIES

MIN_ITEMS = 8  # items: below, there are no neighbours to speak of
USUAL, TABLE, TEXT = "image", "table", "text"  # what an array, a pandas table and a list of texts are taken for


def dataset_of(
    items: Any,
    labels: Any = None,
    label_names: Sequence[str] | None = None,
    *,
    title: str = "Your data",
    modality: str = "",
    columns: Sequence[str] | None = None,
    scale: Scale | None = None,
) -> Dataset:
    """A data set for the pages that show it.

    items: a numpy array or a tensor: pictures (N, C, H, W) with one or three channels, (N, H, W) or (N, H, W, C),
    floats in [0, 1] or bytes from 0 to 255; series (N, C, T) or (N, T); rows (N, F); a pandas table, whose columns that
    are no numbers are categories; or a list of short texts. NaN is a missing value of a series or a row. labels: (N,)
    classes or numbers on a scale, (N, k), a mapping or a table of several, as `aeviz.datasets.labels.given_labels`
    takes them; or the name of a table's column that is to be left out of it; none means one class for all.
    label_names: of labels 0, 1, …. modality: a name in `aeviz.modalities.registry`; "" tells by the shape, where one
    alone has such a shape. columns: names of the columns of rows. scale: what the numbers mean, and that they are in
    its units; none takes them for values in their own units, and finds it out. Raises DataError with what was found and
    expected.
    """
    called = labels if isinstance(labels, str) else LABEL
    items, labels = _table(items, labels, columns)
    record = _modality(items, modality)
    try:
        prepared, meaning = (record.prepare(np.asarray(items)), scale) if scale else record.adopted(items)
    except DataError as error:
        others = [] if modality or hasattr(items, "columns") else _fitting(items)
        raise DataError(f"{error} {_asked(others)}" if record in others and len(others) > 1 else str(error)) from error
    if len(prepared) < MIN_ITEMS:
        raise DataError(f"{len(prepared)} items are too few: at least {MIN_ITEMS} are needed.")
    prepared.setflags(write=False)
    none = np.zeros(len(prepared), np.int64)
    made = Dataset(title, title, prepared, none, (UNLABELLED,), modality=record, scale=meaning)
    return given_labels(labels, label_names, len(prepared), called).on(made)


def _table(items: Any, labels: Any, columns: Sequence[str] | None) -> tuple[Any, Any]:
    """A pandas table, with its columns named and without that of the labels, and those; what is none as an array."""
    if not hasattr(items, "columns"):  # no pandas table
        array = as_array(items, "items")
        if columns is None:
            return array, labels
        import pandas as pd

        if array.ndim != 2 or array.shape[1] != len(columns):
            raise DataError(f"items have the shape {array.shape}: expected (N, {len(columns)}), a number a column.")
        items = pd.DataFrame(array, columns=list(columns))
    items = items.rename(columns=str)
    if not items.columns.is_unique:
        raise DataError("Two columns have one name.")
    if isinstance(labels, str):
        if labels not in items:
            raise DataError(f"There is no column {labels!r} to take labels from: expected one of {', '.join(items)}.")
        labels, items = items[labels].to_numpy(), items.drop(columns=labels)
        labels = labels.astype(str) if labels.dtype == object else labels
    return items, labels


def _modality(items: Any, stated: str) -> Modality:
    """The modality stated, or the one that items can be of by their type and shape. Raises DataError."""
    if stated:
        if stated not in MODALITIES:
            raise DataError(f"Unknown modality {stated!r}: expected one of {', '.join(MODALITIES)}.")
        return MODALITIES[stated]
    if hasattr(items, "columns"):
        return MODALITIES[TABLE]
    if items.ndim == 1 and items.dtype.kind == "U":
        return MODALITIES[TEXT]
    fitting = _fitting(items)
    if MODALITIES[USUAL] in fitting or not fitting:
        return MODALITIES[USUAL]
    if len(fitting) > 1:
        raise DataError(f"items have the shape {items.shape}, as several kinds of items have. {_asked(fitting)}")
    return fitting[0]


def _fitting(items: NDArray[Any]) -> list[Modality]:
    """The modalities whose items may have such a shape. Letters' probabilities look like any numbers: not writing's."""
    sample = np.zeros((1, *items.shape[1:]), np.float32)
    fitting = []
    for record in MODALITIES.values():
        with suppress(DataError):
            record.prepare(sample)
            fitting += [record] if record.texts is None else []
    return fitting


def _asked(records: Sequence[Modality]) -> str:
    named = " or ".join(f'modality="{record.name}" for {record.words.plural}' for record in records)
    return f"State {named}."
