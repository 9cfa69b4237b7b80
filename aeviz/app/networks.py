"""The models of a page in the tab: where it can run one, its parts decode themselves, and the server need not."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from aeviz.app import caches, models
from aeviz.app.choice import Shown
from aeviz.parts.draw_pad import Rebuilder
from aeviz.parts.networks import MAX_BYTES, Tab
from aeviz.parts.networks.streamlit import network

if TYPE_CHECKING:
    from aeviz.model.portable import Portable

REFUSED = "networks refused"  # digests of models that this tab has tried and cannot run


def send(names: Iterable[str], known: "Callable[[str], object | None] | None" = None) -> None:
    """Give the tab the models of these names that it may be able to run.

    known: what is None for those that it need not have: `of` where none is given, or `digest`. A model that this
    visitor may not look at is never sent.
    """
    known = known or of
    visible = [name for name in names if models.is_visible(name) and known(name) is not None]
    sent = [model for name in visible if (model := _portable(name))]
    for digest, model in {model.digest: model for model in sent}.items():  # one model may have two names
        network(digest, model.config, model.weights)


def of(name: str) -> Tab | None:
    """How a model is known to the parts; None where they get pictures of the server: the tab cannot run or draw it."""
    explorer = models.explorer(name)
    if not explorer.modality.pixels or explorer.classes:
        return None
    known_digest = digest(name)
    if known_digest is None:
        return None
    from aeviz.lessons.record import tab  # it needs torch, which the model has loaded

    return tab(known_digest, explorer)


def rebuilders(shown: Sequence[Shown]) -> list[Rebuilder]:
    """Models that rebuild a drawing in the tab at every step of the hand; none where it cannot run them all.

    The page must have sent them, by `send`.
    """
    tabs = [(model, of(model.name)) for model in shown]
    known = [Rebuilder(model.label, model.colour, tab) for model, tab in tabs if tab is not None]
    return known if len(known) == len(tabs) else []


def digest(name: str) -> str | None:
    """By what the parts find a model, whatever its items are; None where the tab cannot run it."""
    model = _portable(name) if models.is_visible(name) else None
    return None if model is None or model.digest in st.session_state.get(REFUSED, ()) else model.digest


def refused(key: str) -> None:
    """Note that this tab cannot run a model, as the part of a key has said."""
    st.session_state[REFUSED] = {*st.session_state.get(REFUSED, ()), st.session_state[key].get("refused")}


@caches.kept(max_entries=16, show_spinner=False)
def _portable(name: str) -> "Portable | None":
    """A model for the browser; None where it has no form for it, or one too large to send."""
    from aeviz.model.portable import portable

    try:
        model = portable(models.explorer(name).model)
    except ValueError:
        return None
    return model if len(model.weights) <= MAX_BYTES else None
