"""The dial in Streamlit."""

from collections.abc import Callable, Sequence
from typing import Any

from aeviz.parts.dial import Panel, payload
from aeviz.parts.hosts import streamlit as host


def dial(
    panels: Sequence[Panel],
    stops: Sequence[str],
    *,
    at: int,
    label: str,
    key: str,
    on_stop: Callable[[], None] | None = None,
    on_pick: Callable[[int, int], None] | None = None,
    **looks: Any,
) -> Any:
    """Show what `payload` describes. The handles move to `at` whenever the caller changes it.

    looks: `more`, `place`, `chart` and `smallest` as `payload` has them.

    Returns a result with `.stop`, the number of the stop (of the combination), committed once on release (None before);
    `on_stop` is its callback, and `st.session_state[key]` holds the result there. `on_pick` is told the number of a
    panel with a grid, and that of the picture on it that was chosen. Raises ValueError where panels
    and stops do not fit.
    """
    data = payload(panels, stops, at=at, label=label, **looks)

    def picked() -> None:
        pick = host.sent(key, "picked")
        grid = panels[pick["panel"]].grid if pick and 0 <= pick["panel"] < len(panels) else None
        if on_pick and grid and 0 <= pick["item"] < grid.count:
            on_pick(pick["panel"], pick["item"])

    of = host.digest_of(panel.sheet["url"] for panel in panels)
    stop, name = host.named(int(at), host.sent(key, "stop"), key=key, of=of)
    return host.mount("dial", key=key, data=data | {"at": stop, "told": name}, stop=on_stop, picked=picked)
