"""Where an input comes from: the data set, a file or pasted cells of the visitor, or the visitor's own hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.typing import UploadedFile

from aeviz.app import models, networks, url, widgets
from aeviz.app.choice import Shown, chosen
from aeviz.app.panels import item_picker, photograph
from aeviz.app.panels.editors import Companions, Edited, editor_of
from aeviz.app.uploads import photographs
from aeviz.datasets.record import Dataset
from aeviz.errors import DataError

FALLBACK_HINT = "; until then the item of the data set is shown"
LINKED_HINT = "; until then the one of before is shown"
ORIGINS = ("item", "upload", "draw")
STEPS = {"photograph": photograph.show}  # how a file becomes an item, by the names that a modality gives
WAYS = {"file": "File", "camera": "Camera"}


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
    def own(self) -> url.Values:
        """What was made by hand or brought."""
        return url.Values(f"{self.prefix}-own", "the input that was drawn, filled in, typed or uploaded")

    @property
    def parameters(self) -> tuple[url.Choice, url.Whole, url.Values]:
        """All, for a page's table."""
        return self.origin, self.item, self.own


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
        origin = widgets.segments(inputs.origin, "Input", origins("Item"))
        if origin == "item":
            return _item(inputs)
    return given(inputs.own, origin, key, _row(inputs)) or _of_row(_row(inputs))


def given(own: url.Values, origin: str, key: str, row: int, seen_by: Sequence[Shown] | None = None) -> Input | None:
    """What the visitor makes by hand or brings, kept in the link and from page to page; None for nothing yet.

    seen_by: as `edit` has it.
    """
    own = fitted(own, origin)
    before = kept(own)
    if origin == "upload":
        hint = FALLBACK_HINT if before is None else LINKED_HINT
        source = upload(key, own, hint)
    else:
        source, edited = edit(key, row, linked=before, seen_by=seen_by)
        if edited.emptied:
            remember(own, None)
    if source is not None:
        remember(own, source.item)
    item = url.value(own)
    return source or (None if item is None else Input(item, made(origin)))


def kept(own: url.Values) -> NDArray[np.float32] | None:
    """A visitor's own item of a picker; where it has none yet, the one made last for another; None for none."""
    last = own.fit(st.session_state.get(_last(own)))
    if last is not None and url.value(own) is None:
        url.remember(own, last)
    item = url.value(own)
    st.session_state[_last(own)] = item
    return item


def remember(own: url.Values, item: NDArray[np.float32] | None) -> None:
    """Keep a visitor's own item for a picker, and for others that have none yet; None lets go of it."""
    url.remember(own, item)
    st.session_state[_last(own)] = item


def _last(own: url.Values) -> str:
    """Where the session has what was made last of a modality and an origin, as `fitted` tells them apart."""
    return f"{url.HELD}last-{own.scope}"


def fitted(own: url.Values, origin: str) -> url.Values:
    """The parameter of an own item for the data set in the header: each origin and modality keeps one of its own."""
    data = models.data(chosen().dataset)
    span = (data.scale.low, data.scale.high) if data.modality.pixels else None
    return replace(own, shape=data.shape, span=span, scope=f"{data.modality.name}-{origin}-")


def made(origin: str) -> str:
    """What a visitor's own item is called."""
    data = models.data(chosen().dataset)
    editor = editor_of(data.modality.editors) if origin == "draw" else None
    return editor.made.format(noun=data.words.noun) if editor else f"your {data.words.noun}"


def _anew(key: str) -> str:
    """A key that is another after each step back or forward: what a widget held before would speak over the address."""
    return f"{key}-{url.openings()}" if url.openings() else key


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
    item_picker.others(inputs.prefix, row, partial(url.remember, parameter))
    return _of_row(row)


def _of_row(row: int) -> Input:
    data = models.data(chosen().dataset)
    return Input(data.items[row], f"{data.label_of(row)} · item {row:,}", row)


def upload(key: str, own: url.Values, hint: str = FALLBACK_HINT) -> Input | None:
    """An item from a file or from pasted cells; None where there is none.

    own: where the item is kept; what was there goes as another is given. A photograph from which what is there was read
    is shown again. What cannot be read is told in a sentence, and the item from before stays.
    """
    picker, key = key, _anew(key)
    data, last = models.data(chosen().dataset), f"{key}-read"
    noun, shown = data.words.noun, STEPS.get(data.modality.steps)
    given = _given(key, data, partial(_change, picker, own))
    settings: dict[str, Any] = {}
    before = photographs.kept(own.write(url.value(own))) if given is None and shown else None
    if before is not None:
        given, settings = before
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"Your {noun} of before.", width="content")
            st.button("Take it away", key=f"{key}-away", icon=":material/close:", type="tertiary", on_click=_change,
                      args=(picker, own))  # fmt: skip
    if given is None:
        st.session_state.pop(last, None)
        st.caption(f"Drop a {noun} here{hint}.")
        return None
    try:
        if shown:
            file_item, settings = shown(given, data, key, settings)
        else:
            file_item = data.modality.read(given, data.shape, data.scale)
    except DataError as error:
        st.error(str(error), icon=":material/broken_image:")
        dataset, item = st.session_state.get(last, ("", None))
        return item if dataset == data.name else None
    for note in file_item.notes:
        st.caption(note)
    if shown:
        photographs.keep(picker, given, own.write(file_item.item), settings)
    item = Input(file_item.item, f"your {noun}")
    st.session_state[last] = (data.name, item)
    return item


def _change(picker: str, own: url.Values) -> None:
    """Let go of what was given before."""
    photographs.drop(picker)
    remember(own, None)


def _given(key: str, data: Dataset, on_change: Callable[[], None]) -> bytes | None:
    """What a visitor pasted or chose last, where the modality takes both; None for nothing."""
    modality, latest = data.modality, f"{key}-given"

    def changed(way: str) -> None:
        st.session_state[latest] = way
        on_change()

    text = ""
    if modality.pasted:
        text = st.text_area(
            f"Paste {modality.pasted}", key=f"{key}-text", on_change=changed, args=("pasted",), height=100
        ).strip()
    file = _file(key, data, changed)
    if text and (file is None or st.session_state.get(latest) == "pasted"):
        return text.encode()
    return None if file is None else file.getvalue()


def _file(key: str, data: Dataset, changed: Callable[[str], None]) -> UploadedFile | None:
    """What a visitor chose of the disc or photographed; the camera is asked for only where somebody wants it."""
    way, photographed = f"{key}-way", data.modality.steps == "photograph"
    if photographed:
        st.session_state.setdefault(way, "file")
        st.segmented_control("From", list(WAYS), key=way, required=True, format_func=WAYS.__getitem__,
                             label_visibility="collapsed")  # fmt: skip
    if photographed and st.session_state[way] == "camera":
        return st.camera_input(f"A {data.words.noun}", key=f"{key}-camera", on_change=changed, args=("file",))
    return st.file_uploader(
        f"A {data.words.noun}",
        type=[ending.removeprefix(".") for ending in data.modality.endings],
        key=f"{key}-file",
        on_change=changed,
        args=("file",),
        max_upload_size=20,
    )


def edit(
    key: str,
    row: int,
    *,
    live: bool = False,
    size: int = 224,
    hint: str = FALLBACK_HINT,
    companions: Companions = lambda item: (),
    linked: NDArray[np.float32] | None = None,
    seen_by: Sequence[Shown] | None = None,
) -> tuple[Input | None, Edited]:
    """An item made by hand, in the way of the data set's modality: the input, None for an empty editor, and its state.

    row: of the item to start from where the visitor asks for it. live, size, hint, companions, linked: as the editors
    have them. seen_by: the models that a drawing is shown to, in the tab; the pair when left out.
    """
    data = models.data(chosen().dataset)
    editor = editor_of(data.modality.editors)
    if editor is None:
        return None, Edited()
    rebuilders = networks.rebuilders(chosen().pair if seen_by is None else seen_by)
    edited = editor.show(
        data, _anew(key), row, live=live, size=size, hint=hint, companions=companions, linked=linked,
        rebuilders=rebuilders,
    )  # fmt: skip
    return None if edited.item is None else Input(edited.item, made("draw")), edited
