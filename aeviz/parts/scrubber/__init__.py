"""One handle along a path, several strips that follow it: what two models make of the way from A to B.

All tiles of the path are in the browser, so dragging and playing send nothing; `.t` comes back on release.

Usage, with `path` the codes (33, d) from one item to another and `decode` giving pictures (33, C, H, W) in [0, 1]:

    from aeviz.parts.assets import strip
    from aeviz.parts.scrubber import Strip, scrubber

    strips = [
        Strip("Autoencoder", "#D55E00", strip(ae.decode(ae_path))),
        Strip("Variational autoencoder", "#0072B2", strip(vae.decode(vae_path))),
    ]
    result = scrubber(strips, t=0.5, key="path")
    result.t  # None until the handle was moved
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aeviz.parts.assets import register

_mount = register("scrubber")


@dataclass(frozen=True)
class Strip:
    """One row: its name, its colour, and all T tiles of the path as a sheet from `_assets.strip`.

    `shown` tiles, evenly spaced with the first and the last among them, make the film; fewer where it is narrow.
    """

    label: str
    accent: str
    sheet: dict[str, Any]
    shown: int = 11


def _check(strips: Sequence[Strip], t: float) -> None:
    if not strips:
        raise ValueError("scrubber needs at least one strip")
    counts = {strip.sheet["count"] for strip in strips}
    if len(counts) > 1 or min(counts) < 2:
        raise ValueError(f"all strips need the same number of tiles, two or more; they have {sorted(counts)}")
    if any(strip.shown < 2 for strip in strips):
        raise ValueError("a film shows two tiles or more")
    if not (math.isfinite(t) and 0 <= t <= 1):
        raise ValueError(f"t must lie in [0, 1], not {t}")


def scrubber(
    strips: Sequence[Strip],
    *,
    t: float,
    autoplay: bool = False,
    key: str,
    group: str | None = None,
    label: str = "Position along the path",
    on_t: Callable[[], None] | None = None,
) -> Any:
    """Strips of T tiles each with one shared handle at `t` in [0, 1]; their large pictures follow it.

    The handle moves to `t` whenever the caller changes it, so a constant is a starting place. `autoplay` runs
    to and fro from the start, unless the person prefers reduced motion. With a `group`, each move is announced in
    the page as the event "scrub" with detail {group, t} on `shared().events`. `label` names the handle.

    Returns a result with `.t`, committed once on release or pause (None before); `on_t` is its callback.
    Raises ValueError on strips of different lengths and on a `t` outside [0, 1].
    """
    _check(strips, t)
    data = {
        "strips": [asdict(strip) for strip in strips],
        "t": float(t),
        "autoplay": autoplay,
        "group": group,
        "label": label,
    }
    return _mount(key=key, data=data, on_t_change=on_t or _nothing)


def _nothing() -> None:
    """Streamlit keeps a state name in the result only where a callback is declared."""
