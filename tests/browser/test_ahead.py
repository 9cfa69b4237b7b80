"""What is made ready while a page is looked at: Streamlit's own modules, when no hand moves."""

import time

import pytest
from browsing import LONG, content, own_browser
from playwright.sync_api import Locator, Page

from aeviz.app.shell import PREFETCHED
from aeviz.parts.hosts.streamlit import module_of

pytestmark = own_browser
FETCHED = "name => performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith(name)).length"
PLOTLY = module_of("PlotlyChart")
IDLE_MS = 2000  # ms without a hand on mouse or keys, as ahead.js has it


@pytest.fixture
def url(gallery_url: str) -> str:
    return f"{gallery_url}/ahead"


@pytest.fixture
def visitor(page: Page) -> Page:
    """The page of a visitor who does not save data, unlike the other tests' own."""
    page.add_init_script("delete navigator.connection")
    return page


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The requests for the code of charts, as they come."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if request.url.endswith(PLOTLY) else None)
    return found


def opened(page: Page, url: str) -> Locator:
    """The button of a page that stands, whose clock goes on as it is told from now on."""
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.goto(url)
    button = content(page).get_by_role("button", name="Draw")
    until = time.monotonic() + LONG / 1000
    while not (button.is_visible() and page.evaluate("globalThis.aeviz?.ahead")):
        assert time.monotonic() < until
        page.clock.run_for(10)
    return button


def pass_by(page: Page, milliseconds: int) -> None:
    """Let time go by in steps, with room after each for what it sets off."""
    for _ in range(0, milliseconds, 250):
        page.clock.run_for(250)


def comes(page: Page) -> None:
    """Let time go by until the code of charts has come."""
    with page.expect_event("requestfinished", lambda request: request.url.endswith(PLOTLY)):
        pass_by(page, IDLE_MS + 1000)


@pytest.mark.long
def test_a_module_waits_for_a_hand_to_rest(visitor: Page, asked: list[str], url: str) -> None:
    button = opened(visitor, url)
    for step in range(3):
        visitor.mouse.move(200 + 10 * step, 300)
        pass_by(visitor, IDLE_MS - 250)
    assert not asked
    comes(visitor)
    visitor.clock.resume()
    button.click()
    visitor.locator(".js-plotly-plot .scatterlayer").wait_for()


@pytest.mark.long
def test_a_module_that_does_not_come_is_left_to_the_page(visitor: Page, asked: list[str], url: str) -> None:
    visitor.route(f"**/{PLOTLY}", lambda route: route.abort(), times=1)
    button = opened(visitor, url)
    with visitor.expect_event("requestfailed", lambda request: request.url.endswith(PLOTLY)):
        pass_by(visitor, IDLE_MS + 1000)
    pass_by(visitor, 2 * IDLE_MS)
    assert len(asked) == 1
    visitor.clock.resume()
    button.click()
    visitor.locator(".js-plotly-plot .scatterlayer").wait_for()


@pytest.mark.long
def test_what_a_person_plays_is_not_held_up(visitor: Page, asked: list[str], url: str) -> None:
    opened(visitor, url)
    visitor.evaluate("globalThis.player = setInterval(() => (globalThis.aeviz.watched = performance.now()), 100)")
    pass_by(visitor, 2 * IDLE_MS)
    assert not asked
    visitor.evaluate("clearInterval(player)")
    comes(visitor)


@pytest.mark.long
def test_every_page_of_the_app_prepares_the_others(visitor: Page, app_url: str) -> None:
    visitor.goto(f"{app_url}/about")
    for element in PREFETCHED:
        visitor.wait_for_function(FETCHED, arg=module_of(element))


def test_who_saves_data_is_sent_nothing_ahead(page: Page, asked: list[str], url: str) -> None:
    opened(page, url)
    pass_by(page, 2 * IDLE_MS)
    assert not asked
