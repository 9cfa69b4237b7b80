"""Items to choose by where they lie: those whose codes are nearest to an item's, and the points of a map."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from aeviz.app import models
from aeviz.app.choice import chosen
from aeviz.app.panels import atlas, map_choice
from aeviz.parts.latent_map.streamlit import latent_map
from aeviz.parts.pictures.streamlit import pictures
from aeviz.projection.placing import nearest

NEIGHBOURS = 6
HEIGHT_PX = 360


def show(key: str, row: int, choose: Callable[[int], None]) -> None:
    """The neighbours of the item of a row, and a map of the left model: a click on either chooses an item."""
    choice = chosen()
    data = models.data(choice.dataset)
    for side, model in zip(("left", "right"), choice.pair, strict=True):
        mean = models.codes(model.name).mean
        near = [other for other in nearest(mean, mean[[row]], NEIGHBOURS + 1)[0][0].tolist() if other != row]
        if not near:
            continue
        label = f"Nearest codes, {model.label}"
        st.html(f'<p class="aeviz-label">{label}</p>')
        pictures(
            data.tiles(data.items[near]),
            [f"item {other:,}, {data.label_of(other)}" for other in near],
            label=label,
            smooth=data.modality.smooth,
            key=f"{key}-near-{side}",
            on_pick=lambda number, near=near: choose(near[number]),  # type: ignore[misc]
        )
    _map(key, row, choose)


def _map(key: str, row: int, choose: Callable[[int], None]) -> None:
    choice = chosen()
    view, model = map_choice.View(map_choice.usual(choice), "class"), choice.left
    shown, data = map_choice.map_of(model.name, view), models.data(choice.dataset)
    if shown is None or view.dims == 3:
        return
    st.html(f'<p class="aeviz-label">By a point of the map, {model.label}</p>')
    atlas.send(choice, view, f"{key}-atlas")
    here = np.flatnonzero(shown.rows == row)
    before = int(here[0]) if len(here) else None
    moved = latent_map(
        shown.coordinates,
        labels=data.labels[shown.rows] if data.continuous is None else None,
        label_names=data.label_names if data.continuous is None else None,
        atlas=atlas.name_of(choice, shown.rows),
        selected=before,
        accent=model.colour,
        group=f"{key}-{atlas.name_of(choice, shown.rows)}",
        height=HEIGHT_PX,
        key=f"{key}-map",
    )
    if moved.selected is not None and moved.selected != before:
        choose(int(shown.rows[moved.selected]))
        st.rerun()
