"""What a penalty on the code buys, as two cards of Sweeps: few units that fire, codes that hardly move."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models
from aeviz.app.model_names import looks
from aeviz.app.panels import own_item
from aeviz.evaluation import sweeps
from aeviz.evaluation.quality import firing
from aeviz.figures import bars, charts
from aeviz.modalities.base import Corruption, Modality
from aeviz.model.families import FAMILIES, mark_of
from aeviz.store.checkpoints import Card

ITEMS = 256  # first of the test split, beside which an item's units are judged, and which noise is added to
LEVELS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.1)  # σ of that noise
QUOTED_LEVEL = LEVELS.index(0.04)  # the level that the sentence speaks of
SEED = 0


def compared(variants: Mapping[str, Card], sweep: str) -> list[Card]:
    """The models of a sweep's families that bear their family's plain name, the penalised one first; all or none."""
    *others, penalised = sweeps.families(sweep)
    families = [penalised, *others]
    cards = [variants[family.name] for family in families if family.name in variants]
    return cards if len(cards) == len(families) else []


@caches.kept(max_entries=16, show_spinner=False)
def _codes(name: str) -> NDArray[np.float32]:
    """Codes (N, d) of the first items."""
    model = models.explorer(name)
    return model.encode(models.data(model.config.dataset).items[:ITEMS])[0]


@caches.kept(max_entries=16, show_spinner=False)
def _motions(name: str) -> list[float]:
    """How far codes move at each level of noise, in units of their spread."""
    model, still = models.explorer(name), _codes(name)
    data, spread = models.data(model.config.dataset), np.sqrt(still.var(0).sum())
    x = data.items[:ITEMS]
    added = noise(data.modality)
    if added is None:
        raise ValueError(f"There is no small noise to add to {data.words.plural}.")
    moved = [model.encode(data.corrupt(x, added.name, level, SEED))[0] for level in LEVELS[1:]]
    return [0.0, *(float(np.linalg.norm(codes - still, axis=1).mean() / max(spread, 1e-12)) for codes in moved)]


def noise(modality: Modality) -> Corruption | None:
    """The corruption of a modality that moves its values a little; None where values cannot be."""
    return next((row for row in modality.corruptions if row.unit.startswith("σ")), None)


def draw_firing(dataset: str, cards: Sequence[Card]) -> None:
    """An item's code by each model, as bars, and how many of its units fire."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        own_item.picker("firing")
    data, source = models.data(dataset), own_item.subject(seen_by=())
    x = source.item[None]
    parts = [html.figure(data.tiles(x)[0], "Item", note=escape(source.name))]
    panels = []
    for card in cards:
        codes = models.explorer(card.name).codes(x)
        fires = firing(np.concatenate([codes.mean, _codes(card.name)]))[0]
        colour = looks(card).colour
        label = f"{FAMILIES[card.family].label}: {fires.sum()} of {card.latent_dim} units fire"
        parts.append(
            html.figure(
                codes.tiles[0],
                FAMILIES[card.family].label,
                note=f"error {data.modality.error.text(codes.error[0], data.scale)}",
                accent=colour,
            )
        )
        panels.append(bars.ItemCode(label, colour, codes.mean[0], None))
    st.html(html.row(parts, smallest=90) + bars.code_bars(panels))


def built(cards: Sequence[Card]) -> str:
    """What else differs between models: the size of code and network, and how long they were trained."""
    sentences = []
    for card in cards:
        hidden = ", ".join(map(str, card.config["hidden"]))
        epochs = card.config.get("training", {}).get("epochs")
        sentences.append(
            f"{FAMILIES[card.family].label}: code of {card.latent_dim}, hidden layer of {hidden}, {epochs} epochs"
        )
    return "; ".join(sentences) + "."


def firing_sentence(cards: Sequence[Card]) -> str:
    """How many units fire in the mean over the test split, and what that costs."""
    here, there = (
        f"{card.metrics['active_share']:.0%} of the {FAMILIES[card.family].label}'s {card.latent_dim}" for card in cards
    )
    first, second = map(sweeps.error, cards)
    worse = "more" if first > second else "less"
    sentence = f"In the mean over the test split {here} units fire, against {there}."
    return f"{sentence} Its error is {abs(first / second - 1):.0%} {worse}."


def motions(cards: Sequence[Card]) -> list[charts.Series]:
    """Curves of motion by noise, for `charts.lines`."""
    blank = [""] * len(LEVELS)
    return [
        charts.Series(
            FAMILIES[card.family].label,
            replace(mark_of(card.family), colour=looks(card).colour),
            LEVELS,
            _motions(card.name),
            blank,
        )
        for card in cards
    ]


def motion_sentence(curves: Sequence[charts.Series]) -> str:
    """Whose code moves least under little noise, and how much further the others' do."""
    least, *others = sorted(curves, key=lambda curve: curve.y[QUOTED_LEVEL])
    if not least[3][QUOTED_LEVEL] > 0:
        return f"The {least[0]}'s code does not move at all."
    further = " and ".join(
        f"the {name}'s {motion[QUOTED_LEVEL] / least[3][QUOTED_LEVEL]:.1f} times as far"
        for name, *_, motion, _ in others
    )
    return f"With noise of σ = {LEVELS[QUOTED_LEVEL]:g} the {least[0]}'s code moves least; {further}."
