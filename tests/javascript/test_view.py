"""Views of a plane, as all parts have them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def module(js_module: Callable[[str], Any]) -> Any:
    return js_module("js")


def test_a_view_has_one_scale_and_y_upwards(module: Any) -> None:
    view = module.call("fit", [0, 10, 0, 4], 320, 240, 10)
    assert view["k"] == pytest.approx(30)
    x, y = module.call("toScreen", view, 5, 2)
    assert (x, y) == pytest.approx((160, 120))
    assert module.call("toScreen", view, 5, 4)[1] < y
    assert module.call("toPlane", view, x, y) == pytest.approx([5, 2])


def test_zooming_keeps_the_place_under_the_pointer_and_the_limits(module: Any) -> None:
    view = {"k": 3, "tx": 40, "ty": 70}
    closer = module.call("zoomAt", view, 100, 20, 2.5)
    assert module.call("toPlane", closer, 100, 20) == pytest.approx(module.call("toPlane", view, 100, 20))
    assert closer["k"] == pytest.approx(7.5)
    assert module.call("zoomAt", view, 0, 0, 100, 1, 12)["k"] == 12
    assert module.call("zoomAt", view, 0, 0, 0.001, 1, 12)["k"] == 1


def test_a_view_holds_a_box_and_tells_what_it_shows(module: Any) -> None:
    view = module.call("fit", [-2, 6, 1, 5], 400, 300)
    assert view == {"k": 50, "tx": 100, "ty": 300}
    assert module.call("boxOf", view, 400, 300) == [-2, 6, 0, 6]
    assert module.call("toScreen", view, -2, 6) == [0, 0]
    assert module.call("toPlane", view, 400, 300) == [6, 0]
    assert module.call("fit", [3, 3, 4, 4], 400, 300) == {"k": 1, "tx": 197, "ty": 154}, "one point, in the middle"


def test_a_stage_of_another_size_keeps_its_middle(module: Any) -> None:
    view = module.call("centred", 2, 3, 50, 400, 300)
    assert module.call("resized", view, 400, 300, 800, 200, 20) == module.call("centred", 2, 3, 20, 800, 200)


def test_two_fingers_keep_the_places_under_them(module: Any) -> None:
    view = {"k": 3, "tx": 40, "ty": 70}
    before, after = [[10, 20], [30, 20]], [[50, 60], [90, 60]]
    pinched = module.call("pinched", view, before, after)
    assert pinched["k"] == 6
    for old, new in zip(before, after, strict=True):
        assert module.call("toPlane", pinched, *new) == pytest.approx(module.call("toPlane", view, *old))


def test_a_view_glides_evenly_and_about_what_stays(module: Any) -> None:
    start = {"k": 1, "tx": 10, "ty": 20}
    end = module.call("zoomAt", start, 100, 50, 100)
    assert module.call("between", start, end, 0.5)["k"] == pytest.approx(10)
    for t in (0, 0.3, 0.5, 1):
        between = module.call("between", start, end, t)
        assert module.call("toPlane", between, 100, 50) == pytest.approx(module.call("toPlane", start, 100, 50))
    panned = module.call("panned", start, 8, -4)
    assert module.call("between", start, panned, 0.25) == {"k": 1, "tx": 12, "ty": 19}


def test_the_wheel_zooms_by_its_way_in_whatever_unit(module: Any) -> None:
    factors = [module.call("wheelFactor", {"deltaY": y, "deltaMode": mode}, 0.002) for y, mode in ((32, 0), (2, 1))]
    assert factors[0] == factors[1] < 1
    assert module.call("wheelFactor", {"deltaY": -9000, "deltaMode": 2}, 0.002) == pytest.approx(np.exp(0.48))
