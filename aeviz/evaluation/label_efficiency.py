"""How good codes are as features: few labels for a linear classifier, and neighbours of the same class.

Features are (N, d), labels (N,). All draws are seeded: the same features give the same figures.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.evaluation.definitions import ALIKE, LABEL_DRAWS, LABELS, MAX_HALF, SEED

Array = NDArray[Any]
Rows = NDArray[np.int64]
MIN_ITEMS = 4  # of a class that is judged: two to draw from, two to judge
MAX_LABELLED = 6000  # items that a classifier learns from: of many classes there are fewer labels each
MAX_ASKED = 10_000  # items whose neighbours are looked up
FEW = 10  # labels per class that the lesson begins with
RAW = "Raw values"
Figures = dict[str, float]


@dataclass(frozen=True)
class LearningCurve:
    """How many items a classifier names right, by labels per class.

    counts: labels per class. mean, spread: of the accuracies of the draws, in [0, 1]; spread is a standard deviation.
    """

    counts: tuple[int, ...]
    mean: tuple[float, ...]
    spread: tuple[float, ...]

    @classmethod
    def read(cls, figures: Mapping[str, float]) -> "LearningCurve | None":
        """The curve in the figures of `metrics.json`; None where it was not measured."""
        counts = tuple(count for count in LABELS if {f"probe_{count}", f"probe_{count}_spread"} <= figures.keys())
        if not counts:
            return None
        return cls(
            counts,
            tuple(figures[f"probe_{count}"] for count in counts),
            tuple(figures[f"probe_{count}_spread"] for count in counts),
        )

    def figures(self) -> Figures:
        """The same as figures by name."""
        means = {f"probe_{count}": value for count, value in zip(self.counts, self.mean, strict=True)}
        return means | {f"probe_{count}_spread": value for count, value in zip(self.counts, self.spread, strict=True)}


@dataclass(frozen=True)
class Halves:
    """Which items may be labelled, and which are judged: rows of each class that has at least `MIN_ITEMS`."""

    drawn: tuple[Rows, ...]
    judged: tuple[Rows, ...]

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.drawn)

    @property
    def counts(self) -> tuple[int, ...]:
        """Labels per class at which a curve is measured; a class that has fewer gives all it has."""
        largest = max(map(len, self.drawn), default=0)
        return tuple(count for count in LABELS if count <= largest and self.labelled(count) <= MAX_LABELLED)

    def labelled(self, count: int) -> int:
        """How many items are labelled with so many of each class."""
        return sum(min(count, len(rows)) for rows in self.drawn)


def halves(labels: Rows) -> Halves:
    """Each class in two halves, by chance but always the same; at most `MAX_HALF` items each.

    Nothing in them where fewer than two classes are large enough.
    """
    generator = np.random.default_rng(SEED)
    shuffled = [generator.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    large = [rows for rows in shuffled if len(rows) >= MIN_ITEMS]
    if len(large) < 2:
        return Halves((), ())
    return Halves(
        tuple(rows[: len(rows) // 2][:MAX_HALF] for rows in large),
        tuple(rows[len(rows) // 2 :][:MAX_HALF] for rows in large),
    )


def learning_curve(features: Array, labels: Rows) -> LearningCurve | None:
    """How well multinomial logistic regression names classes from features (N, d), by labels per class.

    Each of `LABEL_DRAWS` draws takes labelled items of every class from one half, the smaller draw within the larger;
    the classifier is judged on the other half by its mean accuracy over classes, so that chance is one over their
    number. Features are standardised by the first half, which takes no labels. None where there are no two classes.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    split = halves(labels)
    if not split.classes:
        return None
    x, chosen = _standardised(features, np.concatenate(split.drawn)), np.concatenate(split.judged)
    judged, truth = x[chosen], np.repeat(np.arange(split.classes), [len(rows) for rows in split.judged])
    accuracies = np.zeros((LABEL_DRAWS, len(split.counts)))
    # The fits are small: threads would wait for each other. With a label or two of each of many classes scikit-learn
    # asks whether they are classes.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        for draw in range(LABEL_DRAWS):
            generator = np.random.default_rng((SEED, draw))
            orders = [generator.permutation(rows) for rows in split.drawn]
            # Begun where the fit to fewer labels ended: it has less far to go.
            classifier = LogisticRegression(max_iter=500, tol=1e-3, warm_start=True)
            for at, count in enumerate(split.counts):
                rows = [order[:count] for order in orders]
                named = np.repeat(np.arange(split.classes), [len(part) for part in rows])
                right = classifier.fit(x[np.concatenate(rows)], named).predict(judged) == truth
                accuracies[draw, at] = np.mean([right[truth == label].mean() for label in range(split.classes)])
    spread = accuracies.std(0)
    spread[spread < 1e-12] = 0  # all draws are one: what is left is rounding
    return LearningCurve(split.counts, tuple(accuracies.mean(0).tolist()), tuple(spread.tolist()))


def _standardised(features: Array, rows: Rows) -> NDArray[np.float32]:
    """Features (N, d) with mean 0 and spread 1 over some rows; what never varies there is 0."""
    mean, spread = features[rows].mean(0), features[rows].std(0)
    varies = spread > 1e-6 * max(float(spread.max(initial=0)), 1e-12)
    return np.where(varies, (features - mean) / np.where(varies, spread, 1), 0).astype(np.float32)


def raw_values(items: Array) -> NDArray[np.float32]:
    """Items (N, *shape) as features (N, d); a missing value is the mean of those that are there."""
    values = items.reshape(len(items), -1).astype(np.float32)
    lacking = np.isnan(values)
    if lacking.any():
        known = np.maximum((~lacking).sum(0), 1)
        values = np.where(lacking, np.nansum(values, 0) / known, values).astype(np.float32)
    return values


def principal(values: Array, labels: Rows, size: int) -> NDArray[np.float32]:
    """The first components (N, size) of raw values (N, d), fitted to the half that labels are drawn from."""
    from sklearn.decomposition import PCA

    split = halves(labels)
    rows = np.concatenate(split.drawn) if split.classes else np.arange(len(values))
    fitted = PCA(min(size, len(rows), values.shape[1]), random_state=SEED).fit(values[rows])
    return np.asarray(fitted.transform(values), np.float32)


def nearest(features: Array, query: Array, leave_out: int | None = None) -> Rows:
    """Rows of the `ALIKE` features (N, d) nearest to a query (d,) by Euclidean distance, the nearest first.

    What the query lacks (NaN) does not count. leave_out: the query's own row.
    """
    known = ~np.isnan(query)
    distances = np.square(features[:, known] - query[known]).sum(1)
    if leave_out is not None:
        distances[leave_out] = np.inf
    rows: Rows = np.argsort(distances, kind="stable")[: min(ALIKE, len(features) - (leave_out is not None))]
    return rows


def same_class(features: Array, labels: Rows) -> float | None:
    """Share of the `ALIKE` nearest other items that have an item's class, mean over items, in [0, 1].

    Of more than `MAX_ASKED` items these are asked, drawn by chance; the neighbours are among all. None where there is
    one class, or too few items.
    """
    from sklearn.neighbors import NearestNeighbors

    if len(features) <= ALIKE or len(np.unique(labels)) < 2:
        return None
    asked = np.sort(np.random.default_rng(SEED).permutation(len(features))[:MAX_ASKED])
    nearest = NearestNeighbors(n_neighbors=ALIKE + 1).fit(features)
    neighbours = nearest.kneighbors(features[asked], return_distance=False)
    # An item is its own nearest neighbour, unless others are equal to it.
    own = neighbours == asked[:, None]
    own[~own.any(1), -1] = True
    others = neighbours[~own].reshape(len(asked), ALIKE)
    return float((labels[others] == labels[asked][:, None]).mean())


def measure(features: Array, labels: Rows) -> Figures:
    """The figures of features (N, d) by name; none where there are no two classes."""
    curve, alike = learning_curve(features, labels), same_class(features, labels)
    return (curve.figures() if curve else {}) | ({} if alike is None else {"same_class": alike})


def classical(data: Dataset, size: int) -> dict[str, Figures]:
    """The figures of raw values, and of as many principal components as a code has numbers, by the method's name."""
    values = raw_values(data.items)
    by_method = {
        RAW: measure(values, data.labels),
        pca_name(size): measure(principal(values, data.labels, size), data.labels),
    }
    return {name: figures for name, figures in by_method.items() if figures}


def pca_name(size: int) -> str:
    """What PCA with so many numbers is called among the classical methods."""
    return f"PCA, {size} numbers"


def lesson(curves: Mapping[str, LearningCurve], raw: str, codes: Sequence[str], plural: str) -> str:
    """What curves by name show of the codes beside raw values, in sentences; all have the same counts."""
    beside, counts = curves[raw], curves[raw].counts
    few, last = max(at for at, count in enumerate(counts) if count <= FEW), len(counts) - 1
    best = max(codes, key=lambda name: curves[name].mean[few])
    ours, theirs = curves[best].mean[few], beside.mean[few]
    text = (
        f"With {counts[few]} labelled {plural} of each class, the code of {best} names {ours:.0%} right, "
        f"{_lower(raw)} {theirs:.0%}"
    )
    if abs(ours - theirs) <= curves[best].spread[few]:
        text += ": they differ no more than one draw of labels from another."
    elif ours < theirs:
        text += ": the code leaves out some of what tells classes apart."
    elif enough := [count for count, mean in zip(counts, beside.mean, strict=True) if mean >= ours]:
        text += f", which need {enough[0]} labels of each for that."
    else:
        text += f", which do not reach that with {counts[last]}."
    end = max(codes, key=lambda name: curves[name].mean[last])
    if ours > theirs and last > few and beside.mean[last] > curves[end].mean[last]:
        text += (
            f" With {counts[last]} of each, {_lower(raw)} are ahead of every code ({beside.mean[last]:.1%}, the best "
            f"code {curves[end].mean[last]:.1%}): what a code left out told classes apart."
        )
    weak = [name for name in codes if curves[name].mean[0] <= beside.mean[0]]
    if ours > theirs and weak:
        text += (
            f" With {counts[0]}, {' and '.join(weak)} {'is' if len(weak) == 1 else 'are'} no better than {_lower(raw)}."
        )
    return text


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
