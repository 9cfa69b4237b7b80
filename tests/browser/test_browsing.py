"""What the tests in a browser wait with."""

import pytest
from browsing import content, elsewhere, own_browser, rest, troubles
from playwright.sync_api import Page, Route, expect

NOTHING_ELSE = """() => {
    const { timers, loading, asked, running, awaited } = underWay.told();
    return awaited && !timers && !loading && !asked && !running;
}"""


@own_browser
@pytest.mark.long
def test_a_page_is_not_still_while_an_element_waits_for_its_script(page: Page, app_url: str) -> None:
    held: list[Route] = []
    page.route("**/PageLink.*.js", lambda route: held.append(route))
    page.goto(f"{app_url}/about")
    page.wait_for_function(NOTHING_ELSE)
    assert not page.evaluate("underWay.stillFor(1, -1)")
    for route in held:
        route.continue_()
    rest(page)
    expect(content(page).get_by_role("link", name="Home", exact=True)).to_be_visible()


def test_what_leaves_the_machine_and_what_a_server_logs_of_errors_is_found() -> None:
    assert elsewhere("http://127.0.0.1:8501/_stcore/health") == elsewhere("data:image/png;base64,AA") == []
    assert "fonts.example" in elsewhere("https://fonts.example/a.woff2")[0]
    assert troubles("  You can now view your Streamlit app in your browser.\n") == []
    assert "KeyError" in troubles("Traceback (most recent call last):\n  …\nKeyError: 'z'\n")[0]
