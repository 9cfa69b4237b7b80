"""The navigation: every page is a function of a module that does nothing when it is imported."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from apptest import opened

from aeviz.app import navigation

FILES = Path(navigation.__file__).parent / "pages"


def test_every_page_is_in_the_navigation_once() -> None:
    modules = [entry.module for entry in navigation.ENTRIES.values()]
    assert sorted(modules) == sorted(path.stem for path in FILES.glob("[a-z]*.py"))


@pytest.mark.parametrize("module", sorted({entry.module for entry in navigation.ENTRIES.values()}))
def test_a_page_is_a_function(module: str) -> None:
    assert callable(import_module(f"aeviz.app.pages.{module}").page)


def test_home_leads_to_every_page() -> None:
    home = opened(navigation.DEFAULT, data="mnist")
    links = [element.proto for element in home.get("page_link")]
    addresses = set(navigation.ENTRIES) - {navigation.DEFAULT}
    in_navigation = {
        link.page for link in links if link.label in {entry.title for entry in navigation.ENTRIES.values()}
    }
    assert addresses <= in_navigation
    assert {link.page for link in links if link.label.startswith("**")} == addresses


def test_pages_draw_nothing_when_they_are_imported() -> None:
    """In a process of its own: Streamlit warns of an element that is drawn outside of a visitor's run."""
    names = ", ".join(f"aeviz.app.pages.{entry.module}" for entry in navigation.ENTRIES.values())
    done = subprocess.run([sys.executable, "-c", f"import {names}"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "ScriptRunContext" not in done.stderr


def test_the_frame_imports_no_page() -> None:
    code = "import sys, aeviz.app.shell\nprint([name for name in sys.modules if name.startswith('aeviz.app.pages.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout == "[]\n", done.stderr
