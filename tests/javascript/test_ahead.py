"""When the modules of other pages are loaded ahead."""

from collections.abc import Callable


def test_when_to_go_on(js_module: Callable) -> None:
    ahead = js_module("ahead")
    assert ahead.call("delay", 1000, 900, 2000, True) == 1900
    assert ahead.call("delay", 3000, 900, 2000, True) == 0
    assert ahead.call("delay", 3000, 900, 2000, False) > 0
