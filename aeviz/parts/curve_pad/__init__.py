"""A pad to sketch a curve on: over its own axes, by hand or by keyboard.

Example:
    from aeviz.parts.curve_pad import Axes, Curve
    from aeviz.parts.curve_pad.streamlit import committed, curve_pad

    sketch = committed((1, 64), key="pad")
    if sketch.values is not None:
        lines = [Curve("AE", "#0072b2", rebuilt)]  # what a network makes of them, (1, 64)
    curve_pad((1, 64), Axes(-1, 2, unit="mV", step=0.01, time_unit="s"), key="pad", lines=lines)
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Axes:
    """What the values of a curve mean.

    low, high: ends of the axis, which no hand leaves. start, step: time of the first value, and from one to the next.
    """

    low: float
    high: float
    unit: str = ""
    start: float = 0.0
    step: float = 1.0
    time_unit: str = ""


@dataclass(frozen=True)
class Curve:
    """A curve shown on the pad beside the sketch: values (C, T), with its name and colour."""

    label: str
    colour: str
    values: Values


@dataclass(frozen=True)
class Sketch:
    """What a person has sketched.

    values: (C, T) float32, NaN where nothing is; None where nothing is anywhere. live: whether the hand is still
    moving (only with `live=True`). number: of the browser's message.
    """

    values: Values | None = None
    live: bool = False
    number: int = 0


def received(message: dict[str, Any] | None, shape: tuple[int, int]) -> Sketch:
    """What the browser's last message says of a pad for curves of `shape` (C, T); None stands for none yet."""
    if not message:
        return Sketch()
    curves, number = message["curves"], message["number"]
    values = None if curves is None else np.array(curves, np.float32)  # None becomes NaN
    if values is not None and values.shape != shape:  # the pad's shape has changed since
        return Sketch(number=number)
    return Sketch(values, message["live"], number)


def payload(
    shape: tuple[int, int],
    axes: Axes,
    sketch: Sketch,
    *,
    start: Values | None = None,
    start_label: str = "",
    lines: Sequence[Curve] = (),
    noun: str = "curve",
    height: int = 240,
    live: bool = False,
) -> dict[str, Any]:
    """What the browser gets: a pad, and what is known to be sketched on it.

    Args:
        shape: (C, T) of the curves: C channels, of which one is sketched at a time.
        axes: what the values mean.
        sketch: what was `received`: a pad that is mounted anew restores it, and waits for it when live.
        start: values (C, T) shown as a dashed line, which a button puts on the pad; with its name.
        start_label: what `start` is called.
        lines: further curves to show.
        noun: what is sketched.
        height: of the axes in CSS pixels; their width is that of the page's column.
        live: whether messages come while the hand moves, at most 8 a second and never before the last is answered.

    """
    return {
        "axes": {("timeUnit" if name == "time_unit" else name): value for name, value in asdict(axes).items()},
        "curves": _plain(np.full(shape, np.nan, np.float32) if sketch.values is None else sketch.values),
        "start": None if start is None else _plain(start),
        "startLabel": start_label,
        "lines": [{"label": line.label, "colour": line.colour, "values": _plain(line.values)} for line in lines],
        "noun": noun,
        "height": height,
        "live": live,
        "number": sketch.number,
    }


def _plain(values: Values) -> list[list[float | None]]:
    """Values as JSON has them, five digits each; null stands for NaN."""
    return [[None if np.isnan(value) else float(f"{value:.5g}") for value in channel] for channel in values]
