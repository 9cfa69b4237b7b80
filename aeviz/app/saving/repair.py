"""Repair as it is asked for."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from aeviz.app import models
from aeviz.app.choice import Shown
from aeviz.app.pages import repair as page
from aeviz.app.panels import repair_brush, repair_strip
from aeviz.app.panels.repair_strip import Strip
from aeviz.app.saving.asked import Asked, data_credit, model_credit
from aeviz.datasets.record import Dataset
from aeviz.figures import palette
from aeviz.lessons import repair
from aeviz.lessons.record import Section
from aeviz.lessons.repair import Brush, Kind, Repairer, Row, Spoilt
from aeviz.modalities.base import Corruption
from aeviz.parts.dial import Place

LEVEL = 0.5  # of kinds of damage that the link is not of


def section(asked: Asked) -> Section:
    """The view that a link is of, with the other kinds of damage beside it."""
    data = models.data(asked.choice.dataset)
    item, name, row = _item(asked, data)
    offered = [kind.name for kind in data.corruptions] + [repair_brush.NAME] * repair_brush.offered(data)
    chosen = asked.value(replace(page.CORRUPTION, options=tuple(offered), default=offered[0]))
    compared = {kind.name: repair_strip.repairers(asked.choice, kind.name) for kind in data.corruptions}
    networks = {shown.name: _repairer(shown) for kind in compared.values() for shown in kind}
    kinds = [_kind(asked, data, kind, item, row, compared[kind.name], networks) for kind in data.corruptions]
    spoilt = Spoilt(
        item, name, repair_strip.judges(data), kinds, chosen,
        keep=asked.value(page.KEEP), brush=_brush(asked, data),
    )  # fmt: skip
    labels = {kind.name: kind.label for kind in data.corruptions} | {repair_brush.NAME: "Paint it away"}
    state = f"Saved with {name}; damage: {labels[chosen]}."
    shown = {model.name: model for kind in compared.values() for model in kind}.values()
    credits = dict.fromkeys([data_credit(data), *(model_credit(model) for model in shown)])
    return repair.section(data, spoilt, asked.words(*page.HEADING, state), list(credits))


def _item(asked: Asked, data: Dataset) -> tuple[NDArray[np.float32], str, int | None]:
    """The item, its name, and its row; None for one of a visitor's own."""
    inputs = page.INPUT
    origin = asked.value(inputs.origin)
    span = (data.scale.low, data.scale.high) if data.modality.pixels else None
    own = None if origin == "item" else asked.value(replace(inputs.own, shape=data.shape, span=span))
    if own is not None:
        return own, f"your {data.words.noun}", None
    row = asked.value(replace(inputs.item, high=len(data) - 1))
    return data.items[row], f"{data.label_of(row)} · item {row}", row


def _repairer(shown: Shown) -> Repairer:
    return Repairer(shown.title, shown.label, shown.colour, models.explorer(shown.name))


def _kind(
    asked: Asked, data: Dataset, kind: Corruption, item: NDArray[np.float32], row: int | None,
    compared: Sequence[Shown], networks: dict[str, Repairer],
) -> Kind:  # fmt: skip
    """A kind of damage at all its stops."""
    chosen = asked.texts.get(page.CORRUPTION.name, data.corruptions[0].name) == kind.name
    level, seed = _level(asked, kind, chosen), asked.value(page.SEED)
    stops = repair_strip.level_stops(kind, level)
    where = repair_strip.places(data, item[None], kind, seed)
    if len(stops) * len(where) == 1:
        stops = (0.0, *stops)  # a handle needs two
    names = tuple(shown.name for shown in compared)
    keep = page.known(kind) and asked.value(page.KEEP)
    strips = repair_strip.strips(data.name, names, kind.name, seed, stops, where, item, row, keep)
    heads = [(page.spoilt(data, kind), palette.INK), *repair_strip.labels(data, compared, kind.name)]
    makers = [None, *(networks[name] for name in names)]
    rows = [
        _row(data, label, colour, strip, makers[number] if number < len(makers) else None)
        for number, ((label, colour), strip) in enumerate(zip(heads, strips, strict=True))
    ]
    place = asked.value(page.PLACE) if chosen else None
    damage = repair_strip.damaged(data, item[None], kind.name, seed, stops, where)
    grid = repair_strip.GRID
    return Kind(
        kind.name, kind.label, stops, kind.unit,
        Place(f"Drag the damage on the {data.words.noun}", grid, grid) if kind.placed else None,
        stops.index(level) * len(where) + page.cell(where, place),
        rows, damage.corrupted, damage.hidden, page.known(kind),
        page.CEILING_DB if repair_strip.judges(data)[0].unit_in(data.scale) == "dB" else None,
    )  # fmt: skip


def _level(asked: Asked, kind: Corruption, chosen: bool) -> float:
    first = kind.levels[0] if kind.levels else min(LEVEL, kind.maximum)
    only = repair_strip.level_stops(kind, first) if kind.levels else ()
    parameter = replace(page.LEVEL, high=kind.maximum, default=first, only=only)
    return float(asked.value(parameter) if chosen else first)


def _row(data: Dataset, label: str, colour: str, strip: Strip, maker: Repairer | None) -> Row:
    scores = np.stack([strip.scores[judge.key] for judge in repair_strip.judges(data)], 1)
    return Row(label, colour, strip.tiles, scores, strip.holes, maker)


def _brush(asked: Asked, data: Dataset) -> Brush | None:
    if not repair_brush.offered(data):
        return None
    mask = asked.value(replace(repair_brush.MASK, shape=(data.shape[-2], data.shape[-1])))
    return Brush(repair_brush.hole_of(data), repair_brush.INK, repair_brush.SIZE, repair_brush.PAINTED, mask)
