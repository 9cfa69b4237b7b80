import json
import re
from collections.abc import Callable
from typing import Any

import browsing
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

ONE = [(0.38, 0.3), (0.5, 0.15), (0.48, 0.8)]


class Pad:
    """A pad in the page, spoken to in shares of its side."""

    def __init__(self, page: Page, index: int = 0, name: str = "grey") -> None:
        self.page, self.name = page, name
        self.root = page.get_by_test_id("draw-pad").nth(index)
        self.ink = self.root.locator(".ink")
        expect(self.ink).to_be_visible()
        self.heard(strokes=0)
        browsing.still(page)

    def at(self, x: float, y: float) -> tuple[float, float]:
        box = self.ink.bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def stroke(self, places: list[tuple[float, float]], release: bool = True) -> None:
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=8)
        if release:
            self.page.mouse.up()

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name)

    def heard(self, **wanted: Any) -> dict[str, Any]:
        """What Python has received, as soon as it is what is wanted."""
        place = self.page.locator(f".st-key-{self.name}")
        for name, value in wanted.items():
            expect(place).to_contain_text(re.compile(rf'"{name}": {json.dumps(value)}\b'))
        return json.loads(place.inner_text())

    def counts(self) -> dict[str, int]:
        return json.loads(self.page.locator(".st-key-counts").inner_text())

    def colour(self, x: float, y: float) -> list[int]:
        """RGB on the screen, after the next frame."""
        return self.ink.evaluate(
            """(canvas, [x, y]) => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
                const at = [Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1];
                done(Array.from(canvas.getContext("2d").getImageData(...at).data).slice(0, 3));
            })))""",
            [x, y],
        )


@pytest.fixture
def url(gallery_url: str) -> str:
    return f"{gallery_url}/draw_pad"


@pytest.fixture
def pad(page: Page, url: str) -> Pad:
    page.goto(url)
    return Pad(page)


def away(pad: Pad) -> None:
    pad.page.mouse.move(5, 5)


def test_a_stroke_of_the_mouse_reaches_python_as_pixels_and_as_a_picture(
    pad: Pad, screenshot: Callable[[str], None]
) -> None:
    pad.stroke(ONE)
    heard = pad.heard(strokes=1)
    pixels = np.array(heard["pixels"])  # every fourth of the 112
    assert pixels.shape == (28, 28)
    assert pixels[14, round(0.49 * 28)] == 255  # on the long line
    assert pixels[14, 3] == 0
    rows, columns = np.nonzero(pixels)
    # Drawn from 0.15 to 0.8 of the height with a brush 0.085 wide.
    assert abs(rows.min() - (0.15 - 0.0425) * 28) < 1.5
    assert abs(rows.max() - (0.8 + 0.0425) * 28) < 1.5
    assert abs(columns.min() - (0.38 - 0.0425) * 28) < 1.5
    picture = np.array(heard["picture"])
    assert picture.shape == (1, 28, 28)
    assert np.ptp(np.nonzero(picture[0].max(1))[0]) + 1 == 20
    # As thick as MNIST's own digits: 2.6 pixels in the median of the test split.
    across = picture[0, 16]
    assert 1.7 < across.sum() < 3.2
    screenshot("draw-pad")


def test_the_preview_is_the_picture_python_made(pad: Pad) -> None:
    pad.stroke(ONE)
    picture = np.array(pad.heard(strokes=1)["picture"])
    seen = pad.root.locator(".seen")
    expect(seen).to_have_attribute("aria-label", "What the network sees: 28 by 28 pixels")
    browsing.still(pad.page)
    rgba = seen.evaluate(
        "(canvas) => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)"
    )
    shown = np.array(rgba).reshape(28, 28, 4)[..., 0]
    np.testing.assert_allclose(shown / 255, picture[0], atol=1 / 255)


@pytest.mark.long
def test_drawing_elsewhere_gives_the_same_picture(pad: Pad) -> None:
    pad.stroke(ONE)
    first = np.array(pad.heard(strokes=1)["picture"])
    pad.button("Clear").click()
    pad.heard(picture=None)
    pad.stroke([(x + 0.25, y + 0.1) for x, y in ONE])
    second = np.array(pad.heard(strokes=3)["picture"])
    assert np.abs(first - second).mean() < 0.01


def test_undo_takes_back_one_stroke_and_then_the_clearing(pad: Pad) -> None:
    expect(pad.button("Undo")).to_be_disabled()
    pad.stroke(ONE)
    pad.stroke([(0.2, 0.9), (0.8, 0.9)])
    both = pad.heard(strokes=2)
    pad.button("Undo").click()
    pad.heard(strokes=1)
    away(pad)
    assert pad.colour(0.5, 0.9) == [0, 0, 0]
    assert pad.colour(0.485, 0.6) == [255, 255, 255]
    pad.stroke([(0.2, 0.9), (0.8, 0.9)])
    pad.heard(strokes=2)
    pad.button("Clear").click()
    assert pad.heard(picture=None)["strokes"] == 3  # clearing is kept as the third, to be undone
    away(pad)
    assert pad.colour(0.5, 0.9) == [0, 0, 0]
    pad.button("Undo").click()
    again = pad.heard(strokes=2)
    assert again["pixels"] == both["pixels"]


@pytest.mark.long
def test_the_eraser_takes_ink_away(pad: Pad) -> None:
    pad.stroke([(0.2, 0.5), (0.8, 0.5)])
    before = np.array(pad.heard(strokes=1)["pixels"])
    pad.button("Eraser").click()
    expect(pad.button("Eraser")).to_have_attribute("aria-pressed", "true")
    pad.stroke([(0.5, 0.3), (0.5, 0.7)])
    after = np.array(pad.heard(strokes=2)["pixels"])
    assert before[14, 14] == 255
    assert after[14, 14] == 0
    assert after[14, 8] == 255
    pad.button("Brush").click()
    pad.stroke([(0.5, 0.3), (0.5, 0.7)])
    assert np.array(pad.heard(strokes=3)["pixels"])[14, 14] == 255


@pytest.mark.long
def test_a_click_without_a_move_is_a_dot_as_wide_as_the_brush(pad: Pad) -> None:
    pad.root.get_by_role("slider", name="Width of the stroke").fill("200")
    pad.stroke([(0.5, 0.5)])
    pixels = np.array(pad.heard(strokes=1)["pixels"])
    assert (pixels > 127).sum() == pytest.approx(np.pi * 2.8**2, abs=3)


def test_everything_works_by_keyboard(pad: Pad) -> None:
    pad.ink.focus()
    keys = pad.page.keyboard
    keys.press("Shift+ArrowLeft")  # 0.4, 0.5
    keys.press("Space")
    for _ in range(3):
        keys.press("Shift+ArrowDown")  # to 0.8
    keys.press("Space")
    pixels = np.array(pad.heard(strokes=1)["pixels"])
    inked = np.argwhere(pixels == 255) / 28
    assert np.abs(inked.mean(0) - (0.65, 0.4)).max() < 0.03
    assert np.ptp(inked[:, 0]) == pytest.approx(0.3 + 0.085, abs=0.06)
    keys.press("e")
    expect(pad.button("Eraser")).to_have_attribute("aria-pressed", "true")
    keys.press("]")
    expect(pad.root.get_by_role("slider", name="Width of the stroke")).to_have_value("95")
    keys.press("Control+z")
    pad.heard(strokes=0)
    keys.press("Control+z")  # nothing left to undo
    keys.press("b")
    keys.press("Space")
    keys.press("Space")  # a dot
    pad.heard(strokes=1)
    keys.press("Delete")
    pad.heard(picture=None)


@pytest.mark.long
def test_leaving_by_tab_lifts_the_pen_and_reaches_the_tools(pad: Pad) -> None:
    pad.ink.focus()
    keys = pad.page.keyboard
    keys.press("Space")
    keys.press("ArrowRight")
    for name in ("Brush", "Eraser"):
        keys.press("Tab")
        expect(pad.button(name)).to_be_focused()
    pad.heard(strokes=1)
    for _ in range(2):
        keys.press("Tab")
    expect(pad.button("Undo")).to_be_focused()
    keys.press("Enter")
    pad.heard(strokes=0)


@pytest.mark.parametrize("page", [{"has_touch": True, "viewport": {"width": 900, "height": 900}}], indirect=True)
@pytest.mark.long
def test_a_finger_draws_and_the_page_does_not_scroll(pad: Pad) -> None:
    session = pad.page.context.new_cdp_session(pad.page)

    def touch(kind: str, *place: tuple[float, float]) -> None:
        points = [dict(zip("xy", pad.at(*at), strict=True)) for at in place]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0.5, 0.2))
    for step in range(1, 7):
        touch("touchMove", (0.5, 0.2 + step / 10))
    touch("touchEnd")
    pixels = np.array(pad.heard(strokes=1)["pixels"])
    assert pixels[14, 14] == 255
    assert pixels[7, 14] == 255


@pytest.mark.long
def test_a_stroke_is_one_message_and_none_comes_before_its_end(pad: Pad) -> None:
    before = pad.counts()["started"]
    pad.stroke(ONE, release=False)
    browsing.still(pad.page)
    assert pad.counts()["started"] == before
    pad.page.mouse.up()
    pad.heard(strokes=1)
    browsing.still(pad.page)
    assert pad.counts()["started"] == before + 1


@pytest.mark.long
def test_live_sends_during_the_stroke_and_never_two_at_once(page: Page, url: str, gate: browsing.Gate) -> None:
    page.goto(f"{url}?live&gate={gate.port}")
    pad = Pad(page)
    before, sent = pad.counts(), page.evaluate("underWay.sent")

    def draw(row: float) -> None:
        for step in range(10):
            page.mouse.move(*pad.at(0.1 + step / 20, row))

    page.mouse.move(*pad.at(0.1, 0.5))
    # The page's clock stands: however busy the machine is, no answer is so late that it is no longer waited for.
    page.evaluate("(at => { performance.now = () => at; })(performance.now())")
    page.mouse.down()
    draw(0.5)
    browsing.eventually(page, gate.reached)
    draw(0.55)
    browsing.frames(page)
    assert page.evaluate("underWay.sent") == sent + 1, "no second message while the first is worked on"
    page.evaluate("delete performance.now")
    gate.open()
    browsing.eventually(page, gate.reached)  # the next one, and the pen is still down
    heard = pad.heard(live=True)
    assert np.array(heard["picture"]).sum() > 10
    gate.remove()
    page.mouse.up()
    pad.heard(strokes=1, live=False)
    browsing.still(page)
    after = pad.counts()
    assert after["started"] - before["started"] == page.evaluate("underWay.sent") - sent
    assert after["started"] - after["ended"] <= 1  # the last may be cut short by the end of the stroke


@pytest.mark.long
def test_coloured_ink_on_white(page: Page, url: str) -> None:
    page.goto(f"{url}?colour")
    Pad(page)
    pad = Pad(page, 1, "colour")
    away(pad)
    assert pad.colour(0.5, 0.5) == [255, 255, 255]
    pad.button("red").click()
    pad.stroke([(0.2, 0.5), (0.8, 0.5)])
    picture = np.array(pad.heard(strokes=1)["picture"])
    assert picture.shape == (3, 32, 32)
    np.testing.assert_allclose(picture[:, 16, 16], np.array([0xD8, 0x34, 0x2B]) / 255, atol=0.001)
    np.testing.assert_allclose(picture[:, 2, 2], 1)
