"""A page on paper: light from a dark theme too, without navigation and tools, with the picture whole."""

import re

import pytest
from browsing import content, eventually, frames, rest
from playwright.sync_api import Page, expect

from aeviz.app.navigation import DEFAULT, ENTRIES
from aeviz.store.checkpoints import models

NAMES = tuple("" if address == DEFAULT else address for address in ENTRIES)
HIDDEN = (
    "[data-testid=stHeader], .st-key-aeviz-header, [data-testid=stPageLink], .stButton, .stDownloadButton, .stForm, "
    ".tools, .copy, .acts button, .back"
)
# What stands out of the sheet or of the track that it belongs to, in the roots of live parts too.
OUTSIDE = """() => {
    const found = [];
    const look = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) look(element.shadowRoot);
            if (!element.matches("canvas, img, svg, .clip, [role=slider]") || element.matches(".clip canvas")) continue;
            if (!element.checkVisibility({ visibilityProperty: true })) continue;
            const track = element.matches("[role=slider]") && element.parentElement;
            const { left, right } = (track || document.documentElement).getBoundingClientRect();
            const box = element.getBoundingClientRect();
            const middle = (box.left + box.right) / 2;
            if (track ? middle < left - 1 || middle > right + 1 : box.right > right + 1) found.push(element.outerHTML);
        }
    };
    look(document.querySelector("[data-testid=stMain]"));
    return found.map((html) => html.slice(0, 120));
}"""
# What shows a part of itself alone, in the roots of live parts too.
CUT = """() => {
    const found = [];
    const look = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) look(element.shadowRoot);
            const { overflow } = getComputedStyle(element);
            if (overflow === "visible" || element.matches(".stDataFrame, .stDataFrame *, .aside, .clip")) continue;
            if (!element.checkVisibility({ visibilityProperty: true }) || element.clientWidth < 2) continue;
            const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
            if (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1) found.push(element.outerHTML);
        }
    };
    look(document.querySelector("[data-testid=stMain]"));
    return found.map((html) => html.slice(0, 120));
}"""
GROUND = "getComputedStyle(document.querySelector('[data-testid=stMain]')).backgroundColor"
CORNER = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data].slice(0, 3)"
# Whether a film has a picture in its last quarter, which is the last to come.
INKED = """canvas => canvas.getContext('2d').getImageData(0.75 * canvas.width, 0, canvas.width / 4, canvas.height).data
    .some((value, at) => at % 4 < 3 && value > 120)"""
WHITE = "rgb(255, 255, 255)"


def print_begins(page: Page) -> None:
    """As a browser has it: the event, with the page as it is on the screen, then the styles for paper."""
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    frames(page)


def print_ends(page: Page) -> None:
    page.emulate_media(media="screen", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    rest(page)


@pytest.mark.parametrize(
    "name", [pytest.param(name, id=name or "home", marks=() if name == "map" else pytest.mark.long) for name in NAMES]
)
def test_a_page_is_light_and_without_tools_on_paper(page: Page, app_url: str, name: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{app_url}/{name}")
    rest(page)
    clouds = page.get_by_test_id("latent-map").locator(".cloud")
    dark = [cloud.evaluate(CORNER) for cloud in clouds.all()]
    print_begins(page)
    assert page.evaluate(GROUND) == WHITE
    assert [cloud.evaluate(CORNER) for cloud in clouds.all()] == [[255, 255, 255]] * len(dark)
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(CUT) == []
    for hidden in page.locator(HIDDEN).all():
        expect(hidden).to_be_hidden()
    expect(content(page).get_by_role("heading", level=1)).to_be_visible()
    title = page.evaluate("() => document.querySelector('.aeviz-title').innerText")
    assert not re.search(r"\b(Click|Drag|Press|Hover|Tap|Open)\b", title), "no hand turns what is on paper"
    if not name:
        expect(content(page).locator(".aeviz-on-paper")).to_have_text(
            "A picture goes in, a few numbers, a picture comes out."
        )
    print_ends(page)
    eventually(page, lambda: page.evaluate(GROUND) != WHITE)
    eventually(page, lambda: [cloud.evaluate(CORNER) for cloud in clouds.all()] == dark)


def test_the_sheet_is_as_wide_as_the_page(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/about")
    rest(page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    sheets = page.evaluate("[...document.querySelectorAll('style')].map((style) => style.textContent)")
    width = page.evaluate("document.querySelector('[data-testid=stMain]').clientWidth")
    assert any(f"@page {{ size: {width}px " in sheet for sheet in sheets)


@pytest.mark.long
def test_the_table_of_models_is_whole_on_paper(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/compare")
    rest(page)
    table, rows = page.locator(".aeviz-on-paper"), page.locator(".aeviz-on-paper tr")
    expect(table).to_be_hidden()
    print_begins(page)
    expect(content(page).get_by_test_id("stDataFrame")).to_be_hidden()
    assert rows.count() == 1 + sum(card.dataset == "mnist" for card in models())
    expect(rows.last).to_be_visible()
    for long in (page.locator(".st-key-card-model"), page.locator(".stElementContainer", has=table)):
        assert long.evaluate("element => getComputedStyle(element).breakInside") == "auto", (
            "it begins on the first sheet"
        )
    print_ends(page)
    expect(table).to_be_hidden()


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "abreast"),
    [("sweeps", "[class*=st-key-card-sweep]"), ("compare", ".st-key-compare-table, .st-key-card-plane")],
)
def test_what_stands_side_by_side_does_so_on_paper(page: Page, app_url: str, name: str, abreast: str) -> None:
    page.goto(f"{app_url}/{name}")
    rest(page)
    print_begins(page)
    left, right = (page.locator(abreast).nth(at).bounding_box() for at in (0, 1))
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    assert abs(left["y"] - right["y"]) < 2


@pytest.mark.long
def test_what_is_not_decoded_yet_is_decoded_before_the_page_is_printed(page: Page, app_url: str) -> None:
    page.add_init_script("Worker.prototype.postMessage = () => {}")  # a worker that never comes to answer
    page.goto(f"{app_url}/decode")
    rest(page)
    sliders = page.get_by_test_id("latent-sliders")
    assert [one.get_attribute("data-films") for one in sliders.all()] == ["coming", "coming"]
    print_begins(page)
    assert [one.get_attribute("data-films") for one in sliders.all()] == ["whole", "whole"]
    assert all(film.evaluate(INKED) for film in sliders.locator(".film").all())
    print_ends(page)


@pytest.mark.long
def test_what_joins_the_layers_of_a_network_is_where_they_are_on_a_sheet_higher_than_the_window(
    page: Page, app_url: str
) -> None:
    page.goto(f"{app_url}/network")
    rest(page)
    print_begins(page)
    stage = page.get_by_test_id("network-view").locator(".stage")
    before = stage.bounding_box()
    painted = page.get_by_test_id("network-view").locator(".ribbons").bounding_box()
    page.set_viewport_size({"width": 1400, "height": 1980})  # as the sheet: nothing is painted for it again
    after = stage.bounding_box()
    assert before
    assert after
    assert painted
    assert before["height"] == after["height"] == painted["height"]
    print_ends(page)
