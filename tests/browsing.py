"""A page in a real browser: what the tests in a browser share."""

import json

from playwright.sync_api import Page, expect

LONG = 90_000  # ms; patience for a machine that is busy with other things
# Keys in one task of the browser: however busy the machine is, they do not come to rest in between.
BURST = """(handle, keys) => keys.map((key) => {
    handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true }));
    return Number(handle.getAttribute("aria-valuenow"));
})"""


def still(page: Page, settle: int, timeout: float | None = None) -> None:
    """Wait `settle` ms for what a hand has set off to begin, then until no script is running."""
    page.wait_for_timeout(settle)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=timeout)


def rest(page: Page, settle: int = 300) -> Page:
    """Wait until a page of the app stands and nothing is running."""
    expect(page.locator(".aeviz-title")).to_be_visible(timeout=LONG)
    still(page, settle, LONG)
    return page


class Part:
    """A live part on a page of its own, as a person meets it, and what the server has heard.

    name: its test id. settle: ms until what a hand has set off has begun. patience: ms until it is there.
    """

    name: str
    settle = 150
    patience = 30_000

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.messages = page, 0
        page.on("websocket", lambda socket: socket.on("framesent", self._count))
        page.goto(url)
        self.root = page.get_by_test_id(self.name)
        self.handles = self.root.get_by_role("slider")
        expect(self.handles.first).to_be_visible(timeout=self.patience)

    def _count(self, frame: object) -> None:
        self.messages += 1

    def rest(self) -> dict:
        """What the server logged, once nothing is running and nothing is waited for."""
        still(self.page, self.settle)
        self.page.wait_for_timeout(100)
        return self.log()

    def log(self) -> dict:
        """What the server logged so far."""
        return json.loads(self.page.locator(".st-key-log").inner_text())
