"""Repair as a section: kinds of damage under a dial, and what networks in the file make of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.figures import palette
from aeviz.latent.explorer import Explorer
from aeviz.lessons.record import Network, Part, Section, Words, tab
from aeviz.lessons.running import why_not
from aeviz.modalities.base import Distance
from aeviz.model.portable import portable
from aeviz.parts import dial, draw_pad
from aeviz.parts.dial import Chart, Line, Panel, Place
from aeviz.parts.draw_pad import Drawing
from aeviz.parts.sheets import pack, strip

Array = NDArray[np.float32]
JUDGED = ("mse", "psnr", "ssim")  # distances that `answers/judging.js` knows
SMALLEST_PX = 130  # that a panel is wide at least
COMPRESSION = 9  # of pictures: they are made once and sent round


@dataclass(frozen=True)
class Repairer:
    """A network that repairs. title: of its sentences. label, colour: of its pictures."""

    title: str
    label: str
    colour: str
    explorer: Explorer


@dataclass(frozen=True)
class Row:
    """The damaged item, or what a repair makes of it, over all n stops.

    tiles: (n, h, w, 1 or 3) uint8. scores: (n, judges). holes: (n,) PSNR in dB of what was hidden, or None. network:
    which makes it, None for a classical repair and the damaged item.
    """

    label: str
    colour: str
    tiles: NDArray[np.uint8]
    scores: NDArray[np.float64]
    holes: NDArray[np.float64] | None = None
    network: Repairer | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of damage over its stops: levels, and places at each level where it has some.

    levels: of the first handle, in `unit`. place: of the damage, or None. at: the stop that is shown first. rows: the
    damaged item first. damaged: (n, *shape). hidden: (n, *shape) bool, or None. known: whether something of the clean
    item is known for sure. ceiling: of the curves.
    """

    name: str
    label: str
    levels: Sequence[float]
    unit: str
    place: Place | None
    at: int
    rows: Sequence[Row]
    damaged: Array
    hidden: NDArray[np.bool_] | None = None
    known: bool = False
    ceiling: float | None = None


@dataclass(frozen=True)
class Brush:
    """Painting damage by hand: kind: whose networks mend it. ink, size, painted: of the pad. mask: (H, W), or None."""

    kind: str
    ink: str
    size: int
    painted: int
    mask: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Spoilt:
    """An item (*shape) that is spoilt; name: what it is called.

    judges: of repairs. kinds: of damage, of which `chosen` is shown first; it may be "brush" too. keep: whether what is
    known is put back into what networks make.
    """

    item: Array
    name: str
    judges: Sequence[Distance]
    kinds: Sequence[Kind]
    chosen: str
    keep: bool = False
    brush: Brush | None = None


def section(data: Dataset, spoilt: Spoilt, words: Words, credits: Sequence[str]) -> Section:
    """A dial over the damage that is chosen, with the damaged item, the clean one and each repair."""
    running = _running(data, spoilt)
    kinds = [_kind(data, spoilt, kind, running) for kind in spoilt.kinds]
    first = next((kind for kind in kinds if kind["name"] == spoilt.chosen), kinds[0])
    parts = [Part("dial", "dial", first["dial"], wide=True)]
    brush = spoilt.brush if spoilt.brush and any(kind["live"] for kind in kinds) else None
    if brush:
        parts.insert(0, Part("brush", "draw_pad", _pad(data, spoilt.item, brush), wide=True))
    explorer = next((row.network.explorer for kind in spoilt.kinds for row in kind.rows if row.network), None)
    return Section(
        "repair",
        words=words,
        parts=tuple(parts),
        networks=tuple(running.values()),
        facts={
            "item": pack(spoilt.item),
            "tile": tab("", explorer).tile if running and explorer else None,
            "kinds": kinds,
            "chosen": spoilt.chosen,
            "keep": spoilt.keep,
            "brush": None if brush is None else _brush(brush),
            "judges": [_judge(row, data) for row in spoilt.judges],
            "words": {"noun": data.words.noun, "value": data.words.value},
        },
        notes=_notes(spoilt, running, kinds),
        credits=tuple(credits),
    )


Running = Mapping[int, Network]  # by the id of the explorer


def _running(data: Dataset, spoilt: Spoilt) -> Running:
    """Each network that a browser runs, where it can judge what they make too."""
    if not (data.modality.pixels and {row.key for row in spoilt.judges} <= {*JUDGED}):
        return {}
    return {
        id(network.explorer): Network(portable(network.explorer.model), network.title)
        for network in _networks(spoilt)
        if not why_not(network.explorer)
    }


def _networks(spoilt: Spoilt) -> list[Repairer]:
    """The networks of all kinds, each once."""
    rows = [row.network for kind in spoilt.kinds for row in kind.rows if row.network]
    return list({id(network.explorer): network for network in rows}.values())


def _kind(data: Dataset, spoilt: Spoilt, kind: Kind, running: Running) -> dict[str, Any]:
    """A kind as `answers/repair.js` has it: its dial, its rows in the dial's order, and the damaged items."""
    networks = [_digest(row, running) for row in kind.rows]
    live = any(networks)
    made = [live and (number == 0 or bool(network)) for number, network in enumerate(networks)]
    return {
        "name": kind.name,
        "label": kind.label,
        "live": live,
        "known": kind.known,
        "dial": _dial(data, spoilt, kind, made),
        "rows": [
            {
                "label": row.label,
                "network": network,
                "scores": None if own else pack(row.scores.astype(np.float32)),
                "holes": None if own or row.holes is None else pack(row.holes.astype(np.float32)),
            }
            for row, network, own in zip(kind.rows, networks, made, strict=True)
        ],
        **(_damage(spoilt.item, kind) if live else {"hidden": None, "damaged": None}),
    }


def _digest(row: Row, running: Running) -> str | None:
    if row.network is None or id(row.network.explorer) not in running:
        return None
    return running[id(row.network.explorer)].portable.digest


def _damage(item: Array, kind: Kind) -> dict[str, Any]:
    """The damaged items: by what is hidden of the clean one, where that says all; halves of numbers are near enough."""
    hidden = kind.hidden
    if hidden is not None and np.array_equal(np.where(hidden, np.float32(0), item[None]), kind.damaged):
        return {"hidden": pack(hidden.astype(np.uint8)), "damaged": None}
    damaged = pack(kind.damaged.astype(np.float16).astype(np.float32))
    return {"hidden": None if hidden is None else pack(hidden.astype(np.uint8)), "damaged": damaged}


def _dial(data: Dataset, spoilt: Spoilt, kind: Kind, made: Sequence[bool]) -> dict[str, Any]:
    """The dial: of what the file makes itself, the tile where the handle stands alone."""

    def panel(row: Row, own: bool) -> Panel:
        tiles = row.tiles[kind.at : kind.at + 1] if own else row.tiles
        return Panel(row.label, row.colour, strip(tiles, smooth=data.modality.smooth, compression=COMPRESSION))

    panels = [panel(row, own) for row, own in zip(kind.rows, made, strict=True)]
    clean = strip(data.tiles(spoilt.item[None]), smooth=data.modality.smooth)
    panels.insert(1, Panel(data.words.clean, palette.INK, clean, [spoilt.name]))
    return dial.payload(
        panels, [f"{level:g}" for level in kind.levels],
        at=kind.at, label=f"Level ({kind.unit})" if kind.unit else "Level", place=kind.place,
        chart=_chart(data, spoilt, kind, made), smallest=_smallest(kind.rows[0].tiles),
    )  # fmt: skip


def _chart(data: Dataset, spoilt: Spoilt, kind: Kind, made: Sequence[bool]) -> Chart | None:
    if len(kind.levels) < 3:
        return None
    judge = spoilt.judges[0]
    lines = [
        Line(row.label, row.colour, [None if own else float(v) for v in row.scores[:, 0]], dashed=row.network is None)
        for row, own in zip(kind.rows, made, strict=True)
    ]
    title = f"{kind.label}: {kind.unit}" if kind.unit else kind.label
    return Chart(
        lines, judge.label, judge.unit_in(data.scale), list(kind.levels), title, judge.digits, ceiling=kind.ceiling
    )


def _smallest(tiles: NDArray[np.uint8]) -> int:
    """px that a panel needs: more for a tile that is wide, or it could not be read."""
    height, width = tiles.shape[1:3]
    return SMALLEST_PX if width <= 1.25 * height else max(SMALLEST_PX, round(1.3 * width))


def _judge(row: Distance, data: Dataset) -> dict[str, Any]:
    unit = row.unit_in(data.scale)
    return {"key": row.key, "name": row.name, "unit": unit, "digits": row.digits, "higher": row.better == "higher",
            "counts": row.counts}  # fmt: skip


def _pad(data: Dataset, item: Array, brush: Brush) -> dict[str, Any]:
    shape = (data.shape[-2], data.shape[-1])
    ground = data.tiles(item[None])[0]
    return draw_pad.payload(
        shape, Drawing(), size=brush.size, live=True, show_preview=False, ground=ground, ink=brush.ink
    )


def _brush(brush: Brush) -> dict[str, Any]:
    mask = None if brush.mask is None else pack(brush.mask.astype(np.uint8))
    return {"kind": brush.kind, "painted": brush.painted, "mask": mask}


def _notes(spoilt: Spoilt, running: Running, kinds: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What of the page was made when it was saved."""
    films = [network for network in _networks(spoilt) if id(network.explorer) not in running]
    reasons = [why_not(network.explorer) or "A browser does not judge what it makes." for network in films]
    painted = " Of what is painted away it repairs nothing." if spoilt.brush else ""
    notes = [
        f"{network.title} does not run in this page. {reason} Its repairs were made when this page was saved, at each "
        f"step.{painted}"
        for network, reason in zip(films, reasons, strict=True)
    ]
    if any(kind["live"] for kind in kinds):
        who = "The other networks" if films else "Networks"
        notes.append(f"{who} repair in this page. Classical repairs were made when it was saved, at each step.")
    return tuple(dict.fromkeys(notes))
