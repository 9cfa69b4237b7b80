"""A plane of a code as decoded items, spanned by two of its axes: hover decodes, a click fixes the code."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aeviz.app import caches, models
from aeviz.app.choice import Shown, chosen, selected_item
from aeviz.figures import palette
from aeviz.latent.axes import LatentAxes
from aeviz.parts.latent_pad import Ellipse, Level, Region, grid, rows_for
from aeviz.parts.latent_pad.streamlit import committed, latent_pad

Array = NDArray[np.float32]
COARSE_COLUMNS, FINE_COLUMNS = 30, 24  # tiles across the whole plane, and across the part looked at
PRIOR_STDS = 3.2  # spreads of the prior that the plane of a Gaussian code shows
HEIGHT_PX = 470


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

    def posterior(self, mean: Array, std: Array) -> Ellipse:
        """A Gaussian posterior with mean and std (d,) as it lies on the plane."""
        return Ellipse.of(self.read(mean[None])[0], (self.axes * std**2) @ self.axes.T)


def flat(latent_axes: LatentAxes) -> Plane:
    """The whole plane of a code of two numbers: the axis nearest to the first of them runs to the right."""
    first, second = np.argsort(-abs(latent_axes.axes[:, 0]), kind="stable")
    return Plane(latent_axes, (int(first), int(second)))


def show(
    side: str,
    model: Shown,
    plane: Plane,
    z: Array,
    start: str,
    decoded: Array,
    on_position: Callable[[tuple[float, float]], None],
) -> None:
    """The plane of a model through its code z (d,), which is marked and decoded exactly."""
    key = f"pad-{side}-{'-'.join(plane.names)}"
    codes, data = models.codes(model.name), models.data(chosen().dataset)
    points, foot, here = plane.read(codes.mean), plane.foot(z), plane.read(z[None])[0]
    prior = None if codes.std is None else plane.read(np.zeros_like(z)[None])[0]
    home, view = _home(points, prior), committed(key).view
    levels = [_level(model.name, plane, foot, home, COARSE_COLUMNS)]
    if view is not None:
        levels.append(_level(model.name, plane, foot, view, FINE_COLUMNS))
    ellipse = None
    if start == "item" and codes.std is not None:
        ellipse = plane.posterior(codes.mean[selected_item()], codes.std[selected_item()])

    def placed() -> None:
        position = committed(key).position
        if position is not None:
            on_position(position)

    latent_pad(
        levels,
        key=key,
        view=home,
        points=points,
        labels=data.labels,
        label_names=data.label_names,
        colours=palette.CLASSES,
        position=(float(here[0]), float(here[1])),
        picture=data.tiles(decoded[None])[0],
        rings=None if prior is None else (float(prior[0]), float(prior[1])),
        ellipse=ellipse,
        axes=plane.names,
        accent=model.colour,
        title=model.title,
        height=HEIGHT_PX,
        plural=data.words.plural,
        on_change=placed,
    )


def _home(points: Array, prior: Array | None) -> Region:
    """The square that holds nearly all codes: round the prior's middle (2,), else 99 % of the points (N, 2)."""
    if prior is not None:
        x, y = float(prior[0]), float(prior[1])
        return x - PRIOR_STDS, x + PRIOR_STDS, y - PRIOR_STDS, y + PRIOR_STDS
    low, high = np.quantile(points, [0.005, 0.995], axis=0)
    (x, y), half = (low + high) / 2, float((high - low).max()) * 0.53
    return float(x - half), float(x + half), float(y - half), float(y + half)


@caches.kept(
    max_entries=64, show_spinner=False,
    hash_funcs={Plane: lambda plane: plane.names, np.ndarray: lambda array: array.tobytes()},
)  # fmt: skip
def _level(name: str, plane: Plane, foot: Array, region: Region, columns: int) -> Level:
    network = models.explorer(name)
    positions = grid(region, columns, rows_for(region, columns))
    decoded = network.decode(plane.codes(foot, positions))
    data = models.data(network.config.dataset)
    return Level.of(data.tiles(decoded), region, columns=columns, smooth=data.modality.smooth)
