"""The inspector: what the pair makes of the selected item or of a visitor's own, the same on every page."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models, networks, widgets
from aeviz.app.choice import Shown, chosen
from aeviz.app.panels import channel_maps, item_input, item_picker, opened_draw, own_item
from aeviz.figures import bars
from aeviz.latent.explorer import Codes
from aeviz.modalities.base import Distance
from aeviz.parts.curve_pad import Curve
from aeviz.projection.placing import nearest

NEIGHBOURS, FEW = 6, 4  # nearest codes, and where reconstructions are large
WIDE_RATIO = 2.5  # a tile so many times as wide as high has a line of its own
LIVE_HINT = ": what the networks make of it follows the hand"


def show(row: int) -> None:
    """An item of the data set, or one that the visitor makes or brings, and what the pair makes of it."""
    origin = widgets.segments(own_item.SHOWN, "What is inspected", item_input.origins("Item"))
    if origin == "item":
        data = models.data(chosen().dataset)
        title = f'<h2 class="aeviz-item">Item {row:,}<small>{escape(data.label_of(row))}</small></h2>'
        codes = [models.codes(model.name) for model in chosen().pair]
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.html(title, width="content")
            item_picker.menu("inspected")
        _made_of(data.items[row], codes, row, data.html(data.items[row]))
    else:
        _own(origin, row)


@widgets.fragment
def _own(origin: str, row: int) -> None:
    """The editor or the upload. What the pair makes of it follows the hand; the rest of the page, when it rests."""
    moving = cleared = False
    linked = None if (kept := own_item.shown()) is None else kept.item
    if origin == "draw":
        source, edited = item_input.edit(
            "own", row, live=True, size=252, hint=LIVE_HINT, companions=_reconstructions, linked=linked
        )
        moving, cleared = edited.moving, edited.emptied
    else:
        own = item_input.fitted(own_item.OWN, origin)
        source = item_input.upload("own", own, "" if linked is None else item_input.LINKED_HINT)
    if cleared and own_item.shown() is not None:
        own_item.forget()
        st.rerun()
    on_pad = origin == "draw" and source is not None and bool(networks.rebuilders(chosen().pair))
    source = source or own_item.shown()  # an editor on another page begins anew, the item stays
    if source is None:
        return
    pair = chosen().pair
    codes = [models.explorer(model.name).codes(source.item[None]) for model in pair]
    large = "" if origin == "draw" else models.data(chosen().dataset).html(source.item)
    _made_of(source.item, codes, 0, large, in_fragment=True, pictured=on_pad)
    if not moving and own_item.keep(source):
        st.rerun()


def _reconstructions(item: NDArray[np.float32]) -> list[Curve]:
    """What the pair makes of an item (*shape), for an editor that shows it on top."""
    lines = []
    for model in chosen().pair:
        network = models.explorer(model.name)
        lines.append(Curve(model.label, model.colour, network.decode(network.encode(item[None])[0])[0]))
    return lines


def _made_of(
    item: NDArray, codes: list[Codes], row: int, large: str, *, in_fragment: bool = False, pictured: bool = False
) -> None:
    """Input, reconstructions, nearest items and codes, below the input `large` (HTML) if that is not shown elsewhere.

    row: the input's in the codes of each model. pictured: whether the tab shows the reconstructions; then their
    errors alone are told.
    """
    pair = list(zip(chosen().pair, codes, strict=True))
    data = models.data(chosen().dataset)
    given = data.tiles(item[None])[0]
    wide = given.shape[1] > WIDE_RATIO * given.shape[0]
    figures = [] if large else [html.figure(given, "input", large=data.html(item))]
    figures += [_rebuilt(model, of_input, row) for model, of_input in pair]
    made = [large, html.row(figures, columns=1 if wide else None)]
    if pictured:
        made = [_error(of_input, row, f"{model.label}: ") for model, of_input in pair]
    st.html(" ".join(made))
    for side, (model, of_input) in zip(opened_draw.SIDES, pair, strict=True):
        _nearest(side, model, of_input, row, wide, bool(data.html(item)), in_fragment)
    shown = channel_maps.show_codes([(code(model, of_input, row), model) for model, of_input in pair])
    st.html(f'<p class="aeviz-label">The code</p>{shown}')


def _rebuilt(model: Shown, codes: Codes, row: int) -> str:
    data = models.data(chosen().dataset)
    large = ""
    if data.html(data.items[0]):
        large = data.html(models.explorer(model.name).decode(codes.mean[[row]])[0])
    return html.figure(codes.tiles[row], model.label, note=_error(codes, row), accent=model.colour, large=large)


def _error(codes: Codes, row: int, whose: str = "") -> str:
    data = models.data(chosen().dataset)
    error = data.modality.error
    return html.defined(
        f"{escape(whose)}error {escape(error.text(codes.error[row], data.scale))}", _error_sentence(error)
    )


def _error_sentence(error: Distance) -> str:
    """What the error is, in a sentence."""
    between = "between the input and the decode of its mean code."
    sentence = f"{error.brief} {between}" if error.brief else f"{error.definition} Here {between}"
    return f"Reconstruction error: {sentence[0].lower()}{sentence[1:]}"


def _nearest(side: str, model: Shown, codes: Codes, row: int, wide: bool, few: bool, in_fragment: bool) -> None:
    """The items whose codes are nearest; a click selects one."""
    test_codes = models.codes(model.name)
    near = nearest(test_codes.mean, codes.mean[[row]], NEIGHBOURS + 1)[0][0].tolist()
    if codes is test_codes:
        near = [other for other in near if other != row]
    shown = near[: FEW if few else NEIGHBOURS]
    opened_draw.neighbours(
        f"near-{side}", shown, f"Nearest codes, {model.label}", columns=2 if wide else 0, in_fragment=in_fragment
    )


def code(model: Shown, codes: Codes, row: int) -> bars.ItemCode:
    """The code of one row as a panel of bars."""
    kl = "" if codes.kl is None else f", KL {codes.kl[row].sum():,.1f} nats"
    spread = None if codes.std is None else codes.std[row]
    return bars.ItemCode(f"{model.label}{kl}", model.colour, codes.mean[row], spread)
