"""What a benchmark waits for comes, on every page."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from browsing import eventually, rest
from playwright.sync_api import Page

from aeviz.app import navigation


@pytest.mark.long
def test_each_page_comes_to_what_is_timed(page: Page, app_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    pages: Any = import_module("pages")
    titles = {entry.title: address for address, entry in navigation.ENTRIES.items()}
    assert pages.PAGES.keys() == titles.keys()
    page.add_init_script(pages.SHADOWS + pages.WATCH)
    for title, wanted in pages.PAGES.items():
        page.goto(f"{app_url}/{titles[title].removeprefix(navigation.DEFAULT)}")
        rest(page)
        page.evaluate("(wanted) => Object.assign(bench, { wanted, clicked: 1 })", wanted)
        eventually(page, lambda: page.evaluate("bench.shown > 0"))
