"""Planes through a code: two of its axes vary, the others rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aeviz.latent.axes import LatentAxes

Array = NDArray[np.float32]
PRIOR_STDS = 3.2  # spreads of the prior that the plane of a Gaussian code shows


@dataclass(frozen=True)
class Plane:
    """Two axes of a code: the plane of all codes that differ from a code z (d,) in these alone.

    `pair` numbers them, the first runs to the right.
    """

    latent_axes: LatentAxes
    pair: tuple[int, int]

    @property
    def axes(self) -> Array:
        """The directions of the plane in the code's space, (2, d)."""
        return self.latent_axes.axes[list(self.pair)]

    @property
    def names(self) -> tuple[str, str]:
        """What the two axes are called."""
        return self.latent_axes.names[self.pair[0]], self.latent_axes.names[self.pair[1]]

    def read(self, codes: Array) -> Array:
        """Where codes (N, d) stand on the plane, (N, 2)."""
        return np.stack([self.latent_axes.read(codes)[:, axis] for axis in self.pair], 1)

    def codes(self, z: Array, positions: Array) -> Array:
        """The codes (N, d) of places (N, 2) on the plane through z (d,)."""
        return (z + (positions - self.read(z[None])) @ self.axes).astype(np.float32)

    def foot(self, z: Array) -> Array:
        """The code at the plane's origin, (d,): the same for every z on one plane, but for rounding."""
        foot: Array = self.codes(z, np.zeros((1, 2), np.float32))[0].round(3)
        return foot

    def posterior(self, mean: Array, std: Array) -> tuple[Array, Array]:
        """Mean (2,) and covariance (2, 2) of a Gaussian posterior with mean and std (d,) as it lies on the plane."""
        covariance: Array = ((self.axes * std**2) @ self.axes.T).astype(np.float32)
        return self.read(mean[None])[0], covariance


def flat(latent_axes: LatentAxes) -> Plane:
    """The whole plane of a code of two numbers: the axis nearest to the first of them runs to the right."""
    first, second = np.argsort(-abs(latent_axes.axes[:, 0]), kind="stable")
    return Plane(latent_axes, (int(first), int(second)))


def reach(values: Array, gaussian: bool) -> float:
    """How far a plane of some axes must reach to hold nearly all codes, whose values (N, k) along them are given.

    That of the prior where codes are Gaussian, else half of what 99 % of the values span along the widest axis, and a
    little more.
    """
    if gaussian:
        return PRIOR_STDS
    low, high = np.quantile(values, [0.005, 0.995], axis=0)
    return float((high - low).max()) * 0.53


def home_region(points: Array, prior: Array | None, half: float | None = None) -> tuple[float, float, float, float]:
    """The square x0, x1, y0, y1 round the prior's middle (2,), or else round that of the points (N, 2).

    half: its half side; where it is None, it holds nearly all codes.
    """
    x, y = np.quantile(points, [0.005, 0.995], axis=0).mean(0) if prior is None else prior
    half = reach(points, prior is not None) if half is None else half
    return float(x - half), float(x + half), float(y - half), float(y + half)
