"""Record README's moving picture: a hand on the sliders of a saved page, as docs/moving.webp.

python tools/moving_picture.py
"""

import io
import tempfile
from collections.abc import Iterator
from math import pi, sin
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

import aeviz
import chromium

PICTURE = Path(__file__).parents[1] / "docs" / "moving.webp"
LINK = "decode?left=ae&right=vae"
ROWS = (0, 2, 4)  # sliders that are dragged
WIDTH, HEIGHT = 1120, 500  # px of the page
FRAMES, FRAME_MS = 20, 90  # of each
QUALITY = 60
WIDE = 840  # px of the picture


def frames(page: Page) -> Iterator[Image.Image]:
    """The page while a hand drags handles of the right sliders to and fro."""
    for row in ROWS:
        box = page.locator("[data-key=sliders-right] .track").nth(row).bounding_box()
        assert box
        for frame in range(FRAMES):
            across = 0.5 + 0.46 * sin(2 * pi * frame / FRAMES)
            page.mouse.move(box["x"] + across * box["width"], box["y"] + box["height"] / 2)
            if frame == 0:
                page.mouse.down()
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            yield picture.resize((WIDE, WIDE * picture.height // picture.width), Image.Resampling.LANCZOS)
        page.mouse.up()
        page.wait_for_selector("[data-key=sliders-right] [data-films=whole]")


def main() -> None:
    """Write the picture, and say how large it is."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lesson = aeviz.export(LINK, to=Path(folder) / "lesson.html")
        path = chromium.on_path() or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{lesson.as_uri()}#hide=state,credits,notes")
        page.wait_for_selector("html[data-lesson=shown]")
        page.wait_for_selector("[data-key=sliders-right] [data-films=whole]")
        first, *others = frames(page)
        browser.close()
    first.save(PICTURE, save_all=True, append_images=others, duration=FRAME_MS, loop=0, quality=QUALITY, method=6)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1e6:.2f} MB, {1 + len(others)} frames")


if __name__ == "__main__":
    main()
