"""Back and forward go through views, and what a link says is what is seen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import content, eventually, rest, still, stroke
from playwright.sync_api import Page, expect

from aeviz.app.saving import views


def choose(page: Page, name: str) -> None:
    content(page).get_by_role("radio", name=name, exact=True).click()
    rest(page)


def expect_zoom(page: Page, zoom: str) -> None:
    expect(page.get_by_test_id("latent-map").first).to_have_attribute("data-zoom", zoom)


def seen_in_3d(page: Page) -> tuple[list[float], list[int]]:
    """From where the left map of three dimensions is seen, and which of its classes are hidden."""
    place, hidden = page.locator(".js-plotly-plot").first.evaluate("""(chart) => {
        const { x, y, z } = chart._fullLayout.scene._scene.getCamera().eye;
        return [[x, y, z], chart.data.flatMap(({ visible }, at) => (visible === "legendonly" ? [at] : []))];
    }""")
    return [round(number, 2) for number in place], hidden


@pytest.mark.long
def test_each_press_of_back_shows_the_view_before(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/map")
    rest(page)
    views = [page.url]

    def seen() -> None:
        rest(page)
        assert page.url != views[-1], "the act is in the address"
        views.append(page.url)

    choose(page, "PCA")
    seen()
    here = page.get_by_test_id("latent-map").first
    here.locator("[data-tool=in]").click()
    expect(here).to_have_attribute("data-busy", "false")
    page.wait_for_url("**view_left=**")
    here.locator("[data-tool=in]").click()  # the same handle again: the same entry
    page.wait_for_url("**_2.56_**")
    seen()
    here.locator(".classes button").nth(3).click()
    page.wait_for_url("**hidden=**")
    seen()
    content(page).get_by_role("link", name="Decode", exact=True).first.click()
    page.wait_for_url("**/decode*")
    seen()
    choose(page, "mean code")
    seen()
    for view in reversed(views[:-1]):
        page.go_back()
        rest(page)
        assert page.url == view
    expect_zoom(page, "1.000")
    expect(content(page).get_by_role("radio", name="UMAP", exact=True)).to_be_checked()
    for view in views[1:4]:
        page.go_forward()
        rest(page)
        assert page.url == view
    expect_zoom(page, "2.560")
    expect(here).to_have_attribute("data-off", "3")
    page.reload()
    rest(page)
    expect_zoom(page, "2.560")
    expect(here).to_have_attribute("data-off", "3")


@pytest.mark.long
def test_back_goes_through_each_of_three_quick_drags_of_one_handle(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/interpolate")
    rest(page)
    handle = page.get_by_test_id("scrubber").get_by_role("slider")
    expect(handle).to_have_attribute("aria-valuenow", "0.5")

    def place() -> float:
        return round(float(handle.get_attribute("aria-valuenow") or "nan"), 3)

    seen = [(place(), page.url)]
    for shift in (150, -260, 180):
        box = handle.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + 20
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + shift, y, steps=4)
        page.mouse.up()  # the server need not have answered when the next begins
        seen.append((place(), page.url))
    assert len(set(seen)) == 4
    rest(page)
    assert page.url == seen[-1][1]
    for t, url in reversed(seen[:-1]):
        page.go_back()
        rest(page)
        eventually(page, lambda t=t: place() == t)
        assert page.url == url
    for t, url in seen[1:]:
        page.go_forward()
        rest(page)
        eventually(page, lambda t=t: place() == t)
        assert page.url == url


@pytest.mark.long
def test_share_links_to_what_the_hand_left_and_new_colours_leave_a_map_turned(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/map?dims=3&method=pca")
    rest(page)
    stroke(page, page.locator(".js-plotly-plot").first, (0.5, 0.5), (0.7, 0.4))
    page.wait_for_url("**turn_left=**")
    page.locator(".js-plotly-plot").first.locator(".legendtoggle").nth(2).click()
    page.wait_for_url("**hidden_left=**")
    rest(page)
    turned = seen_in_3d(page)
    asked = page.evaluate("underWay.sent")
    content(page).get_by_role("button", name="Share").first.click()
    expect(page.get_by_test_id("stCode")).to_have_text(page.url)
    still(page)
    assert page.evaluate("underWay.sent") == asked + 2, "one message opens it, one tells the rest of the address"
    page.keyboard.press("Escape")
    rest(page)
    choose(page, "error")
    eventually(page, lambda: seen_in_3d(page) == (turned[0], []))
    choose(page, "class")
    eventually(page, lambda: seen_in_3d(page) == turned)


@pytest.mark.long
@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("map?method=pca", "latent-map"),
        ("decode?left=ae-2d&right=vae-2d", "latent-pad"),
        ("how-a-vae-thinks?network=vae-2d", "latent-pad"),
    ],
)
def test_a_saved_page_shows_what_the_hand_left(
    page: Page, app_url: str, tmp_path: Path, address: str, part: str
) -> None:
    page.goto(f"{app_url}/{address}")
    rest(page)
    here = page.get_by_test_id(part).first
    here.locator("[data-tool=in]").click()
    page.wait_for_url("**view**")
    rest(page)
    if part == "latent-map":
        here.locator(".classes button").nth(3).click()
        page.wait_for_url("**hidden=**")
        expect(here).to_have_attribute("data-off", "3")
        expect(here).to_have_attribute("data-busy", "false")
    seen = here.get_attribute("data-zoom"), here.get_attribute("data-off")
    file = tmp_path / "lesson.html"
    file.write_text(views.lesson([page.url]), encoding="utf-8")
    page.goto(file.as_uri())
    saved = page.get_by_test_id(part).first
    expect(saved).to_have_attribute("data-zoom", seen[0] or "")
    assert saved.get_attribute("data-off") == seen[1]


@pytest.mark.long
def test_a_drawing_outlasts_a_reload_and_goes_back(page: Page, app_url: str, screenshot: Callable[[str], None]) -> None:
    page.goto(f"{app_url}/decode?left=ae-2d&right=vae-2d")
    rest(page)
    choose(page, "Draw")
    box = page.get_by_test_id("draw-pad").locator("canvas").first.bounding_box()
    assert box
    for right in (80, 140):
        page.mouse.move(box["x"] + right, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + right, box["y"] + 180, steps=4)
        page.mouse.up()
        rest(page)
    drawn = page.url
    assert "&own=" in drawn
    expect(content(page).get_by_role("radio", name="your own", exact=True)).to_be_checked()
    page.reload()
    rest(page)
    assert page.url == drawn
    expect(content(page).get_by_text("This was drawn before")).to_be_visible()
    for made in page.get_by_test_id("draw-pad").locator(".made canvas").all():
        expect(made).to_have_attribute("data-source", "exact")
    screenshot("a-drawing-from-a-link")
    page.go_back()  # both strokes are one drawing
    rest(page)
    assert "&own=" not in page.url
    expect(content(page).get_by_text("This was drawn before")).to_have_count(0)
    page.go_forward()
    rest(page)
    expect(content(page).get_by_text("This was drawn before")).to_be_visible()
    page.get_by_test_id("draw-pad").get_by_role("button", name="Clear").click()
    page.wait_for_url(lambda url: "&own=" not in url)
    rest(page)
    expect(content(page).get_by_text("This was drawn before")).to_have_count(0)


@pytest.mark.long
@pytest.mark.parametrize("address", ["map?item=77", "decode?item=77", "map?data=fashion&item=77"])
def test_a_look_at_what_may_be_chosen_leaves_the_item(page: Page, app_url: str, address: str) -> None:
    page.goto(f"{app_url}/{address}")
    rest(page)
    unfolded = page.get_by_test_id("stPopoverBody")
    for _ in range(2):
        content(page).get_by_role("button", name="Choose").first.click()
        rest(page)
        expect(unfolded.get_by_role("spinbutton", name="Item")).to_have_value("77")
        page.keyboard.press("Escape")
        rest(page)
        assert "item=77" in page.url
    content(page).get_by_role("button", name="Choose").first.click()
    rest(page)
    unfolded.get_by_role("button", name="Another").click()
    rest(page)
    assert "item=77" not in page.url
    chosen = page.url
    number = chosen.split("item=")[1].split("&")[0]
    expect(unfolded.get_by_role("spinbutton", name="Item")).to_have_value(number)
    page.keyboard.press("Escape")
    rest(page)
    assert page.url == chosen


@pytest.mark.long
@pytest.mark.parametrize(("before", "today"), [("home", ""), ("thinks", "how-a-vae-thinks"), ("replay", "training")])
def test_an_address_of_before_leads_to_that_of_today(page: Page, app_url: str, before: str, today: str) -> None:
    page.goto(f"{app_url}/{before}?data=fashion")
    page.wait_for_url(f"{app_url}/{today}?**")
    rest(page)
    assert "data=fashion" in page.url
    expect(content(page).get_by_role("dialog")).to_have_count(0)
