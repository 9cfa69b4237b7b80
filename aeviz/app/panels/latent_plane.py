"""A plane of a code as decoded items, spanned by two of its axes: hover decodes, a click fixes the code."""

from collections.abc import Callable
from functools import partial
from math import isqrt
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, models, networks, pace, url
from aeviz.app.choice import Shown, chosen, selected_item
from aeviz.datasets.record import Dataset
from aeviz.figures import palette
from aeviz.latent.planes import Plane, flat, home_region
from aeviz.modalities.base import Facet
from aeviz.parts.latent_pad import Ellipse, Level, Region, grid, rows_for
from aeviz.parts.latent_pad.streamlit import committed, latent_pad
from aeviz.parts.sheets import count_for

Array = NDArray[np.float32]
COARSE_COLUMNS, FINE_COLUMNS = 30, 24  # tiles across the whole plane, and across the part looked at, at most
MIN_COLUMNS = 5
LEAST_COLUMNS = 2  # however slow a model is
PIXELS = 8_000_000  # of the tiles of a plane, about
HEIGHT_PX = 470
VIEWS = {
    side: url.Seen(f"view_{side}", f"zoom and pan of the {side} plane", among="how many times larger, and the middle")
    for side in ("left", "right")
}

__all__ = ["Plane", "flat", "show"]


def show(
    side: str,
    model: Shown,
    plane: Plane,
    z: Array,
    start: str,
    on_position: Callable[[tuple[float, float]], None],
    reach: float | None = None,
    allowed: int = pace.UNBOUNDED,
) -> None:
    """The plane of a model through its code z (d,), which is marked and decoded exactly.

    reach: how far it shows at first, in units of the code; where it is None, as far as nearly all codes go.
    allowed: how many decodes the plane may ask for.

    The page must have sent the model to the tab, by `networks.send`.
    """
    key = f"pad-{side}-{'-'.join(plane.names)}"
    codes, data = models.codes(model.name), models.data(chosen().dataset)
    points, foot, here = plane.read(codes.mean), plane.foot(z), plane.read(z[None])[0]
    prior = None if codes.std is None else plane.read(np.zeros_like(z)[None])[0]
    home, view = home_region(points, prior, reach), committed(key).view
    most = min(columns_for(data), max(LEAST_COLUMNS, isqrt(allowed)))
    levels, tab, picture = [_level(model.name, plane, foot, home, most)], networks.of(model.name), None
    if tab is None:
        picture = data.tiles(models.explorer(model.name).decode(z[None]))[0]
        if view is not None:
            levels.append(_level(model.name, plane, foot, view, min(most, FINE_COLUMNS)))
    ellipse = None
    if start == "item" and codes.std is not None:
        ellipse = Ellipse.of(*plane.posterior(codes.mean[selected_item()], codes.std[selected_item()]))

    def placed() -> None:
        position = committed(key).position
        if position is not None:
            on_position(position)

    latent_pad(
        levels,
        key=key,
        view=home,
        points=points,
        **point_colours(data),
        position=(float(here[0]), float(here[1])),
        picture=picture,
        rings=None if prior is None else (float(prior[0]), float(prior[1])),
        ellipse=ellipse,
        axes=plane.names,
        accent=model.colour,
        title=model.title,
        height=HEIGHT_PX,
        plural=data.words.plural,
        on_change=placed,
        link=VIEWS[side].name,
        tab=None if tab is None else tab.plane(foot, plane.axes),
        on_refused=partial(networks.refused, key),
    )
    if data.continuous:
        st.caption(scale_sentence(data.continuous))


def columns_for(data: Dataset) -> int:
    """How many tiles of a data set's items lie across a whole plane, and about as many upwards."""
    return isqrt(count_for(data.tiles(data.items[:1])[0], COARSE_COLUMNS**2, least=MIN_COLUMNS**2, pixels=PIXELS))


def point_colours(data: Dataset) -> dict[str, Any]:
    """How the items of a data set are coloured on a plane: by class, or in the steps of a scale, without names."""
    if data.continuous is None:
        return {"labels": data.labels, "label_names": data.label_names, "colours": palette.CLASSES}
    steps = palette.steps_of(data.continuous.values)
    return {"labels": steps, "label_names": (), "colours": palette.SCALE}


def scale_sentence(column: Facet) -> str:
    """How to read points that are coloured on a scale."""
    low, high = np.nanmin(column.values), np.nanmax(column.values)
    return f"Points are coloured by {column.title}: dark from {low:.3g}, bright to {high:.3g}."


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
