"""Parts that decode in the tab, in apps/networks.py: what the canvas shows is what torch decodes."""

import json
from collections.abc import Callable
from typing import Any

import browsing
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

import aeviz
from aeviz.latent.explorer import Explorer

PIXELS = """canvas => {
    const { width, height } = canvas;
    const bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return [height, width, [...bytes].filter((_, i) => i % 4 < 3)];
}"""


class Part(browsing.Part):
    """Sliders over the first three numbers of a code."""

    name = "latent-sliders"

    @property
    def picture(self) -> Locator:
        return self.root.get_by_role("img")

    def values(self) -> list[float]:
        return [float(handle.get_attribute("aria-valuenow") or "nan") for handle in self.handles.all()]

    def pixels(self) -> NDArray[np.uint8]:
        height, width, values = self.picture.evaluate(PIXELS)
        return np.array(values, np.uint8).reshape(height, width, 3)

    def wait_for_films(self) -> None:
        expect(self.root).to_have_attribute("data-films", "whole")

    def film(self, i: int) -> NDArray[np.int64]:
        return np.array(self.root.locator("canvas.film").nth(i).evaluate(PIXELS)[2])

    def press(self, i: int) -> tuple[float, float]:
        box = self.handles.nth(i).bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        return x, y


@pytest.fixture
def part(page: Page, gallery_url: str) -> Callable[..., Part]:
    return lambda query="": Part(page, f"{gallery_url}/networks?{query}")


def decoded(name: str, values: list[float]) -> NDArray[np.uint8]:
    """The tile that torch decodes where the handles stand so, (h, w, 3)."""
    model = Explorer(aeviz.load(name, device="cpu"))
    code = np.linspace(-0.5, 0.5, model.latent_dim, dtype=np.float32)
    code[: len(values)] = values
    tile = model.modality.tiles(model.decode(code[None]), model.scale)[0]
    return np.broadcast_to(tile, (*tile.shape[:2], 3))


def check(part: Part, name: str) -> None:
    shown, torchs = part.pixels().astype(int), decoded(name, part.values()).astype(int)
    assert shown.shape == torchs.shape
    assert np.ptp(torchs) > 100
    assert np.abs(shown - torchs).max() <= 1


@pytest.mark.long
@pytest.mark.parametrize("name", ["mnist-vae", "emoji-vae"])
def test_the_picture_is_what_torch_decodes_at_every_place_of_the_hand(part: Callable[..., Part], name: str) -> None:
    sliders = part(f"model={name}")
    sliders.wait_for_films()
    check(sliders, name)
    messages = sliders.messages
    x, y = sliders.press(1)
    seen = []
    for step in (13, 40, 71, 90):
        sliders.page.mouse.move(x + step, y)
        browsing.frames(sliders.page)
        assert sliders.picture.get_attribute("data-source") == "exact"
        check(sliders, name)
        seen.append(sliders.values()[1])
    assert len({*seen}) == len(seen)
    assert sliders.messages == messages, "no message while the hand moves"
    films = [sliders.film(i) for i in range(3)]
    sliders.page.mouse.up()
    log = sliders.rest()
    assert log["commits"] == [sliders.values()]
    assert sliders.messages == messages + 1
    check(sliders, name)
    browsing.eventually(sliders.page, lambda: np.abs(sliders.film(2) - films[2]).max() > 20)
    sliders.wait_for_films()
    changes = [np.abs(sliders.film(i) - films[i]).max() for i in range(3)]
    assert min(changes[0], changes[2]) > 20
    assert changes[1] <= 2, "what lies along a coordinate does not depend on where its handle stands"


class Pad:
    """The plane of the first two numbers of a code, from −4 to 4, spoken to in its coordinates."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)
        self.root = page.get_by_test_id("latent-pad")
        self.stage = self.root.locator(".stage")
        browsing.still(page)
        box = self.stage.bounding_box()
        assert box
        self.x, self.y = box["x"] + LEFT, box["y"] + TOP
        self.side = box["height"] - 28  # the home region is square and as high as there is room
        rest = box["width"] - 46 - self.side - GAP
        fits = ((rest - GAP) / 2, box["height"] - 28 - 56), (rest, (box["height"] - 28 - GAP) / 2 - 56)
        self.times = max(int(min(width, height) / 28) for width, height in fits)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + (x + 4) / 8 * self.side, self.y + (4 - y) / 8 * self.side

    def place(self, px: float, py: float) -> list[float]:
        """The place under a pixel of the page, where the whole plane is seen."""
        return [(px - self.x) / self.side * 8 - 4, 4 - (py - self.y) / self.side * 8]

    def large(self) -> NDArray[np.uint8]:
        """The large picture of what is under the pointer, a value a pixel of the tile."""
        browsing.frames(self.page)
        left, top = LEFT + self.side + GAP, TOP + 26
        values = self.root.locator(".over").evaluate(
            """(canvas, [left, top, times]) => Array.from({ length: 28 * 28 }, (_, i) => {
                const [x, y] = [left + (i % 28 + 0.5) * times, top + (Math.floor(i / 28) + 0.5) * times];
                return canvas.getContext("2d").getImageData(x, y, 1, 1).data[0];
            })""",
            [left, top, self.times],
        )
        return np.array(values, np.uint8).reshape(28, 28)

    def messages(self) -> int:
        return int(self.page.evaluate("underWay.sent"))


LEFT, TOP, GAP = 44, 2, 28  # of the plane within the stage, and the room beside it


def test_the_pad_shows_what_torch_decodes_at_any_zoom_without_a_message(page: Page, gallery_url: str) -> None:
    pad = Pad(page, f"{gallery_url}/networks?pad")
    expect(pad.stage).to_have_attribute("data-exact", "")
    messages = pad.messages()

    def check(px: float, py: float, place: list[float]) -> None:
        page.mouse.move(px, py)
        shown, torchs = pad.large()[3:-3, 3:-3].astype(int), decoded("mnist-vae", [*place, 0.0])[3:-3, 3:-3, 0]
        assert np.abs(shown - torchs).max() <= 2, "corners are round, the rest is exact"

    for x, y in [(-1.2, 0.4), (0.9, 2.2), (2.6, -1.3)]:
        px, py = (round(value) for value in pad.at(x, y))
        check(px, py, pad.place(px, py))
    px, py = (round(value) for value in pad.at(1.0, 0.5))
    middle = pad.place(px, py)
    page.mouse.move(px, py)
    for _ in range(12):
        page.mouse.wheel(0, -240)
    browsing.still(page)
    check(px, py, middle)
    browsing.eventually(page, lambda: bright(pad) > 0.05)  # tiles where the server's were black
    assert pad.messages() == messages, "no message for a zoom"
    page.mouse.click(px, py)
    browsing.still(page)
    assert pad.messages() == messages + 1
    heard = json.loads(page.locator(".st-key-log").inner_text())
    np.testing.assert_allclose(heard["place"], middle, atol=1e-6)


def test_the_scrubber_shows_what_torch_decodes_between_two_steps(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/networks?path")
    root = page.get_by_test_id("scrubber")
    decodes, mixes = (root.get_by_role("img").nth(i) for i in range(2))
    expect(decodes).to_have_attribute("data-source", "exact")
    browsing.still(page)
    messages = page.evaluate("underWay.sent")
    box = root.get_by_role("slider").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in (-150, -31, 57, 203):
        page.mouse.move(x + step, y)
        browsing.frames(page)
        t = float(root.get_by_role("slider").get_attribute("aria-valuenow") or "nan")
        code = np.array([np.interp(t, [0, 0.5, 1], values) for values in ([-2, 0, 2], [0, 2, 0], [0, 0, 2])])
        shown = np.array(decodes.evaluate(PIXELS)[2]).reshape(28, 28, 3)
        assert np.abs(shown - decoded("mnist-vae", code.tolist()).astype(int)).max() <= 1
        assert abs(mixes.evaluate(PIXELS)[2][0] - 200 * t) <= 2
    assert page.evaluate("underWay.sent") == messages
    page.mouse.up()


def test_a_drawing_is_encoded_and_rebuilt_at_every_stroke_without_a_message(page: Page, gallery_url: str) -> None:
    page.goto(f"{gallery_url}/networks?draw")
    root = page.get_by_test_id("draw-pad")
    seen, made = (root.locator(".made canvas").nth(i) for i in range(2))
    expect(made).to_be_visible()
    browsing.still(page)
    messages, box = page.evaluate("underWay.sent"), root.locator(".ink").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 5
    page.mouse.move(x, y)
    page.mouse.down()
    model = Explorer(aeviz.load("mnist-vae", device="cpu"))
    for step in (60, 110, 160):
        page.mouse.move(x - step / 5, y + step, steps=4)
        browsing.frames(page)
        picture, shown = (np.array(canvas.evaluate(PIXELS)[2]).reshape(28, 28, 3) for canvas in (seen, made))
        drawn = picture[None, None, ..., 0].astype(np.float32) / 255
        assert picture.max() > 200
        codes = model.encode(drawn)[0]
        # The picture is read as bytes here, and as it is in the tab: half a level of each pixel.
        assert np.abs(shown - model.modality.tiles(model.decode(codes), model.scale)[0].astype(int)).mean() < 0.5
    assert page.evaluate("underWay.sent") == messages
    page.mouse.up()
    browsing.still(page)
    assert page.evaluate("underWay.sent") == messages + 1


def bright(pad: Pad) -> float:
    """The share of the plane's pixels that are light."""
    return float(
        pad.root.locator(".ground").evaluate(
            """canvas => {
                const { data } = canvas.getContext("2d").getImageData(100, 50, 300, 300);
                return data.filter((value, i) => i % 4 === 0 && value > 128).length / 90000;
            }"""
        )
    )


@pytest.mark.long
def test_where_the_tab_cannot_run_a_model_the_pad_shows_the_servers_tiles(page: Page, gallery_url: str) -> None:
    pad = Pad(page, f"{gallery_url}/networks?pad&damaged")
    assert json.loads(page.locator(".st-key-log").inner_text())["refused"]
    page.mouse.move(*pad.at(1, 1))
    assert pad.large()[3:-3, 3:-3].max() == 0
    expect(pad.stage).not_to_have_attribute("data-exact", "")


@pytest.mark.long
def test_keys_move_the_picture_too(part: Callable[..., Part]) -> None:
    sliders = part()
    sliders.handles.first.focus()
    sliders.page.keyboard.press("ArrowRight")
    check(sliders, "mnist-vae")
    sliders.rest()
    check(sliders, "mnist-vae")
    sliders.page.keyboard.press("Delete")
    assert sliders.rest()["commits"][-1][0] == 0
    check(sliders, "mnist-vae")


def test_where_the_tab_cannot_run_a_model_pictures_come_from_the_server(part: Callable[..., Part]) -> None:
    sliders = part("damaged")
    assert sliders.log()["refused"]
    expect(sliders.picture).to_have_attribute("data-source", "exact")
    check(sliders, "mnist-vae")
    x, y = sliders.press(0)
    sliders.page.mouse.move(x + 50, y)
    browsing.frames(sliders.page)
    assert sliders.picture.get_attribute("data-source") == "film"
    sliders.page.mouse.up()
    sliders.rest()
    check(sliders, "mnist-vae")


@pytest.mark.long
def test_a_tab_that_has_let_go_of_a_model_gets_it_again(part: Callable[..., Part]) -> None:
    sliders = part("forget")
    assert sliders.log()["runs"] > 1
    check(sliders, "mnist-vae")


def test_weights_are_sent_once(page: Page, gallery_url: str) -> None:
    heard: list[int] = []

    def listen(socket: Any) -> None:
        socket.on("framereceived", lambda frame: heard.append(len(frame)))

    page.on("websocket", listen)
    sliders = Part(page, f"{gallery_url}/networks")
    sliders.wait_for_films()
    size = len((aeviz.store.checkpoints.locate("mnist-vae") / "model.safetensors").read_bytes())
    assert max(heard) > size
    heard.clear()
    for _ in range(4):
        sliders.handles.first.focus()
        sliders.page.keyboard.press("PageUp")
        sliders.rest()
    assert max(heard) < size / 4, heard


NO_WORKER = "Worker = () => { throw new Error('there is none'); }"
WORKER_THAT_FAILS = """Worker = class {
    constructor() { setTimeout(() => this.onerror(new Event("error"))); }
    postMessage() {}
}"""


@pytest.mark.parametrize("lost", [NO_WORKER, WORKER_THAT_FAILS], ids=["none", "fails"])
@pytest.mark.long
def test_without_a_worker_the_page_makes_the_films_itself(page: Page, gallery_url: str, lost: str) -> None:
    page.add_init_script(lost)
    sliders = Part(page, f"{gallery_url}/networks")
    sliders.wait_for_films()
    check(sliders, "mnist-vae")
