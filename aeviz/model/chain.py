"""A network that was read from somebody's file, as sequences of torch's own layers, and the lines that build them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

INDENT = "    "


class Residual(nn.Module):
    """x + conv_block(x), by the name that pythae has for it."""

    def __init__(self, *inner: nn.Module) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(*inner)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Chain:
    """The layers of an autoencoder in the order in which an item and a code pass them.

    encoder, decoder: modules, or sequences of them. heads: of the mean, and of the log-variance where it is one of its
    own. doubled: whether the one head gives both, side by side; swapped: whether the log-variance comes first. is_std:
    whether it is log σ, not log σ². centre, spread: of each channel: the network reads (x - centre) / spread. last:
    what makes an item of what the decoder gives: "sigmoid", "tanh" or "linear" in the scaling of the input, or "unit"
    where it is cut to [0, 1].
    """

    encoder: Sequence[nn.Module]
    heads: Sequence[nn.Module]
    decoder: Sequence[nn.Module]
    doubled: bool = False
    swapped: bool = False
    is_std: bool = False
    centre: Sequence[float] = (0.0,)
    spread: Sequence[float] = (1.0,)
    last: str = "sigmoid"

    @property
    def gaussian(self) -> bool:
        """Whether the code has a spread."""
        return self.doubled or len(self.heads) > 1

    @property
    def scaled(self) -> bool:
        """Whether the network reads other numbers than those of an item."""
        return set(self.centre) != {0.0} or set(self.spread) != {1.0}


@runtime_checkable
class Chained(Protocol):
    """A model that is a chain of layers. Raises ValueError where it is none."""

    def chain(self) -> Chain: ...


@runtime_checkable
class Loading(Protocol):
    """A model that knows the lines which load its weights into the class of `lines`; empty for none."""

    loading: tuple[str, ...]


def layers(modules: Sequence[nn.Module]) -> Iterator[nn.Module]:
    """The layers of modules, one after another, those within sequences too."""
    for module in modules:
        if isinstance(module, nn.Sequential):
            yield from layers([*module])
        else:
            yield module


def tensors(chain: Chain) -> dict[str, Tensor]:
    """The weights by the names that they have in the class of `lines`."""
    return {
        f"{half}.{row}.{name}": value
        for half, modules in _parts(chain)
        for row, module in enumerate(_made(modules))
        for name, value in module.state_dict().items()
    }


def lines(
    chain: Chain, name: str, written: Callable[[nn.Module], str], shown: Mapping[nn.Module, tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """The lines of a class `name` with `encode(x)` and `decode(z)`, each with the name of the layer that it makes.

    written: the expression that makes a layer. shown: the name and the shape, in words, of those that are layers to a
    page. Raises ValueError for a layer that is neither one of torch's own nor a `Residual`.
    """
    yield f"class {name}(nn.Module):", ""
    yield f"{INDENT}def __init__(self):", ""
    yield f"{2 * INDENT}super().__init__()", ""
    for half, modules in _parts(chain):
        yield from _sequence(half, modules, written, shown)
    yield from _scaling(chain)
    yield from (("", ""), (f"{INDENT}def encode(self, x):", ""))
    yield from ((f"{2 * INDENT}{text}", "") for text in _encoding(chain))
    yield from (("", ""), (f"{INDENT}def decode(self, z):", ""))
    yield f"{2 * INDENT}return {_item(chain)}", ""


def _parts(chain: Chain) -> Iterator[tuple[str, Sequence[nn.Module]]]:
    yield from (("encoder", chain.encoder), *_heads(chain), ("decoder", chain.decoder))


def _made(modules: Sequence[nn.Module]) -> list[nn.Module]:
    return [module for module in layers(modules) if not isinstance(module, nn.Identity)]


def _heads(chain: Chain) -> Iterator[tuple[str, Sequence[nn.Module]]]:
    names = ("heads",) if chain.doubled else ("mean", "log_std" if chain.is_std else "log_var")
    yield from ((name, [head]) for name, head in zip(names, chain.heads, strict=False))


def _sequence(
    half: str,
    modules: Sequence[nn.Module],
    written: Callable[[nn.Module], str],
    shown: Mapping[nn.Module, tuple[str, str]],
) -> Iterator[tuple[str, str]]:
    made = _made(modules)
    known = [*made, *(inner for module in made if isinstance(module, Residual) for inner in module.conv_block)]
    if other := next((module for module in known if not _is_written(module)), None):
        name = type(other).__name__
        raise ValueError(f"Its lines are not known: it has a {name}, which is no layer of PyTorch's own.")
    yield f"{2 * INDENT}self.{half} = nn.Sequential(", ""
    for module in made:
        layer, shape = shown.get(module, ("", ""))
        yield f"{3 * INDENT}{written(module)},{f'  # {shape}' if shape else ''}", layer
    yield f"{2 * INDENT})", ""


def _is_written(module: nn.Module) -> bool:
    return isinstance(module, Residual) or type(module).__module__.startswith("torch.nn.")


def _scaling(chain: Chain) -> Iterator[tuple[str, str]]:
    if chain.scaled:
        yield f"{2 * INDENT}self.centre, self.spread = {_constant(chain.centre)}, {_constant(chain.spread)}", ""


def _constant(values: Sequence[float]) -> str:
    few = [round(float(value), 7) for value in values]
    return repr(few[0]) if len(set(few)) == 1 else f"torch.tensor({few}).reshape(-1, 1, 1)"


def _encoding(chain: Chain) -> Iterator[str]:
    yield f"features = self.encoder({'(x - self.centre) / self.spread' if chain.scaled else 'x'})"
    if not chain.gaussian:
        yield "return self.mean(features).flatten(1)"
        return
    other = "log_std" if chain.is_std else "log_var"
    names = f"{other}, mean" if chain.swapped else f"mean, {other}"
    if chain.doubled:
        yield f"{names} = self.heads(features).chunk(2, dim=1)"
    else:
        yield f"{names} = self.mean(features), self.{other}(features)"
    yield f"return mean.flatten(1), {other if chain.is_std else '(log_var / 2)'}.flatten(1).clamp(-15, 15).exp()"


def _item(chain: Chain) -> str:
    scaled = " * self.spread + self.centre" if chain.scaled else ""
    match chain.last:
        case "sigmoid":
            return "self.decoder(z).sigmoid()"
        case "unit":
            return "self.decoder(z).clamp(0, 1)"
        case "tanh":
            return f"(self.decoder(z).tanh(){scaled}).clamp(0, 1)"
        case _:
            return f"(self.decoder(z){scaled}).clamp(0, 1)"
