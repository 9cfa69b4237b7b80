"""How a VAE thinks as a section: an item's posterior, a draw from it, what that decodes to, the terms of the loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.figures import palette
from aeviz.latent.axes import LatentAxes
from aeviz.latent.planes import Plane
from aeviz.lessons.record import Model, Network, Part, Section, Words
from aeviz.modalities.image.drawing import ground_of
from aeviz.modalities.image.shapes import in_colour
from aeviz.parts import dial, draw_pad, latent_pad, latent_sliders
from aeviz.parts.dial import Panel
from aeviz.parts.draw_pad import Drawing
from aeviz.parts.latent_pad import Ellipse, Level, Region
from aeviz.parts.latent_sliders import Row
from aeviz.parts.networks import Tab
from aeviz.parts.sheets import pack, strip

Array = NDArray[np.float32]
COLUMNS = 28  # tiles across the plane
HEIGHT_PX = 560
MAX_ROWS = 6  # coordinates with sliders, those that carry most
MAX_STD = 1.0  # of a slider's track: that of the prior
MIN_STD = 0.01
VIEW = "view"  # the name of what is seen of the plane


@dataclass(frozen=True)
class Passed:
    """An item's way through a model.

    rows: of the items that the page has, the first of which is shown. noise: (d,), the draw's ε, of a seed. position:
    where the code was put on the plane by hand (2,), or None. region: of the plane that is seen at first. measured:
    of what, with its reconstruction and KL in nats; None where they are not known. seen: what a link says of the zoom
    and pan of the plane.
    """

    model: Model
    latent_axes: LatentAxes
    plane: Plane | None
    rows: Sequence[int]
    noise: Array
    seed: int
    region: Region
    position: Array | None = None
    measured: tuple[str, float, float] | None = None
    seen: str = ""

    @property
    def mean(self) -> Array:
        """The posterior's mean (d,)."""
        mean: Array = self.model.codes.mean[self.rows[0]]
        return mean

    @property
    def std(self) -> Array:
        """The posterior's standard deviation (d,). Raises ValueError for codes that are points."""
        if self.model.codes.std is None:
            raise ValueError(f"{self.model.title}: its codes are points, there is no cloud to draw from.")
        std: Array = self.model.codes.std[self.rows[0]]
        return std

    @property
    def z(self) -> Array:
        """The code that is decoded (d,)."""
        z: Array = (self.mean + self.std * self.noise).astype(np.float32)
        if self.plane is not None and self.position is not None:
            z = self.plane.codes(z, self.position[None])[0]
        return z


def section(
    data: Dataset, passed: Passed, words: Words, *, notes: Sequence[str] = (), credits: Sequence[str] = ()
) -> Section:
    """The plane, sliders of μ and σ, a pad to draw an item on; of a model that no browser runs pictures and films."""
    model = passed.model
    network = None if model.problem else model.half("")
    if network is None:
        films = f"{model.title}: {model.problem} What is shown of it are films that were made when this page was saved."
        parts, facts, notes = _films(data, passed), {}, (*notes, films)
    else:
        tab = model.tab(network)
        parts, facts = _parts(data, passed, tab), _facts(data, passed, network)
    return Section(
        "walkthrough",
        words=words,
        parts=tuple(parts),
        networks=(network,) if network else (),
        facts=facts,
        seen={VIEW: passed.seen},
        notes=tuple(notes),
        credits=tuple(dict.fromkeys(credits)),
    )


def _parts(data: Dataset, passed: Passed, tab: Tab) -> list[Part]:
    colour, size = in_colour(data.shape), (data.shape[-2], data.shape[-1])
    drawing = draw_pad.payload(size, Drawing(), colour=colour, size=224, live=True)
    plane = [] if passed.plane is None else [Part("pad", "latent_pad", _pad(data, passed, passed.plane, tab))]
    return [
        *plane,
        Part("drawing", "draw_pad", drawing, aside=True),
        Part("mean", "latent_sliders", _sliders(passed, tab, spread=False)),
        Part("spread", "latent_sliders", _sliders(passed, tab, spread=True)),
    ]


def _sliders(passed: Passed, tab: Tab, *, spread: bool) -> dict[str, Any]:
    """Sliders of μ, or of σ: z = μ + σ · ε follows either, along axes of its own."""
    axes, names = passed.latent_axes, passed.latent_axes.names[:MAX_ROWS]
    order = axes.axes[: len(names)].argmax(1)
    values = (passed.std if spread else passed.mean)[order]
    letter = "σ" if spread else "μ"
    rows = [
        Row(name.replace("z", letter), float(value), *_ends(axes, axis, float(value), spread), index=axis)
        for axis, (name, value) in enumerate(zip(names, values, strict=True))
    ]
    moved = axes.axes[: len(names)] * (passed.noise[order, None] if spread else 1)
    return latent_sliders.payload(
        rows, None, None, None, accent=passed.model.colour, reset=values.tolist(),
        title="σ, how wide the cloud is" if spread else "μ, the middle of the cloud",
        tab=tab.plane(passed.z, moved.astype(np.float32)),
    )  # fmt: skip


def _ends(axes: LatentAxes, axis: int, value: float, spread: bool) -> tuple[float, float]:
    return (min(MIN_STD, value / 2), max(MAX_STD, value)) if spread else axes.ends(axis, value)


def _pad(data: Dataset, passed: Passed, plane: Plane, tab: Tab | None) -> dict[str, Any]:
    mean, here = plane.read(passed.mean[None])[0], plane.read(passed.z[None])[0]
    foot, picture = plane.foot(passed.z), None
    if tab:
        level = Level.here(passed.region, columns=COLUMNS, of=foot.tobytes())
    else:
        positions = latent_pad.grid(passed.region, COLUMNS, latent_pad.rows_for(passed.region, COLUMNS))
        codes = np.concatenate([plane.codes(foot, positions), passed.z[None]])
        drawn = data.tiles(passed.model.explorer.decode(codes))
        level = Level.of(drawn[:-1], passed.region, columns=COLUMNS, smooth=data.modality.smooth)
        picture = drawn[-1]
    return latent_pad.payload(
        [level],
        view=passed.region,
        points=plane.read(passed.model.codes.mean).astype(np.float16),
        labels=data.labels,
        label_names=data.label_names,
        colours=palette.CLASSES,
        position=(float(here[0]), float(here[1])),
        picture=picture,
        rings=(0.0, 0.0),
        ellipse=Ellipse.of(*plane.posterior(passed.mean, passed.std)),
        path=np.stack([mean, here]),
        axes=plane.names,
        accent=passed.model.colour,
        title="",
        height=HEIGHT_PX,
        plural=data.words.plural,
        link=VIEW,
        tab=None if tab is None else tab.plane(foot, plane.axes),
    )


def _facts(data: Dataset, passed: Passed, network: Network) -> dict[str, Any]:
    """What `answers/walkthrough.js` needs."""
    count = min(MAX_ROWS, len(passed.latent_axes.names))
    rows = list(passed.rows)
    axes = passed.latent_axes.axes
    return {
        "digest": network.portable.digest,
        "tile": passed.model.tab(network).tile,
        "accent": passed.model.colour,
        "items": pack(data.items[rows].astype(np.float32).reshape(len(rows), -1)),
        "rows": rows,
        "names": [f"item {row:,} ({data.label_of(row)})" for row in rows],
        "seed": passed.seed,
        "noise": pack(((passed.z - passed.mean) / passed.std).astype(np.float32)),
        "placed": passed.position is not None,
        "order": axes[:count].argmax(1).tolist(),
        "pair": [] if passed.plane is None else axes[list(passed.plane.pair)].argmax(1).tolist(),
        "measured": passed.measured,
        "drawing": {"shape": list(data.shape), "convention": data.drawing, "ground": ground_of(data.shape)},
    }


def _films(data: Dataset, passed: Passed) -> list[Part]:
    """The item and what it is decoded to, and the plane; what stands still needs no browser that runs the model."""
    codes = np.stack([passed.mean, passed.z])
    tiles = np.concatenate([data.tiles(data.items[[passed.rows[0]]]), data.tiles(passed.model.explorer.decode(codes))])
    names = (f"item {passed.rows[0]:,} ({data.label_of(passed.rows[0])})", "decode of μ", "decode of z")
    panels = [
        Panel(name, passed.model.colour, strip(tile[None], smooth=data.modality.smooth))
        for name, tile in zip(names, tiles, strict=True)
    ]
    pictures = Part("pictures", "dial", dial.payload(panels, [""], at=0, label="One item"), wide=True)
    if passed.plane is None:
        return [pictures]
    return [pictures, Part("pad", "latent_pad", _pad(data, passed, passed.plane, None), wide=True)]
