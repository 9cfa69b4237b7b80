"""The link to what is on the screen: to copy, and as a QR code for a class; or the page itself as a file."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from aeviz.app import secret, sharing, url
from aeviz.app.panels import presentation, save_page
from aeviz.parts.tab import streamlit as tab

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1"}
MAX_QR_LETTERS = 2300  # letters that a QR code holds which a phone still reads from a projector's picture


def button(page: str, parameters: Sequence[url.Parameter[Any]]) -> bool:
    """A button in the header; what it opens is made when it is opened, of the address as it is then.

    page: the address of the present page within the app. parameters: of the page. Returns whether it is open: the tab
    then has to tell what it has written into the address.
    """
    shown = st.popover("Share", icon=":material/share:", type="tertiary", key="aeviz-share", on_change="rerun")
    if not shown.open:
        return False
    texts = as_seen(st.query_params.to_dict(), url.seen(parameters), tab.seen())
    address, reachable = link(st.context.url or "", texts, _is_shared())
    with shown:
        with st.container(key="aeviz-link"):
            st.code(address, language=None, wrap_lines=True)
        if not reachable:
            st.caption("It opens on this machine alone. `aeviz --share` lets a class in, with a QR code here.")
        elif len(address) > MAX_QR_LETTERS:
            st.caption("This view is too long for a QR code: the link holds a drawing or a long selection.")
        else:
            picture = segno.make(address, error="l").svg_data_uri(scale=4, border=2, dark="#000", light="#fff")
            st.html(f'<img class="aeviz-qr" src="{escape(picture, quote=True)}" alt="QR code of the link above">')
        save_page.button(page, texts)
        presentation.offer(address)
    return True


def as_seen(texts: Mapping[str, str], names: Sequence[str], seen: Mapping[str, str]) -> dict[str, str]:
    """The texts of an address with those that the browser writes by itself, under these names, as it has told them.

    What the server knows of these is of before the hand last moved anything.
    """
    known = {name: text for name, text in texts.items() if name not in names}
    return {**known, **{name: seen[name] for name in names if name in seen}}


def link(shown: str, parameters: dict[str, str], shared: bool) -> tuple[str, bool]:
    """The address that others open, and whether they can.

    shown: the address in the browser. parameters: of its query, as they are now. shared: whether other machines may
    come in; where the browser names this machine by itself, its address in the network takes that place.
    """
    parts = urlsplit(shown)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    reachable = host not in LOOPBACK
    netloc = parts.netloc
    if not reachable and shared and (addresses := sharing.addresses()):
        netloc, reachable = f"{addresses[0]}{port}", True
    return urlunsplit((parts.scheme, netloc, parts.path, urlencode(parameters), "")), reachable


def _is_shared() -> bool:
    return secret.read(sharing.SHARED) == "yes" or st.get_option("server.address") == sharing.ALL_ADDRESSES
