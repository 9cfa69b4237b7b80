"""What the comparison is given."""

import base64

import numpy as np
import pytest
from lessons_made import compare_section

from aeviz.parts import comparison
from aeviz.parts.comparison import Figure, Group, Model


def test_figures_are_named_by_their_places_and_what_was_not_measured_is_no_number() -> None:
    data = compare_section().parts[0].data
    numbers = np.frombuffer(base64.b64decode(data["numbers"]["bytes"]), np.float64).reshape(3, 2)
    np.testing.assert_allclose(numbers, [[np.nan, 0], [0.2, 1], [0.1, 2]])
    assert [group["figures"] for group in data["groups"]] == [[0, 1], [1]]
    assert data["models"][1]["texts"] == {0: "0.2", 1: "1"}
    assert data["axes"] == [1, 0]
    assert data["models"][0]["classical"] == [{"label": "PCA", "texts": {0: "0.5"}}]


@pytest.mark.parametrize(
    ("change", "why"),
    [({"axes": ("x", "y")}, "missing: y"), ({"shown": (0, 1)}, "not 2"), ({"group": 1}, "not 2")],
)
def test_what_does_not_fit_is_told(change: dict[str, object], why: str) -> None:
    given = {"shown": (0, 0), "group": 0, "axes": ("x", "x")} | change
    model = Model("a", "a", "●", "#000", "f", {"x": (1.0, "1")})
    with pytest.raises(ValueError, match=why):
        comparison.payload([model], [Figure("x", "x", "x.")], [Group("g", ["x"])], **given)  # type: ignore[arg-type]
