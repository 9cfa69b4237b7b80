"""The dial's arithmetic: the number of a combination, the place on a picture, the curves at the marker."""

from collections.abc import Callable

import numpy as np
import pytest


def test_one_number_stands_for_all_stops_as_in_numpy(js_module: Callable) -> None:
    module, sizes = js_module("dial"), (3, 2, 7, 5)
    for number in (0, 1, 34, 35, 100, 209):
        stops = [int(stop) for stop in np.unravel_index(number, sizes)]
        assert module.call("stopsAt", number, list(sizes)) == stops
        assert module.call("numberOf", stops, list(sizes)) == number


def test_a_place_follows_pointer_and_arrows_within_the_grid(js_module: Callable) -> None:
    module = js_module("dial")
    assert module.call("gridPlace", 0.5, 0.9, 7, 7) == [5, 3]
    assert module.call("gridPlace", -3, 1.4, 7, 5) == [6, 0]
    assert module.call("steppedPlace", [0, 2], "ArrowUp", 7, 7) == [0, 2]
    assert module.call("steppedPlace", [0, 2], "ArrowRight", 7, 7) == [0, 3]
    assert module.call("steppedPlace", [0, 2], "x", 7, 7) is None


def test_curves_are_those_of_the_other_handles_stops(js_module: Callable) -> None:
    module = js_module("dial")
    values = np.arange(12).reshape(3, 4)
    assert module.call("valuesAt", values.ravel().tolist(), 5, [3, 2, 2]) == values[:, 1].tolist()
    assert module.call("valuesAt", [1, 2, 3], 5, [3, 2, 2]) == [1, 2, 3]
    assert module.call("valueAt", [1, 2, 4], [0, 10, 30], 3) == pytest.approx(20)
    assert module.call("valueAt", [1, 2, 4], [0, None, 30], 3) is None
    assert module.call("valueAt", [1, 2, 4], [0, 10, 30], 5) is None
    assert module.call("across", 10, [1, 100], True) == pytest.approx(0.5)
    assert module.call("axisNumbers", 8, 260, True, 4) == [10, 20, 50, 100, 200]


def test_thousands_on_an_axis_are_written_alike(js_module: Callable) -> None:
    names = ["1", "500", "1k", "2.5k", "50k", "100k", "2M"]
    assert js_module("dial").call("axisNames", [1, 500, 1000, 2500, 50_000, 100_000, 2_000_000]) == names
    assert js_module("dial").call("axisNames", [-0.5, 0, 2000, 12_345.6]) == ["−0.5", "0", "2000", "12350"]


def test_pictures_of_a_grid_stand_as_in_their_tile_or_in_fewer_columns_where_they_could_not_be_read(
    js_module: Callable,
) -> None:
    module, tile = js_module("dial"), {"width": 289, "height": 86}
    grid = {"count": 30, "columns": 10, "gap": 1, "fixed": False}
    wide, narrow = (module.call("gridLayout", grid, tile, room) for room in (600, 160))
    assert (wide["columns"], wide["width"], wide["height"]) == (10, 289, 86)
    assert (narrow["columns"], narrow["width"], narrow["height"]) == (5, 144, 173)
    signals = {"count": 12, "columns": 6, "gap": 1, "fixed": False}, {"width": 6 * 115 - 1, "height": 2 * 49 - 1}
    layouts = [module.call("gridLayout", *signals, room) for room in (700, 470, 400, 300)]
    columns = [layout["columns"] for layout in layouts]
    assert columns == [6, 4, 4, 3], "a little smaller than they are, in full rows, but in no row more than it takes"
    assert [layout["count"] for layout in layouts] == [12, 8, 8, 6], "wide ones fill two rows at any width"
    assert layouts[1]["height"] == layouts[0]["height"]
    assert module.call("cellAt", 0, 0, narrow) == 0
    assert module.call("cellAt", 143, 172, narrow) == 29
    assert module.call("cellAt", 200, 10, narrow) == module.call("cellAt", -1, 10, narrow) == -1
    fixed = grid | {"fixed": True}
    assert module.call("gridLayout", fixed, tile, 160)["columns"] == 10
    assert [module.call("tooNarrow", fixed, room) for room in (160, 289)] == [True, False]
    assert not module.call("tooNarrow", grid, 160)


@pytest.mark.parametrize(("room", "columns"), [(1200, 6), (802, 6), (700, 3), (480, 3), (310, 2), (90, 2)])
def test_panels_that_do_not_fit_into_one_row_stand_evenly_in_several(
    js_module: Callable, room: int, columns: int
) -> None:
    assert js_module("dial").call("abreast", 6, room, 130) == columns


def test_panels_beside_a_chart_may_be_smaller(js_module: Callable) -> None:
    assert js_module("dial").call("abreast", 7, 572, 221) == 2
    assert js_module("dial").call("abreast", 7, 572, 221, 0.55) == 4


def test_arrows_go_from_picture_to_picture_of_a_grid(js_module: Callable) -> None:
    module = js_module("dial")
    layout = module.call("gridLayout", {"count": 5, "columns": 3, "gap": 1}, {"width": 86, "height": 57}, 600)
    steps = [(-1, "ArrowRight", 0), (0, "ArrowRight", 1), (1, "ArrowDown", 4), (2, "ArrowDown", 2), (4, "ArrowUp", 1)]
    assert [module.call("besideIn", item, key, layout) for item, key, _ in steps] == [end for *_, end in steps]
    assert module.call("besideIn", 0, "a", layout) is None
