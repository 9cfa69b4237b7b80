"""What the page Detect shows of a task: its items, their scores and figures, computed once for all visitors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aeviz.app import caches, models
from aeviz.app.choice import Choice, Shown, shown
from aeviz.evaluation import detection, detection_tasks
from aeviz.evaluation.anomaly_scores import DETECTORS, SCORES
from aeviz.evaluation.definitions import SEED
from aeviz.evaluation.detection_tasks import Task, Trial
from aeviz.parts import picture_atlas

OF_CLASS, RANKING = "class", "rank"
MAX_SHOWN = 3000  # items whose tiles travel to the browser

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """A method's figures on a task: AUROC with the ends of its interval, average precision; NaN where it has none."""

    label: str
    definition: str
    auroc: float
    low: float
    high: float
    average_precision: float


def task_of(dataset: str, name: str, label: str) -> Task | None:
    """The task of a name; a class's where it is `OF_CLASS`; None for the ranking alone."""
    if name == RANKING:
        return None
    if name == OF_CLASS:
        return detection_tasks.of_class(models.data(dataset), label, "The models may have learned from it.")
    return detection_tasks.tasks_of(dataset)[name]


@caches.kept(max_entries=3, show_spinner="Putting the items together …")
def trial(dataset: str, name: str, label: str) -> Trial:
    """The items of a task."""
    task, data = task_of(dataset, name, label), models.data(dataset)
    return detection_tasks.ranking(data) if task is None else detection_tasks.trial(data, task)


@caches.kept(max_entries=64, show_spinner="Scoring every item …")
def scores(model: str, score: str, dataset: str, name: str, label: str) -> Array:
    """A model's score of each item of a task, (N,)."""
    items = trial(dataset, name, label)
    values = SCORES[score].measure(models.explorer(model), items.data.items, items.known)
    return np.asarray(values, np.float32)


@caches.kept(max_entries=32, show_spinner="Fitting the classical methods …")
def classical(method: str, latent_dim: int, dataset: str, name: str, label: str) -> Array:
    """A classical method's score of each item of a task, (N,)."""
    items = trial(dataset, name, label)
    return np.asarray(DETECTORS[method].measure(items.known, items.data.items, latent_dim), np.float32)


@caches.kept(max_entries=128, show_spinner="Drawing intervals …")
def network_row(model: str, score: str, dataset: str, name: str, label: str) -> Row:
    """The figures of a model by a score; its label is left to the page."""
    anomaly_scores = scores(model, score, dataset, name, label)
    return _row("", SCORES[score].definition, anomaly_scores, trial(dataset, name, label).positive)


@caches.kept(max_entries=128, show_spinner="Drawing intervals …")
def classical_row(method: str, latent_dim: int, dataset: str, name: str, label: str) -> Row:
    """The figures of a classical method."""
    row = DETECTORS[method]
    anomaly_scores = classical(method, latent_dim, dataset, name, label)
    return _row(row.label, row.definition, anomaly_scores, trial(dataset, name, label).positive)


def _row(label: str, definition: str, score: Array, positive: NDArray[np.bool_] | None) -> Row:
    if positive is None:
        return Row(label, definition, *[float("nan")] * 4)
    figures = detection.detection_scores(score, positive)
    low, high = detection.auroc_interval(score, positive)
    return Row(label, definition, figures["auroc"], low, high, figures["average_precision"])


def networks(choice: Choice, task: Task | None) -> dict[str, Shown]:
    """The models that may score, by name: those that the task asks for first, then the pair."""
    variants, pair = models.zoo()[choice.dataset], {model.name: model for model in choice.pair}
    asked = [variants[name] for name in (task.models if task else ()) if name in variants]
    beside = {}
    for card in asked:
        beside[card.name] = pair.get(card.name) or shown(card)
    return {**beside, **pair}


@caches.kept(max_entries=6, show_spinner=False)
def shown_rows(dataset: str, name: str, label: str) -> NDArray[np.int64]:
    """The items whose tiles the page shows: all, or as many of each kind as may be, drawn by chance."""
    items = trial(dataset, name, label)
    count = len(items.data)
    if count <= MAX_SHOWN:
        return np.arange(count)
    order = np.random.default_rng(SEED).permutation(count)
    if items.positive is None:
        return np.sort(order[:MAX_SHOWN])
    unusual, usual = order[items.positive[order]], order[~items.positive[order]]
    few = min(len(unusual), max(MAX_SHOWN // 2, MAX_SHOWN - len(usual)))
    return np.sort(np.concatenate([unusual[:few], usual[: MAX_SHOWN - few]]))


def atlas_name(dataset: str, name: str, label: str) -> str:
    """What the tiles of a task are called in the browser."""
    return f"detect-{dataset}-{name}-{label}" if name == OF_CLASS else f"detect-{dataset}-{name}"


@caches.kept(max_entries=4, show_spinner=False)
def sheet(dataset: str, name: str, label: str) -> bytes:
    """The tiles of the shown items, for `picture_atlas`."""
    data = trial(dataset, name, label).data
    tiles = data.tiles(data.items[shown_rows(dataset, name, label)])
    return picture_atlas.payload(atlas_name(dataset, name, label), tiles, smooth=data.modality.smooth)


@caches.kept(max_entries=8, show_spinner="Encoding the items …")
def coordinates(model: str, dataset: str, name: str, label: str) -> Array:
    """Where the codes of the shown items lie, (K, 2): as they are, or on the two principal axes of the usual ones."""
    from aeviz.latent.explorer import principal_directions

    items, rows = trial(dataset, name, label), shown_rows(dataset, name, label)
    codes = models.explorer(model).encode(items.data.items[rows])[0]
    if codes.shape[1] == 2:
        return codes
    usual = codes if items.positive is None else codes[~items.positive[rows]]
    mean, directions, _ = principal_directions(usual)
    plane = (codes - mean) @ directions[:2].T
    return np.pad(plane, ((0, 0), (0, max(0, 2 - plane.shape[1])))).astype(np.float32)


def kinds(words_plural: str) -> tuple[str, str]:
    """What usual and unusual items are called."""
    return f"usual {words_plural}", f"unusual {words_plural}"
