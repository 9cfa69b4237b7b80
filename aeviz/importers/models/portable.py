"""A foreign network as a list of layers, as `aeviz/parts/js/engine/bodies.js` reads it to run it in a browser."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from aeviz.model.chain import Residual
from aeviz.model.chain import layers as one_by_one
from aeviz.model.config import Config

Record = dict[str, Any]
WITH_OUTPUTS_FIRST = {"linear", "convolution"}  # layers whose weights can be those of two, one behind the other
FOLLOWING = {"activation", "scale", "pooling"}
WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
RESIZING = (nn.MaxPool2d, nn.AvgPool2d, nn.Upsample)


@dataclass(frozen=True)
class Layers:
    """A network's layers in the order in which an item and a code pass them.

    encoder, decoder: modules, or sequences of them. heads: of the means, and of the log-variances where these have one
    of their own; each a layer of weights, or a sequence that begins with one. swapped: whether a head that gives both
    gives log-variances first. is_std: whether they are log σ, not log σ².
    """

    encoder: Sequence[nn.Module]
    heads: Sequence[nn.Module]
    decoder: Sequence[nn.Module]
    swapped: bool = False
    is_std: bool = False


@runtime_checkable
class Layered(Protocol):
    """A network that tells its layers one by one."""

    def in_layers(self) -> Layers: ...


def layers_of(network: object) -> Layers:
    """The layers of a network. Raises ValueError for one that does not tell them, or has one that the engine lacks."""
    if not isinstance(network, Layered):
        raise ValueError("It is no chain of layers that the engine of the browser knows.")
    return network.in_layers()


def portable(
    config: Config, layers: Layers, mean: Tensor, std: Tensor, last: str, activations: Mapping[str, type[nn.Module]]
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """A config of the body "layers", and its weights: what it encodes and decodes is what the network does.

    mean, std: of each channel, as the network is fed (x - mean) / std. last: the output, "sigmoid", "tanh" or "linear".
    activations: by the engine's names. Batch normalisation is folded into the convolution before it; a log-variance
    becomes log σ; heads become one. Raises ValueError for a layer that has no record.
    """
    names = {cls: name for name, cls in activations.items()}
    weights: dict[str, Tensor] = {}
    mean, std = mean.flatten(), std.flatten()
    encoder = [
        {"kind": "scale", "factor": (1 / std).tolist(), "shift": (-mean / std).tolist()},
        *_records(layers.encoder, "encoder", weights, names),
    ]
    decoder = _records(layers.decoder, "decoder", weights, names)
    if all(record["kind"] != "unflatten" for record in decoder):
        decoder.append({"kind": "unflatten", "shape": _sides(config.shape)})
    if last != "sigmoid":
        decoder += [{"kind": "activation", "name": "tanh"}] if last == "tanh" else []
        decoder.append({"kind": "scale", "factor": std.tolist(), "shift": mean.tolist()})
    head = _head(layers, config.code == "gaussian", weights, names)
    shown = {"likelihood": "bce", "output": "sigmoid" if last == "sigmoid" else "linear"}
    listed: dict[str, Any] = {"encoder": encoder, "decoder": decoder}
    if len(head) > 1 or head[0]["kind"] != "linear":
        listed["head"] = head
    return {**asdict(config), **shown, "body": "layers", "layers": listed}, weights


def _head(
    layers: Layers, has_spread: bool, weights: dict[str, Tensor], names: Mapping[type[nn.Module], str]
) -> list[Record]:
    """The records of one head for means and log σ, whose weights are those of all heads."""
    made: list[tuple[list[Record], dict[str, Tensor]]] = []
    for module in layers.heads:
        own: dict[str, Tensor] = {}
        made.append((_records([module], "head", own, names), own))
    (first, *tail), own = made[0]
    alike = all({**records[0], "name": first["name"]} == first and records[1:] == tail for records, _ in made)
    scaled = all(record["kind"] == "pooling" for record in tail)  # by what makes log σ of log σ²
    weighted = first["kind"] in WITH_OUTPUTS_FIRST and all(record["kind"] in FOLLOWING for record in tail)
    if not (alike and weighted and (scaled or not has_spread)):
        raise ValueError("The engine of the browser has no heads of this kind.")
    for tensor in ("weight", "bias"):
        values = torch.cat([own[f"{first['name']}.{tensor}"] for _, own in made])
        if has_spread:
            means, spreads = values.chunk(2)[:: -1 if layers.swapped else 1]
            values = torch.cat([means, spreads if layers.is_std else spreads / 2])  # log σ = log σ² / 2
        weights[f"head.{tensor}"] = values
    return [{**first, "name": "head", "outputs": len(weights["head.bias"])}, *tail]


def _sides(shape: tuple[int, ...]) -> list[int]:
    """Channels, height and width of an item."""
    return [*shape] if len(shape) == 3 else [shape[0], 1, *(shape[1:] or (1,))]


def _records(
    modules: Sequence[nn.Module], name: str, weights: dict[str, Tensor], activations: Mapping[type[nn.Module], str]
) -> list[Record]:
    """The records of all layers in modules, one after another; their weights go into `weights`."""
    records: list[Record] = []
    for _, layer, folded in _rows(modules):
        if folded:
            _fold(layer, records[-1], weights)
        elif isinstance(layer, NORMS):
            factor, shift = _factors(layer)
            records.append({"kind": "scale", "factor": factor.tolist(), "shift": shift.tolist()})
        elif isinstance(layer, nn.Unflatten):
            records.append({"kind": "unflatten", "shape": _sides(tuple(layer.unflattened_size))})
        elif isinstance(layer, Residual):
            own = f"{name}.{len(records)}"
            inner = _records([layer.conv_block], own, weights, activations)
            records.append({"kind": "residual", "name": own, "layers": inner})
        elif isinstance(layer, nn.LeakyReLU):
            records.append({"kind": "activation", "name": "leaky_relu", "slope": [layer.negative_slope]})
        elif isinstance(layer, nn.PReLU):
            records.append({"kind": "activation", "name": "leaky_relu", "slope": layer.weight.tolist()})
        elif type(layer) in activations:
            records.append({"kind": "activation", "name": activations[type(layer)]})
        else:
            records.append(_resized(layer) if isinstance(layer, RESIZING) else _weighted(layer, name, records, weights))
    return records


def _rows(modules: Sequence[nn.Module]) -> Iterator[tuple[int, nn.Module, bool]]:
    """Layers one after another: the place of each one's record, and whether that is the one of the layer before it."""
    row, before = -1, None
    for layer in one_by_one(modules):
        folded = isinstance(layer, NORMS) and isinstance(before, WEIGHTED)
        row += not folded
        yield row, layer, folded
        before = layer


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
        for row, layer, folded in _rows(modules):
            names[f"{half}.{row}.norm" if folded else f"{half}.{row}"] = layer
    for number, head in enumerate(layers.heads):
        name = "head" if number == 0 else f"head.{number}"
        for row, layer, folded in _rows([head]):
            names[name if row == 0 and not folded else f"{name}.{'norm' if folded else f'then.{row}'}"] = layer
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


def _fold(norm: nn.Module, record: Record, weights: dict[str, Tensor]) -> None:
    """Batch normalisation of a trained network, (y - mean) / √(var + ε) · γ + β, within the convolution before it."""
    factor, shift = _factors(norm)
    weight, bias = (f"{record['name']}.{tensor}" for tensor in ("weight", "bias"))
    axis = {"transposed": (1, -1, 1, 1), "linear": (-1, 1)}.get(record["kind"], (-1, 1, 1, 1))
    weights[weight] = weights[weight] * factor.reshape(axis)
    weights[bias] = weights[bias] * factor + shift


def _factors(norm: nn.Module) -> tuple[Tensor, Tensor]:
    """By what a trained normalisation multiplies each channel, and what it adds."""
    assert isinstance(norm, NORMS)
    assert norm.running_var is not None
    assert norm.running_mean is not None
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    return factor, norm.bias - norm.running_mean * factor
