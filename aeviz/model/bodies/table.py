"""The table of bodies: the built-in ones, and those that installed packages bring.

A package adds one by an entry point of the group `aeviz.bodies` that names a `Body`.
"""

from math import prod
from typing import TYPE_CHECKING

from aeviz.model.bodies.base import Body
from aeviz.model.config import Config
from aeviz.plugins import Table
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import Tensor, nn


def _dense(config: Config) -> "tuple[nn.Module, nn.Module]":
    from aeviz.model.bodies import dense

    return dense.build(config)


def _conv(config: Config) -> "tuple[nn.Module, nn.Module]":
    from aeviz.model.bodies import conv

    return conv.build(config)


def _moved(x: "Tensor", strength: float) -> "Tensor":
    from aeviz.model.bodies import conv

    return conv.varied(x, strength)


def _conv1d(config: Config) -> "tuple[nn.Module, nn.Module]":
    from aeviz.model.bodies import conv1d

    return conv1d.build(config, **BODIES["conv1d"].settings(config))


def _lstm(config: Config) -> "tuple[nn.Module, nn.Module]":
    from aeviz.model.bodies import lstm

    return lstm.build(config, **BODIES["lstm"].settings(config))


def _transformer(config: Config) -> "tuple[nn.Module, nn.Module]":
    from aeviz.model.bodies import transformer

    return transformer.build(config, **BODIES["transformer"].settings(config))


def _writer(config: Config) -> "tuple[nn.Module, nn.Module]":
    from aeviz.model.bodies import writer

    return writer.build(config, **BODIES["lstm-writer"].settings(config))


def _one_side(shape: Shape) -> str | None:
    return None if len(shape) == 2 else f"This network reads series (C, T) and texts (V, L), not items {shape}."


def _two_sides(shape: Shape) -> str | None:
    return None if len(shape) == 3 else f"Convolutions of pictures take items (C, H, W), not {shape}."


def _lstm_calls(config: Config) -> tuple[str, str]:
    width, layers, frequencies = BODIES["lstm"].settings(config).values()
    encoder = f"LstmEncoder({config.shape}, {max(1, width // 2)}, {layers})"
    return encoder, f"LstmDecoder({config.shape}, {config.decoder_inputs}, {width}, {layers}, {frequencies})"


def _transformer_calls(config: Config) -> tuple[str, str]:
    sizes = ", ".join(str(BODIES["transformer"].settings(config)[name]) for name in ("width", "heads", "layers"))
    decoder = f"TransformerDecoder({config.shape}, {config.decoder_inputs}, {sizes})"
    return f"TransformerEncoder({config.shape}, {sizes})", decoder


def _writer_calls(config: Config) -> tuple[str, str]:
    _, width, hidden_inputs, symbol_width = BODIES["lstm-writer"].settings(config).values()
    encoder = f"LstmEncoder({config.shape}, {max(1, width // 2)})"
    return encoder, f"LstmWriter({config.shape}, {config.decoder_inputs}, {width}, {hidden_inputs}, {symbol_width})"


def _listed(numbers: tuple[int, ...]) -> str:
    return "–".join(map(str, numbers)) or "none"


def _widths(config: Config) -> str:
    return f"{config.body} network, channels {_listed(config.channels)}, dense {_listed(config.hidden)}"


def _described(config: Config) -> str:
    """A body by its options; the widths of dense layers where they are its encoder."""
    settings = BODIES[config.body].settings(config)
    stated = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())
    return f"{config.body} network, {stated}" + (_reader(config) if "encoder" in settings else "")


def _reader(config: Config) -> str:
    return f", dense {_listed(config.hidden)}" if _reads_densely(config) else ""


def _reads_densely(config: Config) -> bool:
    return bool(BODIES[config.body].settings(config)["encoder"] == "dense")


def _layers(config: Config) -> int:
    """Of an encoder that is of dense layers or of the body's own, of which there is one where no option says more."""
    return len(config.hidden) if _reads_densely(config) else int(BODIES[config.body].settings(config).get("layers", 1))


def _largest(config: Config) -> int:
    """The largest of the item and of its maps, each of half the sides of the one before."""
    maps = (count * prod(max(1, side >> row) for side in config.shape[1:]) for row, count in enumerate(config.channels))
    return max(prod(config.shape), *maps, 1)


def _recurrent(config: Config) -> int:
    """Four gates a unit at every place, and the features of a dense reader."""
    return max(prod(config.shape), 4 * int(BODIES[config.body].settings(config)["width"]) * config.shape[1])


def _attending(config: Config) -> int:
    """Fourfold widths at every place, or what each head gives every pair of places."""
    settings, places = BODIES[config.body].settings(config), config.shape[1]
    return max(prod(config.shape), 4 * int(settings["width"]) * places, int(settings["heads"]) * places**2)


BODIES: Table[Body] = Table(
    "body",
    "aeviz.bodies",
    Body,
    {
        "dense": Body(
            name="dense",
            title="Fully connected layers",
            problem=lambda shape: None,
            build=_dense,
            layers=lambda config: len(config.hidden),
            describe=_widths,
        ),
        "conv": Body(
            name="conv",
            title="Convolutions",
            problem=_two_sides,
            build=_conv,
            layers=lambda config: len(config.channels) + len(config.hidden),
            describe=_widths,
            largest=_largest,
            varied=_moved,
        ),
        "conv1d": Body(
            name="conv1d",
            title="Convolutions along time",
            problem=_one_side,
            build=_conv1d,
            layers=lambda config: len(config.channels) + len(config.hidden),
            describe=lambda config: f"{_widths(config)}, kernel {BODIES['conv1d'].settings(config)['kernel']}",
            options={"kernel": 7},
            largest=_largest,
        ),
        "lstm": Body(
            name="lstm",
            title="LSTM",
            problem=_one_side,
            build=_lstm,
            layers=lambda config: int(BODIES["lstm"].settings(config)["layers"]),
            describe=_described,
            options={"width": 64, "layers": 1, "frequencies": 6},
            largest=_recurrent,
            calls=_lstm_calls,
        ),
        "transformer": Body(
            name="transformer",
            title="Transformer",
            problem=_one_side,
            build=_transformer,
            layers=_layers,
            describe=_described,
            options={"encoder": ("transformer", "dense"), "width": 64, "heads": 4, "layers": 2},
            largest=_attending,
            calls=_transformer_calls,
        ),
        "lstm-writer": Body(
            name="lstm-writer",
            title="LSTM that writes letter by letter",
            problem=_one_side,
            build=_writer,
            layers=_layers,
            describe=_described,
            options={"encoder": ("lstm", "dense"), "width": 128, "hidden_inputs": 0.3, "symbol_width": 32},
            largest=_recurrent,
            calls=_writer_calls,
        ),
    },
)
