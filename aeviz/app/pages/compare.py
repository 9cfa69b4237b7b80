"""Compare: all models of a data set in one table and in a plane of two figures; a click opens a model's card."""

import zlib
from collections.abc import Sequence
from dataclasses import replace
from html import escape

import pandas as pd
import streamlit as st

from aeviz.app import html, models, shell, url, widgets
from aeviz.app.choice import ITEM, choose, chosen
from aeviz.app.model_names import all_looks, looks
from aeviz.app.panels import chart, model_card, notions, presentation
from aeviz.datasets.sources import SOURCES
from aeviz.evaluation import columns, detection, sweeps
from aeviz.evaluation.columns import MetricColumn
from aeviz.evaluation.features import classifier_card, has_classifier
from aeviz.figures import charts, points
from aeviz.model.families import FAMILIES, mark_of
from aeviz.store.checkpoints import Card

FIGURES = url.Choice("figures", "the figures in the table", tuple(columns.GROUPS), "reconstruction")
MODELS = url.Names(
    "models", "the models that are shown; all at first", among="names without that of the data set, with `,` between"
)
MODEL = url.Choice(
    "model", "the model whose card is open; the right one of the header at first", among="one of the shown models"
)
X = url.Choice("x", "the figure on the x axis", tuple(columns.ALL), "mse", among="a figure's key, as in `metrics.json`")
Y = url.Choice("y", "the figure on the y axis", tuple(columns.ALL), "frechet", among="as `x`")
PARAMETERS = (FIGURES, MODELS, MODEL, X, Y, ITEM, model_card.PART, model_card.OPENED)
HEADING = (
    "Compare the models",
    "Each row and each point is a model, measured on [[plural]] that it never saw. Click either to open its card.",
)
UP = ("frechet", "auroc", "new_plausible", "missing_right")  # what the plane shows upwards: the first that two have
IDEA = r"""
All figures come from `aeviz evaluate` on the test split, which no model was trained on; *What do the columns
mean?* below the table defines them. Some need a word of care. The size of a code, how many numbers it has, is its
*latent dimension*; the error is the *reconstruction error*.

- **−ELBO and NLL** are sums over [[values]] under the model's own likelihood: compare them only between models
  of one likelihood and input.
- **Fréchet distance** (Heusel et al. 2017) fits a Gaussian to the features of decoded random codes and one to those of
  real items, $d^2 = \lVert\mu_a-\mu_b\rVert^2 + \mathrm{tr}\big(\Sigma_a+\Sigma_b-2(\Sigma_a\Sigma_b)^{1/2}\big)$. The
  features are those of a small classifier of this data set, so its scale is its own: compare within a data set. Codes
  are drawn (*sampled*) from $\mathcal N(0, I)$, which an AE was never asked to fill; from one Gaussian *fitted* to its
  codes, which
  knows their mean and covariance alone; and from a *mixture* of ten, which follows their clusters too (Ghosh et al.
  2020). The last is the fairest to an AE: see whether the order turns.
- **MMD²** (Gretton et al. 2012) asks whether the codes of all items together look like $\mathcal N(0, I)$: as they are,
  and, *whitened*, after the cloud is moved and stretched so that only its shape counts.
- **Density and coverage** (Naeem et al. 2020) separate what the Fréchet distance mixes: are the [[plural]] plausible,
  and are all kinds there?
"""


def page() -> None:
    """Draw the page."""
    dataset = chosen().dataset
    variants = columns.by_family(models.zoo()[dataset])
    shell.header(*HEADING)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        group = widgets.segments(FIGURES, "Figures", {key: title for key, (title, _) in columns.GROUPS.items()})
        names = _models(variants)
    if not names:
        st.info("Choose at least one model.", icon=":material/checklist:")
        return
    cards = {name: variants[name] for name in names}
    selected = _selected(cards)
    with st.container(horizontal=True, gap="medium", key="compare-both"):
        with st.container(key="compare-table"):
            data = models.data(dataset)
            shown = [column.with_unit(data.modality, data.scale) for column in columns.GROUPS[group][1]]
            _table(dataset, cards, shown, selected)
            _classical(cards[selected], shown)
            for lesson in lessons(cards):
                st.caption(lesson)
        with st.container(key="card-plane"):
            _plane(cards, selected)
    if group == "generation":
        st.caption(floor(dataset))
    _unmeasured(cards)
    with st.container(key="card-model"):
        model_card.show(cards[selected], [side.card for side in chosen().pair])
        _put(selected, cards[selected])
    shell.explain("How can models be compared fairly?", IDEA)


def _put(name: str, card: Card) -> None:
    """Buttons that put a model into the header, for all pages; a conditional one has its place on Generate."""
    if models.classes(card):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for side, icon in (
            ("left", ":material/align_horizontal_left:"),
            ("right", ":material/align_horizontal_right:"),
        ):
            st.button(
                f"Put on the {side}", icon=icon, key=f"put-{side}", on_click=choose, args=(card.dataset,),
                kwargs={side: name},
            )  # fmt: skip
        st.caption("It stands there on every page then.", width="content")


def _models(variants: dict[str, Card]) -> list[str]:
    """The variants that the visitor wants to see; all of them at first."""
    everything = list(variants)
    shown = url.value(replace(MODELS, options=tuple(everything)))
    with st.popover(f"{len(shown)} of {len(variants)} models", icon=":material/checklist:"):
        key = f"compare-models-{zlib.crc32(','.join(everything).encode())}"
        st.session_state.setdefault(key, shown)
        selected = st.pills(
            "Models",
            everything,
            selection_mode="multi",
            key=key,
            on_change=lambda: _choose(key, everything),
            format_func=lambda name: looks(variants[name]).label,
        )
        st.button("All", key="compare-all", on_click=lambda: _all(key, everything))
    return [name for name in variants if name in selected]


def _choose(key: str, everything: list[str]) -> None:
    selected = [name for name in everything if name in st.session_state[key]]
    url.remember(MODELS, selected or everything)


def _all(key: str, everything: list[str]) -> None:
    st.session_state[key] = everything
    url.remember(MODELS, everything)


def _selected(cards: dict[str, Card]) -> str:
    """The variant whose card is open: the visitor's, or the usual one."""
    opened = url.value(replace(MODEL, options=tuple(cards)))
    return opened if opened in cards else _usual(cards)


def _usual(cards: dict[str, Card]) -> str:
    """The variant whose card is open where nobody has chosen: the right model of the header, else the first."""
    right = models.variant(chosen().right.card)
    return right if right in cards else next(iter(cards))


def _table(dataset: str, cards: dict[str, Card], shown: Sequence[MetricColumn], selected: str) -> None:
    figures = [
        columns.CODE_SIZE,
        *(column for column in shown if any(column.value(card) is not None for card in cards.values())),
    ]
    if presentation.on():
        # A grid is painted in type of one size, which no style of the page reaches.
        labels = {name: looks(card).label for name, card in cards.items()}
        widgets.select(MODEL, "Card of", labels, _usual(cards), width=300)
        _in_html(cards, figures, selected)
    else:
        _grid(dataset, cards, figures, selected)
        _in_html(cards, figures, selected, paper=True)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        widgets.save(
            "Save as CSV", lambda: columns.csv(cards.values()), f"aeviz-{dataset}.csv", "text/csv",
            icon=":material/download:",
        )  # fmt: skip
        defined = "\n".join(f"- **{column.label}**: {column.definition}" for column in figures)
        notions.ask(notions.Notion("What do the columns mean?", defined))
        st.caption(
            "★ the best of its column, where lower or higher is better; blank: not defined or not measured.",
            width="content",
        )


def _grid(dataset: str, cards: dict[str, Card], figures: Sequence[MetricColumn], selected: str) -> None:
    """The table on a screen: a click on a row opens its model's card."""
    every = all_looks(models.zoo()[dataset])
    frame = pd.DataFrame(
        {
            "model": [every[name].label for name in cards],
            "mark": [mark_of(card.family).sign for card in cards.values()],
            **{column.key: [column.value(card) for card in cards.values()] for column in figures},
        }
    ).astype({column.key: "float64" for column in figures})
    inks = [f"color: {every[name].colour}" for name in cards]
    styled = frame.style.apply(lambda column: inks, subset=["mark"])
    for column in figures:
        top = columns.best(column, list(cards.values()))
        styled = styled.format(lambda value, column=column, top=top: _cell(column, value, top), subset=[column.key])
    # Rows are chosen by number: another choice of models, or a click in the plane, is another table.
    key = f"compare-table-{zlib.crc32(','.join(cards).encode())}-{st.session_state.get('compare-turn', 0)}"
    st.dataframe(
        styled,
        hide_index=True,
        height=min(520, 38 + 35 * len(cards)),
        column_config={
            "model": st.column_config.TextColumn("model", width=150, pinned=True),
            "mark": st.column_config.TextColumn("", width=34, alignment="center"),
            **{
                column.key: st.column_config.NumberColumn(
                    column.label, help=column.definition, width=column.width, alignment="right"
                )
                for column in figures
            },
        },
        placeholder="",
        key=key,
        on_select=lambda: _row(key, list(cards)),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [list(cards).index(selected)]}},
        alt=f"Figures of the models of {models.data(dataset).title}",
    )


def _in_html(cards: dict[str, Card], figures: Sequence[MetricColumn], selected: str, *, paper: bool = False) -> None:
    """The whole table as HTML, for a view in front of a class.

    paper: for the printer alone, as the grid on the screen draws the rows that are in sight alone.
    """
    best = {column.key: columns.best(column, list(cards.values())) for column in figures}
    chosen_row = ' class="chosen"'
    head = "".join(f"<th>{escape(column.label)}</th>" for column in figures)
    rows = "".join(
        f"<tr{chosen_row if name == selected else ''}><td>{mark_of(card.family).sign} "
        f"{escape(looks(card).label)}</td>"
        + "".join(f"<td>{_cell(column, column.value(card), best[column.key])}</td>" for column in figures)
        + "</tr>"
        for name, card in cards.items()
    )
    where = 'aeviz-on-paper" aria-hidden="true"' if paper else 'aeviz-presented" tabindex="0"'
    st.html(f'<div class="aeviz-classical {where}><table><tr><th>model</th>{head}</tr>{rows}</table></div>')


def _classical(card: Card, shown: Sequence[MetricColumn]) -> None:
    """What classical methods reach by the same measures."""
    known = [column for column in shown if any(column.key in figures for figures in card.baselines.values())]
    if not known:
        return
    head = "".join(f"<th>{html.defined(escape(column.label), column.definition)}</th>" for column in known)
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in _cells(method, figures, known)) + "</tr>"
        for method, figures in card.baselines.items()
        if any(column.key in figures for column in known)
    )
    st.html(
        f'<p class="aeviz-label">Classical methods by the same measures, from what {escape(looks(card).label)} '
        f'learned from</p><div class="aeviz-classical"><table><tr><th>method</th>{head}</tr>{rows}</table></div>'
    )


def _cells(method: str, figures: dict[str, float], known: Sequence[MetricColumn]) -> list[str]:
    return [escape(method), *(column.text(figures.get(column.key)) for column in known)]


def lessons(cards: dict[str, Card]) -> list[str]:
    """What some of the models are there to show, in sentences."""
    collapsed = [
        f"**{looks(card).label}** {sweeps.collapse_sentence(card, models.words(card.dataset).noun)}"
        for card in sweeps.collapsed(cards).values()
    ]
    titles = {name: looks(card).title for name, card in cards.items()}
    return [*filter(None, [detection.lesson(cards, titles)]), *collapsed]


def _cell(column: MetricColumn, value: float | None, top: float | None) -> str:
    if pd.isna(value):
        return ""
    return ("★ " if top is not None and value == top else "") + column.text(value)


def _row(key: str, names: list[str]) -> None:
    rows = st.session_state[key].selection.rows
    if rows:
        url.remember(MODEL, names[rows[0]])


def measured(cards: dict[str, Card]) -> dict[str, str]:
    """The figures that any of the models has: {key: heading}."""
    return {
        key: column.label
        for key, column in columns.ALL.items()
        if any(column.value(card) is not None for card in cards.values())
    }


def usual_axes(dataset: str, cards: dict[str, Card]) -> list[str]:
    """The figures across and up the plane where nobody has chosen."""
    many = (key for key in UP if sum(columns.ALL[key].value(card) is not None for card in cards.values()) > 1)
    available = measured(cards)
    return [key if key in available else "latent_dim" for key in (models.modality(dataset).error.key, next(many, ""))]


def _plane(cards: dict[str, Card], selected: str) -> None:
    available = measured(cards)
    modality, scale = models.modality(chosen().dataset), models.data(chosen().dataset).scale
    usual = usual_axes(chosen().dataset, cards)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen_axes = []
        for label, axis, first in (("x axis", X, usual[0]), ("y axis", Y, usual[1])):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
                widgets.label(label)
                chosen_axes.append(widgets.select(axis, label, available, first, width=150))
        x, y = (columns.ALL[key].with_unit(modality, scale) for key in chosen_axes)
    titles = {name: family.label for name, family in FAMILIES.items()}
    every = all_looks(models.zoo()[chosen().dataset])
    plain_first = sorted(cards.items(), key=lambda pair: pair[0] != pair[1].family)  # its colour is that of the legend
    drawn = [
        points.Point(
            name,
            every[name].label,
            titles.get(card.family, card.family),
            replace(mark_of(card.family), colour=every[name].colour),
            across,
            up,
        )
        for name, card in plain_first
        if (across := x.value(card)) is not None and (up := y.value(card)) is not None
    ]
    if not drawn:
        st.info("No chosen model has both figures.", icon=":material/scatter_plot:")
        return
    chart.show(
        points.plane(drawn, x.label, y.label, selected, text=charts.LARGE if presentation.on() else charts.TEXT),
        key="compare-plane",
        on_select=_point,
        selection_mode="points",
        alt=f"{y.label} against {x.label}, each model a point",
    )
    signs = {point.family: point.mark for point in reversed(drawn)}  # the plain model's, which is the first
    st.html(
        '<p class="aeviz-marks">'
        + "".join(
            f'<span><b style="color: {signs[family].colour}">{signs[family].sign}</b> {escape(family)}</span>'
            for family in dict.fromkeys(point.family for point in drawn)
        )
        + "</p>"
    )
    direction = {"low": "lower", "high": "higher"}
    sentences = [f"{column.label}: {direction[column.better]} is better" for column in (x, y) if column.better]
    if sentences:
        st.caption("; ".join(sentences) + ".")


def _point() -> None:
    points = st.session_state["compare-plane"].selection.points
    if points and "customdata" in points[0]:
        data = points[0]["customdata"]
        url.remember(MODEL, data[0] if isinstance(data, list) else data)
        st.session_state["compare-turn"] = st.session_state.get("compare-turn", 0) + 1


def _unmeasured(cards: dict[str, Card]) -> None:
    names = [card.name for card in cards.values() if not card.metrics and not card.title]
    if names:
        more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
        st.caption(f"Not measured yet: `aeviz evaluate {names[0]}`{more}.")


def floor(dataset: str) -> str:
    """What real items score, beside which draws are judged; or why nobody knows."""
    if not has_classifier(dataset):
        if models.modality(dataset).classified:
            trains = f": `aeviz classifier {escape(dataset)}` trains one." if dataset in SOURCES else "."
            return f"No classifier of this data set{trains}"
        words = models.words(dataset)
        return (
            f"Fréchet distance, density and coverage are measured in a classifier's features, and there are "
            f"classifiers of pictures alone: {words.plural} have none of them."
        )
    classifier = classifier_card(dataset)
    return (
        f"Fréchet distances are in the features of a classifier that names {classifier.accuracy:.1%} of the test split "
        f"right. In them, 10,000 real items of the training split are {classifier.floor:.2f} away from the test split: "
        "the floor."
    )
