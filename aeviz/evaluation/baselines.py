"""What classical methods reach on a data set, by the same measures: they stand beside a model's own figures.

A method learns from the items that the model learned from. The data set's row in `aeviz.datasets.sources` says which
methods it is set beside.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.evaluation.definitions import DRAWS, NOISE, SEED
from aeviz.evaluation.detection import detection_scores, unusual
from aeviz.evaluation.imputation import filled_in
from aeviz.evaluation.label_efficiency import classical
from aeviz.evaluation.plausibility import Trigrams, plausibility

Array = NDArray[np.float32]
Figures = dict[str, float]
NEIGHBOURS = 20  # whose mean fills a missing cell
MAX_KNN_ROWS = 4000  # rows that neighbours are looked for among, and for
WIDE = 64  # numbers of the wider PCA


def measure(data: Dataset, training: Dataset, latent_dim: int, methods: tuple[str, ...]) -> dict[str, Figures]:
    """Figures by the method's name in words, of those `methods` of `METHODS` that measure anything here."""
    figures_by_method: dict[str, Figures] = {}
    for method in methods:
        for name, figures in METHODS[method](data, training, latent_dim).items():
            figures_by_method.setdefault(name, {}).update(figures)
    return {name: figures for name, figures in figures_by_method.items() if figures}


def reconstruction(data: Dataset, y: Array) -> Figures:
    """Errors of items y (N, *shape) made of the data's, and what they tell of unusual ones."""
    distances = {row.key: data.distance(y, data.items, row.key) for row in data.modality.distances}
    figures = {key: float(values.mean()) for key, values in distances.items()} | pooled(distances)
    unusual_items = unusual(data)
    return figures | (
        detection_scores(distances[data.modality.error.key], unusual_items) if unusual_items is not None else {}
    )


def pooled(distances: dict[str, Any]) -> Figures:
    """What distances (N,) give over all values at once, or as a share of items that come back as they were."""
    figures = {}
    if "rmse" in distances:
        figures["rmse_all"] = float(np.sqrt(np.square(np.asarray(distances["rmse"], np.float64)).mean()))
    if "differing" in distances:
        figures["exact"] = 1 - float(np.asarray(distances["differing"]).mean())
    return figures


def _mean(data: Dataset, training: Dataset, latent_dim: int) -> dict[str, Figures]:
    mean = np.nanmean(training.items, axis=0, dtype=np.float64).astype(np.float32)
    return {f"Mean {data.modality.words.noun}": reconstruction(data, np.broadcast_to(mean, data.items.shape).copy())}


def _pca(data: Dataset, training: Dataset, latent_dim: int) -> dict[str, Figures]:
    figures = {f"PCA, {latent_dim} numbers": reconstruction(data, _projected(training, latent_dim)(data.items))}
    if data.modality.texts is not None and latent_dim < WIDE:
        figures[f"PCA, {WIDE} numbers"] = reconstruction(data, _projected(training, WIDE)(data.items))
    return figures


def _projected(training: Dataset, latent_dim: int) -> Callable[[Array], Array]:
    """Items (N, *shape) on the principal components of the training items, and back; what is missing counts as 0."""
    from sklearn.decomposition import PCA

    known = _flat(np.nan_to_num(training.items))
    fitted = PCA(min(latent_dim, *known.shape), svd_solver="full").fit(known)

    def project(x: Array) -> Array:
        back = fitted.inverse_transform(fitted.transform(_flat(np.nan_to_num(x))))
        items: Array = back.reshape(x.shape).astype(np.float32)
        return items

    return project


def _repair(data: Dataset, training: Dataset, latent_dim: int) -> dict[str, Figures]:
    """The modality's classical repair, of what denoising is measured on and of hidden cells."""
    corruption, repair = data.modality.corruptions[0], data.modality.repair
    noisy = data.corrupt(data.items, corruption.name, NOISE * corruption.maximum, SEED)
    judge = repair.judge
    figures = {f"denoised_{judge}": float(data.distance(data.repair(noisy), data.items, judge).mean())}
    if data.modality.missing:
        figures |= filled_in(data.items, data.scale, data.repair)
    return {repair.label: figures}


def _forest(data: Dataset, training: Dataset, latent_dim: int) -> dict[str, Figures]:
    from sklearn.ensemble import IsolationForest

    positive = unusual(data)
    if positive is None:
        return {}
    score = -IsolationForest(random_state=SEED).fit(_flat(training.items)).score_samples(_flat(data.items))
    return {"Isolation forest": detection_scores(score, positive)}


def _imputers(data: Dataset, training: Dataset, latent_dim: int) -> dict[str, Figures]:
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer, KNNImputer

    random = np.random.default_rng(SEED)
    known, queries = (items[random.permutation(len(items))[:MAX_KNN_ROWS]] for items in (training.items, data.items))
    iterative = IterativeImputer(random_state=SEED).fit(_flat(training.items))
    nearest = KNNImputer(n_neighbors=NEIGHBOURS).fit(_flat(known))
    few = f" of {MAX_KNN_ROWS:,} rows" if len(training) > MAX_KNN_ROWS else ""
    return {
        "Iterative imputer": filled_in(data.items, data.scale, _filling(iterative)),
        f"{NEIGHBOURS} neighbours{few}": filled_in(queries, data.scale, _filling(nearest)),
    }


def _filling(imputer: Any) -> Callable[[Array], Array]:
    def fill(x: Array) -> Array:
        items: Array = imputer.transform(_flat(x)).reshape(x.shape).astype(np.float32)
        return items

    return fill


def _trigrams(data: Dataset, training: Dataset, latent_dim: int) -> dict[str, Figures]:
    read = data.modality.texts
    if read is None:
        return {}
    train, test = read(training.items, data.scale), read(data.items, data.scale)
    symbols, places = data.shape
    drawn = Trigrams(train, symbols).draws(DRAWS, SEED, places)
    return {
        "Trigram sampler": plausibility(drawn, train, test, symbols),
        "Texts of the test split": plausibility(test, train, test, symbols),
    }


def _features(data: Dataset, training: Dataset, latent_dim: int) -> dict[str, Figures]:
    return classical(data, latent_dim)


def _flat(items: Array) -> Array:
    return items.reshape(len(items), -1)


METHODS: dict[str, Callable[[Dataset, Dataset, int], dict[str, Figures]]] = {
    "mean": _mean,
    "pca": _pca,
    "repair": _repair,
    "forest": _forest,
    "imputers": _imputers,
    "trigrams": _trigrams,
    "features": _features,
}
