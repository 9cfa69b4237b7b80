"""A pad to sketch series on, over their own axes."""

import streamlit as st

from aeviz.app.panels.editors.base import Companions, Edited, Item, Rebuilders
from aeviz.datasets.record import Dataset
from aeviz.figures import palette
from aeviz.modalities.base import Scale
from aeviz.modalities.series import SeriesScale
from aeviz.parts.curve_pad import Axes, Curve
from aeviz.parts.curve_pad.streamlit import committed, curve_pad


def show(
    data: Dataset,
    key: str,
    row: int,
    *,
    live: bool,
    size: int,
    hint: str,
    companions: Companions,
    linked: Item | None,
    rebuilders: Rebuilders,
) -> Edited:
    """As `base.Show` says. Values that are not sketched are missing."""
    shape, key = (data.shape[0], data.shape[1]), f"{key}-sketch-{data.name}"
    sketch = committed(shape, key=key)
    before = [] if linked is None or sketch.number else [Curve("sketched before", palette.INK, linked)]
    curve_pad(
        shape,
        axes_of(data.scale),
        key=key,
        start=data.items[row],
        start_label=f"item {row:,}",
        lines=before if sketch.values is None else companions(sketch.values),
        noun=data.words.noun,
        height=size,
        live=live,
    )
    if sketch.values is None:
        st.caption(f"Sketch with the mouse, a pen or a finger{hint}.")
    return Edited(sketch.values, sketch.live, sketch.values is None and sketch.number > 0)


def axes_of(scale: Scale) -> Axes:
    """The axes of a series, whose time counts steps where the scale knows no unit of it."""
    units = scale if isinstance(scale, SeriesScale) else SeriesScale(scale.low, scale.high, scale.unit)
    return Axes(units.low, units.high, units.unit, units.start, units.step, units.time_unit)
