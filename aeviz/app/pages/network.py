"""The network: a picture goes in, a few numbers, a picture comes out; every layer of it, and what runs through them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, models, navigation, networks, shell, url, widgets
from aeviz.app.choice import ITEM, Choice, Shown, chosen, selected_item, shown
from aeviz.app.panels import conditional, item_input, own_item
from aeviz.app.panels.item_input import Input
from aeviz.datasets.record import Dataset
from aeviz.latent import activations
from aeviz.latent.activations import Extremes, Watched
from aeviz.parts.network_view import Item, Network, Opened, Side, Unit, drawing
from aeviz.parts.network_view.streamlit import network_view
from aeviz.types import Shape

IDEA = r"""
The **encoder** turns a [[noun]] $x$ into a **code** $z$ of a few numbers, the *bottleneck*; the **decoder** turns the
code into a [[noun]] again. All that it knows of the [[noun]] are these numbers.

A **dense** unit multiplies every number that it reads by a weight of its own, adds the products and a bias $b$, and
passes the sum through an *activation*:

$$a = f\Bigl(\sum_i w_i\,x_i + b\Bigr).$$

A **convolution** does that at every place with the same few weights, its *filter*, over the values around the place:
what it gives is a *map* of where its pattern is. With a stride of 2 it does so at every second place, so that maps
shrink on their way to the code; the decoder's convolutions make two places of one. SiLU is $f(x) = x / (1 + e^{-x})$.
**Recurrent** layers read place by place and keep a state; in **attention** each place reads from all others,
weighted by shares that add up to 1.

Of an autoencoder the code is a point. Of a variational one the encoder gives a mean $\mu$ and a spread $\sigma$ for
each number, and a code $z = \mu + \sigma\,\varepsilon$ is drawn (a *sample*): *New draw*.
"""
WITHOUT_WEIGHTS = (
    "These lines are this network's layers, without its weights: the file keeps them in a form that PyTorch does not "
    "load into these layers by a few lines."
)
KEY = "network-view"
SAMPLES, FEW = 1000, 6  # test items that are looked at, and that are shown
SIDES: tuple[Side, Side] = ("left", "right")
BOTH, CONDITIONAL = "both", "conditional"
WHICH = url.Choice("which", "the models that are shown", (BOTH, *SIDES, CONDITIONAL), BOTH)
SIDE = url.Choice("side", "the model whose layer is open", SIDES, "left")
LAYER = url.Choice("layer", "the layer that is open", among="as its weights are called, `encoder.layers.0`")
UNIT = url.Choice("unit", "the unit that is open", among="its number, from 0")
CODE = {side: url.Code(f"numbers_{side}", f"the {side} model's code, where it was turned or drawn") for side in SIDES}
PARAMETERS = (
    ITEM,
    *own_item.PARAMETERS,
    WHICH,
    conditional.MODEL,
    conditional.CLASS,
    SIDE,
    LAYER,
    UNIT,
    *CODE.values(),
)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    shell.header(
        "The networks, layer by layer",
        "A [[noun]] goes in, a few numbers, a [[noun]] comes out. Open a layer, or drag a number of the code: the "
        "decoder follows.",
    )
    source, drawn, pair, label = _controls(choice)
    _forget_codes(pair, source)
    at_work = [_told(side, model, source, label) for side, model in pair.items()]
    networks_shown = [network for network in at_work if network is not None]
    if networks_shown:
        _view(choice, pair, networks_shown, source, drawn, label)
    for side, model in pair.items():
        if not any(network.side == side for network in networks_shown):
            st.info(f"**{model.title}** does not tell its layers: it is a function or a file that only runs.",
                    icon=":material/visibility_off:")  # fmt: skip
    navigation.link("how-a-vae-thinks", "What the spread of a code is for: **How a VAE thinks**", ":material/blur_on:")
    shell.explain("What is a layer, a filter, a convolution?", IDEA)


# ---- What runs through.


def _controls(choice: Choice) -> tuple[Input, bool, dict[Side, Shown], int | None]:
    """The item, whether it is drawn in the tab, the models that are shown, and the class that they are told, if any."""
    data = models.data(choice.dataset)
    variants = conditional.variants(choice.dataset)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        origin = own_item.picker("network")
        names: dict[str, str] = {side: model.label for side, model in zip(SIDES, choice.pair, strict=True)}
        if variants:
            names[CONDITIONAL] = "conditional"
        which = widgets.segments(WHICH, "Models", {BOTH: "both", **names})
        pair = {side: model for side, model in zip(SIDES, choice.pair, strict=True) if which in {BOTH, side}}
        card = variants[conditional.model(variants)] if which == CONDITIONAL else None
        if card:
            pair = {"left": shown(card)}
        networks.send((model.name for model in pair.values()), networks.digest)
        drawn = (
            origin == "draw" and data.modality.pixels and all(networks.digest(model.name) for model in pair.values())
        )
        source = _drawn() if drawn else None
        label = conditional.asked(card, source or _drawn()) if card else None
    return source or own_item.subject(), drawn, pair, label


def _drawn() -> Input:
    """What was drawn, or else the item: where the picture of the networks is the pad."""
    return own_item.shown() or own_item.of_row(selected_item())


def _forget_codes(pair: Mapping[Side, Shown], source: Input) -> None:
    """A code that was turned belongs to its item and its model."""
    context = (*(pair[side].name if side in pair else "" for side in SIDES), source.item.tobytes())
    before = st.session_state.get("network-context", context)
    for number, side in enumerate(SIDES):
        of_another_model = "" not in {before[number], context[number]} and before[number] != context[number]
        if of_another_model or before[2] != context[2]:
            url.remember(CODE[side], None)
    st.session_state["network-context"] = context


def _told(side: Side, model: Shown, source: Input, label: int | None) -> Network | None:
    """A model at work on the item, told a class where it is conditional; None for one that tells no layers."""
    plain = _layers(model.name)
    if plain is None:
        return None
    explorer = models.explorer(model.name)
    turned = url.value(replace(CODE[side], size=explorer.latent_dim))
    mean, std = explorer.encode(source.item[None], None if label is None else np.array([label]))
    digest, (lines, reason) = networks.digest(model.name), _lines(model.name)
    here = None if digest else activations.watched(explorer, source.item, label, turned)
    return Network(
        side,
        model.title,
        model.colour,
        plain.layers,
        plain.weights,
        mean[0],
        None if std is None else std[0],
        turned,
        digest or "",
        lines,
        reason,
        None if here is None else here.values,
        None if here is None else here.made,
        "" if digest else "This browser cannot run it: the server does, and follows the hand when it rests.",
    )


@caches.kept(max_entries=16, show_spinner=False)
def _layers(name: str) -> Watched | None:
    """The layers of a model, at work on the first item of its test split; None where it tells none."""
    explorer = models.explorer(name)
    try:
        return activations.watched(explorer, models.data(explorer.config.dataset).items[0], 0)
    except ValueError:
        return None


@caches.kept(max_entries=16, show_spinner=False)
def _lines(name: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """The lines of PyTorch that are a model, or why there are none."""
    try:
        written = activations.lines(models.explorer(name), f"{name}/model.safetensors")
    except ValueError as error:
        return (), str(error)
    return written, "" if any("load_state_dict" in text for text, _ in written) else WITHOUT_WEIGHTS


# ---- What is shown.


def _view(
    choice: Choice,
    pair: Mapping[Side, Shown],
    networks_shown: list[Network],
    source: Input,
    drawn: bool,
    label: int | None,
) -> None:
    data = models.data(choice.dataset)
    opened = _opened(networks_shown)
    network_view(
        Item(source.item, source.name, label),
        networks_shown,
        key=KEY,
        looks=data.modality.looks(data.shape, data.scale),
        smooth=data.modality.smooth,
        words=(data.words.noun, data.words.plural),
        opened=opened,
        unit=None if opened is None or opened.unit is None else _unit(data, pair, networks_shown, opened),
        draws=data.drawing if drawn else None,
        kept=drawn and source.row is None,
        on_drawing=partial(_on_drawing, data.shape),
        on_opened=_on_opened,
        on_code=_on_code,
        on_refused=lambda: networks.refused(KEY),
    )


def _opened(networks_shown: list[Network]) -> Opened | None:
    """The layer that the address names, and the unit, if one is."""
    at: dict[str, Network] = {network.side: network for network in networks_shown}
    side = url.value(SIDE)
    layers = {layer.name: layer for layer in at[side].layers} if side in at else {}
    name = url.value(replace(LAYER, options=("", *layers)))
    if not name:
        return None
    units = tuple(map(str, range(layers[name].shape[0])))
    unit = url.value(replace(UNIT, options=("", *units)))
    return Opened(side, name, int(unit) if unit else None)


def _on_opened() -> None:
    opened = st.session_state[KEY].get("opened")
    url.remember(SIDE, opened["side"] if opened else None)
    url.remember(LAYER, opened["layer"] if opened else None)
    url.remember(UNIT, None if not opened or opened["unit"] is None else str(opened["unit"]))


def _on_drawing(shape: Shape) -> None:
    drawn = drawing(st.session_state[KEY].get("drawing"), shape)
    if drawn is None:
        own_item.forget()
    else:
        own_item.keep(Input(drawn, item_input.made("draw")))


def _on_code() -> None:
    code = st.session_state[KEY].get("code") or {}
    if code.get("side") in CODE:
        values = code["values"]
        url.remember(CODE[code["side"]], None if values is None else np.array(values, np.float32))


def _unit(data: Dataset, pair: Mapping[Side, Shown], networks_shown: list[Network], opened: Opened) -> Unit:
    """What is known of the unit that is open: what moves it most, and its filter where the tab does not know it."""
    network = next(network for network in networks_shown if network.side == opened.side)
    model = pair[network.side]
    unit, extremes = opened.unit or 0, _extremes(model.name)[opened.layer]
    high, low = extremes.rows(unit, FEW)
    filtered = None if network.digest else _filter(model.name, opened.layer, unit)
    return Unit(
        opened,
        data.tiles(data.items[high]),
        data.tiles(data.items[low]),
        extremes.mean[high, unit],
        extremes.mean[low, unit],
        high,
        low,
        len(extremes.mean),
        None if filtered is None else filtered[0],
        None if filtered is None else filtered[1],
    )


@caches.kept(max_entries=8, show_spinner="Looking at what moves each unit …")
def _extremes(name: str) -> dict[str, Extremes]:
    """What the first test items move each unit of a model to, by layer."""
    explorer = models.explorer(name)
    data = models.data(explorer.config.dataset)
    return activations.extremes(explorer, data.items[:SAMPLES], data.labels[:SAMPLES])


def _filter(name: str, layer: str, unit: int) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """The weights and the bias of a unit, for a tab that does not have the model."""
    plain = _layers(name)
    plain_layer = next((other for other in plain.layers if other.name == layer), None) if plain else None
    return activations.unit_filter(models.explorer(name), plain_layer, unit) if plain_layer else None
