"""Bringing models and data of one's own as a person does it: through the file chooser, in a tab of one's own."""

import io
import pickle
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from browsing import content, options, rest, visit
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

import aeviz

ROOT = Path(__file__).parents[2]


def model_zip(folder: Path, name: str) -> Path:
    """A shipped checkpoint, as its owner would zip it."""
    source = folder / "source" / name
    source.mkdir(parents=True)
    for file in ("config.json", "model.safetensors"):
        shutil.copy(ROOT / "models" / "mnist-vae" / file, source)
    return Path(shutil.make_archive(str(folder / name), "zip", source.parent, name))


def picture_zip(folder: Path, count: int = 120) -> Path:
    """Digits in black on white, in a folder for each class."""
    digits = aeviz.load_dataset("mnist")
    path = folder / "digits.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for row in range(count):
            buffer = io.BytesIO()
            Image.fromarray(255 - np.rint(digits.items[row, 0] * 255).astype(np.uint8)).save(buffer, "PNG")
            archive.writestr(f"digits/{digits.labels[row]}/{row:03}.png", buffer.getvalue())
    return path


class Tab:
    """The page "Your own" in one tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        page.goto(f"{url}/own")
        self.rest()

    @property
    def main(self) -> Locator:
        return content(self.page)

    def rest(self) -> "Tab":
        rest(self.page)
        return self

    def upload(self, *files: Path) -> "Tab":
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_test_id("stFileUploader").locator("button", has_text="Upload").click()
        chooser.value.set_files(list(files))
        self.main.get_by_text(re.compile("is loaded|What a model will see|is not opened|damaged")).first.wait_for()
        return self.rest()

    def data(self) -> "Tab":
        self.main.get_by_role("radio", name="Data", exact=True).click()
        return self.rest()

    def load(self) -> "Tab":
        self.main.get_by_role("button", name="Load", exact=True).click()
        expect(self.main.get_by_text("items are loaded")).to_be_visible()
        return self.rest()

    def go(self, title: str) -> "Tab":
        self.main.get_by_role("link", name=title, exact=True).first.click()
        return self.rest()

    def choice(self, key: str) -> str:
        return self.page.locator(f".st-key-{key}").inner_text().strip()

    def options(self, key: str) -> list[str]:
        self.page.locator(f".st-key-{key} input").click()
        found = options(self.page).all_inner_texts()
        self.page.keyboard.press("Escape")
        return [text.strip() for text in found]


@pytest.fixture
def tab(page: Page, app_url: str) -> Tab:
    return Tab(page, app_url)


@pytest.fixture
def other(browser: Browser, app_url: str) -> Iterator[Tab]:
    context = visit(browser)
    yield Tab(context.new_page(), app_url)
    context.close()


def expect_points(tab: Tab, count: int) -> None:
    for place in range(2):
        part = tab.page.get_by_test_id("latent-map").nth(place)
        expect(part).to_have_attribute("data-count", str(count))
        expect(part).to_have_attribute("data-busy", "false")


def test_ones_own_model_and_data_from_the_file_chooser_to_the_map(
    tab: Tab, tmp_path: Path, screenshot: Callable[[str], None]
) -> None:
    tab.upload(model_zip(tmp_path, "my-vae"))
    assert tab.page.locator(".aeviz-health li").count() >= 3
    screenshot("own-model")
    tab.main.get_by_role("button", name="Turn its knobs").click()
    expect(tab.page.get_by_test_id("latent-sliders").first).to_have_attribute("aria-label", "my-vae")
    assert "my-vae" in tab.options("left")
    tab.go("Your own").data().upload(picture_zip(tmp_path))
    assert tab.page.locator(".st-key-card-preview figure").count() == 16
    screenshot("own-preview")
    tab.load()
    screenshot("own-data")
    tab.main.get_by_role("button", name="See the map").click()
    expect_points(tab, 120)
    tab.rest()
    assert tab.main.get_by_role("radio", name="PCA").is_checked()
    assert "my-vae" in tab.options("left")
    assert any("MNIST" in option for option in tab.options("left"))
    screenshot("own-map")


def test_two_tabs_never_see_each_others_uploads(tab: Tab, other: Tab, tmp_path: Path) -> None:
    tab.upload(model_zip(tmp_path, "secret"))
    tab.data().upload(picture_zip(tmp_path, 20)).load()
    assert "secret" in tab.options("left")
    assert "digits" in tab.options("data")
    for page in ("Map", "Your own"):
        other.go(page)
        assert "secret" not in " ".join(other.options("left"))
        assert "digits" not in other.options("data")
    other.page.goto(tab.page.url)
    other.rest()
    assert "digits" not in other.options("data")
    assert "secret" not in other.page.locator("body").inner_text()


def test_a_bad_file_leaves_everything_as_it_was(tab: Tab, tmp_path: Path) -> None:
    tab.upload(model_zip(tmp_path, "mine"))
    room = tab.page.get_by_test_id("own-room").inner_text()
    bad = tmp_path / "bad.pt"
    bad.write_bytes(pickle.dumps([len]))
    tab.upload(bad)
    expect(tab.main.get_by_text("it is not opened")).to_be_visible()
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"PK\3\4" + b"\0" * 100)
    tab.upload(bad)
    expect(tab.main.get_by_text("The zip file is damaged")).to_be_visible()
    assert tab.page.get_by_test_id("own-room").inner_text() == room
    assert "mine" in tab.options("left")
    tab.main.get_by_role("button", name="Remove").click()
    expect(tab.page.get_by_test_id("own-room")).to_contain_text("0.0 MB of")
    assert "mine" not in tab.rest().options("left")


@pytest.mark.parametrize("page", [{"viewport": {"width": 900, "height": 900}, "color_scheme": "dark"}], indirect=True)
def test_narrow_and_dark(tab: Tab, tmp_path: Path, screenshot: Callable[[str], None]) -> None:
    tab.upload(model_zip(tmp_path, "mine"))
    wide = tab.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 900
    screenshot("own-narrow-dark")
