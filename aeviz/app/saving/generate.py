"""Generate as it is asked for."""

import numpy as np
from numpy.typing import NDArray

from aeviz.app import models, url
from aeviz.app.pages import generate as page
from aeviz.app.saving.asked import Asked
from aeviz.lessons import generate
from aeviz.lessons.generate import Dial, Draws
from aeviz.lessons.record import Model, Pair, Section

ITEMS = 40  # round which a file draws
UNSCORED = (
    "How near a draw is to a real {noun} is not measured in this file, for it holds no classifier: aeviz measures it."
)


def section(asked: Asked) -> Section:
    """The view that a link is of."""
    pair = asked.pair()
    heat, around = _heat(asked, pair), _around(asked, pair)
    item = f"item {asked.item:,} ({pair.data.label_of(asked.item)})"
    state = (
        f"Saved at temperature {heat.values[heat.at]:.1f} with seed {heat.seed}, and at radius "
        f"{around.values[around.at]:.1f} round {item} with seed {around.seed}. A seed draws what it draws in aeviz."
    )
    measured = [
        f"{heading}. {'; '.join(f'{name}: {text}' for name, text, _ in figures)}."
        for heading, figures in page.measured(asked.choice)
    ]
    unscored = UNSCORED.format(noun=models.words(asked.choice.dataset).noun)
    return generate.section(pair, [heat, around], asked.words(*page.HEADING, state), notes=[*measured, unscored])


def _heat(asked: Asked, pair: Pair) -> Dial:
    seed = asked.value(page.SEED)
    draws = [
        make(model, text, seed)
        for make, text in zip((_prior, _fitted), page.DISTRIBUTIONS.values(), strict=True)
        for model in pair.sides.values()
    ]
    at = _stop(asked, page.TEMPERATURE, page.TEMPERATURES)
    values = page.TEMPERATURES.tolist()
    return Dial("draws", "Temperature", values, at, seed, page.COLUMNS, page.ROOM, draws)


def _prior(model: Model, text: str, seed: int) -> Draws:
    d = model.explorer.latent_dim
    noise = model.explorer.prior(page.DRAWS, seed)
    return Draws(model, text, np.zeros(d, np.float32), np.eye(d, dtype=np.float32), noise, "torch")


def _fitted(model: Model, text: str, seed: int) -> Draws:
    cloud = page.cloud(model.name)
    return Draws(model, text, cloud.mean, cloud.axes, cloud.noise(page.DRAWS, seed), "numpy")


def _around(asked: Asked, pair: Pair) -> Dial:
    seed, first = asked.value(page.AROUND_SEED), asked.item
    rows = [first, *(row for row in range(min(ITEMS, len(pair.data))) if row != first)]
    text = f"{page.AROUND_DRAWS} directions from its code"
    draws = [_rings(model, text, rows, seed) for model in pair.sides.values()]
    at = _stop(asked, page.RADIUS, page.RADII)
    values = page.RADII.tolist()
    return Dial("around", "Radius", values, at, seed, page.AROUND_COLUMNS, page.AROUND_ROOM, draws, rows)


def _rings(model: Model, text: str, rows: list[int], seed: int) -> Draws:
    cloud, codes = page.cloud(model.name), model.codes.mean[rows]
    noise = cloud.unit_noise(page.AROUND_DRAWS, seed)
    return Draws(model, text, codes[0], cloud.axes, noise, "directions", codes)


def _stop(asked: Asked, parameter: url.Number, stops: NDArray[np.float64]) -> int:
    return int(abs(stops - asked.value(parameter)).argmin())
