"""Sliders for a code: each track is a film of what lies along one latent coordinate.

The server decodes, the browser shows. Every run sends a coarse film for each row, a finer strip for the row
under the pointer, and the exact picture of the code; while a handle moves nothing is sent back.

Usage, with `decode` taking codes (N, d) to pictures (N, C, H, W) in [0, 1]:

    import numpy as np, streamlit as st
    from aeviz.parts.assets import strip
    from aeviz.parts.latent_sliders import Fine, Row, latent_sliders, stamp_of, traversal

    code = np.array(st.session_state.get("knobs", {}).get("values") or [0.0, 0.0])
    focus = st.session_state.get("knobs", {}).get("focus")
    stamp = stamp_of(code)
    rows = [Row(f"z{i}", code[i], -3, 3, index=i) for i in range(len(code))]
    films = strip(np.concatenate([decode(traversal(code, i, -3, 3, 13)) for i in range(len(code))]), columns=13)
    fine = None if focus is None else Fine(focus, -3, 3, strip(decode(traversal(code, focus, -3, 3, 129))), stamp)
    latent_sliders(rows, films, fine, decode(code[None])[0], accent="#0072B2", title="VAE", key="knobs",
                   reset=[0.0, 0.0], stamp=stamp)
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st

from aeviz.parts.assets import register, strip

_mount = register("latent_sliders")


@dataclass(frozen=True)
class Row:
    """One coordinate: its name, where its handle stands, and the two ends of its track.

    `index` names the coordinate to the caller (`focus` and `Fine.row` speak of it), whatever the order of
    the rows. `note` is a short remark below the name, with its unit: "KL 2.1 nats".
    """

    name: str
    value: float
    low: float
    high: float
    index: int
    note: str = ""


@dataclass(frozen=True)
class Fine:
    """The finer strip of one row: tiles evenly from `low` to `high`, decoded at the code that `stamp` names.

    `row` is the `Row.index`; `sheet` comes from `_assets.strip`. Pass `columns` to `strip` when one row of
    tiles would be wider than 16,384 pixels.
    """

    row: int
    low: float
    high: float
    sheet: dict[str, Any]
    stamp: str


def stamp_of(code: Sequence[float] | np.ndarray, *context: str) -> str:
    """A short name for a code (d,) and what it belongs to (model, item): another code, another stamp."""
    numbers = np.asarray(code, np.float64).tobytes()
    return hashlib.blake2b(numbers + "\0".join(context).encode(), digest_size=8).hexdigest()


def traversal(code: np.ndarray, coordinate: int, low: float, high: float, count: int) -> np.ndarray:
    """Codes (count, d) equal to `code` (d,) but for one coordinate, which runs evenly from `low` to `high`."""
    codes = np.repeat(np.asarray(code)[None], count, axis=0)
    codes[:, coordinate] = np.linspace(low, high, count)
    return codes


def _check(rows: Sequence[Row], films: dict[str, Any], reset: Sequence[float]) -> None:
    if not rows:
        raise ValueError("latent_sliders needs at least one row")
    if len(reset) != len(rows):
        raise ValueError(f"reset has {len(reset)} values for {len(rows)} rows")
    if films["count"] % len(rows) or films["count"] < 2 * len(rows):
        raise ValueError(f"{films['count']} tiles do not make {len(rows)} films of the same length, two tiles or more")
    for row, home in zip(rows, reset, strict=True):
        if not all(math.isfinite(number) for number in (row.value, row.low, row.high, home)):
            raise ValueError(f"row {row.name}: value, low, high and reset must be finite")
        if row.low >= row.high:
            raise ValueError(f"row {row.name}: low {row.low} is not below high {row.high}")
    if len({row.index for row in rows}) != len(rows):
        raise ValueError("two rows have the same index")


def _plain(row: Row, home: float) -> dict[str, Any]:
    """As JSON takes it: numpy's numbers become Python's."""
    numbers = {"value": float(row.value), "low": float(row.low), "high": float(row.high), "home": float(home)}
    return {"name": row.name, "note": row.note, "index": int(row.index), **numbers}


def latent_sliders(
    rows: Sequence[Row],
    films: dict[str, Any],
    fine: Fine | None,
    picture: np.ndarray,
    *,
    accent: str,
    title: str,
    key: str,
    reset: Sequence[float],
    show_picture: bool = True,
    stamp: str | None = None,
    on_values: Callable[[], None] | None = None,
    on_focus: Callable[[], None] | None = None,
) -> Any:
    """Sliders of one model's code, with the decoded picture beside them.

    films: sheet of len(rows) × F tiles, row after row; F tiles run evenly from `low` to `high` at the current code.
    fine: the finer strip of the row named by `.focus`; ignored unless its stamp is this code's.
    picture: exact decode of the current code, (C, H, W) in [0, 1].
    reset: the value each row returns to on double-click or Delete; a small mark on the track shows it.
    stamp: names the current code (default: `stamp_of` the rows' values).

    Returns a result with `.values` (one float per row, committed once when a handle is released, else None) and
    `.focus` (the `Row.index` whose fine strip is wanted, else None). Both are in `st.session_state[key]` before
    the call, and `on_values` / `on_focus` run first of all: the rows are expected to come back with the values
    that were committed, or with others where the caller knows better. Raises ValueError on rows that do not fit.
    """
    _check(rows, films, reset)
    stamp = stamp or stamp_of([row.value for row in rows])
    state = st.session_state.get(key) or {}
    data = {
        "rows": [_plain(row, home) for row, home in zip(rows, reset, strict=True)],
        "films": films,
        "fine": asdict(fine) if fine and fine.stamp == stamp else None,
        "picture": strip(np.asarray(picture)[None]) if show_picture else None,
        "accent": accent,
        "title": title,
        "stamp": stamp,
        "seen": state.get("values"),
    }
    return _mount(
        key=key,
        data=data,
        on_values_change=on_values or _nothing,
        on_focus_change=on_focus or _nothing,
    )


def _nothing() -> None:
    """Streamlit keeps a state name in the result only where a callback is declared."""
