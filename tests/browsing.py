"""A page in a real browser: what the tests in a browser share. Nothing here waits for a time, all for a condition."""

import json
import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

LONG = 90_000  # ms; patience for a machine that is busy with other things, in all that is waited for
expect.set_options(timeout=LONG)
FRAMES = 3  # in a row without anything under way: what a run has sent is then in the page
WATCH = Path(__file__).parent / "browser" / "watch.js"
WAITS = count()
Place = TypeVar("Place", Page, Frame)  # what a page of the app stands in
# Keys in one task of the browser: however busy the machine is, they do not come to rest in between.
BURST = """(handle, keys) => keys.map((key) => {
    handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true }));
    return Number(handle.getAttribute("aria-valuenow"));
})"""
# A test with this mark has a browser that has fetched nothing yet, and whose clock it may set.
own_browser = pytest.mark.parametrize("page", [{}], ids=["own"], indirect=True)
SAVES_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true }, configurable: true })"


LOCAL = {"127.0.0.1", "localhost"}
# What a server logs of an error in a script or in itself, and of a widget that has a default and a value set beside it.
TROUBLE = re.compile(r"Traceback \(most recent call last\)|Stack \(most recent call last\)|was created with a default")


def elsewhere(url: str) -> list[str]:
    """A sentence about a request that leaves this machine; none about others."""
    parts = urlsplit(url)
    leaves = parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOCAL
    return [f"a request to {parts.hostname}: {url}"] if leaves else []


def troubles(log: str) -> list[str]:
    """What a server has logged from the first trouble on; nothing where there was none."""
    trouble = TROUBLE.search(log)
    return [f"a server logged:\n{log[max(0, trouble.start() - 300) :][:2000]}"] if trouble else []


def visit(browser: Browser, **options: Any) -> BrowserContext:
    """A visitor with a screen of 1400×900 px, whose pages tell what they have under way."""
    context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **options})
    context.set_default_timeout(LONG)
    context.add_init_script(path=WATCH)
    # Who saves data has nothing loaded ahead: two busy cores would do that instead of what the test waits for.
    context.add_init_script(SAVES_DATA)
    return context


def still(page: Page | Frame) -> None:
    """Wait until nothing is under way: no timer, no load, no run of the script that was asked for.

    Of a lesson in a file: until all of it is filled, too, which moves what is there already.

    What was asked of the next frame before is then painted. What moves by itself frame by frame, and what a worker
    works on, is not waited for.
    """
    try:
        page.wait_for_function(
            "([frames, wait]) => globalThis.underWay?.stillFor(frames, wait)", arg=[FRAMES, next(WAITS)]
        )
    except PlaywrightTimeoutError:
        pytest.fail(f"The page does not come to rest: {page.evaluate('globalThis.underWay?.told()')}")


def rest(page: Place) -> Place:
    """Wait until a page of the app stands, alone or in a frame, and nothing is under way."""
    expect(page.locator(".aeviz-title")).to_be_visible()
    still(page)
    return page


def unfold(page: Page) -> None:
    """Open every explanation, and those that come with what the opened ones ask of the server.

    Of what shares a name the browser keeps one open: that is the last.
    """
    page.evaluate("document.querySelectorAll('details[name]').forEach((one) => one.removeAttribute('name'))")
    closed = page.locator("details:not([open], [name]) > summary")
    while closed.count():
        closed.evaluate_all("closed => closed.forEach((summary) => summary.click())")
        rest(page)


def content(page: Page | Frame) -> Locator:
    """What the app itself shows: Streamlit's header above it has a Stop of its own while a script runs."""
    return page.get_by_test_id("stMain")


def options(page: Page) -> Locator:
    """The options of the box that has been opened: they stand outside the content."""
    return page.get_by_test_id("stSelectboxVirtualDropdown").get_by_role("option")


def resize(page: Page, width: int, height: int) -> None:
    """Give the page another size, in px, and wait until it has it; what stands in it follows a frame later."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("([width, height]) => innerWidth === width && innerHeight === height", arg=[width, height])


def frames(page: Page) -> None:
    """Wait for two frames of the page: what the first one has painted is then there."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def stroke(
    page: Page, ink: Locator, start: tuple[float, float] = (0.5, 0.2), end: tuple[float, float] = (0.5, 0.8)
) -> None:
    """Draw a line on a pad or over a chart, from place to place in parts of its width and height; as it is, a one."""
    ink.scroll_into_view_if_needed()
    box = ink.bounding_box()
    assert box
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=8)
    page.mouse.up()


def eventually(page: Page, holds: Callable[[], bool]) -> None:
    """Fail unless it comes to hold, asked between the frames of the page, within a time that a busy machine keeps."""
    until = time.monotonic() + LONG / 1000
    while not holds():
        assert time.monotonic() < until, "it did not come to hold"
        frames(page)


class Gate:
    """Where scripts wait until the test lets them go on: a port that they call, and listen to until it hangs up."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.setblocking(False)
        self.port = self._door.getsockname()[1]
        self._waiting: socket.socket | None = None

    def reached(self) -> bool:
        """Whether a script has come here, and waits."""
        if self._waiting is None:
            with suppress(BlockingIOError):
                self._waiting, _ = self._door.accept()
        return self._waiting is not None

    def open(self) -> None:
        """Let the script that was seen here go on."""
        assert self._waiting is not None
        self._waiting.close()
        self._waiting = None

    def remove(self) -> None:
        """Let all that wait here go on; none waits later."""
        self._door.close()
        if self._waiting:
            self.open()


class Part:
    """A live part on a page of its own, as a person meets it, and what the server has heard. name: its test id."""

    name: str

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)
        self.root = page.get_by_test_id(self.name)
        self.handles = self.root.get_by_role("slider")
        expect(self.handles.first).to_be_visible()
        still(page)

    @property
    def messages(self) -> int:
        """How many runs of the script the page has asked for."""
        return int(self.page.evaluate("underWay.sent"))

    def rest(self) -> dict:
        """What the server logged, once nothing is under way."""
        still(self.page)
        return self.log()

    def log(self) -> dict:
        """What the server logged so far."""
        return json.loads(self.page.locator(".st-key-log").inner_text())
