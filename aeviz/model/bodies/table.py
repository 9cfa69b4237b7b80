"""The table of bodies: the built-in ones, and those that installed packages bring.

A package adds one by an entry point of the group `aeviz.bodies` that names a `Body`.
"""

from typing import TYPE_CHECKING

from aeviz.model.bodies.base import Body
from aeviz.model.config import Config
from aeviz.plugins import Table
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import nn


def _dense(config: Config) -> "tuple[nn.Module, nn.Module]":
    from aeviz.model.bodies import dense

    return dense.build(config)


def _conv(config: Config) -> "tuple[nn.Module, nn.Module]":
    from aeviz.model.bodies import conv

    return conv.build(config)


def _two_sides(shape: Shape) -> str | None:
    return None if len(shape) == 3 else f"Convolutions of pictures take items (C, H, W), not {shape}."


def _listed(numbers: tuple[int, ...]) -> str:
    return "–".join(map(str, numbers)) or "none"


def _widths(config: Config) -> str:
    return f"{config.body} network, channels {_listed(config.channels)}, dense {_listed(config.hidden)}"


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
        ),
    },
)
