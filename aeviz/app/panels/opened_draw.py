"""A generated item, opened: what it looks like, its code, and the items of the data set nearest to it."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models, url
from aeviz.app.choice import Choice, Shown, chosen, select_item
from aeviz.app.panels import channel_maps, own_item
from aeviz.figures import bars
from aeviz.parts.pictures.streamlit import pictures
from aeviz.projection.placing import nearest

SIDES = ("left", "right")
SELECTED = "neighbour-selected"  # in the session: whether this run comes of a click on a neighbour
NEAR = 6  # items whose codes are nearest
COMES = "opened-comes"  # in the session: the name of what was opened in this run
SCROLL = """<script>
document.querySelector(".st-key-card-NAME")?.scrollIntoView({ block: "nearest", behavior: "smooth" });
</script>"""  # what was opened stands below what was clicked
Array = NDArray[np.float32]


def parameter(name: str, kinds: tuple[str, ...], count: int) -> url.Choice:
    """Which of `count` draws of each kind and side is open, as "prior-left-7"; none at first."""
    options = tuple(f"{kind}-{side}-{item}" for kind in kinds for side in SIDES for item in range(count))
    return url.Choice(
        name, "the generated item that is open", options, among="its kind, side and number, as `prior-left-7`"
    )


def choose(opened: url.Choice, text: str) -> None:
    """Open a generated item, which the page then comes to."""
    url.remember(opened, text)
    st.session_state[COMES] = opened.name


def of(opened: str, choice: Choice) -> tuple[str, Shown, int] | None:
    """The kind, the model and the number of what is open; None for nothing."""
    if not opened:
        return None
    kind, side, item = opened.split("-")
    return kind, choice.pair[SIDES.index(side)], int(item)


def show(model: Shown, z: Array, title: str, opened: url.Choice, label: int | None = None) -> None:
    """The decode of a code z (d,) of a model, the code, and what is nearest to both; `title` says whence it comes.

    label: the class that a conditional model is told.
    """
    data, network = models.data(chosen().dataset), models.explorer(model.name)
    item = network.decode(z[None], None if label is None else np.array([label]))[0]
    with st.container(key=f"card-{opened.name}"):
        head, close = st.columns([8, 1], vertical_alignment="center")
        scroll = SCROLL.replace("NAME", opened.name) if st.session_state.pop(COMES, "") == opened.name else ""
        heading = f'<h2 class="aeviz-model" style="--accent: {model.colour}">{escape(title)}</h2>'
        head.html(heading + scroll, unsafe_allow_javascript=bool(scroll))
        close.button("Close", icon=":material/close:", key=f"{opened.name}-close", type="tertiary",
                     on_click=url.remember, args=(opened, ""))  # fmt: skip
        left, right = st.columns([1, 1], gap="medium")
        with left:
            apart = data.distance(data.items, np.repeat(item[None], len(data), 0))
            row = int(np.argmin(np.where(np.isnan(apart), np.inf, apart)))
            error = data.modality.error
            note = f"{error.label}: {error.text(float(apart[row]), data.scale)}"
            figures = [
                (item, "decoded", "", model.colour),
                (
                    data.items[row],
                    f"nearest real {data.words.noun}",
                    f"{escape(data.label_of(row))} · item {row:,}<br>{escape(note)}",
                    "",
                ),
            ]
            st.html(html.row([
                html.figure(data.tiles(shown[None])[0], caption, note=text, accent=accent, large=data.html(shown))
                for shown, caption, text, accent in figures
            ]))  # fmt: skip
        with right:
            st.html(
                '<p class="aeviz-label">Its code</p>'
                + channel_maps.show_code(bars.ItemCode(model.label, model.colour, z, None), model)
            )
            near = nearest(models.codes(model.name).mean, z[None], NEAR)[0][0].tolist()
            neighbours(f"{opened.name}-near", near, f"Nearest codes, {model.label}", in_fragment=True)


def neighbours(key: str, rows: list[int], label: str, *, columns: int = 0, in_fragment: bool = False) -> None:
    """Items of the data set to choose from: a click selects one for all pages; the whole page then runs again."""
    data = models.data(chosen().dataset)
    if not rows:
        return
    st.html(f'<p class="aeviz-label">{escape(label)}</p>')
    pictures(
        data.tiles(data.items[rows]),
        [f"item {row:,}, {data.label_of(row)}" for row in rows],
        label=label,
        columns=columns,
        smooth=data.modality.smooth,
        key=key,
        on_pick=lambda number: _select(rows[number]),
    )
    if st.session_state.pop(SELECTED, False) and in_fragment:
        st.rerun()


def _select(row: int) -> None:
    """Select an item, also where one's own was inspected."""
    select_item(row)
    url.remember(own_item.SHOWN, "item")
    st.session_state[SELECTED] = True
