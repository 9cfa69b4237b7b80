"""The choice of an item of the data set, the same on every page.

By number, by class, at random of the class, the worst rebuilt, by a click on a neighbour or on a point of a map.
"""

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models
from aeviz.app.choice import chosen, select_item, selected_item
from aeviz.app.panels import item_places

ANY = -1  # in place of a class


def item(key: str) -> int:
    """Widgets to select the item that all pages share; its row. The item stays selected from page to page."""
    _number(key)
    others(key, selected_item(), select_item)
    return selected_item()


def menu(key: str) -> None:
    """The same under one button, where there is little room."""
    with unfolding(key) as more:
        if more.open:  # a field that is not on the screen misses what it is set to, and tells what it held before
            _number(key)
        kind = _by_class(key, selected_item(), select_item)
        _another_button(key, kind, selected_item(), select_item)
        if more.open:
            item_places.show(key, selected_item(), select_item)


def others(key: str, row: int, choose: Callable[[int], None]) -> None:
    """The item of a row as a small tile with its class, and buttons that choose another."""
    data = models.data(chosen().dataset)
    name = data.label_of(row)
    tile = html.thumbnail(data.tiles(data.items[[row]])[0], name)
    st.html(f'<div class="aeviz-picked">{tile}<span>{escape(name)}</span></div>', width="content")
    with unfolding(key) as more:
        kind = _by_class(key, row, choose)
        if more.open:
            item_places.show(key, row, choose)
    _another_button(key, kind, row, choose)


def unfolding(key: str) -> Any:
    """What unfolds under "Choose"; its `open` says whether it is unfolded: no map is drawn for one that is not."""
    return st.popover("Choose", icon=":material/grid_view:", key=f"{key}-choose", on_change="rerun")


def _number(key: str) -> None:
    count, number = len(models.data(chosen().dataset)), f"{key}-number"
    if st.session_state.get(number) != selected_item():
        st.session_state[number] = selected_item()
    st.number_input("Item", 0, count - 1, key=number, on_change=_typed, args=(number,), label_visibility="collapsed",
                    width=100)  # fmt: skip


def _by_class(key: str, row: int, choose: Callable[[int], None]) -> str:
    """The widgets that choose by class and by error; the session's name of the class that is chosen."""
    data = models.data(chosen().dataset)
    kind = f"{key}-of-{data.name}"
    if data.continuous is None:
        st.selectbox(
            "Class",
            [ANY, *range(len(data.label_names))],
            format_func=lambda label: "any" if label == ANY else data.label_names[label],
            key=kind,
            on_change=_first_of,
            args=(kind, row, choose),
            width=220,
        )
    st.button(
        "Worst rebuilt",
        icon=":material/heart_broken:",
        key=f"{key}-worst",
        on_click=_worst,
        args=(kind, row, choose),
    )
    st.caption("Of the class, the item with the largest error of both models together; again for the next.")
    return kind


def _another_button(key: str, kind: str, row: int, choose: Callable[[int], None]) -> None:
    st.button("Another", icon=":material/casino:", key=f"{key}-another", on_click=_another, args=(kind, row, choose))


def _typed(number: str) -> None:
    select_item(int(st.session_state[number]))


def _of_class(kind: str) -> NDArray[np.int64]:
    """Rows of the items of the class that is chosen."""
    label, labels = st.session_state.get(kind, ANY), models.data(chosen().dataset).labels
    return np.arange(len(labels)) if label == ANY else np.flatnonzero(labels == label)


def _first_of(kind: str, row: int, choose: Callable[[int], None]) -> None:
    rows = _of_class(kind)
    if len(rows) and row not in rows:
        choose(int(rows[0]))


def _another(kind: str, row: int, choose: Callable[[int], None]) -> None:
    rows = _of_class(kind)
    rows = rows[rows != row]
    if len(rows):
        choose(int(np.random.default_rng().choice(rows)))


def _worst(kind: str, row: int, choose: Callable[[int], None]) -> None:
    """The item of the largest error; after that one, the next."""
    rows, last = _of_class(kind), f"{kind}-worst"
    if not len(rows):
        return
    errors = np.sum([models.codes(model.name).error[rows] for model in chosen().pair], axis=0)
    ranked = rows[np.argsort(-errors, kind="stable")].tolist()
    at = (ranked.index(row) + 1) % len(ranked) if st.session_state.get(last) == row and row in ranked else 0
    st.session_state[last] = ranked[at]
    choose(ranked[at])
