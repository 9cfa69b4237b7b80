"""Films of trainings whose pictures tell which frame they show, and what Python hears of the step."""

import json

import numpy as np
import streamlit as st

from aeviz.parts.replay_film import Chart, Film, Line
from aeviz.parts.replay_film.streamlit import replay_film

state = st.session_state
state.runs = state.get("runs", 0) + 1
state.setdefault("heard", [])
state.setdefault("step", 10)
labels = np.arange(60) % 3
corners = np.array([[0, 0], [1, 0], [0, 1]])[labels] + np.random.default_rng(0).normal(size=(60, 2)) * 0.05


def keep():
    state.heard.append(state["replay"]["step"])


def pictures(frames, count):
    greys = np.arange(frames, dtype=np.uint8) * 20
    return np.tile(greys.reshape(-1, 1, 1, 1, 1), (1, count, 4, 4, 1))


def film(label, accent, steps):
    places = corners * np.arange(1, len(steps) + 1)[:, None, None]
    frames = len(steps)
    return Film(label, accent, steps, places, pictures(1, 8)[0] + 255, pictures(frames, 8), pictures(frames, 16))


def line(film, name):
    values = [float(step) for step in film.steps]
    return Line(name, film.accent, film.steps, values, [f"at {step}" for step in film.steps], name == "VAE")


def to_the_start():
    state.step = 0


films = [film("First", "#D55E00", [0, 1, 10, 100, 1000]), film("Second", "#0072B2", [0, 3, 30, 300])]
chart = Chart("Size", [line(films[0], "AE"), line(films[1], "VAE")], "How large it is.", reference=(500, "middle"))
result = replay_film(
    films,
    [chart],
    labels=labels,
    label_names=["a", "b", "c"],
    colours=["#332288", "#44AA99", "#CC6677"],
    step=state.step,
    key="replay",
    on_step=keep,
)
st.button("To the start", on_click=to_the_start)
with st.container(key="log"):
    st.text(json.dumps({"runs": state.runs, "heard": state.heard, "step": result.step}))
