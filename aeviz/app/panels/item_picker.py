"""The choice of the item that all pages share, for pages without a map."""

import numpy as np
import streamlit as st

from aeviz.app import models
from aeviz.app.choice import chosen, select_item, selected_item


def item(key: str) -> int:
    """Widgets to select an item by number or at random; its row. The item stays selected from page to page."""
    count, number = len(models.data(chosen().dataset)), f"{key}-number"
    if st.session_state.get(number) != selected_item():
        st.session_state[number] = selected_item()
    st.html('<span class="aeviz-label">item</span>', width="content")
    st.number_input("Item", 0, count - 1, key=number, on_change=_typed, args=(number,), label_visibility="collapsed",
                    width=120)  # fmt: skip
    st.button("Another", icon=":material/casino:", key=f"{key}-another", on_click=_another, args=(count,))
    return selected_item()


def _typed(number: str) -> None:
    select_item(int(st.session_state[number]))


def _another(count: int) -> None:
    select_item(int(np.random.default_rng().integers(count)))
