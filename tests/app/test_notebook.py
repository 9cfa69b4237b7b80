"""The app in a notebook's cell, of an IPython that is there or not."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from aeviz.app import notebook


class Shell:
    """What IPython keeps of a session."""

    def __init__(self, kernel: bool) -> None:
        self.execution_count = 7
        if kernel:
            self.kernel = object()


def pretend(monkeypatch: pytest.MonkeyPatch, shell: Shell | None) -> list[dict[str, str]]:
    """An IPython with a session, which keeps what it is given to show."""
    shown: list[dict[str, str]] = []

    def display(data: dict[str, str], raw: bool) -> None:
        assert raw
        shown.append(data)

    ipython: Any = SimpleNamespace(get_ipython=lambda: shell, display=SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    return shown


def test_a_cell_is_told_from_a_prompt_and_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert notebook.cell() is None
    for shell, cell in ((None, None), (Shell(kernel=False), None), (Shell(kernel=True), 7)):
        pretend(monkeypatch, shell)
        assert notebook.cell() == cell


def test_html_is_shown_with_a_text_for_those_who_show_none(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = pretend(monkeypatch, Shell(kernel=True))
    notebook.show("<b>a</b>", "a")
    assert shown == [{"text/html": "<b>a</b>", "text/plain": "a"}]


def test_an_address_is_no_html() -> None:
    for made in (notebook.link('/"><script>'), notebook.frame('/"><script>', 600)):
        assert "<script>" not in made
        assert "/&quot;&gt;&lt;script&gt;" in made
    assert 'height="600"' in notebook.frame("/", 600)
    notebook.check(None)
    with pytest.raises(ValueError, match="height=20 pixels: the app takes 200"):
        notebook.check(20)
