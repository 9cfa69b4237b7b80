"""The scrubber in Streamlit."""

from collections.abc import Callable, Sequence
from typing import Any

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.scrubber import InLink, Strip, payload

NEAR = 0.001  # as near as an address tells it


def scrubber(
    strips: Sequence[Strip],
    *,
    t: float,
    key: str,
    autoplay: bool = False,
    label: str = "Position along the path",
    walk: str = "",
    link: InLink | None = None,
    opens: int = 0,
    on_t: Callable[[], None] | None = None,
    on_open: Callable[[int, int], None] | None = None,
) -> Any:
    """Show what `payload` describes. The handle moves to `t` whenever the caller changes it: a constant is a start.

    A `t` within `NEAR` of where the hand left it is no change, and no picture travels again.

    Returns a result with `.t`, committed once on release or pause (None before); `on_t` is its callback.
    `on_open` hears of a picture that is opened: the number of its strip, and that of its tile.
    Raises ValueError on strips of different lengths and on a `t` outside [0, 1].
    """

    def opened() -> None:
        if on_open:
            asked = host.sent(key, "opened")
            on_open(int(asked["strip"]), int(asked["tile"]))

    data = payload(strips, t=t, autoplay=autoplay, label=label, walk=walk, link=link, opens=opens)
    of = host.digest_of(strip.sheet["url"] for strip in strips)
    place, name = host.named(float(t), host.sent(key, "t"), key=key, of=of, start=True, same=_near)
    return host.mount("scrubber", key=key, data=data | {"t": place, "told": name}, t=on_t, opened=opened)


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= NEAR
