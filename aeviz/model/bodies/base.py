"""What a body says of itself. To read it takes no torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from aeviz.model.config import Config
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import Tensor, nn


class Encoder(Protocol):
    """A torch module that makes features (N, features) of items (N, *shape)."""

    @property
    def features(self) -> int: ...

    def __call__(self, x: "Tensor") -> "Tensor": ...


@dataclass(frozen=True)
class Body:
    """A row of the table: how a pair of encoder and decoder is called and built.

    name: as in a config. title: in words. problem: why it does not take items of a shape, or None. build: config ->
    encoder, a module that makes features (N, `features`) of items and says how many, and decoder, which makes logits
    (N, *shape) of codes (N, `config.told_dim`); raises ValueError. layers: how many the encoder of a config has.
    describe: a config's layers in words. options: names and defaults of the settings in `config.options`.
    """

    name: str
    title: str
    problem: Callable[[Shape], str | None]
    build: "Callable[[Config], tuple[nn.Module, nn.Module]]"
    layers: Callable[[Config], int]
    describe: Callable[[Config], str]
    options: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, config: Config) -> dict[str, Any]:
        """Its options with what a config states of them. Raises ValueError for an option that it has not."""
        if unknown := config.options.keys() - self.options.keys():
            known = ", ".join(self.options) or "none"
            raise ValueError(f"The body {self.name!r} has no option {min(unknown)!r}: expected {known}.")
        return {**self.options, **config.options}
