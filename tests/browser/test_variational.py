"""How a VAE thinks as a person uses it: every picture is what the model decodes."""

from collections.abc import Callable

import numpy as np
import pytest
import shipped
from browsing import content, eventually, frames, resize, rest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

ITEM = 15


@pytest.fixture
def open_page(page: Page, app_url: str) -> Callable[[str], Page]:
    def go(query: str) -> Page:
        page.goto(f"{app_url}/how-a-vae-thinks?item={ITEM}&{query}")
        expect(page.get_by_test_id("latent-pad")).to_be_visible()
        expect(terms(page)).not_to_contain_text("…")
        rest(page)
        return page

    return go


def terms(page: Page) -> Locator:
    return page.get_by_test_id("posterior").locator(".terms")


def levels(page: Page, name: str = "decode of z") -> NDArray[np.int64]:
    """The pixels (H, W) of a picture in the page."""
    canvas = page.get_by_test_id("posterior").get_by_role("img", name=name)
    data, width = canvas.evaluate("c => [[...c.getContext('2d').getImageData(0, 0, c.width, c.height).data], c.width]")
    return np.array(data).reshape(-1, width, 4)[..., 0]


def drawn(mean: NDArray[np.float32], std: NDArray[np.float32], draw: int = 0) -> NDArray[np.int64]:
    noise = np.random.default_rng([draw, ITEM]).standard_normal(2, np.float32)
    return np.rint(shipped.model("mnist-vae-2d").decode(mean + std * noise)[0, 0] * 255).astype(int)


def encoded() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    mean, std = shipped.model("mnist-vae-2d").encode(shipped.items()[ITEM][None])
    assert std is not None
    return mean, std


@pytest.mark.long
def test_a_key_draws_a_new_epsilon_and_the_picture_is_its_decode(open_page: Callable[[str], Page]) -> None:
    page = open_page("network=vae-2d")
    assert abs(levels(page) - drawn(*encoded())).max() <= 1
    page.keyboard.press("n")
    page.wait_for_function("() => new URL(location).searchParams.get('epsilon') === '1'")
    expect(page.get_by_test_id("posterior")).to_contain_text("ε of seed 1")
    eventually(page, lambda: abs(levels(page) - drawn(*encoded(), draw=1)).max() <= 1)


@pytest.mark.long
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
    either = [np.array([place[::way]], np.float32) for way in (1, -1)]  # the plane may show either number across
    wanted = [np.rint(model.decode(z)[0, 0] * 255).astype(int) for z in either]
    assert min(abs(levels(page) - picture).max() for picture in wanted) <= 2


def test_the_posterior_follows_the_hand_and_python_hears_when_it_rests(open_page: Callable[[str], Page]) -> None:
    page = open_page("network=vae-2d")
    part = page.get_by_test_id("posterior")

    def shown() -> list[float]:
        return [float(text) for text in (part.get_attribute("data-shown") or "").split()]

    mean, std = encoded()
    before, score = shown(), terms(page).inner_text()
    handle = part.get_by_role("slider", name="μ₁").first
    at = int(np.argmin(abs(np.array(before[:2]) - mean[0, 1])))
    box = handle.bounding_box()
    assert box
    page.evaluate("""() => {
      globalThis.told = 0;
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (data) { globalThis.told++; return send.call(this, data); };
    }""")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=8)
    expect(terms(page)).not_to_have_text(score)
    frames(page)  # the last move of the hand is shown, too
    now = shown()
    assert now[at] > before[at]
    mean[0, 1] = now[at]
    assert abs(levels(page) - drawn(mean, std)).max() <= 1
    assert page.evaluate("told") == 0
    page.mouse.up()
    page.wait_for_function("() => new URL(location).searchParams.has('mean')")
    rest(page)
    assert page.evaluate("told") == 1
    linked = page.evaluate("() => new URL(location).searchParams.get('mean')")
    assert linked == f"1:{now[at]:.3f}"
    part.get_by_role("button", name="Back to the encoder").click()
    page.wait_for_function("() => !new URL(location).searchParams.has('mean')")
    eventually(page, lambda: abs(levels(page) - drawn(*encoded())).max() <= 1)


@pytest.mark.long
def test_it_fits_the_width(open_page: Callable[[str], Page], screenshot: Callable[[str], None]) -> None:
    page = open_page("network=vae-2d")
    for width in (1400, 900):
        resize(page, width, 900)
        rest(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        picture = page.get_by_test_id("posterior").get_by_role("img", name="decode of z").bounding_box()
        assert picture
        assert picture["x"] + picture["width"] <= width
        assert picture["y"] + picture["height"] <= 900
        screenshot(f"thinks-{width}")
