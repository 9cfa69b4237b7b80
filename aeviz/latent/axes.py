"""Axes of a code: coordinates or principal directions, their order, their ranges, what lies along them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aeviz.latent.explorer import Codes, principal_directions
from aeviz.latent.paths import WIDEST

Array = NDArray[np.float32]
MANY = 1000  # nats, from which they are written whole
REACH = 3.0  # spreads to either side that a track covers
MAX_COORDINATES = 512  # of a code, all of which are axes; of more, those that matter most


@dataclass(frozen=True)
class LatentAxes:
    """Axes to move a code along: its values are (z - origin) @ axes.T.

    names, notes: of each axis. origin: (d,). axes: (k, d), one orthonormal row each, fewer than d where a code has many
    numbers. low, high: (k,), the ends of its track.
    """

    names: tuple[str, ...]
    notes: tuple[str, ...]
    origin: Array
    axes: Array
    low: Array
    high: Array

    def read(self, z: Array) -> Array:
        """The values (k,) of a code (d,) along the axes."""
        values: Array = ((z - self.origin) @ self.axes.T).astype(np.float32)
        return values

    def turned(self, z: Array, values: Array) -> Array:
        """The code (d,) that has those values (k,) along the axes and differs from z (d,) in nothing else."""
        return (z + (values - self.read(z)) @ self.axes).astype(np.float32)

    def along(self, z: Array, axis: int, count: int, low: float, high: float) -> Array:
        """`count` codes (count, d): z moved evenly along one axis, from low to high."""
        offsets = np.linspace(low, high, count, dtype=np.float32) - self.read(z)[axis]
        codes: Array = (z + offsets[:, None] * self.axes[axis]).astype(np.float32)
        return codes

    def ends(self, axis: int, value: float) -> tuple[float, float]:
        """The ends of an axis's track, moved out where its value lies beyond."""
        return min(float(self.low[axis]), value), max(float(self.high[axis]), value)


def coordinate_axes(codes: Codes) -> LatentAxes:
    """The coordinates themselves, the one that matters most first.

    A Gaussian code's tracks run over ±3 of the prior, a point code's over ±3 spreads of its codes.
    """
    d = codes.mean.shape[1]
    order = codes.order[: d if d <= MAX_COORDINATES else WIDEST]
    axes = np.zeros((len(order), d), np.float32)
    axes[np.arange(len(order)), order] = 1
    if codes.mean_kl is None:
        middle, spread = codes.mean.mean(0)[order], codes.mean.std(0)[order]
        notes = tuple(f"spread {value:.1f}" for value in spread)
    else:
        middle, spread = np.zeros(len(order), np.float32), np.ones(len(order), np.float32)
        notes = tuple(f"KL {value:,.{0 if value >= MANY else 2}f} nats" for value in codes.mean_kl[order])
    names = tuple(f"z{_subscript(int(coordinate))}" for coordinate in order)
    origin = np.zeros(d, np.float32)
    return LatentAxes(names, notes, origin, axes, *_track(middle, spread))


def principal_axes(mean: Array, directions: Array, spread: Array, variance: float | None = None) -> LatentAxes:
    """The principal directions of the codes, the widest first: tracks run over ±3 spreads.

    variance: of all coordinates of the codes together, where these are not all directions.
    """
    share = 100 * spread**2 / max(float((spread**2).sum()) if variance is None else variance, 1e-12)
    names = tuple(f"p{_subscript(number + 1)}" for number in range(len(spread)))
    notes = tuple(f"{value:.0f} % of variance" for value in share)
    return LatentAxes(names, notes, mean, directions, *_track(np.zeros_like(spread), spread))


def axes_of(codes: Codes, basis: str, directions: tuple[Array, Array, Array] | None = None) -> LatentAxes:
    """The axes of a basis, "coordinates" or "directions".

    directions: mean, principal directions and spreads of the codes, where these are known.
    """
    if basis == "coordinates":
        return coordinate_axes(codes)
    variance = float(codes.mean.var(0, ddof=1).sum())
    return principal_axes(*(directions or principal_directions(codes.mean)), variance)


def _track(middle: Array, spread: Array) -> tuple[Array, Array]:
    reach = REACH * np.maximum(spread, 1e-3)
    return (middle - reach).astype(np.float32), (middle + reach).astype(np.float32)


def _subscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
