"""The latent sliders in Streamlit."""

from collections.abc import Callable, Sequence
from typing import Any

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.latent_sliders import Fine, Row, payload
from aeviz.parts.sheets import Tiles


def latent_sliders(
    rows: Sequence[Row],
    films: dict[str, Any] | None,
    fine: Fine | None,
    picture: Tiles | None,
    *,
    accent: str,
    title: str,
    key: str,
    reset: Sequence[float],
    stamp: str | None = None,
    on_values: Callable[[], None] | None = None,
    tab: dict[str, Any] | None = None,
    on_refused: Callable[[], None] | None = None,
) -> Any:
    """Show what `payload` describes.

    Returns a result with `.values` (one float per row, committed once when a handle is released, else None), `.focus`
    (the `Row.index` whose fine strip is wanted, else None) and `.refused` (the digest of a model that this tab cannot
    run, else None). All are in `st.session_state[key]` before the call, and `on_values` or `on_refused` runs first of
    all: the rows are expected to come back with the values that were committed, or with others where the caller knows
    better, and with films where the model was refused. Raises ValueError on rows that do not fit.
    """
    data = payload(
        rows, films, fine, picture, accent=accent, title=title, reset=reset, stamp=stamp, seen=host.sent(key, "values"),
        tab=tab,
    )  # fmt: skip
    return host.mount("latent_sliders", key=key, data=data, values=on_values, focus=None, refused=on_refused)
