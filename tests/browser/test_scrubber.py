"""The scrubber under a hand, in apps/scrubber.py."""

from collections.abc import Callable

import browsing
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

LAST = 32


class Part(browsing.Part):
    """The scrubber as a person meets it, and what the server has heard."""

    name = "scrubber"

    @property
    def slider(self) -> Locator:
        return self.handles

    @property
    def t(self) -> float:
        return float(self.slider.get_attribute("aria-valuenow") or "nan")

    def greys(self) -> list[int]:
        return self.root.evaluate(
            """root => [...root.querySelectorAll("[role=img]")].map(
                 (canvas) => canvas.getContext("2d").getImageData(0, 0, 1, 1).data[0])"""
        )

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def middle(self) -> tuple[float, float]:
        box = self.slider.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def frame(self) -> None:
        self.page.evaluate("() => new Promise(requestAnimationFrame)")


def greys_of(tile: int) -> list[int]:
    return [5 * tile, 40 + 6 * tile, 255 - 7 * tile]


@pytest.fixture
def part(page: Page, gallery_url: str) -> Callable[..., Part]:
    return lambda query="": Part(page, f"{gallery_url}/scrubber?{query}")


def test_all_pictures_follow_the_hand_and_t_is_committed_once(part: Callable[..., Part]) -> None:
    path = part()
    assert path.t == 0.25
    assert path.greys() == greys_of(8)
    runs, messages = path.rest()["runs"], path.messages
    x, y = path.middle()
    path.page.mouse.move(x, y)
    path.page.mouse.down()
    tiles = set()
    for step in range(1, 61):
        path.page.mouse.move(x + 3 * step, y)
        path.frame()
        tile = round(path.t * LAST)
        assert path.greys() == greys_of(tile)
        tiles.add(tile)
    assert len(tiles) > 10
    assert path.messages == messages
    path.page.mouse.up()
    log = path.rest()
    assert log == {"runs": runs + 1, "heard": [path.t], "t": path.t}
    assert path.messages == messages + 1
    assert path.t * LAST % 1 > 1e-6, "not snapped to a tile"


def test_a_press_anywhere_on_a_strip_brings_the_handle_there(part: Callable[..., Part]) -> None:
    path = part()
    for i in range(3):
        box = path.root.locator(".film").nth(i).bounding_box()
        assert box
        x = box["x"] + box["width"] * (0.5 + 0.1 * i)
        path.page.mouse.click(x, box["y"] + box["height"] / 2)
        assert path.middle()[0] == pytest.approx(x, abs=1)
        assert path.greys() == greys_of(round(path.t * LAST))
        bars = path.root.locator(".bar").evaluate_all(
            "bars => bars.map((bar) => bar.getBoundingClientRect().x + bar.offsetWidth / 2)"
        )
        np.testing.assert_allclose(bars, x, atol=1)
        assert len(path.rest()["heard"]) == i + 1


def test_both_ends_are_exact(part: Callable[..., Part]) -> None:
    path = part()
    box = path.root.locator(".film").first.bounding_box()
    assert box
    for x, t in ((box["x"] + 1, 0), (box["x"] + box["width"] - 1, 1)):
        path.page.mouse.click(x, box["y"] + 9)
        assert path.t == t
        assert path.greys() == greys_of(t * LAST)


@pytest.mark.long
def test_films_show_evenly_spaced_tiles_under_each_other(part: Callable[..., Part]) -> None:
    # The third strip asks for five tiles. One handle runs along all, so all show five.
    path = part()
    films = path.root.locator(".film canvas").evaluate_all(
        """films => films.map((canvas) => [1, 3, 5, 7, 9].map((tenth) =>
             canvas.getContext("2d").getImageData(canvas.width * tenth / 10, canvas.height / 2, 1, 1).data[0]))"""
    )
    assert films == [[greys_of(tile)[i] for tile in (0, 8, 16, 24, 32)] for i in range(3)]


def test_keys(part: Callable[..., Part]) -> None:
    path = part()
    path.slider.focus()
    for key, tile in [
        ("ArrowRight", 9),
        ("ArrowRight", 10),
        ("ArrowLeft", 9),
        ("PageUp", 14),
        ("End", 32),
        ("PageDown", 27),
        ("Home", 0),
    ]:
        path.page.keyboard.press(key)
        expect(path.slider).to_have_attribute("aria-valuetext", f"step {tile + 1} of 33")
        assert path.greys() == greys_of(tile)
    heard = path.rest()["heard"]
    assert heard[-1] == 0
    path.slider.evaluate(browsing.BURST, ["ArrowRight", "ArrowRight", "ArrowLeft"])
    assert path.rest()["heard"] == [*heard, 1 / LAST], "one commit after the keys rest"


@pytest.mark.long
def test_playing_goes_there_and_back_and_sends_nothing_until_paused(part: Callable[..., Part]) -> None:
    path = part()
    path.slider.focus()
    path.page.keyboard.press("End")
    for _ in range(4):
        path.page.keyboard.press("ArrowLeft")
    path.rest()
    path.slider.evaluate(
        """(handle) => {
             globalThis.way = [];
             const note = () => way.push(Number(handle.getAttribute("aria-valuenow")));
             new MutationObserver(note).observe(handle, { attributeFilter: ["aria-valuenow"] });
           }"""
    )
    messages, heard = path.messages, path.log()["heard"]
    path.page.keyboard.press("Space")
    expect(path.button("Pause")).to_be_visible()
    seen = path.page.wait_for_function("way.includes(1) && way.at(-1) < 0.8 && [...way]")
    browsing.still(path.page)
    assert path.messages == messages
    path.page.keyboard.press("Space")
    expect(path.button("Play")).to_be_visible()
    assert path.rest()["heard"] == [*heard, path.t]
    way = np.array(seen.json_value())
    turn = way.argmax()
    assert way[turn] == 1
    assert (np.diff(way[: turn + 1]) > 0).all()
    assert (np.diff(way[turn:]) < 0).all()
    assert path.greys() == greys_of(round(path.t * LAST))


def moves(path: Part) -> None:
    """Wait until the handle leaves its place by itself."""
    expect(path.slider).not_to_have_attribute("aria-valuenow", str(path.t))


@pytest.mark.long
def test_the_hand_stops_the_play_and_is_committed_once(part: Callable[..., Part]) -> None:
    path = part("autoplay=1")
    expect(path.button("Pause")).to_be_visible()
    moves(path)
    x, y = path.middle()
    path.page.mouse.move(x, y)
    path.page.mouse.down()
    path.page.mouse.move(x + 100, y, steps=4)
    path.page.mouse.up()
    expect(path.button("Play")).to_be_visible()
    assert path.rest()["heard"] == [path.t]


WATCHED = "() => globalThis.aeviz?.watched ?? 0"


@pytest.mark.long
def test_what_plays_by_itself_is_not_what_a_person_watches(part: Callable[..., Part]) -> None:
    path = part("autoplay=1")
    expect(path.button("Pause")).to_be_visible()
    moves(path)
    assert path.page.evaluate(WATCHED) == 0


@pytest.mark.long
def test_the_button_plays_and_pauses(part: Callable[..., Part]) -> None:
    path = part()
    path.button("Play").click()
    moves(path)
    assert path.page.evaluate(WATCHED) > 0
    path.button("Pause").click()
    assert path.rest()["heard"] == [path.t]
    assert path.t > 0.25


@pytest.mark.long
@pytest.mark.parametrize("page", [{"reduced_motion": "reduce"}], indirect=True)
def test_nothing_moves_by_itself_for_who_prefers_less_motion(part: Callable[..., Part]) -> None:
    path = part("autoplay=1")
    expect(path.button("Play")).to_be_visible()
    assert path.t == 0.25


@pytest.mark.long
def test_the_server_may_move_the_handle(part: Callable[..., Part]) -> None:
    path = part()
    path.slider.focus()
    path.page.keyboard.press("Home")
    path.rest()
    assert path.t == 0, "the caller's unchanged t is a starting place only"
    browsing.content(path.page).get_by_role("button", name="To the end").click()
    path.rest()
    assert path.t == 1
    assert path.greys() == greys_of(LAST)


@pytest.mark.long
def test_a_finger_drags_too(part: Callable[..., Part]) -> None:
    path = part()
    x, y = path.middle()
    touch = path.page.context.new_cdp_session(path.page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        point = {"x": x + 20 * step, "y": y}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert path.rest()["heard"] == [path.t]
    assert path.t > 0.35


@pytest.mark.long
def test_names_are_told(part: Callable[..., Part]) -> None:
    path = part()
    expect(path.slider).to_have_attribute("aria-valuetext", "step 9 of 33")
    expect(path.slider).to_have_attribute("tabindex", "0")
    expect(path.root.get_by_role("slider", name="Position along the path")).to_have_count(1)
    for name in ("AE", "VAE", "Pixels"):
        expect(path.root.get_by_role("img", name=f"{name}, at the handle", exact=True)).to_be_visible()


@pytest.mark.long
def test_layout(part: Callable[..., Part], page: Page, screenshot: Callable[[str], None]) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    path = part()
    for width in (400, 900, 1400):
        browsing.resize(page, width, 900)
        path.rest()
        films = [film.bounding_box() for film in path.root.locator(".film").all()]
        pictures = [picture.bounding_box() for picture in path.root.get_by_role("img").all()]
        for film, picture in zip(films, pictures, strict=True):
            assert film
            assert picture
            assert film["x"] + film["width"] < picture["x"]
            assert picture["x"] + picture["width"] <= width
            assert picture["width"] >= 80
            assert picture["y"] <= film["y"] + film["height"] / 2 <= picture["y"] + picture["height"]
        assert len({(film["x"], film["width"], film["height"]) for film in films if film}) == 1, "aligned"
        screenshot(f"scrubber-{width}")
