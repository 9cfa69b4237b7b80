"""A table of a page: with a grid's tools on a screen, plain and in larger type in front of a class."""

from collections.abc import Mapping, Sequence

import streamlit as st

from aeviz.app.panels import presentation


def show(rows: Sequence[Mapping[str, str]], *, alt: str | None = None) -> None:
    """Draw rows, {heading: text} each; alt says for those who hear the page what they are.

    A grid is painted in type of one size, which no style of the page reaches: a presented view has a table of HTML.
    """
    if presentation.on():
        st.table(list(rows), hide_index=True, alt=alt)
    else:
        st.dataframe(list(rows), hide_index=True, alt=alt)
