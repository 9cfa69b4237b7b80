"""The network of a plan: its layers with their own weights, applied in one of the ways that their sizes allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from aeviz.importers.models.chains import Layer, Plan
from aeviz.importers.models.foreign import ACTIVATIONS, activation_of
from aeviz.importers.models.geometry import Passage, Size, Step, side_after, ways
from aeviz.importers.models.layouts import LOG_STD
from aeviz.importers.models.portable import NORMS, RESIZING, WEIGHTED, Layers
from aeviz.importers.models.weights import Tensors
from aeviz.model.chain import Chain
from aeviz.model.chain import layers as one_by_one
from aeviz.types import Shape

MAX_PAIRS = 16


@dataclass(frozen=True)
class EncoderForm:
    """How an encoder's layers are applied. active: whether the code passes an activation. swapped: the two heads."""

    steps: tuple[Step, ...] = ()
    pool: str = "max"
    active: bool = False
    swapped: bool = False


@dataclass(frozen=True)
class DecoderForm:
    """How a decoder's are. start: size of its first maps. bridge: whether an activation stands before them."""

    steps: tuple[Step, ...] = ()
    start: Size = (1, 1)
    bridge: bool = True
    mode: str = "nearest"


@dataclass(frozen=True)
class Form:
    """Both, and the size of the encoder's last maps."""

    encoder: EncoderForm
    decoder: DecoderForm
    end: Size = (1, 1)


def forms(plan: Plan, shape: Shape) -> list[Form]:
    """How this plan may take items of a shape to their like, the most usual first; none where it cannot."""
    swaps = (False,) if plan.sure else (False, True)
    slopes = any(layer.slope for layer in plan.layers)
    if plan.is_dense:
        if plan.decoder[-1].after != prod(shape):
            return []
        actives = (False,) if plan.has_spread or slopes else (False, True)
        return [Form(EncoderForm(active=active, swapped=swap), DecoderForm()) for active in actives for swap in swaps]
    ranked = []
    for cost, first, second, start in _sizes(plan, shape):
        spatial = plan.mean.kind != "dense"
        actives = (False,) if plan.has_spread or slopes else (True, False) if spatial else (False, True)
        pools = ("max", "avg") if any(step.pool > 1 for step in first.steps) else ("max",)
        modes = ("nearest", "bilinear") if any(step.grow > 1 for step in second.steps) else ("nearest",)
        bridges = (True, False) if plan.decoder[0].kind == "dense" else (False,)
        for pool in pools:
            for mode in modes:
                for bridge in bridges:
                    for active in actives:
                        for swap in swaps:
                            rank = cost + 2 * (pool != "max") + 2 * (mode != "nearest")
                            encoder = EncoderForm(first.steps, pool, active, swap)
                            form = Form(encoder, DecoderForm(second.steps, start, bridge, mode), first.size)
                            ranked.append((rank, form))
    return [form for _, form in sorted(ranked, key=lambda pair: pair[0])]


def _sizes(plan: Plan, shape: Shape) -> list[tuple[int, Passage, Passage, Size]]:
    """Pairs of ways through both halves by which all sizes come out, with the size where the decoder begins."""
    down, up = plan.convolutions
    if down[0].before != shape[0] or up[-1].after != shape[0]:
        return []
    size = (shape[1], shape[2])
    firsts = ways(down, size, is_decoder=False)
    dense = [layer for layer in (*plan.encoder, plan.mean) if layer.kind == "dense"]
    if dense:
        firsts = [way for way in firsts if down[-1].after * prod(way.size) == dense[0].before]
    pairs = []
    second_ways: dict[Size, list[Passage]] = {}
    for first in firsts:
        for start in _starts(plan, first.size, up[0].before):
            if start not in second_ways:
                second_ways[start] = [way for way in ways(up, start, is_decoder=True) if way.size == size]
            pairs += [(first.cost + second.cost, first, second, start) for second in second_ways[start]]
    return sorted(pairs, key=lambda pair: pair[0])[:MAX_PAIRS]


def _starts(plan: Plan, end: Size, channels: int) -> list[Size]:
    """Sizes of the maps that a decoder may begin with: those of a code that is a map, or what its dense layers give."""
    dense = [layer for layer in plan.decoder if layer.kind == "dense"]
    given = dense[-1].after if dense else plan.mean.after // (2 if plan.double else 1)
    if plan.mean.kind != "dense":
        return [end]
    count = given // channels
    if count * channels != given:
        return []
    side = round(count**0.5)
    square = [(side, side)] if side * side == count else []
    return list(dict.fromkeys(([end] if prod(end) == count else []) + square))


class PlanNetwork(nn.Module):
    """The network of a plan in one form, with these activations in encoder and decoder."""

    def __init__(self, plan: Plan, form: Form, weights: Tensors, shape: Shape, activations: tuple[str, str]) -> None:
        super().__init__()
        self.twice, self.swapped = plan.double, form.encoder.swapped
        self.times = 2.0 if plan.log_var and LOG_STD.search(plan.log_var.name.casefold()) else 1.0  # log σ² = 2 log σ
        self.encoder = encoder_of(plan, form.encoder, weights, activations[0])
        self.mean, self.log_var = heads_of(plan, form.encoder, weights, activations[0])
        self.decoder = decoder_of(plan, form, weights, shape, activations[1])

    def means(self, x: Tensor) -> Tensor:
        """x (N, C, H, W) -> means (N, d)."""
        values = self.heads(x)
        return values.chunk(2, 1)[0] if self.twice or self.log_var is not None else values

    def code_shape(self, shape: Shape) -> Shape:
        """The shape of a code as the layers give it, of items of a shape."""
        values = self.mean(self.encoder(torch.zeros(1, *shape)))
        return tuple((values.chunk(2, 1)[0] if self.twice else values).shape[1:])

    def heads(self, x: Tensor) -> Tensor:
        features = self.encoder(x)
        values: Tensor = self.mean(features)
        if self.twice:
            mean, other = values.chunk(2, 1)
        elif self.log_var is not None:
            mean, other = values, self.log_var(features)
        else:
            return values.flatten(1)
        mean, other = (other, mean) if self.swapped else (mean, other)
        return torch.cat([mean.flatten(1), self.times * other.flatten(1)], 1)

    def output(self, z: Tensor) -> Tensor:
        values: Tensor = self.decoder(z)
        return values

    def in_layers(self) -> Layers:
        """Its layers as the engine of the browser reads them. Raises ValueError where it reads them otherwise."""
        encoder, decoder = (_plain([half]) for half in (self.encoder, self.decoder))
        heads = [nn.Sequential(*_plain([head])) for head in (self.mean, self.log_var) if head is not None]
        if self.swapped:
            heads.reverse()
        if not all(map(_readable, (*encoder, *_plain(heads), *decoder))):
            raise ValueError("The engine of the browser has no layer of a kind that this network has.")
        return Layers(encoder, heads, decoder, self.swapped and self.twice, self.times > 1)

    def chain(self) -> Chain:
        heads = [head for head in (self.mean, self.log_var) if head is not None]
        return Chain([self.encoder], heads, [self.decoder], self.twice, self.swapped, self.times > 1)


def _plain(modules: Sequence[nn.Module]) -> list[nn.Module]:
    """The layers of modules, one after another, without those that leave values as they are."""
    return [layer for layer in one_by_one(modules) if not isinstance(layer, nn.Flatten | nn.Identity)]


def _readable(layer: nn.Module) -> bool:
    """Whether the engine of the browser has such a layer."""
    kinds = (*WEIGHTED, *NORMS, *RESIZING, nn.Unflatten, nn.LeakyReLU, nn.PReLU)
    return isinstance(layer, kinds) or type(layer) in ACTIVATIONS.values()


def encoder_of(plan: Plan, form: EncoderForm, weights: Tensors, activation: str) -> nn.Sequential:
    """The layers before the heads."""
    modules: list[nn.Module] = [nn.Flatten()] if plan.is_dense else []
    steps = iter(form.steps)
    for layer in plan.encoder:
        if layer.kind == "dense":
            modules += _flat(modules)
            modules += [_dense(layer, weights), *_behind(layer, weights, activation)]
        else:
            modules += _convolution(layer, next(steps), weights, activation, form.pool)
    if plan.mean.kind == "dense":
        modules += _flat(modules)
    return nn.Sequential(*modules).eval()


def _flat(modules: Sequence[nn.Module]) -> list[nn.Module]:
    return [] if any(isinstance(module, nn.Flatten) for module in modules) else [nn.Flatten()]


def heads_of(plan: Plan, form: EncoderForm, weights: Tensors, activation: str) -> tuple[nn.Module, nn.Module | None]:
    """The head of the mean, and that of the spread where it is one of its own."""
    last = activation if form.active else "identity"
    made: list[nn.Module | None] = []
    for layer in (plan.mean, plan.log_var):
        if layer is None:
            made.append(None)
        elif layer.kind == "dense":
            made.append(nn.Sequential(_dense(layer, weights), *_behind(layer, weights, last)))
        else:
            made.append(nn.Sequential(*_convolution(layer, form.steps[-1], weights, last, form.pool)))
    mean, log_var = made
    assert mean is not None  # a plan has one
    return mean.eval(), log_var.eval() if log_var is not None else None


def decoder_of(plan: Plan, form: Form, weights: Tensors, shape: Shape, activation: str) -> nn.Sequential:
    """The layers behind the code, up to what the decoder's last step is applied to."""
    modules: list[nn.Module] = []
    steps = iter(form.decoder.steps)
    maps = False
    for row, layer in enumerate(plan.decoder):
        is_last = row == len(plan.decoder) - 1
        if layer.kind == "dense":
            before_maps = not is_last and plan.decoder[row + 1].kind != "dense"
            silent = is_last or (before_maps and not form.decoder.bridge)
            modules += [_dense(layer, weights), *_behind(layer, weights, "identity" if silent else activation)]
            continue
        if not maps:
            modules.append(nn.Unflatten(1, (layer.before, *form.decoder.start)))
            maps = True
        step = next(steps)
        if step.grow > 1:
            modules.append(_grown(step.grow, form.decoder.mode))
        modules += _convolution(layer, step, weights, "identity" if is_last else activation, "max")
    if not maps:
        modules.append(nn.Unflatten(1, shape))
    return nn.Sequential(*modules).eval()


def _grown(factor: int, mode: str) -> nn.Upsample:
    return nn.Upsample(scale_factor=factor, mode=mode, align_corners=None if mode == "nearest" else False)


def _dense(layer: Layer, weights: Tensors) -> nn.Module:
    with torch.device("meta"):
        module = nn.Linear(layer.before, layer.after, f"{layer.name}.bias" in weights)
    return _filled(module, layer.name, weights)


def _convolution(layer: Layer, step: Step, weights: Tensors, activation: str, pool: str) -> list[nn.Module]:
    bias = f"{layer.name}.bias" in weights
    with torch.device("meta"):
        module: nn.Module = (
            nn.ConvTranspose2d(layer.before, layer.after, layer.kernel, step.stride, step.padding, step.more, bias=bias)
            if layer.kind == "transposed"
            else nn.Conv2d(layer.before, layer.after, layer.kernel, step.stride, step.padding, bias=bias)
        )
    modules = [_filled(module, layer.name, weights), *_behind(layer, weights, activation)]
    if step.pool > 1:
        modules.append(nn.MaxPool2d(step.pool) if pool == "max" else nn.AvgPool2d(step.pool))
    return modules


def _behind(layer: Layer, weights: Tensors, activation: str) -> list[nn.Module]:
    """The normalisation and the activation behind a layer, in their order."""
    active: list[nn.Module] = [activation_of(activation)]
    if layer.slope:
        with torch.device("meta"):
            prelu = nn.PReLU(len(weights[f"{layer.slope}.weight"]))
        active = [_filled(prelu, layer.slope, weights)]
    if not layer.norm:
        return active
    kind = nn.BatchNorm1d if layer.kind == "dense" else nn.BatchNorm2d
    with torch.device("meta"):
        norm = kind(layer.after, affine=f"{layer.norm}.weight" in weights)
    norm.num_batches_tracked = torch.zeros((), dtype=torch.int64)
    _filled(norm, layer.norm, weights)
    return [*active, norm] if layer.norm_last else [norm, *active]


def _filled(module: nn.Module, name: str, weights: Tensors) -> nn.Module:
    """A module with the tensors of a name in place of its own."""
    for own in [*dict(module.named_parameters()), *dict(module.named_buffers())]:
        if own == "num_batches_tracked":
            continue
        value = weights.get(f"{name}.{own}")
        if value is None:  # a normalisation without one of its two factors
            blank = torch.zeros(getattr(module, own).shape)
            value = blank + 1 if own == "weight" else blank
        if own in module._parameters:
            setattr(module, own, nn.Parameter(value, requires_grad=False))
        else:
            setattr(module, own, value)
    return module


def active_places(plan: Plan, form: Form) -> tuple[bool, bool]:
    """Whether there are activations in the encoder and in the decoder that its tensors do not tell."""
    encoder = any(not layer.slope for layer in plan.encoder) or (form.encoder.active and not plan.mean.slope)
    return encoder, any(not layer.slope for layer in plan.decoder[:-1])


def largest(plan: Plan, form: Form, shape: Shape) -> int:
    """How many numbers the largest layer holds for one item."""
    sizes = [prod(shape)]
    for layers, steps, size in (
        (plan.convolutions[0], form.encoder.steps, (shape[1], shape[2])),
        (plan.convolutions[1], form.decoder.steps, form.decoder.start),
    ):
        for layer, step in zip(layers, steps, strict=False):
            grown = (size[0] * step.grow, size[1] * step.grow)
            sizes.append(layer.before * prod(grown))
            whole = Step(step.stride, step.padding, step.more, grow=step.grow)
            size = tuple(
                side_after(side, kernel, whole, layer.kind) for side, kernel in zip(size, layer.kernel, strict=True)
            )  # type: ignore[assignment]
            sizes.append(layer.after * prod(size))
            size = (size[0] // step.pool, size[1] // step.pool)
    return max(sizes)
