"""The whole plane of a two-number code as pictures: hover decodes, a click fixes the code."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.components.latent_pad import Ellipse, Region, Tiles, committed, grid, latent_pad, rows_for
from aeviz.views import palette, state

COARSE, FINER = 30, 24  # tiles across the whole plane, and across the part looked at
PRIOR = 3.2  # spreads of the prior that the plane of a Gaussian code shows
HEIGHT = 470


def show(
    place: str,
    model: state.Shown,
    z: NDArray[np.float32],
    start: str,
    picture: NDArray[np.float32],
    on_position: Callable[[tuple[float, float]], None],
) -> None:
    """The plane of a model with two latent coordinates, its code z (2,) marked and decoded exactly."""
    key = f"pad-{place}"
    codes, data = state.codes(model.name), state.data(state.choice().dataset)
    home, view = plane(model.name), committed(key).view
    tiles = [_tiles(model.name, home, COARSE)]
    if view is not None:
        tiles.append(_tiles(model.name, view, FINER))
    ellipse = None
    if start == "item" and codes.std is not None:
        mean, std = codes.mean[state.item()], codes.std[state.item()]
        ellipse = Ellipse((float(mean[0]), float(mean[1])), (float(std[0]), float(std[1])))

    def placed() -> None:
        position = committed(key).position
        if position is not None:
            on_position(position)

    latent_pad(
        tiles,
        key=key,
        view=home,
        points=codes.mean,
        labels=data.labels,
        label_names=data.label_names,
        colours=palette.CLASSES,
        position=(float(z[0]), float(z[1])),
        picture=picture,
        rings=codes.std is not None,
        ellipse=ellipse,
        accent=model.colour,
        title=model.title,
        height=HEIGHT,
        on_change=placed,
    )


def plane(name: str) -> Region:
    """The square that holds nearly all codes: the prior's for a Gaussian code, else 99 % of the test split's."""
    codes = state.codes(name)
    if codes.std is not None:
        return -PRIOR, PRIOR, -PRIOR, PRIOR
    low, high = np.quantile(codes.mean, [0.005, 0.995], axis=0)
    middle, half = (low + high) / 2, float((high - low).max()) * 0.53
    return middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half


@st.cache_resource(max_entries=64, show_spinner=False)
def _tiles(name: str, region: Region, columns: int) -> Tiles:
    places = grid(region, columns, rows_for(region, columns))
    return Tiles.of(state.explorer(name).decode(places), region, columns=columns)
