"""One scale for the codes of the pair, so that a unit of the code is as long on the left as on the right."""

import streamlit as st

from aeviz.app import url, widgets
from aeviz.app.choice import Shown

SAME = url.Flag("same_scale", "whether left and right have one scale where their codes spread differently")
ALIKE = 2.0  # how many times as far codes may spread, and still be seen well on one scale
Reaches = tuple[float, float]


def reach(pair: tuple[Shown, Shown], reaches: Reaches, views: str) -> float | None:
    """How far both views reach, in units of the code, said below them; None where each has a scale of its own.

    reaches: how far the codes of each spread. views: what is shown, as "planes". Where one's codes spread many times as
    far as the other's, which would be a spot then, a scale of their own is usual and one for both is a choice.
    """
    ratio = max(reaches) / max(min(reaches), 1e-9)
    shared = True
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if ratio > ALIKE:
            shared = widgets.toggle(SAME, "one scale")
        st.caption(sentence(pair, reaches, views, shared), width="content")
    return max(reaches) if shared else None


def sentence(pair: tuple[Shown, Shown], reaches: Reaches, views: str, shared: bool) -> str:
    """How the scales of both views compare."""
    if shared:
        return f"Both {views} have one scale: a unit of the code is as long on the left as on the right."
    return f"Each of the {views} has a scale of its own. {compared(pair, reaches)}"


def compared(pair: tuple[Shown, Shown], reaches: Reaches) -> str:
    """Which codes spread farther, and how many times."""
    wide, narrow = sorted(zip(reaches, pair, strict=True), key=lambda shown: -shown[0])
    times = wide[0] / max(narrow[0], 1e-9)
    return f"The codes of {wide[1].label} spread {times:,.1f} times as far as those of {narrow[1].label}."
