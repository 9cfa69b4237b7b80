"""Generate as it is asked for."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from aeviz.app import models, url
from aeviz.app.choice import shown_pair
from aeviz.app.pages import generate as page
from aeviz.app.panels import conditional
from aeviz.app.saving.asked import Asked, model_credit
from aeviz.lessons import generate
from aeviz.lessons.generate import ByClass, Dial, Draws
from aeviz.lessons.record import Model, Pair, Section

ITEMS = 40  # round which a file draws
OF_CLASS = 24  # draws of a class
UNSCORED = (
    "How near draws are to a real {noun} was measured of those that this page was saved with. The file holds no "
    "classifier: aeviz measures it of any."
)


def section(asked: Asked) -> Section:
    """The view that a link is of."""
    pair = asked.pair()
    heat, around = _heat(asked, pair), _around(asked, pair)
    item = f"item {asked.item:,} ({pair.data.label_of(asked.item)})"
    state = (
        f"Saved at temperature {heat.values[heat.at]:.1f} with seed {heat.seed}, and at radius "
        f"{around.values[around.at]:.1f} round {item} with seed {around.seed}."
    )
    alive = not any(model.problem for model in pair.sides.values())
    if alive:
        state += " A seed draws what it draws in aeviz."
    measured = [
        f"{heading}. {'; '.join(f'{name}: {text}' for name, text, _ in figures)}."
        for heading, figures in page.measured(asked.choice)
    ]
    scored = alive and any(draws.notes for draws in heat.draws)
    unscored = [UNSCORED.format(noun=models.words(asked.choice.dataset).noun)] * scored
    return generate.section(
        pair,
        [heat, around],
        asked.words(*page.HEADING, state),
        by_class=_by_class(asked),
        notes=[*measured, *unscored],
    )


def _by_class(asked: Asked) -> ByClass | None:
    """What a conditional model of the data set draws; None where there is none."""
    zoo = models.zoo()[asked.choice.dataset]
    variants = {name: card for name, card in zoo.items() if models.classes(card)}
    if not variants:
        return None
    name = asked.value(replace(conditional.MODEL, options=tuple(variants), default=next(iter(variants))))
    card, data, seed = variants[name], models.data(asked.choice.dataset), asked.value(conditional.SEED)
    names = [str(label) for label in data.label_names[: models.classes(card)]]
    numbers = tuple(map(str, range(len(names))))
    own = str(int(data.labels[asked.item]))
    at = asked.value(replace(conditional.CLASS, options=numbers, default=own if own in numbers else "0"))
    drawn = [conditional.draws_of_class(card.name, target, seed) for target in range(len(names))]
    codes = conditional.style_codes(card.name, data.items[asked.item], int(data.labels[asked.item]), seed)
    figures = [conditional.reading(card, target, few) for target, few in enumerate(drawn)]
    shown = shown_pair(card, card)[0]
    return ByClass(
        shown.title, shown.colour, names, int(at),
        styles=conditional.style_tiles(card.name, codes, len(names)),
        draws=np.stack([data.tiles(few[:OF_CLASS]) for few in drawn]),
        notes=[" · ".join(f"{label} {text}" for label, text, _ in of) for of in figures] if any(figures) else (),
        tip=" ".join(definition for _, _, definition in figures[0]),
        smooth=data.modality.smooth,
        credit=model_credit(shown),
    )  # fmt: skip


def _heat(asked: Asked, pair: Pair) -> Dial:
    seed = asked.value(page.SEED)
    draws = [
        _measured(make(model, text, seed), page.drawn(model.name, distribution, seed))
        for make, (distribution, text) in zip((_prior, _fitted), page.DISTRIBUTIONS.items(), strict=True)
        for model in pair.sides.values()
    ]
    at = _stop(asked, page.TEMPERATURE, page.TEMPERATURES)
    values = page.TEMPERATURES.tolist()
    return Dial("draws", "Temperature", values, at, seed, page.COLUMNS, page.ROOM, draws)


def _measured(draws: Draws, by_stop: page.DrawsByStop) -> Draws:
    """With how near the draws are to real items, where there is a classifier."""
    return replace(draws, notes=by_stop.notes(), tip=page.DISTANCE_DEFINITION)


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
    text = "directions from its code"
    draws = [
        _measured(_rings(model, text, rows, seed), page.rings(model.name, model.codes.mean[first], seed))
        for model in pair.sides.values()
    ]
    at = _stop(asked, page.RADIUS, page.RADII)
    values = page.RADII.tolist()
    return Dial("around", "Radius", values, at, seed, page.AROUND_COLUMNS, page.AROUND_ROOM, draws, rows)


def _rings(model: Model, text: str, rows: list[int], seed: int) -> Draws:
    cloud, codes = page.cloud(model.name), model.codes.mean[rows]
    noise = cloud.unit_noise(page.AROUND_DRAWS, seed)
    return Draws(model, text, codes[0], cloud.axes, noise, "directions", codes)


def _stop(asked: Asked, parameter: url.Number, stops: NDArray[np.float64]) -> int:
    return int(abs(stops - asked.value(parameter)).argmin())
