"""How an ONNX network wants its items, and what its decoder gives: by its outputs' range, and by trying on items."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from aeviz.importers.models.activations import CLOSE_RATIO
from aeviz.importers.models.conventions import MAX_VALUES, completed, error_of
from aeviz.importers.models.onnx_items import ItemForm
from aeviz.importers.models.statement import LAYOUTS, OUTPUTS, SCALINGS, NotStated, Statement
from aeviz.model.autoencoder import Autoencoder

Array = NDArray[np.float32]
MAX_TRIED_ITEMS = 64
EXACT = 1e-6  # squared error of a pixel that is none
SLACK = 1e-3  # by which a value may leave the range of an output function
ORDER = ("unit", "signed", "standard"), ("unit", "linear", "sigmoid", "tanh")  # the usual ones first


def infer(
    make: Callable[[Statement, ItemForm], Autoencoder], forms: Sequence[ItemForm], statement: Statement,
    items: Array | None, lowest: float, highest: float,
) -> tuple[Statement, ItemForm, tuple[str, ...]]:  # fmt: skip
    """A statement that says all of a network of pictures, the way its items lie, and sentences on both.

    make: the model of both. forms: ways in which its items may lie. items: (N, *shape) in [0, 1] to try on, or None.
    lowest, highest: of what the decoder gave. Raises NotStated where the output cannot be told.
    """
    outputs = _outputs(statement, lowest, highest)
    if items is None or not len(items):
        return _untried(forms, statement, outputs)
    shape = forms[0].shape
    tried = items[: max(1, min(MAX_TRIED_ITEMS, MAX_VALUES // prod(shape)))]
    scalings = (statement.scaling,) if statement.scaling else ("standard",) if statement.mean else ORDER[0]
    ways = [
        (_full(statement, scaling, output, form, tried), form)
        for form, scaling, output in product(forms, scalings, outputs)
        if not (scaling == "unit" and output == "linear" and "unit" in outputs)
    ]
    if len(ways) == 1:
        return (*ways[0], _as_stated(ways[0][0]))
    errors = [error_of(make(*way), tried) for way in ways]
    # The first, which is the usual one, where another is hardly better; and where none knows these items.
    good = min(errors) < float(tried.var(0).mean())
    row = next(row for row, error in enumerate(errors) if error <= CLOSE_RATIO * min(errors) + EXACT) if good else 0
    others = min(error for other, error in enumerate(errors) if other != row)
    best, form = ways[row]
    return best, form, tuple(_sentences(best, ways, errors[row], others, tried))


def _outputs(statement: Statement, lowest: float, highest: float) -> tuple[str, ...]:
    """What the decoder's last step may be, from the range of what it gave: a sigmoid's values are no logits."""
    if statement.output is not None:
        return (statement.output,)
    if lowest >= -SLACK and highest <= 1 + SLACK:
        return ("unit", "linear")
    if lowest >= -1 - SLACK and highest <= 1 + SLACK:
        return ("linear", "unit", "sigmoid", "tanh")
    return ORDER[1]


def _untried(
    forms: Sequence[ItemForm], statement: Statement, outputs: tuple[str, ...]
) -> tuple[Statement, ItemForm, tuple[str, ...]]:
    output = outputs[0] if len(outputs) <= 2 else "linear" if outputs[0] == "linear" else None
    if output is None:
        raise NotStated(
            "The decoder gives values outside of [−1, 1]: logits, or values in the input's scaling. State the "
            f"last step, or bring items of shape {forms[0].shape} on which it can be found out.",
            ("output",),
        )
    scaling = statement.scaling or ("standard" if statement.mean else "signed" if len(outputs) == 4 else "unit")
    full = _full(statement, scaling, output, forms[0], None)
    basis = "as stated" if statement.scaling or statement.mean else "taken for granted: bring items to have it checked"
    return full, forms[0], (f"Input scaling {SCALINGS[scaling]}: {basis}.",)


def _full(statement: Statement, scaling: str, output: str, form: ItemForm, items: Array | None) -> Statement:
    layout = "last" if form.last else "first"
    placed = replace(statement, shape=form.shape, layout=layout)
    return completed(placed, {"scaling": scaling, "output": output}, items)


def _as_stated(full: Statement) -> tuple[str, ...]:
    return (f"Input scaling {SCALINGS[full.scaling or 'unit']}, output {OUTPUTS[full.output or 'unit']}: as stated.",)


def _sentences(
    best: Statement, ways: Sequence[tuple[Statement, ItemForm]], error: float, next_error: float, items: Array
) -> list[str]:
    words = {
        "layout": (best.layout, f"layout {LAYOUTS[best.layout or 'first']}"),
        "scaling": (best.scaling, f"input scaling {SCALINGS[best.scaling or 'unit']}"),
        "output": (best.output, f"output {OUTPUTS[best.output or 'unit']}"),
    }
    varied = [name for name in words if len({getattr(full, name) for full, _ in ways}) > 1]
    text = ", ".join(words[name][1] for name in varied)
    text = f"{text[:1].upper()}{text[1:]}"
    if error >= float(items.var(0).mean()):
        return [
            f"{text}: taken for granted. No way of reading it rebuilds the items at hand better than their average "
            f"picture would (squared error {error:.4f}): these may be other items than the model was trained on."
        ]
    notes = [f"{text}: found by trying on {len(items)} items: squared error {error:.4f}, next best {next_error:.4f}."]
    if best.scaling == "standard" and best.mean and best.std and "scaling" in varied:
        notes.append(f"Standardised with mean {best.mean[0]:.3f} and std {best.std[0]:.3f}, measured on the items.")
    if next_error < CLOSE_RATIO * error:
        notes.append("The next best is close: state it if you know it.")
    return notes
