"""The latent map's arithmetic: views, neighbours, outlines, labels, pictures, colours."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from aeviz.parts.latent_map import MapChoice, hiding, payload, received, requested


@pytest.fixture
def module(js_module: Callable[[str], Any]) -> Any:
    """The map's module with all its parts."""
    return js_module("latent_map")


def cloud(count: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    places = np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)
    return places[:, 0].copy(), places[:, 1].copy()


def test_the_lasso_follows_a_concave_outline(module: Any) -> None:
    corner = [[0, 0], [4, 0], [4, 1], [1, 1], [1, 4], [0, 4]]
    xs, ys = np.random.default_rng(2).uniform(-1, 5, (2, 1000)).astype(np.float32)
    shown = (np.arange(1000) % 2).astype(np.uint8)
    inside = (xs > 0) & (ys > 0) & (((xs < 4) & (ys < 1)) | ((xs < 1) & (ys < 4)))
    assert module.call("lassoHits", xs, ys, corner) == np.flatnonzero(inside).tolist()
    assert module.call("lassoHits", xs, ys, corner, shown) == np.flatnonzero(inside & (shown > 0)).tolist()
    assert module.call("lassoHits", xs, ys, corner[:2]) == []


def test_names_make_room_for_each_other(module: Any) -> None:
    boxes = [{"x": 50, "y": 50 + shift, "w": 40, "h": 20} for shift in (0, 3, -3, 1)]
    placed = module.call("labelPlaces", boxes)
    assert placed[0] == boxes[0]
    heights = sorted(box["y"] for box in placed)
    assert all(b - a >= 20 for a, b in pairwise(heights))


def test_a_name_without_a_free_place_is_left_out(module: Any) -> None:
    boxes = [{"x": 50, "y": 20 + shift, "w": 40, "h": 20} for shift in (0, 3, -3, 1)]
    placed = module.call("labelPlaces", boxes, 40)
    assert placed == [boxes[0]], "half a name above it and half below is all the room that there is"


def test_names_stay_between_the_edges_of_the_map(module: Any) -> None:
    boxes = [{"x": 50, "y": y, "w": 40, "h": 20} for y in (2, 3, 4, 197, 198, 199)]
    placed = module.call("labelPlaces", boxes, 200)
    assert all(10 <= box["y"] <= 190 for box in placed)
    heights = sorted(box["y"] for box in placed)
    assert all(b - a >= 20 for a, b in pairwise(heights))
    assert [module.call("within", x, 60, 300) for x in (-5, 20, 140, 290)] == [30, 30, 140, 270]
    assert module.call("within", 20, 400, 300) == 150


def test_pictures_do_not_hide_each_other(module: Any) -> None:
    xs, ys = np.random.default_rng(4).uniform(0, 300, (2, 400))
    spots = module.call("pictureSpots", xs, ys, 20)
    apart = np.maximum(abs(xs[spots, None] - xs[None, spots]), abs(ys[spots, None] - ys[None, spots]))
    assert (apart[~np.eye(len(spots), dtype=bool)] >= 20).all()
    left = sorted(set(range(400)) - set(spots))
    to_spots = np.maximum(abs(xs[left, None] - xs[None, spots]), abs(ys[left, None] - ys[None, spots]))
    assert (to_spots.min(axis=1) < 20).all()  # none more would have fitted


def test_pictures_grow_as_points_move_apart_and_give_way_in_a_crowd(module: Any) -> None:
    sizes = []
    for step in (80, 40, 25):
        grid = np.stack(np.meshgrid(np.arange(17), np.arange(17)), -1).reshape(-1, 2) * step
        sizes.append(module.call("pictureSize", grid[:, 0].astype(float), grid[:, 1].astype(float))["size"])
    assert sizes[0] > sizes[1] > sizes[2] >= 20
    crowd = np.random.default_rng(5).uniform(0, 100, (2, 1000))
    assert module.call("pictureSize", *crowd) is None


@pytest.mark.parametrize(
    ("value", "whole", "text"), [(0.012345, False, "0.0123"), (-2.0, False, "−2"), (7.00002, True, "7")]
)
def test_figures_are_short(module: Any, value: float, whole: bool, text: str) -> None:
    assert module.call("figureText", value, whole) == text


def test_a_missing_figure_is_a_dash(module: Any) -> None:
    assert module.evaluate("(m) => m.figureText(NaN)") == "–"


@pytest.mark.parametrize(("dx", "dy", "expected"), [(1, 0, 1), (-1, 0, 2), (0, 1, 3), (0, -1, -1)])
def test_an_arrow_finds_the_neighbour_that_way(module: Any, dx: int, dy: int, expected: int) -> None:
    xs = np.array([0, 1, -2, 0.2, 5], np.float32)
    ys = np.array([0, 0.3, 0, 1, 0], np.float32)
    assert module.call("towards", xs, ys, 0, 0, dx, dy, None, 0) == expected


def marks(items: list[int], count: int) -> str:
    return str(requested(MapChoice(marked=items), count, stamp="", heard=0)["marked"])


def test_marks_cross_to_python_and_back(module: Any) -> None:
    items = sorted(np.random.default_rng(6).choice(60_001, 9000, replace=False).tolist())
    assert received({"marked": module.call("toBits", items, 60_001)}, 60_001)[0].marked == items
    assert module.call("fromBits", marks(items, 60_001)) == items
    assert module.call("toBits", [], 10) == marks([], 10) == ""


def test_quantised_numbers_come_out_close_and_missing_ones_missing(module: Any) -> None:
    numbers = np.array([-3.5, 0.1, np.nan, 8.25])
    quantised = payload(np.zeros((4, 2)), values=numbers, group="", request={})["values"]
    found = module.evaluate("(m, q) => Array.from(m.restore(q), (v) => Number.isNaN(v) ? null : v)", quantised)
    assert found[2] is None
    assert [found[0], found[1], found[3]] == pytest.approx([-3.5, 0.1, 8.25], abs=11.75 / 65534)


def test_discs_land_where_the_points_are(module: Any) -> None:
    pixels, drawn = module.evaluate(
        """(m) => {
            const target = { pixels: new Uint32Array(20 * 10).fill(0xffffffff), width: 20, height: 10 };
            const points = { xs: [4.5, 15.5, 100], ys: [-5.5, -5.5, 0], state: [2, 1, 2], shade: [1, 1, 1] };
            const view = { k: 1, tx: 0, ty: 0 };
            const drawn = m.splat(target, points, 2, Uint32Array.of(0, 0xff0000ff), view, m.discMasks(2));
            return [target.pixels, drawn];
        }"""
    )
    image = np.array(pixels, np.uint32).reshape(10, 20)
    assert drawn == 1
    assert image[5, 4] == 0xFF0000FF
    assert (image[:, 10:] == 0xFFFFFFFF).all()  # another state, and one out of view
    rows, columns = np.nonzero(image != 0xFFFFFFFF)
    assert (rows.mean(), columns.mean()) == pytest.approx((5, 4))
    assert ((rows - 5) ** 2 + (columns - 4) ** 2).max() <= 9


@pytest.mark.parametrize(("left", "top", "side"), [(2, 1, 6), (-4, -2, 9), (8, 5, 6), (3, 3, 3), (20, 2, 4)])
def test_a_tile_is_copied_within_the_target(module: Any, left: int, top: int, side: int) -> None:
    tile = 0xFF000000 | np.random.default_rng(7).integers(0, 1 << 24, (3, 3)).astype(np.uint32)
    pixels = module.evaluate(
        """(m, tile, left, top, side) => {
            const target = { pixels: new Uint32Array(12 * 8).fill(7), width: 12, height: 8 };
            m.blit(target, { pixels: tile, width: 3, height: 3 }, left, top, side);
            return target.pixels;
        }""",
        tile.ravel(), left, top, side,
    )  # fmt: skip
    expected = np.full((8, 12), 7, np.uint32)
    for y in range(max(0, top), min(8, top + side)):
        for x in range(max(0, left), min(12, left + side)):
            expected[y, x] = tile[(y - top) * 3 // side, (x - left) * 3 // side]
    np.testing.assert_array_equal(np.array(pixels, np.uint32).reshape(8, 12), expected)


def test_a_tile_standing_back_is_mixed_with_the_ground(module: Any) -> None:
    pixels = module.evaluate(
        """(m) => {
            const target = { pixels: new Uint32Array(4), width: 2, height: 2 };
            m.blit(target, { pixels: Uint32Array.of(0xff0000c8), width: 1, height: 1 }, 0, 0, 2, 0.75, 0xffffffff);
            return target.pixels;
        }"""
    )
    assert {hex(value) for value in pixels} == {"0xffbfbff1"}


def test_the_scale_runs_from_dark_to_light(module: Any) -> None:
    for dark in (False, True):
        steps = [module.call("ramp", t, dark) for t in np.linspace(0, 1, 11)]
        light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in steps]
        assert light == sorted(light)


def test_an_atlas_is_split_into_facts_and_picture(js_module: Callable[[str], Any]) -> None:
    head = json.dumps({"name": "naïve", "count": 3}).encode()
    sent = np.frombuffer(len(head).to_bytes(4, "little") + head + b"\x89PNG", np.uint8)
    module = js_module("picture_atlas")
    found = module.call("splitAtlas", sent)
    assert (found["name"], found["count"], bytes(found["png"])) == ("naïve", 3, b"\x89PNG")
    assert module.call("superfluous", ["a", "b", "c", "d", "e"], "a", 4) == ["b"]


@pytest.mark.parametrize(
    ("x", "width", "size", "place"),
    [
        (50, 300, (96, 48), (66, 76)),
        (250, 300, (96, 48), (138, 76)),
        (100, 300, (184, 48), (8, 36)),
        (20, 200, (184, 48), (6, 36)),
    ],
    ids=["to the right", "to the left", "above where neither side has room", "never beyond the edge"],
)
def test_the_picture_of_the_selected_item_stays_on_the_map(
    module: Any, x: int, width: int, size: tuple[int, int], place: tuple[int, int]
) -> None:
    assert tuple(module.call("besideOf", x, 100, 8, *size, width, 200)) == place
    left, top = module.call("besideOf", x, 20, 8, *size, width, 200)
    assert 0 <= left <= width - size[0]
    assert top >= 6


def test_a_place_along_a_path_lies_between_its_steps(module: Any) -> None:
    path = [[0, 0], [2, 0], [2, 4]]
    assert [module.call("along", path, t) for t in (0, 0.25, 0.75, 1)] == [[0, 0], [1, 0], [2, 2], [2, 4]]
    assert module.call("along", [[3, 1]], 0.5) == [3, 1]


def test_the_nearest_handle_is_taken_within_reach(module: Any) -> None:
    places = [[0, 0], [10, 0]]
    assert [module.call("nearestPlace", places, x, 0, 6) for x in (4, 7, 17)] == [0, 1, -1]
    assert module.call("nearestPlace", [], 0, 0, 6) == -1


def solid(module: Any, places: np.ndarray, camera: str) -> dict[str, Any]:
    """What is seen of points (N, 3) from a camera, as a link says it, and after a quarter turn to the right."""
    return module.evaluate(
        """(m, x, y, z, camera) => {
            const solid = new m.Solid(x, y, z);
            const seen = m.seenOf(camera, solid.edge);
            solid.turn(seen.pose);
            const before = [...solid.xs, ...solid.ys];
            const order = [...solid.order];
            solid.turn(m.pushed(seen.pose, Math.PI / 2, 0));
            return { before, order, after: [...solid.xs, ...solid.ys], zoom: seen.zoom, aside: seen.aside };
        }""",
        *(places[:, axis].astype(np.float32).copy() for axis in range(3)),
        camera,
    )


def test_a_map_of_three_dimensions_is_seen_from_where_the_link_says(module: Any) -> None:
    places = np.array([[0, 0, 0], [2, 1, 0], [2, 0, 4]])
    eye = np.sqrt(3) * 1.25
    found = solid(module, places, f"0_{-eye}_0_0_0_0_0_0_1")  # from the front: x to the right, z upwards
    middle = places - [1, 0.5, 2]
    np.testing.assert_allclose(found["before"], [*middle[:, 0], *middle[:, 2]], atol=1e-6)
    assert found["order"][0] == 1  # the farthest is painted first
    np.testing.assert_allclose(found["after"], [*-middle[:, 1], *middle[:, 2]], atol=1e-6)  # what was in front is right
    assert (found["zoom"], found["aside"]) == (pytest.approx(1), [0, 0])
    closer = solid(module, places, f"0.5_{-eye / 2}_0_0.5_0_0_0_0_1")
    assert closer["zoom"] == pytest.approx(2)
    np.testing.assert_allclose(closer["aside"], [0.5 * 8 ** (1 / 3), 0], atol=1e-6)


def test_turning_neither_bends_nor_stretches(module: Any) -> None:
    pose = module.evaluate(
        """(m) => {
            let pose = m.USUAL;
            for (let i = 0; i < 5000; i++) pose = m.pushed(pose, Math.sin(i), Math.cos(3 * i));
            return [pose.right, pose.up, pose.towards];
        }"""
    )
    np.testing.assert_allclose(np.array(pose) @ np.array(pose).T, np.eye(3), atol=1e-9)
    assert np.linalg.det(pose) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", "abc_2_0_0", "0_0_0_0_0_0_0_0_1", "1_1_1_0_0_0_0_0_1e9", "x_1_1_0_0_0_0_0_1"])
def test_what_is_no_camera_turns_nothing(module: Any, text: str) -> None:
    assert module.call("seenOf", text, 1) is None
    assert module.call("seenOf", None, 1) is None


def test_python_names_hidden_classes_as_the_browser_does(js_module: Callable[[str], Any]) -> None:
    names = ["0", "</script>", "🙂 Größe", "a,b"]
    assert hiding(names, [3, 1, 1]) == f"{js_module('js').call('stampOf', ','.join(names))}_1_3"
    assert hiding(names, []) == ""


def test_a_third_dimension_is_sent_as_the_others_are() -> None:
    request = requested(MapChoice(), 2, stamp="", heard=0)
    assert list(payload(np.zeros((2, 3)), group="", request=request)["places"]) == ["x", "y", "z"]
