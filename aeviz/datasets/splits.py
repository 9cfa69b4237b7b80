"""Data sets that are bundled whole and parted into a training and a test split here."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Array, Dataset, Labels, Source
from aeviz.modalities.base import Scale

SEED = 0  # of every split by chance
SHARE = 0.8  # of a person's own items that are for training
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class FullSet:
    """All items (N, *shape) of a data set, their classes (N,), what the numbers mean, and the rows of its splits."""

    items: Array
    labels: Labels
    scale: Scale
    train: Rows
    test: Rows

    def split(self, name: str) -> tuple[Array, Labels]:
        """Items and labels of the split "train" or "test"."""
        rows = self.train if name == "train" else self.test
        return self.items[rows], self.labels[rows]


def by_chance(count: int, share: float) -> tuple[Rows, Rows]:
    """The rows of a training split of a share of all and of the test split, drawn with `SEED`, each in rising order."""
    order = np.random.default_rng(SEED).permutation(count)
    train_count = round(share * count)
    return np.sort(order[:train_count]), np.sort(order[train_count:])


def in_order(count: int, share: float) -> tuple[Rows, Rows]:
    """The same where what comes first is for training and the rest for the test."""
    rows = np.arange(count)
    return rows[: int(share * count)], rows[int(share * count) :]


def parted(
    read: Callable[[Source], FullSet],
) -> tuple[Callable[[Source, str], tuple[Array, Labels]], Callable[[Source], Scale]]:
    """`read` and `scale` of a `Source` whose files one function reads, once for both splits and the scale."""
    cache: dict[str, FullSet] = {}

    def loaded(source: Source) -> FullSet:
        if source.folder not in cache:
            cache[source.folder] = read(source)
        return cache[source.folder]

    return (lambda source, split: loaded(source).split(split)), (lambda source: loaded(source).scale)


def part(data: Dataset, split: str) -> Dataset:
    """The split "train" (`SHARE` of all, drawn with `SEED`) or "test" of a data set that came whole."""
    train, test = by_chance(len(data), SHARE)
    rows = train if split == "train" else test
    made = replace(data.of_rows(rows), split=split)
    for array in (made.items, made.labels):
        array.setflags(write=False)
    return made
