"""How a VAE thinks as a person uses it: every picture is what the model decodes."""

import base64
import io
from collections.abc import Callable

import numpy as np
import pytest
import shipped
from browsing import content, rest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

ITEM = 15


@pytest.fixture
def open_page(page: Page, app_url: str) -> Callable[[str], Page]:
    def go(query: str) -> Page:
        page.goto(f"{app_url}/how-a-vae-thinks?item={ITEM}&{query}")
        expect(page.get_by_test_id("latent-pad")).to_be_visible()
        rest(page)
        return page

    return go


def levels(image: Locator) -> NDArray[np.int64]:
    """The pixels (H, W) of a picture in the page."""
    url = image.get_attribute("src") or ""
    return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))).astype(int)


def decoded(draw: int) -> NDArray[np.int64]:
    model = shipped.model("mnist-vae-2d")
    mean, std = model.encode(shipped.items()[ITEM][None])
    assert std is not None
    noise = np.random.default_rng([draw, ITEM]).standard_normal(2, np.float32)
    return np.rint(model.decode(mean + std * noise)[0, 0] * 255).astype(int)


def test_a_key_draws_a_new_epsilon_and_the_picture_is_its_decode(open_page: Callable[[str], Page]) -> None:
    page = open_page("network=vae-2d")
    image = content(page).get_by_alt_text("decode of z")
    assert abs(levels(image) - decoded(0)).max() <= 1
    page.keyboard.press("n")
    page.wait_for_function("() => new URL(location).searchParams.get('epsilon') === '1'")
    rest(page)
    assert abs(levels(image) - decoded(1)).max() <= 1


def test_a_click_on_the_plane_puts_z_there(open_page: Callable[[str], Page]) -> None:
    page = open_page("network=vae-2d&look=wide")
    stage = content(page).get_by_role("application")
    box = stage.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_function("() => new URL(location).searchParams.has('place')")
    rest(page)
    place = page.evaluate("() => new URL(location).searchParams.get('place')").split("_")
    model = shipped.model("mnist-vae-2d")
    equations = page.locator(".aeviz-equations b").all_inner_texts()
    shown = {round(float(text.replace("−", "-")), 2) for text in equations}
    assert shown == {round(float(part), 2) for part in place}
    either = [np.array([place[::way]], np.float32) for way in (1, -1)]  # the plane may show either number across
    found = levels(content(page).get_by_alt_text("decode of z"))
    wanted = [np.rint(model.decode(z)[0, 0] * 255).astype(int) for z in either]
    assert min(abs(found - picture).max() for picture in wanted) <= 2


@pytest.mark.long
def test_it_fits_the_width(open_page: Callable[[str], Page], screenshot: Callable[[str], None]) -> None:
    page = open_page("network=vae-2d")
    for width in (1400, 900):
        page.set_viewport_size({"width": width, "height": 900})
        rest(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture = content(page).get_by_alt_text("decode of z").bounding_box()
        assert picture
        assert picture["x"] + picture["width"] <= width
        assert picture["y"] + picture["height"] <= 900
        screenshot(f"thinks-{width}")
