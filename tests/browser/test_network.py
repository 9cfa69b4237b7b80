"""The page Network as a person uses it: what is drawn and what is turned runs through the networks in the tab."""

import re

import browsing
import pytest
from playwright.sync_api import Locator, Page, expect

PIXELS = "canvas => canvas.toDataURL()"
INK = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value, i) => sum + (i % 4 ? 0 : value), 0) / (data.length / 4) / 255;
}"""


class Network:
    """The page with its part."""

    def __init__(self, page: Page, app_url: str, query: str) -> None:
        self.page = page
        page.goto(f"{app_url}/network?{query}")
        self.root = page.get_by_test_id("network-view")
        expect(self.root).to_be_visible()
        browsing.still(page)

    @property
    def messages(self) -> int:
        return int(self.page.evaluate("underWay.sent"))

    def painted(self, side: str, part: str) -> list[str]:
        """What the layers of a half show."""
        browsing.frames(self.page)
        canvases = self.root.locator(f".network[data-side={side}] .layer.{part} .picture > canvas")
        return [canvas.evaluate(PIXELS) for canvas in canvases.all()]

    def inked(self) -> float:
        """The mean brightness of the pad, from 0 to 1."""
        browsing.frames(self.page)
        return float(self.root.locator("canvas.ink").evaluate(INK))

    def middle(self, element: Locator) -> tuple[float, float]:
        box = element.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_stroke_and_a_turn_run_through_without_a_message(page: Page, app_url: str) -> None:
    view = Network(page, app_url, "shown=draw")
    messages, before = view.messages, {side: view.painted(side, "made") for side in ("left", "right")}
    x, y = view.middle(view.root.locator("canvas.ink"))
    page.mouse.move(x, y - 40)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x, y - 40 + 10 * step)
    during = view.painted("right", "made")
    assert during != before["right"], "it follows the hand"
    page.mouse.move(x + 30, y + 40)
    assert view.messages == messages, "no message while the hand moves"
    page.mouse.up()
    assert view.painted("left", "made") != before["left"]
    assert view.painted("right", "made") != during
    browsing.still(page)
    expect(page).to_have_url(re.compile("[?&]own="))
    messages = view.messages
    encoder, decoder = (view.painted("right", part) for part in ("encoder", "decoder"))
    code = view.root.locator(".network[data-side=right] .numbers")
    x, y = view.middle(code)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y)
    assert view.painted("right", "encoder") == encoder
    assert all(now != was for now, was in zip(view.painted("right", "decoder"), decoder, strict=True))
    browsing.still(page)
    assert view.messages == messages, "no message while the hand moves"
    page.mouse.up()
    browsing.still(page)
    assert view.messages == messages + 1
    expect(page).to_have_url(re.compile("numbers_right="))
    drawn = view.inked()
    page.reload()
    browsing.still(page)
    expect(view.root).not_to_have_class(re.compile("empty"))
    browsing.eventually(page, lambda: abs(view.inked() - drawn) < 0.05)


@pytest.mark.long
def test_layers_and_units_by_keyboard(page: Page, app_url: str) -> None:
    view = Network(page, app_url, "which=right")
    first = view.root.get_by_role("button", name=re.compile(r"\. Encoder: Convolution")).first
    first.focus()
    page.keyboard.press("ArrowRight")
    second = view.root.get_by_role("button", name=re.compile(r"\. Encoder: Convolution")).nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-expanded", "true")
    browsing.still(page)
    expect(page).to_have_url(re.compile("layer=encoder.layers.2"))
    unit = view.root.get_by_role("button", name="Map 0")
    unit.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    browsing.still(page)
    expect(page).to_have_url(re.compile("unit=1"))
    expect(view.root.get_by_text("test pictures, these raise")).to_be_visible()
    expect(view.root.locator(".sum")).to_contain_text("144 products")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(second).to_be_focused()
    browsing.still(page)
    expect(page).not_to_have_url(re.compile("layer="))


@pytest.mark.long
def test_the_lines_are_copied(page: Page, app_url: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view = Network(page, app_url, "which=left")
    view.root.get_by_role("button", name="Copy").click()
    expect(view.root.get_by_role("button", name="Copied")).to_be_visible()
    assert "class AE(nn.Module):" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [(1400, 900), (1024, 768), (390, 844)])
def test_it_fits_the_screen(page: Page, app_url: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    view = Network(page, app_url, "")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    if width > 390:
        for made in view.root.locator(".made").all():
            box = made.bounding_box()
            assert box
            assert box["y"] + box["height"] <= height
    lines = view.root.locator("pre")
    assert lines.evaluate("pre => pre.scrollWidth - pre.clientWidth") <= 0, "long lines go on in the next"


@pytest.mark.long
def test_the_network_that_makes_room_for_an_open_layer_says_so(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    view = Network(page, app_url, "layer=encoder.layers.0&unit=3")
    other = view.root.locator(".network[data-side=right]")
    expect(other.locator("h3")).to_contain_text("Variational autoencoder, 16 numbers")
    assert "layer is closed" in other.locator("h3").evaluate("heading => getComputedStyle(heading, '::after').content")
    expect(other.locator(".made")).to_be_hidden()
    made, beside = (view.root.locator(".network[data-side=left] .words").first.bounding_box(), other.bounding_box())
    assert made
    assert beside
    assert made["y"] + made["height"] <= beside["y"], "the layers end above the other's name"
    view.root.locator(".panel .close").click()
    expect(other.locator(".made")).to_be_visible()
