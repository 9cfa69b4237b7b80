"""Compress under a hand: the budget is dragged, and every codec shows what it makes of so many bytes."""

import pytest
from browsing import frames, rest
from playwright.sync_api import Page, expect

PIXELS = """root => [...root.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.reduce((sum, value, place) => (31 * sum + value + place) % 1000003, 0);
})"""


@pytest.mark.long
def test_pictures_follow_the_budget_and_nothing_is_sent_before_the_release(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/compress?data=ecg&count=bare&bytes=64")
    dial = page.get_by_test_id("dial").first
    handle = dial.get_by_role("slider")
    expect(handle).to_be_visible()
    rest(page)
    handle.scroll_into_view_if_needed()
    before, sent = dial.evaluate(PIXELS), page.evaluate("underWay.sent")
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    stop = dial.get_attribute("data-stop")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 150, y, steps=10)
    frames(page)
    assert dial.get_attribute("data-stop") != stop
    during = dial.evaluate(PIXELS)
    assert during[0] == before[0], "the beats themselves stay"
    assert all(a != b for a, b in zip(before[1:], during[1:], strict=True)), "each codec shows others"
    assert page.evaluate("underWay.sent") == sent
    told = (handle.get_attribute("aria-valuetext") or "").partition(":")[0]
    page.mouse.up()
    rest(page)
    assert page.evaluate("underWay.sent") == sent + 1
    expect(page.get_by_test_id("stAlert").get_by_text(f"Within {told}")).to_be_visible()
