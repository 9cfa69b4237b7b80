"""Films of trainings under one slider over their steps: planes of codes, pictures and charts that move together.

All frames are in the browser, so dragging and playing send nothing; the step comes back when the hand rests.

Usage, with codes (S, P, 2) of P items at S recorded steps, tiles (S, R, h, w, 1 or 3) and (S, K, h, w, 1 or 3) uint8:

    from aeviz.parts.replay_film import Chart, Film, Line
    from aeviz.parts.replay_film.streamlit import replay_film

    film = Film("Autoencoder", "#D55E00", steps, codes, originals, reconstructions, samples)
    loss = Line("AE", "#D55E00", steps, losses, [f"{loss:.1f}" for loss in losses])
    chart = Chart("Loss", [loss], definition="Cross-entropy of a picture, in nats.")
    result = replay_film([film], [chart], labels=labels, label_names=names, colours=colours, step=0, key="replay")
    result.step  # None until the handle was moved
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aeviz.parts.sheets import pack, strip

MAX_PLACE = 32767  # the largest number that a place is sent as


@dataclass(frozen=True)
class Film:
    """A training, S frames of it at growing `steps` (S,).

    places: (S, P, 2) codes. originals: tiles (R, h, w, 1 or 3) uint8, reconstructions: (S, R, h, w, 1 or 3) and
    samples: (S, K, h, w, 1 or 3). smooth: whether these are smoothed where they are shown larger.
    """

    label: str
    accent: str
    steps: ArrayLike
    places: ArrayLike
    originals: NDArray[np.uint8]
    reconstructions: NDArray[np.uint8]
    samples: NDArray[np.uint8]
    smooth: bool = False

    @cached_property
    def packed(self) -> dict[str, Any]:
        """All of it for the browser; made once, so that a film that is kept costs a rerun nothing."""
        places = np.asarray(self.places, np.float64)
        units = np.maximum(np.abs(places).max((1, 2)), 1e-12) / MAX_PLACE
        scaled = np.rint(places / units[:, None, None]).astype(np.int16)
        return {
            "label": self.label,
            "accent": self.accent,
            "steps": [int(step) for step in np.asarray(self.steps)],
            "places": {"packed": pack(scaled), "units": units.tolist()},
            "originals": strip(self.originals, smooth=self.smooth),
            "reconstructions": _sheet(self.reconstructions, self.smooth),
            "samples": _sheet(self.samples, self.smooth),
        }


@dataclass(frozen=True)
class Line:
    """A curve of a chart: values (S,) at steps (S,), each with its text; what is not finite is left out."""

    label: str
    accent: str
    steps: ArrayLike
    values: ArrayLike
    texts: Sequence[str]
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """Curves over the steps. definition: of the values, opened by a click. reference: a value and its name, or None."""

    title: str
    lines: Sequence[Line]
    definition: str
    log: bool = False
    reference: tuple[float, str] | None = field(default=None)


def payload(
    films: Sequence[Film],
    charts: Sequence[Chart] = (),
    *,
    labels: ArrayLike,
    label_names: Sequence[str],
    colours: Sequence[str],
    step: int,
    captions: tuple[str, str] = ("Items, and what comes back", "Decoded from the same random codes"),
    ring: tuple[float, str] = (2.0, "radius 2"),
) -> dict[str, Any]:
    """What the browser gets: films side by side, charts below, all moved by one slider that stands at `step`.

    Steps stand at log(1 + step). Points glide from frame to frame while the slider moves; pictures and numbers are
    those of the recorded step nearest to it (of a film without a frame there, of its last one before), and there the
    slider comes to rest.

    labels: (P,) class numbers from 0, the same items in each film; label_names and colours (#rrggbb): one for each
    class. captions: above the reconstructions and above the samples. ring: radius, in units of the code, and name of a
    dashed circle round the origin.

    Raises ValueError where shapes do not fit together or steps do not grow.
    """
    classes = np.asarray(labels)
    _check(films, classes, len(label_names), len(colours))
    data = {
        "films": [film.packed for film in films],
        "charts": [_chart(chart) for chart in charts],
        "labels": pack(classes.astype(np.uint16)),
        "names": list(label_names),
        "colours": list(colours),
        "captions": list(captions),
        "ring": {"radius": float(ring[0]), "name": ring[1]},
    }
    return {**data, "step": int(step), "stamp": zlib.crc32(repr(data).encode())}


def _check(films: Sequence[Film], labels: NDArray, names: int, colours: int) -> None:
    if not films:
        raise ValueError("replay_film needs at least one film")
    if labels.ndim != 1 or (len(labels) and not 0 <= labels.min() <= labels.max() < min(names, colours)):
        raise ValueError("each label needs a name and a colour")
    for film in films:
        steps, places = np.asarray(film.steps), np.asarray(film.places)
        if steps.ndim != 1 or len(steps) < 2 or steps[0] < 0 or (np.diff(steps) <= 0).any():
            raise ValueError(f"{film.label}: a film has two steps or more, and they grow")
        if places.shape != (len(steps), len(labels), 2) or not np.isfinite(places).all():
            raise ValueError(f"{film.label}: expected finite places {(len(steps), len(labels), 2)}, not {places.shape}")
        originals, pictures, samples = (np.shape(x) for x in (film.originals, film.reconstructions, film.samples))
        if pictures != (len(steps), *originals) or len(samples) != 5 or samples[0] != len(steps):
            raise ValueError(f"{film.label}: pictures {originals}, {pictures}, {samples} do not fit {len(steps)} steps")


def _sheet(frames: NDArray[np.uint8], smooth: bool) -> dict[str, Any]:
    """Tiles (S, K, h, w, 1 or 3) as a sheet with a row for each frame."""
    return strip(frames.reshape(-1, *frames.shape[2:]), columns=frames.shape[1], smooth=smooth)


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "title": chart.title,
        "definition": chart.definition,
        "log": chart.log,
        "reference": None if chart.reference is None else dict(zip(("value", "name"), chart.reference, strict=True)),
        "lines": [_line(line) for line in chart.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    steps, values = np.asarray(line.steps), np.asarray(line.values, np.float64)
    if not steps.shape == values.shape == (len(line.texts),):
        raise ValueError(f"{line.label}: {steps.shape} steps, {values.shape} values and {len(line.texts)} texts")
    return {
        "label": line.label,
        "accent": line.accent,
        "steps": [int(step) for step in steps],
        "values": [float(value) if math.isfinite(value) else None for value in values],
        "texts": list(line.texts),
        "dashed": line.dashed,
    }
