"""Choose the class, keep the style: what conditional models decode."""

from collections.abc import Mapping
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, shell, url, widgets
from aeviz.app.choice import chosen, selected_item, shown
from aeviz.app.model_names import full_names
from aeviz.app.panels import notions, training_command
from aeviz.evaluation.definitions import DEFINITIONS, READ_DRAWS
from aeviz.evaluation.features import has_classifier
from aeviz.evaluation.generation import predicted_classes
from aeviz.figures import files
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
PARAMETERS = (MODEL, CLASS, SEED)
READING_IDEA = r"""
So a small classifier was trained along, which names classes and tells drawn [[plural]] from real ones, and the decoder
paid where a draw was not read as the class it was told (Odena et al. 2017, Salimans et al. 2016). The figures below the
draws are of another classifier.
"""


def section(dataset: str) -> None:
    """The class × style grid of a data set's conditional model, or how to train one."""
    st.subheader("Choose the class, keep the style", anchor=False)
    variants = {name: card for name, card in models.zoo()[dataset].items() if models.classes(card)}
    if not variants:
        if len(models.data(dataset).label_names) < 2:
            st.info(f"These {models.words(dataset).plural} have no classes to choose.", icon=":material/category:")
            return
        shipped = [name for name, cards in models.zoo().items() if any(map(models.classes, cards.values()))]
        titles = " and ".join(models.title_within(name) for name in shipped)
        have = f" {titles} {'have' if len(shipped) > 1 else 'has'} one." if titles else ""
        st.info(
            "A conditional model is told the class of each item, so that a class can be asked for. None of this data "
            f"set is installed.{have}",
            icon=":material/model_training:",
        )
        training_command.elsewhere(shipped, "conditional-of")
        training_command.fold("aeviz train cvae [[data]]", dataset, "conditional")
        return
    _class_by_style(variants)


@widgets.fragment
def _class_by_style(variants: dict[str, Card]) -> None:
    names = models.data(chosen().dataset).label_names
    usual = int(models.data(chosen().dataset).labels[selected_item()])
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        name = next(iter(variants))
        if len(variants) > 1:
            name = widgets.select(MODEL, "Conditional model", full_names(variants), name, width=380)
        classes = {str(number): text for number, text in enumerate(names[: models.classes(variants[name])])}
        target = int(widgets.segments(CLASS, "Class", classes, str(usual if str(usual) in classes else 0)))
        st.html('<span class="aeviz-label">seed</span>', width="content")
        seed = widgets.whole(SEED, "Seed of the styles", show_label=False)
        notions.ask(notions.CONDITIONAL, training(models.config(variants[name]).objective))
    card = variants[name]
    grid, class_column = st.columns([11, 10], gap="small")
    with grid, st.container(key="card-styles"):
        _heading(card)
        st.html(styles(card.name, selected_item(), seed, len(classes), target))
        st.caption("One code a row: the item's own style first, then draws from N(0, I). One class a column.")
    with class_column, st.container(key="card-class"):
        st.html(f'<h2 class="aeviz-item">{DRAWS} draws of class “{classes[str(target)]}”</h2>')
        drawn = draws_of_class(card.name, target, seed)
        tiles = models.data(card.dataset).tiles(drawn[:DRAWS])
        sheet = files.sheet(tiles, files.abreast(tiles, COLUMNS, 620))
        st.html(html.row([html.figure(sheet, "", accent=shown(card).colour)]))
        _class_reading(card, target, drawn)
        widgets.save("Save as PNG", lambda: files.png(sheet, 4), f"{card.name}-{target}-{seed}.png",
                           "image/png", key="save-class", icon=":material/download:")  # fmt: skip


def training(objective: Mapping[str, float]) -> str:
    """How a conditional model was trained beside its bound, by what is stated of its loss; "" for nothing."""
    return READING_IDEA * (objective.get("reading", 0.0) > 0)


def _heading(card: Card) -> None:
    shell.model_heading(shown(card))


@caches.kept(max_entries=64, show_spinner=False)
def styles(name: str, row: int, seed: int, classes: int, target: int) -> str:
    """The grid as HTML: a row for each style, the first the item's own; a column for each class, one of them marked."""
    data = models.data(models.config_named(name).dataset)
    decoded = style_tiles(name, row, seed, classes)
    own = data.tiles(data.items[row][None])[0]
    heads = [f"<b>{escape(name)}</b>" if c == target else escape(name) for c, name in enumerate(data.label_names)]
    cells = [_caption_cell(text) for text in ("<small>style</small>", *heads[:classes])]
    for style in range(STYLES):
        if style == 0:
            cells.append(f'<figure><img src="{files.data_url(own)}" alt="the item"></figure>')
        else:
            cells.append(_caption_cell(f"<small>draw {style}</small>"))
        for number in range(classes):
            tile, label = decoded[style * classes + number], data.label_names[number]
            ring = ' style="outline: 2px solid #56B4E9; outline-offset: 1px"' if number == target else ""
            alt = f"style {style}, {escape(label)}"
            cells.append(f'<figure><img src="{files.data_url(tile)}" alt="{alt}"{ring}></figure>')
    least = "0" if own.shape[1] <= html.WIDE_RATIO * own.shape[0] else f"{own.shape[1]}px"
    return (
        f'<div class="aeviz-pictures small aeviz-styles" style="grid-template-columns: repeat({classes + 1}, '
        f'minmax({least}, 1fr))">{"".join(cells)}</div>'
    )


def style_tiles(name: str, row: int, seed: int, classes: int) -> NDArray[np.uint8]:
    """What codes decode to, (STYLES · classes, h, w, 1 or 3): of an item's own code and of draws, in each class."""
    network = models.explorer(name)
    z = np.concatenate([models.codes(name).mean[row][None], network.prior(STYLES - 1, seed)])
    decoded = network.decode(np.repeat(z, classes, 0), np.tile(np.arange(classes), STYLES))
    return models.data(network.config.dataset).tiles(decoded)


def _caption_cell(text: str) -> str:
    return f"<figure><figcaption>{text}</figcaption></figure>"


@caches.kept(max_entries=32, show_spinner=False)
def draws_of_class(name: str, target: int, seed: int) -> Array:
    """Draws (READ_DRAWS, *shape) of a class, by a seed of their styles."""
    network = models.explorer(name)
    return network.decode(network.prior(READ_DRAWS, seed), np.full(READ_DRAWS, target))


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
        "reads this class."
    )
    measured = [(label, key) for label, key in MEASURED if key in card.metrics]
    return [
        ("read as the class asked for", f"{share:.0%}", definition),
        *((label, f"{card.metrics[key]:.0%}", DEFINITIONS[key]) for label, key in measured),
    ]
