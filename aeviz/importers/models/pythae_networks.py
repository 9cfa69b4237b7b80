"""The networks that pythae offers for digits, small photographs and faces, built from the shapes of their weights.

Convolutional and residual, for pictures of 28 pixels in grey, and of 32 and 64 in colour; see
`pythae.models.nn.benchmarks` (github.com/clementchadebec/benchmark_VAE). Widths are read from the tensors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from aeviz.importers.models.layouts import is_aside
from aeviz.importers.models.portable import Layers as Portable
from aeviz.importers.models.weights import Tensors
from aeviz.model.chain import Chain, Residual, layers
from aeviz.types import Shape


@dataclass(frozen=True)
class Conv:
    """A convolution: kernel, stride, padding."""

    kernel: int
    stride: int
    padding: int


@dataclass(frozen=True)
class Up:
    """A transposed convolution: kernel, stride, padding, output padding."""

    kernel: int
    stride: int
    padding: int
    more: int = 0


NORM, RELU, SIGMOID, RESIDUAL, DENSE = "norm", "relu", "sigmoid", "residual", "dense"
Cell = Conv | Up | str
Layers = Sequence[Cell | tuple[Cell, ...]]  # a cell alone, or several in a row

_CONVOLUTIONAL: Layers = [(Conv(4, 2, 1), NORM, RELU)] * 4
_PAIR = (RESIDUAL, RESIDUAL)
ENCODERS: Mapping[Shape, Sequence[Layers]] = {
    (1, 28, 28): (_CONVOLUTIONAL, [(Conv(4, 2, 1),), (Conv(4, 2, 1),), (Conv(3, 2, 1),), _PAIR]),
    (3, 32, 32): (_CONVOLUTIONAL, [(Conv(4, 2, 1),), (Conv(4, 2, 1),), (Conv(3, 1, 1),), _PAIR]),
    (3, 64, 64): (
        _CONVOLUTIONAL,
        [(Conv(4, 2, 1),), (Conv(4, 2, 1),), (Conv(3, 2, 1),), (Conv(3, 2, 1),), _PAIR],
    ),
}
DECODERS: Mapping[Shape, Sequence[Layers]] = {  # the last has a sigmoid, which is left to whoever reads the logits
    (1, 28, 28): (
        [DENSE, (Up(3, 2, 1), NORM, RELU), (Up(3, 2, 1, 1), NORM, RELU), (Up(3, 2, 1, 1),)],
        [DENSE, Up(3, 2, 1), (*_PAIR, RELU), (Up(3, 2, 1, 1), RELU), (Up(3, 2, 1, 1),)],
    ),
    (3, 32, 32): (
        [DENSE, (Up(4, 2, 1), NORM, RELU), (Up(4, 2, 1, 1), NORM, RELU), (Up(4, 1, 2),)],
        [DENSE, _PAIR, (Up(4, 2, 1),), (Up(4, 2, 1),)],
    ),
    (3, 64, 64): (
        [(DENSE,), (Up(5, 2, 2), NORM, RELU), (Up(5, 2, 1), NORM, RELU), (Up(5, 2, 2, 1), NORM, RELU), (Up(5, 1, 1),)],
        [DENSE, Up(3, 2, 1), _PAIR, (Up(5, 2, 1), SIGMOID), (Up(5, 2, 1, 1),), (Up(4, 2, 1),)],
    ),
}
STARTS: Mapping[Shape, Sequence[int]] = {(1, 28, 28): (4, 4), (3, 32, 32): (8, 8), (3, 64, 64): (8, 4)}  # first maps


class BenchmarkNetwork(nn.Module):
    """One of these networks, with the names of pythae. codes: numbers of its heads. largest: numbers in a layer."""

    codes = largest = 0

    def __init__(self, encoder: nn.ModuleDict, decoder: nn.ModuleDict, start: int) -> None:
        super().__init__()
        self.encoder, self.decoder, self.start = encoder, decoder, start

    def heads(self, x: Tensor) -> Tensor:
        for layer in self.encoder["layers"]:  # type: ignore[attr-defined]
            x = layer(x)
        features = x.flatten(1)
        return torch.cat([self.encoder[name](features) for name in ("embedding", "log_var") if name in self.encoder], 1)

    def output(self, z: Tensor) -> Tensor:
        x = z
        for layer in self.decoder["layers"]:  # type: ignore[attr-defined]
            x = layer(x)
            x = x.reshape(len(z), -1, self.start, self.start) if x.ndim == 2 else x
        return x

    def in_layers(self) -> Portable:
        heads = [self.encoder[name] for name in ("embedding", "log_var") if name in self.encoder]
        down, up = (nn.Sequential(*half["layers"]) for half in (self.encoder, self.decoder))  # type: ignore[misc]
        decoder = [*layers([up])]
        last, dense = next((row, layer) for row, layer in enumerate(decoder) if isinstance(layer, nn.Linear))
        maps = nn.Unflatten(1, (dense.out_features // self.start**2, self.start, self.start))
        return Portable([down], heads, [*decoder[: last + 1], maps, *decoder[last + 1 :]])

    def chain(self) -> Chain:
        inner = self.in_layers()
        return Chain([*inner.encoder, nn.Flatten()], inner.heads, inner.decoder)


def benchmark(weights: Tensors, shape: Shape) -> BenchmarkNetwork | None:
    """The network of these weights for items of a shape, or None where they are of none of these."""
    weights = {name: value for name, value in weights.items() if not is_aside(name)}
    for encoder in ENCODERS.get(shape, ()):
        for decoder, start in zip(DECODERS.get(shape, ()), STARTS.get(shape, ()), strict=True):
            network = _built(encoder, decoder, start, weights, shape)
            if network is not None:
                return network
    return None


def _built(encoder: Layers, decoder: Layers, start: int, weights: Tensors, shape: Shape) -> BenchmarkNetwork | None:
    try:
        with torch.device("meta"):
            heads = {
                name: _module(DENSE, f"encoder.{name}", weights)
                for name in ("embedding", "log_var")
                if f"encoder.{name}.weight" in weights
            }
            down = nn.ModuleDict({"layers": _layers(encoder, "encoder.layers", weights), **heads})
            up = nn.ModuleDict({"layers": _layers(decoder, "decoder.layers", weights)})
            network = BenchmarkNetwork(down, up, start).eval()
    except (KeyError, ValueError, TypeError):  # a tensor is missing, or of another rank
        return None
    expected = {name: value.shape for name, value in network.state_dict().items() if not is_aside(name)}
    if expected != {name: value.shape for name, value in weights.items()} or "embedding" not in heads:
        return None
    if not _is_for(network, shape):
        return None
    counters = {name: torch.zeros((), dtype=torch.int64) for name in network.state_dict() if is_aside(name)}
    network.load_state_dict({**weights, **counters}, assign=True)
    return network


def _is_for(network: BenchmarkNetwork, shape: Shape) -> bool:
    """Whether it takes items of a shape to their like; notes its sizes. Nothing is computed but shapes."""
    sizes: list[int] = []
    hooks = [
        module.register_forward_hook(lambda module, inputs, output: sizes.append(output.numel()))
        for module in network.modules()
    ]
    try:
        with torch.device("meta"), torch.inference_mode():
            network.codes = network.heads(torch.zeros(1, *shape)).shape[1]
            code = network.codes // (2 if "log_var" in network.encoder else 1)
            same = tuple(network.output(torch.zeros(1, code)).shape[1:]) == shape
    except RuntimeError:  # they do not join
        return False
    finally:
        for hook in hooks:
            hook.remove()
    network.largest = max(sizes)
    return same


def _layers(layers: Layers, prefix: str, weights: Tensors) -> nn.ModuleList:
    return nn.ModuleList(
        nn.Sequential(*(_module(cell, f"{prefix}.{row}.{place}", weights) for place, cell in enumerate(layer)))
        if isinstance(layer, tuple)
        else _module(layer, f"{prefix}.{row}", weights)
        for row, layer in enumerate(layers)
    )


def _module(cell: Cell, name: str, weights: Tensors) -> nn.Module:
    if cell == RELU:
        return nn.ReLU()
    if cell == SIGMOID:
        return nn.Sigmoid()
    if cell == NORM:
        return nn.BatchNorm2d(len(weights[f"{name}.running_mean"]))
    if cell == RESIDUAL:
        inner, channels, _, _ = weights[f"{name}.conv_block.1.weight"].shape
        return Residual(nn.ReLU(), nn.Conv2d(channels, inner, 3, padding=1), nn.ReLU(), nn.Conv2d(inner, channels, 1))
    if cell == DENSE:
        after, before = weights[f"{name}.weight"].shape
        return nn.Linear(before, after)
    before, after, _, _ = weights[f"{name}.weight"].shape
    if isinstance(cell, Up):
        return nn.ConvTranspose2d(before, after, cell.kernel, cell.stride, cell.padding, cell.more)
    if isinstance(cell, Conv):
        return nn.Conv2d(after, before, cell.kernel, cell.stride, cell.padding)
    raise ValueError(f"Unknown cell {cell!r}.")
