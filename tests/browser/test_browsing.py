"""What the tests in a browser wait with."""

from collections.abc import Callable

import pytest
from browsing import content, elsewhere, eventually, own_browser, rest, troubles
from playwright.sync_api import Locator, Page, Route, expect

NOTHING_ELSE = """() => {
    const { timers, loading, asked, running, awaited } = underWay.told();
    return awaited && !timers && !loading && !asked && !running;
}"""


@own_browser
@pytest.mark.long
@pytest.mark.parametrize(
    ("address", "script", "shown"),
    [
        ("about", "**/PageLink.*.js", lambda page: content(page).get_by_role("link", name="Home", exact=True)),
        ("interpolate", "**/component/**", lambda page: page.get_by_test_id("scrubber")),
    ],
    ids=["an element for its script", "a live part for its code"],
)
def test_a_page_is_not_still_while_something_waits(
    page: Page, app_url: str, address: str, script: str, shown: Callable[[Page], Locator]
) -> None:
    held: list[Route] = []
    page.route(script, lambda route: held.append(route))
    page.goto(f"{app_url}/{address}")
    eventually(page, lambda: bool(held))
    page.wait_for_function(NOTHING_ELSE)
    assert not page.evaluate("underWay.stillFor(1, -1)")
    page.route(script, lambda route: route.continue_())  # from now on
    for route in held:
        route.continue_()
    rest(page)
    expect(shown(page)).to_be_visible()


@own_browser
@pytest.mark.long
def test_nor_while_a_picture_is_on_its_way(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/about")
    rest(page)
    held: list[Route] = []
    page.route("**/held.png", lambda route: held.append(route))
    page.evaluate("document.body.append(Object.assign(new Image(), { src: '/held.png' }))")
    eventually(page, lambda: bool(held))
    page.wait_for_function(NOTHING_ELSE)
    assert not page.evaluate("underWay.stillFor(1, -1)")
    held[0].abort()
    rest(page)


@own_browser
@pytest.mark.long
def test_nor_while_a_file_is_uploaded(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/your-own")
    rest(page)
    held: list[Route] = []
    page.route("**/_stcore/upload_file/**", lambda route: held.append(route) if not held else route.continue_())
    page.locator("input[type=file]").first.set_input_files(
        {"name": "notes.zip", "mimeType": "application/zip", "buffer": b"PK\3\4" + b"\0" * 100}
    )
    eventually(page, lambda: bool(held))
    assert page.evaluate("underWay.told().loading") == 1
    held[0].continue_()
    expect(content(page).get_by_text("damaged")).to_be_visible()
    rest(page)


def test_what_leaves_the_machine_and_what_a_server_logs_of_errors_is_found() -> None:
    assert elsewhere("http://127.0.0.1:8501/_stcore/health") == elsewhere("data:image/png;base64,AA") == []
    assert "fonts.example" in elsewhere("https://fonts.example/a.woff2")[0]
    assert troubles("  You can now view your Streamlit app in your browser.\n") == []
    assert "KeyError" in troubles("Traceback (most recent call last):\n  …\nKeyError: 'z'\n")[0]
