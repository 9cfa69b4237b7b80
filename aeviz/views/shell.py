"""The frame of every page: navigation, the choice of data set and models, headings and explanations."""

from pathlib import Path

import streamlit as st

from aeviz.objectives import FAMILIES
from aeviz.views import controls, server, state

FOLDER = Path(__file__).parent

# Groups of pages: (heading, ((file, title), …)).
PAGES = (
    ("", (("home", "Home"),)),
    ("See", (("map", "Map"), ("decode", "Decode"))),
    ("Use", (("interpolate", "Interpolate"), ("denoise", "Denoise"))),
    ("", (("about", "About"),)),
)


def run() -> None:
    """Draw the frame and run the page that the visitor chose."""
    st.set_page_config(page_title="aeviz", page_icon=str(FOLDER / "icon.svg"), layout="wide")
    server.prepare()
    st.html(FOLDER / "style.css")
    groups = [(heading, [_page(name, title) for name, title in pages]) for heading, pages in PAGES]
    page = st.navigation([page for _, pages in groups for page in pages], position="hidden")
    with st.container(key="aeviz-header", horizontal=True, vertical_alignment="center", gap="medium"):
        _brand()
        for number, (heading, pages) in enumerate(groups):
            _group(number, heading, pages, page)
        st.space("stretch")
        ready = _choose()
    if ready:
        page.run()
    else:
        _no_models()


def page_path(name: str) -> Path:
    """The file of a page."""
    return FOLDER / f"{name}.py"


def _page(name: str, title: str) -> "st.Page":
    return st.Page(page_path(name), title=title, url_path=name, default=name == "home")


def _brand() -> None:
    st.html('<span class="aeviz-brand">ae<b>viz</b></span>', width="content")


def _group(number: int, heading: str, pages: list["st.Page"], current: "st.Page") -> None:
    with st.container(
        key=f"aeviz-nav-{number}", horizontal=True, vertical_alignment="center", gap="small", width="content"
    ):
        if heading:
            st.html(f'<span class="aeviz-group">{heading}</span>', width="content")
        for page in pages:
            here = "-here" if page.url_path == current.url_path else ""
            with st.container(key=f"aeviz-link-{page.title.lower()}{here}", width="content"):
                st.page_link(page)


def _choose() -> bool:
    """The widgets of the choice; False where there is no model to choose."""
    zoo = state.zoo()
    if not zoo:
        return False
    with st.container(key="aeviz-choice", horizontal=True, gap="small", width="content"):
        titles = {name: state.data(name).title for name in zoo}
        dataset = controls.select("data", "Data set", titles, next(iter(titles)), width=160)
        names = state.short_names(zoo[dataset])
        left, right = (
            zoo[dataset][controls.select(key, label, names, usual if usual in names else next(iter(names)), width=120)]
            for key, label, usual in (("left", "Left model", "ae"), ("right", "Right model", "vae"))
        )
    shown = state.show_as(left, right)
    st.html(f"<style>:root {{ --aeviz-left: {shown[0].colour}; --aeviz-right: {shown[1].colour}; }}</style>")
    st.session_state["choice"] = state.Choice(dataset, *shown)
    return True


def _no_models() -> None:
    st.title("No model is installed yet")
    st.write("aeviz found no checkpoint in its `models/` folder. Train one, then reload this page:")
    st.code("pip install 'aeviz[train]'\naeviz train ae mnist\naeviz train vae mnist", language="bash")


def header(title: str, sentence: str) -> None:
    """A page's heading and the one sentence that says what to look at."""
    st.html(f'<div class="aeviz-title"><h1>{title}</h1><p>{sentence}</p></div>')


def explain(question: str, text: str) -> None:
    """The idea behind a page with its formula, folded; Markdown with LaTeX."""
    with st.expander(question, icon=":material/school:"):
        st.markdown(text)


def model_heading(shown: state.Shown) -> None:
    """A model's name in its colour, above what it made."""
    idea = FAMILIES[shown.card.family].idea
    st.html(
        f'<h2 class="aeviz-model" style="--accent: {shown.colour}" title="{idea}">{shown.title}'
        f"<small>{shown.card.name}</small></h2>"
    )
