"""Sliders for a code: each track is a film of what lies along one latent coordinate.

The server decodes, the browser shows. Every run sends a coarse film for each row, a finer strip for the row
under the pointer, and the exact picture of the code; while a handle moves nothing is sent back.

Usage, with `drawn` decoding codes (N, d) to tiles (N, h, w, 1 or 3) uint8:

    import numpy as np, streamlit as st
    from aeviz.parts.latent_sliders import Fine, Row, stamp_of
    from aeviz.parts.latent_sliders.streamlit import latent_sliders
    from aeviz.parts.sheets import strip

    code = np.array(st.session_state.get("knobs", {}).get("values") or [0.0, 0.0])
    focus = st.session_state.get("knobs", {}).get("focus")
    stamp = stamp_of(code)
    rows = [Row(f"z{i}", code[i], -3, 3, index=i) for i in range(len(code))]

    def along(i, count):  # codes (count, d) that differ in coordinate i alone
        return np.where(np.arange(len(code)) == i, np.linspace(-3, 3, count)[:, None], code)

    films = strip(np.concatenate([drawn(along(i, 13)) for i in range(len(code))]), columns=13)
    fine = None if focus is None else Fine(focus, -3, 3, strip(drawn(along(focus, 129))), stamp)
    latent_sliders(rows, films, fine, drawn(code[None])[0], accent="#0072B2", title="VAE", key="knobs",
                   reset=[0.0, 0.0], stamp=stamp)
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from aeviz.parts.sheets import Tiles, strip


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

    `row` is the `Row.index`; `sheet` comes from `sheets.strip`. Pass `columns` to `strip` when one row of
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


TILES = 13  # of a track, where the tab makes them


def _check(rows: Sequence[Row], films: dict[str, Any] | None, reset: Sequence[float]) -> None:
    if not rows:
        raise ValueError("latent_sliders needs at least one row")
    if len(reset) != len(rows):
        raise ValueError(f"reset has {len(reset)} values for {len(rows)} rows")
    if films and (films["count"] % len(rows) or films["count"] < 2 * len(rows)):
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


def payload(
    rows: Sequence[Row],
    films: dict[str, Any] | None,
    fine: Fine | None,
    picture: Tiles | None,
    *,
    accent: str,
    title: str,
    reset: Sequence[float],
    stamp: str | None = None,
    seen: Sequence[float] | None = None,
    tab: dict[str, Any] | None = None,
    live: bool = False,
) -> dict[str, Any]:
    """What the browser gets: sliders of one model's code, with the decoded picture beside them.

    films: sheet of len(rows) × F tiles, row after row; F tiles run evenly from `low` to `high` at the current code.
    fine: the finer strip of the row in focus; ignored unless its stamp is this code's.
    picture: exact decode of the current code as a tile (h, w, 1 or 3) uint8; None for sliders without one.
    reset: the value each row returns to on double-click or Delete; a small mark on the track shows it.
    stamp: names the current code (default: `stamp_of` the rows' values).
    seen: the values (one for each row) that the browser committed last, None before it did.
    tab: the model, the current code and the rows' axes, from `networks.Tab.plane`, where the tab decodes: it needs
    neither films nor fine nor picture then.
    live: whether what holds the part hears of each step of the hand; never where a server answers.

    Raises ValueError on rows that do not fit, and where there are neither films nor a tab.
    """
    if films is None and tab is None:
        raise ValueError("latent_sliders needs films, or a tab that makes them")
    _check(rows, films, reset)
    stamp = stamp or stamp_of([row.value for row in rows])
    return {
        "rows": [_plain(row, home) for row, home in zip(rows, reset, strict=True)],
        "films": films,
        "fine": asdict(fine) if fine and fine.stamp == stamp else None,
        "picture": None if picture is None or films is None else strip(picture[None], smooth=films["smooth"]),
        "tab": tab,
        "tiles": TILES,
        "along": None,
        "live": live,
        "accent": accent,
        "title": title,
        "stamp": stamp,
        "seen": seen,
    }
