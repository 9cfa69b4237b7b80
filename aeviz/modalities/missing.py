"""Values that are not there, in items of any modality that can miss some: NaN stands for each."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor


def scattered(count: int, places: int, level: float, generator: "Generator") -> "Tensor":
    """(count, places) bool: exactly round(level · places) places of each item.

    Under one seed those of a lower level are among those of a higher one. On the generator's device.
    """
    import torch

    order = torch.rand(count, places, generator=generator, device=generator.device).argsort(1)
    chosen = torch.zeros_like(order, dtype=torch.bool)
    chosen.scatter_(1, order[:, : round(level * places)], True)
    return chosen


def stretch(count: int, places: int, level: float, generator: "Generator") -> "Tensor":
    """(count, places) bool: round(level · places) neighbouring places of each item, somewhere in it."""
    import torch

    length = round(level * places)
    middle = torch.rand(count, 1, generator=generator, device=generator.device) * places
    start = (middle - length / 2).round().clamp(0, places - length)
    index = torch.arange(places, device=generator.device)
    return (index >= start) & (index < start + length)
