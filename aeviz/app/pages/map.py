"""Map: where each item lies in the codes of the pair."""

from collections.abc import Sequence

import streamlit as st

from aeviz.app import html, models, networks, shell
from aeviz.app.choice import ITEM, chosen, selected_item
from aeviz.app.panels import atlas, inspector, map_choice, map_panel, marked_items, notions, own_item

SENTENCE = "Both networks squeezed the same {count:,} [[plural]] into {size}. " + html.by_hand(
    "Hover to see a [[noun]]: it lights up on both maps. Click to keep it.",
    "Tap a point to see its [[noun]]: it lights up on both maps.",
)
IDEA = r"""
A network turns each [[noun]] $x$ into a **code** $z$ of a few numbers, as many as its *latent dimension*: a point in
*latent space*. Codes of more than two or three numbers cannot be drawn, so a second method flattens them.

**Trustworthiness** (Venna and Kaski 2001) asks whether neighbours on the map are neighbours in the code, 1 at best; it
is measured on at most 2,000 items, drawn with seed 0 where there are more. **kNN accuracy** is the share of items whose
class the 10 nearest points of the map name, by 5-fold cross-validation.
"""

PARAMETERS = (
    *map_choice.PARAMETERS,
    ITEM,
    *own_item.PARAMETERS,
    marked_items.MARKED,
    marked_items.ORDER,
    *map_panel.PARAMETERS,
    *map_panel.IN_3D,
)


def heading(count: int, dims: Sequence[int]) -> tuple[str, str]:
    """The page's title, and what to look at, for so many items and codes of so many numbers."""
    size = f"{dims[0]} numbers" if len(set(dims)) == 1 else "a few numbers"
    return "Where does each kind live?", SENTENCE.format(count=count, size=size)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    data = models.data(choice.dataset)
    shell.header(*heading(len(data), [model.card.latent_dim for model in choice.pair]))
    view = map_choice.controls(choice)
    map_choice.offer(choice, view)
    if own_item.origin() == "draw":
        networks.send(model.name for model in choice.pair)
    with st.container(key="aeviz-pair-and-more"):
        left, right, inspected = st.columns([5, 5, 3.2], gap="small")
    atlas.send(choice, view)
    for column, side, model in zip((left, right), ("left", "right"), choice.pair, strict=True):
        with column:
            map_panel.show(side, model, view)
    if spread := map_panel.spread_sentence(choice, view):
        with left:
            st.caption(spread)
    method = "code" if view.settings is None else view.settings.method
    with left:
        notions.ask(notions.METHODS[method])
    if any(model.card.code == "gaussian" for model in choice.pair):
        with right:
            notions.ask(notions.PRIOR)
    if note := models.note(choice.dataset):
        with left:
            st.caption(note)
    with inspected, st.container(key="card-side"):
        inspector.show(selected_item())
    marked_items.show(map_panel.places(choice, view))
    shell.explain("What is a map of codes, and how well does it show them?", IDEA)
