"""A foreign network as a list of layers, as `aeviz/parts/js/engine/bodies.js` reads it to run it in a browser."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from aeviz.model.chain import layers as one_by_one
from aeviz.model.config import Config

Record = dict[str, Any]
UNKNOWN_LAYERS = "It is no chain of layers that the engine of the browser knows."
LEAK = 0.01  # of the engine's leaky ReLU
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
RESIZING = (nn.MaxPool2d, nn.AvgPool2d, nn.Upsample)


@dataclass(frozen=True)
class Layers:
    """A network's layers in the order in which an item and a code pass them.

    encoder, heads, decoder: modules, or sequences of them; heads give means, then log-variances if any. smallest:
    (C, h, w), as which the decoder is read behind the first `flat` of its layers; None where the last one gives the
    item.
    """

    encoder: Sequence[nn.Module]
    heads: Sequence[nn.Linear]
    decoder: Sequence[nn.Module]
    smallest: tuple[int, ...] | None = None
    flat: int = 1


@runtime_checkable
class Layered(Protocol):
    """A network that tells its layers one by one."""

    def in_layers(self) -> Layers: ...


def portable(
    config: Config, layers: Layers, mean: Tensor, std: Tensor, last: str, activations: Mapping[str, type[nn.Module]]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """A config of the body "layers", and its weights: what it encodes and decodes is what the network does.

    mean, std: of each channel, as the network is fed (x - mean) / std. last: the output, "sigmoid", "tanh" or "linear".
    activations: by the engine's names. Batch normalisation is folded into the convolution before it; a log-variance
    becomes log σ. Raises ValueError for a layer that has no record.
    """
    names = {cls: name for name, cls in activations.items()}
    weights: dict[str, Tensor] = {}
    mean, std = mean.flatten(), std.flatten()
    encoder = [
        {"kind": "scale", "factor": (1 / std).tolist(), "shift": (-mean / std).tolist()},
        *_records(layers.encoder, "encoder", weights, names),
    ]
    decoder = _records(layers.decoder, "decoder", weights, names)
    if layers.smallest:
        decoder.insert(layers.flat, {"kind": "unflatten", "shape": [*layers.smallest]})
    else:
        decoder.append({"kind": "unflatten", "shape": _sides(config.shape)})
    if last != "sigmoid":
        decoder += [{"kind": "activation", "name": "tanh"}] if last == "tanh" else []
        decoder.append({"kind": "scale", "factor": std.tolist(), "shift": mean.tolist()})
    for tensor in ("weight", "bias"):
        values = torch.cat([_of(layer, tensor) for layer in layers.heads])
        halves = torch.ones(len(values), device=values.device)
        halves[config.latent_dim :] = 0.5  # log σ = log σ² / 2
        weights[f"head.{tensor}"] = values * (halves[:, None] if tensor == "weight" else halves)
    shown = {"likelihood": "bce", "output": "sigmoid" if last == "sigmoid" else "linear"}
    listed = {"body": "layers", "layers": {"encoder": encoder, "decoder": decoder}}
    return {**asdict(config), **shown, **listed}, weights


def _sides(shape: tuple[int, ...]) -> list[int]:
    """Channels, height and width of an item."""
    return [*shape] if len(shape) == 3 else [shape[0], 1, *(shape[1:] or (1,))]


def _records(
    modules: Sequence[nn.Module], name: str, weights: dict[str, Tensor], activations: Mapping[type[nn.Module], str]
) -> list[Record]:
    """The records of all layers in modules, one after another; their weights go into `weights`."""
    records: list[Record] = []
    for layer in one_by_one(modules):
        if isinstance(layer, NORMS):
            if not records or "name" not in records[-1]:
                raise ValueError("The engine of the browser normalises behind a layer of weights alone.")
            _fold(layer, records[-1], weights)
        elif isinstance(layer, nn.LeakyReLU) and layer.negative_slope != LEAK:
            raise ValueError(f"The engine of the browser has no leak of {layer.negative_slope}.")
        elif type(layer) in activations:
            records.append({"kind": "activation", "name": activations[type(layer)]})
        else:
            records.append(_resized(layer) if isinstance(layer, RESIZING) else _weighted(layer, name, records, weights))
    return records


def _weighted(layer: nn.Module, half: str, records: Sequence[Record], weights: dict[str, Tensor]) -> Record:
    record = {**_record(layer), "name": f"{half}.{len(records)}"}
    for tensor in ("weight", "bias"):
        weights[f"{record['name']}.{tensor}"] = _of(layer, tensor)
    return record


def _resized(layer: nn.Module) -> Record:
    """The record of a layer that makes a map smaller or larger by a whole number."""
    match layer:
        case nn.MaxPool2d(kernel_size=int(side), stride=stride, padding=0, dilation=1, ceil_mode=False) if (
            stride == side
        ):
            return {"kind": "pooling", "mode": "max", "side": side}
        case nn.AvgPool2d(kernel_size=int(side), stride=stride, padding=0, ceil_mode=False, divisor_override=None) if (
            stride == side
        ):
            return {"kind": "pooling", "mode": "average", "side": side}
        case nn.Upsample(
            size=None, scale_factor=float(factor), mode="nearest" | "bilinear" as mode, align_corners=corners
        ) if factor.is_integer() and not corners:
            return {"kind": "enlarging", "mode": mode, "factor": int(factor)}
        case _:
            raise ValueError(f"The engine of the browser has no {layer}.")


def layer_names(layers: Layers) -> dict[str, nn.Module]:
    """The modules of a network by the names that their weights have in what `portable` makes."""
    names: dict[str, nn.Module] = {}
    for half, modules in (("encoder", layers.encoder), ("decoder", layers.decoder)):
        row = 0
        for layer in one_by_one(modules):
            folded = isinstance(layer, NORMS)  # into the one before it
            names[f"{half}.{row - 1}.norm" if folded else f"{half}.{row}"] = layer
            row += not folded
    for row, layer in enumerate(layers.heads):
        names["head" if row == 0 else f"head.{row}"] = layer
    return names


def _record(layer: nn.Module) -> Record:
    match layer:
        case nn.Linear():
            return {"kind": "linear", "outputs": layer.out_features}
        case nn.Conv2d():
            return {"kind": "convolution", **_kernel(layer)}
        case nn.ConvTranspose2d():
            return {"kind": "transposed", **_kernel(layer), "extra": [*layer.output_padding]}
        case _:
            raise ValueError(f"The engine of the browser has no {type(layer).__name__}.")


def _kernel(layer: nn.Conv2d | nn.ConvTranspose2d) -> Record:
    sides = {"kernel": layer.kernel_size, "stride": layer.stride, "padding": layer.padding}
    return {"outputs": layer.out_channels, **{name: [*map(int, values)] for name, values in sides.items()}}


def _of(layer: nn.Module, tensor: str) -> Tensor:
    """A layer's weight or bias; zeros where it has no bias."""
    value: Tensor | None = getattr(layer, tensor)
    if value is not None:
        return value
    weight = layer.weight
    assert isinstance(weight, Tensor)
    outputs = weight.shape[1] if isinstance(layer, nn.ConvTranspose2d) else weight.shape[0]
    return torch.zeros(outputs, device=weight.device)


def _fold(norm: nn.BatchNorm1d | nn.BatchNorm2d, record: Record, weights: dict[str, Tensor]) -> None:
    """Batch normalisation of a trained network, (y - mean) / √(var + ε) · γ + β, within the convolution before it."""
    assert norm.running_var is not None
    assert norm.running_mean is not None
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    weight, bias = (f"{record['name']}.{tensor}" for tensor in ("weight", "bias"))
    axis = {"transposed": (1, -1, 1, 1), "linear": (-1, 1)}.get(record["kind"], (-1, 1, 1, 1))
    weights[weight] = weights[weight] * factor.reshape(axis)
    weights[bias] = (weights[bias] - norm.running_mean) * factor + norm.bias
