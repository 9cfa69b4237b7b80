"""Pictures as tiles: what every view, sheet and file is made of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def tiles(items: NDArray[Any]) -> NDArray[np.uint8]:
    """Pictures (N, C, H, W) in [0, 1], clipped, or uint8 as recordings keep them, as tiles (N, H, W, C) uint8."""
    levels = items if items.dtype == np.uint8 else np.rint(np.clip(items, 0, 1) * 255).astype(np.uint8)
    return levels.transpose(0, 2, 3, 1)
