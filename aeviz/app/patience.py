"""Slow models: how far a page is with what it asked of one, and a way out of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context

import streamlit as st

from aeviz.progress import watched

FIRST_S, MIN_TOTAL_S = 1.0, 4.0  # that something has taken, and will take in all, before it is told
EVERY_S = 0.5  # between two reports


Place = Callable[[], "st.delta_generator.DeltaGenerator"]  # makes an empty place on the page


@contextmanager
def telling(place: Place) -> Iterator[None]:
    """Within this, whoever waits for a slow model is told so, in a place that is made when it is needed."""
    progress = Progress(place)
    with watched(progress):
        yield
    progress.close()


class Progress:
    """Tells in a place of the page how far a slow model is, batch by batch.

    Each report lets a visitor's next act through: another page, another item, the stop of the menu. What is told stays
    out of caches, which would show it again: it is written in the context of whoever made this.
    """

    def __init__(self, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        self._place, self._clock, self._context = place, clock, copy_context()
        self._bar: st.delta_generator.DeltaGenerator | None = None
        self._started = self._told = clock()

    def __call__(self, done: int, total: int) -> None:
        """Say so where it takes long. Raises what Streamlit ends a run by."""
        now = self._clock()
        if done == 0:
            self._started = now
            return
        taken = now - self._started
        left = taken / done * (total - done)
        is_slow = taken >= FIRST_S and taken + left >= MIN_TOTAL_S
        if (self._bar is None and not is_slow) or now - self._told < EVERY_S:
            return
        self._told = now
        self._context.copy().run(self.show, done / total, sentence(done, total, left))

    def close(self) -> None:
        """Take the report off the page."""
        if self._bar is not None:
            self._bar.empty()

    def show(self, share: float, text: str) -> None:
        """Draw a report."""
        self._bar = self._bar or self._place()
        self._bar.progress(share, text)


def sentence(done: int, total: int, left_s: float) -> str:
    """How far a slow model is, and how long it will take."""
    minutes = round(left_s / 60)
    left = f"{max(1, round(left_s))} s" if left_s < 90 else f"{minutes} minutes"
    return f"This model is slow here: {done:,} of {total:,}, about {left} left. Any other page or control stops it."
