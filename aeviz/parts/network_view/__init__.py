"""Networks as pictures: layer by layer, what runs through them for one item, and what each unit does.

A model that the tab runs follows the hand there: a drawing at each stroke, a code at each turn. Of others the
activations are sent.

    from aeviz.parts.network_view import Item, Network, payload
    from aeviz.parts.network_view.streamlit import network_view

    network_view(item, [network], key="view")
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from aeviz.parts.sheets import Tiles, pack, strip

Array = NDArray[np.float32]
Side = Literal["left", "right"]


@dataclass(frozen=True)
class Item:
    """What runs through the networks: values (*shape), its name, and its class, which conditional models are told."""

    values: Array
    name: str
    label: int | None = None


class Layer(Protocol):
    """A layer, as `aeviz.model.layers.Layer` has it."""

    @property
    def name(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def followed(self) -> tuple[str, ...]: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def inputs(self) -> tuple[int, ...]: ...
    @property
    def weights(self) -> int: ...
    @property
    def settings(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Network:
    """A model.

    side: of the pair. title, accent: its name and colour. layers: in order, the code among them. weights: how many
    numbers it has learned. mean, std: its code of the item, (d,). turned: the code (d,) that is decoded in place of the
    mean, if any. digest: by which the tab finds it. lines: (text, name of the layer that it makes) of a program that
    is the model; reason: why there are none, or what they lack. Where the server runs it, `digest` is "", `seen` has
    the activations by layer, `made` is the reconstruction (*shape), and `told` says why.
    """

    side: Side
    title: str
    accent: str
    layers: Sequence[Layer]
    weights: int
    mean: Array
    std: Array | None = None
    turned: Array | None = None
    digest: str = ""
    lines: Sequence[tuple[str, str]] = ()
    reason: str = ""
    seen: Mapping[str, Array] | None = None
    made: Array | None = None
    told: str = ""


@dataclass(frozen=True)
class Opened:
    """The layer that is open, and the unit, if one is."""

    side: str
    layer: str
    unit: int | None = None


@dataclass(frozen=True)
class Unit:
    """What is known of the unit that is open.

    high, low: tiles (k, h, w, 1 or 3) of the items that raise and lower it most; highest, lowest: its activations for
    them, in the mean over its places; highest_rows, lowest_rows: their numbers, (k,) each. of: how many items were
    looked at. filter, bias: its weights, where the server runs the model; see `aeviz.model.layers.Filter`.
    """

    opened: Opened
    high: Tiles
    low: Tiles
    highest: Array
    lowest: Array
    highest_rows: NDArray[np.int64]
    lowest_rows: NDArray[np.int64]
    of: int
    filter: Array | None = None
    bias: Array | None = None


class Looks(Protocol):
    """How items are drawn from their values, as `aeviz.modalities.base.Looks` has it."""

    @property
    def kind(self) -> str: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def names(self) -> tuple[str, ...]: ...


def payload(
    item: Item,
    networks: Sequence[Network],
    *,
    looks: Looks,
    words: tuple[str, str],
    smooth: bool = False,
    opened: Opened | None = None,
    unit: Unit | None = None,
    draws: str | None = None,
    kept: bool = False,
) -> dict[str, Any]:
    """What the browser gets.

    looks: how items are drawn. words: what an item is called, one and many. smooth: whether pictures are smoothed where
    they are shown larger. opened, unit: the layer that is open, and
    what is known of its unit. draws: the convention by which a drawing becomes a picture ("mnist" or "fill"), where the
    item is drawn by hand; only where the tab runs all networks. kept: whether the item is one that was drawn so before.

    Raises ValueError for no networks or more than two, one that neither the tab nor the server runs, and for a drawing
    that the tab cannot follow.
    """
    if not 1 <= len(networks) <= 2:
        raise ValueError(f"network_view shows one network or two, not {len(networks)}")
    for network in networks:
        if not network.digest and (network.seen is None or network.made is None):
            raise ValueError(f"{network.title} is run neither by the tab nor by the server")
    if draws and not all(network.digest for network in networks):
        raise ValueError("a drawing goes only through networks that the tab runs")
    shape = item.values.shape
    pixels = looks.kind == "pixels"
    tile = {"channels": shape[0], "height": shape[-2], "width": shape[-1]} if pixels else None
    return {
        "item": {
            "values": pack(item.values.astype(np.float32)),
            "shape": [*shape],
            "name": item.name,
            "label": item.label,
        },
        "looks": {
            "kind": looks.kind,
            "tile": tile and {**tile, "low": looks.low, "high": looks.high, "smooth": smooth},
            "low": looks.low,
            "high": looks.high,
            "names": [*looks.names],
        },
        "networks": [_network(network) for network in networks],
        "opened": opened and {"side": opened.side, "layer": opened.layer, "unit": opened.unit},
        "unit": unit and _unit(unit),
        "draws": draws and {"shape": [*shape[-2:]], "colour": shape[0] > 1, "convention": draws, "kept": kept},
        "words": {"noun": words[0], "plural": words[1]},
    }


def drawing(message: Mapping[str, Any] | None, shape: tuple[int, ...]) -> Array | None:
    """What a message `drawing` of the browser says is drawn, as an item (*shape); None for nothing or another shape."""
    packed = (message or {}).get("values")
    values = np.frombuffer(base64.b64decode(packed["bytes"]) if packed else b"", "<f4")
    fits = values.size == np.prod(shape) and np.isfinite(values).all()
    return values.reshape(shape) if fits else None


def _network(network: Network) -> dict[str, Any]:
    seen = network.seen if not network.digest else None
    return {
        "side": network.side,
        "title": network.title,
        "accent": network.accent,
        "digest": network.digest,
        "layers": [_layer(layer) for layer in network.layers],
        "weights": network.weights,
        "code": {
            "mean": pack(network.mean.astype(np.float32)),
            "std": None if network.std is None else pack(network.std.astype(np.float32)),
            "turned": None if network.turned is None else [round(float(value), 3) for value in network.turned],
        },
        "seen": seen and {name: pack(values.astype(np.float32)) for name, values in seen.items()},
        "made": None if network.digest or network.made is None else pack(network.made.astype(np.float32)),
        "lines": [{"text": text, "layer": layer} for text, layer in network.lines],
        "reason": network.reason,
        "told": network.told,
    }


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "part": layer.part,
        "kind": layer.kind,
        "title": layer.title,
        "followed": [*layer.followed],
        "shape": [*layer.shape],
        "inputs": [*layer.inputs],
        "weights": layer.weights,
        "settings": dict(layer.settings),
    }


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "side": unit.opened.side,
        "layer": unit.opened.layer,
        "unit": unit.opened.unit,
        "high": strip(unit.high),
        "low": strip(unit.low),
        "highest": [float(value) for value in unit.highest],
        "lowest": [float(value) for value in unit.lowest],
        "highestRows": unit.highest_rows.tolist(),
        "lowestRows": unit.lowest_rows.tolist(),
        "of": unit.of,
        "filter": None if unit.filter is None else pack(unit.filter),
        "bias": None if unit.bias is None else pack(unit.bias),
    }
