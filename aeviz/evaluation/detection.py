"""How well a score tells the unusual items of a data set from the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.evaluation.definitions import SEED
from aeviz.evaluation.sweeps import error
from aeviz.store.checkpoints import Card

RESAMPLES = 1000  # of a bootstrap interval
LEVEL = 0.95  # share of resamples within it
Array = NDArray[Any]


def unusual(data: Dataset) -> NDArray[np.bool_] | None:
    """Which items (N,) are of the class that a model should find unusual; None where there is no such class."""
    name = SOURCES[data.name].unusual if data.name in SOURCES else ""
    positive = data.labels == data.label_names.index(name) if name else np.zeros(len(data), bool)
    return positive if positive.any() and not positive.all() else None


def detection_scores(score: NDArray[np.floating], positive: NDArray[np.bool_]) -> dict[str, float]:
    """AUROC and average precision of a score (N,), larger for the positive items (N,)."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    return {
        "auroc": float(roc_auc_score(positive, score)),
        "average_precision": float(average_precision_score(positive, score)),
    }


def auroc_interval(score: Array, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """The bootstrap interval of the AUROC of a score (N,): ends between which `LEVEL` of `RESAMPLES` draws lie.

    Each draw takes as many unusual items (N,) as there are, with repetition, and as many of the others (percentile
    method, Efron 1979), with `SEED`. An item that is tied with another counts half.
    """
    random = np.random.default_rng(SEED)
    kinds = [np.unique(score, return_inverse=True)[1].ravel()[rows] for rows in (positive, ~positive)]
    places = max(int(kind.max()) for kind in kinds) + 1
    areas = []
    for _ in range(RESAMPLES):
        ours, theirs = (np.bincount(random.choice(kind, len(kind)), minlength=places) for kind in kinds)
        below = np.cumsum(theirs) - theirs / 2
        areas.append(float(ours @ below) / (len(kinds[0]) * len(kinds[1])))
    low, high = np.quantile(areas, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


@dataclass(frozen=True)
class Curves:
    """ROC (false_alarms, found) and precision over recall, as scikit-learn gives them: arrays of equal length each."""

    false_alarms: Array
    found: Array
    recall: Array
    precision: Array


def curves(score: Array, positive: NDArray[np.bool_]) -> Curves:
    """The curves of a score (N,), larger for the positive items (N,)."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    false_alarms, detected, _ = roc_curve(positive, score)
    precision, recall, _ = precision_recall_curve(positive, score, drop_intermediate=True)
    return Curves(false_alarms, detected, recall, precision)


def flagged_counts(score: Array) -> NDArray[np.int64]:
    """How many items a threshold can flag: 0, and the number of items down to each different score (N,), rising."""
    ordered = np.sort(score)[::-1]
    ends = np.flatnonzero(np.diff(ordered)) + 1
    counts: NDArray[np.int64] = np.concatenate([[0], ends, [len(ordered)]])
    return counts


def cheapest(score: Array, positive: NDArray[np.bool_], miss: float) -> int:
    """How many items to flag where a miss costs `miss` false alarms: the fewest of those that cost least."""
    counts = flagged_counts(score)
    detected = np.concatenate([[0], np.cumsum(positive[np.argsort(-score, kind="stable")])])[counts]
    return int(counts[np.argmin(miss * (positive.sum() - detected) + (counts - detected))])


def lesson(cards: Mapping[str, Card], titles: Mapping[str, str]) -> str:
    """What models by name, alike but for what they learned from, show of finding unusual items; Markdown.

    titles: what each model is called in a sentence, by the same names.
    "" without one that learned from everything and one that left the worst items out of each step (`trim`).
    """
    known = {name: card for name, card in cards.items() if "auroc" in card.metrics}
    for name, card in known.items():
        trim = card.config.get("objective", {}).get("trim", 0)
        if not trim:
            continue
        alike = {
            other: sibling
            for other, sibling in known.items()
            if (sibling.family, sibling.latent_dim) == (card.family, card.latent_dim) and other != name
        }
        without = next((other for other, sibling in alike.items() if left_out(sibling)), None)
        everything = next((other for other, sibling in alike.items() if not left_out(sibling)), None)
        if everything is None:
            continue
        sentences = [
            f"**{titles[everything]}** learned from everything, the class “{SOURCES[card.dataset].unusual}” included: "
            f"it rebuilds that too, so its error tells little ({_scores(known[everything])}).",
            f"**{titles[name]}** left the worst {trim:.0%} of each step out, and needs no labels for it "
            f"({_scores(card)}).",
        ]
        if without is not None:
            sentences.insert(
                0,
                f"**{titles[without]}** learned from the other items alone, and what it never saw it rebuilds badly "
                f"({_scores(known[without])}).",
            )
        return " ".join(sentences)
    return ""


def left_out(card: Card) -> str:
    """The class that a model did not learn from; "" where it learned from all."""
    return str(card.config.get("training", {}).get("without", ""))


def _scores(card: Card) -> str:
    figures = card.metrics
    precision = f", average precision {figures['average_precision']:.3f}" if "average_precision" in figures else ""
    return f"AUROC {figures['auroc']:.4f}{precision}, error {error(card):.3g}"
