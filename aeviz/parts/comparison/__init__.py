"""Models compared: a table of their figures, a plane of two of these, and what two models make, side by side.

Example:
    from aeviz.parts.comparison import Figure, Group, Model, Pictures, payload

    error = Figure("mse", "Error", "Squared error per pixel.", better="low")
    model = Model("mnist-ae", "AE", "●", "#D55E00", "Autoencoder", {"mse": (0.0123, "0.0123")})
    payload([model], [error], [Group("Reconstruction", ["mse"])], shown=(0, 0), group=0, axes=("mse", "mse"))

"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.parts.sheets import Tiles, pack, strip


@dataclass(frozen=True)
class Figure:
    """A figure of models: its heading, its definition, and which end is better, "low", "high" or "" for neither."""

    key: str
    label: str
    definition: str
    better: str = ""


@dataclass(frozen=True)
class Group:
    """Figures that are shown together, by their keys; notes: sentences below them."""

    label: str
    figures: Sequence[str]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Pictures:
    """Tiles (N, h, w, 1 or 3) uint8 that a model makes, under a heading."""

    label: str
    tiles: Tiles
    smooth: bool = False


@dataclass(frozen=True)
class Line:
    """What a term of the loss was at each epoch; None where it was not measured."""

    label: str
    colour: str
    values: Sequence[float | None]
    dashed: bool = False


@dataclass(frozen=True)
class Curves:
    """A training by epoch. label: of the values. span: the lowest and the highest value that has room."""

    epochs: Sequence[float]
    lines: Sequence[Line]
    label: str
    span: tuple[float, float]


@dataclass(frozen=True)
class Histograms:
    """How coordinates of codes lie: densities (d, bins) over [-reach, reach], beside N(0, 1). note: a sentence."""

    names: Sequence[str]
    reach: float
    densities: NDArray[np.float32]
    note: str = ""


@dataclass(frozen=True)
class Model:
    """A model: its name, a short label, a sign in its colour, what it is.

    figures: {key: (number, text)}; a figure that it has not is left out. about: a sentence. classical: what other
    methods reach, {name: {key: text}}. settings: (name, value) of its training.
    """

    name: str
    label: str
    sign: str
    colour: str
    family: str
    figures: Mapping[str, tuple[float, str]]
    about: str = ""
    pictures: Sequence[Pictures] = ()
    classical: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Sequence[tuple[str, str]] = ()
    curves: Curves | None = None
    histograms: Histograms | None = None


def payload(
    models: Sequence[Model],
    figures: Sequence[Figure],
    groups: Sequence[Group],
    *,
    shown: tuple[int, int],
    group: int,
    axes: tuple[str, str],
    csv: tuple[str, str] = ("figures.csv", ""),
) -> dict[str, Any]:
    """What the browser gets.

    Args:
        models: the rows, one or more.
        figures: all that there are.
        groups: of figures, one or more.
        shown: places of the two models whose pictures stand side by side at first.
        group: place of the group that is shown at first.
        axes: keys of the figures across and up the plane.
        csv: name and text of a file with all figures.

    Raises:
        ValueError: there is no model or group, or one that is named does not exist.

    """
    places = {figure.key: number for number, figure in enumerate(figures)}
    missing = {*axes, *(key for each in groups for key in each.figures)} - places.keys()
    if not models or not groups or missing:
        raise ValueError(f"a comparison needs models, groups and their figures; missing: {', '.join(sorted(missing))}")
    if not all(0 <= number < len(models) for number in shown) or not 0 <= group < len(groups):
        raise ValueError(f"there are {len(models)} models and {len(groups)} groups, not {max(*shown, group) + 1}")
    numbers = [[model.figures.get(figure.key, (np.nan, ""))[0] for figure in figures] for model in models]
    return {
        "models": [_model(model, places) for model in models],
        "figures": [
            {"label": figure.label, "definition": figure.definition, "better": figure.better} for figure in figures
        ],
        "groups": [
            {"label": each.label, "figures": [places[key] for key in each.figures], "notes": list(each.notes)}
            for each in groups
        ],
        "numbers": pack(np.array(numbers, np.float64)),
        "shown": list(shown),
        "group": group,
        "axes": [places[key] for key in axes],
        "csv": dict(zip(("name", "text"), csv, strict=True)),
    }


def _model(model: Model, places: Mapping[str, int]) -> dict[str, Any]:
    return {
        "name": model.name,
        "label": model.label,
        "sign": model.sign,
        "colour": model.colour,
        "family": model.family,
        "about": model.about,
        "texts": {places[key]: text for key, (_, text) in model.figures.items() if key in places},
        "pictures": [
            {"label": row.label, "sheet": strip(row.tiles, _columns(row.tiles), smooth=row.smooth, compression=9)}
            for row in model.pictures
        ],
        "classical": [
            {"label": name, "texts": {places[key]: text for key, text in texts.items() if key in places}}
            for name, texts in model.classical.items()
        ],
        "settings": [list(pair) for pair in model.settings],
        "curves": model.curves and _curves(model.curves),
        "histograms": model.histograms and _histograms(model.histograms),
    }


def _curves(curves: Curves) -> dict[str, Any]:
    lines = [
        {"label": line.label, "accent": line.colour, "dashed": line.dashed, "values": list(line.values)}
        for line in curves.lines
    ]
    return {"steps": list(curves.epochs), "lines": lines, "label": curves.label, "range": list(curves.span)}


def _histograms(histograms: Histograms) -> dict[str, Any]:
    densities = pack(np.asarray(histograms.densities, np.float32))
    return {
        "names": list(histograms.names),
        "reach": histograms.reach,
        "densities": densities,
        "note": histograms.note,
    }


def _columns(tiles: Tiles) -> int:
    """How many tiles stand side by side: eight, or fewer where they are wide."""
    height, width = tiles.shape[1:3]
    return min(len(tiles), 8 if width <= 1.25 * height else 2)
