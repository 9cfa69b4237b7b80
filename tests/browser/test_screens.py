"""What a screen shows of each page: the main picture whole on a projector, pictures that can be read on a phone."""

import re
from collections.abc import Callable

import pytest
from browsing import content, eventually, frames, options, rest, stroke, visit
from playwright.sync_api import Browser, Page, expect

from aeviz.app.navigation import DEFAULT, ENTRIES

PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
# The main picture of a page, the lowest of what must be seen of it without scrolling.
MAIN = {
    "": ".st-key-card-walk",
    "map": "[data-testid=latent-map] >> nth=1",
    "map?method=pca": "[data-testid=latent-map] >> nth=1",
    "decode": "[data-testid=latent-sliders] >> nth=1",
    "interpolate": "[data-testid=scrubber]",
    "generate": "[data-testid=dial] >> nth=0",
    "compare": ".st-key-card-plane",
    "training": "[data-testid=replay-film] .film >> nth=1",
    "detect": "[data-testid=threshold]",
    "repair": "[data-testid=dial]",
    "compress": "[data-testid=dial] >> nth=0",
    "how-a-vae-thinks": "[data-key=spread]",
    "map?dims=3&method=pca": ".st-key-card-map3d-right .js-plotly-plot",
    "network": ".network >> nth=1",
}
PRESENTED = {
    **{name: MAIN[name] for name in ("", "map", "decode", "interpolate", "generate", "detect", "repair", "compress")},
    "network": ".network >> nth=1",
    "how-a-vae-thinks": "[data-key=spread]",
    "training": MAIN["training"],
    "map?dims=3&method=pca": ".st-key-card-map3d-right .js-plotly-plot",
    "compare": ".st-key-card-plane .js-plotly-plot",
}
BOTH = {  # two models that stay side by side
    "": "[data-testid=latent-map]",
    "map": "[data-testid=latent-map]",
    "decode": "[data-testid=latent-sliders]",
    "interpolate": "[data-testid=latent-map]",
    "training": "[data-testid=replay-film] .film",
}
TALLER = {  # pages whose main picture is as tall as the items of the data make it
    **dict.fromkeys(("generate", "compress"), ("ecg", "wage", "names", "emoji", "shuttle")),
    "training": ("ecg", "wage", "names", "shuttle"),
    "repair": ("ecg", "wage", "emoji", "shuttle"),
    "decode": ("ecg", "wage", "names"),
    "how-a-vae-thinks": ("emoji",),
}
# Pictures narrower than they may be, and rows of choices that hide some of theirs.
FAULTS = """(least) => {
    const found = [];
    const visit = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) visit(element.shadowRoot);
            if (!element.checkVisibility()) continue;
            const width = element.getBoundingClientRect().width;
            if (element.matches(".aeviz-pictures img, .pictures button, .figures.small canvas") && width < least)
                found.push(`${element.alt || element.title}: ${width} px`);
            if (Number(element.dataset?.tile ?? least) < least)
                found.push(`${element.className}: ${element.dataset.tile} px`);
            if (element.matches("[role=radiogroup]") && element.scrollWidth > element.clientWidth + 1)
                found.push(`choices that scroll: ${element.textContent.slice(0, 60)}`);
        }
    };
    visit(document.querySelector("[data-testid=stMain]"));
    return [...new Set(found)];
}"""
CUT = """() => [...document.querySelectorAll("[data-testid=stMain] .st-key-left input, .st-key-right input")]
    .filter((input) => input.scrollWidth > input.clientWidth + 1).map((input) => input.value)"""

# How a map is seen: a part's zoom, or how far the camera of a chart in three dimensions is from the middle.
SEEN = {
    "map": "(map) => map.dataset.zoom",
    "map?dims=3&method=pca": """(chart) => {
        const { x, y, z } = chart._fullLayout.scene._scene.getCamera().eye;
        return Math.hypot(x, y, z).toFixed(3);
    }""",
}
# Names on a map in three dimensions: those that are seen, how often one covers another, how light their ground is.
NAMED = """(chart) => {
    const seen = [...chart.querySelectorAll("[class^=annotation-scene] .annotation-text-g")]
        .filter((text) => getComputedStyle(text).visibility === "visible");
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const boxes = seen.map((text) => text.getBoundingClientRect());
    const covered = boxes.flatMap((box, at) => boxes.slice(at + 1).filter((other) => meet(box, other)));
    const ground = Number(getComputedStyle(seen[0].querySelector(".bg")).fill.match(/[0-9]+/)[0]);
    return { seen: seen.map((text) => text.textContent), covered: covered.length, ground };
}"""
# Type that is smaller than a view in front of a class has it; the shapes of layers, in narrow columns, may be 16 px.
SMALL = """() => {
    const found = [];
    const out = ".katex, [data-testid=stIconMaterial], style, script, sub, sup, .aside";
    const visit = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) visit(element.shadowRoot);
            const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
            if (!own || element.closest(out) || !element.checkVisibility({ visibilityProperty: true })) continue;
            const { width, height } = element.getBoundingClientRect();
            const least = element.matches(".words span") ? 16 : 20;
            if (width > 1 && height > 1 && Number.parseFloat(getComputedStyle(element).fontSize) < least)
                found.push(`${element.textContent.trim().slice(0, 40)}: ${getComputedStyle(element).fontSize}`);
        }
    };
    visit(document.querySelector("[data-testid=stApp]"));
    return found;
}"""
# Controls on whose left edge another lies.
COVERED = """() => {
    const covered = [];
    for (const control of document.querySelectorAll("[data-testid=stMain] :is(button, input, a, summary)")) {
        if (!control.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        const { left, top, width, height } = control.getBoundingClientRect();
        const hit = width > 16 && document.elementFromPoint(left + 8, top + height / 2);
        if (hit && !control.contains(hit) && !hit.contains(control) && !hit.closest("label")?.contains(control))
            covered.push(control.textContent || control.value);
    }
    return covered;
}"""
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


def looked_at(page: Page, url: str, name: str, screen: dict[str, int]) -> Page:
    page.set_viewport_size(screen)
    page.goto(f"{url}/{name}")
    return rest(page)


@pytest.mark.long
@pytest.mark.parametrize("name", MAIN, ids=lambda name: name or "home")
def test_on_a_screen_of_1400_px_the_main_picture_is_whole(page: Page, app_url: str, name: str) -> None:
    page.goto(f"{app_url}/{name}")
    rest(page)
    box = page.locator("[data-key=pad]" if name == "how-a-vae-thinks" else MAIN[name]).bounding_box()
    assert box
    assert box["y"] + box["height"] <= 900


@pytest.mark.long
@pytest.mark.parametrize("name", MAIN, ids=lambda name: name or "home")
def test_on_a_projector_the_main_picture_is_whole_and_nothing_cut_or_small(page: Page, app_url: str, name: str) -> None:
    looked_at(page, app_url, name, PROJECTOR)
    box = page.locator(MAIN[name]).bounding_box()
    assert box
    assert box["y"] + box["height"] <= PROJECTOR["height"]
    assert page.evaluate(CUT) == []
    assert page.evaluate(FAULTS, 28) == []


@pytest.mark.long
@pytest.mark.parametrize("screen", [{"width": 1400, "height": 900}, PROJECTOR], ids=["desk", "projector"])
@pytest.mark.parametrize("name", TALLER)
def test_the_main_picture_is_whole_for_data_of_each_kind(
    page: Page, app_url: str, name: str, screen: dict[str, int]
) -> None:
    cut = {}
    for dataset in TALLER[name]:
        looked_at(page, app_url, f"{name}?data={dataset}", screen)
        box = page.locator(MAIN[name]).bounding_box()
        assert box
        if (bottom := box["y"] + box["height"]) > screen["height"]:
            cut[dataset] = bottom
    assert not cut


@pytest.mark.long
def test_on_a_phone_the_strips_of_a_path_stand_above_what_they_lead_from(page: Page, app_url: str) -> None:
    looked_at(page, app_url, "interpolate", PHONE)
    title, strips, ends = (
        page.locator(css).first.bounding_box()
        for css in (".aeviz-title", "[data-testid=scrubber]", ".st-key-path-controls")
    )
    assert title
    assert strips
    assert ends
    assert title["y"] < strips["y"] < ends["y"]
    assert strips["y"] + strips["height"] < PHONE["height"]


@pytest.mark.long
@pytest.mark.parametrize(("dataset", "upright"), [("fashion", True), ("mnist", False)])
def test_on_a_phone_the_names_of_classes_are_whole(page: Page, app_url: str, dataset: str, upright: bool) -> None:
    looked_at(page, app_url, f"generate?data={dataset}", PHONE)
    names = page.locator(".st-key-card-styles .pictures > span")
    expect(names).to_have_count(10)
    is_cut = "(name) => name.scrollWidth > name.clientWidth || name.scrollHeight > name.clientHeight"
    assert names.evaluate_all(f"(names) => names.filter({is_cut}).map((name) => name.textContent)") == []
    assert names.first.evaluate("(name) => name.offsetHeight > name.offsetWidth") is upright


@pytest.mark.long
@pytest.mark.parametrize("name", ENTRIES)
def test_on_a_phone_pictures_can_be_read_and_all_choices_seen(browser: Browser, app_url: str, name: str) -> None:
    phone = visit(browser, viewport=PHONE, has_touch=True, is_mobile=True)
    page = phone.new_page()
    looked_at(page, app_url, "" if name == DEFAULT else name, PHONE)
    found = page.evaluate(FAULTS, 28)
    phone.close()
    assert found == []


@pytest.mark.long
@pytest.mark.parametrize("name", BOTH, ids=lambda name: name or "home")
def test_on_a_phone_two_models_stay_side_by_side(page: Page, app_url: str, name: str) -> None:
    looked_at(page, app_url, name, PHONE)
    left, right = (page.locator(BOTH[name]).nth(at).bounding_box() for at in (0, 1))
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"] + 1
    assert abs(left["y"] - right["y"]) < 40
    assert right["x"] + right["width"] <= PHONE["width"]


@pytest.mark.long
def test_links_and_choice_stay_in_reach_on_a_long_page(page: Page, app_url: str) -> None:
    looked_at(page, app_url, "generate", PROJECTOR)
    content(page).get_by_text("Choose the class, keep the style").scroll_into_view_if_needed()
    rest(page)
    for element in (page.locator(".st-key-aeviz-header"), page.locator(".st-key-left [data-testid=stSelectbox]")):
        expect(element).to_be_in_viewport(ratio=1)


@pytest.mark.long
@pytest.mark.parametrize("width", [1400, 1024, 390])
def test_what_is_told_of_a_link_lies_below_the_choice(page: Page, app_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{app_url}/about?left=nonsense")
    rest(page)
    notice = content(page).locator(".st-key-aeviz-notice [data-testid=stAlert]").bounding_box()
    choice = content(page).locator(".st-key-right").bounding_box()
    assert notice
    assert choice
    assert notice["y"] >= choice["y"] + choice["height"]


@pytest.mark.long
@pytest.mark.parametrize("name", SEEN)
def test_the_wheel_scrolls_past_a_map_until_it_was_clicked(page: Page, app_url: str, name: str) -> None:
    looked_at(page, app_url, name, PROJECTOR)
    shown = page.locator(".js-plotly-plot, [data-testid=latent-map]").first
    before, box = shown.evaluate(SEEN[name]), shown.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.wheel(0, 60)
    eventually(page, lambda: page.evaluate(SCROLLED) == 60)
    rest(page)
    assert shown.evaluate(SEEN[name]) == before
    page.mouse.wheel(0, -60)
    eventually(page, lambda: page.evaluate(SCROLLED) == 0)
    page.mouse.click(*middle)
    page.mouse.wheel(0, 60)
    eventually(page, lambda: shown.evaluate(SEEN[name]) != before)
    frames(page)
    assert page.evaluate(SCROLLED) == 0


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_on_a_map_in_3d_cover_neither_one_another_nor_the_item(page: Page, app_url: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    looked_at(page, app_url, "map?dims=3&method=pca&data=fashion", PROJECTOR)
    charts = content(page).locator(".js-plotly-plot")
    for chart in (charts.first, charts.last):
        eventually(page, lambda chart=chart: 3 <= len(chart.evaluate(NAMED)["seen"]) < 11)  # type: ignore[misc]
    stroke(page, charts.first, (0.45, 0.5), (0.75, 0.4))
    page.wait_for_url("**turn_left=**")
    for at in range(2):
        named = charts.nth(at).evaluate(NAMED)
        assert "item 2" in named["seen"]
        assert not named["covered"]
        assert (named["ground"] > 128) == (scheme == "light")


@pytest.mark.long
@pytest.mark.parametrize("name", ENTRIES)
def test_in_front_of_a_class_no_type_is_small(page: Page, app_url: str, name: str) -> None:
    looked_at(page, app_url, f"{'' if name == DEFAULT else name}?present=true", PROJECTOR)
    assert page.evaluate(SMALL) == []
    expect(page.locator(".st-key-aeviz-header")).to_be_hidden()


@pytest.mark.long
@pytest.mark.parametrize("name", PRESENTED, ids=lambda name: name or "home")
def test_in_front_of_a_class_the_main_picture_is_whole_on_a_projector(page: Page, app_url: str, name: str) -> None:
    looked_at(page, app_url, f"{name}{'&' if '?' in name else '?'}present=true", PROJECTOR)
    box = page.locator(PRESENTED[name]).bounding_box()
    assert box
    assert box["y"] + box["height"] <= PROJECTOR["height"]
    assert page.evaluate(COVERED) == []


@pytest.mark.long
def test_a_key_presents_the_view_and_another_leaves(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/about")
    rest(page)
    page.keyboard.press("p")
    page.wait_for_url("**present=true**")
    rest(page)
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "present" not in url)


@pytest.mark.long
def test_a_lecture_goes_on_after_a_reload(page: Page, app_url: str, screenshot: Callable[[str], None]) -> None:
    page.set_viewport_size(PROJECTOR)
    page.goto(f"{app_url}/about")
    rest(page)
    page.locator(".st-key-aeviz-share button").click()
    area = page.locator(".st-key-presentation-text textarea")
    area.fill("map?data=fashion\nabout\ndecode?left=vae-2d")
    area.blur()
    expect(page.locator(".st-key-presentation-begin")).to_contain_text("Present 3 views")
    rest(page)
    screenshot("a-list-of-views")
    page.locator(".st-key-presentation-begin button").click()
    page.wait_for_url("**/map?**fashion**")
    rest(page)
    page.keyboard.press("PageDown")
    page.wait_for_url("**/about?**")
    rest(page)
    page.reload()
    rest(page)
    steps = page.locator(".st-key-aeviz-steps")
    expect(steps).to_contain_text("2 of 3")
    page.keyboard.press("PageDown")
    page.wait_for_url("**/decode?**vae-2d**")
    rest(page)
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "present" not in url)
    rest(page)
    page.locator(".st-key-aeviz-share button").click()
    expect(area).to_have_value("map?data=fashion\nabout\ndecode?left=vae-2d")


@pytest.mark.long
def test_controls_of_a_presented_view_do_not_lie_over_one_another(page: Page, app_url: str) -> None:
    looked_at(page, app_url, "interpolate?present=true", PROJECTOR)
    steps = content(page).locator(".st-key-steps .stNumberInput").bounding_box()
    asked = content(page).locator(".st-key-card-how [class*=st-key-aeviz-ask-]").bounding_box()
    assert steps
    assert asked
    assert steps["x"] + steps["width"] <= asked["x"] or steps["y"] + steps["height"] <= asked["y"]


@pytest.mark.long
def test_in_front_of_a_class_tables_are_in_large_type_and_a_card_is_chosen_beside(page: Page, app_url: str) -> None:
    looked_at(page, app_url, "compare?present=true", PROJECTOR)
    table = content(page).locator(".aeviz-presented")
    expect(table).to_be_visible()
    expect(content(page).get_by_test_id("stDataFrame")).to_have_count(0)
    expect(table.locator("tr.chosen td").first).to_contain_text("VAE")
    content(page).get_by_role("combobox", name="Card of").click()
    options(page).filter(has_text="AE, without 4").click()
    expect(table.locator("tr.chosen td").first).to_contain_text("AE, without 4")
    expect(page).to_have_url(re.compile("model=ae-without-4"))
