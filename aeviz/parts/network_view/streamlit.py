"""The picture of networks in Streamlit."""

from collections.abc import Callable, Sequence
from typing import Any

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.network_view import Item, Network, payload


def network_view(
    item: Item,
    networks: Sequence[Network],
    *,
    key: str,
    on_opened: Callable[[], None] | None = None,
    on_code: Callable[[], None] | None = None,
    on_drawing: Callable[[], None] | None = None,
    on_refused: Callable[[], None] | None = None,
    **facts: Any,
) -> Any:
    """Show what `payload` describes; facts: its other arguments.

    Returns a result with `.opened` (the layer and the unit that are open), `.code` (a code that the hand has turned,
    and whose), `.drawing` (what `drawing` of the part reads) and `.refused` (the digest of a model that this tab cannot
    run), as they were sent last, else None. All are in `st.session_state[key]` before the call, and the callbacks run
    first of all. Raises ValueError as `payload` does.
    """
    data = payload(item, networks, **facts)
    heard = {"opened": on_opened, "code": on_code, "drawing": on_drawing, "refused": on_refused}
    return host.mount("network_view", key=key, data=data, **heard)
