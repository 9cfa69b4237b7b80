"""What the items of an ONNX network are: their modality and shape, and how they lie in its input and output."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import CheckpointError
from aeviz.importers.models.answers import Candidate
from aeviz.importers.models.onnx_trial import Sizes
from aeviz.importers.models.statement import NotStated, square
from aeviz.modalities.registry import MODALITIES
from aeviz.types import Shape

MIN_PICTURE = 64  # numbers of a row that is taken for a square picture
CHANNELS = (1, 3)


@dataclass(frozen=True)
class ItemForm:
    """Items (N, *shape) of a modality, as a network takes and gives them.

    columns: of a table. inside: the shape of one item in the network's input. last: whether the first axis of an item
    is the network's last, as the channels of Keras are.
    """

    modality: str
    shape: Shape
    inside: tuple[int, ...]
    last: bool = False
    columns: tuple[int, ...] = ()
    note: str = ""

    def into(self, items: NDArray[Any]) -> NDArray[Any]:
        """Items (N, *shape) as the network takes them."""
        turned = np.moveaxis(items, 1, -1) if self.last else items
        return np.ascontiguousarray(turned).reshape(len(items), *self.inside)

    def back(self, values: NDArray[Any]) -> NDArray[Any]:
        """What the network gave, as items (N, *shape)."""
        rows, sizes = len(values), values.shape[1:]
        turned = self.last
        if len(self.shape) > 1 and len(sizes) == len(self.shape) and sizes != self.moved:
            turned = False  # encoder and decoder disagree, and the shape tells
        elif len(self.shape) > 1 and sizes == self.moved != self.shape:
            turned = True
        if not turned:
            return values.reshape(rows, *self.shape)
        return np.moveaxis(values.reshape(rows, *self.moved), -1, 1)

    @property
    def moved(self) -> tuple[int, ...]:
        """The shape with its first axis last."""
        return (*self.shape[1:], self.shape[0])

    def either(self) -> bool:
        """Whether the network's shape does not tell which axis comes first."""
        return self.shape[0] > 1 and len(self.shape) > 1 and (len(self.inside) == 1 or self.shape == self.moved)


def views(
    inside: Sizes, given: Sizes, stated: Shape | None, layout: str | None, items: Sequence[Candidate]
) -> list[ItemForm]:
    """How items may lie in a network: more than one where its shapes do not tell.

    inside: of the encoder's input for one item; given: of the decoder's output; None for what is free. stated: the
    shape of an item. layout: "first" or "last", where a person said it. items: of data sets, the first to be preferred.
    Raises NotStated where the shape must be stated, CheckpointError where what is stated does not fit.
    """
    sizes = _filled(inside, given)
    view = _of_data(sizes, items) or _guessed(sizes) if stated is None else _as_stated(sizes, stated)
    if layout is not None:
        return [replace(view, last=layout == "last")]
    return [view, replace(view, last=not view.last)] if view.either() else [view]


def _filled(inside: Sizes, given: Sizes) -> Sizes:
    """The input's sizes, what is free in them taken from the output's where it is of as many axes."""
    if len(inside) != len(given):
        return inside
    return tuple(mine if mine is not None else other for mine, other in zip(inside, given, strict=True))


def _fits(sizes: Sizes, shape: tuple[int, ...]) -> bool:
    return len(sizes) == len(shape) and all(mine in {None, other} for mine, other in zip(sizes, shape, strict=True))


def _as_stated(sizes: Sizes, shape: Shape) -> ItemForm:
    moved = (*shape[1:], shape[0])
    for inside, last in ((shape, False), (moved, True), (shape[1:], False), ((prod(shape),), False)):
        if _fits(sizes, inside) and (len(inside) >= len(shape) or len(inside) == 1 or shape[0] == 1):
            return ItemForm("image", shape, inside, last)
    if None not in sizes and prod(side or 0 for side in sizes) == prod(shape):
        return ItemForm("image", shape, tuple(side or 0 for side in sizes))
    listing = ", ".join("?" if side is None else str(side) for side in sizes)
    raise CheckpointError(f"The shape {shape} does not fit the network, which takes items of ({listing}).")


def _of_data(sizes: Sizes, items: Sequence[Candidate]) -> ItemForm | None:
    """As the items of a data set lie there: axis by axis, with the first one last, without it, or in a row."""
    ways = (
        lambda shape: (shape, False),
        lambda shape: ((*shape[1:], shape[0]), True),
        lambda shape: (shape[1:], False) if shape[0] == 1 and len(shape) > 1 else None,
        lambda shape: ((prod(shape),), False),
    )
    for way in ways:
        for candidate in items:
            lying = way(candidate.shape)
            if lying is not None and lying[0] and _fits(sizes, lying[0]) and sizes.count(None) < len(sizes):
                return ItemForm(candidate.modality, candidate.shape, lying[0], lying[1], candidate.columns)
    return None


def _guessed(sizes: Sizes) -> ItemForm:
    """As such shapes usually mean."""
    if None in sizes:
        listing = ", ".join("?" if side is None else str(side) for side in sizes)
        raise NotStated(
            f"The network takes items of ({listing}), where ? may be any size: state the shape (C, H, W) of its "
            "pictures.",
            ("shape",),
        )
    inside = tuple(side for side in sizes if side is not None)
    if not inside:
        raise CheckpointError("The network takes single numbers: an item has one axis at least.")
    plain = tuple(side for side in inside if side > 1) or (1,)
    if len(inside) == 1 or (len(plain) == 1 and len(inside) > 2):
        return _row(inside, plain)
    if len(inside) == 2:
        channels, length = inside
        if channels == 1 or min(inside) < 8 or max(inside) > 4 * min(inside):
            long_last = length >= channels
            return ItemForm("series", inside if long_last else inside[::-1], inside, not long_last)
        return ItemForm("image", (1, *inside), inside)
    if len(inside) == 3:
        last = inside[0] not in CHANNELS and inside[2] in CHANNELS
        shape = (inside[2], *inside[:2]) if last else inside
        if shape[0] in CHANNELS:
            return ItemForm("image", (shape[0], shape[1], shape[2]), inside, last)
    if len(plain) == 2:
        return ItemForm("image", (1, *plain), inside)
    stacked = (1, prod(inside[:-1]), inside[-1])
    axes = " × ".join(map(str, inside))
    return ItemForm(
        "image", stacked, inside,
        note=f"Its items are of {axes}, which is no picture: they are shown as their slices, one below another.",
    )  # fmt: skip


def _row(inside: tuple[int, ...], plain: tuple[int, ...]) -> ItemForm:
    count = plain[0]
    if count >= MIN_PICTURE:
        return ItemForm("image", square(count), inside)
    if MODALITIES["table"].problem((count,)):
        raise NotStated(f"An item is {count} numbers in a row: state its shape (C, H, W).", ("shape",))
    return ItemForm("table", (count,), inside)
