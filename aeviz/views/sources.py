"""Where an input comes from: the data set, a visitor's file, or a drawing."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz import DataError
from aeviz.components.draw_pad import Convention, draw_pad
from aeviz.uploads import read_picture
from aeviz.views import controls, state

KINDS = {"item": "Data set", "upload": "Upload", "draw": "Draw"}


@dataclass(frozen=True)
class Source:
    """An input: the picture (C, H, W) as the models see it, its name, and its row in the data set if it has one."""

    picture: NDArray[np.float32]
    name: str
    row: int | None = None


def pick(key: str, default: int, letter: str = "") -> Source:
    """Widgets to choose an input; `key` prefixes their URL parameters, `default` is the item at first."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if letter:
            st.html(f'<b class="aeviz-letter">{letter}</b>', width="content")
        kind = controls.segments(f"{key}-from", "Input", KINDS, "item")
        if kind == "item":
            return _item(key, default)
    chosen = _upload(key) if kind == "upload" else _draw(key)
    return chosen or _source(int(st.session_state.get(f"{key}-item", default)))


def _item(key: str, default: int) -> Source:
    count = len(state.data(state.choice().dataset))
    row = controls.whole(f"{key}-item", "Item", 0, count - 1, default, tip="", show_label=False)
    st.button("Another", icon=":material/casino:", key=f"{key}-another", on_click=_another, args=(key, count))
    return _source(row)


def _source(row: int) -> Source:
    data = state.data(state.choice().dataset)
    return Source(data.items[row], f"{data.label_names[data.labels[row]]} · item {row}", row)


def _another(key: str, count: int) -> None:
    st.session_state[f"{key}-item"] = int(np.random.default_rng().integers(count))


def _upload(key: str) -> Source | None:
    shape = state.data(state.choice().dataset).shape
    file = st.file_uploader("A picture", type=["png", "jpg", "jpeg", "webp", "gif", "bmp"], key=f"{key}-file")
    if file is None:
        st.caption("Drop a picture here; until then the item of the data set is shown.")
        return None
    try:
        upload = read_picture(file.getvalue(), shape)
    except DataError as error:
        st.error(str(error), icon=":material/broken_image:")
        return None
    if upload.inverted:
        st.caption("Light and dark are swapped: the models know light shapes on black.")
    return Source(upload.picture[0], "your picture")


def _draw(key: str) -> Source | None:
    data = state.data(state.choice().dataset)
    convention: Convention = "mnist" if data.name == "mnist" else "fill"
    drawn = draw_pad(data.shape[1:], convention=convention, key=f"{key}-drawing", size=224)
    if drawn.picture is None:
        st.caption("Draw with the mouse, a pen or a finger; until then the item of the data set is shown.")
        return None
    return Source(drawn.picture, "your drawing")
