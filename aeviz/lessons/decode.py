"""Decode as a section: the sliders of two codes, and a plane of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.figures import palette
from aeviz.latent.axes import LatentAxes
from aeviz.latent.planes import Plane, home_region
from aeviz.lessons.record import Model, Network, Pair, Part, Section, Words, credits_of, films_note
from aeviz.parts import latent_pad, latent_sliders
from aeviz.parts.latent_pad import Level, Pad, Region
from aeviz.parts.latent_sliders import Fine, Row
from aeviz.parts.networks import Tab
from aeviz.parts.sheets import strip

Array = NDArray[np.float32]
COLUMNS = 30  # tiles across a plane
HEIGHT_PX = 470  # of a plane
FILMED = (
    ": each slider shows what lies along its number, from the code with which the page was saved; what was moved "
    "before goes back."
)
APART = " The plane is of pictures too, and does not follow the sliders."
VIEW = "view_{}"  # the name of what is seen of the plane of a side


@dataclass(frozen=True)
class Turned:
    """A code as a page shows it: where it stands (d,), where it began (d,), its axes, and the plane, if any.

    seen: what a link says of the zoom and pan of the plane.
    """

    z: Array
    home: Array
    latent_axes: LatentAxes
    plane: Plane | None = None
    seen: str = ""


def section(pair: Pair, codes: Mapping[str, Turned], words: Words, *, most: int) -> Section:
    """Sliders, and planes where there are some, of the codes of both sides, as many sliders each as `most`."""
    parts: list[Part] = []
    networks: dict[str, Network] = {}
    for side, model in pair.sides.items():
        code, network = codes[side], model.half("decoder")
        if network:
            networks[network.portable.digest] = network
        tab = model.tab(network) if network else None
        if code.plane:
            shown = plane_of(pair.data, model, code, code.plane, tab, link=VIEW.format(side))
            parts.append(Part(f"pad-{side}", "latent_pad", shown))
        rows = sliders_of(pair.data, model, code, tab, _count(code, most))
        parts.append(Part(f"sliders-{side}", "latent_sliders", rows))
    return Section(
        "decode",
        words=words,
        parts=tuple(sorted(parts, key=lambda part: part.name)),
        networks=tuple(networks.values()),
        seen={VIEW.format(side): code.seen for side, code in codes.items()},
        facts={"pairs": {side: list(code.plane.pair) if code.plane else [] for side, code in codes.items()}},
        notes=films_note(pair.sides.values(), FILMED + (APART if any(code.plane for code in codes.values()) else "")),
        credits=credits_of(pair),
    )


def _count(code: Turned, most: int) -> int:
    """How many sliders there are: those of the plane's axes are among them."""
    return min(len(code.z), max(most, *(axis + 1 for axis in code.plane.pair)) if code.plane else most)


def sliders_of(
    data: Dataset,
    model: Model,
    code: Turned,
    tab: Tab | None,
    count: int,
    *,
    fine: Fine | None = None,
    seen: Sequence[float] | None = None,
) -> dict[str, Any]:
    """The data of sliders over the first `count` axes of a code.

    tab: the model in the browser; None where that gets films. fine, seen: as `latent_sliders.payload` has them.
    """
    latent_axes, values = code.latent_axes, code.latent_axes.read(code.z)
    ends = [latent_axes.ends(axis, float(values[axis])) for axis in range(count)]
    rows = [
        Row(latent_axes.names[axis], float(values[axis]), *ends[axis], index=axis, note=latent_axes.notes[axis])
        for axis in range(count)
    ]
    films = picture = None
    if tab is None:
        tiles = latent_sliders.TILES
        along = [latent_axes.along(code.z, axis, tiles, *track) for axis, track in enumerate(ends)]
        drawn = data.tiles(model.explorer.decode(np.concatenate([*along, code.z[None]])))
        films, picture = strip(drawn[:-1], columns=tiles, smooth=data.modality.smooth), drawn[-1]
    return latent_sliders.payload(
        rows, films, fine, picture, accent=model.colour, title=model.title,
        reset=[float(value) for value in latent_axes.read(code.home)[:count]],
        seen=seen, tab=None if tab is None else tab.plane(code.z, latent_axes.axes[:count]),
    )  # fmt: skip


def plane_of(
    data: Dataset,
    model: Model,
    code: Turned,
    plane: Plane,
    tab: Tab | None,
    pad: Pad | None = None,
    *,
    link: str | None = None,
) -> dict[str, Any]:
    """The data of a plane through a code, with the data's items.

    tab: as above. pad: what a person has looked at closely; there are finer tiles of it where the browser makes none.
    link: the name under which zoom and pan are kept.
    """
    foot, here, points = plane.foot(code.z), plane.read(code.z[None])[0], plane.read(model.codes.mean)
    prior = None if model.codes.std is None else plane.read(np.zeros_like(code.z)[None])[0]
    home = home_region(points, prior)
    picture = None
    if tab:
        levels = [Level.here(home, columns=COLUMNS, of=foot.tobytes())]
    else:
        regions = [home, *([pad.view] if pad and pad.view else [])]
        levels = [_level(data, model, plane, foot, region) for region in regions]
        picture = data.tiles(model.explorer.decode(code.z[None]))[0]
    return latent_pad.payload(
        levels,
        view=home,
        points=points.astype(np.float16),  # places on a screen need no more, and take half the room in a file
        labels=data.labels,
        label_names=data.label_names,
        colours=palette.CLASSES,
        position=(float(here[0]), float(here[1])),
        picture=picture,
        rings=None if prior is None else (float(prior[0]), float(prior[1])),
        axes=plane.names,
        accent=model.colour,
        title=model.title,
        height=HEIGHT_PX,
        plural=data.words.plural,
        pad=pad,
        link=link,
        tab=None if tab is None else tab.plane(foot, plane.axes),
    )


def _level(data: Dataset, model: Model, plane: Plane, foot: Array, region: Region) -> Level:
    """A region of the plane as tiles."""
    positions = latent_pad.grid(region, COLUMNS, latent_pad.rows_for(region, COLUMNS))
    drawn = data.tiles(model.explorer.decode(plane.codes(foot, positions)))
    return Level.of(drawn, region, columns=COLUMNS, smooth=data.modality.smooth)
