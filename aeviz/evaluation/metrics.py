"""Figures of merit: how good a reconstruction, a map, a code and a likelihood are.

Items are (N, *shape), likelihoods are in nats, and whatever is "per item" has shape (N,).
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.model.likelihoods import Likelihood

if TYPE_CHECKING:
    from aeviz.model.autoencoder import Posterior

Array = NDArray[Any]
MAP_NEIGHBOURS = 15  # of a point on a map that should be neighbours of its code
CODE_NEIGHBOURS = 10  # that tell a class
FOLDS = 5  # of a cross-validation


def trustworthiness(codes: Array, coordinates: Array, sample: int = 2000, seed: int = 0) -> float:
    """How far neighbours on a map are neighbours in the codes, in [0, 1] (Venna & Kaski 2001).

    codes: (n, d), coordinates: (n, dims); judged on a seeded sample of at most `sample` items, for it compares
    every pair. Raises ValueError where `MAP_NEIGHBOURS` is not below half of that sample.
    """
    from sklearn.manifold import trustworthiness as trust

    chosen = np.random.default_rng(seed).permutation(len(codes))[:sample]
    return float(trust(codes[chosen], coordinates[chosen], n_neighbors=MAP_NEIGHBOURS))


def knn_accuracy(features: Array, labels: Array) -> float:
    """Share of items whose class the ten nearest others tell, each judged by folds that lack it, in [0, 1].

    features: (n, d), labels: (n,). The folds keep the classes' shares and are the same on each call. Classes as in
    `of_judged_classes`; NaN where none is left.
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier

    features, labels = of_judged_classes(features, labels)
    if not len(labels):
        return math.nan
    split = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return float(cross_val_score(KNeighborsClassifier(CODE_NEIGHBOURS), features, labels, cv=split).mean())


def _spread(posterior: "Posterior") -> Tensor:
    if posterior.std is None:
        raise ValueError("A deterministic code has no likelihood bound: this figure needs a posterior with a spread.")
    return posterior.std


@torch.inference_mode()
def importance_nll(
    encode: "Callable[[Tensor], Posterior]",
    decode_logits: Callable[[Tensor], Tensor],
    x: Tensor,
    likelihood: Likelihood,
    samples: int = 5000,
    chunk: int = 1000,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Tensor:
    """-log p(x) per item in nats by importance sampling from q(z|x) (Burda et al. 2016, eq. 8). (N,), float64.

    x: (N, *shape). likelihood: its error must leave nothing out. No more than `chunk` items are decoded at once:
    about a thousand stay in a CPU's cache, a GPU likes more. The same seed and chunk give the same figure. `progress`
    hears the share done. Raises ValueError for a model without a spread.
    """
    posterior = encode(x)
    mean, std, device = posterior.mean, _spread(posterior), posterior.mean.device
    generator = torch.Generator(device).manual_seed(seed)
    group = max(1, chunk // samples)
    log_p = torch.full((len(x),), -math.inf, dtype=torch.float64, device=device)
    for first in range(0, len(x), group):
        items = slice(first, first + group)
        target = x[items].to(device)
        for start in range(0, samples, chunk):
            draws = min(chunk, samples - start)
            spread = mean[items], std[items], draws
            weights = _log_weights(*spread, decode_logits, likelihood, target, generator)
            log_p[items] = torch.logaddexp(log_p[items], weights.double().logsumexp(1))
        if progress is not None:
            progress(min(1.0, (first + group) / len(x)))
    return math.log(samples) - log_p


def _log_weights(
    mean: Tensor,
    std: Tensor,
    draws: int,
    decode_logits: Callable[[Tensor], Tensor],
    likelihood: Likelihood,
    x: Tensor,
    generator: torch.Generator,
) -> Tensor:
    """The logarithm of p(x|z) p(z) / q(z|x) for draws z ~ q. mean, std: (B, d), x: (B, *shape) -> (B, draws)."""
    shape = (len(mean), draws, mean.shape[1])
    noise = torch.randn(shape, generator=generator, device=mean.device, dtype=mean.dtype)
    z = mean[:, None] + std[:, None] * noise
    logits = decode_logits(z.flatten(0, 1))
    logits = logits.reshape(len(mean), draws, *logits.shape[1:])
    prior_ratio = 0.5 * (noise.square() - z.square()).sum(2) + std.log().sum(1)[:, None]
    return prior_ratio - likelihood.errors(logits, x)


def of_judged_classes(features: Array, labels: Array) -> tuple[Array, Array]:
    """The items (n, d) and labels (n,) of the classes that have an item for every fold; none where that is one class.

    The folds of a smaller class would ask for it where it was never shown.
    """
    known, classes = np.unique(labels, return_inverse=True)
    large = np.bincount(classes, minlength=len(known)) >= FOLDS
    rows = large[classes] & (large.sum() > 1)
    return features[rows], labels[rows]


def active_units(means: Tensor | Array, threshold: float = 0.01) -> int:
    """Number of coordinates whose posterior mean varies over the data by more than `threshold` (Burda et al. 2016).

    means: (n, d).
    """
    return int((means.var(0) > threshold).sum())
