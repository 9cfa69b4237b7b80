"""The posterior of one item, turned by hand in the tab: sliders of μ and σ, a plane with its cloud, what is decoded.

The model runs in the browser (`aeviz.parts.networks`): pictures, equations and both terms of the loss follow the hand
in each frame, and one message comes when it rests. It holds a `latent_pad` and two `latent_sliders`, whose `payload`
makes their data:

    data = payload(tab, item, turned, order=[1, 0], pair=[0, 1], pad=latent_pad.payload(…),
                   mean=latent_sliders.payload(…), spread=latent_sliders.payload(…), accent="#D55E00")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.parts.networks import Tab
from aeviz.parts.sheets import pack

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Item:
    """What goes in: its values (*shape), its posterior's mean and std (d,) as encoded, its name and number.

    of: tells it and its model from others. number: seeds the draws that belong to it, from 0 to 2³² − 1.
    """

    of: str
    name: str
    number: int
    values: Array
    mean: Array
    std: Array


@dataclass(frozen=True)
class Turned:
    """Where the hand has put it: mean and std (d,), the draw's ε (d,), of a seed; placed: whether z was put by hand."""

    mean: Array
    std: Array
    noise: Array
    seed: int
    placed: bool = False


@dataclass(frozen=True)
class Message:
    """What the browser says when the hand rests: mean and std at the sliders' coordinates, z's place on the plane.

    of: `Item.of` of the item that was turned. have: ids of points that need not be sent again.
    """

    number: int
    of: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    place: tuple[float, float] | None
    have: tuple[str, ...]


def received(message: dict[str, Any] | None) -> Message | None:
    """What was sent, checked: None for nothing, and for what no browser side of ours sends."""
    if not message:
        return None
    try:
        mean, std = (tuple(float(x) for x in message[name]) for name in ("mean", "std"))
        place = None if message["place"] is None else (float(message["place"][0]), float(message["place"][1]))
        have = tuple(str(name) for name in message["have"])
        return Message(int(message["number"]), str(message["of"]), mean, std, place, have)
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def payload(
    tab: Tab,
    item: Item,
    turned: Turned,
    *,
    order: Sequence[int],
    pair: Sequence[int],
    pad: dict[str, Any] | None,
    mean: dict[str, Any],
    spread: dict[str, Any],
    accent: str,
    noun: str = "item",
    caption: str = "",
    measured: tuple[str, float, float] | None = None,
    heard: Message | None = None,
) -> dict[str, Any]:
    """What the browser gets.

    Args:
        tab: the model that the tab runs.
        item: what goes in.
        turned: where the hand has put it.
        order: the coordinate of each slider.
        pair: the two coordinates of the plane; none where there is no plane.
        pad: what `latent_pad.payload` makes of the plane; None where there is none.
        mean: what `latent_sliders.payload` makes of μ at these coordinates.
        spread: the same of σ.
        accent: colour of the model.
        noun: what an item is called.
        caption: below the plane.
        measured: of what, with its reconstruction and KL in nats; None where they are not known.
        heard: the last message, from `received`.

    Raises:
        ValueError: as many numbers are not given everywhere, or a spread is not above 0.

    """
    d = len(item.mean)
    if any(values.shape != (d,) for values in (item.mean, item.std, turned.mean, turned.std, turned.noise)):
        raise ValueError(f"mean, std and noise must all have {d} numbers")
    if not (turned.std > 0).all():
        raise ValueError("a posterior's spread is above 0")
    if len(mean["rows"]) != len(order) or len(spread["rows"]) != len(order):
        raise ValueError(f"{len(order)} coordinates need as many sliders of mean and of spread")
    if (pad is None) != (not pair):
        raise ValueError("a plane needs its two coordinates, and they a plane")
    places = list(order)
    return {
        "digest": tab.digest,
        "tile": tab.tile,
        "accent": accent,
        "item": {
            "of": item.of, "name": item.name, "number": item.number,
            "values": pack(item.values.astype(np.float32).ravel()),
            "mean": pack(item.mean.astype(np.float32)), "std": pack(item.std.astype(np.float32)),
        },
        "turned": {
            "mean": turned.mean[places].tolist(), "std": turned.std[places].tolist(),
            "noise": pack(turned.noise.astype(np.float32)), "seed": turned.seed, "placed": turned.placed,
        },
        "order": places,
        "pair": list(pair),
        "measured": None if measured is None else list(measured),
        "pad": pad,
        "mean": mean,
        "spread": spread,
        "caption": caption,
        "noun": noun,
        "heard": 0 if heard is None else heard.number,
    }  # fmt: skip
