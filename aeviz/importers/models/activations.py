"""Activations by their names, and leaky ReLUs of whatever slope: which of them fits."""

import re
from collections.abc import Callable, Mapping

ACTIVATIONS = {
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU (slope 0.01)",
    "leaky_relu_0.2": "leaky ReLU (slope 0.2)",  # and so on: any slope below 1 may be named
    "leaky_relu_0.1": "leaky ReLU (slope 0.1)",
    "leaky_relu_0.05": "leaky ReLU (slope 0.05)",
    "leaky_relu_0.3": "leaky ReLU (slope 0.3)",
    "elu": "ELU",
    "selu": "SELU",
    "silu": "SiLU (Swish)",
    "gelu": "GELU",
    "mish": "Mish",
    "softplus": "Softplus",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "identity": "none",
}
LEAKY = "leaky_relu"
SLOPE = re.compile(rf"{LEAKY}(?:_(0\.\d{{1,4}}))?")
SLOPES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)  # tried first, and then those between
CLOSE_RATIO = 1.05  # the next best error, over the best, below which the find is called close
USUAL_RATIO = 1.03  # by how much the error of the usual way may be above that of the best


def slope_of(activation: str) -> float | None:
    """The slope below nought of a leaky ReLU by its name; None for another activation."""
    named = SLOPE.fullmatch(activation)
    if not named:
        return None
    slope = float(named[1] or 0.01)
    return slope if slope > 0 else None


def leaky(slope: float) -> str:
    """The name of the leaky ReLU of a slope."""
    return LEAKY if slope == 0.01 else f"{LEAKY}_{slope:g}"


def activation_words(activation: str) -> str:
    """An activation by its name, in words."""
    return ACTIVATIONS.get(activation) or f"leaky ReLU (slope {slope_of(activation):g})"


def commonness(activation: str) -> float:
    """How common an activation is, from 0: first those of `ACTIVATIONS`, then slopes by their roundness."""
    if activation in ACTIVATIONS:
        return list(ACTIVATIONS).index(activation)
    twentieths = 20 * (slope_of(activation) or 0)
    return len(ACTIVATIONS) + (abs(twentieths - round(twentieths)) > 1e-6)


def errors_of_slopes(error_of: Callable[[str], float]) -> dict[str, float]:
    """Errors of leaky ReLUs by their names: of `SLOPES`, and of each hundredth around the best of them."""
    errors = {name: error_of(name) for name in map(leaky, SLOPES)}
    place = min(range(len(SLOPES)), key=lambda row: errors[leaky(SLOPES[row])])
    low, high = SLOPES[max(0, place - 1)], SLOPES[min(len(SLOPES) - 1, place + 1)]
    between = (leaky(hundredth / 100) for hundredth in range(round(100 * low), round(100 * high)))
    return errors | {name: error_of(name) for name in between if name not in errors}


def slope_that_fits(errors: Mapping[str, float]) -> tuple[str, list[float]]:
    """Of leaky ReLUs by name, with their errors, the one to take, and the slopes that fit about as well."""
    least = min(errors.values())
    taken = min((name for name in errors if errors[name] <= USUAL_RATIO * least), key=lambda name: (
        commonness(name), errors[name]
    ))  # fmt: skip
    return taken, sorted(slope_of(name) or 0.0 for name in errors if errors[name] < CLOSE_RATIO * errors[taken])


def slopes_words(slopes: list[float]) -> str:
    """That several slopes, in order, fit about as well, in a sentence."""
    return (
        f"Slopes from {slopes[0]:g} to {slopes[-1]:g} fit within {CLOSE_RATIO - 1:.0%} of that error: state it if you "
        "know it."
    )
