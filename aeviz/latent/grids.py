"""A code that is a map: channels of cells, which lie on the plane of an item or along its time."""

from dataclasses import dataclass
from math import log, prod
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aeviz.model.config import Config
from aeviz.types import Shape

Array = NDArray[np.float32]
Axis = Literal["first", "last"]  # where the channels of a code's shape are


@dataclass(frozen=True)
class CodeGrid:
    """How codes (d,) lie as `channels` maps of `height` × `width` cells.

    shape: of a code as its network takes and gives it, of which the d numbers are flattened. axis: where its channels
    are. A sequence is a map of one row; of more than three axes, all but the last two count as channels.
    """

    shape: Shape
    axis: Axis = "first"

    @property
    def channels(self) -> int:
        """The number of maps."""
        return prod(self.shape) // prod(self.cells)

    @property
    def cells(self) -> tuple[int, int]:
        """Height and width of a map."""
        places = self._channels_first()[1:]
        return (1, places[-1]) if len(places) == 1 else (places[-2], places[-1])

    @property
    def words(self) -> str:
        """What it is, as a sentence goes on."""
        height, width = self.cells
        return f"{self.channels} map{'s' if self.channels > 1 else ''} of {height} × {width} cells"

    def maps(self, codes: Array) -> Array:
        """Codes (N, d) as maps (N, channels, height, width)."""
        values = codes.reshape(len(codes), *self.shape)
        if self.axis == "last":
            values = np.moveaxis(values, -1, 1)
        return np.ascontiguousarray(values.reshape(len(codes), -1, *self.cells))

    def codes(self, maps: Array) -> Array:
        """Maps (N, channels, height, width) as codes (N, d)."""
        values = maps.reshape(len(maps), *self._channels_first())
        if self.axis == "last":
            values = np.moveaxis(values, 1, -1)
        return np.ascontiguousarray(values.reshape(len(maps), -1))

    def swapped(self, a: Array, b: Array, cells: NDArray[np.bool_]) -> Array:
        """The code a (d,) with those cells (height, width) of the code b (d,), in all channels, (d,)."""
        own, other = self.maps(np.stack([a, b]))
        code: Array = self.codes(np.where(cells, other, own)[None])[0]
        return code

    def _channels_first(self) -> Shape:
        return self.shape if self.axis == "first" else (self.shape[-1], *self.shape[:-1])


def grid_of(config: Config) -> CodeGrid | None:
    """The grid of a model's code; None for one that is a plain vector."""
    if sum(side > 1 for side in config.code_shape) < 2:
        return None
    grid = CodeGrid(config.code_shape, config.code_channels)
    return grid if prod(grid.cells) > 1 else None


def channels_of(code: Shape, item: Shape, likely: Axis = "first") -> Axis:
    """Where the channels of a code are, by its shape and that of an item (…, height, width); likely: where both may be.

    Cells lie as pixels do: what is left of the shape without its channels has the proportions of the item. In a code of
    two axes the longer one is the way along it.
    """
    if len(code) < 2:
        return "first"
    if len(code) == 2:
        return likely if code[0] == code[1] else "first" if code[0] < code[1] else "last"
    proportion = log(item[-2] / item[-1]) if len(item) > 2 else 0.0
    first, last = (abs(log(height / width) - proportion) for height, width in (code[-2:], code[-3:-1]))
    return likely if abs(first - last) < 1e-6 else "first" if first < last else "last"
