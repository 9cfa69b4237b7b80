"""A finished map, and the place of other codes on it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.projection.settings import Settings

Floats = NDArray[np.floating[Any]]
NEIGHBOURS = 5
ITERATIONS = 30  # of the geometric median


@dataclass(frozen=True, eq=False)
class Projection:
    """Coordinates of codes on a map, fitted here or read from a checkpoint.

    coordinates: (n, dims) float32; codes: (n, d), those that were mapped.
    """

    coordinates: NDArray[np.float32]
    settings: Settings
    codes: Floats = field(repr=False)

    def place(self, codes: Floats) -> NDArray[np.float32]:
        """Coordinates of other codes (m, d) on this map, (m, dims) float32; a mapped code falls on its own point.

        PCA is linear, and least squares recover its matrix from the coordinates. On a t-SNE or UMAP a code goes
        to the geometric median of its five nearest codes' points, each weighted by its inverse distance. On
        held-out MNIST codes that keeps classes and neighbours as well as openTSNE's and umap-learn's own
        `transform` (a mean would not: it lands in the gaps between clusters), it takes milliseconds, and it
        asks for no fitted model.
        """
        if self.settings.linear:
            return self._place_linearly(codes)
        order, distance = nearest(self.codes, codes, NEIGHBOURS)
        # The share of a code that lies on a mapped one is all but the whole.
        weight = 1.0 / np.maximum(distance, 1e-9 * max(float(distance.max(initial=0.0)), 1e-9))
        return _geometric_median(self.coordinates[order].astype(np.float64), weight).astype(np.float32)

    def _place_linearly(self, codes: Floats) -> NDArray[np.float32]:
        centre, middle = self.codes.mean(0, dtype=np.float64), self.coordinates.mean(0, dtype=np.float64)
        matrix = np.linalg.lstsq(self.codes - centre, self.coordinates - middle, rcond=None)[0]
        placed: Floats = (codes - centre) @ matrix + middle
        return placed.astype(np.float32)


def nearest(codes: Floats, queries: Floats, k: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The k nearest of `codes` (n, d) to each of `queries` (m, d): indices and distances, (m, k), nearest first.

    All of them where there are fewer.
    """
    k = min(k, len(codes))
    centre = codes.mean(0, dtype=np.float64)
    known, targets = codes - centre, queries - centre
    squares = (known**2).sum(1)
    order = np.empty((len(targets), k), np.intp)
    for start in range(0, len(targets), 256):
        block = targets[start : start + 256]
        order[start : start + 256] = np.argpartition(squares - 2.0 * block @ known.T, k - 1, axis=1)[:, :k]
    distance = np.sqrt(((known[order] - targets[:, None]) ** 2).sum(2))
    rank = np.argsort(distance, axis=1, kind="stable")
    return np.take_along_axis(order, rank, 1), np.take_along_axis(distance, rank, 1)


def _geometric_median(points: NDArray[np.float64], weight: NDArray[np.float64]) -> Floats:
    """The place whose weighted distances to the points sum to least (Weiszfeld 1937). (m, k, dims) -> (m, dims)."""
    weight = weight / weight.sum(1, keepdims=True)
    median: NDArray[np.float64] = np.einsum("mk,mkd->md", weight, points)
    # Keeps a point that the median falls on from dividing by zero.
    floor = 1e-3 * np.ptp(points, axis=1).max(1, keepdims=True) + 1e-12
    for _ in range(ITERATIONS):
        pull = weight / np.maximum(np.linalg.norm(points - median[:, None], axis=2), floor)
        median = np.einsum("mk,mkd->md", pull / pull.sum(1, keepdims=True), points)
    return median
