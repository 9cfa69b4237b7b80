"""How well a score tells the unusual items of a data set from the others."""

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES


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
