"""The threshold in Streamlit."""

from collections.abc import Callable, Mapping
from typing import Any

from aeviz.parts.hosts import streamlit as host


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
    return host.mount("threshold", key=key, data=dict(data), threshold=on_threshold, item=on_item)


def sent(key: str, state: str) -> Any:
    """What the part of a key sent last as "threshold" or "item", None before."""
    return host.sent(key, state)
