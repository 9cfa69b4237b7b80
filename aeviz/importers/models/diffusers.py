"""A folder of an autoencoder saved by diffusers (github.com/huggingface/diffusers), read without diffusers.

AutoencoderKL (Rombach et al. 2022) and AutoencoderTiny (github.com/madebyollin/taesd), with the names of their tensors.
Their codes are maps (`aeviz.latent.grids`), flattened into one vector for each picture.
"""

from collections.abc import Mapping
from dataclasses import asdict
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from aeviz.device import BATCH, choose, moved
from aeviz.errors import CheckpointError
from aeviz.importers.models.answers import Loaded, Request
from aeviz.importers.models.assembly import shapes_of
from aeviz.importers.models.foreign import ForeignModel
from aeviz.importers.models.libraries import fields_of
from aeviz.importers.models.limits import MAX_CODE, InParts, check_widths, rows_at_once_of
from aeviz.importers.models.statement import Statement
from aeviz.importers.models.weights import read_weights
from aeviz.latent.grids import CodeGrid
from aeviz.model.config import Config
from aeviz.store.checkpoints import Card, compare_shapes, read_json
from aeviz.types import Shape

CONFIG, STEM = "config.json", "diffusion_pytorch_model"
CLASSES = ("AutoencoderKL", "AutoencoderTiny")
MAX_SIDE = 256  # of pictures, where no other is stated
MAX_STAGES, MAX_BLOCKS, MAX_CHANNELS = 8, 16, 4_096
ACTIVATIONS: dict[str, type[nn.Module]] = {
    "silu": nn.SiLU, "swish": nn.SiLU, "mish": nn.Mish, "gelu": nn.GELU, "relu": nn.ReLU,
}  # fmt: skip
OLD_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}  # of attention, before 2023


def recognises(request: Request) -> bool:
    """Whether a folder states a class of diffusers that is read here."""
    return class_in(request) in CLASSES


def class_in(request: Request) -> str:
    """The class that a folder's `config.json` names, or ""."""
    return str((fields_of(request.contents) or {}).get("_class_name", ""))


def read(request: Request) -> Loaded:
    """The model of a folder of diffusers. Raises as `aeviz.importers.reading.read_model` says."""
    fields = read_json(request.contents.folder / CONFIG)
    for file in request.contents.files:
        file.refuse_program()
    kind = str(fields["_class_name"])
    try:
        with torch.device("meta"):
            network: KLNetwork | TinyNetwork = KLNetwork(fields) if kind == "AutoencoderKL" else TinyNetwork(fields)
    except (TypeError, ValueError, KeyError, IndexError, RuntimeError) as error:
        raise CheckpointError(f"{CONFIG} describes no {kind} that is known here: {error}.") from error
    shape = _shape(network, fields, request)
    files = [file for file in request.contents.files if file.name.startswith(STEM)]
    if not files:
        raise CheckpointError(f"{STEM}.safetensors is missing beside {CONFIG}.")
    file = min(files, key=lambda file: (not file.name.endswith(".safetensors"), len(file.name)))
    weights = {_name(name): value for name, value in read_weights(file, request.max_bytes).items()}
    _fill(network, weights, file.name)
    network.shape = shape
    height, width = shape[1] // network.factor, shape[2] // network.factor
    network.size = (network.channels, height, width)
    code = prod(network.size)
    largest = network.width * shape[1] * shape[2]
    check_widths(1, max(largest, (height * width) ** 2 if kind == "AutoencoderKL" else 1))
    rows = rows_at_once_of(largest, code)
    config = Config(
        family="vae" if network.has_spread else "ae",
        shape=shape,
        latent_dim=code,
        code="gaussian" if network.has_spread else "deterministic",
        body="conv",
        channels=tuple(network.widths),
        hidden=(),
        likelihood="mse",
        training={"origin": "diffusers"},
        code_shape=network.size,
    )
    model = ForeignModel(config, network if rows == BATCH else InParts(network, rows), (0.5,), (0.5,), "linear")
    model = moved(model, choose(request.device)).requires_grad_(False).eval()
    title = f"{kind} of diffusers"
    card = Card(
        request.name, request.contents.folder, config.family, "", code, config.code, asdict(config), title=title
    )
    note = (
        f"Its code of {code:,} numbers is shown as {CodeGrid(network.size).words}; pictures of {shape[1]} × {shape[2]} "
        "pixels were taken."
    )
    if max(shape[1:]) < (usual := min(_stated_side(fields), MAX_SIDE)):
        note += f" It is made for larger ones: bring pictures of {usual} × {usual}, or state that shape."
    statement = Statement(shape=shape, scaling="signed", output="linear")
    return Loaded(model, card, title, "diffusers", statement, (note,))


def _stated_side(fields: Mapping[str, Any]) -> int:
    """The side of the pictures that a config names, or the largest that is taken."""
    size = fields.get("sample_size", MAX_SIDE)
    return size if isinstance(size, int) and not isinstance(size, bool) else MAX_SIDE


def _shape(network: "KLNetwork | TinyNetwork", fields: Mapping[str, Any], request: Request) -> Shape:
    """What is stated, else the shape of the first items at hand that fit, else the size that the config states."""
    factor = network.factor

    def fits(shape: Shape) -> bool:
        return (
            len(shape) == 3
            and shape[0] == network.colours
            and min(shape[1:]) >= factor
            and all(side % factor == 0 for side in shape[1:])
            and network.channels * prod(shape[1:]) // factor**2 <= MAX_CODE
        )

    stated = request.statement.shape
    if stated is not None:
        if not fits(stated):
            raise CheckpointError(
                f"These weights take pictures of {network.colours} channels with sides that {factor} divides, of which "
                f"the code has at most {MAX_CODE:,} numbers: not {stated}, as stated."
            )
        return stated
    at_hand = next((candidate.shape for candidate in request.candidates if fits(candidate.shape)), None)
    if at_hand is not None:
        return at_hand
    for usual in (min(_stated_side(fields), MAX_SIDE), MAX_SIDE, 128, 64, 32):
        if fits((network.colours, usual, usual)):
            return network.colours, usual, usual
    raise CheckpointError("No size of pictures gives a code that can be shown here: state the shape (C, H, W).")


def _name(name: str) -> str:
    parts = name.split(".")
    if "attentions" in parts and len(parts) > 1 and parts[-2] in OLD_NAMES:
        parts[-2] = OLD_NAMES[parts[-2]]
    return ".".join(parts)


def _fill(network: nn.Module, weights: dict[str, Tensor], where: str) -> None:
    blank = network.state_dict()
    for name, value in weights.items():  # attention was written with convolutions of one pixel once
        if name in blank and value.ndim == 4 and blank[name].ndim == 2 and value.shape[2:] == (1, 1):
            weights[name] = value[:, :, 0, 0]
    compare_shapes(where, shapes_of(blank), shapes_of(weights))
    network.load_state_dict(weights, assign=True)


def _sizes(fields: Mapping[str, Any], name: str, usual: tuple[int, ...]) -> list[int]:
    values = fields.get(name, usual)
    whole = isinstance(values, list | tuple) and all(
        isinstance(value, int) and not isinstance(value, bool) for value in values
    )
    if not whole or not 1 <= len(values) <= MAX_STAGES or not all(0 < value <= MAX_CHANNELS for value in values):
        raise ValueError(f"{name} must be a list of sizes, not {str(values)[:60]}")
    return list(values)


def _size(fields: Mapping[str, Any], name: str, usual: int, most: int = MAX_CHANNELS) -> int:
    value = fields.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise ValueError(f"{name} must be a size from 1 to {most}, not {str(value)[:60]}")
    return value


def _activation(fields: Mapping[str, Any], usual: str) -> type[nn.Module]:
    name = str(fields.get("act_fn", usual)).lower()
    if name not in ACTIVATIONS:
        raise ValueError(f"act_fn {name[:40]!r} is not known here")
    return ACTIVATIONS[name]


class _Residual(nn.Module):
    """Two normalised convolutions around which their input goes."""

    def __init__(self, before: int, after: int, groups: int, activation: type[nn.Module]) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(groups, before, 1e-6), nn.Conv2d(before, after, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(groups, after, 1e-6), nn.Conv2d(after, after, 3, padding=1)
        self.nonlinearity = activation()
        if before != after:
            self.conv_shortcut = nn.Conv2d(before, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv1(self.nonlinearity(self.norm1(x)))
        inner = self.conv2(self.nonlinearity(self.norm2(inner)))
        around: Tensor = self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x
        return around + inner  # type: ignore[no-any-return]


class _Attention(nn.Module):
    """Each place of a map looks at all others, with one head."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.group_norm = nn.GroupNorm(groups, channels, 1e-6)
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x: Tensor) -> Tensor:
        places = self.group_norm(x.flatten(2)).transpose(1, 2)
        seen = functional.scaled_dot_product_attention(
            *(layer(places)[:, None] for layer in (self.to_q, self.to_k, self.to_v))
        )[:, 0]
        return x + self.to_out[0](seen).transpose(1, 2).reshape(x.shape)  # type: ignore[no-any-return]


class _Middle(nn.Module):
    def __init__(self, channels: int, groups: int, activation: type[nn.Module], attends: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(_Residual(channels, channels, groups, activation) for _ in range(2))
        self.attentions = nn.ModuleList([_Attention(channels, groups)] if attends else [])

    def forward(self, x: Tensor) -> Tensor:
        x = self.resnets[0](x)
        for attention in self.attentions:
            x = attention(x)
        return self.resnets[1](x)  # type: ignore[no-any-return]


class _Resampler(nn.Module):
    def __init__(self, channels: int, is_up: bool) -> None:
        super().__init__()
        self.is_up = is_up
        self.conv = nn.Conv2d(channels, channels, 3, padding=1) if is_up else nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.interpolate(x, scale_factor=2.0) if self.is_up else functional.pad(x, (0, 1, 0, 1))
        return self.conv(x)  # type: ignore[no-any-return]


class _Stage(nn.Module):
    """Residual blocks of one size, and what leads to the next."""

    def __init__(
        self, before: int, after: int, count: int, groups: int, activation: type[nn.Module], resampled: str
    ) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(
            _Residual(before if row == 0 else after, after, groups, activation) for row in range(count)
        )
        if resampled:
            setattr(self, resampled, nn.ModuleList([_Resampler(after, resampled == "upsamplers")]))
        self.resampled = resampled

    def forward(self, x: Tensor) -> Tensor:
        for block in self.resnets:
            x = block(x)
        return getattr(self, self.resampled)[0](x) if self.resampled else x


class _Half(nn.Module):
    """The encoder or the decoder of an AutoencoderKL."""

    def __init__(
        self, before: int, after: int, widths: list[int], count: int, groups: int, activation: type[nn.Module],
        attends: bool, is_decoder: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        widths = widths[::-1] if is_decoder else widths
        resampled = "upsamplers" if is_decoder else "downsamplers"
        self.is_decoder = is_decoder
        self.conv_in = nn.Conv2d(before, widths[0], 3, padding=1)
        stages = nn.ModuleList(
            _Stage(
                widths[max(row - 1, 0)], width, count, groups, activation, resampled if row < len(widths) - 1 else ""
            )
            for row, width in enumerate(widths)
        )
        self.stages = "up_blocks" if is_decoder else "down_blocks"
        setattr(self, self.stages, stages)
        self.mid_block = _Middle(max(widths[0] if is_decoder else widths[-1], 1), groups, activation, attends)
        self.conv_norm_out = nn.GroupNorm(groups, widths[-1], 1e-6)
        self.conv_out = nn.Conv2d(widths[-1], after, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        x = self.mid_block(x) if self.is_decoder else x
        for stage in getattr(self, self.stages):
            x = stage(x)
        x = x if self.is_decoder else self.mid_block(x)
        return self.conv_out(functional.silu(self.conv_norm_out(x)))  # type: ignore[no-any-return]


class KLNetwork(nn.Module):
    """The network of an AutoencoderKL, for pictures in [−1, 1]. fields: of its config. Raises ValueError."""

    has_spread = True
    shape: Shape
    size: tuple[int, int, int]

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__()
        widths = self.widths = _sizes(fields, "block_out_channels", (64,))
        for name, usual in (("down_block_types", "DownEncoderBlock2D"), ("up_block_types", "UpDecoderBlock2D")):
            if set(fields.get(name, [usual])) != {usual} or len(fields.get(name, [usual])) != len(widths):
                raise ValueError(f"{name} other than {len(widths)} of {usual}")
        self.colours, self.channels = _size(fields, "in_channels", 3), _size(fields, "latent_channels", 4)
        if _size(fields, "out_channels", 3) != self.colours:
            raise ValueError("in_channels and out_channels differ")
        count, groups = _size(fields, "layers_per_block", 1, MAX_BLOCKS), _size(fields, "norm_num_groups", 32)
        more = groups, _activation(fields, "silu"), bool(fields.get("mid_block_add_attention", True))
        self.factor, self.width = 2 ** (len(widths) - 1), max(widths[0], widths[min(1, len(widths) - 1)])
        self.encoder = _Half(self.colours, 2 * self.channels, widths, count, *more, is_decoder=False)
        self.decoder = _Half(self.channels, self.colours, widths, count + 1, *more, is_decoder=True)
        if fields.get("use_quant_conv", True):
            self.quant_conv = nn.Conv2d(2 * self.channels, 2 * self.channels, 1)
        if fields.get("use_post_quant_conv", True):
            self.post_quant_conv = nn.Conv2d(self.channels, self.channels, 1)

    def heads(self, x: Tensor) -> Tensor:
        moments = self.encoder(x)
        return (self.quant_conv(moments) if hasattr(self, "quant_conv") else moments).flatten(1)  # type: ignore[no-any-return]

    def output(self, z: Tensor) -> Tensor:
        maps = z.reshape(-1, *self.size)
        return self.decoder(self.post_quant_conv(maps) if hasattr(self, "post_quant_conv") else maps)  # type: ignore[no-any-return]


class _TinyBlock(nn.Module):
    def __init__(self, channels: int, activation: type[nn.Module]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for row in range(3):
            layers += [nn.Conv2d(channels, channels, 3, padding=1), *([activation()] if row < 2 else [])]
        self.conv = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return (self.conv(x) + x).relu()  # type: ignore[no-any-return]


class TinyNetwork(nn.Module):
    """The network of an AutoencoderTiny, for pictures in [−1, 1]. fields: of its config. Raises ValueError."""

    has_spread = False
    shape: Shape
    size: tuple[int, int, int]

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__()
        down, up = (_sizes(fields, f"{half}_block_out_channels", (64,) * 4) for half in ("encoder", "decoder"))
        downs, ups = (
            _sizes(fields, "num_encoder_blocks", (1, 3, 3, 3)),
            _sizes(fields, "num_decoder_blocks", (3, 3, 3, 1)),
        )
        if len(down) != len(downs) or len(up) != len(ups) or max(*downs, *ups) > MAX_BLOCKS:
            raise ValueError("as many numbers of blocks as of channels are needed, of 16 blocks at most")
        if len(set(down)) > 1 or len(set(up)) > 1 or len(down) != len(up):
            raise ValueError("its stages differ in channels")
        if fields.get("upsampling_scaling_factor", 2) != 2:
            raise ValueError("maps are not doubled in size")
        self.colours, self.channels = _size(fields, "in_channels", 3), _size(fields, "latent_channels", 4)
        activation = _activation(fields, "relu")
        mode = str(fields.get("upsample_fn", "nearest"))
        self.factor, self.width, self.widths = 2 ** (len(down) - 1), max(down[0], up[0]), down
        layers: list[nn.Module] = []
        for row, (width, count) in enumerate(zip(down, downs, strict=True)):
            first = nn.Conv2d(self.colours, width, 3, padding=1) if row == 0 else nn.Conv2d(
                width, width, 3, padding=1, stride=2, bias=False
            )  # fmt: skip
            layers += [first, *(_TinyBlock(width, activation) for _ in range(count))]
        self.encoder = nn.Module()
        self.encoder.layers = nn.Sequential(*layers, nn.Conv2d(down[-1], self.channels, 3, padding=1))
        layers = [nn.Conv2d(self.channels, up[0], 3, padding=1), activation()]
        for row, (width, count) in enumerate(zip(up, ups, strict=True)):
            is_last = row == len(up) - 1
            layers += [_TinyBlock(width, activation) for _ in range(count)]
            layers += [] if is_last else [nn.Upsample(scale_factor=2, mode=mode)]
            layers.append(nn.Conv2d(width, self.colours if is_last else width, 3, padding=1, bias=is_last))
        self.decoder = nn.Module()
        self.decoder.layers = nn.Sequential(*layers)

    def heads(self, x: Tensor) -> Tensor:
        return self.encoder.layers((x + 1) / 2).flatten(1)  # type: ignore[operator, no-any-return]

    def output(self, z: Tensor) -> Tensor:
        maps = torch.tanh(z.reshape(-1, *self.size) / 3) * 3
        return self.decoder.layers(maps) * 2 - 1  # type: ignore[operator, no-any-return]
