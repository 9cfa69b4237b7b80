"""What Python checks of what the scrubber is given."""

import numpy as np
import pytest

from aeviz.parts.scrubber import Strip, payload
from aeviz.parts.sheets import strip


@pytest.mark.parametrize(
    ("counts", "shown", "t", "message"),
    [
        ([], 3, 0, "at least one strip"),
        ([3, 4], 3, 0, "same number of tiles"),
        ([1], 3, 0, "two or more"),
        ([3], 1, 0, "two tiles or more"),
        ([3], 3, 1.2, "must lie in"),
        ([3], 3, float("nan"), "must lie in"),
    ],
)
def test_strips_that_do_not_fit_are_refused(counts: list[int], shown: int, t: float, message: str) -> None:
    strips = [Strip("AE", "#D55E00", strip(np.zeros((count, 2, 2, 1), np.uint8)), shown) for count in counts]
    with pytest.raises(ValueError, match=message):
        payload(strips, t=t)
