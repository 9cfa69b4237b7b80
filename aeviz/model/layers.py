"""The layers of a network in the order in which an item passes them: what each is, and what it gives (its activations).

They are told by watching the network at work: any network of torch's modules tells its layers, whoever built it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Literal

import torch
from torch import Tensor, nn

from aeviz.model.autoencoder import Autoencoder
from aeviz.model.bodies.conv import Upsample
from aeviz.model.bodies.conv1d import Upsample1d
from aeviz.model.chain import Residual
from aeviz.types import Shape

Part = Literal["encoder", "code", "decoder"]
SILENT = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Dropout)  # give what they are given


@dataclass(frozen=True)
class Layer:
    """A layer that has weights, with what follows it up to the next one.

    name: as its weights are called, "encoder.layers.0". part: which half it belongs to; the "code" is the last layer of
    the encoder, whose units are the numbers of the code. kind: a name in `KINDS`. title: in words. followed: the names
    of what follows it, as torch has them. shape: of its activations, (units, *places). inputs: shape of what it
    multiplies, which is what the layer before it gives; () where it reads something else. weights: how many numbers it
    has learned. settings: sizes of a kernel and the like, as JSON takes them; `turned` where it reads the places of a
    map one after another, and not unit by unit.
    """

    name: str
    part: Part
    kind: str
    title: str
    followed: tuple[str, ...]
    shape: Shape
    inputs: Shape
    weights: int
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """What is known of a class of layers. title, settings: of one. activations: its output -> (N, units, *places)."""

    name: str
    title: Callable[[Any], str]
    activations: Callable[[Any, Tensor, Any], Tensor] = lambda layer, given, output: _units_first(output)
    settings: Callable[[Any], dict[str, Any]] = lambda layer: {}
    whole: bool = True  # whether the layers within it are no layers of their own


def _units_first(values: Tensor) -> Tensor:
    """(N, places, units) of layers that work at each place -> (N, units, places)."""
    return values.transpose(1, 2) if values.ndim == 3 else values


def _sides(kernel: tuple[int, ...]) -> str:
    return " × ".join(map(str, kernel)) if len(kernel) > 1 else f"over {kernel[0]} places"


def _convolution(layer: Any) -> str:
    stride = f", stride {layer.stride[0]}" if max(layer.stride) > 1 else ""
    return f"Convolution {_sides(layer.kernel_size)}{stride}"


def _kernel(layer: Any) -> dict[str, Any]:
    sides = {"kernel": layer.kernel_size, "stride": layer.stride, "padding": layer.padding}
    return {name: [*map(int, values)] for name, values in sides.items()}


def _transposed(layer: Any) -> str:
    return f"Transposed {_convolution(layer).lower()}"


def _doubling(layer: Any) -> str:
    return f"Convolution {_sides(layer.convolution.kernel_size)}, which doubles the sides (sub-pixel)"


def _heads(layer: nn.MultiheadAttention, given: Tensor, output: Any) -> Tensor:
    """How much each place of x (N, L, width) heeds each other, by head: (N, heads, L, L), each row adding up to 1."""
    weight, bias = layer.in_proj_weight, layer.in_proj_bias
    query, key, _ = nn.functional.linear(given, weight, bias).chunk(3, dim=2)
    query, key = (values.reshape(*values.shape[:2], layer.num_heads, -1).transpose(1, 2) for values in (query, key))
    scores: Tensor = query @ key.transpose(2, 3) / float(key.shape[3]) ** 0.5
    return scores.softmax(3)


def _as_given(layer: Any, given: Tensor, output: Any) -> Tensor:
    values: Tensor = output
    return values


KINDS: dict[type[nn.Module], Kind] = {
    nn.Linear: Kind("dense", lambda layer: "Dense layer"),
    nn.Conv1d: Kind("convolution", _convolution, _as_given, _kernel),
    nn.Conv2d: Kind("convolution", _convolution, _as_given, _kernel),
    nn.ConvTranspose1d: Kind("transposed", _transposed, _as_given, _kernel),
    nn.ConvTranspose2d: Kind("transposed", _transposed, _as_given, _kernel),
    Upsample: Kind("doubling", _doubling, _as_given, lambda layer: _kernel(layer.convolution)),
    Upsample1d: Kind("doubling", _doubling, _as_given, lambda layer: _kernel(layer.convolution)),
    nn.LSTM: Kind(
        "recurrent",
        lambda layer: f"LSTM{', both ways' if layer.bidirectional else ''}",
        lambda layer, given, output: _units_first(output[0]),
        lambda layer: {"width": layer.hidden_size},
    ),
    nn.MultiheadAttention: Kind("attention", lambda layer: f"Attention of {layer.num_heads} heads", _heads),
    Residual: Kind("residual", lambda layer: "Convolutions, added to what they read", _as_given),
    nn.TransformerEncoderLayer: Kind("transformer", lambda layer: "Dense layers at each place, added", whole=False),
}  # fmt: skip


@dataclass
class _Seen:
    """A layer at work. given: what it read, of each call. values: its activations (N, units, *places), of each call."""

    name: str
    module: nn.Module
    kind: Kind
    given: list[Tensor]
    values: list[Tensor]
    followed: list[nn.Module] = field(default_factory=list)

    def activations(self) -> Tensor:
        """Those of a layer that is called step by step, such as one that writes letters, stand side by side."""
        return self.values[0] if len(self.values) == 1 else torch.stack([step.flatten(1) for step in self.values], 2)


@contextmanager
def _watched(model: Autoencoder) -> Iterator[list[_Seen]]:
    """The layers that this thread calls meanwhile, in order; other threads may use the model at the same time."""
    seen: list[_Seen] = []
    here = threading.get_ident()

    def note(name: str, kind: Kind | None) -> Callable[..., None]:
        def hook(module: nn.Module, given: tuple[Any, ...], output: Any) -> None:
            if threading.get_ident() != here:
                return
            if kind is None:
                _follow(seen, module, output)
                return
            values = kind.activations(module, given[0], output)
            known = next((layer for layer in seen if layer.module is module), None)
            if known is None:
                seen.append(_Seen(name, module, kind, [given[0]], [values]))
            else:
                known.given.append(given[0])
                known.values.append(values)

        return hook

    hooks = [module.register_forward_hook(note(name, kind)) for name, module, kind in _modules(model)]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _modules(model: Autoencoder) -> Iterator[tuple[str, nn.Module, Kind | None]]:
    """The layers of a model with their names and kinds, and what may follow them, without a kind."""
    hidden: set[nn.Module] = set()
    for name, module in model.layer_names().items():
        kind = KINDS.get(type(module))
        if module in hidden:
            continue
        if kind:
            within = [other for other in module.modules() if other is not module]
            hidden.update(within if kind.whole else (other for other in within if not _attends(other)))
            yield name, module, kind
        elif not isinstance(module, SILENT) and not [*module.children()]:
            yield name, module, None


def _attends(module: nn.Module) -> bool:
    return isinstance(module, nn.MultiheadAttention)


def _follow(seen: list[_Seen], module: nn.Module, output: Any) -> None:
    """Let an activation or a normalisation belong to the layer before it."""
    if not seen or not isinstance(output, Tensor):
        return
    layer = seen[-1]
    layer.values[-1] = output if output.ndim != 3 or layer.values[-1].shape == output.shape else output.transpose(1, 2)
    if module not in layer.followed:
        layer.followed.append(module)


@torch.inference_mode()
def watch(
    model: Autoencoder, x: Tensor, labels: Tensor | None = None, code: Tensor | None = None
) -> tuple[tuple[Layer, ...], dict[str, Tensor]]:
    """The layers of a model, and their activations (N, units, *places) for items x (N, *shape), by name.

    code: (N, d), what is decoded in place of the means of the posteriors. N is at most the model's `batch`. Raises
    ValueError for a network that tells no layers, such as a function of a person's own.
    """
    with _watched(model) as encoding:
        posterior = model.encode(x, labels)
    with _watched(model) as decoding:
        model.decode(posterior.mean if code is None else code, labels)
    if not encoding or not decoding:
        raise ValueError(f"{model.config.family} is a network that does not tell its layers.")
    heads = _heads_of(encoding, model)
    layers, values = [], {}
    before = x.to(model.device, torch.float32).nan_to_num()
    for seen in encoding[: len(encoding) - len(heads)]:
        layers.append(_layer(seen, "encoder", before))
        before = values[seen.name] = seen.activations()
    layers.append(_code(heads, posterior.mean, before))
    before = values[layers[-1].name] = posterior.mean if code is None else code.to(posterior.mean)
    for seen in decoding:
        layers.append(_layer(seen, "decoder", before))
        before = values[seen.name] = seen.activations()
    return tuple(layers), values


def _heads_of(encoding: list[_Seen], model: Autoencoder) -> list[_Seen]:
    """The last layers of an encoder, which give the mean of the code and, where it has one, the spread."""
    outputs = model.config.latent_dim * (2 if model.config.code == "gaussian" else 1)
    heads: list[_Seen] = []
    while (
        encoding[: len(encoding) - len(heads)] and sum(prod(seen.activations().shape[1:]) for seen in heads) < outputs
    ):
        heads.insert(0, encoding[len(encoding) - len(heads) - 1])
    return heads


def _code(heads: list[_Seen], mean: Tensor, before: Tensor) -> Layer:
    """The layer whose units are the numbers of the code: what gives their means, and what gives their spreads."""
    first = _layer(heads[0], "code", before)
    weights = sum(_weights(head.module) for head in heads)
    return replace(first, shape=tuple(mean.shape[1:]), weights=weights)


def _layer(seen: _Seen, part: Part, before: Tensor) -> Layer:
    followed = tuple(type(module).__name__ for module in seen.followed)
    turned = not _reads(seen, before) and _reads(seen, _units_first(before))
    settings = seen.kind.settings(seen.module)
    read = seen.given[0] if "kernel" in settings else before  # what is unflattened has places for a kernel alone
    return Layer(
        seen.name,
        part,
        seen.kind.name,
        seen.kind.title(seen.module),
        followed,
        tuple(seen.activations().shape[1:]),
        tuple(read.shape[1:]) if turned or _reads(seen, before) else (),
        _weights(seen.module) + sum(_weights(module) for module in seen.followed),
        {**settings, **({"turned": True} if turned else {})},
    )


def _reads(seen: _Seen, before: Tensor) -> bool:
    """Whether a layer multiplies just what the layer before it gives, at once; a class may stand behind that."""
    given = seen.given[0]
    if len(seen.given) > 1 or given.shape[0] != before.shape[0]:
        return False
    rows = (given.flatten(1), _units_first(given).flatten(1))
    flat = before.flatten(1)
    return any(row.shape[1] >= flat.shape[1] and torch.equal(row[:, : flat.shape[1]], flat) for row in rows)


def _weights(module: nn.Module) -> int:
    """How many numbers a layer has learned, but for those of the attention within it, which is a layer of its own."""
    within = {id(weight) for part in module.children() if _attends(part) for weight in part.parameters()}
    return sum(weight.numel() for weight in module.parameters() if id(weight) not in within)


@dataclass(frozen=True)
class Filter:
    """The weights by which one unit multiplies what it reads, and what it adds.

    weights: (*inputs) of a dense layer; (channels, *kernel) of a convolution; with an axis more in front, one for each
    of the places that a place becomes, of one that doubles. bias: one
    number, or one for each of the first axis of a layer that doubles.
    """

    weights: Tensor
    bias: Tensor


def filter_of(model: Autoencoder, layer: Layer, unit: int) -> Filter | None:
    """The filter of one unit of a layer; None where a unit has none of its own."""
    module = model.layer_names()[layer.name]
    match module:
        case nn.Linear() if layer.inputs:
            row = module.weight[unit]  # of a place's numbers, or of all of them
            shape = layer.inputs if prod(layer.inputs) <= len(row) else layer.inputs[:1]
            row = row[: prod(shape)].reshape(shape[::-1] if "turned" in layer.settings else shape)
            return Filter(row.T if "turned" in layer.settings else row, _bias(module, unit))
        case nn.Conv1d() | nn.Conv2d():
            return Filter(module.weight[unit], _bias(module, unit))
        case nn.ConvTranspose1d() | nn.ConvTranspose2d():
            return Filter(module.weight[:, unit], _bias(module, unit))
        case Upsample() | Upsample1d():
            phases = len(module.convolution.weight) // layer.shape[0]
            rows = slice(phases * unit, phases * (unit + 1))
            return Filter(module.convolution.weight[rows], _bias(module.convolution, rows))
    return None


def _bias(module: Any, rows: int | slice) -> Tensor:
    bias: Tensor = module.weight.new_zeros(()) if module.bias is None else module.bias[rows]
    return bias
