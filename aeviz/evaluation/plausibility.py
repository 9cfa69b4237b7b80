"""Whether drawn texts are new, and whether their letters follow each other as those of real ones do."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import log

import numpy as np

from aeviz.evaluation.definitions import IMPLAUSIBLE_SHARE, MAX_LETTERS, MIN_LETTERS

START, END = "\x02", "\x03"  # signs that no text holds
SMOOTHING = 0.1  # added to each count


class Trigrams:
    """How likely each letter of a text is after the two before it, counted in texts.

    symbols: how many may follow, the end among them.
    """

    def __init__(self, texts: Sequence[str], symbols: int) -> None:
        self.symbols = symbols
        padded = [f"{START}{START}{text}{END}" for text in texts]
        self._threes = Counter(text[at : at + 3] for text in padded for at in range(len(text) - 2))
        self._twos = Counter(text[at : at + 2] for text in padded for at in range(len(text) - 2))

    def share(self, two: str, letter: str) -> float:
        """The probability of a letter, or `END`, after the two before it; smoothed, so that none is 0."""
        return (self._threes[two + letter] + SMOOTHING) / (self._twos[two] + SMOOTHING * self.symbols)

    def score(self, text: str) -> float:
        """Mean log probability of a text's letters and its end, in nats."""
        padded = f"{START}{START}{text}{END}"
        return float(np.mean([log(self.share(padded[at : at + 2], padded[at + 2])) for at in range(len(padded) - 2)]))

    def draws(self, count: int, seed: int, longest: int) -> list[str]:
        """Texts written letter by letter from the counts alone, without smoothing."""
        generator, texts = np.random.default_rng(seed), []
        for _ in range(count):
            text = START + START
            while text[-1] != END and len(text) < longest + 2:
                letters, shares = self._following[text[-2:]]
                text += letters[int(generator.choice(len(letters), p=shares))]
            texts.append(text[2:].rstrip(END))
        return texts

    @cached_property
    def _following(self) -> dict[str, tuple[list[str], list[float]]]:
        counts: dict[str, dict[str, int]] = {}
        for gram, times in self._threes.items():
            counts.setdefault(gram[:2], {})[gram[2]] = times
        return {
            two: ([*letters], [times / sum(letters.values()) for times in letters.values()])
            for two, letters in counts.items()
        }


def plausibility(drawn: Sequence[str], train: Sequence[str], test: Sequence[str], symbols: int) -> dict[str, float]:
    """Shares of drawn texts; keys as in `aeviz.evaluation.definitions`."""
    grams = Trigrams(train, symbols)
    threshold = np.quantile([grams.score(text) for text in test], IMPLAUSIBLE_SHARE)
    known = set(train)
    new = np.array([text not in known for text in drawn])
    good = np.array([MIN_LETTERS <= len(text) <= MAX_LETTERS and grams.score(text) >= threshold for text in drawn])
    return {
        "new": float(new.mean()),
        "plausible": float(good.mean()),
        "new_plausible": float((new & good).mean()),
        "distinct": len(set(drawn)) / len(drawn),
    }
