"""A latent pad on a decoder whose pictures say where they were decoded, and what Python receives from it."""

import json

import numpy as np
import streamlit as st

from aeviz.parts.latent_pad import Ellipse, Level, grid, rows_for
from aeviz.parts.latent_pad.streamlit import committed, latent_pad

HOME = (-4.0, 4.0, -4.0, 4.0)
query, counts = st.query_params, st.session_state
counts.setdefault("runs", 0)


def decode(codes: np.ndarray) -> np.ndarray:
    """Tiles (N, 8, 8, 1): the upper half is as bright as x is large, the lower half as y; a corner is white."""
    light = np.clip((np.asarray(codes) + 4) / 8, 0, 1)
    greys = np.repeat(light, 4, 1)[:, :, None, None] * np.ones((8, 1))
    greys[:, 0, 0] = 1
    return np.rint(greys * (0 if "black" in query else 255)).astype(np.uint8)


def level(region: tuple[float, float, float, float], columns: int) -> Level:
    return Level.of(decode(grid(region, columns, rows_for(region, columns))), region, columns=columns)


def show() -> None:
    counts["runs"] += 1
    levels = [level(HOME, 32)]
    place, view = committed("pad").position, committed("pad").view
    if view and view[1] - view[0] < 7:
        levels.append(level(view, 40))
    many = np.random.default_rng(0).normal(size=(10_000 if "many" in query else 40, 2)).astype(np.float32)
    pad = latent_pad(
        levels,
        key="pad",
        view=HOME,
        points=None if "bare" in query else many,
        labels=None if "bare" in query else (many[:, 0] > 0).astype(int),
        label_names=("left", "right"),
        colours=("#332288", "#DDCC77"),
        picture=None if place is None else decode(np.array([place]))[0],
        rings=(1.0, 1.0) if "aside" in query else (0.0, 0.0) if "rings" in query else None,
        ellipse=Ellipse((1, -1), (0.5, 0.25), float(query.get("turn", 0))) if "ellipse" in query else None,
        path=[(-3, 2), (-1, 2)] if "path" in query else None,
        title="Plane",
        height=600,
    )
    with st.container(key="heard"):
        st.text(json.dumps({"runs": counts["runs"], "position": pad.position, "view": pad.view}))


st.set_page_config(layout="wide")
with st.container(width=int(query.get("width", 1000))):
    if "busy" in query:
        st.fragment(show, run_every=0.25)()
    else:
        show()
