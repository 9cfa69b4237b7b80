"""The columns of a file that was brought: what each was taken for, and a choice to correct that."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from aeviz.importers.data.answers import COLUMN_TYPES, FoundColumn

STATED = "own-columns"  # the types that the visitor stated, by column
CLASS = "target"
WORDS = {  # for one column, and for several
    "number": ("number", "numbers"),
    "category": ("category", "categories"),
    "target": ("class to colour by", "classes to colour by"),
    "identifier": ("name of the rows", "names of the rows"),
    "ignored": ("left out", "left out"),
}
AT_ONCE = 40  # columns on the page together: each has a widget of its own
TALL = 8  # columns from which on the list scrolls
HEIGHT = 420  # pixels of a list that scrolls


def stated() -> dict[str, str]:
    """The types that the visitor stated, by column."""
    types: dict[str, str] = st.session_state.get(STATED, {})
    return dict(types)


def begin(types: Mapping[str, str]) -> None:
    """State the types of some columns."""
    st.session_state[STATED] = dict(types)


def forget() -> None:
    """Take all columns as they were found."""
    st.session_state.pop(STATED, None)


def show(columns: Sequence[FoundColumn], counted: str, key: str) -> None:
    """Draw the columns with their types. counted: how many there are, in words. key: of what was brought."""
    first = _first(len(columns), key)
    shown = columns[first : first + AT_ONCE]
    st.html(
        f'<h3 class="aeviz-own-title">What the columns are</h3><p class="aeviz-own-facts">{escape(counted)}. Correct '
        "here what was taken for something else.</p>"
    )
    with st.container(height=HEIGHT if len(shown) > TALL else "content", key="own-columns-list", gap="small"):
        for place, column in enumerate(shown, first):
            _column(column, f"{key}-{place}")


def counted(columns: Sequence[FoundColumn]) -> str:
    """How many columns there are of each type, in words."""
    types = [column.type for column in columns]
    counts = {name: types.count(name) for name in COLUMN_TYPES if name in types}
    return ", ".join(f"{count} {WORDS[name][count > 1]}" for name, count in counts.items())


def _first(count: int, key: str) -> int:
    """The first column that is shown, where there are too many for one list."""
    if count <= AT_ONCE:
        return 0
    starts = range(0, count, AT_ONCE)
    chosen: int = st.selectbox(
        "Show", starts, format_func=lambda start: f"columns {start + 1} to {min(start + AT_ONCE, count)}",
        key=f"own-columns-from-{key}", width=240,
    )  # fmt: skip
    return chosen


def _column(column: FoundColumn, key: str) -> None:
    name, type_, cells = st.columns([4, 5, 6], gap="small", vertical_alignment="center")
    lacking = f" · {column.missing:,} missing" if column.missing else ""
    with name:
        st.html(
            f'<p class="aeviz-column"><b>{escape(column.name)}</b><small>{column.distinct:,} different{lacking}'
            "</small></p>"
        )
    with type_:
        choices = [choice for choice in COLUMN_TYPES if choice in {column.type, *column.choices}]
        st.selectbox(
            f"Type of {column.name}", choices, choices.index(column.type),
            format_func=lambda choice: COLUMN_TYPES[choice], key=f"type-{key}-{column.type}",
            label_visibility="collapsed",
            on_change=_state, args=(column.name, f"type-{key}-{column.type}"),
        )  # fmt: skip
    with cells:
        examples = " · ".join(column.examples)
        note = f"<small>{escape(column.note)}</small>" if column.note else ""
        st.html(f'<div class="aeviz-column"><details><summary>{escape(examples)}</summary></details>{note}</div>')


def _state(name: str, widget: str) -> None:
    """Keep what was stated of a column; there is one class at most."""
    types = stated()
    if st.session_state[widget] == CLASS:
        types = {other: type_ for other, type_ in types.items() if type_ != CLASS}
    st.session_state[STATED] = types | {name: st.session_state[widget]}
