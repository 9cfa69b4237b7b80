"""Charts that several parts draw: what they span, where values stand, and the numbers on their axes."""

from collections.abc import Callable
from typing import Any

import pytest


def test_charts_place_values(js_module: Callable) -> None:
    module = js_module("js")
    lines = [{"values": [1, None, 100]}, {"values": [10, 0, 5]}]
    assert module.call("rangeOf", {"lines": lines, "log": False, "reference": None}) == [0, 100]
    assert module.call("rangeOf", {"lines": lines, "log": True, "reference": {"value": 1000}}) == [1, 1000]
    assert module.call("rangeOf", {"lines": [{"values": [None]}], "log": False}) is None
    assert module.call("heightOf", 10, [1, 100], True) == pytest.approx(0.5)
    assert module.call("heightOf", 25, [0, 100], False) == 0.25
    assert module.call("heightOf", 0, [1, 100], True) is None
    said = {0: "0", 0.0003: "3e−4", 0.25: "0.25", 1.41: "1.4", 137.7: "138", -2: "−2", 0.5: "0.5", 12_000: "12k"}
    assert [module.call("brief", value) for value in said] == list(said.values())


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.031, "0.031"), (1.4, "1.4"), (99.2, "99"), (99.8, "100"), (1890, "1890"), (27_118, "27k")],
)
def test_a_number_on_an_axis_is_short_and_has_no_exponent(
    js_module: Callable[[str], Any], value: float, text: str
) -> None:
    assert js_module("js").call("brief", value) == text


def test_millions_on_an_axis_are_short(js_module: Callable[[str], Any]) -> None:
    assert js_module("js").call("brief", 27_118_000) == "27M"
    assert js_module("js").call("brief", -4_976_000) == "−5M"


def test_a_curve_on_another_leaves_gaps_that_show_it(js_module: Callable[[str], Any]) -> None:
    dashes = js_module("js").evaluate(
        """({ paintChart }, lines) => {
             const dashes = [];
             const context = {
               setLineDash: (dash) => (context.dash = dash), stroke: () => dashes.push(context.dash ?? []),
               clearRect() {}, fillText() {}, beginPath() {}, moveTo() {}, lineTo() {},
             };
             const place = (step) => step / 2, colours = ["a", "b", "c", "d"];
             paintChart(context, { lines }, { width: 300, height: 100, place, font: "", colours }, [0, 10], []);
             return dashes;
           }""",
        [
            {"steps": [0, 1, 2], "values": [9, 3, 1]},
            {"steps": [0, 1, 2], "values": [9, 3.01, 1]},
            {"steps": [0, 1, 2], "values": [9, 5, 1]},
            {"steps": [0, 1, 2], "values": [9, 5, 1], "dashed": True},
        ],
    )
    assert dashes == [[], [12, 12], [], [5, 4]]
