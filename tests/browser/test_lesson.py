"""A view as a file, opened by its path: it decodes as torch does, asks nobody for anything, and takes names as text."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browsing import eventually, frames, still, stroke
from lessons_made import (
    HOSTILE,
    decode_section,
    generate_section,
    interpolate_section,
    map_section,
    pair,
    training_section,
    walkthrough_section,
)
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from aeviz.figures.files import png
from aeviz.lessons import page as written
from aeviz.lessons.record import Pair
from aeviz.parts.latent_map import hiding
from tests.browser.test_networks import PIXELS

Opened = Callable[[str, str], Page]


def decoded(shown: Pair, side: str, values: dict[int, float]) -> np.ndarray:
    """The tile that torch decodes for the first item's code with other values on some of its axes."""
    model = shown.sides[side]
    order = np.argsort(-model.codes.mean.std(0)) if model.codes.kl is None else np.argsort(-model.codes.kl.mean(0))
    code = model.codes.mean[0].copy()
    for axis, value in values.items():
        code[order[axis]] = value
    return shown.data.tiles(model.explorer.decode(code[None]))[0].astype(int)


def test_a_file_decodes_under_the_hand_asks_nobody_and_takes_names_as_text(opened: Opened) -> None:
    shown = pair(name=HOSTILE)
    page = opened(written.html([decode_section(shown, name=HOSTILE)], title=HOSTILE), "#hide=state")
    still(page)
    left = page.locator("[data-key=sliders-left]")
    handles = left.get_by_role("slider")
    handles.first.press("End")
    handles.nth(1).press("Home")
    frames(page)
    height, width, pixels = left.locator(".picture canvas").evaluate(PIXELS)
    values = {axis: float(handles.nth(axis).get_attribute("aria-valuenow") or "nan") for axis in (0, 1)}
    torchs = decoded(shown, "left", values)
    assert np.ptp(torchs) > 100
    assert np.abs(np.array(pixels).reshape(height, width, 3) - torchs).max() <= 2
    expect(page.locator("h1")).to_have_text(HOSTILE)
    expect(left.locator(".title-text")).to_contain_text(HOSTILE)
    expect(page.locator("img, script[src]")).to_have_count(0)
    expect(page.locator("[data-name=state]")).to_be_hidden()
    assert page.evaluate("globalThis.hostile") is None


@pytest.mark.long
def test_sliders_and_plane_turn_one_code(opened: Opened) -> None:
    shown = pair()
    page = opened(written.html([decode_section(shown, plane=(0, 1))]), "")
    still(page)
    pad, handles = page.locator("[data-key=pad-right]"), page.locator("[data-key=sliders-right]").get_by_role("slider")
    box = pad.locator("canvas.ground").bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"])
    before = handles.first.get_attribute("aria-valuenow")
    expect(handles.first).not_to_have_attribute("aria-valuenow", str(shown.right.codes.mean[0][0]))
    handles.first.press("End")
    expect(handles.first).not_to_have_attribute("aria-valuenow", before or "")


@pytest.mark.long
@pytest.mark.parametrize("share", [0.05, 0.5, 0.999])
def test_a_file_that_is_cut_off_says_so_and_shows_what_is_written(opened: Opened, share: float) -> None:
    text = written.html([decode_section(pair())])
    page = opened(text[: int(len(text) * share)], "")
    expect(page.locator("#trouble")).to_contain_text("cut off")
    expect(page.locator("h1")).to_have_text("Turn")


@pytest.mark.long
def test_a_page_of_a_site_that_is_opened_from_the_disc_says_that_it_needs_a_server(page: Page, tmp_path: Path) -> None:
    def store(name: str, content: bytes) -> str:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
        return name

    (tmp_path / "decode.html").write_text(written.html([decode_section(pair())], store=store), encoding="utf-8")
    page.goto((tmp_path / "decode.html").as_uri())
    expect(page.locator("#trouble")).to_contain_text("it needs a server")


@pytest.mark.long
@pytest.mark.parametrize("missing", ["Worker", "OffscreenCanvas", "DecompressionStream"])
def test_what_a_browser_lacks_is_told_and_the_rest_goes_on(opened: Opened, page: Page, missing: str) -> None:
    page.add_init_script(f"Object.defineProperty(globalThis, '{missing}', {{ value: undefined, configurable: true }});")
    opened(written.html([decode_section(pair())]), "")
    if missing == "Worker":
        expect(page.locator("[data-key=sliders-left] [data-films=whole]")).to_be_visible()
    else:
        expect(page.locator("#trouble")).to_contain_text("a newer")


def test_a_map_of_three_dimensions_turns_under_the_hand_and_by_keys(opened: Opened) -> None:
    shown = pair()
    camera, hidden = "0_-2.165_0_0_0_0_0_0_1", hiding(shown.data.label_names, [4])
    seen = {"view_left": camera, "hidden": hidden}
    page = opened(written.html([map_section(shown, "umap", dims=3, seen=seen)]), "")
    still(page)
    left = page.locator("[data-key=map-left]")
    part, stage = left.locator("[data-part]"), left.locator(".stage")
    expect(part).to_have_attribute("data-pose", "0.000 -1.000 0.000")
    expect(page.locator("[data-key=map-right] [data-part]")).to_have_attribute("data-off", "4")
    stage.press("ArrowRight")
    expect(part).not_to_have_attribute("data-pose", "0.000 -1.000 0.000")
    turned = part.get_attribute("data-pose") or ""
    box = stage.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 40)
    page.mouse.up()
    expect(part).not_to_have_attribute("data-pose", turned)
    stage.press("Shift+ArrowLeft")
    expect(left.locator(".card .item")).to_contain_text("item")
    stroke(page, page.locator("[data-key=drawing] canvas.ink"))
    expect(part).to_have_attribute("data-extras", "1")
    stage.press("0")
    expect(part).to_have_attribute("data-pose", "0.577 0.577 0.577")


@pytest.mark.long
def test_a_drawn_and_a_chosen_picture_fall_on_both_maps(opened: Opened, tmp_path: Path) -> None:
    page = opened(written.html([map_section(pair(), "umap")]), "")
    still(page)
    pad = page.locator("[data-key=drawing]")
    stroke(page, pad.locator("canvas.ink"))
    seen = pad.get_by_role("img")
    expect(seen).not_to_have_attribute("aria-label", "Nothing is drawn yet")
    for side in ("left", "right"):
        expect(page.locator(f"[data-key=map-{side}] [data-part]")).to_have_attribute("data-extras", "1")
    maps = [page.locator(f"[data-key=map-{side}] canvas.over") for side in ("left", "right")]
    before = [canvas.evaluate("canvas => canvas.toDataURL()") for canvas in maps]
    picture = np.full((40, 40), 255, np.uint8)
    picture[8:32, 8:12] = picture[8:12, 8:32] = picture[28:32, 8:32] = 0
    (tmp_path / "chosen.png").write_bytes(png(picture[..., None]))
    page.locator("input[type=file]").set_input_files(tmp_path / "chosen.png")
    for canvas, earlier in zip(maps, before, strict=True):
        eventually(page, lambda canvas=canvas, earlier=earlier: canvas.evaluate("c => c.toDataURL()") != earlier)
    away, extras = page.locator(".choose button"), page.locator("[data-key=map-left] [data-part]")
    away.click()
    expect(extras).to_have_attribute("data-extras", "0")
    expect(seen).to_have_attribute("aria-label", "Nothing is drawn yet")
    (tmp_path / "ink.png").write_bytes(written_on_nothing(picture))
    page.locator("input[type=file]").set_input_files(tmp_path / "ink.png")
    expect(extras).to_have_attribute("data-extras", "1")
    expect(seen).not_to_have_attribute("aria-label", "Nothing is drawn yet")
    (tmp_path / "white.png").write_bytes(png(np.full((40, 40, 1), 255, np.uint8)))
    page.locator("input[type=file]").set_input_files(tmp_path / "white.png")
    expect(page.locator(".choose")).to_contain_text("Nothing is seen on this picture")
    expect(away).to_be_hidden()


def written_on_nothing(picture: NDArray[np.uint8]) -> bytes:
    """A grey picture (h, w) as black ink on nothing, in PNG."""
    ink = np.zeros((*picture.shape, 4), np.uint8)
    ink[..., 3] = 255 - picture
    file = io.BytesIO()
    Image.fromarray(ink).save(file, "PNG")
    return file.getvalue()


@pytest.mark.long
def test_the_way_between_two_items_is_decoded_and_plays(opened: Opened) -> None:
    page = opened(written.html([interpolate_section(pair())]), "")
    path = page.locator("[data-key=path]")
    expect(path.locator("canvas[data-source=exact]")).to_have_count(2)
    handle = path.get_by_role("slider")
    handle.press("End")
    expect(handle).to_have_attribute("aria-valuenow", "1")
    path.get_by_role("button").click()
    expect(handle).not_to_have_attribute("aria-valuenow", "1")


@pytest.mark.long
def test_an_address_begins_at_a_section_and_leaves_controls_out(opened: Opened) -> None:
    shown = pair()
    lecture = written.html([decode_section(shown, plane=(0, 1)), map_section(shown, "pca")])
    page = opened(lecture, "#map&hide=drawing,title")
    expect(page.locator("#map [data-key=map-left]")).to_be_in_viewport()
    expect(page.locator("[data-name=drawing]")).to_have_count(2)
    for control in page.locator("[data-name=drawing], [data-name=title]").all():
        expect(control).to_be_hidden()


# Holds what the browser would do when it has time, and says in which order sections were filled.
HELD = """
    globalThis.requestIdleCallback = (act) => { (globalThis.held ??= []).push(act); };
    globalThis.order = [];
    new MutationObserver((changes) => {
        for (const { target } of changes) globalThis.order.push(target.id);
    }).observe(document, { subtree: true, attributeFilter: ["data-filled"] });
"""


def test_what_is_seen_is_filled_first_and_the_rest_in_time_or_to_be_printed(opened: Opened, page: Page) -> None:
    page.add_init_script(HELD)
    shown = pair(items=30)
    sections = [decode_section(shown), interpolate_section(shown), decode_section(shown), interpolate_section(shown)]
    opened(written.html(sections), "#interpolate-2")
    expect(page.locator("#interpolate-2[data-filled]")).to_be_in_viewport()
    assert page.evaluate("order") == ["interpolate-2"]
    page.evaluate("location.hash = 'decode-2'")
    page.evaluate("held.shift()()")
    expect(page.locator("#decode-2[data-filled] [role=slider]").first).to_be_in_viewport()
    assert page.evaluate("order") == ["interpolate-2", "decode-2"]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("order") == ["interpolate-2", "decode-2", "decode", "interpolate"]
    page.evaluate("held.shift()()")
    expect(page.locator("html[data-lesson=shown]")).to_be_attached()
    expect(page.locator("#decode-2")).to_be_in_viewport()


@pytest.mark.long
def test_a_browser_that_never_says_when_it_has_time_fills_all(opened: Opened, page: Page) -> None:
    page.add_init_script("delete globalThis.requestIdleCallback; delete globalThis.IntersectionObserver;")
    shown = pair(items=30)
    opened(written.html([decode_section(shown), interpolate_section(shown)]), "")
    expect(page.locator("html[data-lesson=shown]")).to_be_attached()
    expect(page.locator("section[data-filled]")).to_have_count(2)


@pytest.mark.long
def test_a_seed_draws_what_it_draws_in_python(opened: Opened) -> None:
    shown = pair()
    page = opened(written.html([generate_section(shown)]), "")
    measured = page.locator("[data-key=draws] .panel").first.get_by_text("far")
    expect(measured).to_be_visible()
    page.locator("main").get_by_label("Seed").first.fill("41")
    page.locator("main").get_by_label("Seed").first.press("Enter")
    page.locator("main").get_by_role("button", name="New draws").click()
    expect(page.locator("main").get_by_label("Seed").first).to_have_value("42")
    expect(measured).to_be_hidden()  # it was of other draws
    expected = generate_section(shown, seed=42).parts[0].data["panels"]
    canvases = page.locator("[data-key=draws] .panel canvas")
    for number, panel in enumerate(expected):
        png_file = base64.b64decode(panel["sheet"]["url"].split(",")[1])
        torchs = np.asarray(Image.open(io.BytesIO(png_file)).convert("RGB"), int).ravel()
        canvas = canvases.nth(number)
        eventually(page, lambda canvas=canvas, torchs=torchs: abs(canvas.evaluate(PIXELS)[2] - torchs).max() <= 2)
    page.locator("main").get_by_label("Seed").first.fill("0")
    page.locator("main").get_by_label("Seed").first.press("Enter")
    expect(measured).to_be_visible()
    page.locator("[data-key=classes]").get_by_role("slider").press("Home")
    expect(page.locator("[data-key=classes] .panel").nth(1)).to_contain_text("90%")


@pytest.mark.long
def test_a_training_plays(opened: Opened) -> None:
    page = opened(written.html([training_section()]), "#hide=notes")
    handle = page.locator("main").get_by_role("slider")
    handle.press("Home")
    expect(handle).to_have_attribute("aria-valuetext", re.compile("^step 0"))
    page.locator("main").get_by_role("button").first.click()
    expect(handle).not_to_have_attribute("aria-valuetext", re.compile("^step 0"))


@pytest.mark.long
def test_a_draw_an_item_and_a_drawing_go_through_the_model(opened: Opened) -> None:
    shown = pair(right="mnist-vae-2d")
    model = shown.right
    page = opened(written.html([walkthrough_section(shown)]), "")
    still(page)
    decoded = page.locator("figure.accented canvas")
    page.locator("main").get_by_role("combobox").select_option("1")
    page.locator("main").get_by_role("button", name="New ε").click()
    noise = np.random.default_rng([1, 1]).standard_normal(2, np.float32)
    assert model.codes.std is not None
    z = model.codes.mean[1] + model.codes.std[1] * noise
    torchs = np.repeat(shown.data.tiles(model.explorer.decode(z[None]))[0], 3).astype(int)
    eventually(page, lambda: abs(decoded.evaluate(PIXELS)[2] - torchs).max() <= 2)
    expect(page.locator(".term")).to_have_count(3)
    handle = page.locator("[data-key=mean]").get_by_role("slider").first
    handle.press("End")
    frames(page)
    value = handle.get_attribute("aria-valuetext") or ""
    expect(page.locator(".equations")).to_contain_text(value.replace("-", "−"))
    stroke(page, page.locator("[data-key=drawing] canvas.ink"))
    expect(page.locator("figcaption").first).to_have_text("your own")
    assert model.codes.kl is not None
    pad, code = page.get_by_test_id("latent-pad"), model.codes.mean[1][np.argsort(-model.codes.kl.mean(0))]
    box = page.locator("main").get_by_role("combobox")
    assert box.evaluate("select => select.selectedIndex") == -1, "any item can be chosen again"
    box.select_option("1")
    frames(page)
    x0, x1, y0, y1 = (float(edge) for edge in (pad.get_attribute("data-view") or "").split(","))
    assert x0 < code[0] < x1, "the cloud is on the plane"
    assert y0 < code[1] < y1
