"""What is on the screen as a page of one HTML file, from a button."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from aeviz.app import widgets
from aeviz.app.choice import chosen
from aeviz.app.panels import own_item
from aeviz.app.saving import SAVED

if TYPE_CHECKING:
    from aeviz.app.saving.asked import Asked


def button(address: str, texts: Mapping[str, str]) -> None:
    """A button that saves the page with an address as it is now, on pages that can be saved; the file is made then.

    texts: of the address, as the browser has them.
    """
    if address not in SAVED:
        return
    from aeviz.app.saving.asked import CHOOSING, Asked  # which loads torch, unlike the first page

    named = {name: text for name, text in texts.items() if name not in CHOOSING}
    source = own_item.shown()
    asked = Asked(address, named, chosen(), None if source is None else source.item)
    widgets.save(
        "Save as a page", lambda: file(asked), f"aeviz-{address}-{asked.choice.dataset}.html", "text/html",
        key="aeviz-save-page", icon=":material/save:",
    )  # fmt: skip
    st.caption("One HTML file that opens by a double click, without aeviz, network or server.")


def file(asked: "Asked") -> str:
    """The file; where it cannot be made, a page that says why: a download has no other way to tell."""
    from aeviz.app.saving.views import section
    from aeviz.lessons import page

    try:
        return page.html([section(asked)])
    except ValueError as error:
        logging.getLogger(__name__).warning("%s", error)
        return page.sentence(str(error))
