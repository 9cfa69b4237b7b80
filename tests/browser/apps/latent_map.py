"""Two grouped maps of three square clusters, pictures that name their item by colour, and what Python hears."""

import json

import numpy as np
import streamlit as st

from aeviz.parts.latent_map import Walk
from aeviz.parts.latent_map.streamlit import latent_map
from aeviz.parts.picture_atlas import payload
from aeviz.parts.picture_atlas.streamlit import picture_atlas
from aeviz.parts.scrubber import Strip
from aeviz.parts.scrubber.streamlit import scrubber
from aeviz.parts.sheets import strip

SIDE = 10  # each cluster is a square grid of 10 × 10 items, 1 apart
CORNERS = np.array([[0, 0], [30, 0], [0, 30]])
GRID = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).reshape(-1, 2)
PLACES = (CORNERS[:, None] + GRID).reshape(-1, 2).astype(np.float32)
LABELS = np.repeat(np.arange(3), SIDE * SIDE)
COUNT = len(PLACES)

query, state = st.query_params, st.session_state
state.runs = state.get("runs", 0) + 1
st.set_page_config(layout="wide")

colours = np.stack([np.arange(COUNT) % 256, np.arange(COUNT) // 256 * 100, np.full(COUNT, 50)], axis=1).astype(np.uint8)
picture_atlas(payload("colours", np.broadcast_to(colours[:, None, None], (COUNT, 8, 8, 3))), key="atlas")

wished = int(query["selected"]) if "selected" in query else None
if st.button("Wish for 42"):
    state.wish = 42
places = PLACES if not st.toggle("Other method") else PLACES[:, ::-1] * 2
if query.get("many"):
    places = np.random.default_rng(0).normal(size=(60_000, 2))
common = {
    "labels": None if query.get("many") else LABELS,
    "label_names": ["zero", "one", "two"],
    "atlas": None if query.get("many") else "colours",
    "figures": {} if query.get("many") else {"error": np.arange(COUNT) / 1000},
    "selected": state.get("wish", wished),
    "group": "pair",
    "height": 460,
}
left, right = st.columns(2)
with left:
    one = latent_map(places, title="First", accent="#D55E00", key="first", **common)
with right:
    two = latent_map(places * [-1, 1], title="Second", accent="#0072B2", key="second", **common)
with st.container(key="log"):
    heard = {"runs": state.runs, "selected": [one.selected, two.selected], "marked": [one.marked, two.marked]}
    st.text(json.dumps(heard))
if query.get("more"):
    latent_map(np.zeros((0, 2)), title="Empty", key="empty", height=200)
    latent_map(
        PLACES,
        values=np.arange(COUNT, dtype=float),
        value_label="error",
        path=[[0, 0], [30, 30]],
        extras=[{"x": 20, "y": 20, "label": "yours"}],
        title="Values",
        key="values",
    )
if query.get("path"):
    picture_atlas(payload("way", np.zeros((COUNT, 8, 8, 1), np.uint8)), key="way-atlas")
    state.setdefault("ends", {"A": 0, "B": 299})
    ends = PLACES[list(state.ends.values())]
    scrubber([Strip("way", "#D55E00", strip(np.zeros((5, 8, 8, 1), np.uint8)))], t=0.5, key="scrubber", walk="way")
    latent_map(
        PLACES,
        atlas="way",
        path=np.linspace(*ends, 5),
        extras=[
            {"x": x, "y": y, "label": name, "handle": name} for name, (x, y) in zip("AB", ends.tolist(), strict=True)
        ],
        walk=Walk("way", 0, 0.5),
        on_placed=lambda letter, item: state.ends.update({letter: item}),
        title="Path",
        key="path",
    )
    with st.container(key="ends"):
        st.text(json.dumps(state.ends))
