"""When a pad may send while the hand moves."""

from collections.abc import Callable
from typing import Any


def test_live_is_throttled_to_eight_a_second(js_module: Callable[[str], Any]) -> None:
    def step(since: float, dirty: bool = True, under_way: bool = False) -> str:
        facts = {"now": 10_000 + since, "sentAt": 10_000, "dirty": dirty, "underWay": under_way}
        return js_module("js").call("liveStep", facts)

    assert [step(since) for since in (0, 124, 125, 4000)] == ["wait", "wait", "send", "send"]
    assert [step(since, under_way=True) for since in (125, 4999, 5000)] == ["wait", "wait", "send"]
    assert step(4000, dirty=False) == "rest"
