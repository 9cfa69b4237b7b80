"""What is made ready while a page is looked at: Streamlit's own modules, when no hand moves."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import LONG
from playwright.sync_api import Page, Route

from aeviz.app.shell import HEAVY
from aeviz.parts.ahead.streamlit import module

APP = """
import streamlit as st

from aeviz.parts.ahead.streamlit import ahead

ahead("PlotlyChart", "NoSuchElement")
if st.button("Draw"):
    st.plotly_chart({"data": [{"y": [1, 3, 2]}], "layout": {}})
"""
FETCHED = "name => performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith(name)).length"
PLOTLY = module("PlotlyChart")


@pytest.fixture(scope="session")
def url(serve: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    script = tmp_path_factory.mktemp("ahead") / "ahead_app.py"
    script.write_text(APP, encoding="utf-8")
    return serve(script)


@pytest.fixture
def visitor(page: Page) -> Page:
    """The page of a visitor who does not save data, unlike the other tests' own."""
    page.add_init_script("delete navigator.connection")
    return page


def test_this_streamlit_has_what_the_app_prepares() -> None:
    assert all(module(element) for element in HEAVY)
    assert module("NoSuchElement") is None


def test_a_module_waits_for_a_hand_to_rest(visitor: Page, url: str) -> None:
    visitor.goto(url)
    button = visitor.get_by_role("button", name="Draw")
    button.wait_for()
    for step in range(25):
        visitor.mouse.move(200 + 10 * step, 300)
        visitor.wait_for_timeout(100)
    assert visitor.evaluate(FETCHED, PLOTLY) == 0
    visitor.wait_for_function(FETCHED, arg=PLOTLY, timeout=LONG)
    button.click()
    visitor.locator(".js-plotly-plot .scatterlayer").wait_for()


def test_a_module_that_does_not_come_is_left_to_the_page(visitor: Page, url: str) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.abort()
        else:
            route.continue_()

    visitor.route(f"**/{PLOTLY}", refuse)
    visitor.goto(url)
    button = visitor.get_by_role("button", name="Draw")
    button.wait_for()
    visitor.wait_for_timeout(3500)
    assert len(asked) == 1
    button.click()
    visitor.locator(".js-plotly-plot .scatterlayer").wait_for()


def test_what_a_person_plays_is_not_held_up(visitor: Page, url: str) -> None:
    visitor.add_init_script(
        """globalThis.aeviz = { atlases: new Map(), events: new EventTarget() };
        globalThis.player = setInterval(() => (globalThis.aeviz.watched = performance.now()), 100);"""
    )
    visitor.goto(url)
    visitor.get_by_role("button", name="Draw").wait_for()
    visitor.wait_for_timeout(3500)
    assert visitor.evaluate(FETCHED, PLOTLY) == 0
    visitor.evaluate("clearInterval(player)")
    visitor.wait_for_function(FETCHED, arg=PLOTLY, timeout=LONG)


def test_every_page_of_the_app_prepares_the_others(visitor: Page, app_url: str) -> None:
    visitor.goto(f"{app_url}/about")
    for element in HEAVY:
        visitor.wait_for_function(FETCHED, arg=module(element), timeout=LONG)


def test_who_saves_data_is_sent_nothing_ahead(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Draw").wait_for()
    page.wait_for_timeout(3000)
    assert page.evaluate(FETCHED, PLOTLY) == 0
