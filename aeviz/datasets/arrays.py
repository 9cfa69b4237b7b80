"""A data set from arrays in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.sources import Dataset
from aeviz.errors import DataError

FEWEST = 8  # items: below, there are no neighbours to speak of
UNLABELLED = "unlabelled"


def dataset_of(
    items: Any, labels: Any = None, label_names: Sequence[str] | None = None, *, title: str = "Your data"
) -> Dataset:
    """A data set of pictures, for the pages that show them.

    items: (N, C, H, W) with one or three channels, (N, H, W), or (N, H, W, C), a numpy array or a tensor; floats in
    [0, 1], or bytes from 0 to 255. labels: (N,), numbers or words; none means one class for all. label_names: of
    labels 0, 1, …. Raises DataError with what was found and expected.
    """
    pictures = _scaled(_channels_first(_array(items, "items")))
    if len(pictures) < FEWEST:
        raise DataError(f"{len(pictures)} items are too few: at least {FEWEST} are needed.")
    numbers, names = _labels(labels, label_names, len(pictures))
    pictures.setflags(write=False)
    numbers.setflags(write=False)
    return Dataset(title, title, pictures, numbers, names)


def _array(value: Any, what: str) -> NDArray[Any]:
    if hasattr(value, "detach"):  # a tensor, wherever it is
        value = value.detach().cpu()
    array = np.asarray(value)
    if array.dtype == object:
        raise DataError(f"{what} are no array of one shape and type.")
    return array


def _channels_first(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 3:
        array = array[:, None]
    if array.ndim == 4 and array.shape[1] not in (1, 3) and array.shape[3] in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1] not in (1, 3) or min(array.shape[2:]) < 3:
        raise DataError(
            f"items have the shape {array.shape}: expected pictures (N, C, H, W) with one or three channels and at "
            "least 3 pixels a side, or grey ones (N, H, W)."
        )
    return array


def _scaled(array: NDArray[Any]) -> NDArray[np.float32]:
    if array.dtype == np.bool_:
        return array.astype(np.float32)
    if not np.issubdtype(array.dtype, np.number) or np.iscomplexobj(array):
        raise DataError(f"items are of type {array.dtype}: expected floats in [0, 1] or bytes from 0 to 255.")
    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    limit = 255 if np.issubdtype(array.dtype, np.integer) else 1
    if not (-1e-3 * limit <= low and high <= limit * 1.001):  # NaN fails as well
        raise DataError(
            f"items run from {low:g} to {high:g}: expected {'0 to 255' if limit == 255 else '0 to 1'}. Scale them; "
            "`values` of aeviz.explore says what range the model itself takes."
        )
    scaled: NDArray[np.float32] = np.clip(array.astype(np.float32) / np.float32(limit), 0, 1)
    return scaled


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
