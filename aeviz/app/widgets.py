"""Widgets in the page's own manner: quiet, and with their state in the URL.

Streamlit's own binding writes the text of an option into the URL; choices here write its name, which stays the same
when the text is reworded.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from aeviz.app import url


def segments(key: str, label: str, options: Mapping[str, str], default: str, *, show_label: bool = False) -> str:
    """One of a few options {name: text}, always one; `key` is its URL parameter."""
    _seed(key, options, default)
    chosen: str | None = st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=lambda option: options[option],
        key=key,
        on_change=partial(_chosen, key),
        label_visibility="visible" if show_label else "collapsed",
    )
    return chosen or default


def select(key: str, label: str, options: Mapping[str, str], default: str, *, width: int) -> str:
    """One of some options {name: text} in a list that opens; `key` is its URL parameter."""
    _seed(key, options, default)
    chosen: str = st.selectbox(
        label,
        list(options),
        format_func=lambda option: options[option],
        key=key,
        on_change=partial(_chosen, key),
        label_visibility="collapsed",
        width=width,
    )
    return chosen


def _seed(key: str, options: Mapping[str, str], default: str) -> None:
    """Set a widget to what the visitor chose before, or to what the URL names."""

    def parse(text: str) -> str:
        if text not in options:
            raise ValueError(text)
        return text

    value = url.remembered(key, default, parse)
    value = value if value in options else default
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _chosen(key: str) -> None:
    url.remember(key, st.session_state[key])


def whole(key: str, label: str, low: int, high: int, default: int, *, tip: str, show_label: bool = True) -> int:
    """A whole number from low to high; `key` is its URL parameter."""
    return int(
        st.number_input(
            label,
            low,
            high,
            min(default, high),
            key=key,
            bind="query-params",
            help=tip if show_label else None,
            label_visibility="visible" if show_label else "collapsed",
            width=130,
        )
    )


def save(label: str, data: Any, name: str, mime: str, **options: Any) -> None:
    """A button that saves a file; data: its content, or what makes it when it is asked for.

    The page does not run again for it: that would replace what makes the file while the browser waits for it.
    """
    st.download_button(label, data, name, mime, on_click="ignore", **options)
