"""A visitor's state in the URL, so that a link shows the same view."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def remembered(name: str, default: Any, parse: Callable[[str], Any], write: Callable[[Any], str] = str) -> Any:
    """A visitor's value that no widget holds, kept in the session and in the URL as `name`.

    The URL wins when it was opened or edited by hand; a value that `parse` refuses (ValueError) is dropped.
    """
    key, last = f"remembered-{name}", f"written-{name}"
    found = st.query_params.get(name)
    if found is not None and found != st.session_state.get(last):
        try:
            st.session_state[key] = parse(found)
        except ValueError:
            st.session_state.pop(key, None)
    value = st.session_state.get(key, default)
    text = "" if value is None or (default is not None and value == default) else write(value)
    st.session_state[last] = text
    if text and found != text:
        st.query_params[name] = text
    elif not text and found is not None:
        del st.query_params[name]
    return value


def remember(name: str, value: object) -> None:
    """Set a value that `remembered` reads in the next run; the URL follows there."""
    st.session_state[f"remembered-{name}"] = value
    st.session_state[f"written-{name}"] = st.query_params.get(name)
