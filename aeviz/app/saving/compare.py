"""Compare as it is asked for."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aeviz.app import models
from aeviz.app.choice import shown
from aeviz.app.model_names import looks
from aeviz.app.pages import compare as page
from aeviz.app.panels import model_card
from aeviz.app.saving.asked import Asked, data_credit, model_credit
from aeviz.evaluation import columns
from aeviz.evaluation.columns import MetricColumn
from aeviz.figures import charts
from aeviz.lessons import compare
from aeviz.lessons.record import Section
from aeviz.model.families import FAMILIES, mark_of
from aeviz.parts.comparison import Curves, Figure, Group, Histograms, Line, Model, Pictures
from aeviz.store.checkpoints import Card

CODES = 1000  # in a model's histograms


def section(asked: Asked) -> Section:
    """The view that a link is of, with all groups of figures."""
    dataset = asked.choice.dataset
    variants = columns.by_family(models.zoo()[dataset])
    names = asked.value(replace(page.MODELS, options=tuple(variants)))
    cards = {name: variants[name] for name in variants if name in names}
    known = page.measured(cards)
    data = models.data(dataset)
    table = {key: columns.ALL[key].with_unit(data.modality, data.scale) for key in known}
    group, axes = asked.value(page.FIGURES), page.usual_axes(dataset, cards)
    x, y = (asked.value(replace(axis, default=usual)) for axis, usual in zip((page.X, page.Y), axes, strict=True))
    for axis in (x, y):
        table.setdefault(axis, columns.ALL[axis])
    groups = {key: _group(key, cards, dataset, table) for key in columns.GROUPS}
    groups = {key: shown for key, shown in groups.items() if len(shown.figures) > 1 or key == group}
    state = f"Saved with {len(cards)} models of {data.title}, at the figures of {columns.GROUPS[group][0].lower()}."
    return compare.section(
        [_model(card, table) for card in cards.values()],
        [Figure(column.key, column.label, column.definition, column.better or "") for column in table.values()],
        list(groups.values()),
        asked.words(*page.HEADING, state),
        csv=(f"aeviz-{dataset}.csv", columns.csv(cards.values())),
        shown=_shown(asked, list(cards)), group=list(groups).index(group), axes=(x, y),
        credits=[data_credit(data), *_credits(cards)],
    )  # fmt: skip


def _shown(asked: Asked, names: list[str]) -> tuple[int, int]:
    """The pair of the header, the right one in favour of the model whose card is open."""
    left, right = (models.variant(side.card) for side in asked.choice.pair)
    opened = asked.value(replace(page.MODEL, options=tuple(names)))
    places = [names.index(name) for name in (left, opened or right) if name in names]
    return places[0] if places else 0, places[-1] if places else min(1, len(names) - 1)


def _group(key: str, cards: Mapping[str, Card], dataset: str, table: Mapping[str, MetricColumn]) -> Group:
    title, figures = columns.GROUPS[key]
    notes = [page.floor(dataset)] if key == "generation" else []
    shown = [columns.CODE_SIZE.key, *(column.key for column in figures if column.key in table)]
    return Group(
        title, shown, [text.replace("`", "").replace("**", "") for text in (*page.lessons(dict(cards)), *notes)]
    )


def _model(card: Card, table: Mapping[str, MetricColumn]) -> Model:
    family, mark = FAMILIES.get(card.family), mark_of(card.family)
    numbers = {key: column.value(card) for key, column in table.items()}
    smooth = models.modality(card.dataset).smooth
    return Model(
        card.name, looks(card).label, mark.sign, looks(card).colour, family.label if family else card.family,
        {key: (number, table[key].text(number)) for key, number in numbers.items() if number is not None},
        about=f"{family.title}. {family.idea}" if family else "",
        pictures=[Pictures(label, tiles, smooth) for label, tiles, _ in model_card.examples(card)],
        classical={
            method: {key: table[key].text(value) for key, value in figures.items() if key in table}
            for method, figures in card.baselines.items()
        },
        settings=model_card.settings(card),
        curves=_curves(card, mark.colour),
        histograms=_histograms(card),
    )  # fmt: skip


def _curves(card: Card, colour: str) -> Curves | None:
    history = model_card.history_of(card)
    if not history:
        return None
    lines = [
        Line(f"{term.name}, {term.split}", term.colour, term.values, dashed=term.split == "training")
        for term in charts.terms(history, colour)
    ]
    title = charts.loss_title(model_card.summed_over(card))
    return Curves([row["epoch"] for row in history], lines, title, charts.loss_span(history))


def _histograms(card: Card) -> Histograms:
    """Of the codes of fewer items than in the app: all models of a data set are in a file."""
    data = models.data(card.dataset)
    rows = np.sort(np.random.default_rng(0).permutation(len(data))[:CODES])
    codes = models.explorer(card.name).codes(data.items[rows], data.labels[rows])
    names, z, sentence = model_card.drawn_codes(codes)
    edges, densities = charts.binned(z)
    return Histograms(names, float(edges[-1]), densities.astype(np.float32), f"Of {len(rows):,} items. {sentence}")


def _credits(cards: Mapping[str, Card]) -> list[str]:
    """Whose the models are: those that came with aeviz in one sentence."""
    each = [model_credit(shown(card)) for card in cards.values()]
    ours = [text for text in each if "comes with aeviz" in text]
    others = [text for text in each if text not in ours]
    return others + ([f"{len(ours)} models that come with aeviz, MIT licence."] if len(ours) > 1 else ours)
