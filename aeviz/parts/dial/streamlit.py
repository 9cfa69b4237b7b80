"""The dial in Streamlit."""

import hashlib
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

    return host.mount("dial", key=key, data=data | _naming(panels, int(at), key), stop=on_stop, picked=picked)


def _naming(panels: Sequence[Panel], at: int, key: str) -> dict[str, Any]:
    """The stop to tell the browser, and how often the caller has set it.

    The browser knows of its own commits: after one nothing changes here, and no picture travels again.
    """
    stamp = hashlib.blake2b("".join(panel.sheet["url"] for panel in panels).encode(), digest_size=9).hexdigest()
    committed = host.sent(key, "stop")
    before, stop, turn = host.memory().get(f"{key}-told", ((stamp, at, committed), at, 0))
    if (at, committed) != before[1:] and committed != at and (committed, before[2]) != (None, None):
        stop, turn = at, turn + 1  # not what the hand set last: the caller's
    elif stamp != before[0] or committed is None:
        stop = at
    host.memory()[f"{key}-told"] = ((stamp, at, committed), stop, turn)
    return {"at": stop, "told": {"name": key, "turn": turn}}
