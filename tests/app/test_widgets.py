"""Widgets whose state is in the URL."""

import logging

import pytest
from apptest import opened, sound
from streamlit.elements.lib import policies


@pytest.mark.parametrize(
    ("page", "button"),
    [("repair", "noise-another"), pytest.param("generate", "redraw", marks=pytest.mark.long)],
)
def test_a_click_logs_nothing(
    page: str, button: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Streamlit logs its whole stack for a widget that has both a default and a value set from outside."""
    monkeypatch.setattr(policies.runtime, "exists", lambda: True)
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    app = opened(page)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        sound(app.button(key=button).click().run())
    assert not [record.message for record in caplog.records if "Session State" in record.message]
