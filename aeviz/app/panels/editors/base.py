"""What all editors have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.parts.curve_pad import Curve
from aeviz.parts.draw_pad import Rebuilder

Item = NDArray[np.float32]
# What is made of an item (*shape), each with its name and colour: an editor that can shows it on top of the item.
Companions = Callable[[Item], Sequence[Curve]]
Rebuilders = Sequence[Rebuilder]


@dataclass(frozen=True)
class Edited:
    """What an editor holds.

    item: (*shape), None where it is empty. moving: whether the hand has not come to rest. emptied: whether the visitor
    has taken away what was there.
    """

    item: Item | None = None
    moving: bool = False
    emptied: bool = False


class Show(Protocol):
    """Shows an editor for items of a data set and returns what it holds.

    key: of its widgets. row: of the data set's item to start from, where a visitor asks for it. live: whether it
    answers while the hand moves; whoever follows the hand shows the item, and the editor does not. size: of the
    editor in pixels. hint: the end of the sentence that an empty editor says. linked: what was made before, on another
    page or where a link comes from; an editor that holds nothing yet goes on from it, or shows it until it does.
    rebuilders: models of the tab; an editor of pictures shows what they make of the item at every step of the hand.
    """

    def __call__(
        self,
        data: Dataset,
        key: str,
        row: int,
        *,
        live: bool,
        size: int,
        hint: str,
        companions: Companions,
        linked: Item | None,
        rebuilders: Rebuilders,
    ) -> Edited: ...


@dataclass(frozen=True)
class Editor:
    """A way to make an item by hand. verb: on the button; made: what the item is called, with the modality's noun."""

    verb: str
    made: str
    show: Show
