"""The tab in Streamlit."""

from collections.abc import Callable, Mapping, Sequence

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.tab import payload

KEY = "tab"


def claimed() -> str:
    """The token of before that the tab told; "" for none."""
    return str(host.sent(KEY, "claim") or "")


def seen() -> dict[str, str]:
    """What the browser had written into its address by itself when it was last asked, by name."""
    return dict(host.sent(KEY, "seen") or {})


def views() -> str:
    """The list of views that the tab had kept, as it was given; "" for none."""
    return str(host.sent(KEY, "views") or "")


def tab(
    drags: Sequence[str],
    gathers: Sequence[str],
    own: Sequence[str],
    token: str = "",
    *,
    forget: bool = False,
    known: Mapping[str, str] | None = None,
    views: str | None = None,
    on_claim: Callable[[], None],
    on_views: Callable[[], None],
) -> None:
    """Let the tab keep its history, a token and a list of views, as `payload` has them.

    on_claim, on_views: what is done when it tells a token or a list of before.
    """
    data = payload(drags, gathers, own, token, forget=forget, known=known, views=views)
    host.mount("tab", key=KEY, data=data, claim=on_claim, seen=None, views=on_views)
