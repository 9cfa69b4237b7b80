"""Models for the browser in Streamlit."""

from typing import Any

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.networks import MAX_KEPT, payload

SENT = "networks sent"  # digests that this tab has, the one used last at the end


def network(digest: str, config: dict[str, Any], weights: bytes) -> None:
    """Put a model, as `payload` has it, where every part on the page finds it by its digest; shows nothing itself.

    Its weights are sent once: a tab that has let go of a model says so, and gets them again.
    """

    def lost() -> None:
        host.memory()[SENT] = [name for name in host.memory()[SENT] if name != digest]

    sent: list[str] = host.memory().get(SENT, [])
    host.memory()[SENT] = [*(name for name in sent if name != digest), digest][-MAX_KEPT:]
    data = payload(digest, config, None if digest in sent else weights)
    host.mount("networks", key=f"network-{digest[:16]}", data=data, lost=lost)
