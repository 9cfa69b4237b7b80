"""The tasks of finding unusual items: which are usual, which are not, and what classical methods learn from.

A task is a row of `TASKS`; of any data set one of its classes may be the unusual one (`of_class`), or none (`ranking`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.evaluation.definitions import SEED

MAX_VALUES = 7_000_000  # numbers in the items of a task: 8,900 pictures of 28 × 28
MAX_KNOWN = 4000  # usual items that classical methods learn from
MAX_KEPT_BACK = 2000  # the same where they are of the test split
KEPT_BACK = 5  # one usual item of so many is kept back at most
Parts = tuple[Dataset, Dataset]


@dataclass(frozen=True)
class Task:
    """A task.

    name: in links. dataset: whose models it is for. title: in a list. sentence: what is usual and what is not, and
    whether the models could know. parts: a split -> its usual and its unusual items. models: variants that belong
    beside the pair, the first of which finds at first. figure: its key in `metrics.json`; "" for none.
    """

    name: str
    dataset: str
    title: str
    sentence: str
    parts: Callable[[Dataset], Parts]
    models: tuple[str, ...] = ()
    figure: str = ""


@dataclass(frozen=True)
class Trial:
    """The items of a task, put together.

    data: all items. positive: which are unusual (N,); None where nobody knows. known: usual items (M, *shape) that are
    none of these, for methods to learn from. learned: what these are, in words.
    """

    data: Dataset
    positive: NDArray[np.bool_] | None
    known: NDArray[np.float32]
    learned: str


def of_class(data: Dataset, label: str, sentence: str = "") -> Task:
    """The task to find the items of a class. Raises DataError for a name that is no class's."""
    data.without(label)

    def parts(split: Dataset) -> Parts:
        rows = split.labels == split.label_names.index(label)
        return split.without(label), split.of_rows(rows)

    usual = f"Usual: all other {data.words.plural}. Unusual: the class “{label}”."
    return Task("class", data.name, f"The class “{label}”", f"{usual} {sentence}".strip(), parts)


def trial(data: Dataset, task: Task) -> Trial:
    """The items of a task on a split, no more than `MAX_VALUES` numbers in all, drawn with `SEED`."""
    usual, unusual = task.parts(data)
    if data.name in SOURCES and not SOURCES[data.name].url:  # bundled whole, its training split included
        training, _ = task.parts(load_dataset(data.name, "train"))
        known = training.items[_some(len(training), MAX_KNOWN)]
        learned = f"{len(known):,} usual {data.words.plural} of the training split"
    else:
        kept_back = _some(len(usual), min(MAX_KEPT_BACK, max(2, len(usual) // KEPT_BACK)))
        known, usual = usual.items[kept_back], usual.of_rows(np.setdiff1d(np.arange(len(usual)), kept_back))
        learned = f"{len(known):,} usual {data.words.plural} of the test split that are kept out of the comparison"
    most = MAX_VALUES // max(1, int(np.prod(data.shape)))
    if len(usual) + len(unusual) > most:
        usual, unusual = (part.of_rows(_some(len(part), most // 2)) for part in (usual, unusual))
    both = replace(
        unusual,
        items=np.concatenate([usual.items, unusual.items]),
        labels=np.concatenate([usual.labels, unusual.labels]),
        examples=(),
    )
    return Trial(both, np.arange(len(both)) >= len(usual), known, learned)


def ranking(data: Dataset) -> Trial:
    """All items of a data set, none of which is known to be unusual."""
    return Trial(data, None, data.items[:0], "")


def _some(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of some rows, drawn with `SEED`, in order."""
    rows: NDArray[np.int64] = np.sort(np.random.default_rng(SEED).permutation(count)[:most])
    return rows


def _foreign(other: str) -> Callable[[Dataset], Parts]:
    """Usual: a data set's own items. Unusual: those of another one of the same shape."""

    def parts(data: Dataset) -> Parts:
        strange = load_dataset(other)
        names = (*data.label_names, *strange.label_names)
        return replace(data, label_names=names), replace(
            data, items=strange.items, labels=strange.labels + len(data.label_names), label_names=names
        )

    return parts


def _altered(label: str, change: Callable[[Dataset], NDArray[np.float32]]) -> Callable[[Dataset], Parts]:
    """Usual: a data set's items. Unusual: the same items, changed, where that makes a difference."""

    def parts(data: Dataset) -> Parts:
        changed = change(data)
        rows = np.flatnonzero((changed != data.items).reshape(len(data), -1).any(1))
        names = (*data.label_names, label)
        usual = replace(data, label_names=names)
        return usual, replace(usual, items=changed[rows], labels=np.full(len(rows), len(data.label_names)))

    return parts


def _corrupted(name: str, level: float) -> Callable[[Dataset], NDArray[np.float32]]:
    return lambda data: data.corrupt(data.items, name, level, SEED)


def _later(hours: int) -> Callable[[Dataset], NDArray[np.float32]]:
    return lambda data: np.roll(data.items, hours, axis=2)


def _upside_down(data: Dataset) -> NDArray[np.float32]:
    return np.ascontiguousarray(data.items[:, :, ::-1])


def _unusual(dataset: str, title: str, sentence: str, models: tuple[str, ...] = ()) -> Task:
    """The class that the row of a data set calls unusual."""

    def parts(data: Dataset) -> Parts:
        return of_class(data, SOURCES[dataset].unusual).parts(data)

    return Task(SOURCES[dataset].unusual, dataset, title, sentence, parts, models)


def _unseen(digit: str) -> Task:
    return Task(
        f"unseen-{digit}",
        "mnist",
        f"A digit never seen: the {digit}",
        f"Usual: the other nine digits. Unusual: the {digit}. One network never saw one; the pair in the header "
        "learned from all ten.",
        lambda data: of_class(data, digit).parts(data),
        (f"ae-without-{digit}",),
    )


FOREIGN = "auroc_foreign"
TASKS: tuple[Task, ...] = (
    Task(
        "foreign",
        "mnist",
        "Clothes among digits",
        "Usual: digits. Unusual: clothes, which no model here ever saw.",
        _foreign("fashion"),
        figure=FOREIGN,
    ),
    *map(_unseen, ("8", "4", "1")),
    Task(
        "foreign",
        "fashion",
        "Digits among clothes",
        "Usual: articles of clothing. Unusual: digits, which no model here ever saw. Most are plainer than clothes.",
        _foreign("mnist"),
        figure=FOREIGN,
    ),
    Task(
        "upside-down",
        "emoji",
        "Emoji upside down",
        "Usual: emoji. Unusual: the same, upside down. All colours are known, and many shapes.",
        _altered("upside down", _upside_down),
    ),
    _unusual(
        "ecg",
        "Wide beats",
        "Usual: narrow beats. Unusual: wide ones. Each model's card says whether it learned from wide beats too.",
        ("ae-narrow",),
    ),
    Task(
        "clock",
        "power",
        "Clocks two hours late",
        "Usual: days. Unusual: the same days of a meter whose clock is two hours late.",
        _altered("clock two hours late", _later(2)),
    ),
    _unusual(
        "shuttle",
        "Sensors out of order",
        "Usual: normal rows. Unusual: anomalies. One autoencoder learned from normal rows alone, one from all classes "
        "(contaminated), one from all too, with the worst tenth of the rows left aside at each step.",
        ("ae", "ae-all", "ae-trim"),
    ),
    Task(
        "cells",
        "wage",
        "Rows with wrong cells",
        "Usual: people. Unusual: the same rows, three cells of nine filled by chance. Nobody marked a real fraud here.",
        _altered("wrong cells", _corrupted("swapped", 0.3)),
    ),
    Task(
        "letters",
        "names",
        "Letters exchanged",
        "Usual: names. Unusual: the same names with letters exchanged, one pair of three.",
        _altered("letters exchanged", _corrupted("exchanged", 0.34)),
    ),
)


def tasks_of(dataset: str) -> dict[str, Task]:
    """The tasks of a data set's models, by name."""
    return {task.name: task for task in TASKS if task.dataset == dataset}


def measured(data: Dataset, score: Callable[[NDArray[Any]], NDArray[Any]]) -> dict[str, float]:
    """AUROC of a score, (N, *shape) -> (N,), on each task of a data set that has a figure in `metrics.json`."""
    from sklearn.metrics import roc_auc_score

    figures = {}
    for task in tasks_of(data.name).values():
        if task.figure:
            of = trial(data, task)
            figures[task.figure] = float(roc_auc_score(of.positive, score(of.data.items)))
    return figures
