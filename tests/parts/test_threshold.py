"""What Python checks of what the threshold is given, and what it makes of it."""

import numpy as np
import pytest

from aeviz.parts.threshold import POINTS, axis, payload
from aeviz.parts.threshold import streamlit as module
from tests.parts.conftest import Hosted

SCORES, UNUSUAL = np.array([1.0, 5, 3, 5]), np.array([False, True, False, True])


@pytest.mark.parametrize(
    ("scores", "positive", "options", "message"),
    [
        ([], None, {}, "one or more"),
        ([1, float("nan")], None, {}, "finite"),
        (SCORES, [True, False], {}, "of each item"),
        (SCORES, [True] * 4, {}, "both kinds"),
        (SCORES, UNUSUAL, {"cost": 3}, "may cost"),
        (SCORES, UNUSUAL, {"flagged": 5}, "up to 4"),
        (SCORES, UNUSUAL, {"shown": [0, 1], "captions": ["a"]}, "1 captions for 2 tiles"),
    ],
)
def test_what_does_not_fit_is_refused(scores: object, positive: object, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        payload(scores, positive, **options)  # type: ignore[arg-type]


def test_curves_keep_their_ends_and_few_points() -> None:
    x = np.linspace(0, 1, 5000)
    data = payload(SCORES, UNUSUAL, roc=(x, np.sqrt(x)))
    assert len(data["roc"]) <= POINTS
    assert (data["roc"][0], data["roc"][-1]) == ([0, 0], [1, 1])
    assert payload(SCORES, None)["positive"] is None


def test_an_axis_is_logarithmic_where_scores_differ_much_and_never_below_nought() -> None:
    wide = np.geomspace(1e-3, 10, 500)
    assert axis(wide, None)[2]
    assert not axis(wide + 1, None)[2]
    assert not axis(wide - 1, None)[2]
    low, high, _ = axis(np.ones(4), None)
    assert low < 1 < high


def test_an_axis_holds_the_scores_of_other_models_too() -> None:
    scores, other = (np.linspace(*ends, 500, dtype=np.float32) for ends in ((1, 2), (0.1, 9)))
    assert axis(scores, None, [other]) == axis(other, None, [scores]), "a place means one score for both"
    low, high, logs = axis(scores, np.arange(500) < 250, [other])
    assert (low < 0.2, high > 8.9, logs) == (True, True, True)
    facts = [payload(own, None, beside=[by])["axis"] for own, by in ((scores, other), (other, scores))]
    assert facts[0] == facts[1]


def test_scores_travel_once(hosted: Hosted) -> None:
    module.threshold(payload(SCORES, UNUSUAL), key="handle")
    for flagged, cost in ((2, 2), (None, 5)):
        hosted.committed = {"flagged": flagged, "cost": cost}
        module.threshold(payload(SCORES, UNUSUAL, flagged=flagged, cost=cost), key="handle")
    assert hosted.sent[0] == hosted.sent[1] == hosted.sent[2]
    module.threshold(payload(SCORES, UNUSUAL, flagged=2, cost=5), key="handle")
    assert (hosted.sent[3]["flagged"], hosted.sent[3] == hosted.sent[2]) == (2, False), "back in the history"
    module.threshold(payload(SCORES + 1, UNUSUAL, flagged=3, cost=5), key="handle")
    assert hosted.sent[4]["flagged"] == 3
