"""What becomes of an address that the page asks for: an entry in the tab's history, or the present one's new text."""

from collections.abc import Callable
from typing import Any

import pytest

MAP = "http://localhost:8501/map"


@pytest.fixture(scope="module")
def step(js_module: Callable) -> Callable[..., dict[str, Any]]:
    history = js_module("tab")

    def asked(
        to: str, here: str = MAP, *, acted: bool = True, last: list[str] | None = None, resting: bool = True
    ) -> dict[str, Any]:
        names = {"own": ["view"], "drags": ["level"], "gathers": ["drawn", "view"], "last": last}
        return history.call("step", {"here": here, "to": to, "acted": acted, "resting": resting, **names})

    return asked


def test_an_act_is_one_entry_and_what_follows_of_it_is_none(step: Callable[..., dict[str, Any]]) -> None:
    assert step("/map?colour=error")["how"] == "push"
    assert step("/map?colour=error&points=500", f"{MAP}?colour=error", acted=False)["how"] == "replace"
    assert step("/decode")["how"] == "push"
    assert step("/map", f"{MAP}?")["how"] == "none"
    assert step("/map?models=a,b", f"{MAP}?models=a%2Cb")["how"] == "none", "two ways to write one text"


def test_a_drag_is_one_entry_however_often_it_rests(step: Callable[..., dict[str, Any]]) -> None:
    first = step("/map?level=0.2")
    assert (first["how"], first["names"]) == ("push", ["level"])
    here = f"{MAP}?level=0.2"
    assert step("/map?level=0.3", here, last=["level"])["how"] == "replace"
    assert step("/map?level=0.3", here, last=["colour"])["how"] == "push", "another control was turned between"
    assert step("/map?level=0.3&colour=error", here, last=["level"])["how"] == "push"


def test_the_next_drag_is_another_entry_and_strokes_of_a_drawing_are_one(step: Callable[..., dict[str, Any]]) -> None:
    assert step("/map?level=0.3", f"{MAP}?level=0.2", last=["level"], resting=False)["how"] == "push"
    assert step("/map?drawn=b", f"{MAP}?drawn=a", last=["drawn"], resting=False)["how"] == "replace"
    both = f"{MAP}?drawn=a&level=0.2"
    assert step("/map?drawn=b&level=0.3", both, last=["drawn", "level"])["how"] == "replace"
    assert step("/map?drawn=b&level=0.3", both, last=["drawn", "level"], resting=False)["how"] == "push"


def test_what_the_browser_wrote_stays_on_its_page_whatever_python_asks_for(
    step: Callable[..., dict[str, Any]],
) -> None:
    assert step("/map?colour=error", f"{MAP}?view=a_2_0_0")["to"] == f"{MAP}?colour=error&view=a_2_0_0"
    assert step("/map?colour=error&view=old", MAP)["to"] == f"{MAP}?colour=error", "and what it took away stays away"
    assert step("/map?view=old", MAP)["how"] == "none"
    assert step("/decode", f"{MAP}?view=a_2_0_0")["to"] == "http://localhost:8501/decode"


def test_the_tab_tells_what_stands_under_some_names(js_module: Callable) -> None:
    texts = js_module("tab").call("textsOf", f"{MAP}?colour=error&view=a%5F2&hidden=", ["view", "hidden", "turn"])
    assert texts == {"view": "a_2", "hidden": ""}
