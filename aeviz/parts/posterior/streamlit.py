"""The turned posterior in Streamlit."""

from collections.abc import Callable
from typing import Any

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.posterior import Message, payload
from aeviz.parts.posterior import received as parsed


def received(key: str) -> Message | None:
    """What the part of a key sent last, None before; known before it is shown, and in its callbacks."""
    return parsed(host.sent(key, "turned"))


def posterior(
    *args: Any, key: str, on_turned: Callable[[], None] | None, on_refused: Callable[[], None] | None, **facts: Any
) -> None:
    """Show what `payload` describes of args and facts, but for what was heard.

    on_turned: runs first of all when the hand has let go. on_refused: when the tab cannot run the model, whose digest
    is `refused` in `st.session_state[key]` then. Raises ValueError as `payload` does.
    """
    data = payload(*args, heard=received(key), **facts)
    host.mount("posterior", key=key, data=data, turned=on_turned, refused=on_refused)
