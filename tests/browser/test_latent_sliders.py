"""The latent sliders under a hand, in apps/latent_sliders.py."""

import re
from collections.abc import Callable

import browsing
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

STEP = 6 / 128


class Part(browsing.Part):
    """The sliders as a person meets them, and what the server has heard."""

    name = "latent-sliders"

    @property
    def picture(self) -> Locator:
        return self.root.get_by_role("img")

    def slider(self, i: int) -> Locator:
        return self.handles.nth(i)

    def value(self, i: int) -> float:
        return float(self.slider(i).get_attribute("aria-valuenow") or "nan")

    def values(self) -> list[float]:
        return [self.value(i) for i in range(self.handles.count())]

    def greys(self) -> list[int]:
        return self.picture.evaluate(
            """canvas => Array.from({length: canvas.height}, (_, y) =>
                 canvas.getContext("2d").getImageData(0, y, 1, 1).data[0])"""
        )

    def source(self) -> str | None:
        return self.picture.get_attribute("data-source")

    def film(self, i: int) -> str:
        return self.root.locator("canvas.film").nth(i).evaluate("canvas => canvas.toDataURL()")

    def is_dark(self) -> bool:
        """Whether the first handle's ink is lighter than the halo around it, which is as the ground."""
        ink, halo = (
            self.slider(0).evaluate(f"handle => getComputedStyle(handle, '::before').{name}")
            for name in ("backgroundColor", "boxShadow")
        )
        ink, halo = (sum(map(int, re.findall(r"\d+", text)[:3])) for text in (ink, halo))
        return ink > halo

    def middle(self, i: int) -> tuple[float, float]:
        box = self.slider(i).bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def frame(self) -> None:
        self.page.evaluate("() => new Promise(requestAnimationFrame)")

    def hover(self, i: int) -> dict:
        """Point at a row; what the server has heard when all that sets off is over: the fine strip is there."""
        self.page.mouse.move(*self.middle(i))
        return self.rest()

    def press(self, i: int) -> tuple[float, float]:
        x, y = self.middle(i)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        return x, y

    def drag(self, i: int, by: float) -> None:
        x, y = self.press(i)
        self.page.mouse.move(x + by, y, steps=5)
        self.page.mouse.up()


@pytest.fixture
def part(page: Page, gallery_url: str) -> Callable[..., Part]:
    return lambda query="": Part(page, f"{gallery_url}/latent_sliders?{query}")


def grey(values: list[float] | np.ndarray) -> np.ndarray:
    return np.rint((np.asarray(values) + 3) / 6 * 255)


# ---- The protocol of a drag.


def test_the_picture_follows_the_hand_and_the_server_hears_of_it_once(part: Callable[..., Part]) -> None:
    sliders = part()
    assert sliders.hover(1)["focus"] == 11, "the fine strip is fetched before the drag begins"
    films = [sliders.film(i) for i in range(3)]
    runs, messages = sliders.log()["runs"], sliders.messages
    x, y = sliders.press(1)
    seen = []
    for step in range(1, 41):
        sliders.page.mouse.move(x + 2 * step, y)
        sliders.frame()
        value = sliders.value(1)
        assert sliders.source() == "fine"
        nearest = np.linspace(-3, 3, 129)[round((value + 3) / STEP)]
        assert sliders.greys() == grey([-1, nearest, 2]).tolist()
        seen.append(sliders.greys()[1])
    assert len(set(seen)) > 30
    assert seen == sorted(seen)
    assert sliders.messages == messages, "no message during a drag"
    sliders.page.mouse.up()
    held = sliders.value(1)
    log = sliders.rest()
    assert log["commits"] == [[-1, held, 2]], "one commit, of the handle's own value"
    assert log["runs"] == runs + 1
    assert sliders.messages == messages + 1
    assert (held + 3) / STEP % 1 > 1e-6, "not snapped to a tile"
    assert sliders.source() == "exact"
    np.testing.assert_allclose(sliders.greys(), grey([-1, held, 2]), atol=1)
    assert sliders.film(0) != films[0]
    assert sliders.film(2) != films[2]
    assert sliders.film(1) == films[1], "what lies along a coordinate does not depend on where its handle stands"


def test_the_picture_is_painted_in_the_frame_of_the_pointer(part: Callable[..., Part]) -> None:
    sliders = part()
    sliders.hover(0)
    sliders.picture.evaluate(
        """canvas => {
             globalThis.late = [];
             addEventListener("pointermove", (event) => event.buttons && requestAnimationFrame(() => {
               const slider = canvas.getRootNode().querySelector("[role=slider]");
               const share = (Number(slider.getAttribute("aria-valuenow")) + 3) / 6;
               const tile = Math.round(share * 128) / 128;
               const grey = canvas.getContext("2d").getImageData(0, 0, 1, 1).data[0];
               const box = slider.getBoundingClientRect();
               globalThis.late.push([box.left + box.width / 2 - event.clientX, grey - tile * 255]);
             }));
           }"""
    )
    x, y = sliders.press(0)
    for step in range(1, 21):
        sliders.page.mouse.move(x + 3 * step, y)
        sliders.frame()
    handle, picture = np.array(sliders.page.evaluate("globalThis.late")).T
    assert len(handle) == 20
    assert np.abs(handle).max() <= 1, "the handle is under the pointer"
    assert np.abs(picture).max() <= 1, "the picture is that of the handle"
    sliders.page.mouse.up()


@pytest.mark.long
def test_the_coarse_film_stands_in_until_the_fine_strip_arrives(part: Callable[..., Part], gate: browsing.Gate) -> None:
    sliders = part(f"fine_gate={gate.port}")
    sliders.page.mouse.move(*sliders.middle(2))
    browsing.eventually(sliders.page, gate.reached)
    x, y = sliders.press(2)
    sliders.page.mouse.move(x - 30, y, steps=3)
    sliders.frame()
    value = sliders.value(2)
    assert sliders.source() == "film"
    assert sliders.greys() == grey([-1, 0.5, np.linspace(-3, 3, 13)[round((value + 3) / 0.5)]]).tolist()
    gate.remove()
    expect(sliders.picture).to_have_attribute("data-source", "fine")
    assert sliders.value(2) == value
    assert sliders.greys()[2] == grey(np.linspace(-3, 3, 129)[[round((value + 3) / STEP)]])[0]
    sliders.page.mouse.up()
    assert sliders.rest()["commits"] == [[-1, 0.5, value]]


@pytest.mark.long
def test_a_strip_of_another_code_is_never_shown(part: Callable[..., Part]) -> None:
    sliders = part("stale=1")
    sliders.hover(0)
    sliders.drag(0, 40)
    sliders.rest()
    x, y = sliders.press(0)
    sliders.page.mouse.move(x + 20, y)
    sliders.frame()
    assert sliders.source() == "film"
    sliders.page.mouse.up()


@pytest.mark.long
def test_each_row_is_asked_for_once(part: Callable[..., Part]) -> None:
    sliders = part("coarse=1")
    for _ in range(3):
        sliders.hover(0)
        sliders.page.mouse.move(5, 5)
        assert sliders.rest()["runs"] == 2
    log = sliders.hover(1)
    assert (log["runs"], log["focus"]) == (3, 11)


@pytest.mark.long
def test_the_tile_stays_until_the_answer_comes(part: Callable[..., Part], gate: browsing.Gate) -> None:
    sliders = part(f"commit_gate={gate.port}")
    sliders.hover(1)
    x, y = sliders.press(1)
    sliders.page.mouse.move(x + 33, y, steps=3)
    sliders.frame()
    shown = sliders.greys()
    sliders.page.mouse.up()
    browsing.eventually(sliders.page, gate.reached)
    sliders.frame()
    assert (sliders.source(), sliders.greys()) == ("fine", shown)
    gate.remove()
    expect(sliders.picture).to_have_attribute("data-source", "exact")


@pytest.mark.long
def test_a_second_drag_before_the_answer_is_neither_lost_nor_moved(
    part: Callable[..., Part], gate: browsing.Gate
) -> None:
    sliders = part(f"commit_gate={gate.port}")
    sliders.drag(0, 50)
    browsing.eventually(sliders.page, gate.reached)
    first = sliders.value(0)
    x, y = sliders.press(1)
    sliders.page.mouse.move(x - 40, y, steps=4)
    sliders.frame()
    second = sliders.value(1)
    sliders.root.evaluate(
        """root => {
             globalThis.seen = new Set();
             const look = () => {
               globalThis.seen.add([...root.querySelectorAll("[role=slider]")].map((e) => e.ariaValueNow).join());
               requestAnimationFrame(look);
             };
             look();
           }"""
    )
    gate.open()
    assert sliders.rest()["commits"] == [[first, 0.5, 2]]
    # The other rows' new films are there: the tile shows the first drag's value, too.
    assert abs(sliders.greys()[0] - grey([first])[0]) <= 1
    sliders.page.mouse.move(x - 30, y, steps=2)
    sliders.page.mouse.up()
    third = sliders.value(1)
    assert third > second
    browsing.eventually(sliders.page, gate.reached)
    gate.remove()
    assert sliders.rest()["commits"] == [[first, 0.5, 2], [first, third, 2]]
    assert sliders.values() == [first, third, 2]
    states = [[float(number) for number in state.split(",")] for state in sliders.page.evaluate("[...globalThis.seen]")]
    assert {state[0] for state in states} == {first}, "the first handle never leaves its place"
    assert all(second <= state[1] <= third for state in states)
    np.testing.assert_allclose(sliders.greys(), grey([first, third, 2]), atol=1)


@pytest.mark.long
def test_two_quick_drags_end_where_the_hand_left_them(part: Callable[..., Part], gate: browsing.Gate) -> None:
    sliders = part(f"commit_gate={gate.port}")
    sliders.drag(0, 50)
    browsing.eventually(sliders.page, gate.reached)
    sliders.drag(0, -20)
    sliders.drag(1, 30)
    left = sliders.values()
    gate.remove()
    assert sliders.rest()["commits"][-1] == left
    assert sliders.values() == left
    np.testing.assert_allclose(sliders.greys(), grey(left), atol=1)


def test_a_press_on_the_track_brings_the_handle_there(part: Callable[..., Part]) -> None:
    sliders = part()
    box = sliders.root.locator(".track").first.bounding_box()
    assert box
    sliders.page.mouse.click(box["x"] + box["width"] - 2, box["y"] + 10)
    assert sliders.rest()["commits"] == [[3, 0.5, 2]]
    handle = sliders.middle(0)[0]
    assert box["x"] + box["width"] * 0.9 < handle < box["x"] + box["width"]


@pytest.mark.long
def test_a_press_without_a_move_commits_nothing(part: Callable[..., Part]) -> None:
    sliders = part()
    sliders.hover(0)
    sliders.press(0)
    sliders.page.mouse.up()
    assert sliders.rest()["commits"] == []
    assert sliders.source() == "exact"


@pytest.mark.long
def test_escape_gives_the_drag_up(part: Callable[..., Part]) -> None:
    sliders = part()
    x, y = sliders.press(0)
    sliders.page.mouse.move(x + 40, y, steps=2)
    sliders.frame()
    assert sliders.value(0) > -1
    sliders.page.keyboard.press("Escape")
    sliders.page.mouse.up()
    assert sliders.rest()["commits"] == []
    assert (sliders.value(0), sliders.source()) == (-1, "exact")


@pytest.mark.long
def test_a_release_that_goes_unseen_commits_what_was_shown(part: Callable[..., Part]) -> None:
    sliders = part()
    track = sliders.root.locator(".track").first
    track.evaluate("track => track.addEventListener('pointerdown', (event) => { globalThis.id = event.pointerId })")
    x, y = sliders.press(0)
    sliders.page.mouse.move(x + 40, y, steps=4)
    track.evaluate("track => track.releasePointerCapture(globalThis.id)")
    sliders.page.mouse.move(x + 60, y)  # with it the browser says that the hold is lost
    commits = sliders.rest()["commits"]
    shown = sliders.value(0)
    assert commits == [[shown, 0.5, 2]]
    sliders.page.mouse.move(x + 90, y)
    sliders.frame()
    assert sliders.value(0) == shown
    sliders.page.mouse.up()


@pytest.mark.long
def test_values_set_by_the_server_move_the_handles(part: Callable[..., Part]) -> None:
    sliders = part()
    sliders.drag(0, 30)
    sliders.rest()
    browsing.content(sliders.page).get_by_role("button", name="Another item").click()
    sliders.rest()
    assert sliders.values() == [-2.5] * 3
    assert sliders.greys() == grey([-2.5] * 3).tolist()
    assert sliders.source() == "exact"


@pytest.mark.long
def test_a_finger_drags_too(part: Callable[..., Part]) -> None:
    sliders = part()
    x, y = sliders.middle(1)
    touch = sliders.page.context.new_cdp_session(sliders.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]})

    send("touchStart", (x, y))
    for step in range(1, 11):
        send("touchMove", (x + 4 * step, y))
    sliders.frame()
    assert sliders.source() in ("film", "fine")
    send("touchEnd")
    log = sliders.rest()
    assert len(log["commits"]) == 1
    assert log["commits"][0][1] == sliders.value(1) > 0.5
    assert sliders.root.locator(".track").first.evaluate("track => getComputedStyle(track).touchAction") == "pan-y"


# ---- Keys, double-click, wheel.


def test_keys_move_by_fine_steps_and_commit_once_at_rest(part: Callable[..., Part]) -> None:
    sliders = part()
    sliders.slider(1).focus()
    sliders.rest()
    values = sliders.slider(1).evaluate(browsing.BURST, ["ArrowRight"] * 5)
    assert values == pytest.approx([0.5 + press * STEP for press in range(1, 6)])
    log = sliders.rest()
    assert len(log["commits"]) == 1
    assert log["commits"][0] == pytest.approx([-1, 0.5 + 5 * STEP, 2])
    np.testing.assert_allclose(sliders.greys(), grey(log["commits"][0]), atol=1)


@pytest.mark.long
def test_each_key(part: Callable[..., Part]) -> None:
    sliders = part()
    sliders.slider(1).focus()
    for key, value in (
        ("ArrowUp", 0.5 + STEP),
        ("ArrowDown", 0.5 - STEP),
        ("ArrowLeft", 0.5 - STEP),
        ("PageUp", 0.5 + 10 * STEP),
        ("PageDown", 0.5 - 10 * STEP),
        ("Home", -3),
        ("End", 3),
    ):
        sliders.page.keyboard.press(key)
        assert sliders.value(1) == pytest.approx(value), key
        assert sliders.rest()["commits"][-1] == [-1, pytest.approx(value), 2]
        sliders.page.keyboard.press("Delete")
        assert sliders.rest()["commits"][-1] == [-1, 0.5, 2]


@pytest.mark.long
def test_double_click_and_delete_reset_the_row(part: Callable[..., Part]) -> None:
    sliders = part()
    sliders.drag(1, 60)
    sliders.rest()
    sliders.page.mouse.dblclick(*sliders.middle(1))
    log = sliders.rest()
    assert len(log["commits"]) == 2
    assert log["commits"][1] == [-1, 0.5, 2]
    assert sliders.greys() == grey([-1, 0.5, 2]).tolist()
    sliders.drag(1, 60)
    sliders.rest()
    sliders.page.keyboard.press("Delete")
    assert sliders.value(1) == 0.5
    assert sliders.rest()["commits"][-1] == [-1, 0.5, 2]


@pytest.mark.long
def test_leaving_the_handle_commits_what_the_keys_did(part: Callable[..., Part]) -> None:
    sliders = part()
    sliders.slider(0).focus()
    sliders.rest()
    sliders.page.keyboard.press("End")
    sliders.page.keyboard.press("Tab")
    assert sliders.rest()["commits"] == [[3, 0.5, 2]]
    assert sliders.slider(1).evaluate("handle => handle.getRootNode().activeElement === handle")


@pytest.mark.long
def test_the_wheel_turns_a_focused_row_only(part: Callable[..., Part]) -> None:
    sliders = part("rows=30")
    scroll = "document.querySelector('[data-testid=stMain]').scrollTop"
    sliders.hover(0)
    sliders.page.mouse.wheel(0, 60)
    sliders.page.wait_for_function(f"{scroll} > 0")
    assert sliders.value(0) == -1
    sliders.page.mouse.wheel(0, -200)
    sliders.page.wait_for_function(f"{scroll} === 0")
    sliders.slider(0).focus()
    sliders.hover(0)
    for turn, steps in ((-100, 1), (-100, 2), (-100, 3), (100, 2)):
        sliders.page.mouse.wheel(0, turn)
        browsing.eventually(sliders.page, lambda wanted=steps: abs(sliders.value(0) + 1 - wanted * STEP) < 1e-6)
    assert sliders.rest()["commits"][-1][0] == pytest.approx(-1 + 2 * STEP)
    assert sliders.page.evaluate(scroll) == 0


# ---- What is seen and told.


@pytest.mark.long
def test_names_and_values_are_told(part: Callable[..., Part]) -> None:
    sliders = part()
    slider = sliders.root.get_by_role("slider", name="z0, VAE")
    expect(slider).to_have_attribute("aria-valuemin", "-3")
    expect(slider).to_have_attribute("aria-valuemax", "3")
    expect(slider).to_have_attribute("aria-valuetext", "−1.00, KL 2.1 nats")
    expect(slider).to_have_attribute("tabindex", "0")
    expect(sliders.root.locator(".value").first).to_have_text("−1.00")
    expect(sliders.picture).to_have_attribute("aria-label", "Decoded, VAE")
    expect(sliders.root).to_have_attribute("aria-label", "VAE")


@pytest.mark.long
@pytest.mark.parametrize("rows", [2, 64])
def test_few_rows_and_many(part: Callable[..., Part], rows: int) -> None:
    sliders = part(f"rows={rows}")
    expect(sliders.root.get_by_role("slider")).to_have_count(rows)
    sliders.slider(rows - 1).scroll_into_view_if_needed()
    expect(sliders.picture).to_be_in_viewport(ratio=1)
    sliders.drag(rows - 1, 20)
    log = sliders.rest()
    assert log["commits"][0][-1] == sliders.value(rows - 1)
    np.testing.assert_allclose(sliders.greys(), grey(log["commits"][0]), atol=1)


@pytest.mark.long
def test_without_a_picture_the_tracks_take_the_room(part: Callable[..., Part]) -> None:
    sliders = part("plain=1")
    expect(sliders.root.locator(".picture")).to_be_hidden()
    sliders.drag(0, 40)
    assert sliders.rest()["commits"][0][0] == sliders.value(0)


@pytest.mark.long
def test_layout_and_theme(part: Callable[..., Part], page: Page, screenshot: Callable[[str], None]) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    sliders = part()
    for width in (400, 900, 1400):
        browsing.resize(page, width, 900)
        sliders.rest()
        root, picture, track = (
            box.bounding_box() for box in (sliders.root, sliders.picture, sliders.root.locator(".track").first)
        )
        assert root
        assert picture
        assert track
        assert root["x"] + root["width"] <= width
        assert 160 <= picture["width"] <= 280
        assert picture["width"] % 4 == 0, "whole pixels"
        assert picture["x"] >= track["x"] + track["width"] if width > 400 else picture["y"] < track["y"]
        assert track["width"] >= 140
        for scheme in ("dark", "light"):  # at once: the handle is drawn in the ink of the theme, on its ground
            page.emulate_media(color_scheme=scheme)
            browsing.eventually(page, lambda dark=scheme == "dark": sliders.is_dark() is dark)
            screenshot(f"latent-sliders-{scheme}-{width}")
    assert sliders.values() == [-1, 0.5, 2]
