"""Slow models: how many decodes a view asks of a pair unless the visitor wants all of them."""

import sys
import time
from collections.abc import Callable

import streamlit as st

from aeviz.app import caches, models, networks
from aeviz.app.choice import Choice
from aeviz.store import registry

AT_ONCE_S = 24.0  # that a page decodes for unasked, about
QUICK_S = 0.02  # for a decode, up to which nothing is left out
LONG_S = 1.0  # for a decode, from which it is timed but once
BATCH = 4  # codes that a quicker one is timed on again: the first call may set up, and many at once may take less
UNBOUNDED = sys.maxsize
ALL = "pace all"  # in the session: the views, with their pairs, that the visitor wants all of


def allowed(view: str, choice: Choice, share: float = 1.0) -> int:
    """How many decodes a view may ask of each model of a pair; `UNBOUNDED` where they are quick, or all is wanted.

    share: of the page's time, for a view that is one of several.
    """
    taken = _pair_seconds(choice)
    return UNBOUNDED if not taken or _wanted(view, choice) else int(AT_ONCE_S * share / taken)


def tell(view: str, choice: Choice, shown: str, usual: int, share: float = 1.0) -> None:
    """Say what a view of a slow pair shows, with a button for all of it, or for less again; nothing of a quick pair.

    shown: what it shows, in a few words; usual: how many decodes of each model all of it takes; share: as `allowed`.
    """
    taken = _pair_seconds(choice)
    if usual * taken <= AT_ONCE_S * share:
        return
    shows_all = _wanted(view, choice)
    with st.container(key=f"pace-{view}", horizontal=True, vertical_alignment="center", gap="small"):
        time_of_all = duration(usual * taken)
        are_two = choice.left.name != choice.right.name
        whose = (
            "These models are slow here: one decode by each takes" if are_two else "This model is slow: a decode takes"
        )
        opening = f"{whose} about {duration(taken)}{' in all' * are_two}"
        st.caption(
            f"{opening}. All of it is shown, which takes about {time_of_all} after a change."
            if shows_all
            else f"{opening}, so {shown}. All of it would take about {time_of_all}."
        )
        st.button("Show less" if shows_all else "Show all", key=f"pace-all-{view}", on_click=_turn, args=(view, choice))


def duration(seconds: float) -> str:
    """A time in words, of two digits or in whole minutes."""
    if seconds >= 90:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"


def _pair_seconds(choice: Choice) -> float:
    """That one decode by each model takes."""
    return sum(seconds(name) for name in {model.name for model in choice.pair})


def _wanted(view: str, choice: Choice) -> bool:
    return (view, choice.left.name, choice.right.name) in st.session_state.get(ALL, ())


def _turn(view: str, choice: Choice) -> None:
    """Want all of a view, or no more."""
    st.session_state[ALL] = {*st.session_state.get(ALL, ())} ^ {(view, choice.left.name, choice.right.name)}


@caches.kept(max_entries=64)
def seconds(name: str) -> float:
    """That a model takes to decode a code; 0 for a quick one, one that came with aeviz, and one that the tab runs.

    It is timed once in a process, so that what a view shows stays the same.
    """
    network = registry.find_model(name)
    if network is None or network.classes or networks.digest(name) is not None:
        return 0.0
    return timed(lambda count: models.explorer(name).decode(network.prior(count, 0)))


def timed(decode: Callable[[int], object], clock: Callable[[], float] = time.monotonic) -> float:
    """Seconds for a code of what decodes so many; 0 up to `QUICK_S`."""

    def for_each(count: int) -> float:
        started = clock()
        decode(count)
        return (clock() - started) / count

    taken = for_each(1)
    if QUICK_S < taken < LONG_S:
        taken = min(taken, for_each(BATCH))
    return 0.0 if taken <= QUICK_S else taken
