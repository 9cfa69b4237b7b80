"""Widgets in the page's own manner: quiet, and with their state in the URL."""

from collections.abc import Mapping

import streamlit as st


def segments(key: str, label: str, options: Mapping[str, str], default: str, *, show_label: bool = False) -> str:
    """One of a few options {value: text}, always one; `key` is its URL parameter."""
    chosen: str | None = st.segmented_control(
        label,
        list(options),
        default=default,
        required=True,
        format_func=lambda option: options[option],
        key=key,
        bind="query-params",
        label_visibility="visible" if show_label else "collapsed",
    )
    return chosen or default


def whole(key: str, label: str, low: int, high: int, default: int, *, tip: str, show_label: bool = True) -> int:
    """A whole number from low to high; `key` is its URL parameter."""
    return int(
        st.number_input(
            label,
            low,
            high,
            default,
            key=key,
            bind="query-params",
            help=tip if show_label else None,
            label_visibility="visible" if show_label else "collapsed",
            width=130,
        )
    )
