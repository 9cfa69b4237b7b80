"""Generate as a section: random codes decoded, under a handle that widens them; a seed draws others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aeviz.figures import files
from aeviz.lessons.record import Model, Network, Pair, Part, Section, Words, credits_of, films_note
from aeviz.parts import dial
from aeviz.parts.dial import Grid, Panel
from aeviz.parts.sheets import count_for, pack, strip

Array = NDArray[np.float32]
FILMED = ", and for the model beside it: a picture for each stop. No other seed is drawn in this page."
CLASS_COLUMNS, CLASS_ROOM = 12, 620  # tiles in a row of draws of a class, and px that a row may take
Source = Literal["torch", "numpy", "directions"]  # how `draws.js` draws for a seed: normal numbers, or of length √k


@dataclass(frozen=True)
class Draws:
    """Random codes of a model, middle + value · noise @ axes, for each value at which a handle stops.

    label: where they are drawn from. middle: (d,). axes: (k, d). noise: (n, k), as `source` draws it for the dial's
    seed. others: (N, d), middles that may take its place, one for each of the dial's items. notes: what was measured of
    the draws at each stop, or none; tip: its definition.
    """

    model: Model
    label: str
    middle: Array
    axes: Array
    noise: Array
    source: Source
    others: Array | None = None
    notes: Sequence[str] = ()
    tip: str = ""

    def codes(self, values: Sequence[float]) -> Array:
        """Codes (values, n, d)."""
        steps = np.asarray(values, np.float32)[:, None, None] * (self.noise @ self.axes)
        return (self.middle + steps).astype(np.float32)


@dataclass(frozen=True)
class Dial:
    """A handle with the draws that it moves, two panels abreast.

    key: of its part. label, values, at: what the handle is called, where it stops, and the stop at which it stands.
    room: px of a panel's tiles. items: rows round whose codes one may draw, the first of which is shown.
    """

    key: str
    label: str
    values: Sequence[float]
    at: int
    seed: int
    columns: int
    room: int
    draws: Sequence[Draws]
    items: Sequence[int] = field(default=())


@dataclass(frozen=True)
class ByClass:
    """What a model draws that is told the class: pictures, for no browser runs it.

    names: of the classes, at the one that is shown. styles: (rows · classes, h, w, 1 or 3), a code a row. draws:
    (classes, n, h, w, 1 or 3). notes: what was measured of the draws of each class, or none; tip: its definition.
    credit: whose the model is.
    """

    title: str
    colour: str
    names: Sequence[str]
    at: int
    styles: NDArray[np.uint8]
    draws: NDArray[np.uint8]
    notes: Sequence[str] = ()
    tip: str = ""
    smooth: bool = False
    credit: str = ""

    @property
    def part(self) -> Part:
        """Both, side by side, below a handle that chooses the class."""
        abreast = files.abreast(self.styles, len(self.names), CLASS_ROOM)
        grid = files.sheet(self.styles, abreast)
        columns = files.abreast(self.draws[0], CLASS_COLUMNS, CLASS_ROOM)
        of_class = files.sheets(self.draws, columns, files.between(self.styles))
        row = "One code a row, first the item's own, then draws from N(0, I). One class a column, in their order"
        panels = [
            Panel(
                row, self.colour, strip(grid[None], smooth=self.smooth, compression=9), (), self.title,
                grid=Grid(len(self.styles), abreast, opens=False, fixed=abreast == len(self.names)),
            ),
            Panel(
                f"{self.draws.shape[1]} draws of the class",
                self.colour,
                strip(of_class, smooth=self.smooth, compression=9),
                self.notes,
                "Choose the class, keep the style",
                self.tip,
                Grid(self.draws.shape[1], columns, opens=False),
            ),
        ]  # fmt: skip
        return Part("classes", "dial", dial.payload(panels, self.names, at=self.at, label="Class"), wide=True)


def section(
    pair: Pair, dials: Sequence[Dial], words: Words, *, by_class: ByClass | None = None, notes: Sequence[str] = ()
) -> Section:
    """Handles with their draws: decoded in the page where it can run both models, else films of them."""
    networks = [model.half("decoder") for model in pair.sides.values()]
    runs = [network for network in networks if network]
    alive = len(runs) == len(networks)
    return Section(
        "generate",
        words=words,
        parts=(
            *(Part(shown.key, "dial", _dial(pair, shown, alive), wide=True) for shown in dials),
            *([by_class.part] if by_class else []),
        ),
        networks=tuple(runs) if alive else (),
        facts={"dials": {shown.key: _facts(pair, shown, runs) for shown in dials}} if alive else {"dials": {}},
        notes=(*notes, *films_note(pair.sides.values(), FILMED)),
        credits=tuple(dict.fromkeys([*credits_of(pair), *([by_class.credit] if by_class else [])])),
    )


def _dial(pair: Pair, shown: Dial, alive: bool) -> dict[str, Any]:
    """Of a page that decodes by itself the stop that is shown alone, so that there is something from the first."""
    panels = []
    for number, draws in enumerate(shown.draws):
        values = [shown.values[shown.at]] if alive else shown.values
        sheet, grid = _sheet(pair, shown, draws, values)
        heading = draws.model.title if number < 2 else ""
        tip = draws.tip if draws.notes else ""
        panels.append(Panel(draws.label, draws.model.colour, sheet, draws.notes, heading, tip, grid))
    return dial.payload(panels, [f"{value:.1f}" for value in shown.values], at=shown.at, label=shown.label)


def _sheet(pair: Pair, shown: Dial, draws: Draws, values: Sequence[float]) -> tuple[dict[str, Any], Grid]:
    tile = pair.data.tiles(pair.data.items[:1])[0]
    count = count_for(tile, len(draws.noise), rows=len(values))
    codes = draws.codes(values)[:, :count]
    tiles = pair.data.tiles(draws.model.explorer.decode(codes.reshape(-1, codes.shape[2])))
    columns = files.abreast(tiles[:count], shown.columns, shown.room)
    stops = tiles.reshape(len(values), count, *tiles.shape[1:])
    sheet = strip(files.sheets(stops, columns, pair.data.between), smooth=pair.data.modality.smooth)
    return sheet, Grid(count, columns, opens=False)


def _facts(pair: Pair, shown: Dial, networks: Sequence[Network]) -> dict[str, Any]:
    """What `answers/generate.js` needs to draw others."""
    digest_of = dict(zip([model.name for model in pair.sides.values()], networks, strict=True))
    tile = pair.data.tiles(pair.data.items[:1])
    return {
        "seed": shown.seed,
        "values": [float(value) for value in shown.values],
        "count": len(shown.draws[0].noise),
        "columns": files.abreast(np.repeat(tile, len(shown.draws[0].noise), 0), shown.columns, shown.room),
        "ground": pair.data.between,
        "items": [f"item {row:,} ({pair.data.label_of(row)})" for row in shown.items],
        "pictures": strip(pair.data.tiles(pair.data.items[list(shown.items)])) if shown.items else None,
        "panels": [_panel(draws, digest_of[draws.model.name]) for draws in shown.draws],
    }


def _panel(draws: Draws, network: Network) -> dict[str, Any]:
    return {
        "digest": network.portable.digest,
        "tile": draws.model.tab(network).tile,
        "middle": pack(draws.middle.astype(np.float32)),
        "axes": pack(draws.axes.astype(np.float32)),
        "source": draws.source,
        "others": None if draws.others is None else pack(draws.others.astype(np.float32)),
    }
