"""The replay's arithmetic: the line of steps, the plane of the codes, the charts."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from aeviz.parts.replay_film import Film

FIRST, SECOND = [0, 1, 10, 100, 1000], [0, 3, 30, 300]
STOPS = sorted({*FIRST, *SECOND})


def test_the_line_is_even_in_the_logarithm(js_module: Callable) -> None:
    module = js_module("replay_film")
    assert module.call("placeOf", 0, 999) == 0
    assert module.call("placeOf", 999, 999) == pytest.approx(1)
    assert module.call("placeOf", 99, 9999) == pytest.approx(0.5)
    t = np.linspace(0, 1, 21)
    back = module.evaluate("(m, ts) => [...ts].map((t) => m.toT(m.toPixel(t, 611), 611))", t)
    np.testing.assert_allclose(back, t, atol=1e-12)
    assert module.call("toT", -9, 611) == 0
    assert module.call("toT", 700, 611) == 1
    assert module.call("decades", 14_976) == [0, 1, 10, 100, 1000, 14_976], "10,000 would touch the last"
    assert module.call("decades", 7) == [0, 1, 7]


def test_frames_and_stops(js_module: Callable) -> None:
    module = js_module("replay_film")
    places = [0, 0.25, 0.75, 1]
    assert module.call("frameAt", places, 0) == {"frame": 0, "share": 0}
    assert module.call("frameAt", places, 0.5) == {"frame": 1, "share": 0.5}
    assert module.call("frameAt", places, 0.75) == {"frame": 2, "share": 0}
    assert module.call("frameAt", places, 1) == {"frame": 3, "share": 0}
    assert module.call("frameAt", [0, 0.5], 0.9) == {"frame": 1, "share": 0}, "a film that has ended rests"
    stops = module.call("stopsOf", [{"steps": FIRST}, {"steps": SECOND}])
    assert stops == STOPS
    for i, step in enumerate(STOPS):
        assert module.call("nearestStop", STOPS, module.call("placeOf", step, 1000)) == i
    assert module.call("keyStop", "PageUp", 5, 8) == 7
    assert module.call("keyStop", "x", 5, 8) is None


def test_places_travel_as_whole_numbers(js_module: Callable) -> None:
    places = np.random.default_rng(0).normal(size=(3, 7, 2)) * np.array([1e-4, 1, 500]).reshape(-1, 1, 1)
    pictures = np.zeros((3, 2, 2, 2, 1), np.uint8)
    sent = Film("a", "#000000", [0, 1, 2], places, pictures[0], pictures, pictures).packed["places"]
    frames = js_module("replay_film").call("framesOf", sent)
    for frame, wanted in zip(frames, places, strict=True):
        found = np.stack([frame["xs"], frame["ys"]], 1)
        np.testing.assert_allclose(found, wanted, atol=np.abs(wanted).max() / 30_000)


def test_the_view_holds_the_codes_and_grows_evenly(js_module: Callable) -> None:
    module = js_module("replay_film")
    assert module.call("viewOf", [-1, 3, 0, 2], 452, 252) == {"cx": 1, "cy": 1, "k": 100}
    between = module.call("viewBetween", {"cx": 0, "cy": 2, "k": 1}, {"cx": 2, "cy": 4, "k": 100}, 0.5)
    assert between == {"cx": 1, "cy": 3, "k": pytest.approx(10)}
    assert module.call("around", [[-1, 2, 0, 1], [0, 3, -4, 0]]) == [-1, 3, -4, 1]
    xs = np.concatenate([np.linspace(-1, 1, 998), [-500, 500]]).astype(np.float32)
    left, right, *_ = module.call("boxOf", xs, xs)
    assert (left, right) == (pytest.approx(-1, abs=0.02), pytest.approx(1, abs=0.02)), "strays do not count"


@pytest.mark.parametrize(("low", "high", "count"), [(-2.3, 3.1, 4), (0, 0.0004, 5), (-70, 900, 6)])
def test_grid_lines_are_round_and_even(js_module: Callable, low: float, high: float, count: int) -> None:
    lines = js_module("replay_film").call("roundNumbers", low, high, count)
    assert count / 2.5 <= len(lines) <= count + 1
    gaps = {round((b - a) / (high - low), 9) for a, b in pairwise(lines)}
    assert len(gaps) == 1
    assert all(low <= line <= high for line in lines)
    first = f"{lines[1] - lines[0]:e}"[0]
    assert first in "125"


def test_names_that_would_cover_another_are_left_out(js_module: Callable) -> None:
    module = js_module("replay_film")
    names = [{"text": text, "x": x, "y": y, "width": 20} for text, x, y in (("a", 0, 0), ("b", 15, 9), ("c", 21, 0))]
    assert [name["text"] for name in module.call("apart", names)] == ["a", "c"]


def test_class_middles_are_medians(js_module: Callable) -> None:
    xs, ys = np.array([1, 2, 99, 7], np.float32), np.array([5, 6, -80, 3], np.float32)
    found = js_module("replay_film").call("middles", xs, ys, np.array([4, 4, 4, 1], np.uint16))
    assert found == {"1": [7, 3], "4": [2, 5]}


def test_charts_place_values(js_module: Callable) -> None:
    module = js_module("replay_film")
    lines = [{"values": [1, None, 100]}, {"values": [10, 0, 5]}]
    assert module.call("rangeOf", {"lines": lines, "log": False, "reference": None}) == [0, 100]
    assert module.call("rangeOf", {"lines": lines, "log": True, "reference": {"value": 1000}}) == [1, 1000]
    assert module.call("rangeOf", {"lines": [{"values": [None]}], "log": False}) is None
    assert module.call("heightOf", 10, [1, 100], True) == pytest.approx(0.5)
    assert module.call("heightOf", 25, [0, 100], False) == 0.25
    assert module.call("heightOf", 0, [1, 100], True) is None
    said = {0: "0", 0.0003: "3e−4", 0.25: "0.25", 1.41: "1.4", 137.7: "138", -2: "−2.0", 12_000: "12k"}
    assert [module.call("brief", value) for value in said] == list(said.values())


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.031, "0.031"), (1.4, "1.4"), (99.2, "99"), (99.8, "100"), (1890, "1890"), (27_118, "27k")],
)
def test_a_number_on_an_axis_is_short_and_has_no_exponent(
    js_module: Callable[[str], Any], value: float, text: str
) -> None:
    assert js_module("replay_film").call("brief", value) == text


def test_millions_on_an_axis_are_short(js_module: Callable[[str], Any]) -> None:
    assert js_module("replay_film").call("brief", 27_118_000) == "27M"
    assert js_module("replay_film").call("brief", -4_976_000) == "−5M"
