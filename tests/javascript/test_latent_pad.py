"""The latent pad's arithmetic: the plane, its tiles, its points and its scales."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def module(js_module: Callable[[str], Any]) -> Any:
    return js_module("latent_pad")


def test_tiles_count_from_the_top_left(module: Any) -> None:
    level = {"region": [0, 4, 0, 2], "columns": 4, "rows": 2}
    places = [(0, 2), (3.9, 1.9), (0.1, 0.1), (4, 0), (2.5, 1.0001), (4.01, 1), (1, -0.1)]
    assert [module.call("tileAt", level, *place) for place in places] == [0, 3, 4, 7, 2, -1, -1]


def test_the_finest_level_that_holds_the_place_is_taken(module: Any) -> None:
    levels = [{"region": [0, 8, 0, 8], "columns": 8, "rows": 8}, {"region": [0, 2, 0, 2], "columns": 8, "rows": 8}]
    assert module.call("finestAt", levels, 1, 1) == 1
    assert module.call("finestAt", levels, 3, 3) == 0
    assert module.call("finestAt", levels, 9, 9) == -1
    assert module.call("mosaicLevels", levels, 20) == [0]  # its cells are small enough on the screen already
    assert module.call("mosaicLevels", levels, 100) == [0, 1]


def test_no_tile_of_the_mosaic_is_smaller_than_28_pixels(module: Any) -> None:
    for pixels in (0.5, 5, 9.34, 13.9, 14, 27.9, 28, 100):
        stride = module.call("strideOf", pixels)
        assert stride * pixels >= 28 - 1e-6
        assert stride == 1 or (stride - 1) * pixels < 28


@pytest.mark.parametrize(
    ("width", "height", "mode", "plane", "times"),
    [
        (1240, 540, "row", 540, 11),
        (900, 540, "column", 540, 7),
        (720, 540, "column", 540, 5),
        (640, 540, "float", 640, 0),
    ],
)
def test_large_pictures_take_the_room_beside_the_plane(
    module: Any, width: int, height: int, mode: str, plane: int, times: int
) -> None:
    layout = module.call("layoutOf", [-3, 3, -3, 3], width, height, [28, 28])
    assert layout == {"mode": mode, "width": plane, "times": times}


def test_figures_have_a_true_minus(module: Any) -> None:
    assert module.call("figure", -1.234, 80) == "−1.23"
    assert module.call("figure", -0.001, 80) == "0.00"
    assert module.call("figure", 1.23456, 5000) == "1.2346"


def test_a_card_turns_to_the_side_where_there_is_room(module: Any) -> None:
    assert module.call("besides", 200, 200, 100, 100, 400, 400) == [218, 82]
    assert module.call("besides", 390, 10, 100, 100, 400, 400) == [272, 28]
    assert module.call("overlap", [0, 0, 10, 10], [5, 5, 10, 10]) == 25
    assert module.call("overlap", [0, 0, 10, 10], [10, 0, 10, 10]) == 0


def test_a_dot_is_stamped_round_its_place_and_none_half_outside(module: Any) -> None:
    picture = module.evaluate(
        """(module, places, labels, stamps) => {
            const picture = new Uint32Array(12 * 10);
            module.stampDots(picture, 12, 10, places, labels, stamps, { x0: 4, y0: 6, k: 2 });
            return picture;
        }""",
        np.array([[0, 0], [1, 2], [4, 0], [0.5, 0]], np.float32).ravel(),
        [0, 1, 1, 1],
        [
            {"side": 2, "pixels": [0xFF000001, 0xFF000001, 0x80000001, 0]},
            {"side": 2, "pixels": [0xFF000002, 0x70000002, 0x70000002, 0x90000002]},
        ],
    )
    wanted = np.zeros((10, 12), np.uint32)
    wanted[5, 3:5], wanted[6, 3] = 0xFF000001, 0x80000001  # at (4, 6)
    wanted[1, 5:7], wanted[2, 5:7] = [0xFF000002, 0x70000002], [0x70000002, 0x90000002]  # at (6, 2)
    # The third, at (12, 6), would leave the picture; the fourth, at (5, 6), covers and gives way by its opacity.
    wanted[5, 4:6], wanted[6, 4:6] = [0xFF000002, 0x70000002], [0x70000002, 0x90000002]
    np.testing.assert_array_equal(np.array(picture).reshape(10, 12), wanted)
