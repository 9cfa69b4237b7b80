"""Beats, people and names in a real browser: a map shows the tile under the pointer, a slider changes what it makes."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import small
from browsing import LONG, rest
from cases import every
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect
from servers import Process, free_port

import aeviz
from aeviz.latent.explorer import Explorer
from aeviz.store.checkpoints import load

ROOT = Path(__file__).parents[2]
LEFT, RIGHT = small.UNTRAINED


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models")
    for dataset in small.PAIRS:
        small.models(made, dataset)
    return made


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    """The app with small models beside the shipped ones."""
    port = free_port()
    options = (f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none")
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *options]
    models = os.pathsep.join(filter(None, [str(folder), os.environ.get("AEVIZ_MODELS")]))
    process = Process(command, folder / "server.log", AEVIZ_MODELS=models)
    process.wait(f"http://127.0.0.1:{port}")
    yield f"http://127.0.0.1:{port}"
    process.kill()


def red(canvas: Locator) -> NDArray[np.int64]:
    """The red of each pixel of a canvas, (h, w)."""
    width, height, values = canvas.evaluate(
        """canvas => {
             const { width, height } = canvas;
             const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
             return [width, height, Array.from({ length: width * height }, (_, i) => data[4 * i])];
           }"""
    )
    return np.array(values).reshape(height, width)


@pytest.mark.parametrize("dataset", every(3, small.PAIRS))
@pytest.mark.long
def test_a_map_shows_the_tile_and_a_slider_changes_it(page: Page, url: str, folder: Path, dataset: str) -> None:
    page.set_default_timeout(LONG)
    data, item = aeviz.load_dataset(dataset), 5
    page.goto(f"{url}/map?data={dataset}&left={LEFT}&right={RIGHT}&item={item}")
    rest(page)
    first = page.get_by_test_id("latent-map").first
    expect(first).to_have_attribute("data-atlas", "ready")
    first.locator(".stage").focus()
    page.keyboard.press("ArrowRight")  # the item under the pointer, by keyboard
    card = first.locator(".card")
    expect(card).to_be_visible()
    row = int(card.locator(".item").inner_text().split()[1].replace(",", ""))
    drawn = red(card.locator(".picture"))
    assert np.array_equal(drawn, data.tiles(data.items[[row]])[0, :, :, 0])

    page.goto(f"{url}/decode?data={dataset}&left={LEFT}&right={RIGHT}&item={item}")
    rest(page)
    sliders = page.get_by_test_id("latent-sliders").first
    handle, picture = sliders.get_by_role("slider").first, sliders.locator(".picture canvas")
    expect(picture).to_have_attribute("data-source", "exact")  # a tile of the film stands in until then
    before = red(picture)
    name = f"{dataset}-{LEFT}"
    model = Explorer(load(folder / name, device="cpu"), name, data.scale)
    decoded = data.tiles(model.decode(model.encode(data.items[[item]])[0]))[0, :, :, 0]
    assert abs(before - decoded.astype(int)).max() <= 1
    handle.focus()
    page.keyboard.press("End")
    rest(page)
    assert not np.array_equal(before, red(picture))
