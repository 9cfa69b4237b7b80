"""Pictures from arrays in memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.modalities.image.shapes import CHANNELS, MIN_SIDE


def prepare(array: NDArray[Any]) -> NDArray[np.float32]:
    """Pictures (N, C, H, W) in [0, 1] of an array (N, C, H, W), (N, H, W) or (N, H, W, C), floats or bytes.

    Raises DataError for another shape or range.
    """
    return _scaled(_channels_first(array))


def _channels_first(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 3:
        array = array[:, None]
    if array.ndim == 4 and array.shape[1] not in CHANNELS and array.shape[3] in CHANNELS:
        array = array.transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1] not in CHANNELS or min(array.shape[2:]) < MIN_SIDE:
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
