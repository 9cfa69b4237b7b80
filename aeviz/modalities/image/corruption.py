"""Ways to damage a picture, and the classical filter that a denoising autoencoder is measured against.

Every function here takes pictures (N, C, H, W) in [0, 1] and gives back new ones of the same shape. Under one
seed a stronger corruption contains the weaker one: the same pixels stay changed and others join them, so that
a slider over the level changes only what it must.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from aeviz.modalities import missing
from aeviz.modalities.base import Place

BRIGHTNESS = (0.299, 0.587, 0.114)


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


def mask_block(x: Tensor, level: float, generator: Generator, place: Place | None = None) -> Tensor:
    """Turn one block of each item to 0; it has the picture's proportions and the share `level` of its area.

    x: (N, C, H, W); the sides are rounded to whole pixels. `generator` lives on x's device. place: (y, x) in [0, 1] of
    the block's middle, which is moved until the block lies within the picture; None takes one by chance for each item.
    """
    items, _, height, width = x.shape
    lengths = [round(side * level**0.5) for side in (height, width)]
    if place is None:
        position = torch.rand(2, items, 1, generator=generator, device=x.device)
        rows, columns = _interval(height, lengths[0], position[0]), _interval(width, lengths[1], position[1])
    else:
        rows, columns = (
            _around(side, length, middle, x.device).expand(items, side)
            for side, length, middle in zip((height, width), lengths, place, strict=True)
        )
    return x.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0.0)


def mask_half(x: Tensor, level: float, generator: Generator, place: Place | None = None) -> Tensor:
    """Turn the share `level` of each item's area to 0, from one of its four edges on.

    x: (N, C, H, W); whole rows or columns. `generator` lives on x's device. place: (y, x) in [0, 1], whose nearest edge
    it is; None takes one by chance for each item.
    """
    items, _, height, width = x.shape
    if place is None:
        edge = torch.randint(4, (items,), generator=generator, device=x.device)
    else:
        distances = (place[0], 1 - place[0], place[1], 1 - place[1])
        edge = torch.full((items,), distances.index(min(distances)), device=x.device)
    rows, columns = (torch.arange(side, device=x.device) for side in (height, width))
    deep, wide = round(height * level), round(width * level)
    lost = [rows[:, None] < deep, rows[:, None] >= height - deep, columns < wide, columns >= width - wide]
    masks = torch.stack([mask.expand(height, width) for mask in lost])
    return x.masked_fill(masks[edge][:, None], 0.0)


def low_resolution(x: Tensor, level: float, generator: Generator) -> Tensor:
    """The mean of each square of `level` by `level` pixels in all of them. x: (N, C, H, W), sides divisible by it.

    What a picture of fewer pixels shows, in the shape that it had.
    """
    factor = round(level)
    small = torch.nn.functional.avg_pool2d(x, factor)
    return small.repeat_interleave(factor, 2).repeat_interleave(factor, 3)


def grey(x: Tensor, level: float, generator: Generator) -> Tensor:
    """The brightness of each pixel in all three channels. x: (N, 3, H, W)."""
    return brightness(x).expand(x.shape).clone()


def brightness(x: Tensor) -> Tensor:
    """(N, 1, H, W): 0.299 R + 0.587 G + 0.114 B of pictures x (N, 3, H, W), by ITU-R BT.601, as Pillow's mode "L"."""
    weights = torch.tensor(BRIGHTNESS, device=x.device, dtype=x.dtype)
    return (x * weights[:, None, None]).sum(1, keepdim=True)


def _some_pixels(x: Tensor, level: float, generator: Generator) -> Tensor:
    """(N, 1, H, W) bool: exactly round(level·H·W) pixels of each item."""
    items, _, height, width = x.shape
    return missing.scattered(items, height * width, level, generator).view(items, 1, height, width)


def _interval(side: int, length: int, position: Tensor) -> Tensor:
    """(N, side) bool: `length` neighbouring cells; place: (N, 1) in [0, 1) says where between the two ends."""
    start = (position * (side - length + 1)).floor()
    cell = torch.arange(side, device=position.device)
    return (cell >= start) & (cell < start + length)


def _around(side: int, length: int, middle: float, device: torch.device) -> Tensor:
    """(1, side) bool: `length` neighbouring cells about the share `middle` of the side, all within it."""
    start = min(max(round(middle * side - length / 2), 0), side - length)
    cell = torch.arange(side, device=device)[None]
    return (cell >= start) & (cell < start + length)


FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "gaussian": gaussian,
    "salt-pepper": salt_and_pepper,
    "mask": mask_pixels,
    "block": mask_block,
    "half": mask_half,
    "low-resolution": low_resolution,
    "grey": grey,
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
