"""Choose the class, keep the style: what conditional models decode."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, shell, url, widgets
from aeviz.app.choice import chosen, selected_item, short_names, shown_pair
from aeviz.evaluation.features import has_classifier
from aeviz.evaluation.generation import predicted_classes
from aeviz.figures import files
from aeviz.model.families import mark_of
from aeviz.store.checkpoints import Card

STYLES = 6  # rows of the grid: the item's own style, and draws
DRAWS, COLUMNS = 48, 12
CLASSIFIED = 500  # draws that the classifier reads
Array = NDArray[np.float32]
MODEL = url.Choice(
    "conditional", "the conditional model, where there are several", among="a model's name without that of its data set"
)
CLASS = url.Choice("class", "the class that is asked for", among="its number, from 0")
SEED = url.Whole("style", "seed of the styles")
PARAMETERS = (MODEL, CLASS, SEED)
IDEA = r"""
A **conditional VAE** (Sohn et al. 2015) is told the class $y$ of each item, in the encoder and in the decoder:

$$-\log p(x \mid y) \;\le\; \mathbb E_{q(z|x,y)}\big[-\log p(x \mid z, y)\big]
+ \mathrm{KL}\big(q(z|x,y)\,\|\,\mathcal N(0,I)\big).$$

The code need not hold what it is told anyway: what is left for $z$ is the **style**, slant, weight, size. So one code
and ten classes give ten [[plural]] in one hand.
"""


def section(dataset: str) -> None:
    """The class × style grid of a data set's conditional model, or how to train one."""
    st.subheader("Choose the class, keep the style", anchor=False)
    variants = {name: card for name, card in models.zoo()[dataset].items() if models.classes(card)}
    if not variants:
        st.info("No conditional model of this data set is installed. To train one:", icon=":material/model_training:")
        st.code(f"aeviz train cvae {dataset}", language="bash")
        return
    _class_by_style(variants)


@st.fragment
def _class_by_style(variants: dict[str, Card]) -> None:
    names = models.data(chosen().dataset).label_names
    usual = int(models.data(chosen().dataset).labels[selected_item()])
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        name = next(iter(variants))
        if len(variants) > 1:
            name = widgets.select(MODEL, "Conditional model", short_names(variants), name, width=220)
        classes = {str(number): text for number, text in enumerate(names[: models.classes(variants[name])])}
        target = int(widgets.segments(CLASS, "Class", classes, str(usual if str(usual) in classes else 0)))
        st.html('<span class="aeviz-label">seed</span>', width="content")
        seed = widgets.whole(SEED, "Seed of the styles", show_label=False)
    card = variants[name]
    grid, class_column = st.columns([11, 10], gap="small")
    with grid, st.container(key="card-styles"):
        _heading(card)
        st.html(styles(card.name, selected_item(), seed, len(classes), target))
        st.caption("One code a row: the item's own style first, then draws from N(0, I). One class a column.")
    with class_column, st.container(key="card-class"):
        st.html(f'<h2 class="aeviz-item">{DRAWS} draws of class “{classes[str(target)]}”</h2>')
        drawn = _draws_of_class(card.name, target, seed)
        tiles = models.data(card.dataset).tiles(drawn[:DRAWS])
        sheet = files.sheet(tiles, files.abreast(tiles, COLUMNS, 620))
        st.html(html.row([html.figure(sheet, "", accent=mark_of(models.explorer(card.name).config.family).colour)]))
        _class_accuracy(card.name, target, drawn)
        widgets.save("Save as PNG", lambda: files.png(sheet, 4), f"{card.name}-{target}-{seed}.png",
                           "image/png", key="save-class", icon=":material/download:")  # fmt: skip
    shell.explain("What is a conditional model?", IDEA)


def _heading(card: Card) -> None:
    shell.model_heading(shown_pair(card, card)[0])


@caches.kept(max_entries=64, show_spinner=False)
def styles(name: str, row: int, seed: int, classes: int, target: int) -> str:
    """The grid as HTML: a row for each style, the first the item's own; a column for each class, one of them marked."""
    network = models.explorer(name)
    data = models.data(network.config.dataset)
    z = np.concatenate([models.codes(name).mean[row][None], network.prior(STYLES - 1, seed)])
    decoded = data.tiles(network.decode(np.repeat(z, classes, 0), np.tile(np.arange(classes), STYLES)))
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


def _caption_cell(text: str) -> str:
    return f"<figure><figcaption>{text}</figcaption></figure>"


@caches.kept(max_entries=32, show_spinner=False)
def _draws_of_class(name: str, target: int, seed: int) -> Array:
    network = models.explorer(name)
    return network.decode(network.prior(CLASSIFIED, seed), np.full(CLASSIFIED, target))


def _class_accuracy(name: str, target: int, drawn: Array) -> None:
    dataset = models.explorer(name).config.dataset
    if has_classifier(dataset):
        share = 100 * float((predicted_classes(dataset, drawn) == target).mean())
        definition = (
            f"Share of {CLASSIFIED} draws from N(0, I) in which a small classifier of the data set reads this class."
        )
        html.numbers([("read as the class asked for", f"{share:.0f} %", definition)])
