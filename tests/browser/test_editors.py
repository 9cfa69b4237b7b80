"""An item of one's own in the app: sketch a beat, fill in a form, type a name, paste cells; see it on both maps."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
import small_models
from browsing import LONG, content, eventually, options, rest
from cases import every
from playwright.sync_api import Locator, Page, expect

BEAT = [(0.0, 0.6), (0.2, 0.5), (0.3, 0.62), (0.36, 0.1), (0.4, 0.9), (0.44, 0.62), (0.7, 0.45), (1.0, 0.6)]
LEFT, RIGHT, TOP, BOTTOM = 42, 8, 24, 22  # pixels around the axes of the curve pad


class Inspector:
    """The inspector beside the map, on one's own item."""

    def __init__(self, page: Page, url: str, data: str, shown: str = "draw") -> None:
        self.page = page
        page.set_default_timeout(LONG)
        page.goto(f"{url}/map?{urlencode({'data': data, 'shown': shown, 'item': 7, **small_models.PAIR})}")
        rest(page)
        self.side = page.locator(".st-key-card-side")
        self.maps = page.get_by_test_id("latent-map")

    def rebuilt(self, label: str = "VAE") -> str:
        caption = self.page.locator("figcaption", has_text=re.compile(f"^{label}"))
        figure = self.side.locator(".aeviz-pictures figure").filter(has=caption)
        if label == "input" and not figure.count():  # an upload stands above, alone
            figure = self.side.locator(".aeviz-curve").first
        return figure.first.inner_html()  # for a moment the one before may stand beside it

    def expect_on_both_maps(self, count: int = 1) -> None:
        for place in range(2):
            expect(self.maps.nth(place)).to_have_attribute("data-extras", str(count), timeout=LONG)
        rest(self.page)

    def type(self, box: Locator, text: str) -> None:
        box.fill(text)
        box.press("Enter")
        rest(self.page)


@pytest.mark.long
def test_a_sketched_beat_is_on_both_maps_and_followed_while_it_is_drawn(
    page: Page, small_url: str, screenshot: Callable[[str], None]
) -> None:
    inspector = Inspector(page, small_url, "ecg")
    inspector.expect_on_both_maps(0)
    canvas = inspector.side.get_by_test_id("curve-pad").locator("canvas")
    box = canvas.bounding_box()
    assert box
    width, height = box["width"] - LEFT - RIGHT, box["height"] - TOP - BOTTOM
    at = [(box["x"] + LEFT + x * width, box["y"] + TOP + y * height) for x, y in BEAT]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:4]:
        page.mouse.move(*place, steps=6)
    rebuilt = inspector.side.locator(".aeviz-pictures figcaption", has_text="VAE")
    expect(rebuilt).to_be_visible(timeout=LONG)  # the hand is still down
    half = inspector.rebuilt("input")
    for place in at[4:]:
        page.mouse.move(*place, steps=6)
    eventually(page, lambda: inspector.rebuilt("input") != half)
    page.mouse.up()
    inspector.expect_on_both_maps()
    expect(inspector.side.locator(".legend")).to_have_text("AE 3VAE 3item 7")
    expect(inspector.side.locator("figcaption", has_text="mV")).to_have_count(2)
    screenshot("editor-sketch")
    inspector.side.get_by_role("button", name="Clear").click()
    inspector.expect_on_both_maps(0)
    inspector.side.get_by_role("button", name="From item 7").click()
    inspector.expect_on_both_maps()


@pytest.mark.long
def test_a_form_is_filled_in_and_followed(page: Page, small_url: str, screenshot: Callable[[str], None]) -> None:
    inspector = Inspector(page, small_url, "wage")
    inspector.expect_on_both_maps()  # the mean row
    before = inspector.rebuilt()
    inspector.type(inspector.side.get_by_label("age (years)"), "75")
    eventually(page, lambda: inspector.rebuilt() != before)
    rest(page)
    given = inspector.rebuilt("input")
    inspector.side.get_by_role("combobox", name="education").click()
    options(page).filter(has_text="advanced degree").click()
    eventually(page, lambda: inspector.rebuilt("input") != given)
    rest(page)
    given = inspector.rebuilt("input")
    inspector.type(inspector.side.get_by_label("age (years)"), "")
    eventually(page, lambda: inspector.rebuilt("input") != given)
    expect(inspector.side.get_by_text("1 cell missing.")).to_be_visible()
    inspector.expect_on_both_maps()
    screenshot("editor-form")
    inspector.side.get_by_role("button", name="All missing").click()
    inspector.expect_on_both_maps(0)
    inspector.side.get_by_role("button", name="From item 7").click()
    inspector.expect_on_both_maps()


@pytest.mark.long
def test_a_name_is_typed_and_a_bad_one_refused(page: Page, small_url: str, screenshot: Callable[[str], None]) -> None:
    inspector = Inspector(page, small_url, "names")
    box = inspector.side.get_by_role("textbox")
    inspector.type(box, "mariana")
    inspector.expect_on_both_maps()
    given = inspector.rebuilt("input")
    screenshot("editor-line")
    box.press_sequentially("h", delay=50)
    eventually(page, lambda: inspector.rebuilt("input") != given)  # while it is typed, without Enter
    box.press("Backspace")
    eventually(page, lambda: inspector.rebuilt("input") == given)
    rest(page)
    inspector.type(box, "mari4na")
    expect(inspector.side.get_by_text("'mari4na' holds '4', which the alphabet")).to_be_visible()
    assert inspector.rebuilt("input") == given
    inspector.expect_on_both_maps()
    inspector.type(box, "")
    inspector.expect_on_both_maps(0)


@pytest.mark.long
def test_pasted_cells_and_a_sentence_for_bad_ones(page: Page, small_url: str) -> None:
    inspector = Inspector(page, small_url, "power", "upload")
    box = inspector.side.get_by_role("textbox")
    box.fill("\t".join(str(hour % 7 / 3) for hour in range(24)))
    box.press("Control+Enter")
    inspector.expect_on_both_maps()
    given = inspector.rebuilt("input")
    box.fill("1\t2\tthree")
    box.press("Control+Enter")
    expect(inspector.side.get_by_text("Not a number: 'three'")).to_be_visible(timeout=LONG)
    rest(page)
    assert inspector.rebuilt("input") == given
    inspector.expect_on_both_maps()


@pytest.mark.parametrize("page", [{"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}], indirect=True)
@pytest.mark.parametrize("data", every(3, ("wage", "ecg", "names")))
@pytest.mark.long
def test_narrow_and_dark(page: Page, small_url: str, data: str, screenshot: Callable[[str], None]) -> None:
    inspector = Inspector(page, small_url, data)
    inspector.side.scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = inspector.side.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 390
    expect(content(page).get_by_role("radio", checked=True).first).to_be_visible()
    screenshot(f"editor-narrow-{data}")
