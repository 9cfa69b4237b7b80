import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browsing import eventually, still
from playwright.sync_api import Page, WebSocket, expect

from aeviz.parts import files

LEFT, TOP = 44, 2  # of the plane within the stage
TIMES = 23  # pixels on the screen for each of the 8 pixels of a large picture, where the pad is 1000 wide, 600 high


class Pad:
    """The pad in the page, spoken to in the plane's coordinates."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.get_by_test_id("latent-pad")
        self.stage = self.root.locator(".stage")
        expect(self.root).to_be_visible()
        expect(page.locator(".st-key-heard")).to_contain_text("runs")
        self.view = (-4.0, 4.0, -4.0, 4.0)
        eventually(page, self.has_picture)
        page.mouse.move(5, 5)

    def has_picture(self) -> bool:
        """Whether the sheet is there, as a picture under the pointer shows; the part may still move on the page."""
        box = self.stage.bounding_box()
        assert box is not None
        self.x, self.y = box["x"] + LEFT, box["y"] + TOP
        self.side = box["height"] - 28  # the home region is square and as high as there is room
        for place in (0.1, 0.15):
            self.hover(place, place)
        return self.painted() > 5000

    def at(self, x: float, y: float) -> tuple[float, float]:
        x0, x1, y0, y1 = self.view
        return self.x + (x - x0) / (x1 - x0) * self.side, self.y + (y1 - y) / (y1 - y0) * self.side

    def hover(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.at(x, y))

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.at(x, y))

    def press(self, *keys: str, shift: bool = False) -> None:
        """Press keys in one task of the browser: however busy the machine is, they do not come to rest in between."""
        self.stage.evaluate(
            """(stage, [keys, shiftKey]) => {
                const pressed = { shiftKey, bubbles: true, cancelable: true };
                for (const key of keys) stage.dispatchEvent(new KeyboardEvent("keydown", { key, ...pressed }));
            }""",
            [keys, shift],
        )

    def colour(self, canvas: str, px: float, py: float) -> list[int]:
        """RGBA of the canvas at a pixel of the stage, after the next frame."""
        return self.root.locator(f".{canvas}").evaluate(
            """(canvas, [x, y]) => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
                done(Array.from(canvas.getContext("2d").getImageData(x, y, 1, 1).data)))))""",
            [round(px), round(py)],
        )

    def painted(self) -> int:
        """How many pixels are opaque of what moves with the pointer."""
        return self.root.locator(".over").evaluate(
            """(canvas) => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                return data.filter((value, i) => i % 4 === 3 && value === 255).length;
            }"""
        )

    def large(self, second: bool = False) -> tuple[float, float]:
        """The code that the large picture under the pointer (the second: at the fixed place) says it was decoded at."""
        down = TOP + 26 + (8 * TIMES + 56 + 28 if second else 0)
        left = LEFT + self.side + 28
        values = [self.colour("over", left + 4.5 * TIMES, down + row * TIMES)[0] for row in (2, 6)]
        return values[0] / 255 * 8 - 4, values[1] / 255 * 8 - 4

    def shows(self, x: float, y: float, second: bool = False) -> None:
        """The large picture comes to be the decode of this code, as exactly as greys can tell."""
        eventually(self.page, lambda: np.abs(np.subtract(self.large(second), (x, y))).max() <= GREY / 2 + 1e-6)

    def heard(self) -> dict[str, Any]:
        return json.loads(self.page.locator(".st-key-heard").inner_text())

    def runs(self, count: int) -> dict[str, Any]:
        """What Python has heard by its `count`-th run, and that no further run comes."""
        expect(self.page.locator(".st-key-heard")).to_contain_text(f'"runs": {count},')
        still(self.page)
        heard = self.heard()
        assert heard["runs"] == count
        return heard


GREY = 8 / 255  # a step of grey, in units of the plane


@pytest.fixture
def url(gallery_url: str) -> str:
    return f"{gallery_url}/latent_pad"


@pytest.fixture
def opened(page: Page, url: str) -> Callable[[str], Pad]:
    def visit(query: str = "") -> Pad:
        page.goto(f"{url}?{query}")
        return Pad(page)

    return visit


def test_hovering_decodes_to_the_nearest_tile_without_a_message(
    opened: Callable[[str], Pad], screenshot: Callable[[str], None]
) -> None:
    pad = opened("rings")
    for place in [(-3.9, 3.9), (0.6, -2.2), (3.9, -3.9), (1.1, 1.4)]:
        pad.hover(*place)
        tile = np.floor(np.array(place) * 4) / 4 + 0.125  # the middle of its cell
        pad.shows(*tile)
    screenshot("latent-pad")
    assert pad.runs(1)["position"] is None


def test_a_click_fixes_the_place_with_one_message_and_shows_its_exact_decode(opened: Callable[[str], Pad]) -> None:
    pad = opened("")
    pad.click(0.52, -2.2)
    heard = pad.runs(2)
    np.testing.assert_allclose(heard["position"], (0.52, -2.2), atol=1 / pad.side * 8)
    pad.shows(*heard["position"], second=True)
    assert abs(pad.large()[0] - heard["position"][0]) > GREY  # the tile's decode is near, not the same
    pad.click(-1.7, 3.1)
    heard = pad.runs(3)
    pad.shows(*heard["position"], second=True)


def test_the_whole_exact_picture_arrives_pixel_for_pixel(opened: Callable[[str], Pad]) -> None:
    pad = opened("")
    pad.click(2.3, -0.7)
    x, y = pad.runs(2)["position"]
    pad.shows(x, y, second=True)
    left, down = LEFT + pad.side + 28, TOP + 26 + 8 * TIMES + 56 + 28
    shown = [
        [pad.colour("over", left + (c + 0.5) * TIMES, down + (r + 0.5) * TIMES)[0] for c in range(1, 7)]
        for r in range(1, 7)
    ]
    wanted = np.repeat(np.array([(x + 4) / 8] * 3 + [(y + 4) / 8] * 3)[:, None], 6, 1)
    np.testing.assert_allclose(np.array(shown) / 255, wanted, atol=1 / 255)


@pytest.mark.long
def test_a_zoom_asks_for_finer_tiles_exactly_once(opened: Callable[[str], Pad]) -> None:
    pad = opened("")
    pad.hover(1, 1)
    pad.stage.focus()
    # All at once: on a busy machine wheel turns of the mouse itself come with pauses in which the view is at rest.
    pad.stage.evaluate(
        """(stage, [clientX, clientY]) => {
            const turn = { deltaY: -100, clientX, clientY, bubbles: true, cancelable: true };
            for (let i = 0; i < 7; i++) stage.dispatchEvent(new WheelEvent("wheel", turn));
        }""",
        pad.at(1, 1),
    )
    heard = pad.runs(2)
    pad.view = tuple(heard["view"])
    x0, x1, y0, y1 = pad.view
    assert x1 - x0 == pytest.approx(8 * np.exp(-1.4), rel=1e-6)
    assert y1 - y0 == pytest.approx(x1 - x0, rel=1e-6)
    np.testing.assert_allclose(
        [(1 - x0) / (x1 - x0), (1 - y0) / (y1 - y0)], 5 / 8, atol=0.005
    )  # still under the pointer
    cell = (x1 - x0) / 40
    for column, row in [(3, 5), (20, 20), (39, 12)]:
        place = x0 + (column + 0.5) * cell, y1 - (row + 0.5) * cell
        pad.hover(place[0] + 0.3 * cell, place[1] - 0.3 * cell)
        pad.shows(*place)


@pytest.mark.long
def test_a_drag_pans_and_a_double_click_resets(opened: Callable[[str], Pad]) -> None:
    pad = opened("bare")
    pad.hover(0, 0)
    pad.page.mouse.down()
    pad.page.mouse.move(*pad.at(1.5, 0.5), steps=6)
    fired = pad.page.evaluate("underWay.fired")
    eventually(pad.page, lambda: pad.page.evaluate("underWay.fired") >= fired + 2)
    assert pad.heard()["runs"] == 1  # the pad has looked, and the hand is down
    pad.page.mouse.up()
    heard = pad.runs(2)
    assert heard["position"] is None  # a drag is no click
    np.testing.assert_allclose(heard["view"], [-5.5, 2.5, -4.5, 3.5], atol=8 / pad.side)
    pad.page.mouse.dblclick(*pad.at(0, 0))
    expect(pad.page.locator(".st-key-heard")).to_contain_text("[-4.0, 4.0, -4.0, 4.0]")


@pytest.mark.long
def test_a_drag_survives_reruns_in_its_midst(opened: Callable[[str], Pad]) -> None:
    pad = opened("busy&bare")
    pad.hover(0, 0)
    pad.page.mouse.down()
    pad.page.mouse.move(*pad.at(1, 0), steps=4)
    before = pad.heard()["runs"]
    eventually(pad.page, lambda: pad.heard()["runs"] >= before + 2)
    pad.page.mouse.move(*pad.at(2, 0), steps=4)
    pad.page.mouse.up()
    expect(pad.page.locator(".st-key-heard")).not_to_contain_text('"view": null')
    np.testing.assert_allclose(pad.heard()["view"], [-6, 2, -4, 4], atol=8 / pad.side)


def test_everything_works_by_keyboard(opened: Callable[[str], Pad]) -> None:
    pad = opened("")
    pad.stage.focus()
    keys = pad.page.keyboard
    step = 8 / pad.side
    for _ in range(3):
        keys.press("Shift+ArrowRight")
    keys.press("ArrowUp")
    said = pad.root.locator(".said")
    expect(said).to_contain_text(f"z₁ {120 * step:.2f}")
    expect(said).to_contain_text(", near ")
    keys.press("Enter")
    heard = pad.runs(2)
    np.testing.assert_allclose(heard["position"], [120 * step, 4 * step], atol=1e-9)
    expect(said).to_contain_text("Fixed at")
    keys.press("+")
    heard = pad.runs(3)
    assert heard["view"][1] - heard["view"][0] == pytest.approx(8 / 1.5)
    pad.press("-", "-")
    assert pad.runs(4)["view"][1] > 4
    keys.press("0")
    assert pad.runs(5)["view"] == [-4, 4, -4, 4]
    assert pad.stage.get_attribute("role") == "application"
    described = pad.stage.get_attribute("aria-describedby")
    assert "Arrow keys" in pad.root.locator(f"#{described}").inner_text()


@pytest.mark.long
def test_keys_walk_out_of_sight_and_the_view_follows(opened: Callable[[str], Pad]) -> None:
    pad = opened("bare")
    pad.stage.focus()
    pad.press(*["ArrowRight"] * 10, shift=True)
    x0, x1, _, _ = pad.runs(2)["view"]
    walked = 400 * 8 / pad.side
    assert x0 < walked < x1
    assert x1 == pytest.approx(walked + 12 * 8 / pad.side, abs=0.01)


@pytest.mark.parametrize("sigma", [pytest.param(1, marks=pytest.mark.long), 2, pytest.param(3, marks=pytest.mark.long)])
def test_rings_are_where_the_prior_says(opened: Callable[[str], Pad], sigma: int) -> None:
    pad = opened("rings&black")
    radius = sigma * pad.side / 8
    middle = LEFT + pad.side / 2, TOP + pad.side / 2
    for dx, dy in [(1, 0), (-1, 0), (0, 1), (0, -1)]:

        def light(reach: float, dx: int = dx, dy: int = dy) -> int:
            return pad.colour("ground", middle[0] + dx * reach - 0.5, middle[1] + dy * reach - 0.5)[0]

        assert max(light(radius - 1), light(radius), light(radius + 1)) > 100
        assert light(radius - 5) == light(radius + 5) == 0


@pytest.mark.long
def test_an_ellipse_and_a_path_are_where_they_should_be(opened: Callable[[str], Pad]) -> None:
    pad = opened("ellipse&path&black")
    unit = pad.side / 8

    def colour(x: float, y: float) -> list[int]:
        return pad.colour("ground", LEFT + (x + 4) * unit, TOP + (4 - y) * unit)[:3]

    assert colour(-2, 2) != [0, 0, 0]
    assert colour(-2, 2.2) == [0, 0, 0]
    assert max(colour(1, -1)) > max(colour(1.75, -1)) > 0  # filled twice within 1σ, once within 2σ
    assert colour(2.1, -1) == [0, 0, 0]
    assert colour(1, -1.6) == [0, 0, 0]


@pytest.mark.long
def test_an_ellipse_is_turned_against_the_clock_and_rings_stand_where_they_are_told(
    opened: Callable[[str], Pad],
) -> None:
    pad = opened("ellipse&black&aside&turn=0.7854")
    unit = pad.side / 8

    def light(x: float, y: float) -> int:
        return max(pad.colour("ground", LEFT + (x + 4) * unit, TOP + (4 - y) * unit)[:3])

    assert light(1.5, -0.5) > 0
    assert light(1.5, -1.5) == 0
    ring = [light(1 + dx, 1) for dx in np.arange(0.97, 1.03, 0.01)]
    assert max(ring) > 100
    assert light(-1, 0.4) == 0


@pytest.mark.long
def test_pictures_points_or_both(opened: Callable[[str], Pad], screenshot: Callable[[str], None]) -> None:
    pad = opened("many")
    corner = LEFT + 30, TOP + 30  # a tile of x = −3.6, y = 3.6 is dark above and light below; no point lies there
    seen = {}
    for mode in ("pictures", "points", "both"):
        button = pad.root.get_by_role("button", name=mode)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        middle = LEFT + pad.side / 2, TOP + pad.side / 2
        around = [pad.colour("ground", middle[0] + dx, middle[1] + dy)[:3] for dx in range(0, 40, 8) for dy in (0, 9)]
        seen[mode] = pad.colour("ground", *corner), sum(max(c) - min(c) > 40 for c in around)
        screenshot(f"latent-pad-{mode}")
    assert seen["pictures"][1] == 0  # only grey
    assert seen["points"][1] > 4
    assert seen["both"][1] > 1
    assert seen["points"][0][3] == 0  # the page shows through
    assert seen["pictures"][0] != seen["both"][0]
    assert pad.heard()["runs"] == 1


@pytest.mark.long
def test_without_points_there_is_nothing_to_switch(opened: Callable[[str], Pad]) -> None:
    pad = opened("bare")
    expect(pad.root.get_by_role("button", name="points")).to_be_hidden()
    assert pad.colour("ground", LEFT + 300, TOP + 300)[3] == 255


@pytest.mark.long
def test_in_a_narrow_place_the_picture_floats_beside_the_pointer(
    opened: Callable[[str], Pad], screenshot: Callable[[str], None]
) -> None:
    pad = opened("width=640&bare")
    width = pad.root.locator(".stage").evaluate("(stage) => stage.clientWidth") - LEFT - 2
    unit = pad.side / 8
    x, y = -1.1, -1.4
    px, py = width / 2 + x * unit, pad.side / 2 - y * unit
    pad.page.mouse.move(pad.x + px, pad.y + py)
    side = round(min(140, 0.28 * min(width, pad.side)) / 8) * 8
    # Up and to the right, 18 pixels off, within a rim of 5 and above a line of words of 24.
    left, top = LEFT + px + 18 + 5, TOP + py - 18 - (side + 10 + 24) + 5
    values = [pad.colour("over", left + side / 2, top + share * side)[0] / 255 * 8 - 4 for share in (0.25, 0.75)]
    np.testing.assert_allclose(values, np.floor(np.array([x, y]) * 4) / 4 + 0.125, atol=GREY / 2 + 1e-6)
    pad.page.mouse.click(pad.x + px, pad.y + py)
    pad.runs(2)
    screenshot("latent-pad-narrow")
    pad.page.mouse.move(5, 5)
    assert pad.colour("over", left + side / 2, top + side / 2)[3] == 0


@pytest.mark.parametrize("page", [{"color_scheme": "light"}], indirect=True)
@pytest.mark.long
def test_a_switch_of_theme_restyles_at_once(opened: Callable[[str], Pad]) -> None:
    pad = opened("rings")
    pad.root.get_by_role("button", name="points").click()

    def lightest() -> int:
        """Of the gutter with the figures of the axis, opaque pixels only."""
        return pad.root.locator(".ground").evaluate(
            """(canvas) => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, 40, canvas.height);
                const reds = data.filter((_, i) => i % 4 === 0 && data[i + 3] > 150);
                return reds.reduce((most, red) => Math.max(most, red), 0);
            }"""
        )

    assert lightest() < 128
    pad.page.emulate_media(color_scheme="dark")
    eventually(pad.page, lambda: lightest() > 128)


@pytest.mark.parametrize("page", [{"has_touch": True}], indirect=True)
@pytest.mark.long
def test_a_finger_hovers_taps_and_two_pinch(opened: Callable[[str], Pad]) -> None:
    pad = opened("bare")
    session = pad.page.context.new_cdp_session(pad.page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [dict(zip("xy", pad.at(*place), strict=True), id=i) for i, place in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0, 0))
    for step in range(1, 6):
        touch("touchMove", (step / 2 + 0.1, 0.1))
    pad.shows(2.625, 0.125)
    touch("touchEnd")
    assert pad.runs(1)["position"] is None
    touch("touchStart", (1, 1))
    touch("touchEnd")
    np.testing.assert_allclose(pad.runs(2)["position"], (1, 1), atol=8 / pad.side)
    touch("touchStart", (-1, 0))
    touch("touchStart", (-1, 0), (1, 0))
    for step in range(1, 6):
        touch("touchMove", (-1 - step / 5, 0), (1 + step / 5, 0))
    touch("touchEnd")
    heard = pad.runs(3)
    np.testing.assert_allclose(heard["view"], [-2, 2, -2, 2], atol=0.05)
    np.testing.assert_allclose(heard["position"], (1, 1), atol=8 / pad.side)  # a pinch is no tap


@pytest.mark.long
def test_a_picture_the_browser_has_is_not_sent_again(page: Page, url: str) -> None:
    received: list[int] = []

    def follow(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: received.append(len(frame)))

    page.on("websocket", follow)
    page.goto(f"{url}?many")
    pad = Pad(page)
    still(page)
    assert sum(received) > 100_000  # ten thousand points
    received.clear()
    pad.click(1, 1)
    pad.runs(2)
    assert sum(received) < 20_000  # nor is the part's code
    pad.hover(2.1, 2.1)
    pad.shows(2.125, 2.125)


def test_what_the_browser_has_lost_is_asked_for(page: Page) -> None:
    blank = "http://localhost/blank"
    page.route(blank, lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
    page.goto(blank)
    sent = page.evaluate(
        """async ([module, body, data]) => {
            document.body.innerHTML = body;
            const sent = [];
            const setStateValue = (name, value) => sent.push([name, value]);
            const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
            const { default: mount } = await import(url);
            mount({ parentElement: document.body, data, setStateValue });
            return sent;
        }""",
        [
            files.javascript("latent_pad", "streamlit"),
            files.markup("latent_pad") + "<style>.stage { height: 300px }</style>",
            {
                "levels": [{"id": "lost", "region": [-1, 1, -1, 1], "columns": 4, "rows": 4}],
                **{"home": [-1, 1, -1, 1], "position": [0.5, 0.5], "view": None, "height": 300},
                **{"cloud": None, "names": [], "colours": [], "axes": ["a", "b"], "title": ""},
            },
        ],
    )
    assert len(sent) == 1
    name, value = sent[0]
    assert name == "pad"
    assert value["have"] == []
    assert value["position"] == [0.5, 0.5]


def test_the_picture_is_painted_in_the_frame_of_the_pointer_event(opened: Callable[[str], Pad]) -> None:
    pad = opened("bare")
    pad.hover(-3, 0)
    pad.page.evaluate(
        """([x, y]) => {
            const root = document.querySelector("[data-testid=stBidiComponentIsolated]").shadowRoot;
            const canvas = root.querySelector(".over");
            const context = canvas.getContext("2d");
            globalThis.seen = [];
            let latest; // of several moves in one frame
            addEventListener("pointermove", (event) => {
                latest = event.clientX;
                // Asked for after the pad has asked, so it runs after the pad's painting, still in this frame.
                requestAnimationFrame(() => globalThis.seen.push([latest, context.getImageData(x, y, 1, 1).data[0]]));
            });
        }""",
        [round(LEFT + pad.side + 28 + 4 * TIMES), round(TOP + 26 + 2 * TIMES)],
    )
    for step in range(30):
        pad.hover(-3 + step / 5, 0)
    seen = pad.page.evaluate("() => globalThis.seen")
    assert len(seen) >= 20
    for at, value in seen:
        x = (at - pad.x) / pad.side * 8 - 4
        assert value / 255 * 8 - 4 == pytest.approx(np.floor(x * 4) / 4 + 0.125, abs=GREY / 2 + 1e-6)
