"""What a visitor makes by hand or brings for one picker, and the pickers of other pages."""

import numpy as np
import pytest
from apptest import go, opened, sound

from aeviz.app import url
from aeviz.datasets.sources import load_dataset

OWN = url.Values("own", "", shape=(1, 28, 28), span=(0, 1))


@pytest.mark.parametrize(
    ("page", "origin", "name"), [("repair", "noise-from", "noise-own"), ("interpolate", "b-from", "b-own")]
)
def test_what_was_drawn_for_one_picker_is_there_for_another(page: str, origin: str, name: str) -> None:
    first, other = (OWN.write(load_dataset("mnist").items[row]) for row in (5, 6))
    app = opened("map", shown="draw", own=first)
    go(app, page)
    app.query_params[origin] = "draw"
    sound(app.run())
    assert app.query_params[name] == first
    app.query_params[name] = other
    sound(app.run())
    assert app.query_params[name] == other, "each keeps its own"
    go(app, "decode")
    sound(app.run())
    np.testing.assert_array_equal(OWN.parse(app.query_params["own"]), OWN.parse(first))


def test_a_picker_has_nothing_where_nothing_was_made() -> None:
    app = opened("repair", **{"noise-from": "draw"})
    assert "noise-own" not in app.query_params
