"""When the modules of other pages are loaded ahead."""

from collections.abc import Callable


def test_when_to_go_on(js_module: Callable) -> None:
    patience = js_module("ahead").call
    assert patience("patience", 1000, 900, 2000, True) == 1900
    assert patience("patience", 3000, 900, 2000, True) == 0
    assert patience("patience", 3000, 900, 2000, False) > 0
