"""The draw pad in Streamlit."""

from collections.abc import Callable
from typing import Any

from aeviz.parts.draw_pad import Drawing, payload, received
from aeviz.parts.hosts import streamlit as host
from aeviz.parts.sheets import Tiles


def committed(shape: tuple[int, int], *, key: str, colour: bool = False) -> Drawing:
    """What is drawn on the pad of a key, known before it is shown: time to make a preview of it.

    shape: (H, W) of the pictures the network takes. colour: as the pad has it.
    """
    return received(host.sent(key, "drawing"), shape, colour=colour)


def draw_pad(
    shape: tuple[int, int],
    *,
    key: str,
    colour: bool = False,
    preview: Tiles | None = None,
    on_refused: Callable[[], None] | None = None,
    **looks: Any,
) -> Drawing:
    """Show a pad and return what is drawn on it; the script reruns when a stroke ends.

    shape, colour, preview, looks: as `payload` has them; looks are its `size`, `live`, `show_preview`, `ground`, `ink`,
    `convention`, `models` and `kept`. on_refused: called before the script runs when the tab cannot run one of the
    models, whose digest is then in `st.session_state[key]["refused"]`.
    """
    drawing = committed(shape, key=key, colour=colour)
    data = payload(shape, drawing, colour=colour, preview=preview, **looks)
    host.mount("draw_pad", key=key, data=data, drawing=None, refused=on_refused)
    return drawing
