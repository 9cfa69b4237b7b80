"""How well hidden cells of a table, or values of a series, are filled in."""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from aeviz.evaluation.definitions import HIDDEN, MASKS
from aeviz.modalities.base import Scale

Array = NDArray[np.float32]
Fill = Callable[[Array], Array]


def widths_of(items: Array, scale: Scale) -> tuple[int, ...]:
    """How many features each column of items (N, *shape) has: 1 is a number, more are a category's."""
    return scale.widths or (1,) * prod(items.shape[1:])


def hidden_cells(count: int, columns: int, seed: int, share: float = HIDDEN) -> NDArray[np.bool_]:
    """Which cells (count, columns) are hidden, each by chance of its own."""
    hidden: NDArray[np.bool_] = np.random.default_rng(seed).random((count, columns)) < share
    return hidden


def without(items: Array, widths: Sequence[int], hidden: NDArray[np.bool_]) -> Array:
    """Items (N, *shape) whose hidden cells (N, columns) are missing: NaN in all their features."""
    features = np.repeat(hidden, widths, axis=1).reshape(items.shape)
    masked: Array = np.where(features, np.float32(np.nan), items)
    return masked


def hidden_errors(true: Array, filled: Array, widths: Sequence[int], hidden: NDArray[np.bool_]) -> dict[str, float]:
    """Errors of the hidden cells (N, columns) of items (N, *shape), each cell alike; categories where there are some.

    Keys as in `aeviz.evaluation.definitions`. A category counts as right where its likeliest feature is the true one.
    """
    numbers: list[NDArray[np.float64]] = []
    right: list[NDArray[np.bool_]] = []
    for x, y, rows in _columns(true, filled, widths, hidden):
        if x.shape[1] > 1:
            right.append(x[rows].argmax(1) == y[rows].argmax(1))
        else:
            numbers.append((x[rows, 0] - y[rows, 0]).astype(np.float64))
    differences = np.concatenate(numbers)
    errors = {
        "missing_error": float(np.sqrt(np.square(differences).mean())),
        "missing_absolute": float(np.abs(differences).mean()),
    }
    return errors | ({"missing_right": float(np.concatenate(right).mean())} if right else {})


def _columns(
    true: Array, filled: Array, widths: Sequence[int], hidden: NDArray[np.bool_]
) -> Iterator[tuple[Array, Array, NDArray[np.bool_]]]:
    ends = np.cumsum(widths)[:-1]
    parts = (np.split(items.reshape(len(items), -1), ends, axis=1) for items in (true, filled))
    yield from zip(*parts, hidden.T, strict=True)


def filled_in(items: Array, scale: Scale, fill: Fill) -> dict[str, float]:
    """Mean figures over `MASKS` masks with the seeds 0, 1, … of `fill`, (N, *shape) with NaN -> (N, *shape)."""
    widths = widths_of(items, scale)
    per_mask = []
    for seed in range(MASKS):
        hidden = hidden_cells(len(items), len(widths), seed)
        per_mask.append(hidden_errors(items, fill(without(items, widths, hidden)), widths, hidden))
    return {key: float(np.mean([errors[key] for errors in per_mask])) for key in per_mask[0]}
