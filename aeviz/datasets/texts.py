"""The data set of texts: first names."""

import numpy as np

from aeviz.datasets.files import unpacked
from aeviz.datasets.record import Source
from aeviz.datasets.splits import FullSet, by_chance
from aeviz.modalities.text import TextScale, spelt


def names(source: Source) -> FullSet:
    """First names (N, 27, 12), one letter of a to z, or the end, at each place. No classes but their first letter.

    A tenth, drawn with seed 0, is the test split; the others are the known ones. Raises DataError.
    """
    (file,) = source.md5
    words = unpacked(source, file).decode("utf-8").lower().split()
    train, test = by_chance(len(words), 0.9)
    scale = TextScale(known=tuple(words[row] for row in train))
    labels = np.array([ord(word[0]) - ord("a") for word in words], np.int64)
    return FullSet(spelt(words, scale, source.shape), labels, scale, train, test)
