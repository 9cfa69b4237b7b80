"""Generate as a section: random codes decoded, under a handle that widens them; a seed draws others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aeviz.figures import files
from aeviz.lessons.record import Model, Network, Pair, Part, Section, Words, credits_of, films_note
from aeviz.parts import dial
from aeviz.parts.dial import Panel
from aeviz.parts.sheets import count_for, pack, strip

Array = NDArray[np.float32]
Source = Literal["torch", "numpy", "directions"]  # how `draws.js` draws for a seed: normal numbers, or of length √k


@dataclass(frozen=True)
class Draws:
    """Random codes of a model, middle + value · noise @ axes, for each value at which a handle stops.

    label: where they are drawn from. middle: (d,). axes: (k, d). noise: (n, k), as `source` draws it for the dial's
    seed. others: (N, d), middles that may take its place, one for each of the dial's items.
    """

    model: Model
    label: str
    middle: Array
    axes: Array
    noise: Array
    source: Source
    others: Array | None = None

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


def section(pair: Pair, dials: Sequence[Dial], words: Words, *, notes: Sequence[str] = ()) -> Section:
    """Handles with their draws: decoded in the page where it can run both models, else films of them."""
    networks = [model.half("decoder") for model in pair.sides.values()]
    runs = [network for network in networks if network]
    alive = len(runs) == len(networks)
    return Section(
        "generate",
        words=words,
        parts=tuple(Part(shown.key, "dial", _dial(pair, shown, alive), wide=True) for shown in dials),
        networks=tuple(runs) if alive else (),
        facts={"dials": {shown.key: _facts(pair, shown, runs) for shown in dials}} if alive else {"dials": {}},
        notes=(*notes, *films_note(pair)),
        credits=credits_of(pair),
    )


def _dial(pair: Pair, shown: Dial, alive: bool) -> dict[str, Any]:
    """Of a page that decodes by itself the stop that is shown alone, so that there is something from the first."""
    panels = []
    for number, draws in enumerate(shown.draws):
        values = [shown.values[shown.at]] if alive else shown.values
        sheet = _sheet(pair, shown, draws, values)
        panels.append(Panel(draws.label, draws.model.colour, sheet, (), draws.model.title if number < 2 else ""))
    return dial.payload(panels, [f"{value:.1f}" for value in shown.values], at=shown.at, label=shown.label)


def _sheet(pair: Pair, shown: Dial, draws: Draws, values: Sequence[float]) -> dict[str, Any]:
    tile = pair.data.tiles(pair.data.items[:1])[0]
    count = count_for(tile, len(draws.noise), rows=len(values))
    codes = draws.codes(values)[:, :count]
    tiles = pair.data.tiles(draws.model.explorer.decode(codes.reshape(-1, codes.shape[2])))
    columns = files.abreast(tiles[:count], shown.columns, shown.room)
    stops = tiles.reshape(len(values), count, *tiles.shape[1:])
    return strip(np.stack([files.sheet(stop, columns) for stop in stops]), smooth=pair.data.modality.smooth)


def _facts(pair: Pair, shown: Dial, networks: Sequence[Network]) -> dict[str, Any]:
    """What `answers/generate.js` needs to draw others."""
    digest_of = dict(zip([model.name for model in pair.sides.values()], networks, strict=True))
    tile = pair.data.tiles(pair.data.items[:1])
    return {
        "seed": shown.seed,
        "values": [float(value) for value in shown.values],
        "count": len(shown.draws[0].noise),
        "columns": files.abreast(np.repeat(tile, len(shown.draws[0].noise), 0), shown.columns, shown.room),
        "ground": files.GROUND,
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
