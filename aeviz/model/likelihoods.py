"""What an output is scored with: p(x | z), given the logits that a decoder makes of z.

A likelihood gives the error of an item in nats and the item that is shown, from the same logits: the loss, the bound,
the decoder and every page read the same object. To read the table takes no torch.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aeviz.modalities.registry import MODALITIES

if TYPE_CHECKING:
    from torch import Tensor

EDGE = 1e-6  # of a probability, from which logits are made
CLAMP = 1e-4  # how near to 0 and 1 a probability is scored that no sigmoid keeps between them
Bounds = tuple[float, float] | None


class Likelihood(ABC):
    """Scores logits against items of the same shape, (N, *shape). A value that is missing (NaN) is not scored."""

    @abstractmethod
    def error(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        """-log p(x | z) of each item in nats, up to the constant that the table states: (N,)."""

    @abstractmethod
    def mean(self, logits: "Tensor") -> "Tensor":
        """The expected items, (N, *shape), in the data's own range."""

    @abstractmethod
    def written(self, logits: str) -> str:
        """The expression in PyTorch that makes of logits what `mean` does; logits: an expression too."""

    @abstractmethod
    def logits(self, y: "Tensor") -> "Tensor":
        """Logits (N, *shape) whose `mean` are the items y: what stands for them where only items are known."""

    def errors(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        """The error of each item under each of K draws: logits (N, K, *shape), x (N, *shape) -> (N, K)."""
        return self.error(logits.flatten(0, 1), x.repeat_interleave(logits.shape[1], 0)).view(logits.shape[:2])

    @property
    def warm_up(self) -> "Likelihood":
        """What to score with in the first steps of a training: one of the same mean whose gradient does not vanish."""
        return self


def linked(link: str, logits: "Tensor", bounds: Bounds = None) -> "Tensor":
    """The items of logits (N, *shape), by the output function of a config.

    "sigmoid" and "tanh" (from [-1, 1]) end in [0, 1]. "linear" is cut to bounds, if any, but passes gradients on as if
    it were not: an output that was cut could not come back otherwise.
    """
    if link == "sigmoid":
        return logits.sigmoid()
    if link == "tanh":
        return (logits.tanh() + 1) / 2
    if bounds is None:
        return logits
    return logits + (logits.clamp(*bounds) - logits).detach() if logits.requires_grad else logits.clamp(*bounds)


def _written(link: str, logits: str, bounds: Bounds) -> str:
    """The expression that makes what `linked` does."""
    if link == "linear":
        return logits if bounds is None else f"{logits}.clamp({bounds[0]:g}, {bounds[1]:g})"
    return f"{logits}.sigmoid()" if link == "sigmoid" else f"({logits}.tanh() + 1) / 2"


def unlinked(link: str, y: "Tensor") -> "Tensor":
    """Logits whose items by `linked` are y, kept `EDGE` from where they would be infinite."""
    if link == "linear":
        return y
    logits = y.logit(eps=EDGE)
    return logits / 2 if link == "tanh" else logits  # (tanh l + 1) / 2 is the sigmoid of 2 l


def _known(y: "Tensor", x: "Tensor") -> "Tensor":
    """Items x with y in the place of each value that is missing (NaN): no error there, and no gradient."""
    return x.where(~x.isnan(), y.detach())


def _nats(values: "Tensor") -> "Tensor":
    return values.flatten(1).sum(1)


def _cross_entropies(logits: "Tensor", x: "Tensor") -> "Tensor":
    """Cross-entropy of x (N, D) under each of K rows of logits (N, K, D), summed, (N, K).

    With softplus(l) = l/2 + |l|/2 + log(1 + exp(-|l|)), x enters by one product of a matrix and a vector, and
    since every factor 1 + exp(-|l|) lies in (1, 2], up to 64 of them are multiplied before a single logarithm
    is taken. Two to three times as fast as softplus on a CPU.
    """
    size = logits.abs()
    value = 0.5 * size.sum(2) - logits.bmm((x - 0.5)[:, :, None])[:, :, 0]
    factors = size.neg_().exp_().add_(1.0)
    for _ in range(6):
        half, odd = divmod(factors.shape[2], 2)
        if odd:
            break
        factors = factors[:, :, :half].mul_(factors[:, :, half:])
    return value + factors.log().sum(2)


@dataclass(frozen=True)
class Bernoulli(Likelihood):
    """Values that are 0 or 1, independently; for a grey x the error is the cross-entropy. Nothing is left out.

    With the link "linear" the probability is the item shown, kept `CLAMP` away from 0 and 1 where it is scored.
    """

    link: str = "sigmoid"

    def error(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        from torch.nn import functional as F

        if self.link == "linear":
            probability = linked(self.link, self.mean(logits), (CLAMP, 1 - CLAMP))
            values = F.binary_cross_entropy(probability, x.nan_to_num(), reduction="none")
        else:
            scaled = 2 * logits if self.link == "tanh" else logits  # (tanh l + 1) / 2 is the sigmoid of 2 l
            values = F.binary_cross_entropy_with_logits(scaled, x.nan_to_num(), reduction="none")
        return _nats(values.masked_fill(x.isnan(), 0.0))

    def mean(self, logits: "Tensor") -> "Tensor":
        return linked(self.link, logits, (0.0, 1.0))

    def written(self, logits: str) -> str:
        return _written(self.link, logits, (0.0, 1.0))

    def logits(self, y: "Tensor") -> "Tensor":
        return unlinked(self.link, y)

    def errors(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        if self.link == "linear":
            return super().errors(logits, x)
        flat = logits.flatten(2)
        return _cross_entropies(2 * flat if self.link == "tanh" else flat, x.flatten(1))


@dataclass(frozen=True)
class Gaussian(Likelihood):
    """Values with Gaussian noise of spread `std` about the linked logits. Left out: log(std √(2π)) for each value.

    At the default spread, √½, the error is the squared error.
    """

    link: str = "sigmoid"
    bounds: Bounds = (0.0, 1.0)
    std: float = math.sqrt(0.5)

    def error(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        y = self.mean(logits)
        return _nats((y - _known(y, x)).square()) / (2 * self.std**2)

    def mean(self, logits: "Tensor") -> "Tensor":
        return linked(self.link, logits, self.bounds)

    def written(self, logits: str) -> str:
        return _written(self.link, logits, self.bounds)

    def logits(self, y: "Tensor") -> "Tensor":
        return unlinked(self.link, y)

    @property
    def warm_up(self) -> Likelihood:
        return self if self.link == "linear" else Bernoulli(self.link)


@dataclass(frozen=True)
class Laplace(Likelihood):
    """Values with Laplace noise of the scale b about the linked logits. Left out: log(2b) for each value."""

    link: str = "sigmoid"
    bounds: Bounds = (0.0, 1.0)
    scale: float = 1.0

    def error(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        y = self.mean(logits)
        return _nats((y - _known(y, x)).abs()) / self.scale

    def mean(self, logits: "Tensor") -> "Tensor":
        return linked(self.link, logits, self.bounds)

    def written(self, logits: str) -> str:
        return _written(self.link, logits, self.bounds)

    def logits(self, y: "Tensor") -> "Tensor":
        return unlinked(self.link, y)

    @property
    def warm_up(self) -> Likelihood:
        return self if self.link == "linear" else Bernoulli(self.link)


@dataclass(frozen=True)
class Categorical(Likelihood):
    """One symbol of the axis at every place: x is one-hot along it, `mean` the probabilities. Nothing is left out.

    axis: counted with the items' own axis as 0, so 1 in a text (N, V, L). A place whose x is all 0 or NaN is not
    scored.
    """

    axis: int = 1

    def error(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        return -_nats(logits.log_softmax(self.axis) * x.nan_to_num())

    def mean(self, logits: "Tensor") -> "Tensor":
        return logits.softmax(self.axis)

    def written(self, logits: str) -> str:
        return f"{logits}.softmax({self.axis})"

    def logits(self, y: "Tensor") -> "Tensor":
        return y.clamp(min=EDGE).log()


@dataclass(frozen=True)
class Mixed(Likelihood):
    """The columns of a table, independently: numbers Gaussian in standard units, categories categorical.

    widths: of the columns, in features: 1 is a number, more are a category's. The error adds the columns' nats. Left
    out: what `Gaussian(std=std)` leaves out, for each number.
    """

    widths: tuple[int, ...]
    std: float = math.sqrt(0.5)

    def error(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        return self.by_column(logits, x).sum(1)

    def by_column(self, logits: "Tensor", x: "Tensor") -> "Tensor":
        """The nats of each column, (N, columns), of rows (N, F)."""
        import torch

        columns = zip(torch.split(logits, [*self.widths], 1), torch.split(x, [*self.widths], 1), strict=True)
        return torch.stack([self._of(part.shape[1]).error(part, true) for part, true in columns], 1)

    def mean(self, logits: "Tensor") -> "Tensor":
        import torch

        return torch.cat([self._of(part.shape[1]).mean(part) for part in torch.split(logits, [*self.widths], 1)], 1)

    def written(self, logits: str) -> str:
        columns = f"{logits}.split({[*self.widths]}, 1)"
        return f"torch.cat([part.softmax(1) if part.shape[1] > 1 else part for part in {columns}], 1)"

    def logits(self, y: "Tensor") -> "Tensor":
        import torch

        return torch.cat([self._of(part.shape[1]).logits(part) for part in torch.split(y, [*self.widths], 1)], 1)

    def _of(self, width: int) -> Likelihood:
        return Categorical() if width > 1 else Gaussian("linear", None, self.std)


@dataclass(frozen=True)
class LikelihoodRow:
    """A likelihood in the table: how it is called and built.

    name: as in a config. title: in words. outputs: the links that it may have, the usual first. constant: what its
    error leaves out of −log p(x | z), in words; "" where that is nothing. build: (link, bounds of the items, widths of
    the columns, spread) -> the likelihood. spread: of its noise where a config states none, 0 for one that has no
    noise. binary: whether it is one of 0 and 1 alone, so that −log p(x) is measured on items drawn so. loss: what it
    is called where it is a loss.
    """

    name: str
    title: str
    outputs: tuple[str, ...]
    constant: str
    build: Callable[[str, Bounds, Sequence[int], float], Likelihood]
    spread: float = 0.0
    binary: bool = False
    loss: str = ""


VALUES = ("sigmoid", "tanh", "linear")  # links of likelihoods of single numbers
SQUARED = math.sqrt(0.5)  # the spread at which a Gaussian's error is the squared error
LIKELIHOODS = {
    row.name: row
    for row in (
        LikelihoodRow(
            "bce",
            "Bernoulli",
            VALUES,
            "",
            lambda link, bounds, widths, spread: Bernoulli(link),
            binary=True,
            loss="Cross-entropy",
        ),
        LikelihoodRow(
            "mse",
            "Gaussian",
            VALUES,
            "log(σ √(2π)) for each value, σ being the spread",
            lambda link, bounds, widths, spread: Gaussian(link, bounds, spread),
            SQUARED,
            loss="Squared error",
        ),
        LikelihoodRow(
            "l1",
            "Laplace",
            VALUES,
            "log(2b) for each value, b being the spread",
            lambda link, bounds, widths, spread: Laplace(link, bounds, spread),
            1.0,
            loss="Absolute error",
        ),
        LikelihoodRow(
            "categorical",
            "categorical",
            ("softmax",),
            "",
            lambda link, bounds, widths, spread: Categorical(),
            loss="Cross-entropy",
        ),
        LikelihoodRow(
            "mixed",
            "Gaussian and categorical",
            ("linear",),
            "log(σ √(2π)) for each number, σ being the spread",
            lambda link, bounds, widths, spread: Mixed(tuple(widths), spread),
            SQUARED,
            loss="Squared error and cross-entropy",
        ),
    )
}


class Scored(Protocol):
    """What a likelihood must know of a config."""

    @property
    def likelihood(self) -> str: ...
    @property
    def output(self) -> str: ...
    @property
    def modality(self) -> str: ...
    @property
    def columns(self) -> tuple[int, ...]: ...
    @property
    def spread(self) -> float: ...


def likelihood_of(config: Scored) -> Likelihood:
    """The likelihood that a config names."""
    bounds = MODALITIES[config.modality].bounds
    row = LIKELIHOODS[config.likelihood]
    return row.build(config.output, bounds, config.columns, config.spread or row.spread)


def constant(name: str) -> str:
    """What the error of a likelihood leaves out, in words; "" for nothing."""
    return LIKELIHOODS[name].constant if name in LIKELIHOODS else "an unknown constant"
