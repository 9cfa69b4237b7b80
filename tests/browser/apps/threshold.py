"""A threshold over forty scores, each third unusual, tiles of known greys, and what the server has heard."""

import json

import numpy as np
import streamlit as st

from aeviz.parts import picture_atlas
from aeviz.parts.latent_map.streamlit import latent_map
from aeviz.parts.picture_atlas.streamlit import picture_atlas as show_atlas
from aeviz.parts.threshold import payload
from aeviz.parts.threshold.streamlit import sent, threshold

N = 40
state = st.session_state
state.runs = state.get("runs", 0) + 1
state.setdefault("heard", [])
state.setdefault("flagged", 10)
state.setdefault("cost", 2.0)


def moved():
    state.flagged, state.cost = (sent("threshold", "threshold")[name] for name in ("flagged", "cost"))
    state.heard.append([state.flagged, state.cost])


def clicked():
    state.item = sent("threshold", "item")["item"]


scores, unusual = np.arange(N, dtype=float), np.arange(N) % 3 == 0
tiles = np.tile((6 * np.arange(N)).astype(np.uint8).reshape(N, 1, 1, 1), (1, 4, 4, 1))
curve = (np.linspace(0, 1, 5), np.linspace(0, 1, 5))
show_atlas(picture_atlas.payload("greys", tiles), key="atlas")
data = payload(
    scores, unusual, roc=curve, precision_recall=curve, shown=np.arange(N), atlas="greys", group="greys",
    flagged=state.flagged, cost=state.cost, title="score",
)  # fmt: skip
threshold(data, key="threshold", on_threshold=moved, on_item=clicked)
latent_map(
    np.random.default_rng(0).normal(size=(N, 2)), atlas="greys", group="greys", title="Codes", key="map", height=320
)
with st.container(key="log"):
    st.text(json.dumps({"runs": state.runs, "heard": state.heard, "item": state.get("item")}))
