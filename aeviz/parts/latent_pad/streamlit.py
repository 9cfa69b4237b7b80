"""The latent pad in Streamlit."""

from collections.abc import Callable, Sequence
from typing import Any

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.latent_pad import Level, Pad, payload


def committed(key: str) -> Pad:
    """What `latent_pad(key=key)` will return, known before it is shown: time to decode what it is to show."""
    state = host.sent(key, "pad") or {}
    position, view = state.get("position"), state.get("view")
    return Pad(
        None if position is None else (float(position[0]), float(position[1])),
        None if view is None else (float(view[0]), float(view[1]), float(view[2]), float(view[3])),
    )


def latent_pad(
    levels: Sequence[Level],
    *,
    key: str,
    on_change: Callable[[], None] | None = None,
    on_refused: Callable[[], None] | None = None,
    **plane: Any,
) -> Pad:
    """Show what `payload` describes; the script reruns when a place is fixed, or a zoom or a pan has come to rest.

    Where the tab decodes, it does not for a zoom or a pan. on_refused: what is done when the tab cannot run the model,
    whose digest is `refused` in `st.session_state[key]` then.

    levels, plane: as `payload` has them, but for what the person has fixed and what the browser has.

    Raises ValueError where there is no level, or not as many labels as points.
    """
    now, cached = committed(key), (host.sent(key, "pad") or {}).get("have", ())
    data = payload(levels, pad=now, cached=cached, **plane)
    host.mount("latent_pad", key=key, data=data, pad=on_change, refused=on_refused)
    return now
