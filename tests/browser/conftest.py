"""A real Chromium and real servers for the tests in this folder."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import browsing
import pytest
import small_models
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from servers import Process, free_port, log_text

import chromium
from aeviz.store.checkpoints import VARIABLE

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def serve(servers_folder: Path) -> Callable[..., str]:
    """`serve(script, name, VARIABLE=value) -> url`: Streamlit on a script, in an environment with these variables.

    For the same name, which is the script's where none is given, all processes of the tests have one server.
    """

    def start(script: Path, name: str = "", **variables: str) -> str:
        name = name or script.stem
        known = servers_folder / f"{name}.url"
        with FileLock(known.with_suffix(".lock")):
            if not known.exists():
                known.write_text(begin(script, name, variables))
        return known.read_text()

    def begin(script: Path, name: str, variables: dict[str, str]) -> str:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        options = (f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true")
        quiet = ("--server.fileWatcherType=none", "--browser.gatherUsageStats=false")
        command = [sys.executable, "-m", "streamlit", "run", str(script), *options, *quiet]
        Process(command, servers_folder / f"{name}.log", **variables).wait(url)
        return url

    return start


@pytest.fixture(scope="session")
def app_url(serve: Callable[..., str]) -> str:
    """Where the real app answers."""
    return serve(ROOT / "app.py")


@pytest.fixture(scope="session")
def small_url(serve: Callable[..., str], servers_folder: Path) -> str:
    """Where the app answers that knows the models of `small_models` beside the shipped ones."""
    folder = servers_folder / "small-models"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            small_models.save_all(folder)
    return serve(ROOT / "app.py", "small", **{VARIABLE: str(folder)})


@pytest.fixture(scope="session")
def gallery_url(serve: Callable[..., str]) -> str:
    """Where the pages of tests/browser/apps answer, each part by its name."""
    return serve(FOLDER / "apps" / "gallery.py")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    # Playwright's own is looked for here and not by chromium.find(), which would start a second Playwright.
    path = chromium.on_path() or playwright.chromium.executable_path
    if not Path(path).exists():
        pytest.fail("There is no Chromium: `make test` installs one, or name one in AEVIZ_CHROMIUM.")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*FLAGS, "--no-sandbox"] if root else list(FLAGS)
    running = playwright.chromium.launch(executable_path=path, args=flags)
    yield running
    running.close()


@pytest.fixture(scope="session")
def everyday(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor with a screen of 1400×900 px whose browser keeps Streamlit's scripts from one test to the next."""
    context = browsing.visit(browser)
    yield context
    context.close()


@pytest.fixture
def page(
    request: pytest.FixtureRequest, browser: Browser, everyday: BrowserContext, servers_folder: Path
) -> Iterator[Page]:
    """A page of its own, of 1400×900 px.

    The test fails at its end on an uncaught error or an exception shown, on a request to another machine, and where a
    server has meanwhile logged a stack trace or a widget that has its value from two sides.

    `indirect` parameters are taken for options of a browser's context of its own: one that has fetched nothing yet, and
    whose clock a test may set.
    """
    options = getattr(request, "param", None)
    context = everyday if options is None else browsing.visit(browser, **options)
    page = context.new_page()
    uncaught: list[str] = []
    written = {log: log.stat().st_size for log in servers_folder.glob("*.log")}
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    page.on("request", lambda request: uncaught.extend(browsing.elsewhere(request.url)))
    page.on("websocket", lambda socket: uncaught.extend(browsing.elsewhere(socket.url)))
    # Streamlit catches what a live part throws and only logs it.
    page.on(
        "console",
        lambda message: uncaught.append(message.text) if message.text.startswith("BidiComponent Error") else None,
    )
    yield page
    uncaught += page.locator("[data-testid=stException]").all_inner_texts()
    for log in servers_folder.glob("*.log"):
        uncaught += browsing.troubles(log_text(log, written.get(log, 0)))
    if context is not everyday:
        context.close()
    else:
        page.evaluate("location.origin === 'null' || localStorage.clear()")
        context.clear_cookies()
        for opened in context.pages:
            opened.close()
    assert not uncaught, "The page logged errors:\n" + "\n".join(uncaught)


@pytest.fixture
def gate() -> Iterator[browsing.Gate]:
    """A gate for scripts that are given its port."""
    gate = browsing.Gate()
    yield gate
    gate.remove()


@pytest.fixture
def screenshot(request: pytest.FixtureRequest, page: Page) -> Callable[[str], None]:
    """`screenshot("map")` saves the page as map.png in the folder AEVIZ_SCREENSHOTS, if that is set."""

    def save(name: str) -> None:
        _save_picture(page, name)

    return save


def _save_picture(page: Page, name: str) -> None:
    folder = os.environ.get("AEVIZ_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """On a failure keep a picture of the page and show what the servers log_text."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        page = item.funcargs.get("page")
        if page is not None and not page.is_closed():
            _save_picture(page, "failed-" + re.sub(r"\W+", "-", item.name))
        for log in sorted(item.funcargs.get("servers_folder", Path()).glob("*.log")):
            report.sections.append((f"log of {log.stem}.py", log_text(log)[-4000:]))
    return report


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """`opened(text, hash)`: a file in the browser; the test fails where a request leaves it."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def open_file(text: str, behind: str = "") -> Page:
        file = tmp_path / "lesson.html"
        file.write_text(text, encoding="utf-8")
        page.goto(f"{file.as_uri()}{behind}")
        return page

    yield open_file
    left = [url for url in asked if not url.startswith(("data:", "blob:", tmp_path.as_uri()))]
    assert left == []
    assert sum(url.startswith("file:") for url in asked) == 1
