"""Repair and Compare as files: what is made in them is what torch makes, and their figures are of what is shown."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from browsing import still, stroke
from lessons_made import HOSTILE, compare_section, pair, repair_section, spoilt_item
from playwright.sync_api import Locator, Page, expect

from aeviz.lessons import page as written
from tests.browser.test_networks import PIXELS

Opened = Callable[[str, str], Page]


def numbers(note: Locator) -> list[float]:
    """The figures below a picture."""
    return [float(text) for text in re.findall(r"[-\d.]*\d", note.inner_text().replace("−", "-"))]


def panel(page: Page, label: str) -> Locator:
    return page.locator("[data-key=dial] .panel").filter(has_text=label)


def test_networks_repair_in_the_file_as_torch_does_and_the_figures_are_of_what_is_shown(opened: Opened) -> None:
    shown = pair(items=20)
    spoilt = spoilt_item(shown, "block")
    page = opened(written.html([repair_section(shown, "block")]), "#hide=state")
    dial = page.locator("[data-part=dial]")
    page.locator("[data-key=dial]").get_by_role("slider").press("Home")
    picture = page.locator("[data-key=dial]").get_by_role("application")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        picture.press(key)
    page.locator("[data-key=dial]").get_by_role("slider").press("ArrowRight")
    stop = 13  # of the second level, in the middle
    expect(dial).to_have_attribute("data-stop", str(stop))
    for row in spoilt.kinds[0].rows[:3]:
        height, width, pixels = panel(page, row.label).locator("canvas").evaluate(PIXELS)
        drawn = np.array(pixels).reshape(height, width, 3)
        assert np.abs(drawn - row.tiles[stop].astype(int)).max() <= 2
        assert numbers(panel(page, row.label).locator(".note"))[:2] == pytest.approx(row.scores[stop], abs=0.051)
    best = max(spoilt.kinds[0].rows, key=lambda row: row.scores[stop][0])
    expect(panel(page, best.label).locator(".note")).to_contain_text("★")
    expect(page.locator("main").get_by_role("status").filter(has_text="nearest by PSNR")).to_contain_text(best.label)
    expect(page.locator("[data-name=state]")).to_be_hidden()


@pytest.mark.long
def test_what_is_painted_is_repaired_and_what_is_known_put_back(opened: Opened) -> None:
    page = opened(written.html([repair_section(pair(items=20), "block")]), "")
    still(page)
    pad = page.locator("[data-key=brush]")
    expect(pad).to_be_hidden()
    page.locator("main").get_by_role("group", name="Damage").get_by_role("button", name="Paint it away").click()
    stroke(page, pad.locator("canvas.ink"), (0.3, 0.5), (0.7, 0.5))
    note = panel(page, "mnist-vae").locator(".note")
    expect(note).to_contain_text("in the hole")
    still(page)  # the figures are of the whole stroke
    before = numbers(note)
    page.locator("main").get_by_label("Put back what is known").check()
    expect(note).not_to_contain_text(f"PSNR {before[0]}")
    still(page)
    after = numbers(note)
    assert after[0] > before[0]
    assert after[2] == before[2]


@pytest.mark.long
def test_of_a_network_that_no_browser_runs_there_is_what_was_made_before(opened: Opened) -> None:
    from lessons_made import words

    from aeviz.lessons import repair

    shown = pair("ecg-ae", "ecg-vae", items=20)
    data, item = shown.data, shown.data.items[:1]
    tiles = np.repeat(data.tiles(item), 2, 0)
    judge = data.modality.distance(data.modality.repair.judge)
    network = repair.Repairer("ECG", "ECG", "#D55E00", shown.left.explorer)
    rows = [repair.Row("Noisy", "#777", tiles, np.array([[0.0], [0.5]])),
            repair.Row("ECG", "#D55E00", tiles, np.array([[0.2], [0.25]]), None, network)]  # fmt: skip
    kind = repair.Kind("noise", "Noise", (0.0, 1.0), "", None, 1, rows, np.repeat(item, 2, 0))
    section = repair.section(data, repair.Spoilt(item[0], "beat", [judge], [kind], "noise"), words(), ["nobody's"])
    page = opened(written.html([section]), "")
    expect(panel(page, "ECG").locator(".note")).to_contain_text("★")
    page.locator("[data-key=dial]").get_by_role("slider").press("Home")
    expect(panel(page, "Noisy").locator(".note")).to_have_text("nothing changed")
    expect(page.locator("[data-name=notes]")).to_contain_text("were made when this page was saved")


@pytest.mark.long
def test_a_comparison_sorts_defines_and_puts_models_side_by_side(opened: Opened) -> None:
    page = opened(written.html([compare_section()]), "")
    part = page.locator("[data-part=comparison]")
    rows = part.locator(".scroll tbody tr")
    expect(rows.nth(2)).to_contain_text("★ 0.1")
    part.get_by_role("button", name="error", exact=True).click()
    expect(rows.first).to_contain_text("m2")
    expect(rows.nth(2)).to_contain_text("m0")
    part.get_by_role("button", name="What is error?").click()
    expect(part.get_by_role("status")).to_have_text("error: What it is.")
    expect(part.locator(".card h3")).to_have_text(["●m0m0", "●m1m1"])
    part.get_by_role("button", name=re.compile("^m2, size 2, error 0.1")).press("Enter")
    expect(part.locator(".card h3")).to_have_text(["●m1m1", "●m2m2"])
    expect(part.locator("svg .shown")).to_have_count(2)
    part.get_by_role("button", name="Size", exact=True).click()
    expect(part.locator(".notes")).to_have_text("A note.")
    part.get_by_label("y axis").select_option("size")
    expect(part.locator(".direction")).to_have_text("")


def test_a_comparison_tells_its_curves_by_keys_and_gives_its_figures_away(opened: Opened) -> None:
    page = opened(written.html([compare_section(HOSTILE)]), "")
    card = page.locator("[data-part=comparison] .card").first
    epoch = card.get_by_role("slider", name="Epoch")
    expect(epoch).to_have_attribute("aria-valuetext", f"epoch 3: loss{HOSTILE} none")
    epoch.press("ArrowLeft")
    expect(epoch).to_have_attribute("aria-valuetext", f"epoch 2: loss{HOSTILE} 4")
    expect(card.locator(".key")).to_have_text(f"loss{HOSTILE} 4")
    expect(card.get_by_role("img", name="Histogram of z0")).to_be_visible()
    with page.expect_download() as saved:
        page.locator("[data-part=comparison]").get_by_role("button", name="Save as CSV").click()
    assert saved.value.path().read_text(encoding="utf-8") == f"model,mse{HOSTILE}\n"
    assert page.evaluate("globalThis.hostile") is None
