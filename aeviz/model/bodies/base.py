"""What a body says of itself. To read it takes no torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from aeviz.model.config import Config
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import Tensor, nn


MAX_SIZE, MAX_LAYERS = 4096, 64  # of an option that is a size
NOISE = 0.1  # standard deviation of what varied items get


def _with_noise(x: "Tensor", strength: float) -> "Tensor":
    return x + strength * NOISE * x.new_empty(x.shape).normal_()


@dataclass(frozen=True)
class Body:
    """A row of the table: how a pair of encoder and decoder is called and built.

    name: as in a config. title: in words. problem: why it does not take items of a shape, or None. build: config ->
    encoder, a module that makes features (N, `features`) of items and says how many, and decoder, which makes logits
    (N, *shape) of codes (N, `config.decoder_inputs`); raises ValueError. layers: how many the encoder of a config has.
    describe: a config's layers in words. largest: how many numbers the widest layer of a config holds for one item,
    which bounds the items that pass at once; none takes those of the item. options: names and defaults of the settings
    in `config.options`: a whole number is a size, a tuple the words that may be chosen, the usual one first. calls: the
    expressions that build an encoder and a decoder by their classes, for those that are no sequence of layers: one that
    is has `as_sequence`, what it makes of "{x}" with its sequence "{layers}" and the "{shape}" of an item.
    """

    name: str
    title: str
    problem: Callable[[Shape], str | None]
    build: "Callable[[Config], tuple[nn.Module, nn.Module]]"
    layers: Callable[[Config], int]
    describe: Callable[[Config], str]
    options: Mapping[str, Any] = field(default_factory=dict)
    largest: Callable[[Config], int] = lambda config: prod(config.shape)
    calls: Callable[[Config], tuple[str, str]] | None = None
    varied: "Callable[[Tensor, float], Tensor]" = _with_noise

    def settings(self, config: Config) -> dict[str, Any]:
        """Its options with what a config states of them.

        Raises ValueError for an option that it has not, and for a value that is none of the option's.
        """
        if unknown := config.options.keys() - self.options.keys():
            known = ", ".join(self.options) or "none"
            raise ValueError(f"The body {self.name!r} has no option {min(unknown)!r}: expected {known}.")
        return {name: _checked(name, config.options.get(name, usual), usual) for name, usual in self.options.items()}


def _checked(name: str, value: Any, usual: Any) -> Any:
    """A value of an option, whose usual one is the first of some words, a size, or a number."""
    if isinstance(usual, tuple):
        chosen = usual[0] if value is usual else value
        if chosen not in usual:
            raise ValueError(f"The option {name} must be one of {', '.join(usual)}, not {chosen!r}.")
        return chosen
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"The option {name} must be a number, not {value!r}.")
    if isinstance(usual, int):
        maximum = MAX_LAYERS if name == "layers" else MAX_SIZE
        if value != value // 1 or not 1 <= value <= maximum:
            raise ValueError(f"The option {name} must be a whole number from 1 to {maximum}, not {value:g}.")
        return int(value)
    return float(value)
