"""What Python checks of what the latent sliders is given."""

import numpy as np
import pytest

from aeviz.parts.latent_sliders import Row, payload, stamp_of
from aeviz.parts.sheets import strip


def arguments(**changes: object) -> dict:
    rows = [Row("z0", 0.0, -3.0, 3.0, index=0), Row("z1", 1.0, -3.0, 3.0, index=1)]
    given = {"rows": rows, "films": strip(np.zeros((10, 2, 2, 1), np.uint8), columns=5), "fine": None}
    given |= {"picture": np.zeros((2, 2, 1), np.uint8), "accent": "#0072B2", "title": "", "reset": [0, 0]}
    return given | changes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": []}, "at least one row"),
        ({"reset": [0]}, "1 values for 2 rows"),
        ({"reset": [0, float("nan")]}, "finite"),
        ({"films": strip(np.zeros((9, 2, 2, 1), np.uint8))}, "9 tiles"),
        ({"rows": [Row("z0", 0, 1, 1, index=0), Row("z1", 0, -1, 1, index=1)]}, "not below"),
        ({"rows": [Row("z0", 0, -1, 1, index=0), Row("z1", 0, -1, 1, index=0)]}, "same index"),
    ],
)
def test_rows_that_do_not_fit_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        payload(**arguments(**changes))


def test_stamps_differ_with_the_code_and_with_what_it_belongs_to() -> None:
    assert stamp_of([0, 1.5]) == stamp_of(np.array([0, 1.5]))
    assert len({stamp_of([0, 1.5]), stamp_of([0, 1.6]), stamp_of([0, 1.5], "vae"), stamp_of([0, 1.5], "ae")}) == 4
