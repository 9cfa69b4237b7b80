"""Strided 3×3 convolutions and their mirror, for pictures."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn

from aeviz.model.bodies.dense import mlp
from aeviz.model.config import Config
from aeviz.types import Shape


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
