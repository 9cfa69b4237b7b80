"""Random codes, whose clouds hold a code, and how like real items decoded pictures are; all as arrays.

Codes are float32 (N, d), pictures float32 (N, C, H, W) in [0, 1].
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from aeviz.device import in_batches
from aeviz.evaluation.features import BATCH, features, load_classifier
from aeviz.latent.explorer import Codes, principal_directions

Array = NDArray[np.float32]
OUTLIER_QUANTILE = 0.99  # share of real items that are nearer to another real item than an outlier is
CHUNK = 1000  # rows of a matrix of distances held at once


@dataclass(frozen=True)
class Cloud:
    """The Gaussian with the mean (d,) and covariance of a model's codes; `axes` (k, d) are its principal axes.

    Each row of `axes` is one spread long, so that mean + ε @ axes is a draw. k is d, or fewer for codes of many
    numbers, of which the widest axes count.
    """

    mean: Array
    axes: Array

    @classmethod
    def of(cls, codes: Codes, seed: int = 0) -> "Cloud":
        """Fitted to a draw from each item's posterior: together the aggregate posterior (Makhzani et al. 2015)."""
        z = codes.mean
        if codes.std is not None:
            z = z + codes.std * np.random.default_rng(seed).standard_normal(z.shape, np.float32)
        mean, directions, spread = principal_directions(z)
        return cls(mean, spread[:, None] * directions)

    def draw(self, n: int, seed: int, temperature: float = 1.0) -> Array:
        """n codes (n, d), with `temperature` times the cloud's spread about its mean; the same for the same seed."""
        codes: Array = (self.mean + temperature * self.noise(n, seed) @ self.axes).astype(np.float32)
        return codes

    def directions(self, n: int, seed: int) -> Array:
        """n steps (n, d) in random directions, each as long as the way from the mean to a typical code of the cloud.

        In units of the cloud's own spread each step is √k long.
        """
        return self.unit_noise(n, seed) @ self.axes

    def unit_noise(self, n: int, seed: int) -> Array:
        """n random directions (n, k), each √k long."""
        noise = self.noise(n, seed)
        noise *= np.sqrt(noise.shape[1]) / np.linalg.norm(noise, axis=1, keepdims=True)
        return noise

    def noise(self, n: int, seed: int) -> Array:
        """n draws (n, k) from N(0, I)."""
        return np.random.default_rng(seed).standard_normal((n, len(self.axes)), np.float32)


def shares(codes: Codes, z: Array) -> NDArray[np.float64]:
    """To whom a code z (d,) belongs: q(z | x_i) / Σ_j q(z | x_j) of each item, (N,), which sum to 1.

    A decoder that is as good as can be paints the average of the items in these shares: it minimises
    E_q(x, z) |x - y(z)|², and the cross-entropy too (Rezende and Viola 2018, section 4). Raises ValueError for point
    codes, whose clouds have no width.
    """
    if codes.std is None:
        raise ValueError("A deterministic code has no spread: it belongs to a single item.")
    std = codes.std.astype(np.float64)
    height = -0.5 * np.square((z - codes.mean) / std).sum(1) - np.log(std).sum(1)
    weight = np.exp(height - height.max())
    share: NDArray[np.float64] = weight / weight.sum()
    return share


def sharers(shares: NDArray[np.float64]) -> float:
    """How many items share a code, exp(entropy) of their shares (N,): 1 for one alone, N where all have as much."""
    positive = shares[shares > 0]
    return float(np.exp(-(positive * np.log(positive)).sum()))


@dataclass(frozen=True)
class Likeness:
    """How like real items pictures are.

    distance: (N,), from each to the nearest real item in the classifier's features, as a multiple of what real items
    have to their nearest other on average. outlier: (N,), farther off than `OUTLIER_QUANTILE` of real items are.
    """

    distance: Array
    outlier: NDArray[np.bool_]


class Reality:
    """The real items of a data set, to which pictures are compared.

    Raises DataError where the data set has no classifier.
    """

    def __init__(self, dataset: str, items: Array) -> None:
        self.dataset, self._features = dataset, features(dataset, torch.tensor(items))
        among = self._nearest(self._features, itself=True)
        self._usual, self._farthest = float(among.mean()), float(np.quantile(among, OUTLIER_QUANTILE))

    def likeness(self, pictures: Array) -> Likeness:
        """How like real items pictures (N, C, H, W) are."""
        away = self._nearest(features(self.dataset, torch.tensor(pictures)))
        return Likeness(away / self._usual, away > self._farthest)

    def _nearest(self, features: Array, itself: bool = False) -> Array:
        """Distance of each of the features (n, 64) to the nearest real item, but for itself if asked."""
        nearest = []
        real = torch.from_numpy(self._features)
        for start in range(0, len(features), CHUNK):
            rows = torch.from_numpy(features[start : start + CHUNK])
            distance = torch.cdist(rows, real)
            if itself:
                distance[range(len(rows)), range(start, start + len(rows))] = torch.inf
            nearest.append(distance.amin(1))
        away: Array = torch.cat(nearest).numpy()
        return away


@torch.inference_mode()
def predicted_classes(dataset: str, pictures: Array) -> NDArray[np.int64]:
    """The classes (N,) that a data set's classifier reads in pictures. Raises DataError where there is none."""
    scores = in_batches(load_classifier(dataset), torch.tensor(pictures), BATCH)
    classes: NDArray[np.int64] = scores.argmax(1).numpy()
    return classes
