"""Detect: a score of every item, a threshold on it, and what is found, missed and flagged by mistake."""

from collections.abc import Mapping
from dataclasses import replace
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models, shell, url, widgets
from aeviz.app.choice import Choice, Shown, chosen
from aeviz.app.panels import detection as panel
from aeviz.app.panels import notions
from aeviz.evaluation import detection, detection_tasks
from aeviz.evaluation.anomaly_scores import DETECTORS, SCORES
from aeviz.evaluation.detection_tasks import TASKS, Task, Trial
from aeviz.figures import files, palette
from aeviz.parts.latent_map.streamlit import latent_map
from aeviz.parts.picture_atlas.streamlit import picture_atlas
from aeviz.parts.threshold import COSTS, payload
from aeviz.parts.threshold.streamlit import sent, threshold

NAMES = ", ".join(f"`{name}`" for name in dict.fromkeys(task.name for task in TASKS))
TASK = url.Choice(
    "task",
    "what is to be found",
    among=f"{NAMES} as a data set has them; `{panel.OF_CLASS}` for a class of it, `{panel.RANKING}` for none",
)
UNUSUAL = url.Choice("unusual", "the class that is unusual, with `task=class`", among="a class's name")
SCORE = url.Choice("score", "what is counted as unusual", tuple(SCORES), "error")
SCORER = url.Choice("scorer", "the model that scores", among="a model's name")
FLAGGED = url.Whole(
    "flagged",
    "how many items the threshold flags; where it is cheapest at first",
    low=-1,
    default=-1,
    above="the number of items",
    handle=True,
)
COST = url.Choice("cost", "what a miss costs in false alarms", tuple(f"{cost:g}" for cost in COSTS), "2")
CASE = url.Whole(
    "case", "the item that is looked at closely; the one with the highest score at first", low=-1, default=-1,
    above="the last item of the task",
)  # fmt: skip
BY_SCORES = url.Flag("by_scores", "whether the table of all scores is open")
VIEW = url.Seen("view", "zoom and pan of the map", among="how many times larger, and the middle")
HIDDEN = url.Seen("hidden", "which of the two kinds the map does not show", among="their numbers")
PARAMETERS = (TASK, UNUSUAL, SCORE, SCORER, FLAGGED, COST, CASE, BY_SCORES, VIEW, HIDDEN)
KEY = "detect-threshold"
TASK_WIDTH, CLASS_WIDTH = 300, 190  # px
COIN, GOOD = 0.5, 0.8  # AUROC of a coin, and of a method that finds most
MIN_USUAL = 10  # items that a task of one's own needs beside the unusual ones
CLOSE = 0.005  # AUROC: a method that is as near to another is nearly as good
IDEA = r"""
A network that learned to rebuild usual [[plural]] $x$ is expected to rebuild others badly. Any number that grows
with that is a **score** $s(x)$; an item is **flagged** where $s(x)$ reaches a **threshold** $t$ (Chandola et al. 2009).

[scores]

The *average precision* is the area under precision over recall, by chance the share of unusual items. It and the AUROC
are scikit-learn's. The brackets hold 95 % of 1,000 bootstrap draws (Efron 1979), seed 0: another
sample of items would give another figure. It tells nothing of another training of the network.

Beside the network stand classical methods, fitted with seed 0:

[detectors]
"""


def page() -> None:
    """Draw the page."""
    choice = chosen()
    shell.header(
        "What does not belong?",
        "Drag the threshold: what lies to its right is flagged. What is found, what is missed, and at what price?",
    )
    name, label, subtitle = _task(choice)
    task = panel.task_of(choice.dataset, name, label)
    networks = panel.networks(choice, task)
    of = (choice.dataset, name, label)
    _begin_anew(of)
    trial = panel.trial(*of)
    subtitle.caption(_sentence(trial, task))
    model, score = _scorer(networks)
    values = panel.scores(model.name, score, *of)
    others = [other.name for other in networks.values() if other.name != model.name and _can(other, score)]
    beside = [panel.scores(name, score, *of) for name in others if SCORES[score].common]
    _threshold(trial, values, beside, score, of, panel.network_row(model.name, score, *of))
    case = _case(values)
    mapped, looked = st.columns([1, 1], gap="medium")
    with mapped:
        case = _map(model, trial, of, case)
    with looked, st.container(key="card-case"):
        _where(model, trial, values, score, case)
    if trial.positive is not None:
        _methods(networks, model, score, trial, of)
    _save(model, trial, values, score, of)
    shell.explain("How is the unusual found, and how well?", _idea())


def _begin_anew(of: tuple[str, str, str]) -> None:
    """Forget the threshold and the item of another task: they are numbers of its items."""
    if url.context("detect", of):
        url.remember(FLAGGED, None)
        url.remember(CASE, None)


def _idea() -> str:
    """The explanation, with every score and classical method defined."""
    lists = {
        name: "\n".join(f"- **{row.label}.** {row.definition}" for row in rows)
        for name, rows in (("scores", [*SCORES.values()]), ("detectors", [*DETECTORS.values()]))
    }
    return IDEA.replace("[scores]", lists["scores"]).replace("[detectors]", lists["detectors"])


def _task(choice: Choice) -> tuple[str, str, "st.delta_generator.DeltaGenerator"]:
    """The task; where it is a class of the data set, its name; and the place beside them for a sentence on it."""
    own = detection_tasks.tasks_of(choice.dataset)
    data = models.data(choice.dataset)
    sizes = np.bincount(data.labels, minlength=len(data.label_names))
    classes = [name for name, size in zip(data.label_names, sizes, strict=True) if 0 < size <= len(data) - MIN_USUAL]
    titles = {name: task.title for name, task in own.items()}
    if classes:
        titles[panel.OF_CLASS] = "One of the classes"
    titles[panel.RANKING] = "Nobody knows: rank them"
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="detect-task"):
        widgets.label("find")
        name = widgets.select(TASK, "Task", titles, next(iter(titles)), width=TASK_WIDTH)
        label = ""
        if name == panel.OF_CLASS:
            label = widgets.select(
                UNUSUAL, "Unusual class", {kind: kind for kind in classes}, classes[-1], width=CLASS_WIDTH
            )
        subtitle = st.empty()
    return name, label, subtitle


def _scorer(networks: Mapping[str, Shown]) -> tuple[Shown, str]:
    """The model that scores, and by what."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        labels = {name: model.label for name, model in networks.items()}
        model = networks[widgets.segments(SCORER, "Who scores", labels, next(iter(labels)))]
        offered = {name: row.label for name, row in SCORES.items() if _can(model, name)}
        score = widgets.segments(SCORE, "Score", offered)
    st.caption(f"**{SCORES[score].label}.** {SCORES[score].definition}")
    return model, score


def _can(model: Shown, score: str) -> bool:
    return model.card.code == "gaussian" or not SCORES[score].gaussian


def _sentence(trial: Trial, task: Task | None) -> str:
    words = trial.data.words
    if task is None or trial.positive is None:
        return f"{len(trial.data):,} {words.plural}, none of which is known to be unusual: the ranking alone."
    unusual = int(trial.positive.sum())
    return f"{task.sentence} Here {unusual:,} unusual and {len(trial.data) - unusual:,} usual {words.plural}."


def _threshold(
    trial: Trial,
    values: NDArray[np.float32],
    beside: list[NDArray[np.float32]],
    score: str,
    of: tuple[str, str, str],
    figures: panel.Row,
) -> None:
    flagged = url.value(replace(FLAGGED, high=len(values)))
    cost = float(url.value(COST))
    rows = panel.shown_rows(*of)
    atlas = panel.atlas_name(*of)
    picture_atlas(panel.sheet(*of), key=f"atlas-{atlas}")
    curves = None if trial.positive is None else detection.curves(values, trial.positive)
    names = [trial.data.label_of(row) for row in rows]
    data = payload(
        values,
        trial.positive,
        roc=None if curves is None else (curves.false_alarms, curves.found),
        areas=None if curves is None else (figures.auroc, figures.average_precision),
        precision_recall=None if curves is None else (curves.recall, curves.precision),
        shown=rows,
        atlas=atlas,
        group=atlas,
        flagged=None if flagged < 0 else flagged,
        cost=cost,
        names=panel.kinds(trial.data.words.plural),
        plural=trial.data.words.plural,
        title=_title(trial, score),
        captions=names,
        beside=beside,
    )
    threshold(data, key=KEY, on_threshold=_moved, on_item=_clicked)
    notions.ask(notions.THRESHOLD)


def _title(trial: Trial, score: str) -> str:
    """What the axis of a score says."""
    return trial.data.modality.error.title(trial.data.scale) if score == "error" else SCORES[score].label


def _moved() -> None:
    state = sent(KEY, "threshold")
    url.remember(FLAGGED, -1 if state["flagged"] is None else int(state["flagged"]))
    url.remember(COST, f"{float(state['cost']):g}")


def _clicked() -> None:
    url.remember(CASE, int(sent(KEY, "item")["item"]))


def _case(values: NDArray[np.float32]) -> int:
    """The row of the item that is looked at."""
    row = url.value(replace(CASE, high=len(values) - 1))
    return int(values.argmax()) if row < 0 else row


def _map(model: Shown, trial: Trial, of: tuple[str, str, str], case: int) -> int:
    """The codes of the shown items, the flagged ones marked; the item that is looked at, which a click changes."""
    rows, atlas = panel.shown_rows(*of), panel.atlas_name(*of)
    here = np.flatnonzero(rows == case)
    kinds = panel.kinds(trial.data.words.plural)
    moved = latent_map(
        panel.coordinates(model.name, *of),
        labels=None if trial.positive is None else trial.positive[rows].astype(np.int64),
        label_names=None if trial.positive is None else kinds,
        colours=(palette.USUAL, palette.UNUSUAL),
        atlas=atlas,
        selected=int(here[0]) if len(here) else None,
        title=f"Codes: {model.label}",
        accent=model.colour,
        group=atlas,
        height=430,
        link=(VIEW.name, HIDDEN.name),
        key="detect-map",
    )
    if moved.selected is not None and int(rows[moved.selected]) != case:
        case = int(rows[moved.selected])
        url.remember(CASE, case)
    what = "as they are" if model.card.latent_dim == 2 else "on the two principal axes of the usual ones"
    few = f" {len(rows):,} of {len(trial.data):,} {trial.data.words.plural}." if len(rows) < len(trial.data) else ""
    if few and not len(here):
        few += f" The {trial.data.words.noun} beside is not among them."
    st.caption(f"The flagged are in colour, the others grey. Codes {what}.{few}")
    return case


def _where(model: Shown, trial: Trial, values: NDArray[np.float32], score: str, case: int) -> None:
    """The item that is looked at, what the model makes of it, and where the two differ."""
    data, explorer = trial.data, models.explorer(model.name)
    item = data.items[case]
    made = explorer.decode(explorer.encode(item[None])[0])[0]
    name = data.label_of(case)
    rank = int((values > values[case]).sum()) + 1
    st.html(f'<h2 class="aeviz-item">Where is it unusual?<small>{escape(name)}</small></h2>')
    tiles = data.tiles(np.stack([item, made]))
    where = data.modality.errors(item, made, data.scale)
    figures = [
        html.figure(tiles[0], data.words.noun),
        html.figure(tiles[1], f"{model.label}: reconstruction", accent=model.colour),
    ]
    if data.html(item):
        st.html(html.row(figures) + f'<p class="aeviz-label">Where they differ</p>{where}')
    else:
        st.html(html.row([*figures, f"<figure>{where}<figcaption>where they differ</figcaption></figure>"]))
    if legend := data.modality.error_legend:
        st.caption(legend)
    error = data.modality.error
    apart = f"{error.name} {error.text(float(data.distance(made[None], item[None])[0]), data.scale)}"
    scored = apart if score == "error" else f"{SCORES[score].label} {values[case]:.4g}; {apart}"
    shell.caption(f"Rank {rank:,} of {len(values):,}: {scored}. Click a tile or a point for another {data.words.noun}.")


def _methods(networks: Mapping[str, Shown], model: Shown, score: str, trial: Trial, of: tuple[str, str, str]) -> None:
    """Networks and classical methods side by side, and what that tells."""
    rows: list[tuple[panel.Row, str]] = []
    for network in networks.values():
        if _can(network, score):
            row = panel.network_row(network.name, score, *of)
            rows.append((replace(row, label=f"{network.label}: {SCORES[score].label}"), network.colour))
    classical = [panel.classical_row(method, model.card.latent_dim, *of) for method in DETECTORS]
    ours = panel.network_row(model.name, score, *of)
    st.subheader("Would another method do as well?", anchor=False)
    st.html(table([*rows, *((row, "") for row in classical)]))
    share = panel.network_row(model.name, "share", *of)
    st.markdown(" ".join(findings(model.label, ours, share, classical, trial.data.words.noun)))
    st.caption(f"Classical methods learned from {trial.learned}.")
    with widgets.expander(BY_SCORES, f"{model.label} by every score", ":material/balance:") as opened:
        if opened.open:
            every = [panel.network_row(model.name, name, *of) for name in SCORES if _can(model, name)]
            labels = [row.label for name, row in SCORES.items() if _can(model, name)]
            st.html(table([(replace(row, label=label), "") for row, label in zip(every, labels, strict=True)]))


def table(rows: list[tuple[panel.Row, str]]) -> str:
    """Methods and their figures as HTML, the best of each column bold; with each a colour or ""."""
    bests = [max(getattr(row, key) for row, _ in rows) for key in ("auroc", "average_precision")]
    lines = []
    for row, colour in rows:
        dot = f'<span style="color: {colour}">●</span> ' if colour else ""
        cells = [f"{value:.4f}" for value in (row.auroc, row.average_precision)]
        cells = [
            f"<b>{cell}</b>" if value == best else cell
            for cell, value, best in zip(cells, (row.auroc, row.average_precision), bests, strict=True)
        ]
        lines.append(
            f"<tr><td>{dot}{html.defined(escape(row.label), row.definition)}</td><td>{cells[0]}</td>"
            f"<td>[{row.low:.4f}, {row.high:.4f}]</td><td>{cells[1]}</td></tr>"
        )
    heads = ("method", "AUROC", "95 % interval", "average precision")
    return (
        '<div class="aeviz-classical"><table><tr>'
        + "".join(f"<th>{head}</th>" for head in heads)
        + f"</tr>{''.join(lines)}</table></div>"
    )


def findings(label: str, ours: panel.Row, share: panel.Row, classical: list[panel.Row], noun: str) -> list[str]:
    """What the figures say of a network beside the classical methods, in sentences of Markdown.

    share: the network's figures by error / variance.
    """
    sentences = []
    best = max(classical, key=lambda row: row.auroc)
    mean = next((row for row in classical if row.label == DETECTORS["mean"].label), None)
    if ours.auroc < COIN:
        sentences.append(
            f"**Worse than a coin** ({ours.auroc:.2f}): by this score the unusual look *more* usual than the usual."
        )
        if share.auroc > ours.high:
            sentences.append(
                f"*{SCORES['share'].label}* brings {share.auroc:.2f}: much of it is that they are plain, and a plain "
                f"{noun} has a small error whoever learned to rebuild others."
            )
    simple = mean is not None and mean.auroc > max(GOOD, ours.auroc - CLOSE)
    if mean and simple:
        sentences.append(
            f"**The mean {noun} alone reaches {mean.auroc:.4f}**: to tell *that* something is unusual hardly needs a "
            "network here. What the network adds: it shows *where*."
        )
    if max(best.auroc, ours.auroc) < COIN:
        sentences.append(f"No classical method beats a coin either: the nearest is {best.label} with {best.auroc:.4f}.")
    elif best.auroc > ours.high:
        sentences.append(f"**{best.label}** does better here: {best.auroc:.4f} against {ours.auroc:.4f} of {label}.")
    elif not simple and best.auroc < ours.low:
        sentences.append(
            f"{label} does better than every classical method here: {ours.auroc:.4f} against {best.auroc:.4f} "
            f"({best.label})."
        )
    elif not simple:
        sentences.append(f"Too close to call: {best.auroc:.4f} by {best.label} lies within the interval of {label}.")
    return sentences


def _save(model: Shown, trial: Trial, values: NDArray[np.float32], score: str, of: tuple[str, str, str]) -> None:
    def as_csv() -> str:
        columns = dict([trial.data.label_cells(range(len(trial.data)))])
        if trial.positive is not None:
            columns["unusual"] = [str(int(unusual)) for unusual in trial.positive]
        columns[f"{model.name} {score}"] = [f"{value:.6g}" for value in values]
        if trial.positive is not None:
            for method in DETECTORS:
                columns[method] = [f"{value:.6g}" for value in panel.classical(method, model.card.latent_dim, *of)]
        order = np.argsort(-values, kind="stable")
        head = ["rank", "item", *columns]
        lines = ([rank + 1, row, *(column[row] for column in columns.values())] for rank, row in enumerate(order))
        return files.csv(head, lines)

    widgets.save("Scores as CSV", as_csv, f"aeviz-detect-{of[0]}-{of[1]}.csv", "text/csv", icon=":material/table:")
