"""How a VAE thinks as a section: an item's posterior, a draw from it, what that decodes to, the terms of the loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.figures import palette
from aeviz.latent.axes import LatentAxes
from aeviz.latent.explorer import Codes
from aeviz.latent.planes import Plane
from aeviz.lessons.record import Model, Network, Part, Section, Words, films_note
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
    and pan of the plane. turned: mean and std (d,) where a hand has turned the posterior. near: spreads of
    the posterior that the region shows to either side; None where it shows those of all items.
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
    turned: tuple[Array, Array] | None = None
    near: float | None = None

    @property
    def encoded(self) -> tuple[Array, Array]:
        """The posterior's mean and standard deviation (d,) as encoded. Raises ValueError for codes that are points."""
        codes, row = self.model.codes, self.rows[0]
        if codes.std is None:
            raise ValueError(f"{self.model.title}: its codes are points, there is no cloud to draw from.")
        return codes.mean[row], codes.std[row]

    @property
    def mean(self) -> Array:
        """The posterior's mean (d,), as it is turned."""
        return (self.turned or self.encoded)[0]

    @property
    def std(self) -> Array:
        """The posterior's standard deviation (d,), as it is turned. Raises ValueError for codes that are points."""
        return (self.turned or self.encoded)[1]

    @property
    def drawn(self) -> Array:
        """ε of the code that is decoded (d,)."""
        noise: Array = ((self.z - self.mean) / self.std).astype(np.float32)
        return noise

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
        parts, facts, notes = _films(data, passed), {}, (*notes, *films_note([model], ", without sliders."))
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
    held = []
    if passed.plane is not None:
        shown = plane(
            data, passed.model.codes, passed.plane, passed.mean, passed.std, passed.z, passed.region,
            levels=passed.region, tab=tab, colour=passed.model.colour, link=VIEW,
        )  # fmt: skip
        held = [Part("pad", "latent_pad", shown)]
    of_mean, of_spread = (
        sliders(
            passed.latent_axes, passed.mean, passed.std, passed.drawn, tab=tab, colour=passed.model.colour,
            spread=spread, home=passed.encoded[spread],
        )
        for spread in (False, True)
    )  # fmt: skip
    return [
        *held,
        Part("drawing", "draw_pad", drawing, aside=True),
        Part("mean", "latent_sliders", of_mean),
        Part("spread", "latent_sliders", of_spread),
    ]


def turnable(latent_axes: LatentAxes) -> list[int]:
    """The coordinates that have sliders, those that carry most first."""
    order: list[int] = latent_axes.axes[: min(MAX_ROWS, len(latent_axes.names))].argmax(1).tolist()
    return order


def coordinates(plane: Plane) -> list[int]:
    """The two coordinates that a plane has as its axes."""
    pair: list[int] = plane.axes.argmax(1).tolist()
    return pair


def sliders(
    latent_axes: LatentAxes, mean: Array, std: Array, noise: Array, *, tab: Tab, colour: str, spread: bool, home: Array,
    live: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """Sliders of μ, or of σ: z = μ + σ · ε follows either, along axes of its own.

    mean, std, noise: of the posterior (d,), as it is turned. home: μ, or σ, as the encoder has it (d,). live: as
    `latent_sliders.payload` has it.
    """
    order = turnable(latent_axes)
    values, letter = (std if spread else mean)[order], "σ" if spread else "μ"
    rows = [
        Row(
            latent_axes.names[axis].replace("z", letter), float(value),
            *_ends(latent_axes, axis, float(value), spread), index=axis,
        )
        for axis, value in enumerate(values)
    ]  # fmt: skip
    moved = latent_axes.axes[: len(order)] * (noise[order, None] if spread else 1)
    return latent_sliders.payload(
        rows, None, None, None, accent=colour, reset=home[order].tolist(),
        title="σ, how wide the cloud is" if spread else "μ, the middle of the cloud",
        tab=tab.plane((mean + std * noise).astype(np.float32), moved.astype(np.float32)), live=live,
    )  # fmt: skip


def _ends(axes: LatentAxes, axis: int, value: float, spread: bool) -> tuple[float, float]:
    return (min(MIN_STD, value / 2), max(MAX_STD, value)) if spread else axes.ends(axis, value)


def plane(
    data: Dataset, codes: Codes, through: Plane, mean: Array, std: Array, z: Array, seen: Region, *, levels: Region,
    tab: Tab, colour: str, height: int = HEIGHT_PX, cached: Sequence[str] = (), link: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The plane through a code z (d,) with the cloud of its posterior, as a `latent_pad` has it; the tab decodes.

    seen: what it shows at first. levels: what is decoded of it. cached, link: as `latent_pad.payload` has them.
    """
    foot = through.foot(z)
    level = Level.here(levels, columns=COLUMNS, of=foot.tobytes())
    return latent_pad.payload(
        [level],
        **_plane(data, codes, through, mean, std, z, seen, colour),
        height=height,
        cached=cached,
        link=link,
        tab=tab.plane(foot, through.axes),
    )


def _plane(
    data: Dataset, codes: Codes, through: Plane, mean: Array, std: Array, z: Array, seen: Region, colour: str
) -> dict[str, Any]:
    """What a plane shows whoever decodes it."""
    middle, here = through.read(mean[None])[0], through.read(z[None])[0]
    return {
        "view": seen,
        "points": through.read(codes.mean).astype(np.float16),
        "labels": data.labels,
        "label_names": data.label_names,
        "colours": palette.CLASSES,
        "position": (float(here[0]), float(here[1])),
        "rings": (0.0, 0.0),
        "ellipse": Ellipse.of(*through.posterior(mean, std)),
        "path": np.stack([middle, here]),
        "axes": through.names,
        "accent": colour,
        "title": "",
        "plural": data.words.plural,
    }


def _filmed(data: Dataset, passed: Passed, through: Plane) -> dict[str, Any]:
    """The plane of a model that no browser runs."""
    positions = latent_pad.grid(passed.region, COLUMNS, latent_pad.rows_for(passed.region, COLUMNS))
    codes = np.concatenate([through.codes(through.foot(passed.z), positions), passed.z[None]])
    drawn = data.tiles(passed.model.explorer.decode(codes))
    level = Level.of(drawn[:-1], passed.region, columns=COLUMNS, smooth=data.modality.smooth)
    shown = _plane(
        data, passed.model.codes, through, passed.mean, passed.std, passed.z, passed.region, passed.model.colour
    )
    return latent_pad.payload([level], **shown, height=HEIGHT_PX, picture=drawn[-1], link=VIEW)


def _facts(data: Dataset, passed: Passed, network: Network) -> dict[str, Any]:
    """What `answers/walkthrough.js` needs."""
    rows = list(passed.rows)
    return {
        "digest": network.portable.digest,
        "tile": passed.model.tab(network).tile,
        "accent": passed.model.colour,
        "items": pack(data.items[rows].astype(np.float32).reshape(len(rows), -1)),
        "rows": rows,
        "names": [f"item {row:,} ({data.label_of(row)})" for row in rows],
        "seed": passed.seed,
        "mean": pack(passed.mean),
        "std": pack(passed.std),
        "noise": pack(passed.drawn),
        "placed": passed.position is not None,
        "order": turnable(passed.latent_axes),
        "pair": [] if passed.plane is None else coordinates(passed.plane),
        "near": passed.near,
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
    return [pictures, Part("pad", "latent_pad", _filmed(data, passed, passed.plane), wide=True)]
