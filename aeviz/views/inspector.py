"""The inspector: what the pair makes of the selected item, the same on every page."""

import streamlit as st

from aeviz import Dataset
from aeviz.explorer import neighbours
from aeviz.views import figures, pictures, state

NEIGHBOURS = 6
ERROR = "Squared error per pixel between the input and the decode of its mean code."


def show(row: int) -> None:
    """Input, reconstructions, neighbours and codes of an item of the data set."""
    pair, data = state.choice().pair, state.data(state.choice().dataset)
    parts = [f'<h2 class="aeviz-item">Item {row:,}<small>{data.label_names[data.labels[row]]}</small></h2>']
    parts.append(pictures.row([pictures.figure(data.items[row], "input"), *(_rebuilt(model, row) for model in pair)]))
    for model in pair:
        parts.append(f'<p class="aeviz-label">Nearest codes, {model.label}</p>')
        parts.append(_nearest(model, data, row))
    parts.append('<p class="aeviz-label">The code</p>')
    st.html("".join(parts) + figures.code_bars([_code(model, row) for model in pair]))


def _rebuilt(model: state.Shown, row: int) -> str:
    codes = state.codes(model.name)
    return pictures.figure(
        codes.pictures[row],
        model.label,
        note=f'<span title="{ERROR}">error {codes.error[row]:.4f}</span>',
        accent=model.colour,
    )


def _nearest(model: state.Shown, data: Dataset, row: int) -> str:
    codes = state.codes(model.name).mean
    near = [int(other) for other in neighbours(codes, codes[row], NEIGHBOURS + 1) if other != row][:NEIGHBOURS]
    return pictures.row([_small(data, other) for other in near], style="small")


def _small(data: Dataset, row: int) -> str:
    title = f"item {row:,}, {data.label_names[data.labels[row]]}"
    return f'<figure title="{title}"><img src="{pictures.data_url(data.items[row])}" alt="{title}"></figure>'


def _code(model: state.Shown, row: int) -> figures.Code:
    codes = state.codes(model.name)
    kl = "" if codes.kl is None else f", KL {codes.kl[row].sum():.1f} nats"
    spread = None if codes.std is None else codes.std[row]
    return figures.Code(f"{model.label}{kl}", model.colour, codes.mean[row], spread)
