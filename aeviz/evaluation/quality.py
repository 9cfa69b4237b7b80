"""Figures of merit of a latent space: what its codes hold, how Gaussian they are, what random codes decode to.

Features and codes are arrays (n, d); sums run in float64. Nothing here knows a model:
`aeviz.evaluation.checkpoint` does.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.evaluation.metrics import FOLDS, of_judged_classes

Array = NDArray[Any]
CHUNK = 1000  # rows of a matrix of distances held at once
FIRING_SHARE = 0.01  # of the root mean square of codes, above which a unit fires


def frechet_distance(a: Array, b: Array) -> float:
    """Fréchet distance between Gaussians fitted to features a (n, d) and b (m, d), n and m at least 2.

    |μa - μb|² + tr(Σa + Σb - 2 (Σa Σb)^½), Heusel et al. 2017, equation 6: squared units of the features, 0 where the
    two agree in mean and covariance. The trace of the root is taken as the nuclear norm of Σa^½ Σb^½, which stays
    real and accurate where the covariances are singular.
    """
    (mean_a, root_a), (mean_b, root_b) = (_moments(features) for features in (a, b))
    overlap = np.linalg.svd(root_a @ root_b, compute_uv=False).sum()
    spread = np.square(root_a).sum() + np.square(root_b).sum() - 2 * overlap
    return float(np.square(mean_a - mean_b).sum() + max(spread, 0.0))


def _moments(features: Array) -> tuple[Array, Array]:
    """Mean (d,) and the symmetric root of the covariance (d, d)."""
    exact = np.asarray(features, np.float64)
    if exact.ndim != 2 or len(exact) < 2:
        raise ValueError(f"A covariance needs features (n, d) of at least two items, not {exact.shape}.")
    variance, vectors = np.linalg.eigh(np.atleast_2d(np.cov(exact, rowvar=False)))
    return exact.mean(0), (vectors * np.sqrt(variance.clip(0))) @ vectors.T


def density_and_coverage(real: Array, generated: Array, k: int = 5) -> tuple[float, float]:
    """Fidelity and diversity of generated features (m, d) beside real ones (n, d) (Naeem et al. 2020, eq. 3 and 4).

    Around each real item lies a ball that reaches to its k-th nearest real neighbour. Density: how many balls hold a
    generated item, over k (1 where the two sets are one, above where generated items crowd in dense places).
    Coverage: share of the balls that hold a generated item, in [0, 1]. Raises ValueError for k real items or fewer.
    """
    if not 0 < k < len(real):
        raise ValueError(f"k must be between 1 and the number of real items less one, {len(real) - 1}, not {k}.")
    x, y = _tensor(real), _tensor(generated)
    # The nearest of all is the item itself.
    radius = torch.cat([distances.kthvalue(k + 1, dim=1).values for distances in _distances(x, x)])
    inside = torch.cat([(distances < reach[:, None]).sum(1) for distances, reach in _with(_distances(x, y), radius)])
    return float(inside.sum()) / (k * len(y)), float((inside > 0).double().mean())


def _distances(x: Tensor, y: Tensor) -> Iterator[Tensor]:
    """Euclidean distances of each to each, a chunk of rows at a time."""
    for rows in torch.split(x, CHUNK):
        # Exact differences: items that are one are at distance 0, which a product of matrices would round.
        yield torch.cdist(rows, y, compute_mode="donot_use_mm_for_euclid_dist")


def _with(chunks: Iterator[Tensor], values: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    yield from zip(chunks, torch.split(values, CHUNK), strict=True)


def normality_mmd(codes: Array) -> float:
    """Squared maximum mean discrepancy between codes (n, d) and N(0, I): 0 in the mean for Gaussian codes.

    Unbiased estimate (Gretton et al. 2012, equation 3) for the kernel exp(-|x - y|² / 2d), whose width is the usual
    distance of two draws from N(0, I). The means over the normal distribution are known in closed form (Henze and
    Zirkler 1990), so that only the codes are random: over draws it may fall a little below 0. n at least 2.
    """
    x = _tensor(codes)
    count, d = x.shape
    if count < 2:
        raise ValueError("The discrepancy needs at least two codes.")
    width = float(d)  # squared
    within = -float(count)  # an item is no pair with itself
    for rows in torch.split(x, CHUNK):
        within += float(torch.exp(-torch.cdist(rows, x).square() / (2 * width)).sum())
    across = (width / (width + 1)) ** (d / 2) * torch.exp(-x.square().sum(1) / (2 * (width + 1))).mean()
    prior = float((width / (width + 2)) ** (d / 2))
    return within / (count * (count - 1)) - 2 * float(across) + prior


def whitened(codes: Array, smallest: float = 1e-6) -> Array:
    """Codes (n, d) moved, turned and stretched to mean 0 and covariance I: what is left is the cloud's shape. (n, r).

    Directions whose variance is below `smallest` times the largest hold nothing and are dropped. Raises ValueError
    where all codes are equal.
    """
    exact = np.asarray(codes, np.float64)
    variance, vectors = np.linalg.eigh(np.atleast_2d(np.cov(exact, rowvar=False)))
    large = variance > smallest * variance.max()
    if not variance.max() > 0:
        raise ValueError("All codes are equal: they have no covariance.")
    cloud: Array = (exact - exact.mean(0)) @ (vectors[:, large] / np.sqrt(variance[large]))
    return cloud


def fitted_gaussian(codes: Array, n: int, seed: int) -> NDArray[np.float32]:
    """n draws (n, d) from the Gaussian with the mean and covariance of codes (m, d), the same for the same seed."""
    exact = np.asarray(codes, np.float64)
    covariance = np.atleast_2d(np.cov(exact, rowvar=False))
    draws = np.random.default_rng(seed).multivariate_normal(
        exact.mean(0), covariance, n, method="eigh", check_valid="ignore"
    )
    return draws.astype(np.float32)


def fitted_mixture(codes: Array, n: int, seed: int, components: int = 10) -> NDArray[np.float32]:
    """n draws (n, d) from a mixture of Gaussians fitted to codes (m, d), the same for the same seed.

    Ghosh et al. 2020 fit one to a trained autoencoder's codes, to draw from it as one draws from a VAE. Fitted by
    expectation-maximisation to codes of unit spread; each covariance keeps 0.01 % of it, so that units which never
    fire do no harm. Fewer components where there are fewer than ten codes for each.
    """
    from sklearn.mixture import GaussianMixture

    exact = np.asarray(codes, np.float64)
    mean, spread = exact.mean(0), exact.std(0)
    mixture = GaussianMixture(
        max(1, min(components, len(exact) // 10)), reg_covar=1e-4, tol=1e-2, max_iter=200, random_state=seed
    ).fit((exact - mean) / np.where(spread > 0, spread, 1))
    draws, _ = mixture.sample(n)
    scaled: NDArray[np.float32] = (mean + draws * spread).astype(np.float32)
    return scaled


def linear_probe_accuracy(codes: Array, labels: Array) -> float:
    """Share of items whose class a linear classifier reads off the code, judged by folds that lack it, in [0, 1].

    Multinomial logistic regression on standardised codes (n, d) with labels (n,) (Alain and Bengio 2016). The folds
    keep the classes' shares and are the same on each call. Classes as in `metrics.of_judged_classes`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    codes, labels = of_judged_classes(codes, labels)
    if not len(labels):
        return math.nan
    split = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500, tol=1e-3))
    return float(cross_val_score(probe, codes, labels, cv=split).mean())


def longest_step(paths: Array) -> float:
    """How uneven paths of pictures are: the longest step over the mean step, averaged over paths, at least 1.

    paths: features (paths, steps + 1, d) of pictures decoded at equal distances along a line of codes. The steps are
    those of the perceptual path length (Karras et al. 2019, section 4.1), here as a ratio, so that a model whose
    pictures differ less gains nothing. 1: every step changes the picture as much; the number of steps: one jump does
    it all. Paths that never move are left out. Raises ValueError where none does.
    """
    exact = np.asarray(paths, np.float64)
    steps = np.linalg.norm(np.diff(exact, axis=1), axis=2)
    mean = steps.mean(1)
    moving = mean > 1e-6 * np.abs(exact).max()  # below that a path's steps are rounding
    if not moving.any():
        raise ValueError("All paths are constant: there are no steps to compare.")
    return float((steps[moving].max(1) / mean[moving]).mean())


def firing(codes: Array) -> NDArray[np.bool_]:
    """Which entries of codes (n, d) are larger than 1 % of their root mean square, (n, d)."""
    size = np.abs(np.asarray(codes, np.float64))
    fires: NDArray[np.bool_] = size > FIRING_SHARE * np.sqrt(np.square(size).mean())
    return fires


def active_share(codes: Array) -> float:
    """Share of entries of codes (n, d) that fire, in [0, 1].

    1 where every unit takes part in every code, small where few do: lifetime and population sparseness at once.
    """
    return float(firing(codes).mean())


def _tensor(values: Array) -> Tensor:
    return torch.tensor(np.asarray(values), dtype=torch.float64)
