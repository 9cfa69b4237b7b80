"""Latent sliders with a decoder that can be checked by eye: row i of its picture shows coordinate i as a grey.

`?commit_gate=` and `?fine_gate=` name a gate at which the script waits once values, or a row's focus, were sent.
"""

import json
import socket
from contextlib import suppress

import numpy as np
import streamlit as st

from aeviz.parts.latent_sliders import Fine, Row, stamp_of
from aeviz.parts.latent_sliders.streamlit import latent_sliders
from aeviz.parts.sheets import strip

LOW, HIGH = -3.0, 3.0
asked = st.query_params
size = int(asked.get("rows", "3"))
start = [float(value) for value in np.resize([-1.0, 0.5, 2.0], size)]


def decode(codes: np.ndarray) -> np.ndarray:
    greys = np.rint(255 * (codes - LOW) / (HIGH - LOW)).astype(np.uint8)
    return np.repeat(greys[:, :, None, None], 4, axis=2)


def traversal(code: np.ndarray, coordinate: int, low: float, high: float, count: int) -> np.ndarray:
    """Codes (count, d) equal to `code` (d,) but for one coordinate, which runs evenly from `low` to `high`."""
    codes = np.repeat(np.asarray(code)[None], count, axis=0)
    codes[:, coordinate] = np.linspace(low, high, count)
    return codes


def keep() -> None:
    st.session_state.code = list(st.session_state["knobs"]["values"])
    st.session_state.commits.append(st.session_state.code)


def other_item() -> None:
    st.session_state.code = [-2.5] * size


def wait_at(gate: str) -> None:
    with suppress(OSError), socket.create_connection(("127.0.0.1", int(asked[gate]))) as line:
        line.recv(1)


state = st.session_state
for name, value in (("code", start), ("commits", []), ("runs", 0)):
    state.setdefault(name, value)
state.runs += 1
code = np.array(state.code)
focus = state.get("knobs", {}).get("focus")
stamp = stamp_of(code)
if state.commits and "commit_gate" in asked:
    wait_at("commit_gate")
if focus is not None and "fine_gate" in asked:
    wait_at("fine_gate")

rows = [Row(f"z{i}", code[i], LOW, HIGH, index=i + 10, note="KL 2.1 nats") for i in range(size)]
films = strip(np.concatenate([decode(traversal(code, i, LOW, HIGH, 13)) for i in range(size)]), columns=13)
fine = None
if focus is not None and "coarse" not in asked:
    tiles = decode(traversal(code, focus - 10, LOW, HIGH, 129))
    fine = Fine(focus, LOW, HIGH, strip(tiles, columns=43), stamp_of(start) if "stale" in asked else stamp)
latent_sliders(
    rows, films, fine, None if "plain" in asked else decode(code[None])[0], accent="#0072B2", title="VAE",
    key="knobs", reset=start, stamp=stamp, on_values=keep,
)  # fmt: skip
st.button("Another item", on_click=other_item)
with st.container(key="log"):
    st.text(json.dumps({"runs": state.runs, "commits": state.commits, "focus": focus}))
