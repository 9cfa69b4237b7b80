"""The button that saves a page as a file."""

from streamlit.testing.v1 import AppTest
from waiting import TIMEOUT_S

from aeviz.app.panels import save_page
from aeviz.app.saving import SAVED
from aeviz.app.saving.asked import read


def shown(address: str) -> AppTest:
    def script(address: str) -> None:
        import streamlit as st

        from aeviz.app.panels import save_page
        from aeviz.app.saving.asked import read

        st.session_state["choice"] = read("decode?left=ae-2d&right=vae-2d").choice
        save_page.button(address, {})

    return AppTest.from_function(script, args=(address,), default_timeout=TIMEOUT_S).run()


def test_a_page_that_can_be_saved_has_a_button() -> None:
    for address in (*SAVED, "about"):
        page = shown(address)
        assert not page.exception
        assert len(page.get("download_button")) == (address in SAVED)


def test_what_cannot_be_saved_is_told_in_the_file() -> None:
    asked = read("map?dims=3")
    assert "three dimensions" in save_page.file(asked)
