"""A plane of a latent space in which every place is a picture: hover decodes, a click fixes a place.

Example:
    from aeviz.parts.latent_pad import Tiles, committed, grid, latent_pad

    home = (-3.5, 3.5, -3.5, 3.5)
    tiles = Tiles.of(decode(grid(home, 32, 32)), home, columns=32)  # worth caching
    place = committed("pad").position
    pad = latent_pad(tiles, view=home, rings=True, picture=place and decode([place])[0], key="pad")
    # pad.view is where the person has zoomed to: decode finer tiles for it and pass [tiles, finer].
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from aeviz.parts.assets import pack, register, strip

__all__ = ["Ellipse", "Pad", "Region", "Tiles", "committed", "grid", "latent_pad", "rows_for"]

Region = tuple[float, float, float, float]  # x0, x1, y0, y1

_mount = register("latent_pad")


@dataclass(frozen=True)
class Tiles:
    """Decoded pictures that cover a region of the plane as a grid of cells, each decoded at its cell's middle.

    Attributes:
        region: x0, x1, y0, y1 of the whole grid, in latent units.
        columns: cells along x.
        rows: cells along y, the first at the top (at y1).
        sheet: the pictures as one image, row by row.
        id: tells these tiles from any others.

    """

    region: Region
    columns: int
    rows: int
    sheet: dict[str, Any]
    id: str

    @classmethod
    def of(cls, pictures: NDArray[np.floating], region: Region, *, columns: int) -> "Tiles":
        """The tiles of pictures (rows·columns, C, H, W) in [0, 1] decoded at `grid(region, columns, rows)`.

        Raises:
            ValueError: the pictures do not fill the rows, or the region is empty.

        """
        if len(pictures) == 0 or len(pictures) % columns:
            raise ValueError(f"{len(pictures)} pictures do not fill rows of {columns}")
        x0, x1, y0, y1 = (float(edge) for edge in region)
        if not (x0 < x1 and y0 < y1):
            raise ValueError(f"expected a region x0 < x1, y0 < y1, got {region}")
        sheet = strip(pictures, columns)
        stamp = hashlib.blake2b(f"{region}{sheet['url']}".encode(), digest_size=9).hexdigest()
        return cls((x0, x1, y0, y1), columns, len(pictures) // columns, sheet, stamp)


@dataclass(frozen=True)
class Ellipse:
    """A Gaussian in the plane, such as an item's posterior; drawn at 1σ and 2σ.

    Attributes:
        mean: its middle.
        std: standard deviations along its two axes.
        turn: angle in radians from the plane's first axis to the Gaussian's, against the clock.

    """

    mean: tuple[float, float]
    std: tuple[float, float]
    turn: float = 0.0

    @classmethod
    def of(cls, mean: ArrayLike, covariance: ArrayLike) -> "Ellipse":
        """The ellipse of a Gaussian with a mean (2,) and a covariance (2, 2)."""
        middle = np.asarray(mean, np.float64)
        (a, b), (_, c) = np.asarray(covariance, np.float64)
        turn = 0.5 * np.arctan2(2 * b, a - c)
        half, apart = (a + c) / 2, np.hypot((a - c) / 2, b)
        std = np.sqrt(np.maximum([half + apart, half - apart], 0))
        return cls((float(middle[0]), float(middle[1])), (float(std[0]), float(std[1])), float(turn))


@dataclass(frozen=True)
class Pad:
    """What a person has fixed: a `position` (x, y), and the `view` looked at; None where nothing was done yet."""

    position: tuple[float, float] | None = None
    view: Region | None = None


def grid(region: Region, columns: int, rows: int) -> NDArray[np.float32]:
    """Where the pictures of `Tiles` are decoded: (rows·columns, 2) middles of the cells, row by row from the top."""
    x0, x1, y0, y1 = region
    xs = x0 + (np.arange(columns) + 0.5) * (x1 - x0) / columns
    ys = y1 - (np.arange(rows) + 0.5) * (y1 - y0) / rows
    return np.stack(np.broadcast_arrays(xs[None, :], ys[:, None]), -1).reshape(-1, 2).astype(np.float32)


def rows_for(region: Region, columns: int) -> int:
    """How many rows make the cells of a region as square as can be."""
    x0, x1, y0, y1 = region
    return max(1, round(columns * (y1 - y0) / (x1 - x0)))


def _state(key: str) -> dict[str, Any]:
    return dict(st.session_state.get(key) or {}).get("pad") or {}


def committed(key: str) -> Pad:
    """What `latent_pad(key=key)` will return, known before it is shown: time to decode what it is to show."""
    state = _state(key)
    position, view = state.get("position"), state.get("view")
    return Pad(
        None if position is None else (float(position[0]), float(position[1])),
        None if view is None else (float(view[0]), float(view[1]), float(view[2]), float(view[3])),
    )


def _level(tiles: Tiles, held: set[str]) -> dict[str, Any]:
    """The tiles for the browser, without the picture where it still has it."""
    facts = {"id": tiles.id, "region": tiles.region, "columns": tiles.columns, "rows": tiles.rows}
    return facts if tiles.id in held else {**facts, "sheet": tiles.sheet}


def _cloud(points: ArrayLike | None, labels: ArrayLike | None, held: set[str]) -> dict[str, Any] | None:
    if points is None:
        return None
    places = np.ascontiguousarray(points, np.float32).reshape(-1, 2)
    classes = None if labels is None else np.ascontiguousarray(labels, np.uint16)
    if classes is not None and len(classes) != len(places):
        raise ValueError(f"{len(places)} points but {len(classes)} labels")
    stamp = hashlib.blake2b(places.tobytes(), digest_size=9)
    stamp.update(b"" if classes is None else classes.tobytes())
    if (name := stamp.hexdigest()) in held:
        return {"id": name}
    return {"id": name, "places": pack(places), "labels": None if classes is None else pack(classes)}


def latent_pad(
    tiles: Tiles | Sequence[Tiles],
    *,
    key: str,
    view: Region | None = None,
    points: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    label_names: Sequence[str] = (),
    colours: Sequence[str] = (),
    position: tuple[float, float] | None = None,
    picture: NDArray[np.floating] | None = None,
    rings: bool | tuple[float, float] = False,
    ellipse: Ellipse | None = None,
    path: ArrayLike | None = None,
    show: Literal["pictures", "points", "both"] = "pictures",
    axes: tuple[str, str] = ("z₁", "z₂"),
    accent: str | None = None,
    title: str = "",
    group: str | None = None,
    height: int = 560,
    on_change: Callable[[], None] | None = None,
) -> Pad:
    """Show the plane; the script reruns when a place is fixed, or when a zoom or a pan has come to rest.

    Args:
        tiles: decoded pictures; several grids where some are finer, the finest under the pointer is shown.
        key: of the element.
        view: region shown at first and after a double-click; that of the first tiles when left out.
        points: (N, 2) items on the plane.
        labels: (N,) class of each point, an index into `label_names` and `colours`.
        label_names: written at the middle of each class.
        colours: "#rrggbb" of each class, taken in turn.
        position: the fixed place, where Python is to set it; else the person's own.
        picture: (C, H, W) in [0, 1], the exact decode at the fixed place.
        rings: circles of 1, 2 and 3 standard deviations of a prior N(0, I), or of one round another place.
        ellipse: a posterior to outline.
        path: (M, 2) places joined by a line.
        show: what is shown at first; the person can switch.
        axes: names of the two coordinates.
        accent: colour of the model, for the fixed place, the ellipse and the path.
        title: above the plane.
        group: of latent maps, whose hovered and selected items are ringed here too.
        height: of the whole element in CSS pixels.
        on_change: called before the rerun.

    Raises:
        ValueError: there are no tiles, or not as many labels as points.

    """
    levels = [tiles] if isinstance(tiles, Tiles) else list(tiles)
    if not levels:
        raise ValueError("latent_pad needs tiles to show")
    now = committed(key)
    fixed = now.position if position is None else (float(position[0]), float(position[1]))
    held = set(_state(key).get("have", ()))
    _mount(
        key=key,
        data={
            "levels": [_level(level, held) for level in levels],
            "home": view or levels[0].region,
            "cloud": _cloud(points, labels, held),
            "names": list(label_names),
            "colours": list(colours),
            "position": fixed,
            "view": now.view,
            "picture": None if picture is None or fixed is None else strip(np.asarray(picture)[None]),
            "rings": [0.0, 0.0] if rings is True else list(rings) if rings else None,
            "ellipse": None if ellipse is None else asdict(ellipse),
            "path": None if path is None else np.asarray(path, np.float64).reshape(-1, 2).tolist(),
            "show": show,
            "axes": list(axes),
            "accent": accent,
            "title": title,
            "group": group,
            "height": height,
        },
        on_pad_change=on_change or (lambda: None),
    )
    return now
