"""What Python checks, packs and remembers for the latent map."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from streamlit.testing.v1 import AppTest
from waiting import TIMEOUT_S

from aeviz.parts.latent_map import STEPS, MapChoice, _bits, _items, _quantised, payload

PLACES = np.zeros((3, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"coordinates": np.zeros((3, 4))}, r"\(N, 2\) or \(N, 3\)"),
        ({"coordinates": np.full((3, 2), np.nan)}, "finite"),
        ({"labels": [0, 1]}, "3 whole numbers"),
        ({"labels": [0.0, 1.0, 2.0]}, "whole numbers"),
        ({"labels": [0, -1, 2]}, "must lie in"),
        ({"labels": [0, 1, 2], "label_names": ["a", "b"]}, r"must lie in \[0, 2\)"),
    ],
)
def test_wrong_arrays_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        payload(**{"coordinates": PLACES, "group": "map", "request": {}, **arguments})


@given(arrays(np.float64, st.integers(1, 50), elements=st.floats(-1e6, 1e6)))
def test_a_quantised_number_is_off_by_half_a_step_at_most(numbers: np.ndarray) -> None:
    packed = _quantised(numbers)
    steps = np.frombuffer(base64.b64decode(packed["steps"]["bytes"]), "<u2")
    unit = (packed["hi"] - packed["lo"]) / STEPS
    assert np.abs(packed["lo"] + steps * unit - numbers).max() <= unit * 0.5001 + 1e-9
    assert steps.max() <= STEPS


@given(st.sets(st.integers(0, 999)))
def test_marks_survive_packing(items: set[int]) -> None:
    assert _items(_bits(sorted(items), 1000), 1000) == sorted(items)


def test_whole_numbers_are_told_from_others() -> None:
    assert _quantised(np.arange(3))["whole"]
    assert not _quantised(np.arange(3.0))["whole"]


def script() -> None:
    import numpy as np
    import streamlit as st

    from aeviz.parts.latent_map.streamlit import latent_map

    asked = st.session_state.get("asked", {})
    places = np.zeros((st.session_state.get("count", 10), 2))
    both = [latent_map(places, key=key, group="pair", **asked) for key in ("a", "b")]
    st.session_state.choices = [(choice.selected, choice.marked) for choice in both]
    store = st.session_state["aeviz latent map pair"]
    st.session_state.stamp = store.request["stamp"]


def test_a_request_is_new_only_when_it_differs_from_the_last() -> None:
    app = AppTest.from_function(script, default_timeout=TIMEOUT_S).run()
    assert not app.exception
    stamps = [app.session_state.stamp]

    def again(**state: object) -> str:
        for name, value in state.items():
            app.session_state[name] = value
        app.run()
        assert not app.exception
        return app.session_state.stamp

    assert again() == stamps[0]
    stamp = again(asked={"selected": 4, "marked": [7, 2]})
    assert stamp != stamps[0]
    assert app.session_state.choices == [(4, [2, 7])] * 2
    assert again() == stamp
    app.session_state["aeviz latent map pair"].choice = MapChoice(9, [2, 7])  # as a click leaves it
    assert again() == stamp
    assert app.session_state.choices[0][0] == 9
    assert again(asked={"selected": 9, "marked": [7, 2]}) == stamp  # the app remembers what came back
    assert again(asked={"selected": None, "marked": [7, 2]}) != stamp
    assert app.session_state.choices == [(None, [2, 7])] * 2


def test_what_lies_beyond_a_smaller_data_set_is_forgotten() -> None:
    app = AppTest.from_function(script, default_timeout=TIMEOUT_S)
    app.session_state.asked = {"selected": 9, "marked": [1, 8]}
    app.run()
    assert app.session_state.choices[0] == (9, [1, 8])
    app.session_state.count = 5
    app.run()
    assert app.session_state.choices == [(None, [1])] * 2
