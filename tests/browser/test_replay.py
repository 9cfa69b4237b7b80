"""The replay of trainings: films whose pictures tell which frame they show, then the page on the shipped recordings."""

import json
from collections.abc import Callable

import browsing
import pytest
from playwright.sync_api import Locator, Page, expect

FIRST, SECOND = [0, 1, 10, 100, 1000], [0, 3, 30, 300]
STOPS = sorted({*FIRST, *SECOND})


class Part(browsing.Part):
    """The films as a person meets them, and what the server has heard."""

    name = "replay-film"

    @property
    def slider(self) -> Locator:
        return self.handles

    @property
    def step(self) -> int:
        return int(self.slider.get_attribute("aria-valuenow") or "-1")

    def frames(self) -> list[list[int]]:
        """For each film the frame that its reconstructions and its samples show."""
        return self.root.evaluate(
            """root => [...root.querySelectorAll(".film")].map((film) => {
                 const red = (canvas, x, y) => canvas.getContext("2d").getImageData(x, y, 1, 1).data[0];
                 const [pairs, samples] = [film.querySelector(".pairs"), film.querySelector(".samples")];
                 const cell = samples.width / (samples.clientWidth >= 300 ? 8 : 4);
                 return [red(pairs, 9, cell + 9) / 20, red(samples, 9, 9) / 20];
               })"""
        )

    def expect_frames(self, step: int) -> None:
        wanted = [max(i for i, at in enumerate(steps) if at <= step) for steps in (FIRST, SECOND)]
        assert self.frames() == [[frame, frame] for frame in wanted]

    def plane(self, film: int = 0) -> str:
        return self.root.locator(".plane").nth(film).evaluate("canvas => canvas.toDataURL()")

    def values(self) -> list[str]:
        return self.root.locator(".values b").all_inner_texts()

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def middle(self) -> tuple[float, float]:
        box = self.slider.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def frame(self) -> None:
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.fixture
def part(page: Page, gallery_url: str) -> Callable[[], Part]:
    return lambda: Part(page, f"{gallery_url}/replay_film")


def test_all_follows_the_hand_and_the_step_is_committed_once(part: Callable[[], Part]) -> None:
    film = part()
    assert film.step == 10
    film.expect_frames(10)
    assert film.values() == ["at 10", "at 3"], "each film reads its own last frame"
    runs, messages = film.rest()["runs"], film.messages
    x, y = film.middle()
    film.page.mouse.move(x, y)
    film.page.mouse.down()
    seen = set()
    for move in range(1, 41):
        film.page.mouse.move(x + 8 * move, y)
        film.frame()
        seen.add(json.dumps(film.frames()))
    assert len(seen) >= 4
    assert film.messages == messages, "dragging sends nothing"
    film.page.mouse.up()
    log = film.rest()
    assert log == {"runs": runs + 1, "heard": [film.step], "step": film.step}
    assert film.messages == messages + 1
    assert film.step in STOPS
    film.expect_frames(film.step)


@pytest.mark.long
def test_points_glide_while_the_hand_moves_and_rest_where_they_were_recorded(part: Callable[[], Part]) -> None:
    film = part()
    rest = film.plane()
    x, y = film.middle()
    film.page.mouse.move(x, y)
    film.page.mouse.down()
    film.page.mouse.move(x + 8, y)
    film.frame()
    assert film.step == 10
    film.expect_frames(10)
    assert film.plane() != rest, "points are on their way, pictures are not"
    film.page.mouse.up()
    film.frame()
    assert film.plane() == rest
    assert film.middle()[0] == pytest.approx(x, abs=1), "the handle rests on the recorded step"


@pytest.mark.long
@pytest.mark.parametrize("page", [{"reduced_motion": "reduce"}], indirect=True)
def test_nothing_glides_for_who_prefers_less_motion(part: Callable[[], Part]) -> None:
    film = part()
    rest = film.plane()
    x, y = film.middle()
    film.page.mouse.move(x, y)
    film.page.mouse.down()
    film.page.mouse.move(x + 8, y)
    film.frame()
    assert film.step == 10
    assert film.plane() == rest
    film.page.mouse.up()


@pytest.mark.long
def test_keys(part: Callable[[], Part]) -> None:
    film = part()
    film.slider.focus()
    for key, step in [
        ("ArrowRight", 30),
        ("ArrowUp", 100),
        ("ArrowLeft", 30),
        ("End", 1000),
        ("ArrowRight", 1000),
        ("PageDown", 3),
        ("Home", 0),
        ("PageUp", 100),
    ]:
        film.page.keyboard.press(key)
        expect(film.slider).to_have_attribute("aria-valuetext", f"step {step:,} of 1,000")
        film.expect_frames(step)
    log = film.rest()
    assert log["heard"][-1] == 100


def test_playing_runs_to_the_end_stops_there_and_sends_nothing_on_the_way(part: Callable[[], Part]) -> None:
    film = part()
    film.slider.focus()
    film.page.keyboard.press("End")
    film.page.keyboard.press("ArrowLeft")
    film.rest()
    messages, place = film.messages, film.slider.get_attribute("style") or ""
    # The button's names, as they come: a play may be over before a test looks.
    film.button("Play").evaluate(
        """(button) => {
             globalThis.named = [];
             const note = () => named.push(button.getAttribute("aria-label"));
             new MutationObserver(note).observe(button, { attributeFilter: ["aria-label"] });
           }"""
    )
    film.page.keyboard.press("Space")
    film.page.wait_for_function("named.at(-1) === 'Play'")
    assert film.page.evaluate("named") == ["Pause", "Play"]
    expect(film.slider).not_to_have_attribute("style", place)
    assert film.rest()["heard"][-1] == film.step == 1000
    assert film.messages == messages + 1
    film.button("Play").evaluate(
        """async (button) => {
             const slider = button.getRootNode().querySelector("[role=slider]");
             button.click();
             while (slider.ariaValueNow === "1000") await new Promise(requestAnimationFrame);
             button.click();
           }"""
    )
    assert film.step <= 3, "played again, it begins anew"
    assert film.rest()["heard"][-1] == film.step


@pytest.mark.long
def test_a_finger_drags_too(part: Callable[[], Part]) -> None:
    film = part()
    x, y = film.middle()
    touch = film.page.context.new_cdp_session(film.page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for move in range(1, 11):
        point = {"x": x + 20 * move, "y": y}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert film.rest()["heard"] == [film.step]
    assert film.step > 10


@pytest.mark.long
def test_the_server_may_move_the_handle(part: Callable[[], Part]) -> None:
    film = part()
    film.slider.focus()
    film.page.keyboard.press("End")
    film.rest()
    assert film.step == 1000, "the caller's unchanged step is a starting place only"
    browsing.content(film.page).get_by_role("button", name="To the start").click()
    film.rest()
    assert film.step == 0
    film.expect_frames(0)


@pytest.mark.long
def test_a_click_zooms_to_the_codes_and_back(part: Callable[[], Part]) -> None:
    film = part()
    film.slider.focus()
    film.page.keyboard.press("Home")
    whole = film.plane()
    zoom = film.button("Zoom to the codes")
    expect(zoom).to_have_attribute("aria-pressed", "false")
    zoom.click()
    expect(zoom).to_have_attribute("aria-pressed", "true")
    assert film.plane() != whole
    zoom.click()
    assert film.plane() == whole


def test_a_definition_is_a_click_away(part: Callable[[], Part]) -> None:
    film = part()
    what = film.root.get_by_text("How large it is.")
    expect(what).to_be_hidden()
    film.button("What is Size?").click()
    expect(what).to_be_visible()
    film.button("What is Size?").click()
    expect(what).to_be_hidden()


@pytest.mark.long
def test_names_are_told(part: Callable[[], Part]) -> None:
    film = part()
    expect(film.root.get_by_role("slider", name="Step of the training")).to_have_count(1)
    for name in ("First", "Second"):
        for what in ("the plane of its codes", "Items, and what comes back", "Decoded from the same random codes"):
            expect(film.root.get_by_role("img", name=f"{name}: {what}", exact=True)).to_be_visible()
    assert film.root.locator(".classes li").all_inner_texts() == ["a", "b", "c", "radius 2"]


@pytest.mark.long
def test_layout(part: Callable[[], Part], page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    film = part()
    for width in (400, 900, 1400):
        browsing.resize(page, width, 900)
        film.rest()
        film.expect_frames(10)
        boxes = [box.bounding_box() for box in film.root.locator(".film").all()]
        for box in boxes:
            assert box
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        first, second = boxes
        assert first
        assert second
        assert (first["y"], first["width"], first["height"]) == (second["y"], second["width"], second["height"])
        for kind in ("plane", "pairs", "samples"):
            for canvas in film.root.locator(f".{kind}").all():
                inner = canvas.bounding_box()
                assert inner
                assert inner["height"] > 60
                assert inner["y"] + inner["height"] <= max(box["y"] + box["height"] for box in boxes if box)


# ---- The page.


@pytest.mark.long
def test_the_page_replays_the_shipped_recordings(page: Page, app_url: str, screenshot: Callable[[str], None]) -> None:
    from aeviz import load_dataset
    from aeviz.evaluation.clouds import course
    from aeviz.store.checkpoints import locate
    from aeviz.training.recording import RECORDING, load_recording

    recorded = load_recording(locate("mnist-vae-2d") / RECORDING)
    measured = course(recorded, load_dataset("mnist").labels[recorded.rows])
    film = Part(page, f"{app_url}/training")
    vae = film.root.get_by_role("region", name="Variational autoencoder").or_(film.root.locator(".film").nth(1)).first
    last = int(recorded.steps[-1])
    expect(vae).to_have_attribute("data-step", str(last))
    spread = film.root.locator(".chart", has_text="Spread of the codes").locator(".values b")
    expect(spread.nth(1)).to_have_text(f"{measured.spread[-1]:.3g}")
    screenshot("replay")
    film.slider.focus()
    film.page.keyboard.press("Home")
    expect(spread.nth(1)).to_have_text(f"{measured.spread[0]:.3g}")
    page.wait_for_function("new URL(location).searchParams.get('step') === '0'")
    page.reload()
    expect(film.slider).to_have_attribute("aria-valuenow", "0")
    browsing.rest(page)
    film.page.keyboard.press("Tab")
    film.slider.focus()
    film.page.keyboard.press("End")
    page.wait_for_function("!new URL(location).searchParams.has('step')")
