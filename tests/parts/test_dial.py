from typing import Any

import numpy as np
import pytest

from aeviz.parts.dial import Panel, payload
from aeviz.parts.dial import streamlit as module
from aeviz.parts.sheets import strip


def panel(count: int = 3, notes: tuple[str, ...] = ()) -> Panel:
    return Panel("AE", "#D55E00", strip(np.zeros((count, 4, 6, 1), np.uint8)), notes)


@pytest.mark.parametrize(
    ("panels", "stops", "at", "said"),
    [
        ([], "abc", 0, "at least one panel"),
        ([panel(1)], "a", 0, "two stops or more"),
        ([panel()], "abc", 3, "one of 3 stops"),
        ([panel()], "abc", -1, "one of 3 stops"),
        ([panel(), panel(2)], "abc", 0, "2 tiles for 3 stops"),
        ([panel(notes=("one",))], "abc", 0, "1 notes for 3 stops"),
    ],
)
def test_what_does_not_fit_is_refused(panels: list[Panel], stops: str, at: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        payload(panels, list(stops), at=at, label="Radius")


def test_pictures_travel_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's own commit changes nothing of what is sent; a stop that the caller sets, or new pictures, do."""
    held: dict[str, Any] = {}
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(module.host, "memory", lambda: held)
    monkeypatch.setattr(module.host, "sent", lambda key, state: held[key][state])
    monkeypatch.setattr(module.host, "mount", lambda name, key, data, stop: sent.append(data))
    old, new = panel(), Panel("AE", "#D55E00", strip(np.ones((3, 4, 6, 1), np.uint8)))

    def shown(part: Panel, at: int, committed: int | None) -> object:
        held["dial"] = {"stop": committed}
        module.dial([part], list("abc"), at=at, label="Radius", key="dial")
        return sent[-1]["at"]

    assert shown(old, 1, None) == 1
    assert shown(old, 2, 2) == 1
    assert sent[-1] == sent[-2]
    assert shown(new, 2, 2) == 2
    assert shown(new, 0, 2) == 0
