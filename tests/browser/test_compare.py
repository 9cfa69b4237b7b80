"""Compare and Sweeps as a person uses them: a click on a row or a point opens a card, and the URL follows."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from browsing import rest
from playwright.sync_api import Page, expect

from aeviz.app import models
from aeviz.app.model_names import all_looks
from aeviz.evaluation import columns


def opened(page: Page, url: str, name: str, **parameters: str) -> Page:
    page.goto(f"{url}/{name}?{urlencode(parameters)}")
    return rest(page)


def parameter(page: Page, name: str) -> str | None:
    return parse_qs(urlsplit(page.url).query).get(name, [None])[0]


@pytest.mark.long
def test_a_row_opens_its_card(page: Page, app_url: str, screenshot: Callable[[str], None]) -> None:
    opened(page, app_url, "compare")
    order = list(columns.by_family(models.zoo()["mnist"]))
    heading = page.locator(".st-key-card-model h2 small")
    expect(heading).to_have_text("mnist-vae")
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box
    row = order.index("ae-2d")
    page.mouse.click(box["x"] + 18, box["y"] + 35 + 35 * row + 17)
    expect(heading).to_have_text("mnist-ae-2d")
    rest(page)
    assert parameter(page, "model") == "ae-2d"
    expect(page.locator(".st-key-compare-pictures canvas")).to_have_count(8 + 8 + 24)
    screenshot("compare")


@pytest.mark.long
def test_a_point_opens_its_card(page: Page, app_url: str) -> None:
    opened(page, app_url, "compare", models="ae,vae,ae-2d")
    colour = all_looks(models.zoo()["mnist"])["ae-2d"].colour
    of_it = f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"
    point = page.locator(f".st-key-card-plane .scatterlayer .trace .points path[style*='{of_it}']").first
    point.wait_for(state="attached")
    box = point.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".st-key-card-model h2 small")).to_have_text("mnist-ae-2d")
    rest(page)
    assert parameter(page, "model") == "ae-2d"
