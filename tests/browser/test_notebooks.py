"""Widgets where people use them: in JupyterLab, in marimo, and in a notebook that was saved as a page."""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from browsing import LONG, elsewhere, eventually, stroke
from playwright.sync_api import Browser, Page, expect
from servers import Process, free_port
from waiting import until

pytestmark = pytest.mark.long
MAKE = """
from pathlib import Path
import aeviz
from aeviz import widgets
few = aeviz.load_dataset("mnist").of_rows(list(range(200)))
pad, sliders = widgets.drawing_pad(), widgets.sliders("mnist-vae", few)
latent_map = widgets.latent_map("mnist-vae", few)
widgets.link(pad, sliders, latent_map)
sliders.observe(lambda change: Path({heard!r}).write_text(str(len(change.new))), "code")
"""
SHOWN = ("pad", "sliders", "latent_map")
HANDLES = "[data-part=latent_sliders] [role=slider]"
PAD = "[data-part=draw_pad] canvas.ink"
QUIET = {"HOME": "", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a Python module as a server that keeps what it remembers within the test's folder, until the test ends."""
    servers: list[Process] = []

    def start(*command: str) -> Process:
        variables = {name: str(tmp_path / path) for name, path in QUIET.items()}
        servers.append(Process([sys.executable, "-m", *command], tmp_path / "server.log", **variables))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def page(browser: Browser, start: Start) -> Iterator[Page]:
    """A page without what the others count of their timers, which JupyterLab has many of; it asks no other machine.

    It takes `start`, though it starts nothing, so that it is closed before the servers end: a page that lives on asks
    a server that is gone, and what it then cannot fetch is an uncaught error.
    """
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(LONG)
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: trouble.extend(elsewhere(request.url)))
    yield page
    page.close()
    assert trouble == []


def needs(*names: str) -> None:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}: make test-long installs them, as aeviz[notebooks]")


def notebook(folder: Path) -> Path:
    """A notebook that shows three linked widgets, and writes a file when its kernel hears of a code."""
    sources = [MAKE.format(heard=str(folder / "heard.txt")), *SHOWN]
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    file = folder / "linked.ipynb"
    file.write_text(
        json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )
    return file


def ready(server: Process, url: str) -> None:
    """Wait until a server answers at a URL."""

    def answers() -> bool:
        with suppress(OSError), urlopen(url, timeout=5):
            return True
        return False

    assert until(answers), server.log_text


def standing(page: Page) -> list[str | None]:
    return [handle.get_attribute("aria-valuenow") for handle in page.locator(HANDLES).all()]


def drawn_digit_turns_the_sliders(page: Page) -> None:
    """What is drawn is encoded, the handles go there, the item falls on the map, and a key moves a handle on."""
    expect(page.locator(HANDLES).first).to_be_visible()
    expect(page.locator("[data-part=latent_map] canvas.cloud")).to_be_visible()
    before = standing(page)
    assert len(before) == 8
    stroke(page, page.locator(PAD))
    eventually(page, lambda: all(a != b for a, b in zip(before, standing(page), strict=True)))
    handle = page.locator(HANDLES).first
    handle.press("End")
    expect(handle).to_have_attribute("aria-valuenow", handle.get_attribute("aria-valuemax") or "")


def test_in_jupyterlab_linked_widgets_follow_the_hand_and_the_kernel_hears(
    page: Page, start: Start, tmp_path: Path
) -> None:
    needs("anywidget", "jupyterlab", "ipykernel")
    file = notebook(tmp_path)
    port = free_port()
    options = ("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", f"--ServerApp.root_dir={tmp_path}")
    server = start("jupyterlab", *options, "--IdentityProvider.token=", "--LabApp.news_url=None")
    url = f"http://127.0.0.1:{port}"
    ready(server, f"{url}/api")
    page.goto(f"{url}/lab/tree/{file.name}")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")  # else it asks which kernel to take
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    expect(cells).to_have_count(4)
    page.locator(".lm-MenuBar-itemLabel").filter(has_text="Run").first.click()
    page.locator("[data-command='runmenu:run-all']").click()
    drawn_digit_turns_the_sliders(page)
    assert until((tmp_path / "heard.txt").exists)
    page.locator(PAD).press("b")  # which adds a cell where no widget has the keys
    expect(cells).to_have_count(4)


def test_in_marimo_linked_widgets_follow_the_hand_and_the_kernel_hears(
    page: Page, start: Start, tmp_path: Path
) -> None:
    needs("anywidget", "marimo")
    make = MAKE.format(heard=str(tmp_path / "heard.txt")).strip().replace("\n", "\n    ")
    cells = [f"@app.cell\ndef _():\n    {make}\n    return latent_map, pad, sliders\n"]
    cells += [f"@app.cell\ndef _({name}):\n    {name}\n    return\n" for name in SHOWN]
    file = tmp_path / "linked.py"
    file.write_text("import marimo\n\napp = marimo.App()\n\n\n" + "\n\n".join(cells))
    port = free_port()
    options = ("--headless", "--no-token", "--host", "127.0.0.1", "--port", str(port))
    server = start("marimo", "run", *options, str(file))
    ready(server, f"http://127.0.0.1:{port}/health")
    page.goto(f"http://127.0.0.1:{port}/")
    drawn_digit_turns_the_sliders(page)
    assert until((tmp_path / "heard.txt").exists)


def test_a_notebook_saved_as_a_page_lives_without_kernel_and_network(page: Page, tmp_path: Path) -> None:
    needs("anywidget", "nbconvert", "ipykernel")
    import nbformat
    from nbconvert.preprocessors import ExecutePreprocessor

    from aeviz.widgets.saved import PageExporter

    content = nbformat.read(notebook(tmp_path), as_version=4)
    ExecutePreprocessor(timeout=600).preprocess(content)
    file = tmp_path / "linked.html"
    file.write_text(PageExporter().from_notebook_node(content)[0], encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    drawn_digit_turns_the_sliders(page)
    assert [url for url in asked if not url.startswith(("data:", "blob:", "file:"))] == []
