"""The scrubber in Streamlit."""

from collections.abc import Callable, Sequence
from typing import Any

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.scrubber import Strip, payload


def scrubber(
    strips: Sequence[Strip],
    *,
    t: float,
    key: str,
    autoplay: bool = False,
    label: str = "Position along the path",
    walk: str = "",
    on_t: Callable[[], None] | None = None,
) -> Any:
    """Show what `payload` describes. The handle moves to `t` whenever the caller changes it: a constant is a start.

    Returns a result with `.t`, committed once on release or pause (None before); `on_t` is its callback.
    Raises ValueError on strips of different lengths and on a `t` outside [0, 1].
    """
    return host.mount("scrubber", key=key, data=payload(strips, t=t, autoplay=autoplay, label=label, walk=walk), t=on_t)
