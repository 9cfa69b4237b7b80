"""What Python receives from the curve pad, and what it sends."""

import json

import numpy as np

from aeviz.parts.curve_pad import Axes, Curve, Sketch, payload, received

AXES = Axes(-1, 2, "mV", start=-0.25, step=0.1, time_unit="s")


def test_a_message_is_values_and_its_gaps() -> None:
    sketch = received({"number": 3, "live": True, "curves": [[1.5, None, -0.25]]}, (1, 3))
    np.testing.assert_array_equal(sketch.values, np.array([[1.5, np.nan, -0.25]], np.float32))
    assert sketch.values is not None
    assert sketch.values.dtype == np.float32
    assert (sketch.live, sketch.number) == (True, 3)


def test_an_empty_pad_and_curves_of_another_shape_are_no_sketch() -> None:
    assert received(None, (1, 3)) == Sketch()
    assert received({"number": 4, "live": False, "curves": None}, (1, 3)) == Sketch(number=4)
    assert received({"number": 5, "live": False, "curves": [[1, 2]]}, (1, 3)) == Sketch(number=5)


def test_the_browser_gets_json_with_null_for_what_is_missing() -> None:
    item = np.array([[0.123456, np.nan, 2]], np.float32)
    data = payload(
        (1, 3), AXES, Sketch(item, number=9), start=item, start_label="item 2", lines=[Curve("AE", "#d55e00", item)]
    )
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["curves"] == data["start"] == data["lines"][0]["values"] == [[0.12346, None, 2.0]]
    assert data["axes"] == {
        **{"low": -1, "high": 2, "unit": "mV"},
        **{"start": -0.25, "step": 0.1, "timeUnit": "s"},
    }
    assert data["number"] == 9


def test_a_pad_begins_without_values() -> None:
    data = payload((2, 2), AXES, Sketch())
    assert data["curves"] == [[None, None], [None, None]]
    assert data["start"] is None
