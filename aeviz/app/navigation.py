"""The pages: their addresses, titles and groups, and links from one to another."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

import streamlit as st

from aeviz.app import url


@dataclass(frozen=True)
class Entry:
    """A page in the navigation.

    address: the part of the URL that names it. module: its file in `aeviz/app/pages`, without ".py". title: its link.
    pair: whether it shows the models of the header, which are not offered elsewhere.
    """

    address: str
    module: str
    title: str
    pair: bool = True


# Groups of pages: (heading, (page, …)).
GROUPS = (
    ("", (Entry("home", "home", "Home"),)),
    (
        "See",
        (
            Entry("network", "network", "Network"),
            Entry("map", "map", "Map"),
            Entry("decode", "decode", "Decode"),
            Entry("how-a-vae-thinks", "vae_walkthrough", "How a VAE thinks", pair=False),
            Entry("training", "training", "Training", pair=False),
        ),
    ),
    (
        "Make",
        (Entry("interpolate", "interpolate", "Interpolate"), Entry("generate", "generate", "Generate")),
    ),
    (
        "Use",
        (
            Entry("repair", "repair", "Repair"),
            Entry("detect", "detect", "Detect"),
            Entry("compress", "compress", "Compress"),
            Entry("features", "features", "Features"),
        ),
    ),
    ("Compare", (Entry("compare", "compare", "Compare"), Entry("sweeps", "sweeps", "Sweeps", pair=False))),
    ("Bring", (Entry("your-own", "your_own", "Your own"),)),
    ("", (Entry("about", "about", "About"),)),
)
ENTRIES = {entry.address: entry for _, entries in GROUPS for entry in entries}
DEFAULT, BRING = "home", "your-own"
ROOT = "root"  # a name for the page at the root, which has no address of its own
# Addresses of before, by which links still open a page, and the name of Home, which stands at the root.
FORMER = {DEFAULT: DEFAULT, "denoise": "repair", "thinks": "how-a-vae-thinks", "replay": "training", "own": "your-own"}


def page(address: str) -> "st.Page":
    """The page with an address; its module is imported when it is first drawn. Raises KeyError for no such page."""
    entry, is_root = ENTRIES[address], address == DEFAULT
    path = ROOT if is_root else address  # Streamlit reserves it, too, and shows nothing there
    return st.Page(_drawing(entry.module), title=entry.title, url_path=path, default=is_root)


def parameters(address: str) -> "tuple[url.Parameter[Any], ...]":
    """What the page with an address reads from the URL, once it was drawn; the one of Home is "home"."""
    declared: tuple[url.Parameter[Any], ...] = import_module(f"aeviz.app.pages.{ENTRIES[address].module}").PARAMETERS
    return declared


def former() -> list["st.Page"]:
    """A page for each address of before: it leads to the one of today, whose parameters stay as they are."""

    def lead(address: str) -> Callable[[], None]:
        return lambda: st.switch_page(page(address), query_params=st.query_params.to_dict())

    return [st.Page(lead(today), title=ENTRIES[today].title, url_path=before) for before, today in FORMER.items()]


@cache
def _drawing(module: str) -> Callable[[], None]:
    def draw() -> None:
        drawn = import_module(f"aeviz.app.pages.{module}")
        url.start()
        drawn.page()
        url.tidy(drawn.PARAMETERS)

    return draw


def link(address: str, label: str, icon: str | None = None) -> None:
    """A link to the page with an address."""
    st.page_link(page(address), label=label, icon=icon)


def switch(address: str) -> NoReturn:
    """Go to the page with an address."""
    st.switch_page(page(address))
