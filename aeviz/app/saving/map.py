"""Map as it is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.app import models, url
from aeviz.app.pages import map as page
from aeviz.app.panels import map_choice, map_panel, marked_items
from aeviz.app.saving.asked import Asked
from aeviz.datasets.record import Dataset
from aeviz.lessons import maps
from aeviz.lessons.record import Pair, Section
from aeviz.parts.camera import Classes
from aeviz.parts.latent_map import hiding
from aeviz.projection import Settings, shipped_settings


def section(asked: Asked) -> Section:
    """The view that a link is of. Raises ValueError for maps that are not there."""
    settings, pair = _settings(asked), asked.pair()
    view = map_choice.View(settings, asked.value(_colours(pair.data)))
    known_maps = {side: map_choice.map_of(model.name, view) for side, model in pair.sides.items()}
    missing = [pair.sides[side].title for side, shown in known_maps.items() if shown is None]
    if missing:
        raise ValueError(f"There is no such map of {' and '.join(missing)} yet: compute it on the page Map first.")
    coordinates = {side: shown.coordinates for side, shown in known_maps.items() if shown}
    rows = next(shown.rows for shown in known_maps.values() if shown)
    values = {side: _values(pair, side, view.colour, rows) for side in pair.sides}
    labels, names = map_panel.classes_of(pair.data, view.colour, rows)
    span = map_panel.span([numbers for numbers in values.values() if numbers is not None])
    here = np.flatnonzero(rows == asked.item)
    count = len(pair.data)
    marked = asked.value(replace(marked_items.MARKED, count=count))
    shown = maps.View(
        rows, settings, labels, names,
        label=_label(pair, view.colour),
        span=span,
        selected=int(here[0]) if len(here) else None,
        marked=() if marked is None else np.flatnonzero(np.isin(rows, marked)).tolist(),
        seen=_seen(asked, dims=next(iter(coordinates.values())).shape[1], names=names),
    )  # fmt: skip
    of_side = {side: maps.Shown(coordinates[side], values[side]) for side in pair.sides}
    title, sentence = page.heading(count, [model.explorer.latent_dim for model in pair.sides.values()])
    method = map_choice.METHODS[settings.method if settings else "code"]
    colour = map_choice.COLOURS.get(view.colour, view.colour.removeprefix(map_choice.FACET))
    method += " in three dimensions" * (settings is not None and settings.dims == 3)
    state = f"Saved as {method} of {len(rows):,} items, coloured by {colour}, with item {asked.item:,} chosen."
    return maps.section(pair, of_side, shown, asked.words(title, sentence, state))


def _colours(data: Dataset) -> url.Choice:
    """What may colour the points of a data set."""
    facets = [f"{map_choice.FACET}{name}" for name in data.facets]
    return replace(map_choice.COLOUR, options=(*map_choice.COLOURS, *facets))


def _settings(asked: Asked) -> Settings | None:
    """The maps that are asked for; None for the codes themselves."""
    usual = map_choice.usual(asked.choice)
    method = asked.value(replace(map_choice.METHOD, default=usual.method if usual else "code"))
    if method == "code":
        if usual is not None:
            raise ValueError("Codes of more than two numbers are no map: choose PCA, t-SNE or UMAP.")
        return None
    count = len(models.data(asked.choice.dataset))
    dims = int(asked.value(map_choice.DIMS))
    if dims == 3 and any(model.card.latent_dim < 3 for model in asked.choice.pair):
        raise ValueError("Codes of two numbers have no map in three dimensions: choose two.")
    shipped = shipped_settings(method, dims, count)
    if shipped.linear or count <= map_choice.MIN_POINTS:
        return shipped
    points = asked.value(replace(map_choice.POINTS, high=count, default=shipped.points))
    own: dict[str, Any] = {}
    for name in shipped.parameters:
        parameter: url.Parameter[Any] = map_choice.SLIDERS[name][0]
        own[name] = asked.value(parameter)
    return replace(shipped, points=points, seed=asked.value(map_choice.SEED), **own)


def _seen(asked: Asked, dims: int, names: Sequence[str]) -> dict[str, str]:
    """What the link says of zoom, pan or rotation, and of hidden classes, as the maps of a file read it.

    Charts of three dimensions hide classes each by itself, the maps of a file together: those that either hides.
    """
    if dims == 2:
        known = (*(view.name for view in map_panel.VIEWS.values()), maps.HIDDEN)
        return {name: asked.texts[name] for name in known if name in asked.texts}
    seen = {maps.VIEW.format(side): asked.texts.get(turn.name, "") for side, turn in map_panel.TURNS.items()}
    charts = [Classes(hides.name, names).hidden(asked.texts.get(hides.name, "")) for hides in map_panel.HIDES.values()]
    return {**seen, maps.HIDDEN: hiding(names, set().union(*charts))}


def _values(pair: Pair, side: str, colour: str, rows: NDArray[np.int64]) -> NDArray[Any] | None:
    """Numbers that colour a model's points; None for classes."""
    facet = map_panel.facet_of(pair.data, colour)
    if facet and not facet.names:
        return facet.values[rows]
    codes = pair.sides[side].codes
    if colour == "error":
        return codes.error[rows]
    if colour == "kl":
        return np.full(len(rows), np.nan, np.float32) if codes.kl is None else codes.kl.sum(1)[rows]
    return None


def _label(pair: Pair, colour: str) -> str:
    if facet := map_panel.facet_of(pair.data, colour):
        return map_panel.facet_label(facet)
    if colour == "kl":
        return "KL in nats"
    return pair.data.modality.error.title(pair.data.scale) if colour == "error" else ""
