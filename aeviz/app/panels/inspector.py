"""The inspector: what the pair makes of the selected item or of a visitor's own picture, the same on every page."""

from html import escape

import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models, widgets
from aeviz.app.choice import Shown, chosen
from aeviz.app.panels import item_input, own_item
from aeviz.figures import bars
from aeviz.latent.explorer import Codes
from aeviz.modalities.base import Distance
from aeviz.projection.placing import nearest

NEIGHBOURS = 6
FOLLOWS = ": what the networks make of it follows the pen"
KINDS = {"item": "Item", "draw": "Draw", "upload": "Upload"}


def show(row: int) -> None:
    """An item of the data set, or one that the visitor makes or uploads, and what the pair makes of it."""
    kind = widgets.segments(own_item.SHOWN, "What is inspected", KINDS)
    if kind == "item":
        data = models.data(chosen().dataset)
        title = f'<h2 class="aeviz-item">Item {row:,}<small>{data.label_names[data.labels[row]]}</small></h2>'
        st.html(title + _made_of(data.items[row], [models.codes(model.name) for model in chosen().pair], row))
    else:
        _own(kind)


@st.fragment
def _own(kind: str) -> None:
    """The pad or the upload. What the pair makes of it follows the pen; the rest of the page, the end of a stroke."""
    moving = cleared = False
    if kind == "draw":
        source, drawn = item_input.draw("own", live=True, size=252, meanwhile=FOLLOWS)
        moving, cleared = drawn.live, source is None and drawn.pixels is not None
    else:
        source = item_input.upload("own", on_change=own_item.forget, meanwhile="")
    if cleared and own_item.shown() is not None:
        own_item.forget()
        st.rerun()
    source = source or own_item.shown()  # a pad on another page begins anew, the picture stays
    if source is None:
        return
    pair = chosen().pair
    st.html(_made_of(source.picture, [models.explorer(model.name).codes(source.picture[None]) for model in pair], 0))
    if not moving and own_item.keep(source):
        st.rerun()


def _made_of(picture: NDArray, codes: list[Codes], row: int) -> str:
    """Input, reconstructions, nearest items and codes as HTML; `row` is the picture's in the codes of each model."""
    pair = list(zip(chosen().pair, codes, strict=True))
    data = models.data(chosen().dataset)
    given = data.tiles(picture[None])[0]
    large = data.modality.figure(picture, data.scale) or ""
    parts = [large, html.row([html.figure(given, "input"), *(_rebuilt(model, of, row) for model, of in pair)])]
    for model, of in pair:
        parts.append(f'<p class="aeviz-label">Nearest codes, {model.label}</p>')
        parts.append(_nearest(model, of, row))
    parts.append('<p class="aeviz-label">The code</p>')
    return "".join(parts) + bars.code_bars([code(model, of, row) for model, of in pair])


def _rebuilt(model: Shown, codes: Codes, row: int) -> str:
    error, scale = models.modality(chosen().dataset).error, models.data(chosen().dataset).scale
    note = f'<span title="{escape(_what(error))}">error {error.text(codes.error[row], scale)}</span>'
    return html.figure(codes.tiles[row], model.label, note=note, accent=model.colour)


def _what(error: Distance) -> str:
    """What the error is, in a sentence."""
    between = "between the input and the decode of its mean code."
    return f"{error.brief.capitalize()} {between}" if error.brief else f"{error.definition} Here {between}"


def _nearest(model: Shown, codes: Codes, row: int) -> str:
    known = models.codes(model.name)
    near = nearest(known.mean, codes.mean[[row]], NEIGHBOURS + 1)[0][0].tolist()
    if codes is known:
        near = [other for other in near if other != row]
    return html.thumbnails(models.data(chosen().dataset), near[:NEIGHBOURS])


def code(model: Shown, codes: Codes, row: int) -> bars.Code:
    """The code of one row as a panel of bars."""
    kl = "" if codes.kl is None else f", KL {codes.kl[row].sum():.1f} nats"
    return bars.Code(f"{model.label}{kl}", model.colour, codes.mean[row], None if codes.std is None else codes.std[row])
