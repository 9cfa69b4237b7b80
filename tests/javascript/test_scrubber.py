"""The scrubber's arithmetic: the path, its film, its play and its keys."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest


def test_pixel_and_t_are_each_others_inverse(js_module: Callable) -> None:
    module = js_module("scrubber")
    t = np.linspace(0, 1, 41)
    back = module.evaluate("(m, ts) => [...ts].map((t) => m.toT(m.toPixel(t, 711, 11), 711, 11))", t)
    np.testing.assert_allclose(back, t, atol=1e-12)
    assert module.call("toPixel", 0, 220, 11) == 10
    assert module.call("toPixel", 1, 220, 11) == 210
    assert module.call("toT", -5, 220, 11) == 0
    assert module.call("toT", 500, 220, 11) == 1


def test_film_tiles_are_evenly_spaced_with_both_ends(js_module: Callable) -> None:
    module = js_module("scrubber")
    assert module.call("filmTiles", 33, 11, 1000) == [0, 3, 6, 10, 13, 16, 19, 22, 26, 29, 32]
    assert module.call("filmTiles", 33, 9, 1000) == list(range(0, 33, 4))
    assert module.call("filmTiles", 33, 11, 170) == [0, 8, 16, 24, 32], "fewer where it is narrow"
    assert module.call("filmTiles", 3, 11, 1000) == [0, 1, 2]
    assert module.call("filmTiles", 33, 11, 10) == [0, 32]


def test_play_passes_each_place_both_ways(js_module: Callable) -> None:
    module = js_module("scrubber")
    for t in (0, 0.3, 0.5, 1):
        for back in (False, True):
            assert module.call("positionAt", module.call("phaseAt", t, back)) == pytest.approx(t)
    way = module.evaluate("(m) => Array.from({length: 671}, (_, i) => m.positionAt(i * 10))")
    assert way[0] == 0
    assert way[-1] == 0
    assert max(way) == 1
    assert max(abs(b - a) for a, b in pairwise(way)) <= 10 / 3000 + 1e-9


def test_a_place_lies_between_two_tiles(js_module: Callable) -> None:
    module = js_module("scrubber")
    assert module.call("between", 0, 33) == {"tile": 0, "share": 0}
    assert module.call("between", 1, 33) == {"tile": 31, "share": 1}
    assert module.call("between", 0.25, 5) == {"tile": 1, "share": 0}
    assert module.call("between", 0.3125, 5) == {"tile": 1, "share": 0.25}


def test_steps_of_keys(js_module: Callable) -> None:
    module = js_module("scrubber")
    assert module.call("keyTarget", "ArrowRight", 0.26, 33) == 9 / 32, "from the nearest tile to the next"
    assert module.call("keyTarget", "ArrowLeft", 0, 33) == 0
    assert module.call("keyTarget", "End", 0.2, 33) == 1
    assert module.call("keyTarget", "x", 0.2, 33) is None
