"""Ways to damage a picture, and the classical filter that a denoising autoencoder is measured against.

Every function here takes pictures (N, C, H, W) in [0, 1] and gives back new ones of the same shape. Under one
seed a stronger corruption contains the weaker one: the same pixels stay changed and others join them, so that
a slider over the level changes only what it must.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from aeviz.modalities import missing


def gaussian(x: Tensor, level: float, generator: Generator) -> Tensor:
    """Add N(0, level²) to every value and clip to [0, 1]. x: (N, C, H, W); `generator` lives on x's device."""
    noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    return (x + level * noise).clamp_(0.0, 1.0)


def salt_and_pepper(x: Tensor, level: float, generator: Generator) -> Tensor:
    """Turn the share `level` of each item's pixels to 0 or 1 with equal chance, all channels alike.

    x: (N, C, H, W); `generator` lives on x's device.
    """
    changed = _some_pixels(x, level, generator)
    salt = torch.rand(changed.shape, generator=generator, device=x.device) < 0.5
    return torch.where(changed, salt.to(x.dtype), x)


def mask_pixels(x: Tensor, level: float, generator: Generator) -> Tensor:
    """Turn the share `level` of each item's pixels to 0, all channels alike (Vincent et al. 2010, masking noise).

    x: (N, C, H, W); `generator` lives on x's device.
    """
    return x.masked_fill(_some_pixels(x, level, generator), 0.0)


def mask_block(x: Tensor, level: float, generator: Generator) -> Tensor:
    """Turn one block of each item to 0; it has the picture's proportions and the share `level` of its area.

    x: (N, C, H, W); the sides are rounded to whole pixels. `generator` lives on x's device.
    """
    items, _, height, width = x.shape
    position = torch.rand(2, items, 1, generator=generator, device=x.device)
    rows = _interval(height, round(height * level**0.5), position[0])
    columns = _interval(width, round(width * level**0.5), position[1])
    return x.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0.0)


def _some_pixels(x: Tensor, level: float, generator: Generator) -> Tensor:
    """(N, 1, H, W) bool: exactly round(level·H·W) pixels of each item."""
    items, _, height, width = x.shape
    return missing.scattered(items, height * width, level, generator).view(items, 1, height, width)


def _interval(side: int, length: int, position: Tensor) -> Tensor:
    """(N, side) bool: `length` neighbouring cells; place: (N, 1) in [0, 1) says where between the two ends."""
    start = (position * (side - length + 1)).floor()
    cell = torch.arange(side, device=position.device)
    return (cell >= start) & (cell < start + length)


FUNCTIONS: dict[str, Callable[[Tensor, float, Generator], Tensor]] = {
    "gaussian": gaussian,
    "salt-pepper": salt_and_pepper,
    "mask": mask_pixels,
    "block": mask_block,
}


def median(x: Tensor, size: int = 3) -> Tensor:
    """Median of the size x size window around each pixel, each channel for itself, borders reflected.

    x: (N, C, H, W); `size` is odd. Raises ValueError otherwise.
    """
    if size < 1 or size % 2 == 0:
        raise ValueError(f"The window's side must be odd and positive, not {size}.")
    from scipy.ndimage import median_filter

    filtered = median_filter(x.detach().cpu().numpy(), size=(1, 1, size, size), mode="reflect")
    return torch.from_numpy(filtered).to(x.device)
