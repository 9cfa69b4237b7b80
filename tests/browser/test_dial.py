"""The dial under a hand, in apps/dial.py: three handles, one of them a place on a picture, and the chart's marker."""

from collections.abc import Callable

import browsing
import pytest
from playwright.sync_api import Locator, Page, Route, expect


class Part(browsing.Part):
    """The dial as a person meets it, and what the server has heard."""

    name = "dial"

    @property
    def picture(self) -> Locator:
        return self.root.get_by_role("application")

    def greys(self) -> list[int]:
        found: list[int] = self.root.evaluate(
            """root => [...root.querySelectorAll(".panel canvas")].map(
                 (canvas) => canvas.getContext("2d").getImageData(0, 0, 1, 1).data[0])"""
        )
        return found

    def values(self) -> list[str]:
        return self.root.locator(".values b").all_inner_texts()


@pytest.fixture
def part(page: Page, gallery_url: str) -> Callable[[], Part]:
    return lambda: Part(page, f"{gallery_url}/dial")


def greys_of(number: int) -> list[int]:
    return [number, 250, number + 20]


def test_the_place_is_dragged_on_the_picture_and_committed_once(part: Callable[[], Part]) -> None:
    dial = part()
    assert dial.greys() == greys_of(0)
    runs, messages = dial.rest()["runs"], dial.messages
    box = dial.picture.bounding_box()
    assert box
    x, y = box["x"], box["y"]
    dial.page.mouse.move(x + 2, y + 2)
    dial.page.mouse.down()
    for row, column in ((0, 2), (3, 2), (4, 4)):
        dial.page.mouse.move(x + column / 4 * (box["width"] - 2) + 1, y + row / 4 * (box["height"] - 2) + 1, steps=4)
        expect(dial.root).to_have_attribute("data-stop", str(5 * row + column))
        assert dial.greys() == greys_of(5 * row + column), "in the frame of the move"
    assert dial.messages == messages
    dial.page.mouse.up()
    assert dial.rest() == {"runs": runs + 1, "heard": [24], "stop": 24}
    assert dial.messages == messages + 1


@pytest.mark.long
def test_where_a_proxy_lets_no_code_through_it_comes_with_the_page(page: Page, gallery_url: str) -> None:
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=403)

    page.route("**/component/**", refuse)
    dial = Part(page, f"{gallery_url}/dial")
    assert len(refused) == 1
    assert dial.greys() == greys_of(0)
    runs = dial.rest()["runs"]
    dial.root.get_by_role("slider").first.press("ArrowRight")
    expect(dial.root).not_to_have_attribute("data-stop", "0")
    assert dial.rest()["runs"] == runs + 1


def test_every_handle_has_keys_and_the_marker_names_the_values_there(part: Callable[[], Part]) -> None:
    dial = part()
    assert dial.values() == ["0.00", "3.00"]
    dial.root.get_by_role("slider", name="Level").press("ArrowRight")
    dial.root.get_by_role("slider", name="Size").press("ArrowRight")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        dial.picture.press(key)
    wanted = 50 + 25 + 11
    expect(dial.root).to_have_attribute("data-stop", str(wanted))
    assert dial.greys() == greys_of(wanted)
    assert dial.values() == [f"{wanted:.2f}", "2.33"]
    expect(dial.root.get_by_text(f"note {wanted}")).to_be_visible()
    assert dial.rest()["stop"] == wanted
    dial.root.get_by_text("near", exact=True).press("Enter")
    expect(dial.root.get_by_text("How near it is.")).to_be_visible()
    browsing.content(dial.page).get_by_role("button", name="To the end").click()
    expect(dial.root).to_have_attribute("data-stop", "199")
    browsing.resize(dial.page, 390, 800)
    browsing.still(dial.page)
    boxes = [panel.bounding_box() for panel in dial.root.locator(".panel").all()]
    first, second, third = (box["y"] for box in boxes if box)
    assert first == second < third, "two side by side on a telephone"


def test_a_dial_that_is_put_on_the_page_anew_keeps_what_the_hand_set(part: Callable[[], Part]) -> None:
    dial = part()
    content = browsing.content(dial.page)
    dial.picture.press("ArrowRight")
    assert dial.rest()["stop"] == 1
    dial.root.evaluate("root => { root.former = true; }")
    content.get_by_text("Elsewhere").click()
    # For a moment both are on the page.
    alone = "roots => roots.length === 1 && !roots[0].former"
    browsing.eventually(dial.page, lambda: dial.root.evaluate_all(alone))
    expect(dial.root).to_have_attribute("data-stop", "1")
    assert dial.greys() == greys_of(1)
    dial.picture.press("ArrowRight")
    assert dial.rest()["stop"] == 2
    content.get_by_role("button", name="To the start").click()
    expect(dial.root).to_have_attribute("data-stop", "0")
