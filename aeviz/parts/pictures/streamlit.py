"""Pictures to choose from, in Streamlit."""

from collections.abc import Callable, Sequence
from typing import Any

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.pictures import payload
from aeviz.parts.sheets import Tiles


def pictures(tiles: Tiles, names: Sequence[str], *, key: str, on_pick: Callable[[int], None], **looks: Any) -> None:
    """Show what `payload` describes. on_pick: is told which picture was chosen, before the script runs.

    looks: `label`, `columns` and `smooth` as `payload` has them.

    Raises ValueError where tiles and names are not as many, or there are none.
    """
    data = payload(tiles, names, **looks)

    def picked() -> None:
        pick = host.sent(key, "picked")
        if pick and 0 <= pick["item"] < len(names):
            on_pick(pick["item"])

    host.mount("pictures", key=key, data=data, picked=picked)
