"""Fully connected layers, for items of any shape."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import Tensor, nn

from aeviz.model.config import Config
from aeviz.types import Shape


def mlp(widths: Sequence[int]) -> nn.Sequential:
    """Linear layers of the given widths, each followed by SiLU."""
    layers: list[nn.Module] = []
    for narrow, wide in pairwise(widths):
        layers += [nn.Linear(narrow, wide), nn.SiLU()]
    return nn.Sequential(*layers)


def keep_signals(stack: nn.Module) -> None:
    """Start a stack of layers so that signals neither fade nor grow on their way through it (He et al. 2015).

    With PyTorch's own start each layer with SiLU passes on about a tenth of a signal's variance: a stack of six
    begins to learn only after epochs.
    """
    for layer in stack.modules():
        if isinstance(layer, nn.Linear) and not layer.weight.is_meta:  # torch would import its compiler for that
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)


class DenseEncoder(nn.Module):
    """(N, *shape) -> (N, hidden[-1]) through fully connected layers."""

    as_sequence = "{layers}({x}.flatten(1))"

    def __init__(self, shape: Shape, hidden: Sequence[int]) -> None:
        super().__init__()
        self.features = hidden[-1] if hidden else prod(shape)
        self.layers = mlp([prod(shape), *hidden])
        if len(hidden) > 1:
            keep_signals(self.layers)

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.layers(x.flatten(1))
        return features


class DenseDecoder(nn.Module):
    """(N, d) -> logits (N, *shape), the mirror of `DenseEncoder`."""

    as_sequence = "{layers}({x}).unflatten(1, {shape})"

    def __init__(self, shape: Shape, latent_dim: int, hidden: Sequence[int]) -> None:
        super().__init__()
        self.shape = shape
        widths = [latent_dim, *reversed(hidden)]
        self.layers = nn.Sequential(*mlp(widths), nn.Linear(widths[-1], prod(shape)))
        if len(hidden) > 1:
            keep_signals(self.layers)

    def forward(self, z: Tensor) -> Tensor:
        logits: Tensor = self.layers(z).unflatten(1, self.shape)
        return logits


def build(config: Config) -> tuple[DenseEncoder, DenseDecoder]:
    """Layers of the widths `hidden`, the decoder's in reverse order."""
    return DenseEncoder(config.shape, config.hidden), DenseDecoder(config.shape, config.decoder_inputs, config.hidden)
