"""Home: a picture goes in, a few numbers, a picture comes out; two latent spaces alive; what each view is for."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, navigation, pace, shell, startup, url, widgets
from aeviz.app.choice import ITEM, Choice, chosen
from aeviz.app.panels import atlas, map_choice, map_panel, marked_items, own_item
from aeviz.figures import bars
from aeviz.parts.scrubber import Strip
from aeviz.parts.scrubber.streamlit import scrubber
from aeviz.parts.sheets import strip

MAP_HEIGHT = 400  # px
LEAST_STOPS = 2  # of the walk, however slow a model is
FRAMES_PER_LEG = 9  # items from one stop to the next
VIEWS = (
    (
        "map",
        ":material/scatter_plot:",
        "Where does each kind live?",
        "Both latent spaces, side by side, [[noun]] by [[noun]].",
    ),
    ("decode", ":material/tune:", "What does one number of the code mean?", "Turn it and watch the [[noun]] change."),
    (
        "interpolate",
        ":material/swap_horiz:",
        "What lies between two [[plural]]?",
        "Walk from one to another, in codes and in [[values]].",
    ),
)
# What codes are for: (page, icon, question).
APPLICATIONS = (
    ("repair", ":material/auto_fix_high:", "Who repairs it best?"),
    ("detect", ":material/troubleshoot:", "What does not belong?"),
    ("compress", ":material/compress:", "How few bytes are enough?"),
    ("features", ":material/label:", "How good is the code as features?"),
)

IN_AND_OUT = "A [[noun]] goes in, a few numbers, a [[noun]] comes out"  # a link on a screen, a sentence on paper
NEW = (
    "**New:** a whole lecture is one HTML file, whose networks decode without a server (**Share**, then **Save as a "
    "page**; several views by the command aeviz export), and the same parts live in notebooks."
)

PARAMETERS: tuple[url.Parameter[Any], ...] = (ITEM, *own_item.PARAMETERS, marked_items.MARKED, *map_panel.PARAMETERS)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    data = models.data(choice.dataset)
    shell.header(
        "See what a network sees",
        f"Two networks learned to squeeze {models.title_within(choice.dataset)} into codes of a few numbers, as many "
        f"as the latent dimension. Here is where they put {len(data):,} [[plural]] neither has seen before, and what "
        "they make of a walk from code to code.",
    )
    passage = _passage(choice)
    view = map_choice.View(map_choice.usual(choice), "class")
    atlas.send(choice, view)
    with st.container(key="aeviz-pair-and-more"):
        left, right, walk = st.columns([5, 5, 4], gap="small")
    for column, side, model in zip((left, right), ("left", "right"), choice.pair, strict=True):
        with column:
            map_panel.show(f"home-{side}", model, view, height=MAP_HEIGHT, figures=False)
    if note := models.note(choice.dataset):
        st.caption(note)
    with walk:
        with st.container(key="card-walk"):
            startup.load()
            passage.html(_passed(choice, _steps(choice.left.name, *_extent(choice))))
            _walk(choice)
            shell.tile_legend()
        st.markdown(NEW)
    _views()
    _applications()
    _others()
    st.caption(
        f"Loaded: {' and '.join(model.card.title or model.name for model in choice.pair)}, running on the "
        f"{models.explorer(choice.left.name).device}. Choose others above."
    )


@dataclass(frozen=True)
class Walk:
    """The way of a model from code to code: tiles (T, h, w, 1 or 3), and the code (d,) that it starts from."""

    tiles: NDArray[np.uint8]
    start: NDArray[np.float32]


def _passage(choice: Choice) -> Any:
    """An item on its way through the left model, and a link to more; the place for what the model makes of it."""
    words = "Follow it through every layer of the networks"
    if models.data(choice.dataset).modality.pixels:
        words += ", or draw your own"
    with st.container(key="home-passage", horizontal=True, vertical_alignment="center", gap="medium"):
        passage = st.container(width="content").empty()
        passage.html(_passed(choice))
        with st.container(gap=None, key="aeviz-acts-follow"):
            navigation.link("network", f"**{shell.filled(IN_AND_OUT)}**", ":material/schema:")
            st.html(f'<p class="aeviz-promise">{words}.</p>')
    return passage


def _passed(choice: Choice, walk: Walk | None = None) -> str:
    """The walk's first item, its code by the left model and what comes out, as HTML; without a walk, room for these."""
    data, colour = models.data(choice.dataset), choice.left.colour
    given, code = data.tiles(data.items[[data.walk[0]]])[0], ""
    if walk:
        numbers = "1 number" if len(walk.start) == 1 else f"{len(walk.start)} numbers"
        code = bars.code_bars([bars.ItemCode(numbers, colour, walk.start, None)])
    out = html.thumbnail(walk.tiles[0] if walk else np.zeros_like(given), "what comes out")
    return (
        f'<div class="aeviz-passage" style="--accent: {colour}">{html.thumbnail(given, "what goes in")}<i>encoder</i>'
        f'<div class="code">{code}</div><i class="out">decoder</i>{out}</div>'
        f'<p class="aeviz-on-paper">{shell.filled(IN_AND_OUT)}.</p>'
    )


def _walk(choice: Choice) -> None:
    smooth, (stops, frames) = models.data(choice.dataset).modality.smooth, _extent(choice)
    strips = [
        Strip(model.title, model.colour, strip(_steps(model.name, stops, frames).tiles, smooth=smooth), shown=10)
        for model in choice.pair
    ]
    scrubber(strips, t=0.0, autoplay=True, key="walk", label="Position along the walk")
    walk = models.data(choice.dataset).walk
    usual = (len(walk) - 1) * FRAMES_PER_LEG + 1
    by = f"goes by {stops} of {len(walk)} [[plural]]" if stops < len(walk) else "goes by all its [[plural]]"
    pace.tell("walk", choice, shell.filled(f"the walk {by}, in fewer steps"), usual)


def _extent(choice: Choice) -> tuple[int, int]:
    """How many stops the walk has, and items from one to the next: fewer where the pair is slow."""
    allowed, stops = pace.allowed("walk", choice), len(models.data(choice.dataset).walk)
    fewer = min(stops, max(LEAST_STOPS, allowed))
    return fewer, min(FRAMES_PER_LEG, max(1, (allowed - 1) // max(1, fewer - 1)))


@caches.kept(max_entries=16, show_spinner=False)
def _steps(name: str, stops: int, frames: int) -> Walk:
    """The walk of a model by its first stops, with so many items from one to the next."""
    from aeviz.latent.explorer import path

    model = models.explorer(name)
    data = models.data(model.config.dataset)
    codes, _ = model.encode(data.items[list(data.walk[:stops])])
    legs = [path(a, b, frames + 1)[:-1] for a, b in pairwise(codes)]
    return Walk(data.tiles(model.decode(np.concatenate([*legs, codes[-1:]]))), codes[0])


def _views() -> None:
    for column, (name, icon, question, promise) in zip(st.columns(len(VIEWS)), VIEWS, strict=True):
        with column, st.container(key=f"card-view-{name}", height="stretch"):
            navigation.link(name, f"**{shell.filled(question)}**", icon)
            st.html(f'<p class="aeviz-promise">{shell.filled(promise)}</p>')


def _applications() -> None:
    """What codes are for, a link each."""
    with st.container(key="aeviz-applications", horizontal=True, gap="medium", vertical_alignment="center"):
        widgets.label("What it is good for")
        for address, icon, question in APPLICATIONS:
            navigation.link(address, f"**{navigation.ENTRIES[address].title}** {shell.filled(question)}", icon)


def _others() -> None:
    """A link to each page that has none above."""
    linked = {navigation.DEFAULT, *(name for name, *_ in VIEWS), *(name for name, *_ in APPLICATIONS)}
    with st.container(key="aeviz-others", horizontal=True, gap="medium", vertical_alignment="center"):
        widgets.label("Also here")
        for address, entry in navigation.ENTRIES.items():
            if address not in linked:
                navigation.link(address, f"**{entry.title}**")
