"""A pad to draw on; what is drawn comes back as the picture a network was trained on.

Example:
    from aeviz.parts.draw_pad import draw_pad

    drawing = draw_pad((28, 28), key="pad")
    if drawing.picture is not None:
        q = model.encode(torch.from_numpy(drawing.picture)[None])
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.parts.assets import register, strip
from aeviz.parts.draw_pad.prepare import Convention, prepare

__all__ = ["Convention", "Drawing", "draw_pad", "prepare"]

# Pixels along the longer side of what is sent: enough for a small drawing to be enlarged, and a few kB.
SENT_GREY, SENT_COLOUR = 112, 64

_mount = register("draw_pad")


@dataclass(frozen=True)
class Drawing:
    """What a person has drawn.

    Attributes:
        picture: (C, H, W) float32 in [0, 1] as `prepare` makes it; None while the pad is empty.
        pixels: (h, w) or (h, w, 3) uint8, the pad at a few times the picture's size; None before the first stroke.
        strokes: {"tool", "size", "colour", "points"} each, lengths in thousandths of the pad's width.
        live: whether the hand is still drawing (only with `live=True`).

    """

    picture: NDArray[np.float32] | None = None
    pixels: NDArray[np.uint8] | None = None
    strokes: tuple[dict[str, Any], ...] = ()
    live: bool = False


def _received(
    state: dict[str, Any], sent: tuple[int, ...], shape: tuple[int, int], rule: Convention, ground: int
) -> Drawing:
    data = base64.b64decode(state["pixels"])
    if len(data) != np.prod(sent):  # the pad's shape has changed since
        return Drawing()
    pixels = np.frombuffer(data, np.uint8).reshape(sent)
    return Drawing(prepare(pixels, shape, rule, ground=ground), pixels, tuple(state["strokes"]), state["live"])


def draw_pad(
    shape: tuple[int, int] = (28, 28),
    *,
    key: str,
    colour: bool = False,
    convention: Convention = "mnist",
    size: int = 280,
    live: bool = False,
    preview: NDArray[np.floating] | None = None,
    show_preview: bool = True,
    on_change: Callable[[], None] | None = None,
) -> Drawing:
    """Show a pad and return what is drawn on it; the script reruns when a stroke ends.

    Args:
        shape: (H, W) of the pictures the network takes.
        key: of the element.
        colour: coloured ink on white and three channels, instead of white ink on black and one.
        convention: how the drawing becomes a picture, see `prepare`.
        size: width of the pad in CSS pixels.
        live: rerun during a stroke too, at most 8 times a second and never before the last rerun has ended.
        preview: (C, H, W) in [0, 1] shown beside the pad; the drawing's own picture when left out.
        show_preview: whether there is such a picture at all; the pad is narrower without.
        on_change: called before the rerun.

    """
    ground = 255 if colour else 0
    multiple = max(1, (SENT_COLOUR if colour else SENT_GREY) // max(shape))
    sent = (shape[0] * multiple, shape[1] * multiple, *([3] if colour else []))
    state = dict(st.session_state.get(key) or {}).get("drawing")
    drawing = _received(state, sent, shape, convention, ground) if state else Drawing()
    shown = drawing.picture if preview is None else preview
    _mount(
        key=key,
        data={
            "sent": list(sent),
            "colour": colour,
            "size": size,
            "live": live,
            "shape": list(shape),
            "showPreview": show_preview,
            "preview": None if shown is None else strip(np.asarray(shown)[None]),
            # What the server knows: the pad restores it when it is mounted anew and waits for it when live.
            "strokes": list(drawing.strokes),
            "turn": state["turn"] if state else 0,
        },
        on_drawing_change=on_change or (lambda: None),
    )
    return drawing
