"""A pad to draw on: what a hand draws comes back as pixels, whatever is made of them.

Example:
    from aeviz.parts.draw_pad.streamlit import committed, draw_pad

    drawing = committed((28, 28), key="pad")
    if drawing.pixels is not None:
        tile = ...  # what the network sees of them, (h, w, 1 or 3) uint8
    draw_pad((28, 28), key="pad", preview=tile)
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.parts.networks import Tab
from aeviz.parts.sheets import Tiles, pack, strip

# Pixels along the longer side of what is sent: enough for a small drawing to be enlarged, and a few kB.
SENT_GREY, SENT_COLOUR = 112, 64


@dataclass(frozen=True)
class Drawing:
    """What a person has drawn.

    Attributes:
        pixels: (h, w) or (h, w, 3) uint8, the pad at a few times the picture's size; None before the first stroke.
        strokes: {"tool", "size", "colour", "points"} each, lengths in thousandths of the pad's width.
        live: whether the hand is still drawing (only with `live=True`).
        number: of the browser's message.

    """

    pixels: NDArray[np.uint8] | None = None
    strokes: tuple[dict[str, Any], ...] = ()
    live: bool = False
    number: int = 0


@dataclass(frozen=True)
class Rebuilder:
    """A model that encodes and decodes the drawing in the tab: its name, its colour, how the parts know it."""

    label: str
    accent: str
    tab: Tab


def received(message: dict[str, Any] | None, shape: tuple[int, int], *, colour: bool = False) -> Drawing:
    """What the browser's last message says of a pad for pictures of `shape` (H, W); None stands for none yet."""
    if not message:
        return Drawing()
    data, size = base64.b64decode(message["pixels"]), _sent(shape, colour)
    if len(data) != np.prod(size):  # the pad's shape has changed since
        return Drawing(number=message["number"])
    pixels = np.frombuffer(data, np.uint8).reshape(size)
    return Drawing(pixels, tuple(message["strokes"]), message["live"], message["number"])


def _sent(shape: tuple[int, int], colour: bool) -> tuple[int, ...]:
    """Shape of the pixels that are sent: (h, w), or (h, w, 3) in colour."""
    multiple = max(1, (SENT_COLOUR if colour else SENT_GREY) // max(shape))
    return (shape[0] * multiple, shape[1] * multiple, *([3] if colour else []))


def payload(
    shape: tuple[int, int],
    drawing: Drawing,
    *,
    colour: bool = False,
    size: int = 280,
    live: bool = False,
    preview: Tiles | None = None,
    show_preview: bool = True,
    ground: Tiles | None = None,
    ink: str = "",
    convention: str = "",
    models: Sequence[Rebuilder] = (),
    kept: NDArray[np.float32] | None = None,
) -> dict[str, Any]:
    """What the browser gets: a pad, and what is known to be drawn on it.

    Args:
        shape: (H, W) of the pictures the network takes.
        drawing: what was `received`: a pad that is mounted anew restores it, and waits for it when live.
        colour: coloured ink on white, instead of white ink on black.
        size: width of the pad in CSS pixels.
        live: whether messages come during a stroke too, at most 8 a second and never before the last is answered.
        preview: a tile (h, w, 1 or 3) uint8 shown beside the pad; an empty ground when left out.
        show_preview: whether there is such a picture at all; the pad is narrower without.
        ground: a tile (h, w, 1 or 3) uint8 under the strokes, which is seen through them and not sent.
        ink: the colour of strokes, "#rrggbb"; the usual one when left out. Without `colour` its red is what is sent.
        convention: by which a drawing becomes a picture, of `aeviz.modalities.image.drawing`; models need it.
        models: what each of these makes of the picture is shown below the pad and follows the hand, in the tab. A pad
            with models needs no preview, and is never live.
        kept: the picture (C, H, W) that was drawn before and lies on the ground until a stroke begins another: models
            are shown it, and it can be cleared.

    Raises:
        ValueError: there are models and no convention, or one of them takes pictures of another shape.

    """
    if models and not convention:
        raise ValueError("models that rebuild a drawing need the convention by which it becomes a picture")
    for model in models:
        if model.tab.shape != (3 if colour else 1, *shape):
            raise ValueError(f"{model.label} takes pictures {model.tab.shape}; the pad draws {shape}")
    return {
        "sent": list(_sent(shape, colour)),
        "colour": colour,
        "size": size,
        "live": live,
        "shape": list(shape),
        "showPreview": show_preview,
        "preview": None if preview is None else strip(preview[None]),
        "ground": None if ground is None else strip(ground[None]),
        "ink": ink,
        "strokes": list(drawing.strokes),
        "number": drawing.number,
        "convention": convention,
        "kept": None if kept is None else pack(kept.astype(np.float32)),
        "models": [
            {"label": model.label, "accent": model.accent, "digest": model.tab.digest, "tile": model.tab.tile}
            for model in models
        ],
    }
