"""A plane of a latent space in which every place is a picture: hover decodes, a click fixes a place.

Example:
    from aeviz.parts.latent_pad import Level, grid
    from aeviz.parts.latent_pad.streamlit import committed, latent_pad

    home = (-3.5, 3.5, -3.5, 3.5)
    level = Level.of(drawn(grid(home, 32, 32)), home, columns=32)  # worth caching; drawn: codes to tiles
    place = committed("pad").position
    pad = latent_pad([level], view=home, rings=(0, 0), picture=drawn([place])[0] if place else None, key="pad")
    # pad.view is where the person has zoomed to: decode a finer level for it and pass [level, finer].
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aeviz.parts.sheets import Tiles, pack, strip

Region = tuple[float, float, float, float]  # x0, x1, y0, y1


@dataclass(frozen=True)
class Level:
    """Decoded tiles that cover a region of the plane as a grid of cells, each decoded at its cell's middle.

    Attributes:
        region: x0, x1, y0, y1 of the whole grid, in latent units.
        columns: cells along x.
        rows: cells along y, the first at the top (at y1).
        sheet: the tiles as `sheets.strip` makes them, row by row; None where the tab decodes them.
        id: tells this level from any other.

    """

    region: Region
    columns: int
    rows: int
    sheet: dict[str, Any] | None
    id: str

    @classmethod
    def of(cls, tiles: Tiles, region: Region, *, columns: int, smooth: bool = False) -> "Level":
        """The level of tiles (rows·columns, h, w, 1 or 3) uint8 decoded at `grid(region, columns, rows)`.

        smooth: whether a tile is smoothed where it is shown larger; pixels stay sharp otherwise.

        Raises:
            ValueError: the tiles do not fill the rows, or the region is empty.

        """
        if len(tiles) == 0 or len(tiles) % columns:
            raise ValueError(f"{len(tiles)} tiles do not fill rows of {columns}")
        x0, x1, y0, y1 = (float(edge) for edge in region)
        if not (x0 < x1 and y0 < y1):
            raise ValueError(f"expected a region x0 < x1, y0 < y1, got {region}")
        sheet = strip(tiles, columns, smooth=smooth)
        stamp = hashlib.blake2b(f"{region}{sheet['url']}".encode(), digest_size=9).hexdigest()
        return cls((x0, x1, y0, y1), columns, len(tiles) // columns, sheet, stamp)

    @classmethod
    def here(cls, region: Region, *, columns: int, of: bytes) -> "Level":
        """A level that the tab decodes by itself; of: what it shows, which tells it from others of the region."""
        stamp = hashlib.blake2b(f"{region}{columns}".encode() + of, digest_size=9).hexdigest()
        return cls(region, columns, rows_for(region, columns), None, stamp)


@dataclass(frozen=True)
class Ellipse:
    """A Gaussian in the plane, such as an item's posterior; drawn at 1σ and 2σ.

    Attributes:
        mean: its middle.
        std: standard deviations along its two axes.
        angle: in radians, from the plane's first axis to the Gaussian's, against the clock.

    """

    mean: tuple[float, float]
    std: tuple[float, float]
    angle: float = 0.0

    @classmethod
    def of(cls, mean: ArrayLike, covariance: ArrayLike) -> "Ellipse":
        """The ellipse of a Gaussian with a mean (2,) and a covariance (2, 2)."""
        middle = np.asarray(mean, np.float64)
        (a, b), (_, c) = np.asarray(covariance, np.float64)
        angle = 0.5 * np.arctan2(2 * b, a - c)
        half, apart = (a + c) / 2, np.hypot((a - c) / 2, b)
        std = np.sqrt(np.maximum([half + apart, half - apart], 0))
        return cls((float(middle[0]), float(middle[1])), (float(std[0]), float(std[1])), float(angle))


@dataclass(frozen=True)
class Pad:
    """What a person has fixed: a `position` (x, y), and the `view` looked at; None where nothing was done yet."""

    position: tuple[float, float] | None = None
    view: Region | None = None


def grid(region: Region, columns: int, rows: int) -> NDArray[np.float32]:
    """Where the tiles of a `Level` are decoded: (rows·columns, 2) middles of the cells, row by row from the top."""
    x0, x1, y0, y1 = region
    xs = x0 + (np.arange(columns) + 0.5) * (x1 - x0) / columns
    ys = y1 - (np.arange(rows) + 0.5) * (y1 - y0) / rows
    return np.stack(np.broadcast_arrays(xs[None, :], ys[:, None]), -1).reshape(-1, 2).astype(np.float32)


def rows_for(region: Region, columns: int) -> int:
    """How many rows make the cells of a region as square as can be."""
    x0, x1, y0, y1 = region
    return max(1, round(columns * (y1 - y0) / (x1 - x0)))


def payload(
    levels: Sequence[Level],
    *,
    view: Region | None = None,
    points: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    label_names: Sequence[str] = (),
    colours: Sequence[str] = (),
    position: tuple[float, float] | None = None,
    picture: Tiles | None = None,
    rings: tuple[float, float] | None = None,
    ellipse: Ellipse | None = None,
    path: ArrayLike | None = None,
    axes: tuple[str, str] = ("z₁", "z₂"),
    accent: str | None = None,
    title: str = "",
    height: int = 560,
    plural: str = "pictures",
    pad: Pad | None = None,
    cached: Sequence[str] = (),
    tab: dict[str, Any] | None = None,
    link: str | None = None,
) -> dict[str, Any]:
    """What the browser gets: the plane, as decoded pictures and as points.

    Args:
        levels: grids of decoded tiles, one or more; the finest under the pointer is shown.
        view: region shown at first and after a double-click; that of the first level when left out.
        points: (N, 2) items on the plane.
        labels: (N,) class of each point, an index into `label_names` and `colours`.
        label_names: written at the middle of each class.
        colours: "#rrggbb" of each class, taken in turn; the accent serves when left out.
        position: the fixed place, where Python is to set it; else the person's own.
        picture: tile (h, w, 1 or 3) uint8 of the exact decode at the fixed place.
        rings: place round which 1, 2 and 3 standard deviations of a prior with unit variance are drawn as circles.
        ellipse: a posterior to outline.
        path: (M, 2) places joined by a line.
        axes: names of the two coordinates.
        accent: colour of the model, for the fixed place, the ellipse and the path; the theme's when left out.
        title: above the plane.
        height: of the whole element in CSS pixels.
        plural: what the tiles show, for the button that shows them alone.
        pad: what the person has fixed so far.
        cached: ids of the levels and clouds that the browser has: these are named and not sent again.
        tab: the model, the code at the plane's origin and its two axes, from `networks.Tab.plane`, where the tab
            decodes: it shows the levels from afar, and needs no finer ones, and the picture only where its code
            lies beside the plane.
        link: the name under which a link to the page keeps what is looked at; none where left out.

    Raises:
        ValueError: there is no level, none with tiles where no tab decodes, or not as many labels as points.

    """
    if not levels or (tab is None and any(level.sheet is None for level in levels)):
        raise ValueError("latent_pad needs tiles to show")
    now, sheet = pad or Pad(), levels[0].sheet
    fixed = now.position if position is None else (float(position[0]), float(position[1]))
    exact = None
    if picture is not None and fixed is not None and sheet is not None:
        exact = strip(picture[None], smooth=sheet["smooth"])
    return {
        "levels": [_level(level, cached) for level in levels],
        "home": view or levels[0].region,
        "cloud": _cloud(points, labels, cached),
        "names": list(label_names),
        "colours": list(colours),
        "position": fixed,
        "view": now.view,
        "picture": exact,
        "rings": None if rings is None else list(rings),
        "ellipse": None if ellipse is None else asdict(ellipse),
        "path": None if path is None else np.asarray(path, np.float64).reshape(-1, 2).tolist(),
        "axes": list(axes),
        "accent": accent,
        "title": title,
        "height": height,
        "plural": plural,
        "tab": tab,
        "link": link,
    }


def _level(level: Level, cached: Sequence[str]) -> dict[str, Any]:
    """A level for the browser, without the picture where it still has it."""
    facts = {"id": level.id, "region": level.region, "columns": level.columns, "rows": level.rows}
    if level.sheet is None:
        return {**facts, "here": True}
    return facts if level.id in cached else {**facts, "sheet": level.sheet}


def _cloud(points: ArrayLike | None, labels: ArrayLike | None, cached: Sequence[str]) -> dict[str, Any] | None:
    if points is None:
        return None
    places = np.ascontiguousarray(points, np.float32).reshape(-1, 2)
    classes = None if labels is None else np.ascontiguousarray(labels, np.uint16)
    if classes is not None and len(classes) != len(places):
        raise ValueError(f"{len(places)} points but {len(classes)} labels")
    stamp = hashlib.blake2b(places.tobytes(), digest_size=9)
    stamp.update(b"" if classes is None else classes.tobytes())
    if (name := stamp.hexdigest()) in cached:
        return {"id": name}
    return {"id": name, "places": pack(places), "labels": None if classes is None else pack(classes)}
