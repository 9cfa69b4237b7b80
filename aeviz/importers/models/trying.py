"""Finding out by trying what shapes do not tell of a network: what rebuilds items best, and how sure that is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.importers.models.activations import (
    ACTIVATIONS,
    CLOSE_RATIO,
    LEAKY,
    USUAL_RATIO,
    activation_words,
    commonness,
    errors_of_slopes,
    slope_of,
    slopes_words,
)
from aeviz.importers.models.chains import Plan
from aeviz.importers.models.conventions import MAX_ITEMS, MAX_VALUES, centre_and_spread, completed
from aeviz.importers.models.plans import (
    Form,
    PlanNetwork,
    active_places,
    decoder_of,
    encoder_of,
    forms,
    heads_of,
    largest,
)
from aeviz.importers.models.statement import BARE_OUTPUTS, OUTPUTS, SCALINGS, NotStated, Statement
from aeviz.importers.models.weights import Tensors
from aeviz.types import Shape

Array = NDArray[np.float32]

FIRST_ITEMS, FEW_ITEMS = 12, 24  # on which forms, and then activations, are tried; the best then on MAX_ITEMS
MAX_FORMS = 24
MAX_VALUES_AT_ONCE = 1 << 26  # numbers in the largest layer, for all items that are tried on
FINALISTS, MAX_FINAL_FORMS = 16, 3
MAX_TRYING_S = 20.0  # for all trying
SURE_RATIO = 1.5
LITTLE = 0.5  # share of the items' variance from which on an error tells little
HALVES = ("activation", "decoder_activation")
FIRST = ("relu", "leaky_relu_0.2", "elu", "tanh", "silu")  # by which forms are told apart, where there are many


@dataclass(frozen=True)
class Way:
    """One way to read a plan."""

    form: Form
    activation: str
    decoder_activation: str
    scaling: str
    output: str


@dataclass(frozen=True)
class BestWay:
    """The way that reconstructs best, the statement that says it, and sentences on how sure it is."""

    way: Way
    statement: Statement
    notes: tuple[str, ...]


def best_way(plan: Plan, title: str, weights: Tensors, statement: Statement, items: Array | None) -> BestWay:
    """How to read a plan for items of the statement's shape.

    items: (N, C, H, W) in [0, 1] of that shape, or None. Raises NotStated where there is nothing to try on and
    something is not stated.
    """
    shape = statement.shape
    if shape is None:
        raise ValueError("The shape must be known by now.")
    known = forms(plan, shape)[:MAX_FORMS]
    options = _options(statement, any(map(any, (active_places(plan, form) for form in known))), items is not None)
    if items is None or not len(items):
        return _taken(plan, title, statement, known, options)
    trial = _TimedSearch(plan, weights, shape, items, known)
    ranked = trial.search(known, options, statement)
    _error, way = ranked[0]
    full = _stated(statement, way, items)
    notes = _sentences(plan, way, ranked, known, options, full, trial.items)
    if not trial.whole:
        notes.append(f"Not all ways could be tried in {MAX_TRYING_S:.0f} seconds: state what you know of it.")
    return BestWay(way, full, tuple(notes))


def _options(statement: Statement, has_activations: bool, has_items: bool) -> dict[str, tuple[str, ...]]:
    scalings = tuple(SCALINGS) if has_items else ("unit",)
    return {
        "scaling": ("standard",) if statement.mean else (statement.scaling,) if statement.scaling else scalings,
        "output": (statement.output,) if statement.output else BARE_OUTPUTS,
        "activation": (statement.activation,)
        if statement.activation
        else tuple(ACTIVATIONS)
        if has_activations
        else ("relu",),
        "decoder_activation": (statement.decoder_activation or statement.activation,)  # type: ignore[dict-item]
        if statement.decoder_activation or statement.activation
        else tuple(ACTIVATIONS)
        if has_activations
        else ("relu",),
    }


def _taken(
    plan: Plan, title: str, statement: Statement, known: Sequence[Form], options: dict[str, tuple[str, ...]]
) -> BestWay:
    """What is stated, and the most usual form."""
    needs = tuple(name for name in ("activation", "output") if len(options[name]) > 1)
    if needs:
        raise NotStated(
            f"{title}: its weights do not tell its {' and '.join(needs)}. State them, or bring items of shape "
            f"{statement.shape} on which they can be found out.",
            needs,
        )
    way = Way(known[0], *(options[name][0] for name in ("activation", "decoder_activation", "scaling", "output")))
    basis = "as stated" if statement.scaling or statement.mean else "taken for granted: bring items to have it checked"
    notes = [f"Input scaling {SCALINGS[way.scaling]}: {basis}."]
    if len(known) > 1:
        notes.append(f"{_form_words(plan, way.form)}: the most usual of {len(known)} ways; bring items to try them on.")
    elif not plan.is_dense:
        notes.append(f"{_form_words(plan, way.form)}: told by the sizes.")
    return BestWay(way, _stated(statement, way, None), tuple(notes))


def _stated(statement: Statement, way: Way, items: Array | None) -> Statement:
    values = {
        "scaling": way.scaling,
        "output": way.output,
        "activation": way.activation,
        "decoder_activation": way.decoder_activation,
    }
    return completed(statement, values, items)


class _TimedSearch:
    """The errors of ways on items, within a time."""

    def __init__(self, plan: Plan, weights: Tensors, shape: Shape, items: Array, known: Sequence[Form]) -> None:
        self.plan, self.weights, self.shape = plan, weights, shape
        values = max((largest(plan, form, shape) for form in known), default=1)
        most = max(1, min(MAX_ITEMS, MAX_VALUES // prod(shape), MAX_VALUES_AT_ONCE // max(values, 1)))
        self.items = items[:most]
        self.end = time.monotonic() + MAX_TRYING_S
        self.whole = True  # whether there was time for all

    def search(
        self, known: Sequence[Form], options: dict[str, tuple[str, ...]], statement: Statement
    ) -> list[tuple[float, Way]]:
        first, few = (torch.tensor(self.items[:count], dtype=torch.float32) for count in (FIRST_ITEMS, FEW_ITEMS))
        tied = options["decoder_activation"] == options["activation"]
        activations = options["activation"]
        many = len(known) > MAX_FINAL_FORMS
        if many and len(activations) > len(FIRST):
            activations = FIRST
        pairs = (
            [(name, name) for name in activations]
            if tied
            else list(product(activations, options["decoder_activation"]))
        )
        ranked = self._errors(first if many else few, known, pairs, options, statement)
        again: list[tuple[float, Way]] = []
        if many and tied:  # the best forms with each activation
            pairs = [(name, name) for name in options["activation"]]
            for form, scaling in _first_forms(ranked, 2 * MAX_FINAL_FORMS):
                again += self._errors(few, [form], pairs, {**options, "scaling": (scaling,)}, statement)
        for form, scaling in _first_forms(sorted(again or ranked, key=lambda pair: pair[0]), MAX_FINAL_FORMS):
            active = active_places(self.plan, form)
            pairs = list(
                product(
                    options["activation"] if active[0] else options["activation"][:1],
                    options["decoder_activation"] if active[1] else options["decoder_activation"][:1],
                )
            )
            again += self._errors(few, [form], pairs, {**options, "scaling": (scaling,)}, statement)
        again = sorted(again or ranked, key=lambda pair: pair[0])
        alike = [pair for pair in again if pair[1].activation == pair[1].decoder_activation]
        finalists = list(dict.fromkeys(way for _, way in again[:FINALISTS] + alike[:FINALISTS]))
        whole = torch.tensor(self.items, dtype=torch.float32)
        final: list[tuple[float, Way]] = []
        for way in finalists:
            if final and time.monotonic() > self.end + MAX_TRYING_S / 2:
                self.whole = False
                break
            only: dict[str, tuple[str, ...]] = {"scaling": (way.scaling,), "output": (way.output,)}
            final += self._errors(whole, [way.form], [(way.activation, way.decoder_activation)], only, statement)
        final += self._slopes(sorted(final, key=lambda pair: pair[0]), whole, options, statement)
        return _plainest_first(sorted(final, key=lambda pair: pair[0]))

    def _slopes(
        self,
        ranked: Sequence[tuple[float, Way]],
        x: Tensor,
        options: dict[str, tuple[str, ...]],
        statement: Statement,
    ) -> list[tuple[float, Way]]:
        """The best way that leaks, with other slopes: of both halves, or of each where they differ."""
        free = [name for name in HALVES if len(options[name]) > 1]
        leaking = [way for _, way in ranked if any(_leaks(way, name) for name in free)]
        alike = [way for way in leaking if way.activation == way.decoder_activation]
        ranked_slopes: list[tuple[float, Way]] = []
        for start in dict.fromkeys([*alike[:1], *leaking[:1]]):
            halves = [name for name in free if _leaks(start, name)]
            for names in [halves] if len(halves) == 2 and start in alike else [[name] for name in halves]:
                tried = self._with_slopes(start, names, x, statement)
                start = min(tried, key=lambda pair: pair[0])[1]  # the next half begins where this ends
                ranked_slopes += tried
        known = {way for _, way in ranked}
        best_last = sorted(ranked_slopes, key=lambda pair: pair[0], reverse=True)  # of one way, the least error stays
        return list({way: (error, way) for error, way in best_last if way not in known}.values())

    def _with_slopes(
        self, start: Way, halves: Sequence[str], x: Tensor, statement: Statement
    ) -> list[tuple[float, Way]]:
        """A way with all slopes that are tried in these halves."""
        ranked_slopes = [(float("inf"), start)]
        only: dict[str, tuple[str, ...]] = {"scaling": (start.scaling,), "output": (start.output,)}

        def error_of(name: str) -> float:
            if time.monotonic() > self.end + MAX_TRYING_S / 2:
                self.whole = False
                return float("inf")
            way = _activated(start, halves, name)
            pair = (way.activation, way.decoder_activation)
            ranked_slopes.extend(self._errors(x, [way.form], [pair], only, statement))
            return ranked_slopes[-1][0]

        errors_of_slopes(error_of)
        return ranked_slopes

    @torch.inference_mode()
    def _errors(
        self,
        x: Tensor,
        known: Sequence[Form],
        pairs: Sequence[tuple[str, str]],
        options: dict[str, tuple[str, ...]],
        statement: Statement,
    ) -> list[tuple[float, Way]]:
        errors: list[tuple[float, Way]] = []
        codes: dict[object, Tensor] = {}
        for form in known:
            decoders = {}
            for (first, second), scaling in product(pairs, options["scaling"]):
                if time.monotonic() > self.end and errors:
                    self.whole = False
                    return sorted(errors, key=lambda pair: pair[0])
                full = completed(statement, {"scaling": scaling}, self.items)
                mean, std = (torch.tensor(values).reshape(-1, 1, 1) for values in centre_and_spread(full))
                key = (form.encoder, first, scaling)
                if key not in codes:
                    codes[key] = self._codes(form, first, (x - mean) / std)
                if second not in decoders:
                    decoders[second] = decoder_of(self.plan, form, self.weights, self.shape, second)
                raw = decoders[second](codes[key])
                for output in options["output"]:
                    y = _ended(raw, output, mean, std)
                    error = float((y - x).square().mean())
                    way = Way(form, first, second, scaling, output)
                    errors.append((error if np.isfinite(error) else float("inf"), way))
        return sorted(errors, key=lambda pair: pair[0])

    def _codes(self, form: Form, activation: str, x: Tensor) -> Tensor:
        features = encoder_of(self.plan, form.encoder, self.weights, activation)(x)
        head, other = heads_of(self.plan, form.encoder, self.weights, activation)
        values: Tensor = head(features)
        if self.plan.double:
            values = values.chunk(2, 1)[1 if form.encoder.swapped else 0]
        elif other is not None and form.encoder.swapped:
            values = other(features)
        return values.flatten(1)


def _first_forms(ranked: Sequence[tuple[float, Way]], count: int) -> list[tuple[Form, str]]:
    """The first forms, each with the scaling of its best way."""
    return list(dict.fromkeys((way.form, way.scaling) for _, way in ranked))[:count]


def _plainest_first(ranked: list[tuple[float, Way]]) -> list[tuple[float, Way]]:
    """Of ways that fit nearly as well as the best, the most usual stands first: one activation, and a common one."""
    close = [pair for pair in ranked if pair[0] <= USUAL_RATIO * ranked[0][0]]
    usual = min(
        close,
        key=lambda pair: (
            pair[1].activation != pair[1].decoder_activation,
            commonness(pair[1].activation) + commonness(pair[1].decoder_activation),
        ),
    )
    return [usual, *(pair for pair in ranked if pair is not usual)]


def _ended(raw: Tensor, output: str, mean: Tensor, std: Tensor) -> Tensor:
    if output == "sigmoid":
        return raw.sigmoid()
    return ((raw.tanh() if output == "tanh" else raw) * std + mean).clamp(0, 1)


def network_of(plan: Plan, way: Way, weights: Tensors, shape: Shape) -> PlanNetwork:
    """The network read in one way."""
    return PlanNetwork(plan, way.form, weights, shape, (way.activation, way.decoder_activation))


# --- Sentences ---


def _sentences(
    plan: Plan,
    way: Way,
    ranked: Sequence[tuple[float, Way]],
    known: Sequence[Form],
    options: dict[str, tuple[str, ...]],
    full: Statement,
    items: Array,
) -> list[str]:
    error, plain = ranked[0][0], float(items.var(0).mean())
    inferred = [name for name, values in options.items() if len(values) > 1]
    words = [text for name, text in _words(way) if name in inferred and text]
    apart = {_but_slopes(other): (value, other) for value, other in reversed(ranked[1:])}
    others = [
        pair for pair in ranked[1:] if apart[_but_slopes(pair[1])] == pair and _but_slopes(pair[1]) != _but_slopes(way)
    ]
    next_error, rival = others[0] if others else (float("inf"), way)
    notes = []
    if words:
        text = ", ".join(words)
        notes.append(
            f"{text[:1].upper()}{text[1:]}: found by trying on {len(items)} items: squared error {error:.4f}, the "
            f"best other way {next_error:.4f} ({_difference(plan, way, rival)}). {_sureness(error, next_error, plain)}"
        )
    slopes = sorted({_slope(way), *(_slope(other) for value, other in ranked if value < CLOSE_RATIO * error and
                     _but_slopes(other) == _but_slopes(way))} - {0.0})  # fmt: skip
    if len(slopes) > 1:
        notes.append(slopes_words(slopes))
    if not plan.is_dense:
        basis = "told by the sizes" if len(known) == 1 else f"found by trying {len(known)} ways by which the sizes fit"
        notes.append(f"{_form_words(plan, way.form)}: {basis}.")
    if not plan.sure and plan.log_var is not None:
        mean, spread = (plan.log_var, plan.mean) if way.form.encoder.swapped else (plan.mean, plan.log_var)
        notes.append(f"{mean.name} is taken for the mean and {spread.name} for the log-variance: found by trying.")
    if way.form.encoder.active:
        notes.append("The code passes through the activation.")
    if full.scaling == "standard" and full.mean and full.std and "scaling" in inferred:
        notes.append(f"Standardised with mean {full.mean[0]:.3f} and std {full.std[0]:.3f}, measured on the items.")
    if next_error < CLOSE_RATIO * error:
        close = [other for value, other in others if value < CLOSE_RATIO * error][:3]
        named = "; ".join(dict.fromkeys(_difference(plan, way, other) for other in close))
        notes.append(f"The next best is close: {named} would fit nearly as well. State it if you know it.")
    if error >= plain:
        notes.append(
            "None of these ways rebuilds the items better than their average picture would: these may be other items "
            "than the model was trained on, or its activation or shape is another."
        )
    return notes


def _sureness(error: float, next_error: float, plain: float) -> str:
    """How sure it is. plain: the error of the average item."""
    if plain > error >= LITTLE * plain:
        lost = f"{error / plain:.0%} of what tells the items apart is lost"
        return f"That is in doubt: {lost}, as by a network hardly trained."
    if next_error >= SURE_RATIO * error:
        return "That is clear."
    return "That is likely." if next_error >= CLOSE_RATIO * error else "That is in doubt."


def _leaks(way: Way, half: str) -> bool:
    return slope_of(getattr(way, half)) is not None


def _slope(way: Way) -> float:
    """The slope of the first half that leaks, or 0."""
    return slope_of(way.activation) or slope_of(way.decoder_activation) or 0.0


def _but_slopes(way: Way) -> Way:
    """The same with one slope for all that leak."""
    return _activated(way, [half for half in HALVES if _leaks(way, half)], LEAKY)


def _activated(way: Way, halves: Sequence[str], activation: str) -> Way:
    """The same with another activation in these halves."""
    first, second = (activation if half in halves else str(getattr(way, half)) for half in HALVES)
    return Way(way.form, first, second, way.scaling, way.output)


def _words(way: Way) -> list[tuple[str, str]]:
    both = way.activation == way.decoder_activation
    return [
        ("scaling", f"input scaling {SCALINGS[way.scaling]}"),
        ("output", f"output {OUTPUTS[way.output]}"),
        ("activation", f"activation {activation_words(way.activation)}" + ("" if both else " in the encoder")),
        ("decoder_activation", "" if both else f"{activation_words(way.decoder_activation)} in the decoder"),
    ]


def _difference(plan: Plan, way: Way, other: Way) -> str:
    """What another way has that this one has not."""
    mine = dict(_words(way))
    words = [text or "one activation" for name, text in _words(other) if mine[name] != text]
    if other.form != way.form:
        words.append(_form_words(plan, other.form) if not plan.is_dense else "another form")
    return ", ".join(words) or "the same"


def _form_words(plan: Plan, form: Form) -> str:
    down, up = plan.convolutions
    if not down:
        return "Dense layers"
    halves = [
        ", ".join(f"{layer.name} {step.words}" for layer, step in zip(layers, steps, strict=True))
        for layers, steps in ((down, form.encoder.steps), (up, form.decoder.steps))
    ]
    if any(step.pool > 1 for step in form.encoder.steps):
        halves[0] += f" ({form.encoder.pool} pooling)"
    if any(step.grow > 1 for step in form.decoder.steps):
        halves[1] += f" ({form.decoder.mode} upsampling)"
    return "Convolutions " + "; ".join(halves)


def shape_for(plan: Plan, shapes: Sequence[Shape]) -> Shape | None:
    """The first of these shapes that a plan can take to its like."""
    return next((shape for shape in shapes if forms(plan, shape)), None)
