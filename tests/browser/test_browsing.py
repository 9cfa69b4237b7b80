"""What the tests in a browser wait with."""

from browsing import content, own_browser, rest
from playwright.sync_api import Page, Route, expect

NOTHING_ELSE = """() => {
    const { timers, loading, asked, running, awaited } = underWay.told();
    return awaited && !timers && !loading && !asked && !running;
}"""


@own_browser
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
