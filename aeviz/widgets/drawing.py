"""The drawing pad: what a hand draws, as an item that models take."""

from typing import Any

import traitlets

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.modalities.image.drawing import ground_of
from aeviz.modalities.image.shapes import in_colour
from aeviz.modalities.registry import MODALITIES
from aeviz.parts.draw_pad import Drawing, payload
from aeviz.parts.hosts.anywidget import Array, Widget, binary, module
from aeviz.parts.networks import Tab

SIZE_PX = 224


def drawing_pad(data: Dataset | str = "mnist", *, size: int = SIZE_PX) -> "DrawingPad":
    """A pad to draw on; `drawn` is the item that the drawing stands for, (C, H, W) in [0, 1], or None for none.

    data: pictures like which a drawing becomes one, a data set or the name of one that came with aeviz. Digits are
    scaled and centred as MNIST was. size: width of the pad, in px.

    Raises ValueError for data whose items are no pictures, and for a name that none has.
    """
    if isinstance(data, str) and data not in SOURCES:
        raise ValueError(f"There is no data set {data!r} that came with aeviz: expected one of {', '.join(SOURCES)}.")
    source = SOURCES[data] if isinstance(data, str) else data
    modality = data.modality if isinstance(data, Dataset) else MODALITIES[SOURCES[data].modality]
    if not modality.pixels:
        raise ValueError(f"{source.title} holds {source.words.plural}: only pictures can be drawn.")
    return DrawingPad(source.shape, source.drawing, size)


class DrawingPad(Widget):
    """The widget that `drawing_pad` makes. strokes: of the hand; number: how often the pad was drawn on."""

    _esm = module("draw_pad")
    drawn = Array()
    strokes = traitlets.List(traitlets.Dict()).tag(sync=True)
    number = traitlets.Int().tag(sync=True)

    def __init__(self, shape: tuple[int, ...], convention: str, size: int) -> None:
        colour, ground = in_colour(shape), ground_of(shape)
        given: dict[str, Any] = payload((shape[-2], shape[-1]), Drawing(), colour=colour, size=size, live=True)
        drawing = {"shape": list(shape), "convention": convention, "ground": ground}
        super().__init__(
            data=binary(given), facts={"drawing": drawing, "tile": Tab("", shape, 0, 1).tile}, told=["drawn"]
        )
