"""Drawing pads, and what Python receives from them as text."""

import json
import socket
from contextlib import suppress

import streamlit as st

from aeviz.parts.draw_pad import Drawing, draw_pad

query, counts = st.query_params, st.session_state
counts.setdefault("started", 0)
counts.setdefault("ended", 0)
counts["started"] += 1


def tell(name: str, drawing: Drawing) -> None:
    picture, pixels = drawing.picture, drawing.pixels
    facts = {
        "strokes": len(drawing.strokes),
        "live": drawing.live,
        "picture": None if picture is None else picture.round(4).tolist(),
        "pixels": None if pixels is None else pixels[::4, ::4].tolist(),
    }
    with st.container(key=name, height=80):
        st.text(json.dumps(facts))


grey = draw_pad((28, 28), key="pad", live="live" in query)
if "gate" in query and grey.pixels is not None:  # waits there until it is let go on
    with suppress(OSError), socket.create_connection(("127.0.0.1", int(query["gate"]))) as line:
        line.recv(1)
tell("grey", grey)
if "colour" in query:
    tell("colour", draw_pad((32, 32), key="colour-pad", colour=True, convention="fill"))
counts["ended"] += 1
with st.container(key="counts"):
    st.text(json.dumps({name: counts[name] for name in ("started", "ended")}))
