"""Strided 3×3 convolutions and their mirror, for pictures."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn

from aeviz.model.bodies.base import NOISE
from aeviz.model.bodies.dense import mlp
from aeviz.model.config import Config
from aeviz.types import Shape

SHIFT = 0.1  # of a side, by which varied pictures are moved at most
TINT = 0.15  # by which the values of each channel are raised or lowered at most
HIDDEN = 0.4  # of a side, of the square that hides a part of them
GREY = 0.5  # its value


def varied(x: Tensor, strength: float) -> Tensor:
    """Pictures (N, C, H, W) moved and tinted, with noise and a part hidden, each by chance of its own.

    Differentiable augmentation (Zhao et al. 2020, with the square of DeVries and Taylor 2017): a network that learns
    from few pictures cannot know them by heart. strength: 1 for the constants above, 0 for none.
    """
    count, height, width = len(x), *x.shape[2:]
    reach = [round(strength * SHIFT * side) for side in (height, width)]
    row, column = (
        torch.arange(side, device=x.device) + torch.randint(-most, most + 1, (count, 1), device=x.device)
        for side, most in zip((height, width), reach, strict=True)
    )
    row, column = row.clamp(0, height - 1), column.clamp(0, width - 1)
    x = x[torch.arange(count, device=x.device)[:, None, None], :, row[:, :, None], column[:, None]].movedim(3, 1)
    x = x + strength * TINT * (2 * torch.rand(count, x.shape[1], 1, 1, device=x.device) - 1)
    x = x + strength * NOISE * torch.randn_like(x)
    hidden = [_stretches(count, side, round(strength * HIDDEN * side), x.device) for side in (height, width)]
    return torch.where(hidden[0][:, None, :, None] & hidden[1][:, None, None], x.new_tensor(GREY), x)


def _stretches(count: int, side: int, size: int, device: torch.device) -> Tensor:
    """Where stretches of a size lie along a side, (count, side): each anywhere, its middle within."""
    first = torch.randint(-(size // 2), side - size // 2, (count, 1), device=device)
    places = torch.arange(side, device=device)
    return (places >= first) & (places < first + size)


def _halvings(side: int, times: int) -> list[int]:
    """The side length before and after each strided convolution: 28 -> [28, 14, 7, 4]."""
    sides = [side]
    for _ in range(times):
        sides.append((sides[-1] + 1) // 2)
    return sides


class ConvEncoder(nn.Module):
    """(N, C, H, W) -> (N, hidden[-1]): each 3x3 convolution of stride 2 halves the picture."""

    as_sequence = "{layers}({x})"

    def __init__(self, shape: Shape, channels: Sequence[int], hidden: Sequence[int]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise([shape[0], *channels]):
            layers += [nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1), nn.SiLU()]
        height, width = (_halvings(side, len(channels))[-1] for side in shape[1:])
        flat = channels[-1] * height * width
        self.features = hidden[-1] if hidden else flat
        self.layers = nn.Sequential(*layers, nn.Flatten(), *mlp([flat, *hidden]))

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.layers(x)
        return features


class Upsample(nn.Module):
    """Double the picture by sub-pixel convolution (Shi et al. 2016), cropped to (height, width)."""

    def __init__(self, before: int, after: int, height: int, width: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(before, 4 * after, kernel_size=3, padding=1)
        self.height, self.width = height, width

    def forward(self, x: Tensor) -> Tensor:
        doubled = nn.functional.pixel_shuffle(self.convolution(x), 2)
        return doubled[..., : self.height, : self.width]


class ConvDecoder(nn.Module):
    """(N, d) -> logits (N, C, H, W), the mirror of `ConvEncoder`."""

    as_sequence = "{layers}({x})"

    def __init__(self, shape: Shape, latent_dim: int, channels: Sequence[int], hidden: Sequence[int]) -> None:
        super().__init__()
        heights, widths = (_halvings(side, len(channels))[::-1] for side in shape[1:])
        maps = [*reversed(channels), shape[0]]
        smallest = (maps[0], heights[0], widths[0])
        layers: list[nn.Module] = [*mlp([latent_dim, *reversed(hidden), prod(smallest)]), nn.Unflatten(1, smallest)]
        for (before, after), height, width in zip(pairwise(maps), heights[1:], widths[1:], strict=True):
            layers += [Upsample(before, after, height, width), nn.SiLU()]
        self.layers = nn.Sequential(*layers[:-1])  # the last stage gives logits

    def forward(self, z: Tensor) -> Tensor:
        logits: Tensor = self.layers(z)
        return logits


def build(config: Config) -> tuple[ConvEncoder, ConvDecoder]:
    """Convolutions of the widths `channels`, then dense layers `hidden`. Raises ValueError without any channels."""
    if not config.channels:
        raise ValueError("A conv network needs at least one number of channels.")
    encoder = ConvEncoder(config.shape, config.channels, config.hidden)
    decoder = ConvDecoder(config.shape, config.decoder_inputs, config.channels, config.hidden)
    # Channels-last convolutions take about two thirds of the time on a CPU.
    for body in (encoder, decoder):
        body.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return encoder, decoder
