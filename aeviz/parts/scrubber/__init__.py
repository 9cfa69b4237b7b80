"""One handle along a path, several strips that follow it: what two models make of the way from A to B.

All tiles of the path are in the browser, so dragging and playing send nothing; the place t comes back on release.

Usage, with tiles (33, h, w, 1 or 3) uint8 of what two models decode on the way from one item to another:

    from aeviz.parts.scrubber import Strip
    from aeviz.parts.scrubber.streamlit import scrubber
    from aeviz.parts.sheets import strip

    strips = [
        Strip("Autoencoder", "#D55E00", strip(of_the_ae)),
        Strip("Variational autoencoder", "#0072B2", strip(of_the_vae)),
    ]
    result = scrubber(strips, t=0.5, key="path")
    result.t  # None until the handle was moved
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.parts.networks import Tab


@dataclass(frozen=True)
class Strip:
    """One row: its name, its colour, and all T tiles of the path as a sheet from `sheets.strip`.

    `shown` tiles, evenly spaced with the first and the last among them, make the film; fewer where it is narrow.
    `between` is what the picture shows between two tiles, where it is not the nearer one: `BLEND`, or what `decoded`
    gives.
    """

    label: str
    accent: str
    sheet: dict[str, Any]
    shown: int = 11
    between: dict[str, Any] | None = None


@dataclass(frozen=True)
class InLink:
    """The name under which a link keeps t, and the t of a link that names none."""

    name: str
    usual: float


BLEND: dict[str, Any] = {"blend": True}  # a mixture of the two tiles


def decoded(tab: Tab, codes: NDArray[np.float32]) -> dict[str, Any]:
    """What the tab decodes between the codes (T, d) of the tiles, on the straight way from each to the next."""
    return {"tab": tab.plane(np.zeros(codes.shape[1], np.float32), codes)}


def payload(
    strips: Sequence[Strip],
    *,
    t: float,
    autoplay: bool = False,
    label: str = "Position along the path",
    walk: str = "",
    link: InLink | None = None,
    opens: int = 0,
) -> dict[str, Any]:
    """What the browser gets: strips of T tiles each, and one shared handle at `t` in [0, 1], named `label`.

    autoplay: whether it runs to and fro from the start, unless the person prefers reduced motion. walk: the name under
    which maps of the page follow the handle, see `latent_map.Walk`. link: where the part itself writes t when the hand
    lets go, which is then one of thousandths. opens: of how many of the strips, the first ones, the picture at the
    handle can be opened: it is a button, which tells the strip and the tile nearest to t.

    Raises ValueError on strips of different lengths and on a `t` outside [0, 1].
    """
    if not strips:
        raise ValueError("scrubber needs at least one strip")
    counts = {strip.sheet["count"] for strip in strips}
    if len(counts) > 1 or min(counts) < 2:
        raise ValueError(f"all strips need the same number of tiles, two or more; they have {sorted(counts)}")
    if any(strip.shown < 2 for strip in strips):
        raise ValueError("a film shows two tiles or more")
    if not (math.isfinite(t) and 0 <= t <= 1):
        raise ValueError(f"t must lie in [0, 1], not {t}")
    return {
        "strips": [asdict(strip) for strip in strips],
        "t": float(t),
        "autoplay": autoplay,
        "label": label,
        "walk": walk,
        "link": None if link is None else asdict(link),
        "opens": opens,
        "told": None,
    }
