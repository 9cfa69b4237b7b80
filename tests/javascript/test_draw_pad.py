"""The drawing pad's strokes, and what is sent of them."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def module(js_module: Callable[[str], Any]) -> Any:
    return js_module("draw_pad")


def test_a_smooth_curve_goes_through_the_middles_and_keeps_both_ends(module: Any) -> None:
    assert module.call("curve", [1, 2]) == [["M", 1, 2]]
    assert module.call("curve", [0, 0, 4, 6]) == [["M", 0, 0], ["L", 4, 6]]
    assert module.call("curve", [0, 0, 10, 0, 20, 10, 30, 10]) == [
        ["M", 0, 0],
        ["Q", 10, 0, 15, 5],
        ["Q", 20, 10, 25, 10],
        ["L", 30, 10],
    ]


def test_points_closer_than_a_hair_are_left_out(module: Any) -> None:
    assert module.call("addPoint", [], 3.2, 7.8) is True
    assert module.call("addPoint", [100, 100], 102, 102) is False
    assert module.call("addPoint", [100, 100], 104, 100) is True


def test_history(module: Any) -> None:
    a, b, clear = {"tool": "brush"}, {"tool": "eraser"}, {"tool": "clear", "size": 0, "colour": "", "points": []}
    assert module.call("visible", [a, clear, b]) == [b]
    assert module.call("visible", [a, b]) == [a, b]
    assert module.call("cleared", [a, clear, b]) == [b, clear]
    assert module.call("cleared", [a, clear]) == [a, clear]  # nothing to clear
    assert module.call("undone", [a, b]) == [a]


def test_pixels_are_packed_without_loss(module: Any) -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (5000, 4), np.uint8)
    assert base64.b64decode(module.call("encode", rgba.ravel(), 1)) == rgba[:, 0].tobytes()
    assert base64.b64decode(module.call("encode", rgba.ravel(), 3)) == rgba[:, :3].tobytes()
