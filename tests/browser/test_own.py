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
import torch
from browsing import content, options, rest, visit
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

import aeviz
from aeviz.importers import own_data as own_files
from aeviz.importers.data.answers import DataStatement
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store import checkpoints

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
        page.goto(f"{url}/your-own")
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
        self.rest()
        self.page.locator(f".st-key-{key} input").click()
        expect(options(self.page).first).to_be_visible()
        found = options(self.page).all_inner_texts()
        self.page.keyboard.press("Escape")
        expect(options(self.page)).to_have_count(0)
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


@pytest.mark.long
def test_a_reload_keeps_ones_own_and_a_link_opened_elsewhere_does_not(tab: Tab, other: Tab, tmp_path: Path) -> None:
    tab.upload(model_zip(tmp_path, "my-vae"))
    tab.main.get_by_role("button", name="Turn its knobs").click()
    expect(tab.page.get_by_test_id("latent-sliders").first).to_have_attribute("aria-label", "my-vae")
    tab.rest()
    link = tab.page.url
    token = tab.page.evaluate("sessionStorage['aeviz-tab']")
    assert token
    assert token not in link
    tab.page.reload()
    expect(tab.page.get_by_test_id("latent-sliders").first).to_have_attribute("aria-label", "my-vae")
    tab.rest()
    assert tab.page.url == link
    other.page.goto(link)
    other.rest()
    assert "my-vae" not in " ".join(other.options("left"))
    assert not other.page.evaluate("sessionStorage['aeviz-tab'] ?? ''")


@pytest.mark.long
def test_back_and_forward_go_through_pages_of_ones_own_after_a_reload_too(tab: Tab, tmp_path: Path) -> None:
    tab.data().upload(picture_zip(tmp_path)).load()
    tab.main.get_by_role("radio", name="A model", exact=True).click()
    tab.rest().upload(model_zip(tmp_path, "my-vae"))
    expect(tab.page.locator(".st-key-left input")).to_have_value("my-vae")
    tab.go("Map").main.get_by_role("radio", name="error", exact=True).click()
    tab.rest()
    seen = tab.page.url
    tab.go("Interpolate")
    last = tab.page.url
    tab.page.reload()
    expect(tab.page.locator(".st-key-left input")).to_have_value("my-vae")
    assert tab.rest().page.url == last
    tab.page.go_back()
    expect(tab.page.get_by_test_id("latent-map").first).to_be_visible()
    assert tab.rest().page.url == seen
    assert tab.main.get_by_role("radio", name="error", exact=True).is_checked()
    expect(tab.page.locator(".st-key-left input")).to_have_value("my-vae")
    tab.page.go_forward()
    tab.page.wait_for_url(last)
    tab.rest()
    expect(tab.page.locator(".st-key-left input")).to_have_value("my-vae")


@pytest.mark.long
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


@pytest.mark.long
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
    expect(tab.page.get_by_test_id("own-room")).to_contain_text("0.0 MB in use")
    assert "mine" not in tab.rest().options("left")


@pytest.mark.long
@pytest.mark.parametrize("page", [{"viewport": {"width": 900, "height": 900}, "color_scheme": "dark"}], indirect=True)
def test_narrow_and_dark(tab: Tab, tmp_path: Path, screenshot: Callable[[str], None]) -> None:
    tab.upload(model_zip(tmp_path, "mine"))
    wide = tab.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 900
    screenshot("own-narrow-dark")


def table(folder: Path, count: int = 120) -> Path:
    """Rows of two numbers that belong together, a code that is no number, and a class."""
    rng = np.random.default_rng(0)
    lines = ["length,weight,zip,kind"]
    for row in range(count):
        size = rng.normal(3 * (row % 2), 1)
        lines.append(f"{size:.2f},{2 * size + rng.normal():.2f},{8000 + row % 3},{'ab'[row % 2]}")
    path = folder / "mine.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def model_of(path: Path, folder: Path, **columns: str) -> Path:
    """A VAE of a file's rows, its weights random, in a zip."""
    statement = DataStatement(columns=columns)
    data = own_files.read_file(path, statement).dataset
    torch.manual_seed(0)
    config = Config(
        family="vae", code="gaussian", shape=data.shape, modality="table", columns=data.scale.widths, latent_dim=2,
        body="dense", hidden=(8,), dataset=data.name, data=own_files.stated_in_config(str(path), statement, data),
    )  # fmt: skip
    made = checkpoints.save(Autoencoder(config), folder / "source" / "my-vae")
    return Path(shutil.make_archive(str(folder / "my-vae"), "zip", made.parent, made.name))


@pytest.mark.long
def test_a_table_from_the_file_chooser_its_types_corrected_to_the_map(
    tab: Tab, tmp_path: Path, screenshot: Callable[[str], None]
) -> None:
    path = table(tmp_path)
    tab.data().upload(path)
    expect(tab.main.get_by_text("3 numbers, 1 category.")).to_be_visible()
    for column, type_ in (("zip", "Category"), ("kind", "Class to colour by")):
        tab.main.get_by_role("combobox", name=f"Type of {column}").click()
        options(tab.page).get_by_text(type_, exact=True).click()
        tab.rest()
    expect(tab.main.get_by_text("2 numbers, 1 category, 1 class to colour by")).to_be_visible()
    screenshot("own-table")
    tab.load()
    expect(
        tab.main.get_by_text("aeviz train vae mine.csv --latent-dim 2 --column zip=category kind=target")
    ).to_be_visible()
    tab.main.get_by_role("radio", name="A model", exact=True).click()
    tab.rest().upload(model_of(path, tmp_path, zip="category", kind="target"))
    tab.main.get_by_role("button", name="See its map").click()
    tab.rest()
    expect_points(tab, 120)
    screenshot("own-table-map")
