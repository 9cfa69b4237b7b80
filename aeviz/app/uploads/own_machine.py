"""Whether a visitor sits at the machine that serves the page."""

import re
from ipaddress import ip_address

import streamlit as st

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")


def is_own_machine() -> bool:
    """Whether this visitor sits at the machine that serves the page.

    The server must listen to this machine alone, the browser must have asked for a local address, and no proxy may
    stand between, as its headers tell.
    """
    if not _is_local(str(st.get_option("server.address") or "")):
        return False
    headers = st.context.headers
    if any(name in headers for name in FORWARDED) or st.context.ip_address is not None:
        return False
    return _is_local(re.sub(r":\d+$", "", headers.get("Host") or ""))


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
