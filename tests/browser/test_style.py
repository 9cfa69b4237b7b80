"""The styles that lean on names of Streamlit's own elements: a newer Streamlit may call them otherwise."""

from collections.abc import Iterator

import pytest
from browsing import content, rest, visit
from playwright.sync_api import Browser, Page, expect

from aeviz.app.pages import detect
from aeviz.app.panels.detection import Row
from aeviz.app.shell import FOLDER


def style(page: Page, selector: str, name: str) -> str:
    """A computed style of the first element of a selector."""
    found = page.locator(selector).first
    found.wait_for()
    return str(found.evaluate("(element, name) => getComputedStyle(element).getPropertyValue(name)", name))


@pytest.fixture(scope="module")
def styled(browser: Browser, app_url: str) -> Iterator[Page]:
    visitor = visit(browser)
    page = visitor.new_page()
    page.goto(f"{app_url}/map")
    yield rest(page)
    visitor.close()


@pytest.mark.parametrize(
    ("selector", "name", "value", "what"),
    [
        (".stApp", "--aeviz-card", None, "our colours are set on the app"),
        (".stAppHeader", "pointer-events", "none", "Streamlit's header lets clicks through to our links"),
        (".stAppHeader button", "pointer-events", "auto", "what can be pressed in Streamlit's header still is"),
        (".stMainBlockContainer", "max-width", "1560px", "the page is as wide as our pictures need"),
        ('.st-key-aeviz-header [data-testid="stPageLink"] p', "font-size", "15px", "links in the header are small"),
        ('.st-key-aeviz-header [class*="-here"] [data-testid="stPageLink"] p', "font-weight", "650", "here is bold"),
        (".st-key-aeviz-link-map-here a", "box-shadow", None, "the present page's link is underlined"),
        ('.st-key-aeviz-share [data-testid="stMarkdownContainer"] > p', "position", "absolute", "sharing is an icon"),
        ('.st-key-left [data-testid="stSelectbox"] [role="group"]', "box-shadow", None, "the left model's colour"),
        ('.st-key-right [data-testid="stSelectbox"] [role="group"]', "box-shadow", None, "the right model's colour"),
    ],
)
def test_what_we_lean_on_is_there(styled: Page, selector: str, name: str, value: str | None, what: str) -> None:
    found = style(styled, selector, name)
    assert found not in ("", "none") if value is None else found == value, f"{what}: {selector} has {name} {found!r}"


def test_a_chosen_segment_is_ink_on_paper_turned_round(styled: Page) -> None:
    segment = 'button[data-variant="segmented_control"]'
    chosen, other = f"{segment}[data-selected]", f"{segment}:not([data-selected])"
    assert style(styled, chosen, "font-weight") == "650"
    for name in ("color", "background-color"):
        assert style(styled, chosen, name) != style(styled, other, name), name


def test_the_words_of_an_open_quiet_button_are_as_in_the_text_around(page: Page, app_url: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{app_url}/about")
    rest(page)
    opener = page.locator('[data-testid="stPopoverButton"][kind="tertiary"]').last
    before = opener.evaluate("(element) => getComputedStyle(element).color")
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    rest(page)
    expect(opener).to_have_css("color", before)


def test_a_definition_in_the_last_row_of_a_table_is_not_cut_off(page: Page) -> None:
    table = detect.table([(Row("5 nearest", "Mean distance to the nearest usual items. " * 4, 0.9, 0.8, 1.0, 0.5), "")])
    page.set_content(f"<style>{(FOLDER / 'style.css').read_text()}</style>{table}")
    page.locator("summary").click()
    cut = page.locator(".aeviz-classical").evaluate("table => table.scrollHeight - table.clientHeight")
    assert cut == 0
    assert page.locator(".aeviz-defined > span").is_visible()


def test_a_link_is_copied_by_a_button_that_says_so(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/about")
    rest(page)
    content(page).get_by_role("button", name="Share").first.click()
    copy = page.locator(".st-key-aeviz-link").get_by_role("button", name="Copy to clipboard")
    expect(copy).to_be_visible()
    told = copy.evaluate("""(button) => {
        let seen = 1;
        for (let at = button; at; at = at.parentElement) seen *= getComputedStyle(at).opacity;
        return [getComputedStyle(button, "::after").content, seen];
    }""")
    assert told == ['"Copy link"', 1]


@pytest.mark.long
def test_a_map_leads_to_the_items_that_are_marked_on_it(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{app_url}/map")
    rest(page)
    here = page.get_by_test_id("latent-map").first
    expect(here.locator(".below")).to_be_hidden()
    here.locator(".stage").press("Shift+M")
    rest(page)
    card = page.locator(".st-key-card-selection")
    expect(card.get_by_text("items marked")).not_to_be_in_viewport()
    here.get_by_role("button", name="Go to the marked items").click()
    expect(card.get_by_text("items marked")).to_be_in_viewport()


@pytest.mark.long
def test_a_map_without_numbers_has_no_scale_of_colours(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/map?data=names&colour=kl")
    rest(page)
    left, right = page.get_by_test_id("latent-map").all()
    expect(left.locator(".measure")).to_have_text("no KL: each code is a point")
    expect(left.locator(".gradient")).to_be_hidden()
    expect(right.locator(".gradient")).to_be_visible()
