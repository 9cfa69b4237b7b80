"""Files in browsers that hide pixels, lack workers or store nothing: a sentence, and the rest goes on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browsing import still, stroke
from lessons_made import decode_section, map_section, pair, repair_section, walkthrough_section
from playwright.sync_api import Page, expect

from aeviz.figures.files import png
from aeviz.lessons import page as written

Opened = Callable[[str, str], Page]
# What is read from a canvas is noise, as in Firefox with resistFingerprinting; `asked` counts how often it is read.
LYING = """globalThis.asked = 0;
for (const kind of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
  kind.prototype.getImageData = (x, y, width, height) => {
    globalThis.asked += 1;
    const noise = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => (i * 97) % 251);
    return new ImageData(noise, width, height);
  };
}
HTMLCanvasElement.prototype.toDataURL = () => { throw new Error("hidden"); };"""
# Of a browser that lets pages store nothing.
STORELESS = """for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
  Object.defineProperty(globalThis, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}
Object.defineProperty(Document.prototype, "cookie", { get() { throw new DOMException("denied"); } });"""


def places(page: Page, side: str) -> str:
    """What lies over a map, as pixels that Playwright sees."""
    return page.locator(f"[data-key=map-{side}]").screenshot().hex()


@pytest.mark.long
def test_where_pixels_are_hidden_drawing_works_and_it_is_said_what_does_not(opened: Opened, page: Page) -> None:
    page.add_init_script(LYING)
    opened(written.html([map_section(pair(), "umap")]), "")
    expect(page.locator(".choose")).to_contain_text("hides the pixels of pictures")
    expect(page.locator("input[type=file]")).to_have_count(0)
    still(page)
    pad = page.locator("[data-key=drawing]")
    before = places(page, "left")
    stroke(page, pad.locator("canvas.ink"))
    expect(pad.get_by_role("img")).not_to_have_attribute("aria-label", "Nothing is drawn yet")
    expect(page.locator("[data-key=map-left] [data-part]")).to_have_attribute("data-extras", "1")
    assert places(page, "left") != before
    assert page.evaluate("globalThis.asked") == 1  # once, to find out


@pytest.mark.long
def test_where_pixels_are_hidden_painted_holes_are_repaired(opened: Opened, page: Page) -> None:
    page.add_init_script(LYING)
    opened(written.html([repair_section(pair(items=20), "block")]), "")
    still(page)
    page.locator("main").get_by_role("group", name="Damage").get_by_role("button", name="Paint it away").click()
    stroke(page, page.locator("[data-key=brush] canvas.ink"))
    expect(page.locator("[data-key=dial] .panel").filter(has_text="mnist-vae").locator(".note")).to_contain_text(
        "in the hole"
    )
    assert page.evaluate("globalThis.asked") == 1


@pytest.mark.long
def test_where_pixels_are_hidden_a_drawing_goes_through_the_model(opened: Opened, page: Page) -> None:
    page.add_init_script(LYING)
    opened(written.html([walkthrough_section(pair(right="mnist-vae-2d"))]), "")
    still(page)
    pad = page.locator("[data-key=drawing]")
    stroke(page, pad.locator("canvas.ink"))
    expect(pad.get_by_role("img")).not_to_have_attribute("aria-label", "Nothing is drawn yet")
    expect(page.locator("figcaption").first).to_have_text("your own")


@pytest.mark.long
@pytest.mark.parametrize("lack", ["storage", "Worker", "WebAssembly"])
def test_without_storage_workers_or_webassembly_a_file_decodes(opened: Opened, page: Page, lack: str) -> None:
    gone = f"Object.defineProperty(globalThis, '{lack}', {{ value: undefined, configurable: true }});"
    page.add_init_script(STORELESS if lack == "storage" else gone)
    opened(written.html([decode_section(pair(items=20))]), "")
    expect(page.locator("[data-key=sliders-left] [data-films=whole]")).to_be_visible()
    handle = page.locator("[data-key=sliders-left]").get_by_role("slider").first
    before = handle.get_attribute("aria-valuenow")
    handle.press("End")
    expect(handle).not_to_have_attribute("aria-valuenow", before or "")
    expect(page.locator("#trouble")).to_be_hidden()
    page.goto("about:blank")  # what cleans up after a test wants a page's storage


@pytest.mark.long
def test_a_lasso_in_a_saved_map_marks_the_same_items_on_both(opened: Opened, page: Page) -> None:
    opened(written.html([map_section(pair(), "pca")]), "")
    still(page)
    first, second = (page.locator(f"[data-key=map-{side}]") for side in ("left", "right"))
    before = first.locator(".marks:not(.alone, .below)").inner_text()
    first.get_by_role("button", name="Lasso").click()
    box = first.locator("canvas.over").bounding_box()
    assert box
    for number, (x, y) in enumerate([(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.25)]):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
        if not number:
            page.mouse.down()
    page.mouse.up()
    marks = first.locator(".marks:not(.alone, .below)")
    expect(marks).not_to_have_text(before)
    expect(second.locator(".marks:not(.alone, .below)")).to_have_text(marks.inner_text())
    marks.click()
    expect(second.locator(".marks:not(.alone, .below)")).to_be_hidden()


@pytest.mark.long
def test_a_file_that_is_no_picture_is_told_and_what_becomes_of_one(opened: Opened, page: Page, tmp_path: Path) -> None:
    opened(written.html([map_section(pair(), "umap")]), "")
    (tmp_path / "cut.png").write_bytes(png(np.zeros((9, 9, 1), np.uint8))[:20])
    page.locator("input[type=file]").set_input_files(tmp_path / "cut.png")
    expect(page.locator(".choose")).to_contain_text("This file is no picture that the browser reads.")
    expect(page.locator(".choose")).to_contain_text("handwriting is found in a photograph by aeviz alone")
