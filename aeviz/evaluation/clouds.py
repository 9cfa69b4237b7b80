"""How a cloud of codes of known classes lies, and how that changed while a model learned."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.evaluation.metrics import knn_accuracy
from aeviz.training.recording import Recording

Array = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]


def spread(codes: Array) -> float:
    """Root mean square distance of codes (N, d) from their mean, in units of the code. N(0, I) has √d."""
    cloud = codes.astype(np.float64)
    return float(np.sqrt(np.square(cloud - cloud.mean(0)).sum(1).mean()))


def separation(codes: Array, labels: Labels) -> float:
    """Variance between the classes over variance within them, tr(S_B) / tr(S_W), of codes (N, d) and labels (N,).

    S_B is the scatter of the classes' means about the mean of all, each counted as often as it has items, S_W that
    of the items about the mean of their class (Fisher 1936; Fukunaga 1990, chapter 10). 0: all classes have one
    mean; scaling or turning the codes changes nothing. Infinite where every class is a point, and NaN where all codes
    are one. Raises ValueError where there is not one label for each code.
    """
    if labels.shape != codes.shape[:1]:
        raise ValueError(f"Expected a label for each of {len(codes)} codes, not labels of shape {labels.shape}.")
    from sklearn.metrics import calinski_harabasz_score

    count, classes = len(codes), len(np.unique(labels))
    if not np.ptp(codes, axis=0).any():
        return math.nan
    if classes == 1:
        return 0.0
    if len(np.unique(np.column_stack([labels, codes]), axis=0)) == classes:
        return math.inf
    # The score is of mean squares: over their degrees of freedom.
    score = calinski_harabasz_score(codes.astype(np.float64), labels)
    return float(score * (classes - 1) / (count - classes))


@dataclass(frozen=True)
class Course:
    """How the codes of a recording lay at each of its S frames; all (S,).

    spread, separation: see the functions of that name. knn_accuracy: share of the items whose class the ten nearest
    other codes tell, by 5-fold cross-validation.
    """

    steps: NDArray[np.int32]
    spread: NDArray[np.float64]
    separation: NDArray[np.float64]
    knn_accuracy: NDArray[np.float64]

    @property
    def widest(self) -> int:
        """The frame at which the codes lay farthest apart."""
        return int(self.spread.argmax())


def course(recording: Recording, labels: Labels) -> Course:
    """Measure every frame of a recording. labels: (P,), the classes of its items `rows`."""
    frames = recording.codes
    return Course(
        steps=recording.steps,
        spread=np.array([spread(codes) for codes in frames]),
        separation=np.array([separation(codes, labels) for codes in frames]),
        knn_accuracy=np.array([knn_accuracy(codes, labels) for codes in frames]),
    )
