"""The latent map in Streamlit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import ArrayLike

from aeviz.parts.hosts import streamlit as host
from aeviz.parts.latent_map import MapChoice, payload, received, requested


@dataclass
class _Store:
    """A group's choice, what was passed last, and what the browser is to take over, once per stamp."""

    choice: MapChoice = field(default_factory=MapChoice)
    passed: MapChoice = field(default_factory=MapChoice)
    heard: int = 0  # number of the browser's last message
    request: dict[str, Any] = field(default_factory=dict)

    def send(self, count: int) -> None:
        request = requested(self.choice, count, stamp=uuid4().hex, heard=self.heard)
        # A second map of the group mounts with the request of the first: the same must not be asked for twice.
        if any(self.request.get(name, ...) != request[name] for name in ("selected", "marked")):
            self.request = request


def latent_map(
    coordinates: ArrayLike,
    *,
    key: str,
    selected: int | None = None,
    marked: Sequence[int] | None = None,
    group: str | None = None,
    on_placed: Callable[[str, int], None] | None = None,
    **looks: Any,
) -> MapChoice:
    """Draw a map and return what the person has chosen on it, or on any map of its group.

    The browser keeps the choice; Python is told once per click or lasso and not while the pointer moves.
    `selected` and `marked` are requests: they take effect when they differ from those of the last call, so the
    usual loop (pass what the app remembers, remember what comes back) never undoes a click.

    Args:
        coordinates: (N, 2).
        key: of the element.
        selected: the item to select, or None.
        marked: the items to mark, as a lasso would.
        group: of maps that share pointer, selection and hidden classes; the map alone when left out.
        on_placed: is told the letter of a handle and the item that it was put on.
        looks: the rest, as `payload` has it.

    Raises:
        ValueError: an array has the wrong shape, a coordinate is not finite or a label has no name.

    """
    count = len(np.asarray(coordinates))
    store: _Store = host.memory().setdefault(f"aeviz latent map {group or key}", _Store())
    fresh = key not in host.memory() or not store.request
    passed = MapChoice(selected, sorted(int(item) for item in marked or ()))
    fresh |= _take_over(store, passed)
    chosen = store.choice
    store.choice = MapChoice(
        chosen.selected if chosen.selected is not None and 0 <= chosen.selected < count else None,
        [item for item in chosen.marked if item < count],
    )
    if fresh:
        store.send(count)

    def on_choice() -> None:
        store.choice, store.heard = received(host.sent(key, "choice"), count)

    def on_put() -> None:
        put = host.sent(key, "placed")
        if on_placed and put and 0 <= put["item"] < count:
            on_placed(put["handle"], put["item"])

    data = payload(coordinates, group=group or key, request=store.request, **looks)
    host.mount("latent_map", key=key, data=data, choice=on_choice, placed=on_put)
    return MapChoice(store.choice.selected, list(store.choice.marked))


def _take_over(store: _Store, passed: MapChoice) -> bool:
    """Take over what is passed where it differs from what was passed last; whether the choice has changed."""
    before = store.choice
    if passed.selected != store.passed.selected:
        store.choice = replace(store.choice, selected=passed.selected)
    if passed.marked != store.passed.marked:
        store.choice = replace(store.choice, marked=passed.marked)
    store.passed = passed
    return store.choice != before
