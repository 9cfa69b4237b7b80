"""The threshold's arithmetic: what is flagged, what that costs, and where it stands."""

from collections.abc import Callable

import numpy as np
import pytest

from aeviz.evaluation import detection

AXIS, LOGARITHMIC = {"low": 0.0, "high": 8.0, "log": False}, {"low": 0.01, "high": 100.0, "log": True}


def ordered(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    positive = random.random(80) < 0.3
    scores = np.round(random.normal(4, 1, 80) + positive, 1).astype(np.float32)
    order = np.argsort(-scores, kind="stable")
    return scores[order], positive[order]


def test_items_of_one_score_are_flagged_together(js_module: Callable) -> None:
    module = js_module("threshold")
    scores, _ = ordered(0)
    ends = module.call("endsOf", scores)
    assert ends == detection.flagged_counts(scores).tolist()
    flagged = module.evaluate("(m, s) => [...s].map((t) => m.flaggedAt(s, t))", scores)
    assert flagged == [(scores >= score).sum() for score in scores]
    assert set(flagged) <= set(ends)


@pytest.mark.parametrize("miss", [0.1, 1, 20])
def test_the_cheapest_is_what_python_says(js_module: Callable, miss: float) -> None:
    module = js_module("threshold")
    scores, positive = ordered(1)
    cheapest = module.evaluate(
        "(m, s, p, k) => m.cheapestOf(m.endsOf(s), m.foundOf(p), k)", scores, positive.astype(np.uint8), miss
    )
    assert cheapest == detection.cheapest(scores, positive, miss)


def test_counts_are_of_all_items(js_module: Callable) -> None:
    module = js_module("threshold")
    found = module.call("foundOf", np.array([1, 1, 0, 1, 0, 0], np.uint8))
    assert module.call("countsAt", found, 4) == {"hits": 3, "alarms": 1, "misses": 0, "passed": 2}
    assert module.call("countsAt", found, 0) == {"hits": 0, "alarms": 0, "misses": 3, "passed": 3}


@pytest.mark.parametrize("axis", [AXIS, LOGARITHMIC])
def test_a_threshold_of_a_count_flags_as_many(js_module: Callable, axis: dict) -> None:
    module = js_module("threshold")
    scores, _ = ordered(2)
    back = module.evaluate(
        "(m, s, a) => [...m.endsOf(s)].map((n) => [n, m.flaggedAt(s, m.thresholdOf(s, n, a))])", scores, axis
    )
    assert all(wanted == flagged for wanted, flagged in back)
    shares = module.evaluate("(m, a) => [0, 0.3, 1].map((t) => m.toShare(m.toScore(t, a), a))", axis)
    np.testing.assert_allclose(shares, [0, 0.3, 1], atol=1e-9)


def test_bins_hold_every_item_of_each_kind(js_module: Callable) -> None:
    module = js_module("threshold")
    scores, positive = ordered(3)
    usual, unusual = module.call("histogramOf", scores, positive.astype(np.uint8), AXIS, 10)
    assert (sum(usual), sum(unusual)) == (pytest.approx(1), pytest.approx(1))
    assert len(module.call("histogramOf", scores, None, AXIS, 10)) == 1


def test_ticks_are_round_and_few(js_module: Callable) -> None:
    module = js_module("threshold")
    assert module.call("ticksOf", AXIS, 4) == [0, 2, 4, 6, 8]
    np.testing.assert_allclose(module.call("ticksOf", LOGARITHMIC, 5), [0.01, 0.1, 1, 10, 100])


def test_a_small_score_is_a_decimal_before_it_needs_an_exponent(js_module: Callable) -> None:
    module = js_module("threshold")
    said = {0.0001: "0.0001", 0.001: "0.001", 0.00001: "1.0e−5", 12: "12", -0.5: "−0.5"}
    assert [module.call("scoreText", value) for value in said] == list(said.values())


def test_tiles_beside_the_threshold_are_the_nearest_that_are_there(js_module: Callable) -> None:
    beside = js_module("threshold").call("tilesBeside", np.array([1, 4, 5, 8, 9], np.uint32), 6, 2)
    assert beside == {"marked": 3, "above": [5, 4], "below": [8, 9]}
