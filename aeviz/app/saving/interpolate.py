"""Interpolate as it is asked for."""

from dataclasses import replace

from aeviz.app.pages import interpolate as page
from aeviz.app.panels.item_input import InputParameters
from aeviz.app.saving.asked import Asked
from aeviz.lessons import interpolate
from aeviz.lessons.interpolate import Way
from aeviz.lessons.record import Section


def section(asked: Asked) -> Section:
    """The view that a link is of: between items of the data set, for a link holds no others."""
    pair = asked.pair()
    data = pair.data
    first, last = (_row(asked, inputs, end, len(data)) for inputs, end in zip((page.A, page.B), data.ends, strict=True))
    kind, steps = asked.value(page.PATH), asked.value(page.STEPS)
    way = Way(
        data.items[first], data.items[last], steps, "slerp" if kind == "slerp" else "line", asked.value(page.SHARE)
    )
    names = [f"item {row:,} ({data.label_of(row)})" for row in (first, last)]
    state = f"Saved on the {page.PATHS[kind]} path from {names[0]} to {names[1]}, in {steps} steps."
    return interpolate.section(pair, way, asked.words(*page.HEADING, state))


def _row(asked: Asked, inputs: InputParameters, usual: int, count: int) -> int:
    return asked.value(replace(inputs.item, default=usual, high=count - 1))
