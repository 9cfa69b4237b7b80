"""Where an input comes from: the data set, a visitor's file, or a drawing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import models, url, widgets
from aeviz.app.choice import chosen
from aeviz.errors import DataError
from aeviz.modalities.image.drawing import prepare
from aeviz.parts.draw_pad import Drawing
from aeviz.parts.draw_pad.streamlit import committed, draw_pad

MEANWHILE = "; until then the item of the data set is shown"
KINDS = {"item": "Data set", "upload": "Upload", "draw": "Draw"}


@dataclass(frozen=True)
class InputParameters:
    """The parameters of one input, prefix as in "a-from" and "a-item"; default: the item at first."""

    prefix: str
    default: int

    @property
    def origin(self) -> url.Choice:
        """What kind of input it is."""
        return url.Choice(f"{self.prefix}-from", "where the input comes from", tuple(KINDS), "item")

    @property
    def item(self) -> url.Whole:
        """Which item it is."""
        return url.Whole(
            f"{self.prefix}-item", "the item: its row in the test split", default=self.default, above="the last row"
        )

    @property
    def parameters(self) -> tuple[url.Choice, url.Whole]:
        """Both, for a page's table."""
        return self.origin, self.item


@dataclass(frozen=True)
class Input:
    """An input: the picture (C, H, W) as the models see it, its name, and its row in the data set if it has one."""

    picture: NDArray[np.float32]
    name: str
    row: int | None = None


def pick(inputs: InputParameters, letter: str = "") -> Input:
    """Widgets to choose an input."""
    key = inputs.prefix
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if letter:
            st.html(f'<b class="aeviz-letter">{letter}</b>', width="content")
        kind = widgets.segments(inputs.origin, "Input", KINDS)
        if kind == "item":
            return _item(inputs)
    if kind == "upload":
        return upload(key) or _source(_row(inputs))
    return draw(key)[0] or _source(_row(inputs))


def _known(inputs: InputParameters) -> url.Whole:
    """The parameter of the item, up to the last one that there is."""
    return replace(inputs.item, high=len(models.data(chosen().dataset)) - 1)


def _row(inputs: InputParameters) -> int:
    return url.value(_known(inputs))


def _item(inputs: InputParameters) -> Input:
    known = _known(inputs)
    row = widgets.whole(known, "Item", show_label=False)
    st.button("Another", icon=":material/casino:", key=f"{inputs.prefix}-another", on_click=_another, args=(known,))
    return _source(row)


def _source(row: int) -> Input:
    data = models.data(chosen().dataset)
    return Input(data.items[row], f"{data.label_names[data.labels[row]]} · item {row}", row)


def _another(item: url.Whole) -> None:
    url.remember(item, int(np.random.default_rng().integers(item.high + 1)))


def upload(key: str, *, on_change: Callable[[], None] | None = None, meanwhile: str = MEANWHILE) -> Input | None:
    """A picture from a file; None where there is none, or none that can be read."""
    data = models.data(chosen().dataset)
    modality = data.modality
    file = st.file_uploader(
        f"A {modality.words.noun}",
        type=[ending.removeprefix(".") for ending in modality.endings],
        key=f"{key}-file",
        on_change=on_change,
        max_upload_size=20,
    )
    if file is None:
        st.caption(f"Drop a {modality.words.noun} here{meanwhile}.")
        return None
    try:
        found = modality.read(file.getvalue(), data.shape, data.scale)
    except DataError as error:
        st.error(str(error), icon=":material/broken_image:")
        return None
    for note in found.notes:
        st.caption(note)
    return Input(found.item, f"your {modality.words.noun}")


def draw(key: str, *, live: bool = False, size: int = 224, meanwhile: str = MEANWHILE) -> tuple[Input | None, Drawing]:
    """A pad to draw on, in the manner of the data set's items: the input, None for an empty pad, and what was drawn.

    live: whether it answers while the pen moves; whoever follows the pen shows the picture, and the pad does not.
    """
    data = models.data(chosen().dataset)
    colour, shape, key = data.shape[0] == 3, (data.shape[-2], data.shape[-1]), f"{key}-drawing"
    drawn = committed(shape, key=key, colour=colour)
    picture = None
    if drawn.pixels is not None:
        picture = prepare(drawn.pixels, shape, data.drawing, ground=255 if colour else 0)
    preview = None if picture is None or live else data.tiles(picture[None])[0]
    draw_pad(shape, key=key, colour=colour, size=size, live=live, preview=preview, show_preview=not live)
    if picture is None:
        st.caption(f"Draw with the mouse, a pen or a finger{meanwhile}.")
        return None, drawn
    return Input(picture, "your drawing"), drawn
