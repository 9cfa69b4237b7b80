"""Which of an encoder's outputs is the code's mean and which its spread, by their names, shapes and behaviour."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import CheckpointError
from aeviz.importers.models.statement import SPREADS, NotStated

Array = NDArray[Any]

NAMED = (  # in this order: "log_var" holds "var"
    ("log_var", re.compile(r"log_?_?(var|cov|sigma_?(2|sq|square)|s2)|lv(ar)?$|logvar", re.I)),
    ("log_std", re.compile(r"log_?(std|sigma|scale|sd)", re.I)),
    ("std", re.compile(r"std|sigma|scale|(^|_)sd($|_)|spread", re.I)),
    ("var", re.compile(r"var|cov", re.I)),
)
MEAN = re.compile(r"(^|[_./:])(mu|mean|loc|embedding|code|latent|centre|center)", re.I)
SAMPLE = re.compile(r"(^|[_./:])(z|sample|sampled|z_?sample(d)?|reparam\w*)(:0)?$", re.I)
CLEAR = 0.25  # of |log σ²| of all codes together, by which one reading must be nearer to N(0, I)
SMALL = 1e-6


@dataclass(frozen=True)
class Heads:
    """mean, spread: names of outputs, the spread's None where a code is a point. kind: of the spread, in `SPREADS`.

    axis: of one output (N, …) that holds both halves, or None. dims: of a code. notes: sentences on how it was told.
    """

    mean: str
    spread: str | None
    kind: str
    axis: int | None
    dims: tuple[int, ...]
    notes: tuple[str, ...]

    def parts(self, outputs: Mapping[str, Array]) -> tuple[Array, Array | None]:
        """Mean and log σ² of what the encoder gave, (N, d) each."""
        mean = outputs[self.mean]
        spread = None if self.spread is None else outputs[self.spread]
        if self.axis is not None:
            mean, second = np.split(mean, 2, self.axis)
            spread = None if self.kind == "none" else second
        flat = mean.reshape(len(mean), -1)
        return flat, None if spread is None else log_variance(spread.reshape(len(mean), -1), self.kind)


def log_variance(values: Array, kind: str) -> Array:
    """log σ² of what stands for it."""
    if kind == "log_var":
        return values
    if kind == "log_std":
        return 2 * values
    return np.log(np.maximum(values, SMALL)) * (2 if kind == "std" else 1)


def find_heads(
    outputs: Mapping[str, Array],
    again: Mapping[str, Array],
    code: tuple[int, ...] | None,
    stated: str | None,
    real: bool,
) -> Heads:
    """The heads among an encoder's outputs (N, …) for some items.

    again: the same for the same items once more, which tells what is drawn. code: of what the decoder takes, where it
    states it. stated: the kind of the spread. real: whether the items are of a data set, so that their codes tell.
    Raises CheckpointError where none fits, NotStated where a spread cannot be.
    """
    sizes = {name: prod(value.shape[1:]) for name, value in outputs.items()}
    d = prod(code) if code is not None else None
    drawn = {name for name in outputs if not np.allclose(outputs[name], again[name], rtol=1e-3, atol=1e-5)}
    fitting = [name for name in outputs if sizes[name] == d] if d is not None else list(outputs)[:1]
    if d is None:
        fitting = [name for name in outputs if sizes[name] == sizes[fitting[0]]]
    if not fitting:
        return _halves(outputs, sizes, code or (), stated, real, drawn)
    steady = [name for name in fitting if name not in drawn and not SAMPLE.search(name)] or fitting
    spreads = {name: kind for name in steady if (kind := named_kind(name)) and not _is_mean(name)}
    means = [name for name in steady if name not in spreads] or steady[:1]
    mean = next((name for name in means if _is_mean(name)), means[0])
    others = [name for name in steady if name != mean]
    spread = next((name for name in others if name in spreads), others[0] if others else None)
    if spread is not None and mean not in {name for name in means if _is_mean(name)} and spread not in spreads:
        mean, spread = _in_order(outputs, mean, spread)
    dims = code or outputs[mean].shape[1:]
    notes = [_drawn_note(mean)] if mean in drawn else []
    aside = [name for name in outputs if name not in {mean, spread}]
    if spread is None or stated == "none":
        aside += [spread] if spread else []
        return Heads(mean, None, "none", None, dims, (*notes, *_aside(aside)))
    kind, note = _kind(spread, outputs[mean], outputs[spread], stated, spreads.get(spread), real)
    return Heads(mean, spread, kind, None, dims, (note.format(mean=mean, spread=spread), *notes, *_aside(aside)))


def named_kind(name: str) -> str | None:
    """What an output's name says of a spread, or None."""
    return next((kind for kind, pattern in NAMED if pattern.search(name)), None)


def _is_mean(name: str) -> bool:
    return MEAN.search(name) is not None


def _halves(
    outputs: Mapping[str, Array],
    sizes: Mapping[str, int],
    code: tuple[int, ...],
    stated: str | None,
    real: bool,
    drawn: set[str],
) -> Heads:
    """One output of twice the code's size: means, and spreads behind them."""
    for name, value in outputs.items():
        if sizes[name] != 2 * prod(code):
            continue
        shape = value.shape[1:]
        doubled = [row for row, side in enumerate(shape) if len(shape) == len(code) and side == 2 * code[row]]
        axis = 1 + (doubled[0] if doubled else 0)
        if shape[axis - 1] % 2:
            continue
        mean, spread = np.split(value, 2, axis)
        notes = [_drawn_note(name)] if name in drawn else []
        if stated == "none":
            return Heads(name, None, "none", axis, code, (f"The first half of {name!r} is the code.", *notes))
        kind, note = _kind(name, mean, spread, stated, None, real)
        text = note.format(mean=f"the first half of {name!r}"[:200], spread=f"{name!r}, its second half"[:200])
        return Heads(name, None, kind, axis, code, (text, *notes))
    listing = ", ".join(f"{name} {value.shape[1:]}" for name, value in list(outputs.items())[:6])
    raise CheckpointError(
        f"Encoder and decoder do not fit: the encoder gives {listing} for an item, and the decoder takes a code of "
        f"{code}."
    )


def _kind(name: str, mean: Array, spread: Array, stated: str | None, named: str | None, real: bool) -> tuple[str, str]:
    """The kind of a spread, and a sentence."""
    lowest = float(spread.min())
    if stated is not None:
        if stated in {"std", "var"} and lowest <= 0:
            raise NotStated(
                f"The spread {name} is stated to be {SPREADS[stated]}, but has values down to {lowest:.3g}: only a "
                "logarithm does.",
                ("spread",),
            )
        return stated, f"The code is {{mean}}, and {{spread}} its {SPREADS[stated]}, as stated."
    if named is not None and not (named in {"std", "var"} and lowest <= 0):
        return named, f"The code is {{mean}}, and {{spread}} its {SPREADS[named]}, by its name."
    readings: tuple[str, ...] = ("log_var", "log_std") if lowest < 0 else ("std", "var")
    if named is not None:
        readings = ("log_var",) if named == "var" else ("log_std",)
    basis = "it has negative values, as a logarithm has" if lowest < 0 else "it is positive, as σ is"
    distances = [_distance(mean, log_variance(spread, kind)) for kind in readings]
    kind = readings[0]
    if real and len(readings) == 2 and abs(distances[0] - distances[1]) > CLEAR:
        kind = readings[int(np.argmin(distances))]
        basis += f", and as {SPREADS[kind]} it brings the codes of all items nearest to N(0, I)"
    return kind, f"The code is {{mean}}, and {{spread}} was taken for its {SPREADS[kind]}: {basis}. State it if not so."


def _distance(mean: Array, log_var: Array) -> float:
    """How far the codes of all items together are from a spread of 1: the mean |log σ²|."""
    n = len(mean)
    inner = np.exp(np.clip(log_var.reshape(n, -1), -30, 30)).mean(0)
    return float(np.abs(np.log(mean.reshape(n, -1).var(0) + inner + SMALL)).mean())


def _in_order(outputs: Mapping[str, Array], first: str, second: str) -> tuple[str, str]:
    """Mean, then spread; but what is always positive is the spread, where the other is not."""
    swapped = float(outputs[first].min()) > 0 > float(outputs[second].min())
    return (second, first) if swapped else (first, second)


def _drawn_note(name: str) -> str:
    return f"{name} is drawn anew at each run: the same item has another code each time."


def _aside(names: list[str]) -> list[str]:
    return [f"Set aside, of what the encoder gives: {', '.join(names[:6])}."] if names else []
