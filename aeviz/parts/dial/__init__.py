"""Handles over a few stops, and pictures that follow them: what becomes of them as a number grows, or a place moves.

All pictures of all stops are in the browser, so dragging sends nothing; the stop comes back on release. Beside the
first handle there may be another (`more`) and a place that is dragged on the first panel's picture (`Place`); beside
the panels a chart of curves over the first handle (`Chart`), whose marker moves with it in every frame.

Usage, with `drawn` giving a tile (h, w, 1 or 3) uint8 for a radius:

    from aeviz.parts.dial import Chart, Line, Panel
    from aeviz.parts.dial.streamlit import dial
    from aeviz.parts.sheets import strip

    radii = [0, 0.5, 1, 1.5]
    sheet = strip(np.stack([drawn(radius) for radius in radii]))
    panel = Panel("Autoencoder", "#D55E00", sheet, [f"{radius} spreads off" for radius in radii])
    chart = Chart([Line("Autoencoder", "#D55E00", [0.1, 0.2, 0.4, 0.9])], "Error", x=radii, x_label="Radius")
    result = dial([panel], [f"{radius:g}" for radius in radii], at=2, label="Radius", key="radius", chart=chart)
    result.stop  # None until the handle was moved

With several handles one number stands for the stops of all of them, as in an array in C order: `np.ravel_multi_index`
and `np.unravel_index` over `sizes` go there and back.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import prod
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One picture that follows the handles.

    label: its name. accent: its colour. sheet: a tile for each combination of stops, or one that stays, from
    `sheets.strip`. notes: words below it, as many or one, or none. heading: written large above; panels of one row
    should all have one or none. tip: defines the words of the notes, which open it. grid: how the tile is laid out of
    pictures.
    """

    label: str
    accent: str
    sheet: dict[str, Any]
    notes: Sequence[str] = ()
    heading: str = ""
    tip: str = ""
    grid: "Grid | None" = None


@dataclass(frozen=True)
class Grid:
    """Pictures laid out row by row in a tile: how many, in how many columns, and the pixels between them.

    Where the tile is shown so small that they could not be read, fewer stand side by side; where the columns mean
    something (`fixed`), panels stand below each other. opens: whether each picture can be chosen.
    """

    count: int
    columns: int
    gap: int = 1
    opens: bool = True
    fixed: bool = False


@dataclass(frozen=True)
class Handle:
    """A further handle: its name, and what each of its stops is called."""

    label: str
    stops: Sequence[str]


@dataclass(frozen=True)
class Place:
    """A place that is dragged on the first panel's picture: on a grid of rows × columns, spread over all of it.

    label: what a person may do, as "Drag the hole". The arrow keys move it too.
    """

    label: str
    rows: int
    columns: int


@dataclass(frozen=True)
class Line:
    """A curve of a chart: its name, its colour, its values.

    values: one for each stop of the first handle, or for each combination of all; None where there is none. x: where
    the values stand, ascending, when not at the chart's own; the values are then as many as these.
    """

    label: str
    accent: str
    values: Sequence[float | None]
    dashed: bool = False
    x: Sequence[float] | None = None


@dataclass(frozen=True)
class Chart:
    """Curves over the first handle; all values at its stop are named.

    label, unit: of the values. x: where each stop of the first handle stands, their numbers when left out; x_label: its
    title. digits: of a value, after the point. logarithmic: whether the horizontal axis is. ceiling: where curves are
    cut off; their values are named all the same.
    """

    lines: Sequence[Line]
    label: str
    unit: str = ""
    x: Sequence[float] | None = None
    x_label: str = ""
    digits: int = 2
    logarithmic: bool = False
    ceiling: float | None = None


def sizes(stops: Sequence[str], more: Sequence[Handle] = (), place: Place | None = None) -> tuple[int, ...]:
    """How many stops each handle has, in the order in which tiles are laid out; the place's rows and columns last."""
    grid = (place.rows, place.columns) if place else ()
    return (len(stops), *(len(handle.stops) for handle in more), *grid)


def payload(
    panels: Sequence[Panel],
    stops: Sequence[str],
    *,
    at: int,
    label: str,
    more: Sequence[Handle] = (),
    place: Place | None = None,
    chart: Chart | None = None,
    smallest: int | None = None,
) -> dict[str, Any]:
    """What the browser gets.

    Args:
        panels: one or more, in rows of two below the handles, or as many as fit where `smallest` is given.
        stops: what each stop of the first handle is called.
        at: the stop; with more handles the number of the combination.
        label: the first handle's name.
        more: further handles.
        place: dragged on the first panel's picture.
        chart: shown below the panels.
        smallest: px that a panel is wide at least, where the chart has to stand beside them on a low screen 0.55 of it.

    Raises:
        ValueError: panels, stops, place and chart do not fit.

    """
    counts = sizes(stops, more, place)
    total = prod(counts)
    if not panels:
        raise ValueError("dial needs at least one panel")
    if not stops:
        raise ValueError("dial needs at least one stop")
    if not 0 <= at < total:
        raise ValueError(f"at must name one of {total} stops, not {at}")
    for panel in panels:
        if panel.sheet["count"] not in (1, total):
            raise ValueError(f"panel {panel.label}: {panel.sheet['count']} tiles for {total} stops")
        if len(panel.notes) not in {0, total} | ({1} if panel.sheet["count"] == 1 else set()):
            raise ValueError(f"panel {panel.label}: {len(panel.notes)} notes for {total} stops")
    return {
        "panels": [{**asdict(panel), "notes": list(panel.notes)} for panel in panels],
        "axes": [{"label": label, "stops": list(stops)}, *({"label": h.label, "stops": list(h.stops)} for h in more)],
        "place": None if place is None else asdict(place),
        "chart": None if chart is None else _drawn(chart, counts),
        "at": int(at),
        "told": None,
        "smallest": smallest,
    }


def _drawn(chart: Chart, counts: tuple[int, ...]) -> dict[str, Any]:
    x = list(range(counts[0])) if chart.x is None else [float(value) for value in chart.x]
    if len(x) != counts[0]:
        raise ValueError(f"chart {chart.label}: {len(x)} x values for {counts[0]} stops")
    for line in chart.lines:
        fitting = {counts[0], prod(counts)} if line.x is None else {len(line.x)}
        if len(line.values) not in fitting:
            raise ValueError(f"line {line.label}: {len(line.values)} values for {' or '.join(map(str, fitting))} stops")
    if chart.logarithmic and min([*x, *(v for line in chart.lines for v in line.x or ())]) <= 0:
        raise ValueError(f"chart {chart.label}: a logarithmic axis begins above 0")
    lines = [{**asdict(line), "values": [_sound(v) for v in line.values], "x": _floats(line.x)} for line in chart.lines]
    return {
        "lines": lines,
        "label": chart.label,
        "unit": chart.unit,
        "x": x,
        "xLabel": chart.x_label,
        "digits": chart.digits,
        "logarithmic": chart.logarithmic,
        "ceiling": chart.ceiling,
    }


def _floats(values: Sequence[float] | None) -> list[float] | None:
    return None if values is None else [float(value) for value in values]


def _sound(value: float | None) -> float | None:
    """A value as JSON takes it: NaN and infinity are none."""
    return None if value is None or not abs(value) < float("inf") else float(value)
