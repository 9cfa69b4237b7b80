"""Each page of the app as a person uses it: by mouse and by keyboard, wide and narrow, in light and in dark."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from browsing import content, eventually, options, rest, visit
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from shipped import codes, items, model

import aeviz
from aeviz.app.navigation import ENTRIES
from aeviz.latent import explorer
from aeviz.modalities.image import handwriting
from aeviz.modalities.image.files import read_photograph
from aeviz.projection import load_maps
from aeviz.store.checkpoints import MAPS, locate

ITEM = 1234


def pixels(canvas: Locator) -> NDArray[np.int64]:
    """The red of each pixel of a canvas, (H, W)."""
    width, height, red = canvas.evaluate(
        """canvas => {
             const { width, height } = canvas;
             const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
             return [width, height, Array.from({ length: width * height }, (_, i) => data[4 * i])];
           }"""
    )
    return np.array(red).reshape(height, width)


def levels(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.rint(picture * 255)


class App:
    """The app in one tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self, name: str = "", **state: object) -> "App":
        self.page.goto(f"{self.url}/{name}?{urlencode(state)}")
        return self.rest()

    def rest(self) -> "App":
        """Wait until the page stands and nothing is running."""
        rest(self.page)
        return self

    @property
    def main(self) -> Locator:
        return content(self.page)

    @property
    def place(self) -> str:
        return urlsplit(self.page.url).path.strip("/")

    def parameter(self, name: str) -> str | None:
        return parse_qs(urlsplit(self.page.url).query).get(name, [None])[0]

    def expect_parameter(self, name: str, value: str) -> None:
        self.page.wait_for_function(
            "([name, value]) => new URL(location).searchParams.get(name) === value", arg=[name, value]
        )

    def choose(self, label: str) -> None:
        self.main.get_by_role("radio", name=label, exact=True).first.click()
        self.rest()

    def parts(self, name: str) -> Locator:
        return self.page.get_by_test_id(name)

    def drag(self, handle: Locator, by: float) -> None:
        x, y = middle(handle)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by, y, steps=5)
        self.page.mouse.up()
        self.rest()


def middle(place: Locator) -> tuple[float, float]:
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def app(page: Page, app_url: str) -> App:
    return App(page, app_url)


def expect_maps(app: App, **facts: str) -> None:
    for place in range(2):
        for name, value in {"busy": "false", **facts}.items():
            expect(app.parts("latent-map").nth(place)).to_have_attribute(f"data-{name}", value)


# ---- Home


def test_home_lives_and_leads_to_a_view_of_the_same_pair(app: App, screenshot: Callable[[str], None]) -> None:
    app.open(left="vae", right="ae")
    expect_maps(app, count="10000", atlas="ready")
    walk = app.parts("scrubber").get_by_role("slider")
    walk.scroll_into_view_if_needed()
    before = walk.get_attribute("aria-valuenow") or ""
    expect(walk).not_to_have_attribute("aria-valuenow", before)
    screenshot("home")
    app.main.get_by_role("link", name="What does one number of the code mean?").click()
    expect(app.main.get_by_role("heading", level=1)).to_have_text("Turn one knob of the code")
    app.rest()
    assert app.place == "decode"
    assert (app.parameter("left"), app.parameter("right")) == ("vae", "ae")
    expect(app.parts("latent-sliders").first).to_have_attribute("aria-label", "Variational autoencoder, 16 numbers")


# ---- Map


def lonely(name: str) -> tuple[int, float, float]:
    """An item that no other comes near on the shipped UMAP map, and where it lies."""
    from scipy.spatial import cKDTree

    places = load_maps(locate(name) / MAPS)["umap-2"]
    apart = cKDTree(places).query(places, 2)[0][:, 1]
    item = int(apart.argmax())
    return item, float(places[item, 0]), float(places[item, 1])


def point_at(app: App, part: Locator, item: int, x: float, y: float) -> tuple[float, float]:
    """Bring the pointer to an item at (x, y) of the map; where that is."""
    app.rest()
    stage = part.locator(".stage").bounding_box()
    assert stage
    scale, left, top = (float(number) for number in (part.get_attribute("data-view") or "").split())
    at = stage["x"] + x * scale + left, stage["y"] + top - y * scale
    app.page.mouse.move(*at)
    expect(part).to_have_attribute("data-hovered", str(item))
    return at


def test_hovering_shows_the_picture_and_a_click_selects_for_page_and_link(
    app: App, screenshot: Callable[[str], None]
) -> None:
    app.open("map")
    expect_maps(app, atlas="ready", selected="2")
    first, second = (app.parts("latent-map").nth(place) for place in range(2))
    item, x, y = lonely("mnist-ae")
    at = point_at(app, first, item, x, y)
    expect(second).to_have_attribute("data-hovered", str(item))
    shown = pixels(first.locator(".card .picture"))
    step = shown.shape[0] // 28
    np.testing.assert_array_equal(shown[step // 2 :: step, step // 2 :: step], levels(items()[item, 0]))
    screenshot("map-hover")
    app.page.mouse.click(*at)
    app.expect_parameter("item", str(item))
    expect(app.page.locator(".aeviz-item")).to_contain_text(f"Item {item:,}")
    expect_maps(app, selected=str(item))
    app.main.get_by_role("link", name="Decode", exact=True).click()
    expect(app.main.get_by_role("radio", name=f"item {item:,}")).to_be_visible()


@pytest.mark.long
def test_method_colour_and_dimensions_change_the_maps_and_the_link(app: App) -> None:
    app.open("map", data="emoji")  # ten thousand points in three dimensions take a browser without a GPU long
    expect_maps(app, atlas="ready")
    figures = app.page.locator(".aeviz-figures").first
    umap = figures.inner_text()
    app.choose("t-SNE")
    app.expect_parameter("method", "tsne")
    expect(figures).not_to_have_text(umap)
    app.choose("error")
    app.expect_parameter("colour", "error")
    expect(app.parts("latent-map").first.locator(".measure")).to_have_text("squared error per pixel")
    app.choose("3-D")
    app.expect_parameter("dims", "3")
    expect(app.page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    expect(app.page.locator(".js-plotly-plot")).to_have_count(2)
    expect(app.parts("latent-map")).to_have_count(0)


@pytest.mark.long
def test_a_map_of_own_settings_is_computed_and_another_is_stopped(app: App) -> None:
    app.open("map", method="tsne", points=500, perplexity=10)
    app.main.get_by_role("button", name="Compute these maps").click()
    expect(app.page.get_by_test_id("stProgress").filter(has_text="mnist-")).to_be_visible()
    expect_maps(app, count="500", atlas="ready")
    expect(app.page.get_by_test_id("stProgress")).to_have_count(0)

    app.open("map", method="tsne", points=10_000, perplexity=100)
    app.main.get_by_role("button", name="Compute these maps").click()
    app.main.get_by_role("button", name="Stop").click()
    expect(app.page.get_by_test_id("stProgress")).to_have_count(0)
    expect(app.main.get_by_role("button", name="Compute these maps")).to_be_visible()


@pytest.mark.long
def test_a_box_marks_items_for_page_files_and_link(app: App, screenshot: Callable[[str], None]) -> None:
    app.open("map")
    expect_maps(app, atlas="ready")
    first = app.parts("latent-map").first
    first.get_by_role("button", name="Box", exact=True).click()
    app.rest()
    stage = first.locator(".stage").bounding_box()
    assert stage
    scale, left, top = (float(number) for number in (first.get_attribute("data-view") or "").split())
    places = load_maps(locate("mnist-ae") / MAPS)["umap-2"]
    across, down = places[:, 0] * scale + left, top - places[:, 1] * scale
    x, y = float(np.median(across)), float(np.median(down))
    inside = np.flatnonzero((abs(across - x) < 59) & (abs(down - y) < 59))
    app.page.mouse.move(stage["x"] + x - 60, stage["y"] + y - 60)
    app.page.mouse.down()
    app.page.mouse.move(stage["x"] + x + 60, stage["y"] + y + 60, steps=5)
    app.page.mouse.up()
    heading = app.page.locator(".st-key-card-selection .aeviz-item")
    expect(heading).to_contain_text("items marked")
    app.rest()
    count = int((first.get_attribute("data-marked") or "0").replace(",", ""))
    assert len(inside) <= count < 10_000
    expect(heading).to_contain_text(f"{count:,} items marked")
    expect(app.parts("latent-map").nth(1)).to_have_attribute("data-marked", str(count))
    bars = app.page.locator(".aeviz-counts dd").all_inner_texts()
    assert sum(int(text.replace(",", "")) for text in bars) == count
    screenshot("map-selection")
    with app.page.expect_download() as download:
        app.main.get_by_role("button", name="Save as NPZ").click()
    with np.load(download.value.path()) as file:
        assert set(inside) <= set(file["item"])
        assert len(file["item"]) == count
    link = app.page.url
    app.open("decode")
    app.page.goto(link)
    app.rest()
    expect(heading).to_contain_text(f"{count:,} items marked")
    app.main.get_by_role("button", name="Clear the marks", exact=True).click()
    expect(heading).to_have_count(0)
    expect_maps(app, marked="0")


@pytest.mark.long
def test_what_the_networks_make_of_a_drawing_follows_the_pen(app: App, screenshot: Callable[[str], None]) -> None:
    app.open("map", shown="draw")
    expect_maps(app, atlas="ready")
    ink = app.parts("draw-pad").locator(".ink")
    expect(ink).to_be_visible()
    box = ink.bounding_box()
    assert box
    rebuilt = app.parts("draw-pad").get_by_role("img", name="Rebuilt by VAE")
    picture = "canvas => canvas.toDataURL()"
    app.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    app.page.mouse.down()
    app.page.mouse.move(box["x"] + 0.48 * box["width"], box["y"] + 0.5 * box["height"], steps=8)
    expect(rebuilt).to_have_attribute("data-source", "exact")  # the pen is still down
    half = rebuilt.evaluate(picture)
    app.page.mouse.move(box["x"] + 0.46 * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    eventually(app.page, lambda: rebuilt.evaluate(picture) != half)
    app.page.mouse.up()
    app.rest()
    map_ = app.parts("latent-map").first
    expect(map_).to_have_attribute("data-extras", "1")
    expect(app.parts("latent-map").nth(1)).to_have_attribute("data-extras", "1")
    screenshot("map-drawing")
    app.main.get_by_role("link", name="Decode", exact=True).click()
    expect(app.main.get_by_role("heading", level=1)).to_have_text("Turn one knob of the code")
    expect(app.main.get_by_role("radio", name="your own", exact=True)).to_be_checked()
    app.rest()
    shown = app.page.locator(".st-key-card-side .aeviz-pictures img[alt=input]")
    expect(shown).to_be_visible()
    data = base64.b64decode((shown.get_attribute("src") or "").split(",")[1])
    drawn = np.asarray(Image.open(io.BytesIO(data)), np.float32)[None, None] / 255
    np.testing.assert_allclose(decoded(app, 1), exact("mnist-vae", model("mnist-vae").encode(drawn)[0][0]), atol=3)


# ---- Decode


def decoded(app: App, place: int = 0) -> NDArray[np.int64]:
    picture = app.parts("latent-sliders").nth(place).locator(".picture canvas")
    expect(picture).to_have_attribute("data-source", "exact")
    return pixels(picture)


def exact(name: str, code: NDArray[np.float32]) -> NDArray[np.float32]:
    return levels(model(name).decode(code[None])[0, 0])


@pytest.mark.long
def test_the_seed_of_the_damage_stands_beside_its_name_on_a_projector(app: App) -> None:
    app.page.set_viewport_size({"width": 1024, "height": 768})
    app.open("repair")
    name, number = app.main.get_by_text("seed", exact=True), app.main.get_by_label("Seed of the damage")
    assert abs(middle(name)[1] - middle(number)[1]) < 10


@pytest.mark.long
def test_traversals_unfold_by_keyboard_and_in_a_link(app: App) -> None:
    app.open("decode")
    app.page.locator("summary", has_text="Traversal grid").first.focus()
    app.page.keyboard.press("Enter")
    grid = app.main.get_by_role("img", name="Traversals, one row for each knob")
    expect(grid).to_have_count(1)
    app.expect_parameter("grid_left", "true")
    app.rest()  # a run that is under way replaces what makes the file
    with app.page.expect_download() as saved:
        app.main.get_by_role("button", name="Save as PNG").click()
    assert Image.open(saved.value.path()).size[0] > 11 * 28
    app.page.reload()
    expect(grid).to_be_visible()


def test_a_drag_moves_the_picture_and_its_release_the_link(app: App, screenshot: Callable[[str], None]) -> None:
    app.open("decode", item=ITEM)
    home = model("mnist-ae").encode(items()[[ITEM]])[0][0]
    np.testing.assert_allclose(decoded(app), exact("mnist-ae", home), atol=1)
    part = app.parts("latent-sliders").first
    x, y = middle(part.get_by_role("slider").first)
    app.page.mouse.move(x, y)
    app.rest()  # the fine strip has come
    app.page.mouse.down()
    seen = set()
    for step in range(1, 31):
        app.page.mouse.move(x + 2 * step, y)
        app.page.evaluate("() => new Promise(requestAnimationFrame)")
        seen.add(pixels(part.locator(".picture canvas")).tobytes())
    assert len(seen) > 10
    assert app.parameter("z_left") is None
    app.page.mouse.up()
    expect(app.page).to_have_url(re.compile("[?&]z_left="))
    app.rest()
    code = np.array([float(number) for number in (app.parameter("z_left") or "").split("_")], np.float32)
    assert np.count_nonzero(abs(code - home) > 0.01) == 1
    np.testing.assert_allclose(decoded(app), exact("mnist-ae", code), atol=1)
    np.testing.assert_allclose(
        decoded(app, 1), exact("mnist-vae", model("mnist-vae").encode(items()[[ITEM]])[0][0]), atol=1
    )
    screenshot("decode")


@pytest.mark.long
def test_knobs_and_starts(app: App) -> None:
    app.open("decode")
    app.choose("principal directions")
    app.expect_parameter("knobs", "directions")
    part = app.parts("latent-sliders").first
    expect(part.get_by_role("slider").first).to_have_attribute("aria-label", re.compile("p₁"))
    app.choose("random")
    app.expect_parameter("start", "random")
    for place, name in enumerate(("mnist-ae", "mnist-vae")):
        np.testing.assert_allclose(decoded(app, place), exact(name, model(name).prior(1, 0)[0]), atol=1)
    app.drag(part.get_by_role("slider").first, 40)
    code = np.array([float(number) for number in (app.parameter("z_left") or "").split("_")], np.float32)
    np.testing.assert_allclose(decoded(app), exact("mnist-ae", code), atol=1)
    app.choose("mean code")  # another start sets the knobs back
    expect(app.page).not_to_have_url(re.compile("z_left"))
    mean = codes("mnist-ae").mean.mean(0)
    np.testing.assert_allclose(decoded(app), exact("mnist-ae", mean), atol=1)


@pytest.mark.long
def test_a_pair_of_flat_codes(app: App) -> None:
    app.open("decode", left="vae-2d", right="vae-2d")
    for place in range(2):
        expect(app.parts("latent-sliders").nth(place).get_by_role("slider")).to_have_count(2)
    code = model("mnist-vae-2d").encode(items()[[2]])[0][0]
    np.testing.assert_allclose(decoded(app), exact("mnist-vae-2d", code), atol=1)
    app.open("map", left="vae-2d", right="vae-2d")
    expect(app.main.get_by_role("radio", name="The code")).to_be_checked()
    expect_maps(app, count="10000")


@pytest.mark.long
def test_two_knobs_of_a_larger_code_make_a_plane(app: App, screenshot: Callable[[str], None]) -> None:
    app.open("decode", way="plane", knobs="directions", item=ITEM)
    pads = app.parts("latent-pad")
    expect(pads).to_have_count(2)
    app.rest()
    home = model("mnist-vae").encode(items()[[ITEM]])[0][0]
    stage = pads.nth(1).locator(".stage").bounding_box()
    assert stage
    app.page.mouse.move(stage["x"] + 150, stage["y"] + 120)
    screenshot("decode-plane")
    app.page.mouse.click(stage["x"] + 150, stage["y"] + 120)
    expect(app.page).to_have_url(re.compile("[?&]z_right="))
    app.rest()
    code = np.array([float(number) for number in (app.parameter("z_right") or "").split("_")], np.float32)
    _, axes, _ = explorer.principal_directions(codes("mnist-vae").mean)
    moved = (code - home) @ axes.T
    assert (abs(moved[:2]) > 0.05).all()
    np.testing.assert_allclose(moved[2:], 0, atol=0.01)
    np.testing.assert_allclose(decoded(app, 1), exact("mnist-vae", code), atol=1)
    app.main.get_by_role("combobox", name="x axis").first.click()
    options(app.page).filter(has_text="p₄").click()
    app.expect_parameter("x_left", "3")
    app.rest()
    with app.page.expect_download() as download:
        pads.first.get_by_role("button", name="Save as PNG").click()
    assert download.value.suggested_filename == "Autoencoder, 16 numbers.png"
    assert Image.open(Path(download.value.path())).width > 300


# ---- Interpolate


def ways(app: App) -> list[NDArray[np.int64]]:
    """The pictures at the handle: left model, right model, pixels."""
    canvases = app.parts("scrubber").locator("canvas.picture")
    expect(canvases).to_have_count(3)
    return [pixels(canvases.nth(row)) for row in range(3)]


@pytest.mark.long
def test_scrubbing_commits_to_the_link_and_the_gif_holds_the_path(app: App, screenshot: Callable[[str], None]) -> None:
    steps = 5
    app.open("interpolate", steps=steps, **{"a-item": 7, "b-item": 8})
    slider = app.parts("scrubber").get_by_role("slider")
    network = model("mnist-ae")
    ends = network.encode(items()[[7, 8]])[0]
    frames = network.decode(explorer.path(*ends, steps))
    for shown, wanted in zip(ways(app), (frames[2], None, items()[[7, 8]].mean(0)), strict=True):
        if wanted is not None:
            np.testing.assert_allclose(shown, levels(wanted[0]), atol=1)
    app.drag(slider, 80)
    expect(app.page).to_have_url(re.compile(r"[?&]t=0\."))
    assert float(app.parameter("t") or "nan") == pytest.approx(
        float(slider.get_attribute("aria-valuenow") or "nan"), abs=1e-3
    )
    screenshot("interpolate")
    app.rest()
    with app.page.expect_download() as download:
        app.main.get_by_role("button", name="Save as GIF").click()
    app.rest()
    with app.page.expect_download() as codes:
        app.main.get_by_role("button", name="Codes as NPZ").click()
    with np.load(codes.value.path()) as file:
        np.testing.assert_allclose(file["mnist-ae"], explorer.path(*ends, steps), atol=1e-5)
        assert file["t"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    film = Image.open(Path(download.value.path()))
    assert film.format == "GIF"
    assert film.n_frames == 2 * steps - 2
    for step in range(steps):
        film.seek(step)
        whole = np.asarray(film.convert("L"))
        cell = whole[len(whole) - 28 * 8 + 4 :: 8, 4 : 28 * 8 : 8]  # names stand above
        np.testing.assert_allclose(cell.astype(int), levels(frames[step, 0]), atol=1)


def png(picture: NDArray[np.float32], scale: int = 4) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(levels(picture).astype(np.uint8)).resize((28 * scale, 28 * scale), Image.Resampling.NEAREST).save(
        buffer, "PNG"
    )
    return buffer.getvalue()


@pytest.mark.long
def test_from_an_upload_to_a_drawing(app: App) -> None:
    app.open("interpolate", **{"a-from": "upload", "b-from": "draw"})
    file = png(items()[11, 0])
    app.page.locator(".st-key-a-file input[type=file]").set_input_files(
        {"name": "eleven.png", "mimeType": "image/png", "buffer": file}
    )
    expect(app.page.locator(".st-key-a-file").get_by_text("eleven.png")).to_be_visible()
    pad = app.parts("draw-pad")
    ink = pad.locator(".ink")
    ink.scroll_into_view_if_needed()
    expect(ink).to_be_visible()
    app.rest()
    box = ink.bounding_box()
    assert box
    app.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    app.page.mouse.down()
    app.page.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    app.page.mouse.up()
    expect(app.main.get_by_text("until then the item of the data set is shown")).to_have_count(0)
    app.rest()
    slider = app.parts("scrubber").get_by_role("slider")
    slider.press("Home")
    app.rest()
    strokes = handwriting.find_strokes(read_photograph(file, handwriting.MAX_SIDE))
    np.testing.assert_allclose(ways(app)[2], levels(handwriting.digit(strokes, 0)[0]), atol=1)
    slider.press("End")
    app.rest()
    drawn = ways(app)[2]
    rows, columns = np.nonzero(drawn > 127)
    assert np.ptp(rows) > 3 * np.ptp(columns), "one upright stroke"
    assert drawn.max() > 200


# ---- Repair


def captions(app: App) -> dict[str, str]:
    panels = app.parts("dial").locator(".panel")
    return {panel.locator(".label").inner_text(): panel.locator(".note").inner_text() for panel in panels.all()}


def shown_psnr(app: App) -> dict[str, float]:
    found = {name: re.search(r"PSNR (−?[\d.]+) dB", text) for name, text in captions(app).items()}
    return {name: float(match[1].replace("−", "-")) for name, match in found.items() if match}


def computed_psnr(item: int, kind: str, level: float, seed: int) -> dict[str, float]:
    clean = items()[[item]]
    data = aeviz.load_dataset("mnist")
    noisy = data.corrupt(clean, kind, level, seed)
    hidden = data.hidden(clean, kind, level, seed)
    results = {repair.label: data.mend(noisy, repair, level, hidden, [item]) for repair in data.repairs(kind)}
    results["Noisy" if hidden is None else "Damaged"] = noisy
    for label in ("AE", "VAE", "DAE"):
        network = model(f"mnist-{label.lower()}")
        results[label] = network.decode(network.encode(noisy)[0])
    return {label: float(data.distance(picture, clean, "psnr")[0]) for label, picture in results.items()}


@pytest.mark.long
def test_every_repair_is_judged_as_the_library_judges_it(app: App, screenshot: Callable[[str], None]) -> None:
    app.open("repair", **{"noise-item": ITEM, "corruption": "salt-pepper", "level": 0.25, "seed": 7})
    assert shown_psnr(app) == pytest.approx(computed_psnr(ITEM, "salt-pepper", 0.25, 7), abs=0.051)
    best = max(shown_psnr(app), key=shown_psnr(app).__getitem__)
    assert [name for name, text in captions(app).items() if "★" in text] == [best]
    app.choose("Missing pixels")
    app.expect_parameter("corruption", "mask")
    app.rest()
    app.main.get_by_role("slider", name="Level").press("ArrowRight")
    app.expect_parameter("level", "0.3")
    seed = app.main.get_by_role("spinbutton", name="Seed")
    seed.fill("8")
    seed.press("Enter")
    app.expect_parameter("seed", "8")
    app.rest()
    assert shown_psnr(app) == pytest.approx(computed_psnr(ITEM, "mask", 0.3, 8), abs=0.051)
    screenshot("repair")


@pytest.mark.long
def test_a_file_that_is_no_picture_is_refused_in_words(app: App) -> None:
    app.open("repair", **{"noise-from": "upload"})
    app.page.locator(".st-key-noise-file input[type=file]").set_input_files(
        {"name": "notes.png", "mimeType": "image/png", "buffer": b"these are notes"}
    )
    alert = app.page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("cannot be read as a picture")
    app.rest()
    assert "Clean" in captions(app), "the item of the data set stands in"


# ---- Links and visitors


@pytest.mark.long
def test_a_link_shows_the_same_view_to_another_and_then_each_goes_their_own_way(
    app: App, browser: Browser, app_url: str
) -> None:
    app.open("decode", right="vae-50d", knobs="directions", item=ITEM)
    app.drag(app.parts("latent-sliders").nth(1).get_by_role("slider").first, 50)
    expect(app.page).to_have_url(re.compile("z_right="))
    picture = decoded(app, 1)
    context = visit(browser)
    try:
        other = App(context.new_page(), app_url)
        other.page.goto(app.page.url)
        other.rest()
        np.testing.assert_array_equal(decoded(other, 1), picture)
        for name in ("right", "knobs", "item", "z_right"):
            assert other.parameter(name) == app.parameter(name)
        other.drag(other.parts("latent-sliders").first.get_by_role("slider").nth(1), -40)
        expect(other.page).to_have_url(re.compile("z_left="))
        other.choose("mean code")
        app.choose("coordinates")
        assert app.parameter("z_left") is None
        assert app.parameter("start") is None
        assert other.parameter("knobs") == "directions"
    finally:
        context.close()


def test_a_definition_opens_by_click_and_by_key_one_at_a_time(app: App) -> None:
    app.open("map")
    figures = app.main.locator(".aeviz-defined > summary")
    opened = app.main.locator(".aeviz-defined[open] > span")
    expect(figures.first).to_contain_text("trustworthiness")
    figures.first.click()
    expect(opened).to_contain_text("Venna and Kaski")
    figures.nth(1).focus()
    app.page.keyboard.press("Enter")
    expect(opened).to_have_count(1)
    expect(opened).to_contain_text("10 nearest points")


def test_the_link_of_a_view_is_a_click_away(app: App) -> None:
    app.open("decode", left="vae-2d")
    app.choose("principal directions")
    app.main.get_by_role("button", name="Share").click()
    told = app.page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(told).to_be_visible()
    app.rest()
    assert told.inner_text().strip() == app.page.url
    assert "knobs=directions" in app.page.url


@pytest.mark.long
def test_a_lecture_goes_on_by_the_keys_of_a_remote_control(app: App) -> None:
    app.open("about")
    app.main.get_by_role("button", name="Share").click()
    links = app.page.get_by_test_id("stPopoverBody").get_by_role("textbox")
    links.fill("compare?data=fashion\nabout?data=ecg")
    links.press("Control+Enter")
    app.page.get_by_test_id("stPopoverBody").get_by_role("button", name="Present 2 views").click()
    expect(app.main.get_by_role("heading", level=1)).not_to_have_text("About aeviz")
    expect(app.page.locator(".st-key-aeviz-header")).to_be_hidden()
    app.rest()
    assert app.parameter("data") == "fashion"
    app.page.keyboard.press("PageDown")
    expect(app.main.get_by_role("heading", level=1)).to_have_text("About aeviz")
    app.rest()
    assert app.parameter("data") == "ecg"
    app.page.keyboard.press("Escape")
    expect(app.page.locator(".st-key-aeviz-header")).to_be_visible()


# ---- On narrow screens


@pytest.mark.parametrize("page", [{"viewport": {"width": 390, "height": 844}}], ids=["phone"], indirect=True)
def test_the_links_fold_under_a_button(app: App) -> None:
    app.open("about", left="vae")
    menu = app.main.get_by_role("button", name="About")
    box = menu.bounding_box()
    assert box
    assert box["y"] + box["height"] < 64, "one row"
    menu.click()
    links = app.page.get_by_test_id("stPopoverBody").get_by_role("link")
    expect(links).to_have_count(len(ENTRIES))
    links.filter(has_text="Decode").click()
    expect(app.main.get_by_role("heading", level=1)).to_have_text("Turn one knob of the code")
    app.rest()
    expect(links).to_have_count(0)
    assert app.parameter("left") == "vae"


@pytest.mark.parametrize("page", [{"viewport": {"width": 1024, "height": 768}}], ids=["projector"], indirect=True)
def test_both_maps_are_whole_on_a_projector(app: App) -> None:
    app.open("map")
    expect_maps(app)
    for place in range(2):
        box = app.parts("latent-map").nth(place).bounding_box()
        assert box
        assert box["y"] + box["height"] <= 768


# ---- By keyboard


FOCUSED = """() => {
    let here = document.activeElement;
    while (here?.shadowRoot?.activeElement) here = here.shadowRoot.activeElement;
    const name = here?.getAttribute("aria-label") || here?.innerText || "";
    return [here?.getAttribute("role") || here?.tagName.toLowerCase() || "", name.trim()];
}"""


def test_the_keyboard_reaches_navigation_choice_and_sliders(app: App) -> None:
    app.open("decode")
    expect(app.parts("latent-sliders").nth(1).get_by_role("slider").first).to_be_visible()
    app.page.evaluate("document.activeElement?.blur()")
    reached: list[tuple[str, str]] = []
    for _ in range(70):
        app.page.keyboard.press("Tab")
        reached.append(tuple(app.page.evaluate(FOCUSED)))
        if reached[-1][0] == "slider" and "Variational" in reached[-1][1]:
            break
    roles = [role for role, _ in reached]
    names = [name for _, name in reached]
    for title in ("Home", "Map", "Decode", "Interpolate", "Repair", "About"):
        assert title in names
    assert any("Right model" in name for name in names)
    assert sum(role == "slider" for role in roles) == 9
    before = decoded(app, 1)
    for _ in range(5):
        app.page.keyboard.press("ArrowRight")
    expect(app.page).to_have_url(re.compile("z_right="))
    app.rest()
    assert (decoded(app, 1) != before).any()
    app.main.get_by_role("link", name="About", exact=True).focus()
    app.page.keyboard.press("Enter")
    expect(app.main.get_by_role("heading", level=1)).to_have_text("About aeviz")
    expect(app.page).to_have_title("About · aeviz")
