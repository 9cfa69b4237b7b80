"""A photograph of handwriting in the app: it is brought, its steps are seen, and another of its digits is chosen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from browsing import rest
from PIL import Image
from playwright.sync_api import Page, expect
from scipy import ndimage

from aeviz.datasets.sources import load_dataset


def test_a_photograph_is_brought_and_one_of_its_digits_chosen(
    page: Page, app_url: str, tmp_path: Path, screenshot: Callable[[str], None]
) -> None:
    digits, paper = load_dataset("mnist").items[:, 0], np.full((200, 360), 230.0)
    for left, picture in ((20, digits[1]), (180, digits[3])):
        paper[20:160, left : left + 140] *= 1 - 0.9 * ndimage.zoom(picture, 5, order=1)
    paper *= np.linspace(1, 0.5, 360)
    Image.fromarray(paper.astype(np.uint8)).save(tmp_path / "photo.jpg")
    page.goto(f"{app_url}/interpolate?data=mnist&a-from=upload")
    rest(page)
    page.locator("input[type=file]").set_input_files(tmp_path / "photo.jpg")
    steps = page.locator(".aeviz-photograph figure")
    expect(steps).to_have_count(4)
    rest(page)
    screenshot("photograph")
    seen = steps.last.locator("img").get_attribute("src")
    choice = page.locator("[class*=st-key-aeviz-digits-] button img")
    expect(choice).to_have_count(2)
    rest(page)
    assert all(box and box["width"] >= 40 for box in (choice.nth(at).bounding_box() for at in range(2)))
    other = page.locator("[class*=st-key-aeviz-digits-] button[aria-checked=false], "
                         "[class*=st-key-aeviz-digits-] button:not([data-selected])").first  # fmt: skip
    other.click()
    rest(page)
    expect(steps.last.locator("img")).not_to_have_attribute("src", seen or "")
    chosen = steps.last.locator("img").get_attribute("src")
    page.reload()
    expect(steps).to_have_count(4)
    rest(page)
    expect(steps.last.locator("img")).to_have_attribute("src", chosen or "")
    screenshot("photograph-after-a-reload")
