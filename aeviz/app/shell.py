"""The frame of every page: navigation, the choice of data set and models, headings and explanations."""

from html import escape
from pathlib import Path

import streamlit as st

from aeviz.app import formulas, models, navigation, password, startup, widgets
from aeviz.app.choice import DATA, LEFT, RIGHT, Choice, Shown, chosen, short_names, shown_pair, usual_pair, words
from aeviz.errors import CallableError, CheckpointError
from aeviz.modalities.base import Words
from aeviz.model.families import FAMILIES
from aeviz.parts.ahead.streamlit import ahead

FOLDER = Path(__file__).parent
ANY_ITEM = Words("item", "items", "value", "")

HOME_ADDRESSES = ("", "home")  # the addresses of the page that begins before torch is loaded
PREFETCHED = ("PlotlyChart", "DataFrame", "StreamlitSyntaxHighlighter")  # what some pages show and others can prepare


def run() -> None:
    """Draw the frame and run the page that the visitor chose."""
    startup.restore_main()
    st.set_page_config(page_title="aeviz", page_icon=str(FOLDER / "icon.svg"), layout="wide")
    if not password.passed():
        _keep_place()
        password.ask()
        return
    startup.prepare()
    st.html(FOLDER / "style.css")
    groups = [
        (heading, [navigation.page(entry.address) for entry in entries]) for heading, entries in navigation.GROUPS
    ]
    page = st.navigation([*(page for _, pages in groups for page in pages), *navigation.former()], position="hidden")
    if page.url_path in navigation.FORMER:
        page.run()
    with st.container(key="aeviz-header", horizontal=True, vertical_alignment="center", gap="medium"):
        _brand()
        _left_out(page)
        ahead(*PREFETCHED)
        for number, (heading, pages) in enumerate(groups):
            _group(number, heading, pages, page)
    ready = _choose()
    if not ready and page.url_path != "own":
        _no_models()
        return
    try:
        if page.url_path not in HOME_ADDRESSES:
            startup.load()
        page.run()
    except (CallableError, CheckpointError) as error:
        st.error(str(error), icon=":material/error:")
    finally:
        startup.restore_main()


def _keep_place() -> None:
    """Leave a visitor at the door on the address of a page, without a word of what is there."""
    st.navigation(
        [
            st.Page(lambda: None, title="aeviz", url_path=address, default=address == navigation.DEFAULT)
            for address in (*navigation.ENTRIES, *navigation.FORMER)
        ],
        position="hidden",
    )


def _brand() -> None:
    st.html('<span class="aeviz-brand">ae<b>viz</b></span>', width="content")


def _group(number: int, heading: str, pages: list["st.Page"], current: "st.Page") -> None:
    with st.container(
        key=f"aeviz-nav-{number}", horizontal=True, vertical_alignment="center", gap="small", width="content"
    ):
        if heading:
            st.html(f'<span class="aeviz-group"><span>{heading}</span></span>', width="content")
        for page in pages:
            here = "-here" if page.url_path == current.url_path else ""
            with st.container(key=f"aeviz-link-{page.title.lower()}{here}", width="content"):
                st.page_link(page)


def _choose() -> bool:
    """The widgets of the choice; False where there is no model to choose."""
    zoo = models.comparable()
    if not zoo:
        return False
    with st.container(key="aeviz-choice", horizontal=True, horizontal_alignment="right", gap="small"):
        titles = {name: models.title(name) for name in zoo}
        dataset = widgets.select(DATA, "Data set", titles, next(iter(titles)), width=150)
        names = short_names(zoo[dataset])
        left, right = (
            zoo[dataset][widgets.select(parameter, label, names, usual, width=170)]
            for parameter, label, usual in zip(
                (LEFT, RIGHT), ("Left model", "Right model"), usual_pair(zoo[dataset]), strict=True
            )
        )
    shown = shown_pair(left, right)
    st.html(
        f"<style>:root {{ --aeviz-left: {shown[0].colour}; --aeviz-right: {shown[1].colour}; "
        f"--aeviz-rendering: {'auto' if models.modality(dataset).smooth else 'pixelated'}; }}</style>"
    )
    st.session_state["choice"] = Choice(dataset, *shown)
    return True


def _left_out(page: "st.Page") -> None:
    """A quiet note, on Home alone, where checkpoints could not be loaded."""
    count = len(models.problems())
    if count and page.url_path in HOME_ADDRESSES:
        sentence = "1 model is" if count == 1 else f"{count} models are"
        navigation.link("about", f"{sentence} left out", ":material/info:")


def _no_models() -> None:
    st.title("No model is installed yet")
    for card in models.problems():
        st.warning(f"**{card.name}** is left out. {card.problem}", icon=":material/warning:")
    st.write("aeviz found no sound checkpoint in its `models/` folder. Train one, then start it again:")
    st.code("pip install 'aeviz[train]'\naeviz train ae mnist\naeviz train vae mnist", language="bash")


def header(title: str, sentence: str) -> None:
    """A page's heading and the one sentence that says what to look at; both may have blanks for `Words.fill`."""
    title, sentence = filled(title), filled(sentence)
    st.html(f'<div class="aeviz-title"><h1>{title}</h1><p>{sentence}</p></div>')


def explain(question: str, text: str) -> None:
    """The idea behind a page with its formula, folded; Markdown with LaTeX as `formulas.markdown` reads it.

    It may have blanks for `Words.fill`.
    """
    with st.expander(question, icon=":material/school:"):
        st.markdown(formulas.markdown(filled(text)))


def tile_legend() -> None:
    """How to read the small pictures of the items in the header's data set, where that needs a word."""
    data = models.data(chosen().dataset)
    if text := data.modality.legend(data.scale):
        st.caption(text)


def filled(text: str) -> str:
    """A text whose blanks hold the words of the data set in the header, or those of any item where there is none."""
    return (words() or ANY_ITEM).fill(text)


def model_heading(shown: Shown) -> None:
    """A model's name in its colour, above what it made."""
    idea = FAMILIES[shown.card.family].idea
    name = "" if shown.card.title else escape(shown.card.name)
    st.html(
        f'<h2 class="aeviz-model" style="--accent: {shown.colour}" title="{idea}">{escape(shown.title)}'
        f"<small>{name}</small></h2>"
    )
