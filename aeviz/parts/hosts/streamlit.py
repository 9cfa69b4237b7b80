"""Streamlit as the host of parts: registers each when it is first shown, and remembers what its browser side said."""

from collections.abc import Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from aeviz.parts import files


@cache
def _registered(name: str) -> Any:
    """The mounting command of a part. The texts go inline: nothing is fetched from elsewhere, no build step exists."""
    return st.components.v2.component(
        f"aeviz_{name}",
        html=files.markup(name),
        css=files.styles(name, "streamlit"),
        js=files.javascript(name, "streamlit"),
    )


def mount(name: str, *, key: str, data: Any, **on: Callable[[], None] | None) -> Any:
    """Show a part.

    Args:
        name: of the part, which is that of its folder.
        key: of the element.
        data: JSON, or bytes and nothing else, as its `payload` makes it.
        on: for each state that the part sends, a callback that runs before the script does, or None.

    Returns:
        A result with an attribute for each state: what was sent last, None before.

    """
    # Streamlit keeps a state's name in the result only where a callback is declared.
    callbacks = {f"on_{state}_change": act or (lambda: None) for state, act in on.items()}
    # Of a mapping, Streamlit looks at each value for a table, which costs the first page the import of pandas (0.3 s).
    # It passes a list on as it is; `streamlit.js` takes the data out again.
    return _registered(name)(key=key, data=data if isinstance(data, bytes) else [data], **callbacks)


def sent(key: str, state: str) -> Any:
    """What the part of a key sent last as a state, None before; known before the part is shown again."""
    return dict(st.session_state.get(key) or {}).get(state)


def memory() -> MutableMapping[Any, Any]:
    """What is kept from run to run, for one visitor."""
    memory: MutableMapping[Any, Any] = st.session_state
    return memory


@cache
def module_of(element: str) -> str | None:
    """The name of Streamlit's file with the code of an element, "PlotlyChart.D9Z0_fxz.js", or None.

    Streamlit documents neither the folder nor the names: a test says when they are others.
    """
    folder = Path(st.__file__).parent / "static" / "static" / "js"
    return next((path.name for path in sorted(folder.glob(f"{element}.*.js"))), None)
