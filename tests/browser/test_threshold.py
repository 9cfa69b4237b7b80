"""The threshold under a hand, in apps/threshold.py."""

import browsing
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from aeviz.evaluation.detection import cheapest

N = 40
UNUSUAL = [item % 3 == 0 for item in range(N)]


class Part(browsing.Part):
    """The threshold as a person meets it."""

    name = "threshold"

    @property
    def handle(self) -> Locator:
        return self.root.get_by_role("slider", name="Threshold")

    @property
    def flagged(self) -> int:
        return int(self.handle.get_attribute("aria-valuenow") or -1)

    def marked(self) -> int:
        return self.page.evaluate("aeviz.mapGroups.get('greys').marked.length")

    def found(self) -> int:
        return int(self.root.locator(".counts tbody td b").first.inner_text())

    def greys(self) -> list[list[int]]:
        """The grey of each tile above and below the threshold, from the nearest on."""
        return self.root.evaluate(
            """root => [...root.querySelectorAll(".tiles")].map((strip) => [...strip.querySelectorAll("button")]
                 .filter((button) => !button.hidden).map((button) =>
                   button.querySelector("canvas").getContext("2d").getImageData(0, 0, 1, 1).data[0]))"""
        )


@pytest.fixture
def part(page: Page, gallery_url: str) -> Part:
    return Part(page, f"{gallery_url}/threshold")


def test_everything_follows_the_hand_and_is_committed_once(part: Part) -> None:
    assert (part.flagged, part.found()) == (10, sum(UNUSUAL[-10:]))
    runs, messages = part.rest()["runs"], part.messages
    box = part.handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + 40
    part.page.mouse.move(x, y)
    part.page.mouse.down()
    seen = set()
    for step in range(1, 21):
        part.page.mouse.move(x - 14 * step, y)
        browsing.frames(part.page)
        flagged = part.flagged
        seen.add(flagged)
        assert part.found() == sum(UNUSUAL[N - flagged :])
        assert part.marked() == flagged, "the map marks what is flagged"
        above, below = part.greys()
        assert above[0] == 6 * (N - flagged)
        assert below[0] == 6 * (N - flagged - 1)
    assert len(seen) > 5
    assert part.messages == messages
    part.page.mouse.up()
    assert part.rest() == {"runs": runs + 1, "heard": [[part.flagged, 2]], "item": None}


def test_a_dearer_miss_moves_the_threshold_to_where_it_is_cheapest(part: Part) -> None:
    cost = part.root.get_by_role("slider").nth(1)
    cost.focus()
    cost.press("ArrowRight")
    browsing.frames(part.page)
    assert part.flagged == cheapest(np.arange(N, dtype=float), np.array(UNUSUAL), 5)
    assert part.rest()["heard"][-1] == [None, 5]
    part.handle.press("ArrowRight")
    browsing.frames(part.page)
    flagged = part.flagged
    assert part.rest()["heard"][-1] == [flagged, 5]
    part.root.get_by_role("button", name="cheapest").click()
    assert part.rest()["heard"][-1] == [None, 5]


def test_a_map_is_told_of_flags_where_nothing_is_flagged(part: Part) -> None:
    """Without them a map would show all its points in colour, as where nothing is marked."""
    part.handle.press("End")
    browsing.frames(part.page)
    assert (part.flagged, part.marked()) == (0, 0)
    assert part.page.evaluate("aeviz.mapGroups.get('greys').marked.flags")
    assert part.found() == 0


@pytest.mark.long
def test_a_tile_is_an_item(part: Part) -> None:
    tile = part.root.locator(".tiles").first.get_by_role("button").first
    expect(tile).to_be_visible()
    tile.click()
    assert part.rest()["item"] == N - 10
