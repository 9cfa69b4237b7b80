import numpy as np
import pytest

from aeviz.parts.dial import Chart, Handle, Line, Panel, Place, payload
from aeviz.parts.dial import streamlit as module
from aeviz.parts.sheets import strip
from tests.parts.conftest import Hosted


def panel(count: int = 3, notes: tuple[str, ...] = ()) -> Panel:
    return Panel("AE", "#D55E00", strip(np.zeros((count, 4, 6, 1), np.uint8)), notes)


@pytest.mark.parametrize(
    ("panels", "stops", "at", "said"),
    [
        ([], "abc", 0, "at least one panel"),
        ([panel(1)], "", 0, "at least one stop"),
        ([panel()], "abc", 3, "one of 3 stops"),
        ([panel()], "abc", -1, "one of 3 stops"),
        ([panel(), panel(2)], "abc", 0, "2 tiles for 3 stops"),
        ([panel(notes=("one",))], "abc", 0, "1 notes for 3 stops"),
    ],
)
def test_what_does_not_fit_is_refused(panels: list[Panel], stops: str, at: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        payload(panels, list(stops), at=at, label="Radius")


def test_pictures_travel_once(hosted: Hosted) -> None:
    """The browser's own commit changes nothing of what is sent; a stop that the caller sets, or new pictures, do.

    How often the caller set one is counted, so that one that it named before is news, too.
    """
    old, new = panel(), Panel("AE", "#D55E00", strip(np.ones((3, 4, 6, 1), np.uint8)))

    def shown(part: Panel, at: int, committed: int | None) -> tuple[object, object]:
        hosted.committed = committed
        module.dial([part], list("abc"), at=at, label="Radius", key="dial")
        return hosted.sent[-1]["at"], hosted.sent[-1]["told"]["turn"]

    assert shown(old, 1, None) == (1, 0)
    assert shown(new, 1, None) == (1, 0)
    assert shown(new, 2, 2) == (1, 0)
    assert hosted.sent[-1] == hosted.sent[-2]
    assert shown(old, 2, 2) == (2, 0)
    assert shown(old, 0, 0) == (2, 0)
    assert shown(old, 2, 0) == (2, 1), "back to a stop that it named before"
    assert shown(old, 2, 0) == (2, 1)
    assert shown(old, 1, 1) == (2, 1)
    assert shown(old, 2, None) == (2, 2), "the page was left and met again"


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (Chart([], "PSNR", x=[0, 1]), "2 x values for 3 stops"),
        (Chart([Line("AE", "#D55E00", [1, 2])], "PSNR"), "2 values for"),
        (Chart([Line("AE", "#D55E00", [1, 2], x=[1])], "PSNR"), "2 values for 1 stops"),
        (Chart([], "PSNR", logarithmic=True), "begins above 0"),
    ],
)
def test_a_chart_that_does_not_fit_is_refused(chart: Chart, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        payload([panel()], list("abc"), at=0, label="Level", chart=chart)


def test_a_tile_stands_for_each_combination_of_handles_and_place() -> None:
    """In C order; a panel of one tile stays, and what JSON does not know is no value."""
    handles = {"more": [Handle("Size", ("small", "large"))], "place": Place("Drag the hole", 2, 5)}
    line = Line("AE", "#D55E00", [float("nan"), *np.arange(59)])
    data = payload([panel(60), panel(1)], list("abc"), at=59, label="Level", chart=Chart([line], "PSNR"), **handles)
    assert [axis["label"] for axis in data["axes"]] == ["Level", "Size"]
    assert data["chart"]["x"] == [0, 1, 2]
    assert data["chart"]["lines"][0]["values"][:2] == [None, 0]
    with pytest.raises(ValueError, match="3 tiles for 60 stops"):
        payload([panel(3)], list("abc"), at=0, label="Level", **handles)
