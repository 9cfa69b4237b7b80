"""Marks of models, and colours of classes (Paul Tol's muted)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

FOURTH = "#CC79A7"  # of a family that states no colour
USUAL, UNUSUAL = "#5B8DB8", "#C2258A"  # items of the two kinds where some are to be found
INK = "#7F8A94"  # readable on light and dark grounds alike


@dataclass(frozen=True)
class Mark:
    """How a kind of model is drawn where many are: colours repeat, so that the sign tells it too.

    symbol: plotly's name of it. sign: the same in text.
    """

    colour: str
    symbol: str
    sign: str


CLASSES = (
    "#332288",
    "#88CCEE",
    "#44AA99",
    "#117733",
    "#999933",
    "#DDCC77",
    "#CC6677",
    "#882255",
    "#AA4499",
    "#777777",
)

# From low to high values about zero (Paul Tol's BuRd).
DIVERGING = ("#2166AC", "#4393C3", "#92C5DE", "#D1E5F0", "#F7F7F7", "#FDDBC7", "#F4A582", "#D6604D", "#B2182B")

# A continuous scale in even steps, viridis (van der Walt and Smith 2015) as the maps have it; the last is for no value.
SCALE = (
    "#440154", "#481A6C", "#472F7D", "#414487", "#39568C", "#31688E", "#2A788E", "#23888E", "#1F988B", "#22A884",
    "#35B779", "#54C568", "#7AD151", "#A5DB36", "#D2E21B", "#FDE725", "#777777",
)  # fmt: skip


def steps_of(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Which colour of `SCALE` each value (N,) has: between those that 98 % lie within; the last for NaN."""
    known = np.isfinite(values)
    low, high = np.quantile(values[known], [0.01, 0.99]) if known.any() else (0.0, 1.0)
    share = np.clip((np.where(known, values, low) - low) / max(high - low, 1e-12), 0, 1)
    return np.where(known, (share * (len(SCALE) - 2)).round(), len(SCALE) - 1).astype(np.int64)


# From linear light to cones, and from these to OKLab (Ottosson 2020).
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
LIGHTNESS, TURNS = np.linspace(0.44, 0.8, 10), (-0.22, 0.0, 0.22)  # of shades; radians that they leave the hue


def shade(colour: str, taken: Sequence[str]) -> str:
    """A colour "#RRGGBB" where none has it yet, else one of about its hue, as unlike all that are taken as can be."""
    if colour not in taken:
        return colour
    known = np.stack([_to_lab(_linear(other)) for other in taken])
    return max(
        _shades(colour), key=lambda candidate: float(np.linalg.norm(known - _to_lab(_linear(candidate)), axis=1).min())
    )


@cache
def _shades(colour: str) -> tuple[str, ...]:
    _, across, up = _to_lab(_linear(colour))
    chroma, hue = np.hypot(across, up), np.arctan2(up, across)
    turned = [
        (light, chroma * np.cos(hue + turn), chroma * np.sin(hue + turn)) for light, turn in product(LIGHTNESS, TURNS)
    ]
    return tuple(_hex(np.clip(_to_linear(np.array(lab)), 0, 1)) for lab in turned)


def _linear(colour: str) -> NDArray[np.float64]:
    value = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _hex(linear: NDArray[np.float64]) -> str:
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(part)):02X}" for part in value)


def _to_lab(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    lab: NDArray[np.float64] = LAB @ np.cbrt(CONES @ linear)
    return lab


def _to_linear(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    linear: NDArray[np.float64] = np.linalg.solve(CONES, np.linalg.solve(LAB, lab) ** 3)
    return linear


def class_colour(label: int) -> str:
    """The colour of a class; beyond ten they repeat, and names tell classes apart."""
    return CLASSES[label % len(CLASSES)]
