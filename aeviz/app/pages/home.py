"""Home: the two latent spaces alive, what each view is for, what is loaded."""

from itertools import pairwise
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, models, navigation, shell, startup, url
from aeviz.app.choice import ITEM, Choice, chosen
from aeviz.app.panels import map_choice, map_panel, marked_items, own_item
from aeviz.parts.scrubber import Strip
from aeviz.parts.scrubber.streamlit import scrubber
from aeviz.parts.sheets import strip

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
    ("detect", ":material/troubleshoot:", "Which [[plural]] do not belong?"),
    ("compress", ":material/compress:", "How few bytes are enough?"),
    ("features", ":material/label:", "How good is the code as features?"),
)

PARAMETERS: tuple[url.Parameter[Any], ...] = (ITEM, own_item.SHOWN, marked_items.MARKED)


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
    view = map_choice.View(map_choice.usual(choice), "class")
    map_panel.atlas(choice, view)
    for column, side, model in zip(st.columns(2, gap="small"), ("left", "right"), choice.pair, strict=True):
        with column:
            map_panel.show(f"home-{side}", model, view, height=340, figures=False)
    if note := models.note(choice.dataset):
        st.caption(note)
    with st.container(key="card-walk"):
        startup.load()
        _walk(choice)
        shell.tile_legend()
    _views()
    _applications()
    st.caption(
        f"Loaded: {' and '.join(model.card.title or model.name for model in choice.pair)}, running on the "
        f"{models.explorer(choice.left.name).device}. Choose others above."
    )


def _walk(choice: Choice) -> None:
    smooth = models.data(choice.dataset).modality.smooth
    strips = [
        Strip(model.title, model.colour, strip(_frames(model.name), smooth=smooth), shown=10) for model in choice.pair
    ]
    scrubber(strips, t=0.0, autoplay=True, key="walk", label="Position along the walk")


@caches.kept(max_entries=16, show_spinner=False)
def _frames(name: str) -> NDArray[np.uint8]:
    """The walk as tiles."""
    from aeviz.latent.explorer import path

    model = models.explorer(name)
    data = models.data(model.config.dataset)
    codes, _ = model.encode(data.items[list(data.walk)])
    legs = [path(a, b, FRAMES_PER_LEG + 1)[:-1] for a, b in pairwise(codes)]
    return data.tiles(model.decode(np.concatenate([*legs, codes[-1:]])))


def _views() -> None:
    for column, (name, icon, question, promise) in zip(st.columns(len(VIEWS)), VIEWS, strict=True):
        with column, st.container(key=f"card-view-{name}", height="stretch"):
            navigation.link(name, f"**{shell.filled(question)}**", icon)
            st.html(f'<p class="aeviz-promise">{shell.filled(promise)}</p>')


def _applications() -> None:
    """What codes are for, a link each."""
    with st.container(key="aeviz-applications", horizontal=True, gap="medium", vertical_alignment="center"):
        st.html('<span class="aeviz-label">What it is good for</span>', width="content")
        for address, icon, question in APPLICATIONS:
            navigation.link(address, f"**{navigation.ENTRIES[address].title}** {shell.filled(question)}", icon)
