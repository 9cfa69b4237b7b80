"""One handle over a few stops, and pictures that follow it: what becomes of them as one number grows.

All pictures of all stops are in the browser, so dragging sends nothing; the number of the stop comes back on release.

Usage, with `drawn` giving a tile (h, w, 1 or 3) uint8 for a radius:

    from aeviz.parts.dial import Panel
    from aeviz.parts.dial.streamlit import dial
    from aeviz.parts.sheets import strip

    radii = [0, 0.5, 1, 1.5]
    sheet = strip(np.stack([drawn(radius) for radius in radii]))
    panel = Panel("Autoencoder", "#D55E00", sheet, [f"{radius} spreads off" for radius in radii])
    result = dial([panel], [f"{radius:g}" for radius in radii], at=2, label="Radius", key="radius")
    result.stop  # None until the handle was moved
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One picture that follows the handle.

    label: its name. accent: its colour. sheet: a tile for each stop, from `sheets.strip`. notes: words below it,
    one for each stop, or none. heading: written large above; panels of one row should all have one or none. tip:
    explains the notes, on hover.
    """

    label: str
    accent: str
    sheet: dict[str, Any]
    notes: Sequence[str] = ()
    heading: str = ""
    tip: str = ""


def payload(panels: Sequence[Panel], stops: Sequence[str], *, at: int, label: str) -> dict[str, Any]:
    """What the browser gets: a handle named `label` at stop number `at`, panels in rows of two below it.

    stops: what each stop is called. Raises ValueError where panels and stops do not fit.
    """
    if not panels:
        raise ValueError("dial needs at least one panel")
    if len(stops) < 2:
        raise ValueError(f"dial needs two stops or more, not {len(stops)}")
    if not 0 <= at < len(stops):
        raise ValueError(f"at must name one of {len(stops)} stops, not {at}")
    for panel in panels:
        if panel.sheet["count"] != len(stops):
            raise ValueError(f"panel {panel.label}: {panel.sheet['count']} tiles for {len(stops)} stops")
        if panel.notes and len(panel.notes) != len(stops):
            raise ValueError(f"panel {panel.label}: {len(panel.notes)} notes for {len(stops)} stops")
    return {
        "panels": [{**asdict(panel), "notes": list(panel.notes)} for panel in panels],
        "stops": list(stops),
        "at": int(at),
        "label": label,
    }
