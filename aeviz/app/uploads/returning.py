"""A tab that comes back after a reload: what its visitor had brought is claimed again by a token that the tab kept.

The token is a random one of 256 bits. It stands in no link: the tab keeps it in its own storage, which the browser
gives to no other tab, and tells it where a session has brought nothing yet. It counts as long as what was brought is
kept: about two minutes after the tab has gone (`session.disconnect_ttl_s`). A tab that is still there keeps its own.
"""

import time

import streamlit as st

from aeviz.app import models, url
from aeviz.app import streamlit_internals as internals
from aeviz.app.uploads import session
from aeviz.parts.tab.streamlit import claimed

OPENED, OUTCOME = "tab-opened-with", "tab-outcome"
WAIT_S, LOOK_S = 3.0, 0.05  # for the connection of a page that has just been left to be seen to end


def note() -> None:
    """Remember what the address said when the session began: names of own data mean something once they are claimed.

    Where it has such names, the first run leaves it as it is. Before its page stands, nothing in the browser tells
    entries of the history that a person made from those of a reload, where the names mean nothing until the tab has
    told its token.
    """
    url.leave_untouched(OPENED not in st.session_state and internals.is_serving() and _has_unknown_names())
    st.session_state.setdefault(OPENED, st.query_params.to_dict())


def _has_unknown_names() -> bool:
    """Whether the address names a data set or a model that the visitor does not have, or not yet."""
    zoo = models.zoo()
    known = {name for variants in zoo.values() for variant, card in variants.items() for name in (variant, card.name)}
    asked = st.query_params
    return (
        asked.get("data", next(iter(zoo), "")) not in zoo
        or not {asked[side] for side in ("left", "right") if side in asked} <= known
    )


def token() -> str:
    """What the tab is to keep; "" where nothing was brought."""
    own = session.current()
    return own.token if own is not None and (own.waiting or not own.is_empty) else ""


def claim() -> None:
    """Take over what the tab's token names, and show what the address said; else say that it is gone."""
    own = session.current()
    if own is not None and not own.is_empty:
        return
    known = session.known(claimed())
    if known is None or not _is_left(known.owner):
        st.session_state[OUTCOME] = "gone" if known is None else "elsewhere"  # of a tab that was duplicated
        return
    st.session_state[OUTCOME] = "unfinished" if known.waiting else "back"
    session.move(known)
    url.forget()
    st.query_params.from_dict(st.session_state.get(OPENED, {}))


def _is_left(owner: str) -> bool:
    """Whether the page of a session is no longer there, or about to be seen to go."""
    until = time.monotonic() + WAIT_S
    while internals.is_serving() and owner != internals.session_id() and internals.is_connected(owner):
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_S)
    return True


def is_void() -> bool:
    """Whether the token that the tab told counts for nothing."""
    return st.session_state.get(OUTCOME) in {"gone", "elsewhere"}


def gone_sentence() -> str:
    """What to tell a visitor whose things are gone, all or those that were not loaded yet; told once."""
    outcome = st.session_state.get(OUTCOME)
    if outcome not in {"gone", "unfinished"} or st.session_state.get(f"{OUTCOME}-told"):
        return ""
    st.session_state[f"{OUTCOME}-told"] = True
    if outcome == "unfinished":
        return "A file that was uploaded but not loaded yet is no longer here. Upload it again on the page Your own."
    minutes = round(session.disconnect_ttl_s() / 60)
    return (
        f"What you had brought into this tab is no longer here: it is kept for about {minutes} minutes after the page "
        "is left. Bring models and data again on the page Your own, a photograph where you had chosen it."
    )
