"""Two grouped latent maps in Chromium, under a hand."""

import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from browsing import content, eventually, frames, still
from cases import every
from PIL import Image
from playwright.sync_api import Locator, Page, expect

SIDE = 10
CORNERS = np.array([[0, 0], [30, 0], [0, 30]])
GRID = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).reshape(-1, 2)
PLACES = (CORNERS[:, None] + GRID).reshape(-1, 2).astype(np.float32)


class Map:
    """One of the maps on the page."""

    def __init__(self, page: Page, title: str, mirrored: bool = False) -> None:
        self.page, self.sign = page, -1 if mirrored else 1
        self.root: Locator = page.get_by_test_id("latent-map").filter(has=page.locator(f".title:text-is('{title}')"))
        self.stage = self.root.locator(".stage")

    def __getitem__(self, name: str) -> str:
        return self.root.get_attribute(f"data-{name}") or ""

    def has(self, **facts: Any) -> None:
        for name, value in facts.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value))

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
        expect(page.locator(".st-key-log")).to_contain_text(wanted)


Pair = tuple[Map, Map]


def opened(page: Page, url: str) -> Pair:
    page.goto(url)
    both = Map(page, "First"), Map(page, "Second", mirrored=True)
    for one in both:
        one.settle()
        one.has(atlas="ready")
    still(page)
    return both


@pytest.fixture
def url(gallery_url: str) -> str:
    return f"{gallery_url}/latent_map"


@pytest.fixture
def pair(page: Page, url: str) -> Pair:
    return opened(page, url)


def colour_of(item: int) -> list[int]:
    return [item % 256, item // 256 * 100, 50]


@pytest.mark.parametrize("item", every(3, (5, 123, 299)))
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
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
        expect(one.root.locator(".marks:not(.alone, .below)")).to_contain_text("11 marked")
    second.root.locator(".marks:not(.alone, .below)").click()
    hears(page, marked=[[], []])
    first.has(marked=0)


@pytest.mark.long
def test_shift_adds_to_the_box(page: Page, pair: Pair) -> None:
    first, _ = pair
    first.tool("Box")
    first.drag((-0.5, 0.5), (1.5, -0.5))
    hears(page, marked=[[0, 1]] * 2)
    page.keyboard.down("Shift")
    first.drag((-0.5, 29.5), (1.5, 30.5))
    page.keyboard.up("Shift")
    hears(page, marked=[[0, 1, 200, 201]] * 2)


@pytest.mark.long
def test_unmarked_items_turn_grey_and_stay(page: Page, pair: Pair) -> None:
    first, second = pair
    page.mouse.move(5, 5)
    blue = second.pixel(150)
    assert max(blue) - min(blue) > 60
    first.tool("Box")
    first.drag((-1, -1), (12, 12))
    second.has(marked=100)
    page.mouse.move(5, 5)
    second.has(hovered="")  # its card might lie over the item
    grey = second.pixel(150)
    assert max(grey) - min(grey) < 20
    assert grey != second.pixel(50)
    assert min(grey) < 250  # not gone into the white ground


@pytest.mark.long
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


@pytest.mark.parametrize("page", [{"has_touch": True}], indirect=True)
def test_a_class_is_shown_alone_by_fingers_and_keys(page: Page, pair: Pair) -> None:
    first, second = pair
    alone = [one.root.locator(".alone") for one in pair]
    expect(alone[0]).to_be_hidden()
    first.root.get_by_role("button", name="one", exact=True).tap()
    for button in alone:  # it says so on both maps, whichever of them was touched
        expect(button).to_have_text("one alone")
    alone[1].tap()
    first.has(off="0 2")
    expect(alone[0]).to_have_text("all classes")
    alone[0].press("Enter")
    second.has(off="")
    expect(alone[0]).to_be_hidden()
    expect(first.root.get_by_role("button", name="zero", exact=True)).to_be_focused()


def test_the_wheel_zooms_about_the_pointer_and_points_turn_into_pictures(page: Page, pair: Pair) -> None:
    first, second = pair
    x, y = first.point(55)
    page.mouse.move(x, y)  # whose fraction a wheel event leaves out
    home = first["view"]
    page.mouse.wheel(0, -240)
    frames(page)
    assert first["view"] == home, "who scrolls past a map does not zoom it"
    first.stage.focus()
    for _ in range(4):
        before = first["view"]
        page.mouse.wheel(0, -240)
        expect(first.root).not_to_have_attribute("data-view", before)
    first.settle()
    assert float(first["zoom"]) > 3
    assert first.point(55) == pytest.approx((x, y), abs=float(first["zoom"]))
    expect(first.root).not_to_have_attribute("data-pictures", "0")
    page.mouse.move(5, 5)
    first.has(hovered="")
    still(page)  # a busy machine paints exactly once the hand rests
    assert first.pixel(66) == colour_of(66)
    assert second["zoom"] == "1.000"
    box = first.stage.bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 2, box["y"] + 2)
    first.has(zoom="1.000")


@pytest.mark.long
def test_dragging_pans_and_selects_nothing(page: Page, pair: Pair) -> None:
    first = pair[0]
    home = first["view"]
    x, y = first.point(0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=5)
    page.mouse.up()
    frames(page)
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
    page.keyboard.press("m")
    hears(page, marked=[[55], [55]])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("m")
    hears(page, marked=[[55, 65], [55, 65]])
    page.keyboard.press("m")
    hears(page, marked=[[55], [55]])
    page.keyboard.press("Shift+M")
    hears(page, marked=[list(range(300)), list(range(300))])
    page.keyboard.press("+")
    first.has(zoom="1.500")
    page.keyboard.press("-")
    first.has(zoom="1.000")
    page.keyboard.press("Escape")
    hears(page, selected=[None, None])
    first.has(hovered="")


@pytest.mark.long
def test_a_wish_from_outside_selects_and_a_later_click_is_not_undone(page: Page, url: str) -> None:
    first, second = opened(page, f"{url}?selected=7")
    for one in (first, second):
        one.has(selected=7)
    hears(page, selected=[7, 7])
    page.mouse.click(*first.point(120))
    hears(page, selected=[120, 120])
    content(page).get_by_role("button", name="Wish for 42").click()
    hears(page, selected=[42, 42])
    for one in (first, second):
        one.has(selected=42)
    page.mouse.click(*second.point(9))
    hears(page, selected=[9, 9])
    first.has(selected=9)


# How often a map has said that its points are on their way: it may be over before a test looks.
COUNT_BUSY = """(root) => {
    root.busy = 0;
    new MutationObserver(() => (root.busy += root.dataset.busy === "true")).observe(root, { attributes: true });
}"""


@pytest.mark.long
def test_new_coordinates_keep_the_selection_and_arrive(page: Page, pair: Pair) -> None:
    first, _ = pair
    page.mouse.click(*first.point(33))
    hears(page, selected=[33, 33])
    first.root.evaluate(COUNT_BUSY)
    content(page).get_by_text("Other method").click()
    eventually(page, lambda: first.root.evaluate("(root) => root.busy") > 0)
    first.has(selected=33)
    first.settle()
    page.mouse.move(*first.at(*(PLACES[208][::-1] * 2)))
    first.has(hovered=208)


SHOW_ALL = """(root) => {
    const [frame, held] = [window.requestAnimationFrame, []];
    window.requestAnimationFrame = (paint) => held.push(paint);
    root.querySelector("[data-tool=reset]").click(); // the map is on its way, and its next frame waits
    window.requestAnimationFrame = frame;
    root.goOn = () => held.map((paint) => frame(paint)).length;
}"""


def on_its_way_home(one: Map) -> None:
    one.tool("Zoom in")
    one.has(zoom="1.600", busy="false")
    one.root.evaluate(SHOW_ALL)


def arrives(one: Map) -> None:
    assert one.root.evaluate("(root) => root.goOn()") == 1
    one.has(zoom="1.000", busy="false")


@pytest.mark.long
def test_new_coordinates_are_shown_whole_though_the_map_was_on_its_way_home(page: Page, pair: Pair) -> None:
    first, _ = pair
    k = float(first["view"].split()[0])
    on_its_way_home(first)
    content(page).get_by_text("Other method").click()
    hears(page, runs=2)
    still(page)
    arrives(first)
    assert float(first["view"].split()[0]) == pytest.approx(k / 2), "all places are twice as far out"


@pytest.mark.long
def test_a_frame_that_changes_while_the_map_is_on_its_way_home_is_filled(page: Page, pair: Pair) -> None:
    first, _ = pair
    before, k = first.stage.bounding_box(), float(first["view"].split()[0])
    on_its_way_home(first)
    first.root.evaluate("(root) => (root.style.width = '60%')")
    frames(page)
    after = first.stage.bounding_box()
    assert before
    assert after
    assert after["width"] < before["width"]
    arrives(first)
    assert float(first["view"].split()[0]) < k


@pytest.mark.long
@pytest.mark.parametrize("page", [{"reduced_motion": "reduce"}], indirect=True)
def test_points_jump_where_motion_is_unwelcome(page: Page, pair: Pair) -> None:
    first, _ = pair
    first.root.evaluate(COUNT_BUSY)
    before = first["view"]
    content(page).get_by_text("Other method").click()
    expect(first.root).not_to_have_attribute("data-view", before)
    assert first.root.evaluate("(root) => root.busy") == 0


@pytest.mark.long
@pytest.mark.parametrize("page", [{"color_scheme": "dark"}], indirect=True)
def test_a_change_of_theme_restyles_at_once(page: Page, pair: Pair) -> None:
    def ground() -> list[int]:
        read = "(canvas) => [...canvas.getContext('2d').getImageData(1, 1, 1, 1).data].slice(0, 3)"
        return pair[0].root.locator(".cloud").evaluate(read)

    assert max(ground()) < 70
    page.emulate_media(color_scheme="light")
    eventually(page, lambda: min(ground()) > 200)


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_an_empty_map_says_so_and_values_get_a_scale(page: Page, url: str) -> None:
    opened(page, f"{url}?more=1")
    empty, valued = Map(page, "Empty"), Map(page, "Values")
    empty.has(count=0)
    expect(empty.root.get_by_text("There is nothing to place on this map yet.")).to_be_visible()
    expect(empty.root.get_by_role("toolbar")).to_be_hidden()
    valued.has(count=300)
    expect(valued.root.locator(".measure")).to_have_text("error")
    expect(valued.root.locator(".gradient span")).to_have_text(["100", "200"])


@pytest.mark.long
def test_sixty_thousand_points_follow_the_hand(page: Page, url: str) -> None:
    page.goto(f"{url}?many=1")
    first = Map(page, "First")
    first.has(count=60_000)
    first.settle()
    still(page)
    x, y = first.at(0, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=10)
    page.mouse.up()
    frames(page)
    assert first.at(0, 0) == pytest.approx((x + 30, y + 20), abs=1)


@pytest.mark.long
@pytest.mark.parametrize("page", [{"viewport": {"width": 900, "height": 900}}], indirect=True)
def test_a_narrow_map_keeps_its_title_and_tools(page: Page, pair: Pair) -> None:
    for one in pair:
        title = one.root.locator(".title")
        assert title.evaluate("(e) => e.scrollWidth <= e.clientWidth")
        expect(one.root.get_by_role("button", name="Save as PNG")).to_be_in_viewport()
        assert one.root.evaluate("(e) => e.scrollWidth <= e.clientWidth")


def test_the_ends_of_a_path_go_to_items_by_hand_and_key_and_its_mark_follows_the_scrubber(page: Page, url: str) -> None:
    page.goto(f"{url}?path=1")
    one, ends = Map(page, "Path"), page.locator(".st-key-ends")
    one.settle()
    one.has(walker="4.500,19.500")
    page.get_by_test_id("scrubber").get_by_role("slider").press("End")
    one.has(walker="9.000,39.000")
    one.stage.scroll_into_view_if_needed()
    one.drag((0, 0), (20, 2), (31, 4))
    expect(ends).to_contain_text(f'"A": {100 + 4 * SIDE + 1}')
    still(page)
    one.has(zoom="1.000", walker="9.000,39.000")
    one.stage.press("ArrowRight")
    expect(one.root).to_have_attribute("data-hovered", re.compile(r"\d"))  # a frame later
    at = int(one["hovered"])
    one.stage.press("b")
    expect(ends).to_contain_text(f'"B": {at}')
    still(page)
    one.drag((31, 4), (31, 4), (30, 20), (31, 4))  # back to where it was
    still(page)
    expect(ends).to_contain_text(f'"A": {100 + 4 * SIDE + 1}')
