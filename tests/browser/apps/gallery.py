"""The app of the live parts: each file beside this one is a page, by its name."""

from pathlib import Path

import streamlit as st

GALLERY = Path(__file__)


def nothing() -> None:
    """The page of an address that names no part."""


parts = [st.Page(path) for path in sorted(GALLERY.parent.glob("*.py")) if path != GALLERY]
st.navigation([st.Page(nothing, default=True), *parts], position="hidden").run()
