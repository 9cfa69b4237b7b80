"""Convolutions of stride 2 along one axis and their mirror, for series and texts."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import Tensor, nn

from aeviz.model.bodies.dense import mlp
from aeviz.model.config import Config
from aeviz.types import Shape


def _halvings(places: int, times: int) -> list[int]:
    """The number of places before and after each convolution of stride 2: 24 -> [24, 12, 6, 3]."""
    counts = [places]
    for _ in range(times):
        counts.append((counts[-1] + 1) // 2)
    return counts


class Conv1dEncoder(nn.Module):
    """(N, C, T) -> (N, hidden[-1]): each convolution of stride 2 halves the places. kernel: odd."""

    as_sequence = "{layers}({x})"

    def __init__(self, shape: Shape, channels: Sequence[int], hidden: Sequence[int], kernel: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise([shape[0], *channels]):
            layers += [nn.Conv1d(before, after, kernel, stride=2, padding=kernel // 2), nn.SiLU()]
        flat = channels[-1] * _halvings(shape[1], len(channels))[-1]
        self.features = hidden[-1] if hidden else flat
        self.layers = nn.Sequential(*layers, nn.Flatten(), *mlp([flat, *hidden]))

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.layers(x)
        return features


class Upsample1d(nn.Module):
    """Double the places by sub-pixel convolution (Shi et al. 2016), cropped to `places`."""

    def __init__(self, before: int, after: int, places: int, kernel: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(before, 2 * after, kernel, padding=kernel // 2)
        self.places = places

    def forward(self, x: Tensor) -> Tensor:
        pairs = self.convolution(x).unflatten(1, (-1, 2))  # channel 2c + i is place 2t + i of channel c
        doubled: Tensor = pairs.transpose(2, 3).flatten(2)
        return doubled[..., : self.places]


class Conv1dDecoder(nn.Module):
    """(N, d) -> logits (N, C, T), the mirror of `Conv1dEncoder`."""

    as_sequence = "{layers}({x})"

    def __init__(
        self, shape: Shape, latent_dim: int, channels: Sequence[int], hidden: Sequence[int], kernel: int
    ) -> None:
        super().__init__()
        places = _halvings(shape[1], len(channels))[::-1]
        maps = [*reversed(channels), shape[0]]
        smallest = (maps[0], places[0])
        layers: list[nn.Module] = [*mlp([latent_dim, *reversed(hidden), prod(smallest)]), nn.Unflatten(1, smallest)]
        for (before, after), count in zip(pairwise(maps), places[1:], strict=True):
            layers += [Upsample1d(before, after, count, kernel), nn.SiLU()]
        self.layers = nn.Sequential(*layers[:-1])  # the last stage gives logits

    def forward(self, z: Tensor) -> Tensor:
        logits: Tensor = self.layers(z)
        return logits


def build(config: Config, kernel: int) -> tuple[Conv1dEncoder, Conv1dDecoder]:
    """Convolutions of the widths `channels`, then dense layers `hidden`.

    Raises ValueError without any channels and for a kernel that is even.
    """
    if not config.channels:
        raise ValueError("A conv1d network needs at least one number of channels.")
    if kernel % 2 == 0:
        raise ValueError(f"The kernel of a conv1d network must be odd, not {kernel}.")
    return (
        Conv1dEncoder(config.shape, config.channels, config.hidden, kernel),
        Conv1dDecoder(config.shape, config.decoder_inputs, config.channels, config.hidden, kernel),
    )
