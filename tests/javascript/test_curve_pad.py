"""The arithmetic of the curve pad: what a hand and a key make of a curve."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

AXES = {"low": -1, "high": 3, "unit": "mV", "start": -0.25, "step": 0.05, "timeUnit": "s"}


@pytest.fixture
def module(js_module: Callable[[str], Any]) -> Any:
    return js_module("curve_pad")


def pulled(module: Any, values: list[float], *places: tuple[float, float]) -> list[float]:
    """What a hand that goes through places (at, value) makes of a curve."""
    script = """(module, values, places) => places.map(([at, value]) => ({ at, value }))
        .reduce((now, place, i, all) => (i ? module.pulled(now, all[i - 1], place) : now), values)"""
    return module.evaluate(script, values, [list(place) for place in places])


def test_a_hand_changes_only_what_it_passes(module: Any) -> None:
    assert pulled(module, [9] * 6, (1.0, 0.0), (4.0, 3.0)) == [9, 0, 1, 2, 3, 9]
    assert pulled(module, [9] * 6, (4.0, 3.0), (1.0, 0.0)) == [9, 0, 1, 2, 3, 9]
    assert pulled(module, [9] * 6, (1.5, 1.5), (3.4, 3.4)) == [9, 9, 2, 3, 9, 9]
    assert pulled(module, [9] * 6, (1.5, 1.5), (3.9, 3.9))[2:] == pytest.approx([2, 3, 3.9, 9])  # near to 4
    assert pulled(module, [9] * 3, (-4.0, 0.0), (8.0, 12.0)) == [4, 5, 6]


def test_many_small_steps_draw_what_one_large_step_draws(module: Any) -> None:
    places = [(at, 2 * at) for at in np.arange(0.3, 8.4, 0.1).tolist()]
    step_by_step = pulled(module, [0.0] * 10, *places)
    np.testing.assert_allclose(step_by_step[1:8], np.arange(1, 8) * 2, atol=1e-9)
    assert step_by_step[9] == 0


def test_a_hand_that_stays_in_place_moves_the_value_under_it(module: Any) -> None:
    assert pulled(module, [0, 0, 0], (1.2, 0.5), (1.2, 0.9)) == [0, 0.9, 0]
    assert pulled(module, [0, 0, 0], (1.0, 0.5), (1.0, 0.5)) == [0, 0.5, 0]
    assert pulled(module, [0, 0, 0], (1.4, 0.5), (1.3, 0.7)) == [0, 0.7, 0]  # it comes nearer
    assert pulled(module, [0, 7, 0], (1.1, 0.5), (1.4, 0.7)) == [0, 7, 0]  # it leaves


def test_the_curve_from_before_is_left_as_it_was_for_undo(module: Any) -> None:
    script = """(module) => { const before = [1, 1, 1];
        module.pulled(before, { at: 0, value: 5 }, { at: 2, value: 5 });
        module.keyed({ cursor: 1, values: before }, "ArrowUp", false, { low: 0, high: 9 }); return before; }"""
    assert module.evaluate(script) == [1, 1, 1]


def keyed(module: Any, values: list[float | None], cursor: int, key: str, far: bool = False) -> Any:
    script = """(module, values, cursor, key, far, axes) =>
        module.keyed({ cursor, values: values.map((value) => value ?? NaN) }, key, far, axes)"""
    return module.evaluate(script, values, cursor, key, far, AXES)


def test_keys_move_the_cursor_and_the_value_under_it(module: Any) -> None:
    values: list[float | None] = [0, 1, 2, 3]
    found = [keyed(module, values, 1, key)["cursor"] for key in ("ArrowLeft", "ArrowRight", "Home", "End")]
    assert found == [0, 2, 0, 3]
    assert keyed(module, values, 1, "ArrowRight", far=True)["cursor"] == 3
    assert keyed(module, values, 0, "ArrowLeft")["cursor"] == 0
    assert keyed(module, values, 1, "ArrowUp")["values"] == [0, 1.04, 2, 3]
    assert keyed(module, values, 1, "ArrowDown", far=True)["values"] == [0, 0.6, 2, 3]
    assert keyed(module, values, 3, "ArrowUp")["values"][3] == 3  # the end of the axis
    assert keyed(module, values, 1, "x") is None


def test_a_missing_value_begins_at_its_neighbour_or_at_zero(module: Any) -> None:
    assert keyed(module, [1, None], 1, "ArrowUp")["values"] == [1, 1.04]
    assert keyed(module, [None, 2], 0, "ArrowDown")["values"] == [-0.04, 2]


def test_ticks_are_round_and_hours_go_by_parts_of_a_day(module: Any) -> None:
    assert module.call("axisTicks", -0.83, 2.27, 6) == [0, 1, 2]
    assert module.call("axisTicks", -0.83, 2.27, 7) == [-0.5, 0, 0.5, 1, 1.5, 2]
    assert module.call("axisTicks", 0, 0.7, 7) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert module.call("axisTicks", 0, 23, 5, "h") == [0, 6, 12, 18]


def test_values_and_curves_are_told_in_words(module: Any) -> None:
    script = "(module, index, axes) => module.spoken([0.1234, NaN, -2], index, axes)"
    assert [module.evaluate(script, index, AXES) for index in range(3)] == [
        "−0.25 s: 0.123 mV",
        "−0.2 s: missing",
        "−0.15 s: −2 mV",
    ]
    assert module.call("summary", [[0.5, 1, -0.25]], AXES) == "Curve from −0.25 to 1 mV."
    script = "(module, axes) => [module.summary([[1, NaN]], axes), module.summary([[NaN]], axes)]"
    assert module.evaluate(script, AXES) == ["Curve from 1 to 1 mV, 1 value missing.", "Nothing is sketched yet."]


def test_curves_travel_with_their_gaps(module: Any) -> None:
    script = "(module) => module.packed([[1 / 3, NaN, 2], [NaN, NaN, NaN]])"
    assert module.evaluate(script) == [[0.333333, None, 2], [None, None, None]]
    assert module.evaluate("(module) => module.packed([[NaN, NaN]])") is None
    assert np.isnan(module.evaluate("(module) => module.unpacked([[null, 2]])")[0][0])
    assert module.evaluate("(module) => module.stretches([NaN, 1, 2, NaN, 3])") == [[1, 2], [4, 4]]
