"""A dial whose tile k is one known grey, so that a picture tells which tile it shows; a place and a chart beside it."""

import json

import numpy as np
import streamlit as st

from aeviz.parts.dial import Chart, Handle, Line, Panel, Place, sizes
from aeviz.parts.dial.streamlit import dial
from aeviz.parts.sheets import strip

STOPS, MORE, PLACE = [f"{0.25 * k:g}" for k in range(4)], [Handle("Size", ("small", "large"))], Place("Drag it", 5, 5)
state = st.session_state
state.runs = state.get("runs", 0) + 1
state.setdefault("heard", [])
state.setdefault("at", 0)


def keep():
    state.at = state["dial"]["stop"]
    state.heard.append(state.at)


def go(to):
    state.at = to


count = int(np.prod(sizes(STOPS, MORE, PLACE)))
greys = np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1)
panels = [
    Panel("Damaged", "#777777", strip(np.tile(greys, (1, 8, 8, 1))), [f"note {k}" for k in range(count)]),
    Panel("Clean", "#D55E00", strip(np.full((1, 8, 8, 1), 250, np.uint8)), ["near"], tip="How near it is."),
    Panel("Repaired", "#0072B2", strip(np.tile(greys + 20, (1, 8, 8, 1)), columns=7)),
]
lines = [
    Line("Repaired", "#0072B2", [float(k) for k in range(count)]),
    Line("Alone", "#009E73", [3.0, 1.0], x=[0.0, 1.5]),
]
chart = Chart(lines, "PSNR", "dB", [0, 0.5, 1, 1.5], "Level")
with st.container() if state.get("moved") else st.empty():  # elsewhere: the browser makes the dial anew
    result = dial(
        panels,
        STOPS,
        at=state.at,
        label="Level",
        key="dial",
        on_stop=keep,
        more=MORE,
        place=PLACE,
        chart=chart,
        smallest=150,
    )
st.button("To the end", on_click=go, args=(199,))
st.button("To the start", on_click=go, args=(0,))
st.checkbox("Elsewhere", key="moved")
with st.container(key="log"):
    st.text(json.dumps({"runs": state.runs, "heard": state.heard, "stop": result.stop}))
