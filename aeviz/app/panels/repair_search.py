"""Repair by search: the picture converges before the eye, and a press stops it."""

import hashlib
import time

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models
from aeviz.app.choice import Shown, chosen
from aeviz.app.panels import repair_strip
from aeviz.app.panels.item_input import Input
from aeviz.datasets.record import Dataset
from aeviz.modalities.base import Corruption
from aeviz.model.families import FAMILIES

EVERY = 5  # steps between two pictures
PACE_S = 0.04  # seconds that each is seen: a search of 150 steps is over before the eye has followed it
KEPT = "repair-found"  # in the session: {what was searched for: (step, items)}
MAX_KEPT = 32


def searcher() -> Shown | None:
    """The model whose codes are searched: of the pair one with a prior, or else the data set's; None for none."""
    for model in chosen().pair:
        if FAMILIES[model.card.family].code == "gaussian":
            return model
    cards = models.comparable()[chosen().dataset].values()
    card = next((card for card in cards if FAMILIES[card.family].code == "gaussian"), None)
    family = FAMILIES[card.family] if card else None
    return Shown(card, family.label, family.title, family.mark.colour) if card and family else None


def show(
    data: Dataset, source: Input, noisy: NDArray[np.float32], hidden: NDArray[np.bool_] | None, row: Corruption,
    level: float,
) -> None:  # fmt: skip
    """The button, and where the search for the damaged item (1, *shape) is."""
    model = searcher()
    if model is None:
        return
    bytes_ = noisy.tobytes() + (b"" if hidden is None else hidden.tobytes())
    key = f"{model.name}·{hashlib.blake2b(bytes_, digest_size=12).hexdigest()}"
    kept = st.session_state.setdefault(KEPT, {})
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="aeviz-acts-search"):
        start = st.button(f"Search with the {model.label}", icon=":material/search:", key="repair-search")
        stop = st.empty()
        st.caption(f"Moves the code until its decode agrees with what is seen of the {data.words.noun}.")
    slot = st.empty()
    if start:
        from aeviz.latent.search import search

        stop.button("Stop", icon=":material/stop:", key="repair-stop")
        fixed = row if row.levels and not row.holes else None
        network = models.explorer(model.name)
        for best in search(network, noisy, hidden, corruption=fixed, level=level if fixed else 0.0, every=EVERY):
            kept[key] = (best.step, best.items)
            _draw(slot, data, source, model, noisy, hidden, *kept[key])
            time.sleep(PACE_S)
        stop.empty()
        while len(kept) > MAX_KEPT:
            kept.pop(next(iter(kept)))
    elif key in kept:
        _draw(slot, data, source, model, noisy, hidden, *kept[key])


def _draw(
    slot: "st.delta_generator.DeltaGenerator", data: Dataset, source: Input, model: Shown, noisy: NDArray,
    hidden: NDArray | None, step: int, items: NDArray,
) -> None:  # fmt: skip
    damaged = repair_strip.Damaged(source.item[None], noisy, hidden)
    strip = repair_strip.judged(data, damaged, items)
    notes = [f"step {step}"]
    for row in repair_strip.judges(data):
        notes.append(f"{row.name} {row.text(float(strip.scores[row.key][0]), data.scale)}")
    if strip.holes is not None and np.isfinite(strip.holes[0]):
        notes.append(f"in the hole {strip.holes[0]:.1f} dB")
    first, second = data.tiles(np.concatenate([noisy, source.item[None]]))
    slot.html(
        html.row(
            [
                html.figure(first, "What is seen", large=data.html(noisy[0])),
                html.figure(strip.tiles[0], f"{model.label} by search", note="<br>".join(notes), accent=model.colour,
                            large=data.html(items[0])),
                html.figure(second, data.words.clean, large=data.html(source.item)),
            ],
            columns=None if data.html(source.item) else 6,
            smallest=0,
        )
    )  # fmt: skip
