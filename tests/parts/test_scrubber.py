"""What Python checks of what the scrubber is given."""

from typing import Any

import numpy as np
import pytest

from aeviz.parts.scrubber import Strip, payload
from aeviz.parts.scrubber import streamlit as module
from aeviz.parts.sheets import strip


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


def test_films_travel_once_where_the_page_rounds_what_the_hand_set(monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, Any] = {}
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(module.host, "memory", lambda: held)
    monkeypatch.setattr(module.host, "sent", lambda key, state: held.get("committed"))
    monkeypatch.setattr(module.host, "mount", lambda name, key, data, **on: sent.append(data))
    film = Strip("AE", "#D55E00", strip(np.zeros((3, 2, 2, 1), np.uint8)))
    module.scrubber([film], t=0.5, key="path")
    for committed, t in ((0.81234, 0.812), (0.2, 0.2)):
        held["committed"] = committed
        module.scrubber([film], t=t, key="path")
    assert sent[0] == sent[1] == sent[2]
    module.scrubber([film], t=0.812, key="path")
    assert (sent[3]["t"], sent[3] == sent[2]) == (0.812, False), "back in the history"
