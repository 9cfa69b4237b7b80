"""One handle over a few stops, and pictures that follow it: what becomes of them as one number grows.

All pictures of all stops are in the browser, so dragging sends nothing; `.stop` comes back on release.

Usage, with `decode` giving pictures (N, C, H, W) in [0, 1] and `tile` laying some of them out as one:

    from aeviz.parts.assets import strip
    from aeviz.parts.dial import Panel, dial

    radii = [0, 0.5, 1, 1.5]
    tiles = np.stack([tile(decode(code + radius * noise)) for radius in radii])
    panel = Panel("Autoencoder", "#D55E00", strip(tiles), [f"{radius} spreads off" for radius in radii])
    result = dial([panel], [f"{radius:g}" for radius in radii], at=2, label="Radius", key="radius")
    result.stop  # None until the handle was moved
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from aeviz.parts.assets import register

_mount = register("dial")


@dataclass(frozen=True)
class Panel:
    """One picture that follows the handle.

    label: its name. accent: its colour. sheet: a tile for each stop, from `_assets.strip`. notes: words below it,
    one for each stop, or none. heading: written large above; panels of one row should all have one or none. what:
    explains the notes, on hover.
    """

    label: str
    accent: str
    sheet: dict[str, Any]
    notes: Sequence[str] = ()
    heading: str = ""
    what: str = ""


def _check(panels: Sequence[Panel], stops: Sequence[str], at: int) -> None:
    if not panels:
        raise ValueError("dial needs at least one panel")
    if len(stops) < 2:
        raise ValueError(f"dial needs two stops or more, not {len(stops)}")
    if not 0 <= at < len(stops):
        raise ValueError(f"at must name one of {len(stops)} stops, not {at}")
    for panel in panels:
        if panel.sheet["count"] != len(stops):
            raise ValueError(f"panel {panel.label}: {panel.sheet['count']} tiles for {len(stops)} stops")
        if panel.notes and len(panel.notes) != len(stops):
            raise ValueError(f"panel {panel.label}: {len(panel.notes)} notes for {len(stops)} stops")


def dial(
    panels: Sequence[Panel],
    stops: Sequence[str],
    *,
    at: int,
    label: str,
    key: str,
    columns: int = 2,
    on_stop: Callable[[], None] | None = None,
) -> Any:
    """A handle named `label` at stop number `at`, panels in rows of `columns` below it.

    stops: what each stop is called. The handle moves to `at` whenever the caller changes it.

    Returns a result with `.stop`, the number of the stop, committed once on release (None before); `on_stop` is its
    callback, and `st.session_state[key]` holds the result there. Raises ValueError where panels and stops do not fit.
    """
    _check(panels, stops, at)
    data = {
        "panels": [{**asdict(panel), "notes": list(panel.notes)} for panel in panels],
        "stops": list(stops),
        "at": _at_to_send(panels, int(at), key),
        "label": label,
        "columns": columns,
    }
    return _mount(key=key, data=data, on_stop_change=on_stop or _nothing)


def _at_to_send(panels: Sequence[Panel], at: int, key: str) -> int:
    """The stop to tell the browser. It knows of its own commits: then nothing changes, and no picture travels again."""
    stamp = hashlib.blake2b("".join(panel.sheet["url"] for panel in panels).encode(), digest_size=9).hexdigest()
    before, told = st.session_state.get(f"{key}-told", ("", at))
    committed = dict(st.session_state.get(key) or {}).get("stop")
    if stamp != before or committed != at:
        told = at
    st.session_state[f"{key}-told"] = (stamp, told)
    return int(told)


def _nothing() -> None:
    """Streamlit keeps a state name in the result only where a callback is declared."""
