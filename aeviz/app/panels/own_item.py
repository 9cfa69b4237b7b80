"""A visitor's own picture, drawn or uploaded: kept from page to page, and placed on maps."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import models, url
from aeviz.app.choice import chosen
from aeviz.app.panels import map_choice
from aeviz.app.panels.item_input import Input
from aeviz.figures import files
from aeviz.parts.latent_map import Extra
from aeviz.projection import Projection

KEY = "visitor-picture"
SHOWN = url.Choice("shown", "what the inspector shows", ("item", "draw", "upload"), "item")


def kind() -> str:
    """What the inspector shows: "item" of the data set, "draw" or "upload"."""
    return url.value(SHOWN)


def shown() -> Input | None:
    """The visitor's own picture, if the inspector shows one and it is of the present data set's shape."""
    found = st.session_state.get(KEY)
    if found is None or found[0] != kind():
        return None
    source: Input = found[1]
    return source if source.picture.shape == models.data(chosen().dataset).shape else None


def keep(source: Input) -> bool:
    """Keep a picture as the visitor's own; whether it is another than before."""
    before = shown()
    if before is not None and np.array_equal(before.picture, source.picture):
        return False
    st.session_state[KEY] = (kind(), source)
    return True


def forget() -> None:
    """Let go of the visitor's own picture."""
    st.session_state.pop(KEY, None)


def coordinates(
    name: str, found: map_choice.Map, view: map_choice.View, codes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Where codes (m, d) of a model lie on one of its maps, (m, dims)."""
    if view.settings is None:
        return codes
    return Projection(found.coordinates, view.settings, models.codes(name).mean[found.rows]).place(codes)


def coordinates_of(source: Input, name: str, found: map_choice.Map, view: map_choice.View) -> NDArray[np.float32]:
    """Where a picture lies on a model's map, (1, dims)."""
    return coordinates(name, found, view, models.explorer(name).encode(source.picture[None])[0])


def extras(sources: Sequence[tuple[str, Input]], places: NDArray[np.float32]) -> list[Extra]:
    """Named pictures at places (m, 2) as new items of a map."""
    tiles = models.data(chosen().dataset).tiles(np.stack([source.picture for _, source in sources]))
    return [
        {"x": float(x), "y": float(y), "label": label, "url": files.data_url(tile)}
        for (label, _), tile, (x, y) in zip(sources, tiles, places, strict=True)
    ]
