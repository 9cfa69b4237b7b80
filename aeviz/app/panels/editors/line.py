"""A line to type a short text in."""

import streamlit as st

from aeviz.app.panels.editors.base import Companions, Edited, Item, Rebuilders
from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.modalities.text import alphabet_of, spelt


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
    """As `base.Show` says. A text that cannot be spelt is refused, and the one before stays."""
    noun, shape, last = data.words.noun, (data.shape[0], data.shape[1]), f"{key}-line-last-{data.name}"
    field = f"{key}-line-{data.name}"
    start = data.modality.describe(data.items[row], data.scale)
    if linked is not None:
        st.session_state.setdefault(field, data.modality.describe(linked, data.scale))
    letters = letters_of(alphabet_of(data.scale, shape[0]))
    typed = st.text_input(
        f"A {noun} of up to {shape[1]} letters: {letters}",
        key=field,
        placeholder=f"such as {start}",
        width=360,
        live=live,
    ).strip()
    if not typed:
        st.caption(f"Type a {noun}{'' if live else ' and press Enter'}{hint}.")
        return Edited(emptied=st.session_state.pop(last, None) is not None)
    try:
        st.session_state[last] = spelt([typed], data.scale, shape)[0]
    except DataError as error:
        st.error(str(error), icon=":material/spellcheck:")
    return Edited(st.session_state.get(last))


def letters_of(alphabet: tuple[str, ...]) -> str:
    """The symbols of an alphabet in words: runs of three or more by their ends ("a to z, -")."""
    symbols = sorted(symbol for symbol in alphabet if symbol)
    runs: list[list[str]] = []
    for symbol in symbols:
        if runs and ord(symbol) == ord(runs[-1][-1]) + 1:
            runs[-1].append(symbol)
        else:
            runs.append([symbol])
    named = {" ": "space"}
    return ", ".join(
        f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(named.get(symbol, symbol) for symbol in run)
        for run in runs
    )
