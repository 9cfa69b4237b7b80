"""Compare: all models of a data set in one table and in a plane of two figures; a click opens a model's card."""

import zlib
from collections.abc import Sequence
from dataclasses import replace
from html import escape

import pandas as pd
import streamlit as st

from aeviz.app import models, shell, url, widgets
from aeviz.app.choice import chosen
from aeviz.app.panels import model_card
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
X = url.Choice(
    "x", "the figure across the plane", tuple(columns.ALL), "mse", among="a figure's key, as in `metrics.json`"
)
Y = url.Choice("y", "the figure up the plane", tuple(columns.ALL), "frechet", among="as `x`")
PARAMETERS = (FIGURES, MODELS, MODEL, X, Y, model_card.PART)
UP = ("frechet", "auroc", "new_plausible", "missing_right")  # what the plane shows upwards: the first that two have
IDEA = r"""
All figures come from `aeviz evaluate` on the test split, which no model was trained on; the question mark at each
heading defines one. Some need a word of care. The size of a code, how many numbers it has, is its *latent dimension*;
the error is the *reconstruction error*.

- **−ELBO and NLL** are sums over [[values]] under the model's own likelihood. A model of binary pictures and one
  of grey ones answer different questions: compare within a kind.
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
    shell.header(
        "Compare the models",
        "One row, one point, one model, measured on [[plural]] it never saw. Click either to open its card.",
    )
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
            _classical(selected, cards[selected], shown)
            _lessons(cards)
        with st.container(key="card-plane"):
            _plane(cards, selected)
    if group == "generation":
        _floor(dataset)
    _unmeasured(cards)
    with st.container(key="card-model"):
        model_card.show(cards[selected], selected)
    shell.explain("How can models be compared fairly?", IDEA)


def _models(variants: dict[str, Card]) -> list[str]:
    """The variants that the visitor wants to see; all of them at first."""
    everything = list(variants)
    shown = url.value(replace(MODELS, options=tuple(everything)))
    with st.popover(f"{len(shown)} of {len(variants)} models", icon=":material/checklist:"):
        key = f"compare-models-{zlib.crc32(','.join(everything).encode())}"
        st.session_state.setdefault(key, shown)
        selected = st.pills(
            "Models", everything, selection_mode="multi", key=key, on_change=lambda: _choose(key, everything)
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
    """The variant whose card is open: the visitor's, else the right model of the header, else the first."""
    right = models.variant(chosen().right.card)
    opened = url.value(replace(MODEL, options=tuple(cards)))
    return next(name for name in (opened, right, *cards) if name in cards)


def _table(dataset: str, cards: dict[str, Card], shown: Sequence[MetricColumn], selected: str) -> None:
    names = list(cards)
    figures = [
        columns.CODE_SIZE,
        *(column for column in shown if any(column.value(card) is not None for card in cards.values())),
    ]
    frame = pd.DataFrame(
        {
            "model": [card.title or name for name, card in cards.items()],
            "mark": [mark_of(card.family).sign for card in cards.values()],
            **{column.key: [column.value(card) for card in cards.values()] for column in figures},
        }
    ).astype({column.key: "float64" for column in figures})
    colours = [f"color: {mark_of(card.family).colour}" for card in cards.values()]
    styled = frame.style.apply(lambda column: colours, subset=["mark"])
    for column in figures:
        top = columns.best(column, list(cards.values()))
        styled = styled.format(lambda value, column=column, top=top: _cell(column, value, top), subset=[column.key])
    # Rows are chosen by number: another choice of models, or a click in the plane, is another table.
    key = f"compare-table-{zlib.crc32(','.join(names).encode())}-{st.session_state.get('compare-turn', 0)}"
    st.dataframe(
        styled,
        hide_index=True,
        height=min(520, 38 + 35 * len(cards)),
        column_config={
            "model": st.column_config.TextColumn("model", width=104, pinned=True),
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
        on_select=lambda: _row(key, names),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [names.index(selected)]}},
        alt=f"Figures of the models of {models.data(dataset).title}",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        widgets.save(
            "Save as CSV", lambda: columns.csv(cards.values()), f"aeviz-{dataset}.csv", "text/csv",
            icon=":material/download:",
        )  # fmt: skip
        st.caption("★ the best, where one end is better; blank: not defined or not measured.", width="content")


def _classical(name: str, card: Card, shown: Sequence[MetricColumn]) -> None:
    """What classical methods reach by the same measures."""
    known = [column for column in shown if any(column.key in figures for figures in card.baselines.values())]
    if not known:
        return
    head = "".join(
        f'<th tabindex="0" title="{escape(column.definition, quote=True)}">{escape(column.label)}</th>'
        for column in known
    )
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in _cells(method, figures, known)) + "</tr>"
        for method, figures in card.baselines.items()
        if any(column.key in figures for column in known)
    )
    st.html(
        f'<p class="aeviz-label">Classical methods by the same measures, from what {escape(card.title or name)} '
        f'learned from</p><div class="aeviz-classical"><table><tr><th>method</th>{head}</tr>{rows}</table></div>'
    )


def _cells(method: str, figures: dict[str, float], known: Sequence[MetricColumn]) -> list[str]:
    return [escape(method), *(column.text(figures.get(column.key)) for column in known)]


def _lessons(cards: dict[str, Card]) -> None:
    """What some of the models are there to show."""
    if found := detection.lesson(cards):
        st.caption(found)
    for name, card in sweeps.collapsed(cards).items():
        st.caption(f"`{name}` {sweeps.collapse_sentence(card, models.words(card.dataset).noun)}")


def _cell(column: MetricColumn, value: float, top: float | None) -> str:
    if pd.isna(value):
        return ""
    return ("★ " if top is not None and value == top else "") + column.text(value)


def _row(key: str, names: list[str]) -> None:
    rows = st.session_state[key].selection.rows
    if rows:
        url.remember(MODEL, names[rows[0]])


def _plane(cards: dict[str, Card], selected: str) -> None:
    available = {
        key: column.label
        for key, column in columns.ALL.items()
        if any(column.value(card) is not None for card in cards.values())
    }
    modality, scale = models.modality(chosen().dataset), models.data(chosen().dataset).scale
    many = (key for key in UP if sum(columns.ALL[key].value(found) is not None for found in cards.values()) > 1)
    usual = [key if key in available else "latent_dim" for key in (modality.error.key, next(many, ""))]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        x = columns.ALL[widgets.select(X, "Across", available, usual[0], width=180)].with_unit(modality, scale)
        st.html("<span>across,</span>", width="content")
        y = columns.ALL[widgets.select(Y, "Up", available, usual[1], width=180)].with_unit(modality, scale)
        st.html("<span>up</span>", width="content")
    titles = {name: family.label for name, family in FAMILIES.items()}
    drawn = [
        points.Point(name, card.title or name, titles.get(card.family, card.family), mark_of(card.family), across, up)
        for name, card in cards.items()
        if (across := x.value(card)) is not None and (up := y.value(card)) is not None
    ]
    if not drawn:
        st.info("No chosen model has both figures.", icon=":material/scatter_plot:")
        return
    st.plotly_chart(
        points.plane(drawn, x.label, y.label, selected),
        key="compare-plane",
        config=charts.TOOLS,
        on_select=_point,
        selection_mode="points",
        alt=f"{y.label} against {x.label}, each model a point",
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


def _floor(dataset: str) -> None:
    """What real items score, beside which draws are judged."""
    if not has_classifier(dataset):
        if models.modality(dataset).classified:
            trains = f": `aeviz classifier {escape(dataset)}` trains one." if dataset in SOURCES else "."
            st.caption(f"No classifier of this data set{trains}")
        else:
            words = models.words(dataset)
            st.caption(
                f"Fréchet distance, density and coverage are measured in a classifier's features, and there are "
                f"classifiers of pictures alone: {words.plural} have none of them."
            )
        return
    classifier = classifier_card(dataset)
    st.caption(
        f"Fréchet distances are in the features of a classifier that names {classifier.accuracy:.1%} of the test split "
        f"right. In them, 10,000 real items of the training split are {classifier.floor:.2f} away from the test split: "
        "the floor."
    )
