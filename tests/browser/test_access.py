"""Every page for those who hear it, or have no pointer: axe-core's rules, the link that skips, where the keys are."""

from collections.abc import Iterable
from typing import Literal

import pytest
from browsing import content, resize, rest, unfold
from playwright.sync_api import Locator, Page, expect
from servers import ROOT

from aeviz.app.navigation import DEFAULT, ENTRIES

AXE = ROOT / "tools" / "javascript" / "node_modules" / "axe-core" / "axe.min.js"
# The first that fails of each rule, and how many more do.
VIOLATIONS = """() => axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 200)}`))"""
UNCHANGING = "!document.getAnimations().some((one) => one instanceof CSSTransition)"
Look = tuple[Literal["light", "dark"], int]
LOOKS: tuple[Look, ...] = (("light", 1400), ("light", 390), ("dark", 1400), ("dark", 390))
NAMES = tuple("" if address == DEFAULT else address for address in ENTRIES)
FIRST = ("about",)  # in the short run, in two looks
OTHER_DATA = "emoji", "ecg", "wage", "names"  # of each modality


def violations(page: Page, looks: Iterable[Look]) -> list[str]:
    """What axe-core calls serious or critical on a page, under colour schemes and on screens so many px wide."""
    assert AXE.exists(), "axe-core is not installed: `make lint` brings it"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for scheme, width in looks:
        page.emulate_media(color_scheme=scheme)
        resize(page, width, 900)
        rest(page)
        page.wait_for_function(UNCHANGING)  # colours half-way have other contrasts
        found += [f"{scheme}, {width} px: {violation}" for violation in page.evaluate(VIOLATIONS)]
    return found


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        *(pytest.param(name, LOOKS[::3], id=f"{name}-first") for name in FIRST),
        *(pytest.param(name, LOOKS, id=name or "home", marks=pytest.mark.long) for name in NAMES),
    ],
)
def test_a_page_with_all_of_it_open_breaks_no_rule(
    page: Page, app_url: str, name: str, looks: tuple[Look, ...]
) -> None:
    page.goto(f"{app_url}/{name}")
    unfold(rest(page))
    assert violations(page, looks) == []


@pytest.mark.long
@pytest.mark.parametrize("data", OTHER_DATA)
def test_nor_does_any_page_with_other_items(page: Page, app_url: str, data: str) -> None:
    found = {}
    for name in NAMES:
        page.goto(f"{app_url}/{name}?data={data}")
        unfold(rest(page))
        found[name] = violations(page, LOOKS[:1])
    assert {name: broken for name, broken in found.items() if broken} == {}


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def test_the_first_link_skips_the_navigation_and_a_link_shows_that_the_keys_are_at_it(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/about")
    rest(page)
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Skip to main content")
    page.keyboard.press("Enter")
    expect(focused(page)).to_have_role("heading")
    page.keyboard.press("Shift+Tab")
    page.get_by_test_id("stMain").get_by_role("link", name="Map", exact=True).focus()
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Decode")
    assert focused(page).evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(content(page).get_by_role("heading", level=1)).to_have_text("Turn one knob of the code")
