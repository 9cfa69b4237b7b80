"""Map as a section: a pair of maps of the same items, on which a drawn item falls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.lessons.record import Network, Pair, Part, Section, Words, credits_of
from aeviz.modalities.image.drawing import ground_of
from aeviz.modalities.image.shapes import in_colour
from aeviz.parts import draw_pad, latent_map
from aeviz.parts.draw_pad import Drawing
from aeviz.parts.latent_map import MapChoice, requested
from aeviz.parts.picture_atlas import payload as atlas_of
from aeviz.parts.sheets import pack
from aeviz.projection import Projection, Settings

Array = NDArray[np.float32]
HEIGHT_PX = 560
ATLAS = "items"
VIEW, HIDDEN = "view_{}", "hidden"  # names of what is seen of the map of a side, and of the classes that are not


@dataclass(frozen=True)
class Shown:
    """A model's map: coordinates (n, 2 or 3) of the rows that it shows; values (n,) that colour them, or None."""

    coordinates: Array
    values: NDArray[Any] | None = None


@dataclass(frozen=True)
class View:
    """What both maps have in common.

    rows: (n,) of the data. settings: of the method; None where codes of two numbers are the maps. labels, names: class
    of each row (n,) from 0, with the classes' names; None where labels are numbers on a scale. label, span: what the
    values measure, and those at both ends of the colours. selected: a place among `rows`, or None; marked: places.
    seen: what a link says of the maps, under `VIEW` of a side and `HIDDEN`.
    """

    rows: NDArray[np.int64]
    settings: Settings | None
    labels: NDArray[np.int64] | None
    names: Sequence[str]
    label: str = ""
    span: tuple[float, float] | None = None
    selected: int | None = None
    marked: Sequence[int] = field(default=())
    seen: Mapping[str, str] = field(default_factory=dict)


def section(pair: Pair, maps: Mapping[str, Shown], view: View, words: Words) -> Section:
    """Both maps, and a pad to draw an item that falls on them, where a browser can encode it."""
    encoders = {side: model.half("encoder") for side, model in pair.sides.items()}
    networks = [network for network in encoders.values() if network]
    drawn = len(networks) == len(encoders)
    name = f"{ATLAS}-{pair.data.name}"
    parts = [Part(f"map-{side}", "latent_map", _map(pair, side, maps[side], view, name)) for side in pair.sides]
    problems = [
        f"{model.title} does not run in this page. {model.problem}" for model in pair.sides.values() if model.problem
    ]
    if drawn:
        colour, shape = in_colour(pair.data.shape), (pair.data.shape[-2], pair.data.shape[-1])
        pad = draw_pad.payload(shape, Drawing(), colour=colour, size=224, live=True)
        parts.append(Part("drawing", "draw_pad", pad, aside=True))
    tiles = pair.data.tiles(pair.data.items[view.rows])
    return Section(
        "map",
        words=words,
        parts=tuple(parts),
        networks=tuple(networks) if drawn else (),
        atlases=(atlas_of(name, tiles, smooth=pair.data.modality.smooth, compression=9),),
        facts=_facts(pair, maps, view, encoders, parts[-1]) if drawn else {"sides": {}},
        seen=view.seen,
        notes=tuple(dict.fromkeys(f"{problem} No new item falls on these maps." for problem in problems)),
        credits=credits_of(pair),
    )


def _map(pair: Pair, side: str, shown: Shown, view: View, atlas: str) -> dict[str, Any]:
    model = pair.sides[side]
    codes = model.codes
    figures = {"error": codes.error[view.rows]}
    if codes.kl is not None:
        figures["KL"] = codes.kl.sum(1)[view.rows]
    chosen = MapChoice(view.selected, list(view.marked))
    return latent_map.payload(
        shown.coordinates,
        labels=view.labels,
        label_names=view.names,
        values=shown.values,
        value_label=view.label,
        value_span=view.span,
        atlas=atlas,
        figures=figures,
        title=model.title,
        accent=model.colour,
        group=atlas,
        height=HEIGHT_PX,
        request=requested(chosen, len(view.rows), stamp="saved", heard=0),
        link=(VIEW.format(side), HIDDEN),
    )


def _facts(
    pair: Pair, maps: Mapping[str, Shown], view: View, encoders: Mapping[str, Network | None], pad: Part
) -> dict[str, Any]:
    """What `answers/map.js` needs to place an item."""
    sides = {}
    for side, model in pair.sides.items():
        network = encoders[side]
        assert network
        codes = model.codes.mean[view.rows]
        sides[side] = {"digest": network.portable.digest, **placing(maps[side].coordinates, codes, view.settings)}
        tile = model.tab(network).tile
    drawing = {"shape": list(pair.data.shape), "convention": pair.data.drawing, "ground": ground_of(pair.data.shape)}
    return {"sides": sides, "tile": tile, "drawing": drawing, "sent": pad.data["sent"]}


def placing(coordinates: Array, codes: Array, settings: Settings | None) -> dict[str, Any]:
    """How a new code is placed among coordinates (n, 2 or 3) of codes (n, d): `placing.js` does as `Projection`."""
    if settings is None:
        return {}
    if settings.linear:
        place = Projection(coordinates, settings, codes).place
        shift = place(np.zeros((1, codes.shape[1]), np.float32))[0]
        matrix = place(np.eye(codes.shape[1], dtype=np.float32)) - shift
        return {"matrix": pack(matrix.astype(np.float32)), "shift": [float(number) for number in shift]}
    # Which codes are near does not hang on more than eleven bits of them, and they take half the room so.
    return {"codes": pack(codes.astype(np.float16).astype(np.float32))}
