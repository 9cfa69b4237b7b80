"""Widgets in the page's own manner: quiet, and with their state in the URL.

Streamlit's own binding writes the text of an option into the URL; choices here write its name, which stays the same
when the text is reworded.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial, wraps
from html import escape
from typing import Any, Literal, ParamSpec

import streamlit as st

from aeviz.app import patience, url
from aeviz.errors import CallableError, CheckpointError

Given = ParamSpec("Given")
PAGE, SET = "widgets-page", "widgets-set"  # in the session: the page that is shown, names of its widgets that were set


def arrive(address: str) -> None:
    """Begin a run of the page with an address: where it is another than before, none of its widgets was set yet."""
    if st.session_state.get(PAGE) != address:
        st.session_state[PAGE], st.session_state[SET] = address, set()


def label(text: str) -> None:
    """A word in front of a widget of the same line."""
    st.html(f'<span class="aeviz-label">{escape(text)}</span>', width="content")


def segments(
    parameter: url.Choice, label: str, options: Mapping[str, str], default: str = "", *, show_label: bool = False
) -> str:
    """One of a few options {name: text}, always one; default: where it is not the parameter's."""
    parameter = replace(parameter, options=tuple(options), default=default or parameter.default)
    _seed(parameter)
    chosen: str | None = st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=lambda option: options[option],
        key=parameter.name,
        on_change=partial(_chosen, parameter),
        label_visibility="visible" if show_label else "collapsed",
    )
    return chosen or parameter.default


def select(
    parameter: url.Choice,
    label: str,
    options: Mapping[str, str],
    default: str = "",
    *,
    width: int,
    show_label: bool = False,
) -> str:
    """One of some options {name: text} in a list that opens; default: where it is not the parameter's."""
    parameter = replace(parameter, options=tuple(options), default=default or parameter.default)
    texts, named = [*options.values()], f"{SET}-{parameter.name}"
    if st.session_state.get(named) != texts:  # the list would go on showing the text that its option had before
        st.session_state[named] = texts
        st.session_state.setdefault(SET, set()).discard(parameter.name)
    _seed(parameter)
    chosen: str = st.selectbox(
        label,
        list(options),
        format_func=lambda option: options[option],
        key=parameter.name,
        on_change=partial(_chosen, parameter),
        label_visibility="visible" if show_label else "collapsed",
        width=width,
    )
    return chosen


def whole(parameter: url.Whole, label: str, *, tip: str = "", show_label: bool = True) -> int:
    """A whole number."""
    _seed(parameter)
    return int(
        st.number_input(
            label,
            parameter.low,
            parameter.high,
            key=parameter.name,
            on_change=partial(_chosen, parameter),
            help=(tip or None) if show_label else None,
            label_visibility="visible" if show_label else "collapsed",
            width=130,
        )
    )


def slider(
    parameter: "url.Whole | url.Number",
    label: str,
    step: float,
    tip: str = "",
    *,
    width: int | Literal["stretch"] = "stretch",
) -> Any:
    """A number on a slider; width: in pixels."""
    _seed(parameter)
    return st.slider(
        label,
        parameter.low,
        parameter.high,
        step=step,
        key=parameter.name,
        on_change=partial(_chosen, parameter),
        help=tip or None,
        width=width,
    )


def span(parameter: url.Span, label: str) -> tuple[int, int]:
    """From where to where, on a slider with two handles."""
    _seed(parameter)
    edges: Any = st.slider(label, 0, parameter.high, step=1, key=parameter.name, on_change=partial(_chosen, parameter))
    return int(edges[0]), int(edges[1])


def toggle(parameter: url.Flag, label: str) -> bool:
    """A switch."""
    _seed(parameter)
    return st.toggle(label, key=parameter.name, on_change=partial(_chosen, parameter))


def expander(parameter: url.Flag, label: str, icon: str) -> Any:
    """A part of the page that unfolds; its `open` says whether it is."""
    _seed(parameter)
    return st.expander(label, icon=icon, key=parameter.name, on_change=partial(_chosen, parameter))


def _seed(parameter: url.Parameter[Any]) -> None:
    """Set a widget to what the visitor chose before, or to what the URL names.

    Its default goes this way too: Streamlit logs a widget that has both a default and a value set from outside.
    """
    value = url.value(parameter)
    set_here: set[str] = st.session_state.setdefault(SET, set())
    # A widget of the page before may hold the same value under the same name, and would take it along when it goes.
    if parameter.name not in set_here or st.session_state.get(parameter.name) != value:
        st.session_state[parameter.name] = value
    set_here.add(parameter.name)


def _chosen(parameter: url.Parameter[Any]) -> None:
    url.remember(parameter, st.session_state[parameter.name])


def save(label: str, data: Any, name: str, mime: str, **options: Any) -> None:
    """A button that saves a file; data: its content, or what makes it when it is asked for.

    The page does not run again for it: that would replace what makes the file while the browser waits for it.
    """
    st.download_button(label, data, name, mime, on_click="ignore", **options)


def fragment(draw: Callable[Given, None]) -> Callable[Given, None]:
    """Part of a page that runs again by itself; what a model cannot do, or takes long for, is said there."""

    @st.fragment
    @wraps(draw)
    def shown(*given: Given.args, **named: Given.kwargs) -> None:
        try:
            with patience.telling(st.empty):
                draw(*given, **named)
        except (CallableError, CheckpointError) as error:
            st.error(str(error), icon=":material/error:")

    return shown
