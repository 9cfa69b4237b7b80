"""What Python checks of what the scrubber is given."""

import numpy as np
import pytest

from aeviz.parts.scrubber import Strip, payload
from aeviz.parts.scrubber import streamlit as module
from aeviz.parts.sheets import strip
from tests.parts.conftest import Hosted


@pytest.mark.parametrize(
    ("counts", "shown", "t", "message"),
    [
        ([], 3, 0, "at least one strip"),
        ([3, 4], 3, 0, "same number of tiles"),
        ([1], 3, 0, "two or more"),
        ([3], 1, 0, "two tiles or more"),
        ([3], 3, 1.2, "must lie in"),
        ([3], 3, float("nan"), "must lie in"),
    ],
)
def test_strips_that_do_not_fit_are_refused(counts: list[int], shown: int, t: float, message: str) -> None:
    strips = [Strip("AE", "#D55E00", strip(np.zeros((count, 2, 2, 1), np.uint8)), shown) for count in counts]
    with pytest.raises(ValueError, match=message):
        payload(strips, t=t)


def test_films_travel_once_where_the_page_rounds_what_the_hand_set(hosted: Hosted) -> None:
    film = Strip("AE", "#D55E00", strip(np.zeros((3, 2, 2, 1), np.uint8)))
    module.scrubber([film], t=0.5, key="path")
    for committed, t in ((0.81234, 0.812), (0.2, 0.2)):
        hosted.committed = committed
        module.scrubber([film], t=t, key="path")
    assert hosted.sent[0] == hosted.sent[1] == hosted.sent[2]
    module.scrubber([film], t=0.812, key="path")
    assert (hosted.sent[3]["t"], hosted.sent[3] == hosted.sent[2]) == (0.812, False), "back in the history"
    module.scrubber([film], t=0.2, key="path")
    assert (hosted.sent[4]["t"], hosted.sent[4]["told"]["turn"]) == (0.2, 2), "and forward to what the hand set last"
