"""A data set from arrays in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.modalities.base import Scale
from aeviz.modalities.registry import MODALITIES

MIN_ITEMS = 8  # items: below, there are no neighbours to speak of
UNLABELLED = "unlabelled"


def dataset_of(
    items: Any,
    labels: Any = None,
    label_names: Sequence[str] | None = None,
    *,
    title: str = "Your data",
    modality: str = "image",
    scale: Scale | None = None,
) -> Dataset:
    """A data set for the pages that show it.

    items: a numpy array or a tensor of what the modality takes; pictures are (N, C, H, W) with one or three channels,
    (N, H, W), or (N, H, W, C), floats in [0, 1] or bytes from 0 to 255. labels: (N,), numbers or words; none means one
    class for all. label_names: of labels 0, 1, …. modality: a name in `aeviz.modalities.registry`. scale: what the
    numbers mean; none takes what is usual. Raises DataError with what was found and expected.
    """
    record = MODALITIES[modality]
    prepared = record.prepare(_array(items, "items"))
    if len(prepared) < MIN_ITEMS:
        raise DataError(f"{len(prepared)} items are too few: at least {MIN_ITEMS} are needed.")
    numbers, names = _labels(labels, label_names, len(prepared))
    prepared.setflags(write=False)
    numbers.setflags(write=False)
    return Dataset(title, title, prepared, numbers, names, modality=record, scale=scale or record.scale)


def _array(value: Any, name: str) -> NDArray[Any]:
    if hasattr(value, "detach"):  # a tensor, wherever it is
        value = value.detach().cpu()
    array = np.asarray(value)
    if array.dtype == object:
        raise DataError(f"{name} must be an array of one shape and type.")
    return array


def _labels(labels: Any, names: Sequence[str] | None, count: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if labels is None:
        return np.zeros(count, np.int64), (names[0] if names else UNLABELLED,)
    array = _array(labels, "labels")
    if array.shape != (count,):
        raise DataError(f"labels have the shape {array.shape}: expected ({count},), one for each item.")
    if names is None:
        known, numbers = np.unique(array, return_inverse=True)
        return numbers.astype(np.int64), tuple(str(name) for name in known)
    if not np.issubdtype(array.dtype, np.integer) or array.min() < 0 or array.max() >= len(names):
        raise DataError(f"labels must be whole numbers from 0 to {len(names) - 1}, for there are {len(names)} names.")
    return array.astype(np.int64), tuple(map(str, names))
