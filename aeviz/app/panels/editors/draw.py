"""A pad to draw pictures on, in the manner of the data set's own."""

from functools import partial

import streamlit as st

from aeviz.app import networks
from aeviz.app.panels.editors.base import Companions, Edited, Item, Rebuilders
from aeviz.datasets.record import Dataset
from aeviz.modalities.image.drawing import ground_of, prepare
from aeviz.modalities.image.shapes import in_colour
from aeviz.parts.draw_pad.streamlit import committed, draw_pad


def show(
    data: Dataset,
    key: str,
    row: int,
    *,
    live: bool,
    size: int,
    hint: str,
    companions: Companions,
    linked: Item | None,
    rebuilders: Rebuilders,
) -> Edited:
    """As `base.Show` says."""
    colour, shape, key = in_colour(data.shape), (data.shape[-2], data.shape[-1]), f"{key}-drawing"
    drawn = committed(shape, key=key, colour=colour)
    item = None
    if drawn.pixels is not None:
        item = prepare(drawn.pixels, shape, data.drawing, ground=ground_of(data.shape))
    preview = None if item is None or live or rebuilders else data.tiles(item[None])[0]
    kept = linked if drawn.pixels is None else None
    shown = None if kept is None else data.tiles(kept[None])[0]
    draw_pad(
        shape, key=key, colour=colour, size=size, live=live, preview=preview, show_preview=not live, ground=shown,
        convention=data.drawing, models=rebuilders, kept=kept, on_refused=partial(networks.refused, key),
    )  # fmt: skip
    if shown is not None:
        st.caption("This was drawn before; a new stroke begins another.")
    elif item is None:
        st.caption(f"Draw with the mouse, a pen or a finger{hint}.")
    return Edited(item, drawn.live, item is None and drawn.pixels is not None)
