"""A brush that spoils a picture where the hand paints; the mask is kept in the link."""

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import url
from aeviz.datasets.record import Dataset
from aeviz.parts.draw_pad.streamlit import committed, draw_pad

NAME = "brush"
SIZE = 260  # px of the pad
INK = "#ff8c1a"
PAINTED = 96  # of 255: how much of a pixel the brush must cover
MASK = url.Mask("mask", "what was painted away")


def offered(data: Dataset) -> bool:
    """Whether items can be painted on: those that one can draw, and of which a hole is a known damage."""
    return "draw" in data.modality.editors and any(row.holes and row.placed for row in data.corruptions)


def hole_of(data: Dataset) -> str:
    """The corruption whose repairs mend what was painted away."""
    return next(row.name for row in data.corruptions if row.holes and row.placed)


def show(data: Dataset, item: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """A pad over an item (*shape), and the mask (H, W) of what is painted; None for nothing."""
    shape = (data.shape[-2], data.shape[-1])
    key, heard = f"repair-brush-{data.name}", f"repair-brush-heard-{data.name}"
    drawn = committed(shape, key=key)
    if drawn.pixels is not None and st.session_state.get(heard) != drawn.number:
        st.session_state[heard] = drawn.number
        painted = mask_of(drawn.pixels, shape)
        url.remember(MASK, painted if painted.any() else None)
    mask = url.value(replace(MASK, shape=shape))
    linked = mask if mask is not None and not drawn.strokes else None
    ground = item if linked is None else np.where(linked, np.float32(0.5), item)
    draw_pad(
        shape, key=key, size=SIZE, show_preview=False, ground=data.tiles(ground[None].astype(np.float32))[0], ink=INK
    )
    if linked is not None:
        st.caption("The mask came with the link; a new stroke begins another.")
    return mask


def mask_of(pixels: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W), which pixels of a picture the painted ones (h, w), a whole multiple of it, cover."""
    rows, columns = shape
    covered = pixels.reshape(rows, len(pixels) // rows, columns, -1).mean((1, 3))
    return covered > PAINTED
