"""Scores of items, larger where a model or a classical method finds one more unusual. To read them takes no torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.evaluation.definitions import ELBO_SAMPLES, SEED

if TYPE_CHECKING:
    from aeviz.latent.explorer import Explorer

Array = NDArray[Any]
SMALLEST_VARIANCE = 1e-4  # of an item's values: those of an empty picture have none
SMALLEST_SPREAD = 1e-6  # share of the codes' mean variance that each of their directions has at least


@dataclass(frozen=True)
class Score:
    """A score.

    measure: (model, items (N, *shape), usual items (M, *shape)) -> (N,). gaussian: whether it needs codes with a
    spread. common: whether the scores of two models are of one scale.
    """

    name: str
    label: str
    definition: str
    measure: "Callable[[Explorer, Array, Array], Array]"
    gaussian: bool = False
    common: bool = True


def _error(model: "Explorer", items: Array, known: Array) -> Array:
    return model.codes(items).error


def _share(model: "Explorer", items: Array, known: Array) -> Array:
    return unexplained(items, model.decode(model.encode(items)[0]))


def unexplained(items: Array, made: Array) -> Array:
    """Mean squared error of what is made of items (N, *shape), over the variance of each item's own values, (N,)."""
    x, y = (values.reshape(len(values), -1).astype(np.float64) for values in (items, made))
    error: Array = np.nanmean(np.square(x - y), 1) / np.maximum(np.nanvar(x, 1), SMALLEST_VARIANCE)
    return error


def _distance(model: "Explorer", items: Array, known: Array) -> Array:
    codes = model.encode(items)[0].astype(np.float64)
    if model.gaussian:
        length: Array = np.linalg.norm(codes, axis=1)
        return length
    return mahalanobis(codes, model.encode(known if len(known) else items)[0])


def mahalanobis(codes: Array, known: Array) -> Array:
    """How far codes (N, d) lie from the mean of known codes (M, d), in standard deviations that way, (N,)."""
    exact = np.asarray(known, np.float64)
    covariance = np.atleast_2d(np.cov(exact, rowvar=False))
    least = SMALLEST_SPREAD * max(np.trace(covariance) / len(covariance), SMALLEST_VARIANCE)
    variance, directions = np.linalg.eigh(covariance)
    along = (codes - exact.mean(0)) @ directions
    distance: Array = np.sqrt((np.square(along) / np.maximum(variance, least)).sum(1))
    return distance


SCORES = {
    score.name: score
    for score in (
        Score(
            "error",
            "Error",
            "The reconstruction error: how far the decode of the mean code is from the item, as on all pages.",
            _error,
        ),
        Score(
            "share",
            "Error / variance",
            "The mean squared error of the reconstruction divided by the variance of the item's own values: the "
            "share of the item that is not explained. A plain item has a small error whoever rebuilds it: this asks "
            "how small it is for so plain an item.",
            _share,
        ),
        Score(
            "nats",
            "−log p(x | z)",
            "The same error in nats, as the model's own likelihood counts it, at the mean code.",
            lambda model, items, known: model.nats(items),
        ),
        Score(
            "elbo",
            "−ELBO",
            f"Reconstruction + KL in nats, {ELBO_SAMPLES} draws from each posterior, seed {SEED}: a bound on "
            "−log p(x), so on how improbable the model finds the item.",
            lambda model, items, known: model.neg_elbo(items, ELBO_SAMPLES, SEED),
            gaussian=True,
        ),
        Score(
            "distance",
            "Distance of the code",
            "How far the mean code lies from the prior: its length ‖μ‖, as the prior is N(0, I). Of a model that no "
            "prior was asked of: its Mahalanobis distance from the codes of usual items.",
            _distance,
            common=False,
        ),
    )
}


@dataclass(frozen=True)
class Detector:
    """A classical way to find unusual items.

    measure: (usual items (M, *shape), items (N, *shape), size of the code it stands beside) -> (N,).
    """

    name: str
    label: str
    definition: str
    measure: Callable[[Array, Array, int], Array]


NEIGHBOURS = 5


def _pca(known: Array, items: Array, latent_dim: int) -> Array:
    from sklearn.decomposition import PCA

    fitted = PCA(min(latent_dim, *known.shape), random_state=SEED).fit(known)
    residual: Array = np.square(items - fitted.inverse_transform(fitted.transform(items))).mean(1)
    return residual


def _forest(known: Array, items: Array, latent_dim: int) -> Array:
    from sklearn.ensemble import IsolationForest

    score: Array = -IsolationForest(random_state=SEED).fit(known).score_samples(items)
    return score


def _neighbours(known: Array, items: Array, latent_dim: int) -> Array:
    from sklearn.neighbors import NearestNeighbors

    count = min(NEIGHBOURS, len(known))
    distances: Array = NearestNeighbors(n_neighbors=count).fit(known).kneighbors(items)[0].mean(1)
    return distances


def _mean(known: Array, items: Array, latent_dim: int) -> Array:
    error: Array = np.square(items - known.mean(0)).mean(1)
    return error


def _flat(measure: Callable[[Array, Array, int], Array]) -> Callable[[Array, Array, int], Array]:
    """The same of items of any shape; a value that is missing counts as 0."""

    def of(known: Array, items: Array, latent_dim: int) -> Array:
        usual, scored = (np.nan_to_num(part).reshape(len(part), -1) for part in (known, items))
        return measure(usual, scored, latent_dim)

    return of


DETECTORS = {
    row.name: row
    for row in (
        Detector(
            "mean",
            "Mean item",
            "Squared distance from the mean of the usual items, which needs no network.",
            _flat(_mean),
        ),
        Detector(
            "pca",
            "PCA",
            "Squared distance from the plane of as many principal components as the code has numbers.",
            _flat(_pca),
        ),
        Detector(
            "forest",
            "Isolation forest",
            "How few chance splits part an item from the others (Liu et al. 2008), 100 trees, seed 0.",
            _flat(_forest),
        ),
        Detector(
            "neighbours",
            f"{NEIGHBOURS} nearest neighbours",
            f"Mean distance to the {NEIGHBOURS} nearest usual items, value by value.",
            _flat(_neighbours),
        ),
    )
}
