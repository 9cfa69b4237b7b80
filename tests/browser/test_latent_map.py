"""The latent map in Chromium: its arithmetic, and two grouped maps under a hand."""

import io
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from aeviz.parts.latent_map import _bits, _items, _quantised

APP = Path(__file__).parent / "apps" / "latent_map.py"
SIDE = 10
CORNERS = np.array([[0, 0], [30, 0], [0, 30]])
GRID = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).reshape(-1, 2)
PLACES = (CORNERS[:, None] + GRID).reshape(-1, 2).astype(np.float32)


LONG = 30_000  # ms; patience for a machine that is busy with other things


# ---- arithmetic


@pytest.fixture
def module(js_module: Callable[[str], Any]) -> Any:
    """The map's module with all its parts."""
    return js_module("latent_map")


def cloud(count: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    places = np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)
    return places[:, 0].copy(), places[:, 1].copy()


def test_a_view_has_one_scale_and_y_upwards(module: Any) -> None:
    view = module.call("scale", {"x0": 0, "x1": 10, "y0": 0, "y1": 4}, 320, 240, 10)
    assert view["k"] == pytest.approx(30)
    x, y = module.call("toScreen", view, 5, 2)
    assert (x, y) == pytest.approx((160, 120))
    assert module.call("toScreen", view, 5, 4)[1] < y
    assert module.call("toData", view, x, y) == pytest.approx([5, 2])


def test_zooming_keeps_the_place_under_the_pointer_and_the_limits(module: Any) -> None:
    view = {"k": 3, "tx": 40, "ty": 70}
    closer = module.call("zoomAt", view, 100, 20, 2.5)
    assert module.call("toData", closer, 100, 20) == pytest.approx(module.call("toData", view, 100, 20))
    assert closer["k"] == pytest.approx(7.5)
    assert module.call("zoomAt", view, 0, 0, 100, 1, 12)["k"] == 12
    assert module.call("zoomAt", view, 0, 0, 0.001, 1, 12)["k"] == 1


def test_nearest_agrees_with_a_search_of_all_points(module: Any) -> None:
    xs, ys = cloud()
    shown = (np.arange(len(xs)) % 3 > 0).astype(np.uint8)
    spots = np.random.default_rng(1).uniform(-4, 4, (100, 2))
    found = module.evaluate(
        """(m, xs, ys, shown, spots) => {
            const index = m.gridIndex(xs, ys);
            return spots.map(([x, y]) => m.nearest(index, x, y, 0.3, shown));
        }""",
        xs, ys, shown, spots.tolist(),
    )  # fmt: skip
    far = np.hypot(xs[None] - spots[:, :1], ys[None] - spots[:, 1:])
    far[:, shown == 0] = np.inf
    expected = np.where(far.min(axis=1) <= 0.3, far.argmin(axis=1), -1)
    assert -1 in expected
    assert found == expected.tolist()


@pytest.mark.parametrize("points", [[], [[1, 1]], [[2, 2], [2, 2], [2, 2]]])
def test_nearest_copes_with_few_and_with_equal_points(module: Any, points: list[list[int]]) -> None:
    xs, ys = (np.array([point[axis] for point in points], np.float32) for axis in (0, 1))
    found = module.evaluate("(m, xs, ys) => m.nearest(m.gridIndex(xs, ys), 1.5, 1.5, 5)", xs, ys)
    assert (found >= 0) == bool(points)


def test_the_lasso_follows_a_concave_outline(module: Any) -> None:
    corner = [[0, 0], [4, 0], [4, 1], [1, 1], [1, 4], [0, 4]]
    xs, ys = np.random.default_rng(2).uniform(-1, 5, (2, 1000)).astype(np.float32)
    shown = (np.arange(1000) % 2).astype(np.uint8)
    inside = (xs > 0) & (ys > 0) & (((xs < 4) & (ys < 1)) | ((xs < 1) & (ys < 4)))
    assert module.call("lassoHits", xs, ys, corner) == np.flatnonzero(inside).tolist()
    assert module.call("lassoHits", xs, ys, corner, shown) == np.flatnonzero(inside & (shown > 0)).tolist()
    assert module.call("lassoHits", xs, ys, corner[:2]) == []


def test_a_class_stands_at_the_median_of_its_points_biggest_first(module: Any) -> None:
    xs, ys = cloud(1001)
    labels = np.random.default_rng(3).choice(4, size=1001, p=[0.2, 0.5, 0.3, 0]).astype(np.uint8)
    found = module.call("centres", xs, ys, labels, 4)
    assert [centre["label"] for centre in found] == [1, 2, 0]
    for centre in found:
        own = labels == centre["label"]
        assert (centre["x"], centre["y"]) == pytest.approx((np.median(xs[own]), np.median(ys[own])), abs=1e-6)
        assert centre["count"] == own.sum()


def test_names_make_room_for_each_other(module: Any) -> None:
    boxes = [{"x": 50, "y": 50 + shift, "w": 40, "h": 20} for shift in (0, 3, -3, 1)]
    placed = module.call("labelPlaces", boxes)
    assert placed[0] == boxes[0]
    heights = sorted(box["y"] for box in placed)
    assert all(b - a >= 20 for a, b in pairwise(heights))


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
    ("lo", "hi", "expected"), [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 12, [0, 5, 10]), (5, 5, [5])]
)
def test_ticks_are_round(module: Any, lo: float, hi: float, expected: list[float]) -> None:
    assert module.call("ticks", lo, hi, 4) == pytest.approx(expected)


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


def test_marks_cross_to_python_and_back(module: Any) -> None:
    items = sorted(np.random.default_rng(6).choice(60_001, 9000, replace=False).tolist())
    assert _items(module.call("toBits", items, 60_001), 60_001) == items
    assert module.call("fromBits", _bits(items, 60_001)) == items
    assert module.call("toBits", [], 10) == _bits([], 10) == ""


def test_quantised_numbers_come_out_close_and_missing_ones_missing(module: Any) -> None:
    numbers = np.array([-3.5, 0.1, np.nan, 8.25])
    found = module.evaluate(
        "(m, q) => Array.from(m.restore(q), (v) => Number.isNaN(v) ? null : v)", _quantised(numbers)
    )
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


def test_class_colours_stand_out_on_a_dark_ground(module: Any) -> None:
    ground = [28, 32, 36]
    colours = module.evaluate("(m, ground) => m.classColours({ dark: true, ground })", ground)
    assert len({tuple(colour) for colour in colours}) == 10
    assert all(module.call("contrast", colour, ground) >= 3 for colour in colours)
    assert module.call("contrast", [0, 0, 0], [255, 255, 255]) == pytest.approx(21)


def test_an_atlas_is_split_into_facts_and_picture(js_module: Callable[[str], Any]) -> None:
    head = json.dumps({"name": "naïve", "count": 3}).encode()
    sent = np.frombuffer(len(head).to_bytes(4, "little") + head + b"\x89PNG", np.uint8)
    module = js_module("picture_atlas")
    found = module.call("splitAtlas", sent)
    assert (found["name"], found["count"], bytes(found["png"])) == ("naïve", 3, b"\x89PNG")
    assert module.call("superfluous", ["a", "b", "c", "d", "e"], "a", 4) == ["b"]


# ---- under the hand


class Map:
    """One of the maps on the page."""

    def __init__(self, page: Page, title: str, mirrored: bool = False) -> None:
        self.page, self.sign = page, -1 if mirrored else 1
        self.root: Locator = page.get_by_test_id("latent-map").filter(has=page.get_by_text(title, exact=True))
        self.stage = self.root.locator(".stage")

    def __getitem__(self, name: str) -> str:
        return self.root.get_attribute(f"data-{name}") or ""

    def has(self, **facts: Any) -> None:
        for name, value in facts.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value), timeout=LONG)

    def settle(self) -> None:
        self.has(busy="false")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where the data's (x, y) is on the page."""
        k, tx, ty = (float(number) for number in self["view"].split())
        box = self.stage.bounding_box()
        assert box
        return float(box["x"] + self.sign * x * k + tx), float(box["y"] + ty - y * k)

    def pixel(self, item: int) -> list[int]:
        """Red, green and blue where the item is, as seen on the page."""
        x, y = self.point(item)
        shot = self.page.screenshot(clip={"x": int(x), "y": int(y), "width": 1, "height": 1})
        return list(Image.open(io.BytesIO(shot)).convert("RGB").getpixel((0, 0)))

    def point(self, item: int) -> tuple[float, float]:
        return self.at(*PLACES[item])

    def picture(self) -> list[int]:
        """Red, green and blue in the middle of the picture on the card."""
        read = "(canvas) => [...canvas.getContext('2d').getImageData(4, 4, 1, 1).data].slice(0, 3)"
        return self.root.locator(".card .picture").evaluate(read)

    def drag(self, *places: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=4)
        self.page.mouse.up()

    def tool(self, name: str) -> None:
        self.root.get_by_role("button", name=name, exact=True).click()


def heard(page: Page) -> dict[str, Any]:
    return json.loads(page.locator(".st-key-log").inner_text())


def hears(page: Page, **facts: Any) -> None:
    """Python hears of the facts, before long and from both maps."""
    for name, value in facts.items():
        wanted = json.dumps({name: value})[1:-1]
        expect(page.locator(".st-key-log")).to_contain_text(wanted, timeout=LONG)


Pair = tuple[Map, Map]


def opened(page: Page, url: str) -> Pair:
    page.goto(url)
    both = Map(page, "First"), Map(page, "Second", mirrored=True)
    for one in both:
        one.settle()
        one.has(atlas="ready")
    place = both[1].stage.bounding_box()
    for _ in range(20):  # until fonts have come and nothing moves any more
        page.wait_for_timeout(150)
        before, place = place, both[1].stage.bounding_box()
        if before == place:
            break
    return both


@pytest.fixture(scope="session")
def url(serve: Callable[[Path], str]) -> str:
    return serve(APP)


@pytest.fixture
def pair(page: Page, url: str) -> Pair:
    return opened(page, url)


def colour_of(item: int) -> list[int]:
    return [item % 256, item // 256 * 100, 50]


@pytest.mark.parametrize("item", [5, 123, 299])
def test_hovering_shows_the_items_picture_in_both_maps_and_tells_python_nothing(
    page: Page, pair: Pair, item: int
) -> None:
    first, second = pair
    x, y = first.point(item)
    page.mouse.move(x + 3, y - 2)
    for one in pair:
        one.has(hovered=item)
        expect(one.root.locator(".card")).to_be_visible()
        assert one.picture() == colour_of(item)
        expect(one.root.locator(".card")).to_contain_text(f"item {item}")
        expect(one.root.locator(".card")).to_contain_text(["zero", "one", "two"][item // 100])
        expect(one.root.locator(".card dd")).to_have_text(f"{item / 1000}")
    box = second.root.locator(".card .picture").bounding_box()
    assert box
    assert box["width"] >= 84
    page.mouse.move(x, y - 200)
    second.has(hovered="")
    expect(second.root.locator(".card")).to_be_hidden()
    assert heard(page)["runs"] == 1


def test_the_pointer_reaches_twelve_pixels(page: Page, pair: Pair) -> None:
    first = pair[0]
    x, y = first.at(0, 0)
    page.mouse.move(x - 11, y)
    first.has(hovered=0)
    page.mouse.move(x - 14, y)
    first.has(hovered="")


def test_a_click_selects_in_both_maps_and_tells_python_once(page: Page, pair: Pair) -> None:
    first, second = pair
    page.mouse.click(*first.point(57))
    hears(page, selected=[57, 57])
    for one in pair:
        one.has(selected=57)
    assert heard(page)["runs"] == 2
    page.mouse.click(*first.point(57))  # the same again says nothing new
    page.mouse.click(*second.point(210))
    hears(page, selected=[210, 210])
    assert heard(page)["runs"] == 3
    page.mouse.click(*second.at(20, 20))
    hears(page, selected=[None, None])
    for one in pair:
        one.has(selected="")


def test_escape_clears_all_in_one_message(page: Page, pair: Pair) -> None:
    first, _ = pair
    first.tool("Box")
    first.drag((-1, -1), (3.5, 0.5))
    hears(page, marked=[[0, 1, 2, 3]] * 2)
    page.mouse.click(*first.point(2))
    hears(page, selected=[2, 2])
    runs = heard(page)["runs"]
    first.stage.press("Escape")
    hears(page, selected=[None, None], marked=[[], []])
    assert heard(page)["runs"] == runs + 1


def test_the_lasso_marks_exactly_the_items_within(page: Page, pair: Pair) -> None:
    first, second = pair
    first.tool("Lasso")
    outline = [(29.5, -0.5), (33.5, -0.5), (33.5, 1.5), (30.5, 1.5), (30.5, 4.5), (29.5, 4.5), (29.5, -0.5)]
    page.mouse.move(*first.at(*outline[0]))
    page.mouse.down()
    for place in outline[1:]:
        page.mouse.move(*first.at(*place), steps=6)
    assert heard(page)["runs"] == 1  # nothing during the drag
    page.mouse.up()
    expected = [100, 101, 102, 103, 110, 111, 112, 113, 120, 130, 140]
    hears(page, marked=[expected, expected])
    for one in pair:
        one.has(marked=len(expected))
        expect(one.root.locator(".marks")).to_contain_text("11 marked")
    second.root.locator(".marks").click()
    hears(page, marked=[[], []])
    first.has(marked=0)


def test_shift_adds_to_the_box(page: Page, pair: Pair) -> None:
    first, _ = pair
    first.tool("Box")
    first.drag((-0.5, 0.5), (1.5, -0.5))
    hears(page, marked=[[0, 1]] * 2)
    page.keyboard.down("Shift")
    first.drag((-0.5, 29.5), (1.5, 30.5))
    page.keyboard.up("Shift")
    hears(page, marked=[[0, 1, 200, 201]] * 2)


def test_unmarked_items_turn_grey_and_stay(page: Page, pair: Pair) -> None:
    first, second = pair
    page.mouse.move(5, 5)
    blue = second.pixel(150)
    assert max(blue) - min(blue) > 60
    first.tool("Box")
    first.drag((-1, -1), (12, 12))
    second.has(marked=100)
    page.mouse.move(5, 5)
    grey = second.pixel(150)
    assert max(grey) - min(grey) < 20
    assert grey != second.pixel(50)
    assert min(grey) < 250  # not gone into the white ground


def test_a_class_switched_off_is_gone_in_both_maps(page: Page, pair: Pair) -> None:
    first, second = pair
    button = second.root.get_by_role("button", name="one", exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    for one in pair:
        one.has(off="1")
        expect(one.root.get_by_role("button", name="one", exact=True)).to_have_attribute("aria-pressed", "false")
    page.mouse.move(*first.point(150))
    first.has(hovered="")
    page.mouse.move(*first.point(50))
    first.has(hovered=50)
    first.root.get_by_role("button", name="one", exact=True).click()
    first.has(off="")
    first.root.get_by_role("button", name="two", exact=True).dblclick()
    second.has(off="0 1")
    assert heard(page)["runs"] == 1


def test_the_wheel_zooms_about_the_pointer_and_points_turn_into_pictures(page: Page, pair: Pair) -> None:
    first, second = pair
    x, y = first.point(55)
    page.mouse.move(x, y)  # whose fraction a wheel event leaves out
    for _ in range(4):
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(30)
    first.settle()
    assert float(first["zoom"]) > 3
    assert first.point(55) == pytest.approx((x, y), abs=float(first["zoom"]))
    expect(first.root).not_to_have_attribute("data-pictures", "0")
    page.mouse.move(5, 5)
    first.has(hovered="")
    assert first.pixel(66) == colour_of(66)
    assert second["zoom"] == "1.000"
    box = first.stage.bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 2, box["y"] + 2)
    first.has(zoom="1.000")


def test_dragging_pans_and_selects_nothing(page: Page, pair: Pair) -> None:
    first = pair[0]
    home = first["view"]
    x, y = first.point(0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=5)
    page.mouse.up()
    assert first.point(0) == pytest.approx((x + 60, y - 40), abs=1)
    first.has(selected="")
    first.tool("Show everything")
    first.has(view=home)
    assert heard(page)["runs"] == 1


def test_the_keyboard_reaches_everything(page: Page, pair: Pair) -> None:
    first, second = pair
    page.mouse.move(5, 5)
    page.mouse.click(*first.point(44))
    hears(page, selected=[44, 44])
    page.mouse.move(5, 5)
    first.stage.focus()
    page.keyboard.press("ArrowRight")
    second.has(hovered=45)
    expect(first.root.locator(".spoken")).to_have_text("Item 45, zero, error 0.045")
    page.keyboard.press("ArrowUp")
    first.has(hovered=55)
    page.keyboard.press("Enter")
    hears(page, selected=[55, 55])
    page.keyboard.press("+")
    first.has(zoom="1.500")
    page.keyboard.press("-")
    first.has(zoom="1.000")
    page.keyboard.press("Escape")
    hears(page, selected=[None, None])
    first.has(hovered="")


def test_a_wish_from_outside_selects_and_a_later_click_is_not_undone(page: Page, url: str) -> None:
    first, second = opened(page, f"{url}/?selected=7")
    for one in (first, second):
        one.has(selected=7)
    hears(page, selected=[7, 7])
    page.mouse.click(*first.point(120))
    hears(page, selected=[120, 120])
    page.get_by_role("button", name="Wish for 42").click()
    hears(page, selected=[42, 42])
    for one in (first, second):
        one.has(selected=42)
    page.mouse.click(*second.point(9))
    hears(page, selected=[9, 9])
    first.has(selected=9)


def test_new_coordinates_keep_the_selection_and_arrive(page: Page, pair: Pair) -> None:
    first, _ = pair
    page.mouse.click(*first.point(33))
    hears(page, selected=[33, 33])
    page.get_by_text("Other method").click()
    first.has(busy="true")
    first.has(selected=33)
    first.settle()
    page.mouse.move(*first.at(*(PLACES[208][::-1] * 2)))
    first.has(hovered=208)


@pytest.mark.parametrize("page", [{"reduced_motion": "reduce"}], indirect=True)
def test_points_jump_where_motion_is_unwelcome(page: Page, pair: Pair) -> None:
    first, _ = pair
    first.root.evaluate(
        """(root) => {
            root.busy = 0;
            new MutationObserver(() => (root.busy += root.dataset.busy === "true")).observe(root, { attributes: true });
        }"""
    )
    before = first["view"]
    page.get_by_text("Other method").click()
    expect(first.root).not_to_have_attribute("data-view", before)
    assert first.root.evaluate("(root) => root.busy") == 0


@pytest.mark.parametrize("page", [{"color_scheme": "dark"}], indirect=True)
def test_a_change_of_theme_restyles_at_once(page: Page, pair: Pair) -> None:
    def ground() -> list[int]:
        read = "(canvas) => [...canvas.getContext('2d').getImageData(1, 1, 1, 1).data].slice(0, 3)"
        return pair[0].root.locator(".cloud").evaluate(read)

    assert max(ground()) < 70
    page.emulate_media(color_scheme="light")
    page.wait_for_function(
        """() => [...document.querySelectorAll("*")].some((e) => {
            const canvas = e.shadowRoot?.querySelector(".cloud");
            return canvas && canvas.getContext("2d").getImageData(1, 1, 1, 1).data[0] > 200;
        })"""
    )
    assert min(ground()) > 200


@pytest.mark.parametrize("page", [{"has_touch": True}], indirect=True)
def test_fingers_tap_and_pinch(page: Page, pair: Pair) -> None:
    first, _ = pair
    page.touchscreen.tap(*first.point(11))
    first.has(hovered=11)
    hears(page, selected=[11, 11])
    x, y = first.at(20, 20)
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, apart: float) -> None:
        places = [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}] if apart else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    fingers("touchStart", 20)
    for apart in (25, 30, 35, 40):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    first.has(zoom="2.000")
    assert first.at(20, 20) == pytest.approx((x, y), abs=1)
    first.has(selected=11)


def test_the_map_can_be_kept_as_a_picture(page: Page, pair: Pair) -> None:
    with page.expect_download() as waiting:
        pair[0].tool("Save as PNG")
    assert waiting.value.suggested_filename == "First.png"
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")


def test_the_map_can_be_kept_as_a_drawing(page: Page, pair: Pair) -> None:
    with page.expect_download() as waiting:
        pair[0].tool("Save as SVG")
    assert waiting.value.suggested_filename == "First.svg"
    root = ElementTree.parse(waiting.value.path()).getroot()
    paths = [path.get("d", "") for path in root.iter("{http://www.w3.org/2000/svg}path")]
    assert sum(path.count("M") for path in paths) == int(pair[0].root.get_attribute("data-count") or 0)
    texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert texts >= set(pair[0].root.locator(".classes button").all_inner_texts())


def test_an_empty_map_says_so_and_values_get_a_scale(page: Page, url: str) -> None:
    opened(page, f"{url}/?more=1")
    empty, valued = Map(page, "Empty"), Map(page, "Values")
    empty.has(count=0)
    expect(empty.root.get_by_text("There is nothing to place on this map yet.")).to_be_visible()
    expect(empty.root.get_by_role("toolbar")).to_be_hidden()
    valued.has(count=300)
    expect(valued.root.locator(".measure")).to_have_text("error")
    expect(valued.root.locator(".gradient span")).to_have_text(["100", "200"])


def test_sixty_thousand_points_follow_the_hand(page: Page, url: str) -> None:
    page.goto(f"{url}/?many=1")
    first = Map(page, "First")
    first.has(count=60_000)
    first.settle()
    x, y = first.at(0, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=10)
    page.mouse.up()
    assert first.at(0, 0) == pytest.approx((x + 30, y + 20), abs=1)


@pytest.mark.parametrize("page", [{"viewport": {"width": 900, "height": 900}}], indirect=True)
def test_a_narrow_map_keeps_its_title_and_tools(page: Page, pair: Pair) -> None:
    for one in pair:
        title = one.root.locator(".title")
        assert title.evaluate("(e) => e.scrollWidth <= e.clientWidth")
        expect(one.root.get_by_role("button", name="Save as PNG")).to_be_in_viewport()
        assert one.root.evaluate("(e) => e.scrollWidth <= e.clientWidth")
