"""How well a score tells the unusual items of a data set from the others."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.evaluation.sweeps import error
from aeviz.store.checkpoints import Card


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


def lesson(cards: Mapping[str, Card]) -> str:
    """What models by name, alike but for what they learned from, show of finding unusual items; Markdown.

    "" without one that learned from everything and one that left the worst items out of each step (`trim`).
    """
    known = {name: card for name, card in cards.items() if "auroc" in card.metrics}
    for name, card in known.items():
        trim = card.config.get("objective", {}).get("trim", 0)
        if not trim:
            continue
        alike = {
            other: found
            for other, found in known.items()
            if (found.family, found.latent_dim) == (card.family, card.latent_dim) and other != name
        }
        without = next((other for other, found in alike.items() if left_out(found)), None)
        everything = next((other for other, found in alike.items() if not left_out(found)), None)
        if everything is None:
            continue
        sentences = [
            f"`{everything}` learned from everything, the class “{SOURCES[card.dataset].unusual}” included: it "
            f"rebuilds that too, so its error tells little ({_scores(known[everything])}).",
            f"`{name}` left the worst {trim:.0%} of each step out, and needs no labels for it ({_scores(card)}).",
        ]
        if without is not None:
            sentences.insert(
                0,
                f"`{without}` learned from the other items alone, and what it never saw it rebuilds badly "
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
