"""Decode as it is asked for."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from aeviz.app.pages import decode as page
from aeviz.app.panels import latent_plane
from aeviz.app.saving.asked import Asked
from aeviz.latent import axes
from aeviz.latent.planes import Plane, flat
from aeviz.lessons import decode
from aeviz.lessons.decode import Turned
from aeviz.lessons.record import Model, Pair, Section


def section(asked: Asked) -> Section:
    """The view that a link is of."""
    way, start, basis = asked.value(page.WAY), asked.value(page.START), asked.value(page.AXES)
    pair = asked.pair()
    title, sentence = page.heading([model.explorer.latent_dim for model in pair.sides.values()], way)
    codes = {side: _turned(asked, pair, side, model) for side, model in pair.sides.items()}
    label = pair.data.label_of(asked.item)
    begun = {"item": f"item {asked.item:,} ({label})", "own": "an item of one's own"}
    state = f"Saved with {page.BASES[basis]} as knobs, started from {begun.get(start, f'the {start} code')}."
    most = 10_000 if asked.value(page.ALL_AXES) else page.MAX_AXES
    return decode.section(pair, codes, asked.words(title, sentence, state), most=most)


def _turned(asked: Asked, pair: Pair, side: str, model: Model) -> Turned:
    home = _home(asked, pair, model)
    latent_axes = axes.axes_of(model.codes, asked.value(page.AXES))
    z = asked.value(replace(page.CODE[side], size=len(home)))
    seen = asked.texts.get(latent_plane.VIEWS[side].name, "")
    return Turned(home if z is None else z, home, latent_axes, _plane(asked, side, latent_axes), seen)


def _home(asked: Asked, pair: Pair, model: Model) -> NDArray[np.float32]:
    start = asked.value(page.START)
    if start == "mean":
        mean: NDArray[np.float32] = model.codes.mean.mean(0)
        return mean
    if start == "random":
        return model.explorer.prior(1, asked.value(page.SEED))[0]
    if start == "own" and asked.own is not None:
        return model.explorer.encode(asked.own[None])[0][0]
    return model.codes.mean[asked.item]


def _plane(asked: Asked, side: str, latent_axes: axes.LatentAxes) -> Plane | None:
    count = len(latent_axes.names)
    if count == 2:
        return flat(latent_axes)
    if asked.value(page.WAY) != "plane":
        return None
    numbers = tuple(map(str, range(count)))
    across, up = (int(asked.value(replace(table[side], options=numbers))) for table in (page.ACROSS, page.UP))
    return None if across == up else Plane(latent_axes, (across, up))
