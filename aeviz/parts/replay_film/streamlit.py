"""The replay film in Streamlit."""

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import ArrayLike

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.replay_film import Chart, Film, payload


def replay_film(
    films: Sequence[Film],
    charts: Sequence[Chart] = (),
    *,
    labels: ArrayLike,
    label_names: Sequence[str],
    colours: Sequence[str],
    step: int,
    key: str,
    on_step: Callable[[], None] | None = None,
    **words: Any,
) -> Any:
    """Show what `payload` describes; words: its `captions` and `ring`.

    The handle moves to `step` whenever the caller changes it, so a constant is a starting place.

    Returns a result with `.step`, a recorded step, committed once on release or pause (None before); `on_step` is its
    callback. Raises ValueError where shapes do not fit together or steps do not grow.
    """
    data = payload(films, charts, labels=labels, label_names=label_names, colours=colours, step=step, **words)
    return host.mount("replay_film", key=key, data=data, step=on_step)
