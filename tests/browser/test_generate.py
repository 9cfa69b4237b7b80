"""Generate as a person uses it: what a handle shows is what the model decodes."""

from collections.abc import Callable

import numpy as np
import pytest
from browsing import eventually, rest, still
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect
from shipped import codes, items, model

from aeviz.evaluation.generation import Cloud
from aeviz.figures import files

SEED, ITEM = 3, 15
PIXELS = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return [width, height, Array.from({ length: width * height }, (_, i) => data[4 * i])];
}"""


def red(canvas: Locator) -> NDArray[np.int64]:
    width, height, values = canvas.evaluate(PIXELS)
    return np.array(values).reshape(height, width)


def cloud(name: str) -> Cloud:
    return Cloud.of(codes(name))


def sheet(decoded: NDArray[np.float32], columns: int) -> NDArray[np.uint8]:
    return files.sheet(np.rint(decoded * 255).astype(np.uint8).transpose(0, 2, 3, 1), columns)[..., 0]


@pytest.fixture
def open_page(page: Page, app_url: str) -> Callable[[str], Page]:
    def go(query: str) -> Page:
        page.goto(f"{app_url}/generate?{query}")
        expect(page.get_by_test_id("dial")).to_have_count(2)
        rest(page)
        return page

    return go


@pytest.mark.long
def test_draws_are_decoded_exactly_and_the_temperature_follows_the_keys(open_page: Callable[[str], Page]) -> None:
    page = open_page(f"left=ae&right=vae&seed={SEED}")
    dial = page.get_by_test_id("dial").first
    handle = dial.get_by_role("slider", name="Temperature")
    expect(handle).to_have_attribute("aria-valuetext", "1.0")
    vae = model("mnist-vae")
    for press, temperature in ((None, 1.0), ("ArrowLeft", 0.8)):
        if press:
            handle.press(press)
            expect(dial).to_have_attribute("data-stop", "4")
            still(page)  # the run that hears of it may put the dial on the page anew
        canvases = dial.locator("canvas")
        wanted = sheet(vae.decode((temperature * vae.prior(30, SEED)).astype(np.float32)), 10)
        assert abs(red(canvases.nth(1)) - wanted).max() <= 1
        wanted = sheet(vae.decode(cloud("mnist-vae").draw(30, SEED, temperature)), 10)
        assert abs(red(canvases.nth(3)) - wanted).max() <= 1
    page.wait_for_function("() => new URL(location).searchParams.get('temperature') === '0.8'")


@pytest.mark.long
def test_dragging_the_radius_shows_exact_decodes_and_sends_nothing_until_release(
    open_page: Callable[[str], Page],
) -> None:
    page = open_page(f"left=ae&right=vae&item={ITEM}&radius=0")
    dial = page.get_by_test_id("dial").nth(1)
    dial.scroll_into_view_if_needed()
    handle = dial.get_by_role("slider", name="Radius")
    box = handle.bounding_box()
    assert box
    sent = page.evaluate("underWay.sent")
    page.mouse.move(box["x"] + 11, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    expect(dial).to_have_attribute("data-stop", "10")
    ae = model("mnist-ae")
    around = ae.encode(items()[[ITEM]])[0] + cloud("mnist-ae").directions(24, 0)
    assert abs(red(dial.locator("canvas").first) - sheet(ae.decode(around), 8)).max() <= 1
    still(page)
    assert page.evaluate("underWay.sent") == sent
    assert "radius" not in page.url or "radius=1" not in page.url
    page.mouse.up()
    page.wait_for_function("() => Number(new URL(location).searchParams.get('radius')) === 1")


@pytest.mark.long
def test_n_draws_anew(open_page: Callable[[str], Page]) -> None:
    page = open_page(f"left=ae&right=vae&seed={SEED}")
    drawn = page.get_by_test_id("dial").first.locator("canvas").nth(1)
    before = red(drawn)
    page.keyboard.press("n")
    page.wait_for_function(f"() => new URL(location).searchParams.get('seed') === '{SEED + 1}'")
    vae = model("mnist-vae")
    wanted = sheet(vae.decode(vae.prior(30, SEED + 1)), 10)
    assert abs(before - wanted).max() > 100
    eventually(page, lambda: abs(red(drawn) - wanted).max() <= 1)


@pytest.mark.long
def test_a_picture_on_the_way_from_one_to_another_opens_by_click_and_by_key(
    page: Page, app_url: str, screenshot: Callable[[str], None]
) -> None:
    page.goto(f"{app_url}/interpolate?steps=9&t=0.25")
    rest(page)
    pictures = page.get_by_test_id("scrubber").locator("canvas.picture")
    pictures.nth(1).click()
    page.wait_for_url("**opened_step=step-right-2**")
    card = page.locator(".st-key-card-opened_step")
    expect(card.locator("h2")).to_have_text("Step 3 of 9, Variational autoencoder, 16 numbers")
    expect(card).to_contain_text("nearest real picture")
    expect(card.locator("h2")).to_be_in_viewport()
    rest(page)
    screenshot("a-step-opened")
    pictures.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**opened_step=step-left-2**")
    expect(pictures.last).to_have_attribute("role", "img")
    card.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
