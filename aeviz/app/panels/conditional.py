"""Choose the class, keep the style: what conditional models decode."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, shell, url, widgets
from aeviz.app.choice import chosen, shown
from aeviz.app.model_names import full_names
from aeviz.app.panels import notions, opened_draw, training_command
from aeviz.app.panels.item_input import Input
from aeviz.evaluation.definitions import DEFINITIONS, READ_DRAWS
from aeviz.evaluation.features import classifier_card, has_classifier
from aeviz.evaluation.generation import predicted_classes
from aeviz.figures import files
from aeviz.parts.pictures.streamlit import pictures
from aeviz.store.checkpoints import Card

STYLES = 6  # rows of the grid: the item's own style, and draws
DRAWS, COLUMNS = 48, 12
MEASURED = (("of all classes", "class_read"), ("of the worst class", "class_read_worst"))
Array = NDArray[np.float32]
MODEL = url.Choice(
    "conditional", "the conditional model, where there are several", among="a model's name without that of its data set"
)
CLASS = url.Choice("class", "the class that is asked for", among="its number, from 0")
SEED = url.Whole("style", "seed of the styles")
OPENED = url.Choice(
    "opened_class",
    "the picture that is open: of the grid of classes, or of the draws of one class",
    among="`grid-` with its row and class, or `draw-` with its number, as `grid-2-7`",
)
PARAMETERS = (MODEL, CLASS, SEED, OPENED)
READING_IDEA = r"""
So a small classifier was trained along, which names classes and tells drawn [[plural]] from real ones, and the decoder
paid where a draw was not read as the class it was told (Odena et al. 2017, Salimans et al. 2016). The figures below the
draws are of another classifier.
"""
VARIED_IDEA = r"""
A classifier of few [[plural]] would soon know them by heart. So all that it saw was varied by chance, with {} (Zhao et
al. 2020).
"""
VARIED = {"conv": "shifts, other tints, noise and a part hidden"}  # by body; noise alone in the others


def section(dataset: str, source: Input) -> None:
    """The class × style grid of a data set's conditional model, first in an item's style, or how to train one."""
    st.subheader("Choose the class, keep the style", anchor=False)
    cards = variants(dataset)
    if not cards:
        if len(models.data(dataset).label_names) < 2:
            st.info(f"These {models.words(dataset).plural} have no classes to choose.", icon=":material/category:")
            return
        shipped = [name for name, cards in models.zoo().items() if any(map(models.classes, cards.values()))]
        titles = models.titles_within(shipped)
        have = f" {titles} {'have' if len(shipped) > 1 else 'has'} one." if titles else ""
        few = f" {models.few(dataset)}" if models.few(dataset) else ""
        st.info(
            "A conditional model is told the class of each item, so that a class can be asked for. None of this data "
            f"set came with aeviz.{few}{have}",
            icon=":material/model_training:",
        )
        training_command.elsewhere(shipped, "conditional-of")
        training_command.fold("aeviz train cvae [[data]]", dataset, "conditional")
        return
    _class_by_style(cards, source)


def variants(dataset: str) -> dict[str, Card]:
    """The conditional models of a data set."""
    return {name: card for name, card in models.zoo()[dataset].items() if models.classes(card)}


def model(cards: Mapping[str, Card]) -> str:
    """The conditional model that is looked at; a control chooses it where there are several."""
    first = next(iter(cards))
    return widgets.select(MODEL, "Conditional model", full_names(cards), first, width=380) if len(cards) > 1 else first


def asked(card: Card, source: Input) -> int:
    """A control of the class that a conditional model is told: that of the item until another is chosen."""
    names = models.data(card.dataset).label_names[: models.classes(card)]
    classes = {str(number): text for number, text in enumerate(names)}
    usual = str(_class_of(source))
    return int(widgets.segments(CLASS, "Class", classes, usual if usual in classes else "0"))


@widgets.fragment
def _class_by_style(cards: dict[str, Card], source: Input) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        card = cards[model(cards)]
        target = asked(card, source)
        widgets.label("seed")
        seed = widgets.whole(SEED, "Seed of the styles", show_label=False)
        notions.ask(notions.CONDITIONAL, _trained(card))
    classes, usual = models.data(card.dataset).label_names[: models.classes(card)], _class_of(source)
    grid, class_column = st.columns([11, 10], gap="small")
    with grid, st.container(key="card-styles"):
        _heading(card)
        codes = style_codes(card.name, source.item, usual if usual < len(classes) else 0, seed)
        _grid(card, source, codes, list(classes), target)
        st.caption("One code a row: the item's own style first, then draws from N(0, I). One class a column.")
    with class_column, st.container(key="card-class"):
        st.html(f'<h2 class="aeviz-item">{DRAWS} draws of class “{classes[target]}”</h2>')
        drawn = draws_of_class(card.name, target, seed)
        tiles = models.data(card.dataset).tiles(drawn[:DRAWS])
        sheet = files.sheet(tiles, files.abreast(tiles, COLUMNS, 620))
        pictures(
            tiles,
            [f"draw {number + 1}" for number in range(len(tiles))],
            label=f"Draws of class {classes[target]}",
            columns=files.abreast(tiles, COLUMNS, 620),
            smooth=models.data(card.dataset).modality.smooth,
            key="class-draws",
            on_pick=lambda number: opened_draw.choose(OPENED, f"draw-{number}"),
        )
        _class_reading(card, target, drawn)
        widgets.save("Save as PNG", lambda: files.png(sheet, 4), f"{card.name}-{target}-{seed}.png",
                           "image/png", key="save-class", icon=":material/download:")  # fmt: skip
    _opened(card, codes, list(classes), target, seed)


def training(objective: Mapping[str, float], body: str) -> str:
    """How a conditional model was trained beside its bound, by what is stated of its loss; "" for nothing."""
    reading, varied = objective.get("reading", 0.0) > 0, objective.get("augment", 0.0) > 0
    return READING_IDEA * reading + VARIED_IDEA.format(VARIED.get(body, "noise")) * (reading and varied)


def _trained(card: Card) -> str:
    config = models.config(card)
    return training(config.objective, config.body)


def _heading(card: Card) -> None:
    shell.model_heading(shown(card))


def _class_of(source: Input) -> int:
    """The class of an item; of one's own what the classifier reads, or the first where there is none."""
    data = models.data(chosen().dataset)
    if source.row is not None:
        return int(data.labels[source.row])
    return int(predicted_classes(data.name, source.item[None])[0]) if has_classifier(data.name) else 0


@caches.kept(max_entries=64, show_spinner=False, hash_funcs={np.ndarray: lambda item: item.tobytes()})
def style_codes(name: str, item: Array, label: int, seed: int) -> Array:
    """The codes (STYLES, d) of the styles: that of an item (*shape) of a class, then draws from N(0, I)."""
    network = models.explorer(name)
    own, _ = network.encode(item[None], np.array([label]))
    return np.concatenate([own, network.prior(STYLES - 1, seed)])


@caches.kept(max_entries=64, show_spinner=False, hash_funcs={np.ndarray: lambda codes: codes.tobytes()})
def style_tiles(name: str, codes: Array, classes: int) -> NDArray[np.uint8]:
    """What codes (STYLES, d) decode to in each class: (STYLES · classes, h, w, 1 or 3), class by class of each code."""
    network = models.explorer(name)
    decoded = network.decode(np.repeat(codes, classes, 0), np.tile(np.arange(classes), len(codes)))
    return models.data(network.config.dataset).tiles(decoded)


def _grid(card: Card, source: Input, codes: Array, classes: list[str], target: int) -> None:
    """A row for each style, a column for each class; a click opens a picture."""
    data, count = models.data(card.dataset), len(classes)
    decoded = style_tiles(card.name, codes, count)
    given = html.thumbnail(data.tiles(source.item[None])[0], "the item")
    st.html(f'<div class="aeviz-picked">{given}<span>in the style of this</span></div>')
    pictures(
        decoded,
        [f"{_style(style)}, {name}" for style in range(STYLES) for name in classes],
        label="Styles by classes",
        heads=classes,
        marked=target,
        smooth=data.modality.smooth,
        key="class-grid",
        on_pick=lambda number: opened_draw.choose(OPENED, f"grid-{number // count}-{number % count}"),
    )


def _style(row: int) -> str:
    return f"draw {row}" if row else "the item's style"


def _opened(card: Card, codes: Array, classes: list[str], target: int, seed: int) -> None:
    """The picture that the visitor opened, with its code and what is nearest to it."""
    grid = [f"grid-{style}-{number}" for style in range(STYLES) for number in range(len(classes))]
    parameter = replace(OPENED, options=("", *grid, *(f"draw-{number}" for number in range(DRAWS))))
    kind, *numbers = url.value(parameter).split("-")
    if kind == "grid":
        style, label = map(int, numbers)
        text = _style(style)
        title, z = f"{text[0].upper()}{text[1:]}, told “{classes[label]}”", codes[style]
    elif kind == "draw":
        label = target
        title, z = (
            f"Draw {int(numbers[0]) + 1}, told “{classes[label]}”",
            _drawn_codes(card.name, seed)[int(numbers[0])],
        )
    else:
        return
    opened_draw.show(shown(card), z, title, parameter, label)


@caches.kept(max_entries=32, show_spinner=False)
def draws_of_class(name: str, target: int, seed: int) -> Array:
    """Draws (READ_DRAWS, *shape) of a class, by a seed of their styles."""
    return models.explorer(name).decode(_drawn_codes(name, seed), np.full(READ_DRAWS, target))


def _drawn_codes(name: str, seed: int) -> Array:
    return models.explorer(name).prior(READ_DRAWS, seed)


def _class_reading(card: Card, target: int, drawn: Array) -> None:
    """How many draws a classifier reads as the class that was asked for: of this class, and as was measured of all."""
    if figures := reading(card, target, drawn):
        html.numbers(figures)


def reading(card: Card, target: int, drawn: Array) -> list[tuple[str, str, str]]:
    """The same as (name, value, definition); empty where there is no classifier."""
    if not has_classifier(card.dataset):
        return []
    share = float((predicted_classes(card.dataset, drawn) == target).mean())
    definition = (
        f"Share of {READ_DRAWS} draws from N(0, I), with the seed above, in which a small classifier of the data set "
        f"reads this class. Of real ones of the test split it names {classifier_card(card.dataset).accuracy:.0%} right."
    )
    measured = [(label, key) for label, key in MEASURED if key in card.metrics]
    return [
        ("read as the class asked for", f"{share:.0%}", definition),
        *((label, f"{card.metrics[key]:.0%}", DEFINITIONS[key]) for label, key in measured),
    ]
