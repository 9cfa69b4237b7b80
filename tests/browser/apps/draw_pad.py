"""Drawing pads, and what Python receives from them as text."""

import json
import socket
from contextlib import suppress

import numpy as np
import streamlit as st

from aeviz.modalities.base import Scale
from aeviz.modalities.image.drawing import Convention, prepare
from aeviz.modalities.image.record import tiles
from aeviz.parts.draw_pad import Drawing
from aeviz.parts.draw_pad.streamlit import committed, draw_pad

query, counts = st.query_params, st.session_state
counts.setdefault("started", 0)
counts.setdefault("ended", 0)
counts["started"] += 1


def shown(
    shape: tuple[int, int], key: str, convention: Convention, *, colour: bool = False, live: bool = False
) -> tuple[Drawing, np.ndarray | None]:
    """A pad whose preview is the picture that a network would see: what is drawn, and that picture."""
    drawing = committed(shape, key=key, colour=colour)
    picture = None
    if drawing.pixels is not None:
        picture = prepare(drawing.pixels, shape, convention, ground=255 if colour else 0)
    preview = None if picture is None else tiles(picture[None], Scale())[0]
    return draw_pad(shape, key=key, colour=colour, live=live, preview=preview), picture


def tell(name: str, drawing: Drawing, picture: np.ndarray | None) -> None:
    pixels = drawing.pixels
    facts = {
        "strokes": len(drawing.strokes),
        "live": drawing.live,
        "picture": None if picture is None else picture.round(4).tolist(),
        "pixels": None if pixels is None else pixels[::4, ::4].tolist(),
    }
    with st.container(key=name, height=80):
        st.text(json.dumps(facts))


grey, small = shown((28, 28), "pad", "mnist", live="live" in query)
if "gate" in query and grey.pixels is not None:  # waits there until it is let go on
    with suppress(OSError), socket.create_connection(("127.0.0.1", int(query["gate"]))) as line:
        line.recv(1)
tell("grey", grey, small)
if "colour" in query:
    tell("colour", *shown((32, 32), "colour-pad", "fill", colour=True))
counts["ended"] += 1
with st.container(key="counts"):
    st.text(json.dumps({name: counts[name] for name in ("started", "ended")}))
