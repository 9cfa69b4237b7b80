"""Finding out how a foreign model wants its pictures: each likely way is tried, and the best reconstruction tells."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray

from aeviz.importers.models.activations import (
    ACTIVATIONS,
    CLOSE_RATIO,
    activation_words,
    errors_of_slopes,
    slope_of,
    slope_that_fits,
    slopes_words,
)
from aeviz.importers.models.layouts import Layout
from aeviz.importers.models.statement import BARE_OUTPUTS, OUTPUTS, SCALINGS, NotStated, Statement
from aeviz.model.autoencoder import Autoencoder
from aeviz.types import Shape

Array = NDArray[np.float32]

MAX_ITEMS = 256  # tried
MAX_VALUES = 4_000_000  # of the items tried


@dataclass(frozen=True)
class Conventions:
    """A statement that says all, and sentences on how it came about."""

    statement: Statement
    notes: tuple[str, ...]


def infer_conventions(
    make: Callable[[Statement], Autoencoder], layout: Layout, shape: Shape, statement: Statement, items: Array | None
) -> Conventions:
    """Complete a statement about a model of this layout: by what is stated, by the layout, or by trying.

    make: the model of a statement that says all. items: (N, C, H, W) in [0, 1] of the model's shape, or None. Raises
    NotStated where there is nothing to try on and the layout does not tell.
    """
    tried = None if items is None or not len(items) else items[: _count(shape)]
    ways = _ways(layout, statement, tried is not None)
    if tried is None:
        needs = tuple(name for name in ("activation", "output") if len(ways[name]) > 1)
        if needs:
            raise NotStated(
                f"{layout.title}: its weights do not tell its {' and '.join(needs)}. State them, or bring items "
                f"of shape {shape} on which they can be found out.",
                needs,
            )
        return Conventions(
            completed(statement, {name: options[0] for name, options in ways.items()}, None), _assumed(ways, statement)
        )
    candidates = [
        completed(statement, dict(zip(ways, values, strict=True)), tried) for values in product(*ways.values())
    ]
    if len(candidates) == 1:
        return Conventions(candidates[0], _assumed(ways, statement))
    errors = [error_of(make(candidate), tried) for candidate in candidates]
    order = np.argsort(errors, kind="stable")
    best, error, next_error = candidates[order[0]], errors[order[0]], errors[order[1]]
    inferred = [name for name, options in ways.items() if len(options) > 1]
    slopes: list[float] = []
    if "activation" in inferred and slope_of(best.activation or "") is not None:

        def of_slope(name: str) -> float:
            return error_of(make(replace(best, activation=name)), tried)

        leaky, slopes = slope_that_fits(errors_of_slopes(of_slope))
        others = [
            value for value, other in zip(errors, candidates, strict=True)
            if slope_of(other.activation or "") is None or replace(other, activation=best.activation) != best
        ]  # fmt: skip
        best, error, next_error = replace(best, activation=leaky), of_slope(leaky), min(others)
    return Conventions(best, tuple(_sentences(best, inferred, error, next_error, tried, slopes)))


def centre_and_spread(statement: Statement) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What is taken from a picture in [0, 1] and what it is divided by, to be as the encoder was fed."""
    if statement.scaling == "standard" and statement.mean is not None and statement.std is not None:
        return statement.mean, statement.std
    return ((0.5,), (0.5,)) if statement.scaling == "signed" else ((0.0,), (1.0,))


def _count(shape: Shape) -> int:
    return max(1, min(MAX_ITEMS, MAX_VALUES // prod(shape)))


def _ways(layout: Layout, statement: Statement, try_all: bool) -> dict[str, tuple[str, ...]]:
    """The values to try for each field: one where it is stated or told by the layout."""
    scalings = tuple(SCALINGS) if try_all else (("signed",) if layout.output == "tanh" else ("unit",))
    known = {
        "scaling": (statement.scaling, None, scalings),
        "output": (statement.output, layout.output, BARE_OUTPUTS),
        "activation": (statement.activation, layout.activation, tuple(ACTIVATIONS)),
    }
    if statement.mean is not None:
        known["scaling"] = ("standard", None, scalings)
    return {
        name: (stated,) if stated else (inferred,) if inferred else options
        for name, (stated, inferred, options) in known.items()
    }


def completed(statement: Statement, values: dict[str, str], items: Array | None) -> Statement:
    """A statement with these values; mean and std measured on items in [0, 1] where pictures are standardised."""
    full = replace(statement, **values)  # type: ignore[arg-type]
    if full.scaling != "standard":
        return replace(full, mean=None, std=None)
    if full.mean is None:
        if items is None:
            raise NotStated("Standardised pictures: state the mean and std that were used.", ("mean", "std"))
        full = replace(full, mean=(float(items.mean()),), std=(max(float(items.std()), 1e-3),))
    return full


@torch.inference_mode()
def error_of(model: Autoencoder, items: Array) -> float:
    """Mean squared error of a model's reconstructions of items (N, *shape); infinite where they are no numbers."""
    x = torch.tensor(items, dtype=torch.float32, device=model.device)
    error = float((model(x) - x).square().mean())
    return error if np.isfinite(error) else float("inf")


def _assumed(ways: dict[str, tuple[str, ...]], statement: Statement) -> tuple[str, ...]:
    scaling = ways["scaling"][0]
    basis = "as stated" if statement.scaling or statement.mean else "taken for granted: bring items to have it checked"
    return (f"Input scaling {SCALINGS[scaling]}: {basis}.",)


def _sentences(
    best: Statement, inferred: list[str], error: float, next_error: float, items: Array, slopes: list[float]
) -> list[str]:
    words = {
        "scaling": f"input scaling {SCALINGS[best.scaling or 'unit']}",
        "output": f"output {OUTPUTS[best.output or 'sigmoid']}",
        "activation": f"activation {activation_words(best.activation or 'relu')}",
    }
    text = ", ".join(words[name] for name in inferred)
    basis = f"found by trying on {len(items)} items: squared error {error:.4f}, next best {next_error:.4f}"
    notes = [f"{text[:1].upper()}{text[1:]}: {basis}."]
    if best.scaling == "standard" and best.mean and best.std and "scaling" in inferred:
        notes.append(f"Standardised with mean {best.mean[0]:.3f} and std {best.std[0]:.3f}, measured on the items.")
    if len(slopes) > 1:
        notes.append(slopes_words(slopes))
    if next_error < CLOSE_RATIO * error:
        notes.append("The next best is close: state it if you know it.")
    if error >= float(items.var(0).mean()):
        notes.append(
            "None of these ways rebuilds the items better than their average picture would: these may be other items "
            "than the model was trained on, or its activation or shape is another."
        )
    return notes
