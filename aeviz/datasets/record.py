"""The records of a data set and of where it comes from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.modalities.base import Corruption, Facet, Known, Modality, Place, Repair, Scale, Tiles, Words
from aeviz.modalities.image.drawing import Convention
from aeviz.modalities.image.record import IMAGE
from aeviz.modalities.registry import MODALITIES
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float32]
Labels = NDArray[np.int64]
EXAMPLES = 10
LOOKED_AT = 64  # items, whose tiles tell what is to stand between all
UNLABELLED = "unlabelled"  # the class of items that have none


@dataclass(frozen=True)
class Source:
    """Where a data set comes from, what its items are, and which of them the pages begin with.

    shape: of an item, without the axis that counts items. url: of the published files; "" for a set that is bundled
    whole. md5: of its unpacked files by file name. read: (source, split) -> items (N, *shape) and labels (N,); raises
    DataError. modality: its name in `aeviz.modalities.registry`. scale: what the numbers mean, worked out when asked
    for. unusual: the class, by its name, whose items a model should find unusual; "" for none. baselines: classical
    methods that its models are set beside, by their names in `aeviz.evaluation.baselines`. note: what a
    reader must know of its classes or values, in sentences. few: why networks cannot learn to draw new items, in a
    sentence, where there are too few to learn from. examples, ends, drawing, noun, plural: as in `Dataset`.
    """

    title: str
    folder: str
    shape: Shape
    url: str
    label_names: tuple[str, ...]
    credit: str
    licence: str
    md5: dict[str, str]
    read: Callable[["Source", str], tuple[Array, Labels]]
    modality: str = "image"
    scale: Callable[["Source"], Scale] = lambda source: Scale()
    unusual: str = ""
    note: str = ""
    few: str = ""
    baselines: tuple[str, ...] = ()
    examples: tuple[int, ...] = ()
    ends: tuple[int, int] = (2, 1)
    drawing: Convention = "fill"
    noun: str = ""
    plural: str = ""

    @property
    def words(self) -> Words:
        """What a page calls its items."""
        return _words(self, MODALITIES[self.modality])


@dataclass(frozen=True)
class Dataset:
    """Items of one split.

    name: as in `SOURCES`. items: (N, *shape) float32, read-only. labels: (N,) int64. label_names: one for each label.
    split: "test" or "train". modality: what an item is; scale: what its numbers mean. examples: items of different
    classes, along which Home walks and of which a card shows some; none given takes the first of each class. ends: the
    two items between which a path goes at first. drawing: how a drawing becomes an item, "mnist" (scaled and centred as
    MNIST was) or "fill". noun, plural: what one of its items is called, and several; none takes the modality's.
    columns: of labels that came with the items, by which maps can be coloured, (N,) each; label_column: the title of
    that which gives the labels, "" where it is none of them. Numbers on a scale as labels leave all items in one class.
    """

    name: str
    title: str
    items: Array
    labels: Labels
    label_names: tuple[str, ...]
    split: str = "test"
    modality: Modality = IMAGE
    scale: Scale = field(default_factory=Scale)
    examples: tuple[int, ...] = ()
    ends: tuple[int, int] = (2, 1)
    drawing: Convention = "fill"
    noun: str = ""
    plural: str = ""
    columns: tuple[Facet, ...] = ()
    label_column: str = ""

    @property
    def words(self) -> Words:
        """What a page calls its items."""
        return _words(self, self.modality)

    @property
    def has_classes(self) -> bool:
        """Whether its items are of several classes."""
        return len(self.label_names) > 1

    @cached_property
    def continuous(self) -> Facet | None:
        """The numbers on a scale that are its labels, in place of classes; None where there are none."""
        label = next((column for column in self.columns if column.title == self.label_column), None)
        return label if label and not label.names else None

    @property
    def facets(self) -> tuple[str, ...]:
        """Names of what colours its items beside the label: its other columns, and what the modality knows of."""
        own = [column.title for column in self.columns if column.title != self.label_column]
        return tuple(dict.fromkeys([*own, *self.modality.facets(self.scale)]))

    def facet(self, name: str) -> Facet | None:
        """What colours its items by a name; None where it knows none of that name."""
        own = next((column for column in self.columns if column.title == name), None)
        if own is not None or self.modality.facet is None or name not in self.modality.facets(self.scale):
            return own
        return self.modality.facet(self.items, self.scale, name)

    @property
    def shape(self) -> Shape:
        """The shape of one item."""
        return self.items.shape[1:]

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def walk(self) -> tuple[int, ...]:
        """Items to begin with: its `examples` that are there, or else the first of each class, `EXAMPLES` at most.

        Where there are fewer classes, the first of the other items join them.
        """
        if self.examples:
            return tuple(row for row in self.examples if row < len(self))
        firsts = np.unique(self.labels, return_index=True)[1][:EXAMPLES].tolist()
        others = [row for row in range(min(len(self), 2 * EXAMPLES)) if row not in firsts]
        return tuple([*firsts, *others][: min(EXAMPLES, len(self))])

    def without(self, label: str) -> "Dataset":
        """The items of all classes but one. Raises DataError for a name that is no class's."""
        if label not in self.label_names:
            known = ", ".join(self.label_names)
            raise DataError(f"{self.title} has no class {label!r}: expected one of {known}.")
        return self.of_rows(np.flatnonzero(self.labels != self.label_names.index(label)))

    def of_rows(self, rows: NDArray[np.int64]) -> "Dataset":
        """Some of its items, with all that is known of them."""
        columns = tuple(replace(column, values=column.values[rows]) for column in self.columns)
        return replace(self, items=self.items[rows], labels=self.labels[rows], columns=columns)

    def label_of(self, row: int) -> str:
        """The label of an item in words, by its row: its class, or what it has on the scale."""
        if self.continuous is None:
            return self.label_names[int(self.labels[row])]
        return f"{self.continuous.title} {self.continuous.values[row]:.4g}"

    def label_cells(self, rows: Sequence[int]) -> tuple[str, list[str]]:
        """What a table's column of labels is called, and the cells of some items."""
        if self.continuous is None:
            return "class", [self.label_names[label] for label in self.labels[list(rows)]]
        return self.continuous.title, [f"{value:.6g}" for value in self.continuous.values[list(rows)]]

    def tiles(self, items: NDArray[Any] | None = None) -> Tiles:
        """Items (N, *shape), its own if none are given, as pictures (N, h, w, 1 or 3) uint8."""
        return self.modality.tiles(self.items if items is None else items, self.scale)

    @cached_property
    def between(self) -> int:
        """The grey that stands between its tiles on a sheet, 0 to 255."""
        from aeviz.figures import files  # which brings Pillow, and tables are read without it

        return files.between(self.tiles(self.items[:LOOKED_AT]))

    def html(self, item: Array) -> str:
        """An item (*shape) large, with its axes or labels, as HTML; "" where its tile says all."""
        return self.modality.html(item, self.scale) or ""

    def describe(self, row: int) -> str:
        """An item in words, by its row: its class, its number, and what can be said of it."""
        return f"{self.label_of(row)}, item {row:,}: {self.modality.describe(self.items[row], self.scale)}"

    def corrupt(self, x: Array, name: str, level: float, seed: int, place: Place | None = None) -> Array:
        """Items x (N, *shape) damaged by a corruption of the modality, at a level in its unit and at a place, if any.

        Raises ValueError for what the corruption does not take.
        """
        row = self.modality.corruption(name)
        corrupted: Array = row.corrupt(_tensor(x), level, seed, self.scale, place).numpy()
        return corrupted

    def hidden(
        self, x: Array, name: str, level: float, seed: int, place: Place | None = None
    ) -> NDArray[np.bool_] | None:
        """(N, *shape), which values of x `corrupt` takes away; None where a corruption makes no holes.

        Raises ValueError as `corrupt` does.
        """
        mask = self.modality.corruption(name).hidden(_tensor(x), level, seed, self.scale, place)
        return None if mask is None else mask.numpy()

    @property
    def corruptions(self) -> tuple[Corruption, ...]:
        """The corruptions that suit its items."""
        return self.modality.corruptions_for(self.shape)

    def repairs(self, corruption: str) -> tuple[Repair, ...]:
        """The classical repairs of a corruption that can mend its items. Raises ValueError for an unknown one."""
        return self.modality.repairs_for(corruption, self.shape)

    def repair(self, x: Array) -> Array:
        """Damaged items x (N, *shape) mended by the classical repair of the modality."""
        mended: Array = self.modality.repair.apply(_tensor(x), self.scale).numpy()
        return mended

    def mend(
        self,
        x: Array,
        repair: Repair,
        level: float = 0.0,
        hidden: NDArray[np.bool_] | None = None,
        rows: Sequence[int] | None = None,
        others: Array | None = None,
    ) -> Array:
        """Damaged items x (N, *shape) mended by a classical repair, which never sees an item it has to mend whole.

        level, hidden: of the corruption. rows: which of its own items x are; None where they are none of them. others:
        whole items to learn from, (M, *shape), those of the training split where they are at hand; None takes its own:
        for an item of an even row those of odd rows, and the other way round.
        """
        mended = np.empty_like(x)
        parity = np.asarray(rows) % 2 if rows is not None and others is None else np.full(len(x), -1)
        for side in np.unique(parity):
            chosen = parity == side
            whole = self.items if others is None else others
            known = Known(
                level,
                _tensor(whole[1 - side :: 2] if side >= 0 else whole),
                None if hidden is None else _tensor(hidden[chosen]).bool(),
            )
            mended[chosen] = repair.mend(_tensor(x[chosen]), self.scale, known).numpy()
        return mended

    def distance(self, x: Array, y: Array, key: str = "") -> Array:
        """How far items x and y, (N, *shape) each, are apart, (N,): by *the* error, or the distance of a key.

        Raises ValueError for a key that the modality has not.
        """
        row = self.modality.distance(key) if key else self.modality.error
        apart: Array = row.measure(_tensor(x), _tensor(y), self.scale).numpy()
        return apart


def _words(source: Source | Dataset, modality: Modality) -> Words:
    """The modality's words, with the data set's own for an item and several."""
    noun = source.noun or modality.words.noun
    return replace(
        modality.words, noun=noun, plural=source.plural or (f"{noun}s" if source.noun else modality.words.plural)
    )


def _tensor(array: NDArray[Any]) -> "Tensor":
    import torch

    # Shared arrays are read-only; torch warns of arrays that cannot be written to.
    return torch.tensor(array, dtype=torch.float32)
