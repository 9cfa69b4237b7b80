"""The arithmetic of the comparison in Node: the order of rows, the best, axes, and names that cover nothing."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from aeviz.parts.sheets import pack


@pytest.fixture(scope="module")
def plane(js_module: Callable[[str], Any]) -> Any:
    return js_module("comparison")


def test_rows_without_a_number_come_last(plane: Any) -> None:
    order = "(plane, falling) => plane.orderOf([2, NaN, 1, 2], falling)"
    assert plane.evaluate(order, False) == [2, 0, 3, 1]
    assert plane.evaluate(order, True) == [0, 3, 2, 1]


def test_the_best_needs_an_end_and_another_to_beat(plane: Any) -> None:
    best = "(plane, numbers, better) => plane.bestOf(numbers.map((n) => n ?? NaN), better)"
    assert plane.evaluate(best, [2, None, 1], "low") == 1
    assert plane.evaluate(best, [2, None, 1], "high") == 2
    assert np.isnan(plane.evaluate(best, [2, 1], ""))
    assert np.isnan(plane.evaluate(best, [2, None], "low"))


def test_an_axis_holds_its_values_and_is_logarithmic_where_they_span_much(plane: Any) -> None:
    for values, log in (([0.5, 200], True), ([1, 3], False), ([0, 500], False), ([4], False)):
        axis = plane.call("axisOf", values)
        assert axis["low"] < min(values) <= max(values) < axis["high"]
        assert axis["log"] == log


def test_names_cover_neither_each_other_nor_a_point(plane: Any) -> None:
    random = np.random.default_rng(3)
    spots = [{"x": float(x), "y": float(y), "label": "vae-50d"} for x, y in random.uniform(60, 400, (24, 2))]
    names = plane.call("placedNames", spots, [56, 480])
    placed = [name for name in names if name]
    assert 8 < len(placed) <= 24
    half = 7.2 * 7 / 2
    for (x, y), (u, v) in combinations(placed, 2):
        assert abs(x - u) >= 2 * half - 1e-6 or abs(y - v) >= 16 - 1e-6
    assert all(x - half >= 56 and x + half <= 480 for x, _ in placed)


def test_histograms_of_models_side_by_side_have_one_scale(js_module: Callable[[str], Any]) -> None:
    curves = js_module("comparison")
    narrow, wide = (
        {"names": ["z0"], "reach": reach, "densities": pack(np.full((1, 60), height, np.float32)), "note": ""}
        for reach, height in ((4.0, 0.8), (30.0, 0.02))
    )
    scale = curves.call("scaleOf", [narrow, wide])
    assert scale["far"] == 30
    assert scale["highest"] == pytest.approx(0.84)
    assert curves.call("scaleOf", [wide])["highest"] == pytest.approx(0.42), "the bell N(0, 1) has room"
