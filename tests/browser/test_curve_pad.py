"""The curve pad on a page of its own: the hand, the keys, the tools, and what Python hears."""

import json
from collections.abc import Callable
from typing import Any

import browsing
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

LEFT, RIGHT, TOP, BOTTOM = 42, 8, 24, 22  # pixels around the axes
LAST, LOW, HIGH = 20, -1.0, 2.0  # of the page's curves
Places = list[tuple[float, float]]


class Pad:
    """A pad in the page, spoken to in steps of time and values."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)
        self.root = page.get_by_test_id("curve-pad")
        self.canvas = self.root.locator("canvas")
        expect(self.canvas).to_be_visible(timeout=browsing.LONG)
        browsing.still(page)

    def at(self, step: float, value: float) -> tuple[float, float]:
        box = self.canvas.bounding_box()
        assert box is not None
        width, height = box["width"] - LEFT - RIGHT, box["height"] - TOP - BOTTOM
        return box["x"] + LEFT + step / LAST * width, box["y"] + TOP + (HIGH - value) / (HIGH - LOW) * height

    def stroke(self, places: Places, release: bool = True) -> None:
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=8)
        if release:
            self.page.mouse.up()

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name)

    def log(self) -> dict[str, Any]:
        return json.loads(self.page.locator(".st-key-log").inner_text())

    def rest(self) -> dict[str, Any]:
        browsing.still(self.page)
        return self.log()

    def values(self) -> np.ndarray:
        """The values (T,) that Python has, NaN where none is, once nothing is under way."""
        return np.array(self.rest()["values"][0], float)

    def told(self) -> str:
        return self.canvas.get_attribute("aria-valuetext") or ""


@pytest.fixture
def url(gallery_url: str) -> str:
    return f"{gallery_url}/curve_pad"


@pytest.fixture
def pad(page: Page, url: str) -> Pad:
    return Pad(page, url)


def test_a_sketch_reaches_python_in_its_own_units(pad: Pad, screenshot: Callable[[str], None]) -> None:
    pad.stroke([(0, 0), (10, 1.5), (20, -0.5)])
    wanted = np.interp(range(21), [0, 10, 20], [0, 1.5, -0.5])
    np.testing.assert_allclose(pad.values(), wanted, atol=0.03)
    expect(pad.root.locator(".legend")).to_contain_text("doubled")
    expect(pad.root.locator(".said")).to_contain_text("Curve from")
    screenshot("curve-pad")


@pytest.mark.long
def test_dragging_changes_only_the_stretch_touched(pad: Pad) -> None:
    pad.button("From item 7").click()
    item = np.sin(np.linspace(0, 6, 21))
    np.testing.assert_allclose(pad.values(), item, atol=1e-4)
    pad.stroke([(5, 1.5), (8, 1.5)])
    values = pad.values()
    np.testing.assert_allclose(values[5:9], 1.5, atol=0.03)
    np.testing.assert_allclose(np.delete(values, range(5, 9)), np.delete(item, range(5, 9)), atol=1e-4)


@pytest.mark.long
def test_what_is_not_sketched_is_missing(pad: Pad) -> None:
    pad.stroke([(4, 1), (7, 1)])
    values = pad.values()
    assert np.flatnonzero(~np.isnan(values)).tolist() == [4, 5, 6, 7]


@pytest.mark.long
def test_a_hand_beyond_the_axes_stays_at_their_ends(pad: Pad) -> None:
    pad.stroke([(3, 1), (3, 2.2), (6, 2.2)])
    np.testing.assert_allclose(pad.values()[4:7], HIGH, atol=0.01)


@pytest.mark.long
def test_undo_and_clear(pad: Pad) -> None:
    expect(pad.button("Undo")).to_be_disabled()
    expect(pad.button("Clear")).to_be_disabled()
    pad.stroke([(0, 1), (20, 1)])
    first = pad.values()
    pad.stroke([(5, 0), (9, 0)])
    assert not np.array_equal(pad.values(), first)
    pad.button("Undo").click()
    np.testing.assert_array_equal(pad.values(), first)
    pad.button("Clear").click()
    assert pad.rest()["values"] is None
    expect(pad.root).to_have_class("pad empty")
    pad.button("Undo").click()
    np.testing.assert_array_equal(pad.values(), first)
    pad.button("Undo").click()
    assert pad.rest()["values"] is None


def test_everything_works_by_keyboard_and_is_told(pad: Pad) -> None:
    pad.canvas.focus()
    keys = pad.page.keyboard
    assert pad.told() == "−0.2 s: missing"
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    assert pad.told() == "−0.16 s: missing"
    keys.press("Shift+ArrowUp")  # a tenth of the axis, from zero
    keys.press("ArrowUp")
    assert pad.told() == "−0.16 s: 0.33 mV"
    values = pad.values()
    assert values[2] == pytest.approx(0.33)
    assert np.isnan(np.delete(values, 2)).all()
    keys.press("End")
    assert pad.told() == "0.2 s: missing"
    keys.press("ArrowDown")
    assert pad.values()[20] == pytest.approx(-0.03)
    keys.press("Control+z")
    assert np.isnan(pad.values()[20])
    keys.press("Delete")
    assert pad.rest()["values"] is None


@pytest.mark.long
def test_keys_that_follow_each_other_are_one_message(pad: Pad) -> None:
    pad.canvas.focus()
    runs = pad.rest()["runs"]
    pad.canvas.evaluate(browsing.BURST, ["ArrowUp"] * 5)
    heard = pad.rest()
    assert heard["runs"] == runs + 1
    assert heard["values"][0][0] == pytest.approx(0.15)
    pad.button("Undo").click()
    assert pad.rest()["values"] is None


def test_a_stroke_is_one_message_unless_the_pad_is_live(pad: Pad) -> None:
    runs = pad.rest()["runs"]
    pad.stroke([(2, 0), (9, 1)], release=False)
    assert pad.rest()["runs"] == runs
    pad.page.mouse.up()
    assert pad.rest()["runs"] == runs + 1


@pytest.mark.long
def test_a_live_pad_sends_while_the_hand_moves(page: Page, url: str) -> None:
    pad = Pad(page, f"{url}?live")
    pad.stroke([(2, 0), (9, 1)], release=False)
    browsing.eventually(page, lambda: pad.log()["live"] and (pad.log()["values"][0][9] or 0) > 0.9)
    page.mouse.up()
    heard = pad.rest()
    assert not heard["live"]
    assert heard["values"][0][9] == pytest.approx(1, abs=0.03)


@pytest.mark.long
def test_channels_are_sketched_one_at_a_time(page: Page, url: str) -> None:
    pad = Pad(page, f"{url}?channels")
    pad.root.get_by_role("combobox", name="Channel to sketch").select_option("Channel 2")
    pad.stroke([(0, 1), (20, 1)])
    first, second = np.array(pad.rest()["values"], float)
    assert np.isnan(first).all()
    np.testing.assert_allclose(second, 1, atol=0.03)


PHONE = {"has_touch": True, "viewport": {"width": 390, "height": 844}}


@pytest.mark.long
@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_a_finger_sketches_on_a_phone_and_the_page_does_not_scroll(pad: Pad) -> None:
    session = pad.page.context.new_cdp_session(pad.page)

    def touch(kind: str, *place: tuple[float, float]) -> None:
        points = [dict(zip("xy", pad.at(*at), strict=True)) for at in place]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (4, 1.5))
    for step in range(1, 9):
        touch("touchMove", (4 + step, 1.5 - step / 4))
    touch("touchEnd")
    np.testing.assert_allclose(pad.values()[4:13], np.linspace(1.5, -0.5, 9), atol=0.05)
    assert pad.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert pad.page.evaluate("window.scrollY") == 0
