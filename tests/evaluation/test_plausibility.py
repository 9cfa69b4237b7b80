"""Trigrams of texts, and which draws are new and plausible."""

from math import log

import numpy as np
import pytest

from aeviz.evaluation.plausibility import END, SMOOTHING, START, Trigrams, plausibility

NAMES = ["anna", "hanna", "annette", "nan", "ann"]


def test_a_score_by_hand() -> None:
    grams = Trigrams(["ab", "ac"], symbols=4)
    total = SMOOTHING * 4
    expected = [
        log((2 + SMOOTHING) / (2 + total)),  # a, after nothing, twice
        log((1 + SMOOTHING) / (2 + total)),  # b after nothing and a
        log((1 + SMOOTHING) / (1 + total)),  # the end after ab
    ]
    assert grams.score("ab") == pytest.approx(np.mean(expected))
    assert grams.score("ab") > grams.score("ba")


def test_the_shares_of_what_follows_sum_to_one() -> None:
    grams = Trigrams(NAMES, symbols=27)
    for two in (START + START, START + "a", "an", "nn"):
        letters = [*"abcdefghijklmnopqrstuvwxyz", END]
        assert sum(grams.share(two, letter) for letter in letters) == pytest.approx(1)


def test_draws_follow_the_counts_and_end() -> None:
    grams = Trigrams(NAMES, symbols=27)
    drawn = grams.draws(500, seed=0, longest=12)
    assert drawn == grams.draws(500, seed=0, longest=12)
    assert drawn != grams.draws(500, seed=1, longest=12)
    starts = np.mean([text[0] == "a" for text in drawn])
    assert starts == pytest.approx(3 / 5, abs=0.07)
    assert max(map(len, drawn)) <= 12
    assert not {START, END} & set("".join(drawn))
    assert all(grams.score(text) > grams.score("xqz") for text in drawn)


def test_new_plausible_and_distinct_by_hand() -> None:
    drawn = ["anna", "hannette", "hannette", "zzzz", "an", "annannannannn"]
    found = plausibility(drawn, train=NAMES, test=NAMES, symbols=27)
    assert found["new"] == pytest.approx(5 / 6)
    assert found["distinct"] == pytest.approx(5 / 6)
    assert found["plausible"] == pytest.approx(3 / 6), "too short, too long and unheard of are not"
    assert found["new_plausible"] == pytest.approx(2 / 6)


def test_nearly_all_real_texts_are_plausible() -> None:
    texts = Trigrams(NAMES, 27).draws(400, seed=3, longest=12)
    held = [text for text in texts[200:] if 3 <= len(text) <= 10]
    assert plausibility(held, texts[:200], held, 27)["plausible"] >= 0.94
