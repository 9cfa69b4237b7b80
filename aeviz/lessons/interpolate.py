"""Interpolate as a section: the way from one item to another, under a handle that plays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.figures import palette
from aeviz.latent.explorer import PathShape, cross_fade, path
from aeviz.lessons.record import Model, Network, Pair, Part, Section, Words, credits_of, films_note
from aeviz.parts import scrubber
from aeviz.parts.scrubber import BLEND, Strip, decoded
from aeviz.parts.sheets import strip

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Way:
    """From an item (*shape) to another, in so many steps; t: where the handle stands, from 0 to 1."""

    first: Array
    last: Array
    steps: int
    shape: PathShape
    t: float


def section(pair: Pair, way: Way, words: Words) -> Section:
    """A strip for each model, and one of the values cross-faded."""
    models = list(pair.sides.values())
    networks = [model.half("decoder") for model in models]
    strips = scrubber.payload(strips_of(pair.data, models, networks, way), t=way.t)
    return Section(
        "interpolate",
        words=words,
        parts=(Part("path", "scrubber", strips, wide=True),),
        networks=tuple(filter(None, networks)),
        notes=films_note(models, ": a picture for each step."),
        credits=credits_of(pair),
    )


def strips_of(data: Dataset, models: Sequence[Model], networks: Sequence[Network | None], way: Way) -> list[Strip]:
    """A strip for each model, and one of the values cross-faded.

    networks: what the browser has of each model, None where it gets films.
    """
    strips = [_strip(data, model, way, network) for model, network in zip(models, networks, strict=True)]
    fade = data.tiles(cross_fade(way.first, way.last, way.steps))
    label = data.words.fill("[[Values]], cross-fade")
    between = BLEND if all(networks) else None
    return [*strips, Strip(label, palette.INK, strip(fade, smooth=data.modality.smooth), between=between)]


def _strip(data: Dataset, model: Model, way: Way, network: Network | None) -> Strip:
    first, last = model.explorer.encode(np.stack([way.first, way.last]))[0]
    codes = path(first, last, way.steps, way.shape)
    tiles = data.tiles(model.explorer.decode(codes))
    between = decoded(model.tab(network), codes) if network else None
    return Strip(model.title, model.colour, strip(tiles, smooth=data.modality.smooth), between=between)
