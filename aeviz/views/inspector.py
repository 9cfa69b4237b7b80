"""The inspector: what the pair makes of the selected item, the same on every page."""

import streamlit as st

from aeviz.explorer import neighbours
from aeviz.views import figures, pictures, state

NEIGHBOURS = 6
ERROR = "Squared error per pixel between the input and the decode of its mean code."
KL = "How far the item's cloud of codes lies from the prior: KL(q(z|x) ‖ N(0, I)), summed over coordinates."


def show(row: int) -> None:
    """Input, reconstructions, neighbours and codes of an item of the data set."""
    choice = state.choice()
    data = state.data(choice.dataset)
    name = data.label_names[data.labels[row]]
    st.html(f'<h2 class="aeviz-item">Item {row:,}<small>{name}</small></h2>')
    shown = [pictures.figure(data.items[row], "input")]
    for model in choice.pair:
        codes = state.codes(model.name)
        note = f"error {codes.error[row]:.4f}"
        shown.append(pictures.figure(codes.pictures[row], model.label, note=note, accent=model.colour))
    pictures.row(shown)
    for model in choice.pair:
        codes = state.codes(model.name)
        near = neighbours(codes.mean, codes.mean[row], NEIGHBOURS + 1)
        st.html(f'<p class="aeviz-label">Nearest codes, {model.label}</p>')
        pictures.row([_small(data, int(other)) for other in near if other != row][:NEIGHBOURS])
    _codes(row)


def _small(data: state.Dataset, row: int) -> str:
    title = f"item {row:,}, {data.label_names[data.labels[row]]}"
    return f'<figure title="{title}"><img src="{pictures.data_url(data.items[row])}" alt="{title}"></figure>'


def _codes(row: int) -> None:
    panels = []
    for model in state.choice().pair:
        codes = state.codes(model.name)
        kl = "" if codes.kl is None else f", KL {codes.kl[row].sum():.1f} nats"
        spread = None if codes.std is None else codes.std[row]
        panels.append((f"{model.label}'s code{kl}", model.colour, codes.mean[row], spread))
    st.html(figures.code_bars(panels))


