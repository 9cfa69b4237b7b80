"""Where an input comes from: the data set, a file or pasted cells of the visitor, or the visitor's own hand."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import models, url, widgets
from aeviz.app.choice import chosen
from aeviz.app.panels.editors import Companions, Edited, editor_of
from aeviz.datasets.record import Dataset
from aeviz.errors import DataError

FALLBACK_HINT = "; until then the item of the data set is shown"
ORIGINS = ("item", "upload", "draw")


@dataclass(frozen=True)
class InputParameters:
    """The parameters of one input, prefix as in "a-from" and "a-item"; default: the item at first."""

    prefix: str
    default: int

    @property
    def origin(self) -> url.Choice:
        """Where it comes from."""
        return url.Choice(f"{self.prefix}-from", "where the input comes from", ORIGINS, "item")

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
    """An input: the item (*shape) as the models see it, its name, and its row in the data set if it has one."""

    item: NDArray[np.float32]
    name: str
    row: int | None = None


def pick(inputs: InputParameters, letter: str = "") -> Input:
    """Widgets to choose an input."""
    key = inputs.prefix
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if letter:
            st.html(f'<b class="aeviz-letter">{letter}</b>', width="content")
        origin = widgets.segments(inputs.origin, "Input", origins("Data set"))
        if origin == "item":
            return _item(inputs)
    if origin == "upload":
        return upload(key) or _of_row(_row(inputs))
    return edit(key, _row(inputs))[0] or _of_row(_row(inputs))


def origins(item: str) -> dict[str, str]:
    """Where an input may come from, {name: text}: `item` for the data set, then what its modality takes."""
    modality = models.data(chosen().dataset).modality
    editor = editor_of(modality.editors)
    texts = {"item": item, "upload": "Paste or upload" if modality.pasted else "Upload"}
    return {**texts, "draw": editor.verb} if editor else texts


def _row_parameter(inputs: InputParameters) -> url.Whole:
    """The parameter of the item, up to the last one that there is."""
    return replace(inputs.item, high=len(models.data(chosen().dataset)) - 1)


def _row(inputs: InputParameters) -> int:
    return url.value(_row_parameter(inputs))


def _item(inputs: InputParameters) -> Input:
    parameter = _row_parameter(inputs)
    row = widgets.whole(parameter, "Item", show_label=False)
    st.button("Another", icon=":material/casino:", key=f"{inputs.prefix}-another", on_click=_another, args=(parameter,))
    return _of_row(row)


def _of_row(row: int) -> Input:
    data = models.data(chosen().dataset)
    return Input(data.items[row], f"{data.label_names[data.labels[row]]} · item {row}", row)


def _another(item: url.Whole) -> None:
    url.remember(item, int(np.random.default_rng().integers(item.high + 1)))


def upload(key: str, *, on_change: Callable[[], None] | None = None, hint: str = FALLBACK_HINT) -> Input | None:
    """An item from a file or from pasted cells; None where there is none.

    What cannot be read is told in a sentence, and the item from before stays.
    """
    data, last = models.data(chosen().dataset), f"{key}-read"
    noun = data.words.noun
    given = _given(key, data, on_change)
    if given is None:
        st.session_state.pop(last, None)
        st.caption(f"Drop a {noun} here{hint}.")
        return None
    try:
        file_item = data.modality.read(given, data.shape, data.scale)
    except DataError as error:
        st.error(str(error), icon=":material/broken_image:")
        dataset, item = st.session_state.get(last, ("", None))
        return item if dataset == data.name else None
    for note in file_item.notes:
        st.caption(note)
    item = Input(file_item.item, f"your {noun}")
    st.session_state[last] = (data.name, item)
    return item


def _given(key: str, data: Dataset, on_change: Callable[[], None] | None) -> bytes | None:
    """What a visitor pasted or chose last, where the modality takes both; None for nothing."""
    modality, latest = data.modality, f"{key}-given"

    def changed(way: str) -> None:
        st.session_state[latest] = way
        if on_change:
            on_change()

    text = ""
    if modality.pasted:
        text = st.text_area(
            f"Paste {modality.pasted}", key=f"{key}-text", on_change=changed, args=("pasted",), height=100
        ).strip()
    file = st.file_uploader(
        f"A {data.words.noun}",
        type=[ending.removeprefix(".") for ending in modality.endings],
        key=f"{key}-file",
        on_change=changed,
        args=("file",),
        max_upload_size=20,
    )
    if text and (file is None or st.session_state.get(latest) == "pasted"):
        return text.encode()
    return None if file is None else file.getvalue()


def edit(
    key: str,
    row: int,
    *,
    live: bool = False,
    size: int = 224,
    hint: str = FALLBACK_HINT,
    companions: Companions = lambda item: (),
) -> tuple[Input | None, Edited]:
    """An item made by hand, in the way of the data set's modality: the input, None for an empty editor, and its state.

    row: of the item to start from where the visitor asks for it. live, size, hint, companions: as the editors have
    them.
    """
    data = models.data(chosen().dataset)
    editor = editor_of(data.modality.editors)
    if editor is None:
        return None, Edited()
    edited = editor.show(data, key, row, live=live, size=size, hint=hint, companions=companions)
    name = editor.made.format(noun=data.words.noun)
    return None if edited.item is None else Input(edited.item, name), edited
