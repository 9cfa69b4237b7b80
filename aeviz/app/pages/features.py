"""Features: how good codes are for a linear classifier that has few labels, and for finding items of the same class."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, networks, shell, url, widgets
from aeviz.app.choice import Choice, chosen
from aeviz.app.choice import shown as shown_as
from aeviz.app.panels import chart, item_input, notions
from aeviz.datasets.record import Dataset
from aeviz.evaluation import label_efficiency, sweeps
from aeviz.evaluation.definitions import ALIKE, LABEL_DRAWS, MAX_HALF, SEED
from aeviz.evaluation.label_efficiency import Figures, LearningCurve
from aeviz.figures import charts, files, palette
from aeviz.model.families import mark_of

IDEA = rf"""
An encoder learns from [[plural]] without labels, of which there are many; a label costs somebody's time. If the code
puts apart what differs, a simple classifier needs few labels. This is **representation learning** (Bengio, Courville
and Vincent 2013), and a *linear probe* (Alain and Bengio 2016) measures it:

$$p(y = k \mid z) = \frac{{e^{{w_k^\top z + b_k}}}}{{\sum_j e^{{w_j^\top z + b_j}}}}, \qquad
\min_{{w, b}} \; \frac12 \sum_k \lVert w_k \rVert^2 - \sum_{{i \in \text{{labelled}}}} \log p(y_i \mid z_i).$$

- **The inputs** are each standardised: mean 0 and spread 1.
- **The items** are those of the test split, which no model learned from. Half of each class may be labelled, the other
  half is judged, at most {MAX_HALF:,} of a class each; a class with too few gives all it has. Standardisation and
  principal components come from the first half, and need no labels.
- **The draws.** {LABEL_DRAWS} times the labelled items are drawn anew, with seeds from {SEED} on; a smaller draw lies
  within the larger.

With many labels [[values]] themselves can win.
"""
INPUT = item_input.InputParameters("near", 8)
PARAMETERS = INPUT.parameters
RAW_MARK = palette.Mark(palette.INK, "circle-open", "○")
PCA_MARK = palette.Mark(palette.INK, "x", "✖")
TAG = "features"  # of the families whose codes are compared


@dataclass(frozen=True)
class Way:
    """A way to make features of items: its name, how it is drawn, its figures, and whether they were made just now."""

    name: str
    mark: palette.Mark
    dash: str
    figures: Figures
    live: bool

    @property
    def curve(self) -> LearningCurve | None:
        """Its accuracy by labels."""
        return LearningCurve.read(self.figures)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    data = models.data(choice.dataset)
    shell.header(
        "How good is the code as features?",
        "A linear classifier learns the classes from a few labelled [[plural]]: from [[values]], and from codes of "
        "networks that never saw a label.",
    )
    classes = label_efficiency.halves(data.labels).classes
    ways = _ways(choice) if classes else []
    with st.container(key="card-labels"):
        if classes:
            _curves(choice.dataset, ways, classes)
        else:
            st.info(shell.filled(too_few(data)), icon=":material/label_off:")
    with st.container(key="card-near"):
        _neighbours(choice, data, ways)
    shell.explain("What makes a code good for a classifier?", IDEA)


def too_few(data: Dataset) -> str:
    """Why the labels of a data set cannot be learned from, and what can be done; with blanks for `Words.fill`."""
    if data.continuous:
        there = f"these have a number on a scale, {data.continuous.title}, and no classes"
    elif len(data.label_names) < 2:
        there = "these have no classes"
    else:
        large = int((np.bincount(data.labels) >= label_efficiency.MIN_ITEMS).sum())
        there = f"of these {len(data.label_names)} classes {large or 'none'} {'have' if large > 1 else 'has'} as many"
    return (
        f"To learn from labels takes two classes of four [[plural]] each at least, and {there}. "
        "Bring data with a column of classes on the page Your own, or see the neighbours below."
    )


def _ways(choice: Choice) -> list[Way]:
    """Raw values and PCA, a model of each family that is compared, and the pair."""
    zoo, (left, right), dataset = models.zoo()[choice.dataset], choice.pair, choice.dataset
    known = {name: figures for card in zoo.values() for name, figures in card.baselines.items() if _curved(figures)}
    pca = label_efficiency.pca_name(left.card.latent_dim)
    ways = [
        measured_way(
            shell.filled("Raw [[values]]"), RAW_MARK, "dash", known.get(label_efficiency.RAW), lambda: _raw(dataset)
        ),
        measured_way(pca, PCA_MARK, "dot", known.get(pca), lambda: _pca(dataset, left.card.latent_dim)),
    ]
    cards = {card.name: card for family in sweeps.families(TAG) if (card := zoo.get(family.name))}
    for card in {**cards, left.name: left.card, right.name: right.card}.values():
        model = shown_as(card)
        mark = replace(mark_of(card.family), colour=model.colour)
        again = any(way.mark.colour == mark.colour for way in ways)
        dash = "dashdot" if again else "solid"
        ways.append(measured_way(model.label, mark, dash, card.metrics, partial(_of_codes, card.name)))
    return ways


def _curved(figures: Mapping[str, float]) -> bool:
    return LearningCurve.read(figures) is not None


def measured_way(
    name: str, mark: palette.Mark, dash: str, measured: Mapping[str, float] | None, measure: Callable[[], Figures]
) -> Way:
    """A way with the figures that were measured, or else those that are measured now."""
    if measured and _curved(measured):
        return Way(name, mark, dash, dict(measured), False)
    return Way(name, mark, dash, measure(), True)


@caches.kept(max_entries=16, show_spinner="Learning from few labels …")
def _of_codes(name: str) -> Figures:
    return label_efficiency.measure(models.codes(name).mean, models.data(models.config_named(name).dataset).labels)


@caches.kept(max_entries=8, show_spinner="Learning from few labels …")
def _raw(dataset: str) -> Figures:
    return label_efficiency.measure(_values(dataset), models.data(dataset).labels)


@caches.kept(max_entries=8, show_spinner="Learning from few labels …")
def _pca(dataset: str, size: int) -> Figures:
    labels = models.data(dataset).labels
    return label_efficiency.measure(label_efficiency.principal(_values(dataset), labels, size), labels)


@caches.kept(max_entries=4)
def _values(dataset: str) -> NDArray[np.float32]:
    return label_efficiency.raw_values(models.data(dataset).items)


def _curves(dataset: str, ways: list[Way], classes: int) -> None:
    """Accuracy by labels, what it shows in a sentence, and where the figures come from."""
    curves = {way.name: curve for way in ways if (curve := way.curve)}
    raw, _, *codes = curves
    words = models.words(dataset)
    st.html(
        '<h2 class="aeviz-item">How many labels does it take?</h2>'
        f'<p class="aeviz-promise">{label_efficiency.lesson(curves, raw, codes, words.plural)}</p>'
    )
    drawn = [
        charts.Band(way.name, way.mark, way.dash, way.curve.counts, way.curve.mean, way.curve.spread)
        for way in ways
        if way.curve
    ]
    title = "labels of each class"
    chart.show(
        charts.bands(drawn, title, "share named right (accuracy)", curves[raw].counts, 1 / classes),
        key="label-curves", alt=f"Share named right by {title}",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        widgets.save(
            "Curves as CSV", lambda: as_csv(curves), f"aeviz-{dataset}-labels.csv", "text/csv", icon=":material/table:"
        )
        st.caption(origin(ways), width="content")
    notions.ask(notions.PROBE)
    if note := models.note(dataset):
        st.caption(note)


def origin(ways: list[Way]) -> str:
    """How the figures were made, in sentences."""
    text = f"Mean and standard deviation over {LABEL_DRAWS} draws, seed {SEED}; mean accuracy over classes."
    live = [way.name for way in ways if way.live]
    if not live:
        return f"{text} Measured by `aeviz evaluate`."
    measured = "" if len(live) == len(ways) else "; the others by `aeviz evaluate`"
    return f"{text} Measured just now: {', '.join(live)}{measured}."


def as_csv(curves: Mapping[str, LearningCurve]) -> str:
    """A line for each curve and count: the features, labels per class, mean and standard deviation."""
    rows = (
        [name, str(count), f"{mean:.6g}", f"{spread:.6g}"]
        for name, curve in curves.items()
        for count, mean, spread in zip(curve.counts, curve.mean, curve.spread, strict=True)
    )
    return files.csv(["features", "labels per class", "accuracy", "standard deviation"], rows)


def _neighbours(choice: Choice, data: Dataset, ways: list[Way]) -> None:
    """An item, and its nearest neighbours by raw values and by the codes of each of the pair."""
    noun, plural = data.words.noun, data.words.plural
    st.html(
        f'<h2 class="aeviz-item">Which {plural} are nearest?</h2><p class="aeviz-promise">The {ALIKE} nearest to a '
        f"{noun} among the {len(data):,} of the test split, by {data.words.value}s and by codes.</p>"
    )
    if url.value(INPUT.origin) == "draw":
        networks.send(model.name for model in chosen().pair)
    notions.ask(notions.NEIGHBOURS)
    source = item_input.pick(INPUT)
    neighbours = [
        (shell.filled("By raw [[values]]"), palette.INK, _near(_values(choice.dataset), source.item.ravel(), source))
    ]
    for shown in choice.pair:
        code = models.explorer(shown.name).encode(source.item[None])[0][0]
        neighbours.append((f"By code: {shown.title}", shown.colour, _near(models.codes(shown.name).mean, code, source)))
    averages = _averages(choice, ways)
    query = html.figure(data.tiles(source.item[None])[0], source.name)
    for (label, colour, rows), average in zip(neighbours, averages, strict=True):
        st.html(
            f'<h3 class="aeviz-item">{escape(label)}<small>{same_class(data, source, rows, average)}</small></h3>'
            + html.row([query, *_tiles(data, source, rows, colour)], smallest=76)
        )
    shell.tile_legend()
    widgets.save(
        "Neighbours as PNG", lambda: _sheet(data, source, [rows for _, _, rows in neighbours]),
        f"aeviz-{choice.dataset}-neighbours.png", "image/png", icon=":material/download:",
    )  # fmt: skip


def _near(features: NDArray[np.float32], query: NDArray[np.float32], source: item_input.Input) -> NDArray[np.int64]:
    return label_efficiency.nearest(features, query, source.row)


def _averages(choice: Choice, ways: list[Way]) -> list[float | None]:
    """The mean share of neighbours of the same class by raw values and by each of the pair; None without classes."""
    if not ways:
        return [None] * 3
    by_name = {way.name: way.figures.get("same_class") for way in ways}
    return [ways[0].figures.get("same_class"), *(by_name[model.label] for model in choice.pair)]


def same_class(data: Dataset, source: item_input.Input, rows: NDArray[np.int64], average: float | None) -> str:
    """How many neighbours are of the item's class, and on average; of one's own item, which class is commonest."""
    if average is None:
        return ""
    labels = data.labels[rows]
    if source.row is None:
        names, counts = np.unique(labels, return_counts=True)
        here = f"{counts.max()} of {len(rows)} are “{escape(data.label_names[names[counts.argmax()]])}”"
    else:
        here = f"{(labels == data.labels[source.row]).sum()} of {len(rows)} of its class"
    return f"<b>{here}</b> · all items: {average:.1%}"


def _tiles(data: Dataset, source: item_input.Input, rows: NDArray[np.int64], colour: str) -> list[str]:
    """The neighbours with their classes; those of the item's class are underlined, those of another crossed."""
    figures = []
    for row, tile in zip(rows, data.tiles(data.items[rows]), strict=True):
        name = data.label_of(row)
        if source.row is None:
            figures.append(html.figure(tile, name))
        elif data.labels[row] == data.labels[source.row]:
            figures.append(html.figure(tile, name, accent=colour))
        else:
            figures.append(html.figure(tile, f"✕ {name}"))
    return figures


def _sheet(data: Dataset, source: item_input.Input, ways: Sequence[NDArray[np.int64]]) -> bytes:
    """A row for each way: the item, then its neighbours."""
    items = np.concatenate([np.concatenate([source.item[None], data.items[rows]]) for rows in ways])
    return files.png(files.sheet(data.tiles(items), 1 + len(ways[0])), 4)
