"""The frame of every page: navigation, the choice of data set and models, headings and explanations."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from aeviz.app import formulas, html, models, navigation, password, patience, startup, url, widgets
from aeviz.app.choice import DATA, LEFT, RIGHT, Choice, Shown, chosen, read_full_names, shown_pair, usual_pair, words
from aeviz.app.model_names import full_names
from aeviz.app.panels import presentation, share_link
from aeviz.app.uploads import returning
from aeviz.errors import CallableError, CheckpointError
from aeviz.modalities.base import Words
from aeviz.model.families import FAMILIES
from aeviz.parts.ahead.streamlit import ahead
from aeviz.parts.tab import streamlit as tab

FOLDER = Path(__file__).parent
ANY_ITEM = Words("item", "items", "value", "")

HANDS = ("Click", "Drag", "Press", "Hover", "Open", "Tap", "In the legend")  # how a sentence begins that tells a hand
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
    st.html(FOLDER / "paper.css")
    groups = [
        (heading, [navigation.page(entry.address) for entry in entries]) for heading, entries in navigation.GROUPS
    ]
    page = st.navigation([*(page for _, pages in groups for page in pages), *navigation.former()], position="hidden")
    if page.url_path in navigation.FORMER:
        page.run()
    returning.note()
    url.follow_history()
    widgets.arrive(page.url_path)
    presentation.follow()
    presented = presentation.on()
    st.set_page_config(page_title=f"{page.title} · aeviz")
    with st.container(key="aeviz-header", horizontal=True, vertical_alignment="center", gap="medium"):
        _brand()
        _menu(groups, page)
        share = st.container(key="aeviz-share-place", width="content", gap=None)
        _left_out(page)
        with st.container(key="aeviz-ahead"):
            ahead(*PREFETCHED)
        for number, (heading, pages) in enumerate(groups):
            _group(number, heading, pages, page)
    ready = _choose(page)
    if not ready and page.url_path != navigation.BRING:
        _no_models()
        return
    notice, address = st.container(key="aeviz-notice"), page.url_path or navigation.DEFAULT
    try:
        if page.url_path not in HOME_ADDRESSES:
            startup.load()
        with patience.telling(notice.empty):
            page.run()
        sharing = False
        if presented:
            st.html(FOLDER / "present.css")
            presentation.controls()
        else:
            with share:
                sharing = share_link.button(page.url_path, navigation.parameters(address))
                presentation.begin_by_key()
        if gone := returning.gone_sentence():
            notice.warning(gone, icon=":material/folder_off:")
        if refused := url.refused():
            notice.warning(refused, icon=":material/link_off:")
        _tab(navigation.parameters(address), sharing)
    except (CallableError, CheckpointError) as error:
        st.error(str(error), icon=":material/error:")
    finally:
        startup.restore_main()


def _keep_place() -> None:
    """Leave a visitor at the door on the address of a page, without a word of what is there."""
    st.navigation(
        [
            st.Page(lambda: None, title="aeviz", url_path=address, default=address == navigation.ROOT)
            for address in {navigation.ROOT, *navigation.ENTRIES, *navigation.FORMER}
        ],
        position="hidden",
    )


def _brand() -> None:
    script = (FOLDER / "frame.js").read_text(encoding="utf-8")
    st.html(
        f'<span class="aeviz-brand">ae<b>viz</b></span><script>{script}</script>',
        width="content",
        unsafe_allow_javascript=True,
    )


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


def _menu(groups: list[tuple[str, list["st.Page"]]], current: "st.Page") -> None:
    """The same links under one button, for narrow screens: `style.css` shows the one or the other.

    The button is another on each page, so that it closes when a link has been followed.
    """
    key = f"aeviz-menu-{current.url_path or navigation.DEFAULT}"
    with st.popover(current.title, icon=":material/menu:", type="tertiary", key=key):
        for number, (heading, pages) in enumerate(groups):
            with st.container(key=f"aeviz-menu-group-{number}", gap=None):
                if heading:
                    st.html(f'<span class="aeviz-menu-heading">{heading}</span>')
                for page in pages:
                    st.page_link(page)


def _choose(page: "st.Page") -> bool:
    """The widgets of the choice, as far as the page shows what is chosen; False where there is no model to choose."""
    zoo = models.comparable()
    if not zoo:
        return False
    read_full_names(zoo)
    with st.container(key="aeviz-choice", horizontal=True, horizontal_alignment="right", gap="small"):
        titles = {name: models.title(name) for name in zoo}
        dataset = widgets.select(DATA, "Data set", titles, next(iter(titles)), width=164)
        names = full_names(zoo[dataset])
        left, right = (
            zoo[dataset][widgets.select(parameter, label, names, usual, width=270)]
            for parameter, label, usual in zip(
                (LEFT, RIGHT), ("Left model", "Right model"), usual_pair(zoo[dataset]), strict=True
            )
        )
    shown = shown_pair(left, right)
    entry = navigation.ENTRIES.get(page.url_path or navigation.DEFAULT)
    if entry is not None and not entry.pair:
        st.html("<style>.st-key-left, .st-key-right { display: none; }</style>")
    st.html(
        f"<style>:root {{ --aeviz-left: {shown[0].colour}; --aeviz-right: {shown[1].colour}; "
        f"--aeviz-rendering: {'auto' if models.modality(dataset).smooth else 'pixelated'}; }}</style>"
    )
    st.session_state["choice"] = Choice(dataset, *shown)
    return True


def _tab(parameters: Sequence[url.Parameter[Any]], sharing: bool) -> None:
    """Let the browser keep the tab's history, of a page with these parameters, and what it claims its own things by.

    sharing: whether the page shows a link to itself, for which the tab tells what it has written into the address.
    """
    known = tab.seen() if sharing else None
    tab.tab(
        [parameter.name for parameter in parameters if parameter.drags],
        [parameter.name for parameter in parameters if parameter.gathers],
        url.seen(parameters),
        returning.token(),
        forget=returning.is_void(),
        known=known,
        views=presentation.kept(),
        on_claim=returning.claim,
        on_views=lambda: presentation.take_back(tab.views()),
    )


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
    """A page's heading and the one sentence that says what to look at; both may have blanks for `Words.fill`.

    Where the sentence says "Click", a touch screen says "Tap", unless the page has told the two apart itself.
    """
    title, sentence = filled(title), filled(sentence)
    shown = off_paper(sentence)
    if "<span" not in sentence:
        shown = for_hands(shown)
    st.html(f'<div class="aeviz-title"><h1>{title}</h1><p>{shown}</p></div>')


def off_paper(text: str) -> str:
    """A text whose sentences that tell a hand what to do are left out where the page is printed (HTML)."""
    plain, mark, hands = text.partition(html.POINTER)
    sentences = [
        f'<span class="aeviz-hand">{sentence}</span>' if sentence.startswith(HANDS) else sentence
        for sentence in re.split(r"(?<=[.?!]) ", plain)
        if sentence
    ]
    if mark:
        sentences.append(f'<span class="aeviz-hand">{mark}{hands}</span>')
    return " ".join(sentences)


def for_hands(sentence: str) -> str:
    """A sentence that says "Click" with a mouse or a pen and "Tap" on a touch screen (HTML)."""
    return sentence.replace("Click", html.by_hand("Click", "Tap"))


def caption(sentence: str) -> None:
    """A caption within a page, told for the hand that there is; `sentence` is our own and holds no text of visitors."""
    st.caption(for_hands(off_paper(sentence)), unsafe_allow_html=True)


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
        f'<h2 class="aeviz-model" style="--accent: {shown.colour}">{html.defined(escape(shown.title), idea)}'
        f"<small>{name}</small></h2>"
    )
