"""The threshold in Streamlit."""

from collections.abc import Callable, Mapping
from typing import Any

from aeviz.parts.hosts import streamlit as host

PACKED = ("scores", "items", "tiles", "positive")  # of which a threshold is a place


def threshold(
    data: Mapping[str, Any],
    *,
    key: str,
    on_threshold: Callable[[], None] | None = None,
    on_item: Callable[[], None] | None = None,
) -> Any:
    """Show what `payload` made. The handle goes where `flagged` and `cost` say whenever the caller changes them.

    Returns a result with `.threshold`, {"flagged": how many items, None for where it is cheapest, "cost"}, committed
    once on release, and `.item`, {"number", "item"} of the tile clicked last; None before. The callbacks run before
    the script does, and `host.sent(key, …)` has what was sent.
    """
    state = host.sent(key, "threshold")
    committed = (state["flagged"], float(state["cost"])) if state else None
    of = host.digest_of(data[name]["bytes"] for name in PACKED if data[name])
    (flagged, cost), name = host.named((data["flagged"], data["cost"]), committed, key=key, of=of, start=True)
    named = {"flagged": flagged, "cost": cost, "told": name}
    return host.mount("threshold", key=key, data={**data, **named}, threshold=on_threshold, item=on_item)


def sent(key: str, state: str) -> Any:
    """What the part of a key sent last as "threshold" or "item", None before."""
    return host.sent(key, state)
