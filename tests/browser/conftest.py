"""A real Chromium and real servers for the tests in this folder."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import browsing
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

import chromium

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = 60  # to wait for a server; two busy cores need some ten of them to import torch
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class Server:
    """A Streamlit server of its own for one script; `url` is where it answers, `log` what it has printed."""

    def __init__(self, script: Path, log: Path) -> None:
        self.script, self._log = script, log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        options = (f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true")
        quiet = ("--server.fileWatcherType=none", "--browser.gatherUsageStats=false")
        command = [sys.executable, "-m", "streamlit", "run", str(script), *options, *quiet]
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        settings = {**os.environ, "PYTHONPATH": paths}
        with log.open("wb") as sink:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT, env=settings)

    @property
    def log(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self._log.read_text(encoding="utf-8", errors="replace"))

    def wait(self) -> None:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"{self.script} is not served; its log ends:\n{self.log[-4000:]}")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Path, Server]]:
    """The servers started so far, by script; all are stopped at the end of the session."""
    started: dict[Path, Server] = {}
    yield started
    for server in started.values():
        server.stop()


@pytest.fixture(scope="session")
def serve(servers: dict[Path, Server], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | Path], str]:
    """`serve(script) -> url`: start Streamlit on a script; asked again for the same file, the same server answers."""

    def start(script: str | Path) -> str:
        script = Path(script).resolve()
        if script not in servers:
            servers[script] = Server(script, tmp_path_factory.mktemp("log") / f"{script.stem}.log")
            servers[script].wait()
        return servers[script].url

    return start


@pytest.fixture(scope="session")
def app_url(serve: Callable[[str | Path], str]) -> str:
    """Where the real app answers."""
    return serve(ROOT / "app.py")


@pytest.fixture(scope="session")
def gallery_url(serve: Callable[[str | Path], str]) -> str:
    """Where the pages of tests/browser/apps answer, each part by its name."""
    return serve(HERE / "apps" / "gallery.py")


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


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A fresh page of 1400×900 px; the test fails at its end on an uncaught error or an exception shown by Streamlit.

    `indirect` parameters are taken for options of the browser's context.
    """
    context = browsing.visit(browser, **getattr(request, "param", {}))
    page = context.new_page()
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    # Streamlit catches what a live part throws and only logs it.
    page.on(
        "console",
        lambda message: uncaught.append(message.text) if message.text.startswith("BidiComponent Error") else None,
    )
    yield page
    uncaught += page.locator("[data-testid=stException]").all_inner_texts()
    context.close()
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
    """On a failure keep a picture of the page and show what the servers said."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        page = item.funcargs.get("page")
        if page is not None and not page.is_closed():
            _save_picture(page, "failed-" + re.sub(r"\W+", "-", item.name))
        for server in item.funcargs.get("servers", {}).values():
            report.sections.append((f"log of {server.script.name}", server.log[-4000:]))
    return report
