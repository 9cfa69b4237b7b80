"""Round numbers for axes."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest


@pytest.fixture
def module(js_module: Callable[[str], Any]) -> Any:
    return js_module("js")


@pytest.mark.parametrize(
    ("lo", "hi", "expected"), [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 12, [0, 5, 10]), (5, 5, [5])]
)
def test_ticks_are_round(module: Any, lo: float, hi: float, expected: list[float]) -> None:
    assert module.call("ticks", lo, hi, 4, {"room": 0.7}) == pytest.approx(expected)


def test_both_ends_count_and_zero_has_no_sign(module: Any) -> None:
    assert module.call("ticks", -3.5, 3.5, 7) == [-3, -2, -1, 0, 1, 2, 3]
    assert module.call("ticks", 0.11, 0.19, 4) == [0.12, 0.14, 0.16, 0.18]
    assert module.call("ticks", 0.1, 0.7, 6) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert module.evaluate("(m) => Object.is(m.ticks(-1, 1, 2)[1], 0)")
    assert module.call("ticks", 0, 23, 5, {"steps": [1, 3, 6, 12]}) == [0, 6, 12, 18]


@pytest.mark.parametrize(("low", "high", "count"), [(-2.3, 3.1, 4), (0, 0.0004, 5), (-70, 900, 6)])
def test_grid_lines_are_round_and_even(module: Any, low: float, high: float, count: int) -> None:
    lines = module.call("ticks", low, high, count)
    assert count / 2.5 <= len(lines) <= count + 1
    gaps = {round((b - a) / (high - low), 9) for a, b in pairwise(lines)}
    assert len(gaps) == 1
    assert all(low <= line <= high for line in lines)
    first = f"{lines[1] - lines[0]:e}"[0]
    assert first in "125"
