"""A scrubber with strips whose tile k is one known grey, so that a picture tells which tile it shows."""

import json

import numpy as np
import streamlit as st

from aeviz.parts.scrubber import Strip
from aeviz.parts.scrubber.streamlit import scrubber
from aeviz.parts.sheets import strip

T = 33
asked = st.query_params
state = st.session_state
state.runs = state.get("runs", 0) + 1
state.setdefault("heard", [])
state.setdefault("t", 0.25)


def keep():
    state.heard.append(state["path"]["t"])


def tiles(start, step):
    greys = (start + step * np.arange(T)).astype(np.uint8)
    return np.tile(greys.reshape(T, 1, 1, 1), (1, 4, 4, 1))


def to_the_end():
    state.t = 1.0


strips = [
    Strip("AE", "#D55E00", strip(tiles(0, 5))),
    Strip("VAE", "#0072B2", strip(tiles(40, 6), columns=7)),
    Strip("Pixels", "#777777", strip(tiles(255, -7)), shown=5),
]
result = scrubber(strips, t=state.t, autoplay="autoplay" in asked, key="path", on_t=keep)
st.button("To the end", on_click=to_the_end)
with st.container(key="log"):
    st.text(json.dumps({"runs": state.runs, "heard": state.heard, "t": result.t}))
