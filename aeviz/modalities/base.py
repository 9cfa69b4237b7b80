"""What a modality says of its items. Reading these records takes no torch; what computes with tensors loads it then."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from aeviz.modalities.codecs.base import Compression
from aeviz.modalities.handing import Handed, arrays
from aeviz.types import Shape

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor

Row = TypeVar("Row")
Array = NDArray[Any]
Tiles = NDArray[np.uint8]  # (N, h, w, 1 or 3): what the browser is sent, for whatever item


@dataclass(frozen=True)
class Scale:
    """What the numbers of a data set's items mean: the range they lie in, and in sub-classes units and vocabulary.

    low, high: what a tile draws as its darkest and its lightest, or as the ends of its axis. unit: of a value, "" where
    it has none.
    """

    low: float = 0.0
    high: float = 1.0
    unit: str = ""

    def stated(self) -> dict[str, Any]:
        """What `of` makes the same scale of, as JSON takes it."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Self":
        """The scale that a file states. Raises ValueError and TypeError where it states what cannot be."""
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()
        }
        scale = cls(**plain)
        for field_ in fields(scale):
            value, usual = getattr(scale, field_.name), field_.default
            if not isinstance(value, (int, float) if isinstance(usual, float) else type(usual)):
                raise ValueError(f"{field_.name} of a scale cannot be {value!r}.")
        if not scale.low < scale.high:
            raise ValueError(f"A scale rises from low to high, not from {scale.low} to {scale.high}.")
        return scale

    @property
    def widths(self) -> tuple[int, ...]:
        """Of a table: how many features each column takes."""
        return ()

    def means_the_same(self, other: "Scale") -> bool:
        """Whether numbers on both scales speak of the same: a model of items on the one takes those on the other.

        A unit that nobody stated may be any.
        """
        return self.unit == other.unit or not (self.unit and other.unit)

    @property
    def own_units(self) -> tuple[Any, Any]:
        """(offset, factor), numbers or arrays of an item's shape: offset + factor · item is in the data's own units."""
        return 0.0, 1.0


@dataclass(frozen=True)
class Words:
    """What a page calls an item and its parts.

    noun, plural: an item ("picture"). value: one number of it ("pixel"). clean, corrupted: beside a corruption.
    axes: of a shape, as a person would write them ("(C, H, W)").
    """

    noun: str
    plural: str
    value: str
    axes: str
    clean: str = "Clean"
    corrupted: str = "Noisy"

    def fill(self, text: str) -> str:
        """A text with its blanks `[[noun]]`, `[[plural]]`, `[[value]]` and `[[values]]` filled in.

        `[[Noun]]` and the like begin with a capital.
        """
        known = {"noun": self.noun, "plural": self.plural, "value": self.value, "values": f"{self.value}s"}
        known |= {name.capitalize(): word.capitalize() for name, word in known.items()}
        return re.sub(r"\[\[(\w+)\]\]", lambda blank: known[blank[1]], text)


Place = tuple[float, float]  # (y, x) in an item, from 0 (top, left) to 1


def always(shape: Shape) -> bool:
    """Whether a corruption suits a shape, where it suits all."""
    return True


@dataclass(frozen=True)
class Known:
    """What a repair may know of damaged items x (N, *shape) beside themselves.

    level: of the corruption. others: (M, *shape), whole items of the same kind, none of which is an item of x. hidden:
    (N, *shape) bool, the values that are lost; None where the corruption tells nobody which.
    """

    level: float
    others: "Tensor"
    hidden: "Tensor | None" = None


@dataclass(frozen=True)
class Repair:
    """A classical way to mend damaged items, which a denoising network must beat.

    apply: (x (N, *shape), scale) -> the mended items; where it is `informed`, (x, scale, known: `Known`). judge: key of
    the distance by which repairs are judged. idea: what it does, in a sentence or two of Markdown. name: in links and
    files. suits: whether it can mend items of a shape. learns: whether it looks at the whole items that it is told of.
    """

    label: str
    apply: "Callable[..., Tensor]"
    judge: str
    idea: str = ""
    name: str = "usual"
    informed: bool = False
    suits: Callable[[Shape], bool] = always
    learns: bool = False

    def mend(self, x: "Tensor", scale: Scale, known: Known) -> "Tensor":
        """Damaged items x (N, *shape) mended, x untouched; one that is not informed is told nothing."""
        return self.apply(x, scale, known) if self.informed else self.apply(x, scale)


@dataclass(frozen=True)
class Corruption:
    """A way to damage items, with a level from 0 (nothing) to `maximum`, in `unit`.

    apply: (x (N, *shape), level, generator on x's device, scale) -> the damaged items, x untouched; where it is
    `placed`, (x, level, generator, scale, place), and by the generator for a place of None. Under one seed a
    stronger corruption contains the weaker one, so that a slider over the level changes only what it must. share: of
    the batches that a denoising model meets it in while it learns; trained: the highest level that it meets there.
    levels: those that there are beside 0; () for all up to `maximum`. holes: whether it is known which values are lost:
    a repair may use that, and is judged in the hole alone too. suits: whether items of a shape can be damaged so.
    repairs: classical ones for just this corruption, the simplest first; none takes the modality's own.
    """

    name: str
    label: str
    unit: str
    maximum: float
    apply: "Callable[..., Tensor]"
    share: float
    trained: float
    levels: tuple[float, ...] = ()
    placed: bool = False
    holes: bool = False
    suits: Callable[[Shape], bool] = always
    repairs: tuple[Repair, ...] = ()

    def corrupt(self, x: "Tensor", level: float, seed: int, scale: Scale, place: Place | None = None) -> "Tensor":
        """x (N, *shape) damaged; the same seed on the same device gives the same items.

        place: where, for one that is `placed`; None leaves that to the seed. Raises ValueError for a level outside
        [0, maximum] or none of `levels`, for a place that it does not take and for a shape that it does not suit.
        """
        import torch

        self._check(level, tuple(x.shape[1:]), place)
        if level == 0 and self.levels:
            return x.clone()
        generator = torch.Generator(x.device).manual_seed(seed)
        return self.apply(x, level, generator, scale, *([place] if self.placed else []))

    def hidden(self, x: "Tensor", level: float, seed: int, scale: Scale, place: Place | None = None) -> "Tensor | None":
        """(N, *shape) bool, the values of x (N, *shape) that `corrupt` takes away; None for one without holes."""
        if not self.holes:
            return None
        moved = x.nan_to_num() + 2  # no value is then what stands in a hole, 0 or NaN
        return self.corrupt(moved, level, seed, scale, place) != moved

    @property
    def steps(self) -> tuple[float, ...]:
        """The levels that a denoising model meets while it learns; () for all between 0 and `trained`."""
        return tuple(level for level in self.levels if level <= self.trained)

    def _check(self, level: float, shape: Shape, place: Place | None) -> None:
        if not 0.0 <= level <= self.maximum:
            raise ValueError(
                f"The level of {self.name!r} ({self.unit}) must lie in [0, {self.maximum:g}], not {level}."
            )
        if self.levels and level not in (0, *self.levels):
            known = ", ".join(f"{known:g}" for known in self.levels)
            raise ValueError(f"The level of {self.name!r} ({self.unit}) must be one of {known}, not {level}.")
        if place is not None and not (self.placed and all(0 <= side <= 1 for side in place)):
            raise ValueError(f"{self.name!r} takes {'places in [0, 1]' if self.placed else 'no place'}, not {place}.")
        if not self.suits(shape):
            raise ValueError(f"{self.name!r} does not suit items of the shape {shape}.")


def _mean(distances: Array) -> Array:
    mean: Array = np.asarray(distances, np.float64).mean(1)
    return mean


OWN = "own"  # the unit of what is counted as the data are


@dataclass(frozen=True)
class Distance:
    """How far two items are apart. measure: (x, y, scale) -> (N,) for items x, y (N, *shape).

    key: as in `metrics.json`. label, unit, definition: for pages; `unit` is `OWN` where it is that of the
    data. digits: after the point. better: "lower" or "higher". counts: whether that of one item is a whole number.
    brief: its definition in a few words; none takes the label. name: the label in the run of a line. idea: what it is,
    in a sentence or two of Markdown; none takes the definition. exact: what an item that comes back as it was counts in
    a mean where more is better. together: that of several items, from those of each,
    (levels, N) -> (levels,).
    """

    key: str
    label: str
    unit: str
    definition: str
    measure: "Callable[[Tensor, Tensor, Scale], Tensor]"
    digits: int = 4
    better: str = "lower"
    counts: bool = False
    brief: str = ""
    idea: str = ""
    exact: float = float("inf")
    together: "Callable[[Array], Array]" = _mean

    @property
    def name(self) -> str:
        """The label in the run of a line: a word begins small, letters that stand for words do not."""
        return self.label if self.label.isupper() else self.label[0].lower() + self.label[1:]

    def unit_in(self, scale: Scale) -> str:
        """The unit on a scale, "" for none."""
        return scale.unit if self.unit == OWN else self.unit

    def text(self, value: float, scale: Scale) -> str:
        """A value with its unit, as "0.037 mV"; a share in per cent."""
        unit = self.unit_in(scale)
        if unit == "share":
            return f"{100 * value:.{max(0, self.digits - 2)}f} %"
        number = f"{value:.{0 if self.counts and float(value).is_integer() else self.digits}f}"
        if self.counts and value == 1:
            unit = unit.removesuffix("s")  # "1 letter"
        return f"{number} {unit}".rstrip().replace("-", "−")

    def title(self, scale: Scale) -> str:
        """What an axis or a legend says: the label with its unit."""
        unit = self.unit_in(scale)
        return self.brief or (f"{self.label} ({unit})" if unit else self.label)

    def best(self, values: Sequence[float]) -> float:
        """The best of some values that are not NaN; NaN where there is none."""
        known = [value for value in values if value == value]
        return (max if self.better == "higher" else min)(known, default=float("nan"))


@dataclass(frozen=True)
class Upload:
    """A visitor's file as a model will see it, item (*shape) float32, and sentences on what was done to it."""

    item: NDArray[np.float32]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Looks:
    """How a browser draws an item from its values.

    kind: "pixels" (C, H, W), "curves" (C, T), "bars" (F,) or "symbols" (V, L). low, high: the values of black and
    white, or the ends of the axis. names: of the symbols, or of the bars.
    """

    kind: str
    low: float
    high: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facet:
    """Something by which a map of items can be coloured.

    values: (N,), a number of each item, NaN where it has none, or the number of its name in `names`; `unit` is that of
    numbers.
    """

    title: str
    values: Array
    unit: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Modality:
    """A kind of item: everything that depends on what an item is.

    problem: why a shape is none of its own, or None. size: a shape in words ("28 × 28, grey"). tiles: THE renderer,
    (items (N, *shape), scale) -> (N, h, w, 1 or 3) uint8. describe: an item (*shape) in words, for screen readers and
    CSV. prepare: an array in memory as items (N, *shape) float32; raises DataError. corruptions, distances: at least
    one each; the first distance is *the* error of a page. repair: what a network must beat. likelihoods: names in
    `aeviz.model.likelihoods` that make sense, the default first. read: (a file's bytes, shape, scale) -> `Upload`;
    raises DataError. endings: of the files it reads. steps: a panel that shows how a file becomes an item, in place of
    `read`: "photograph", or "" for none. editors: ways to make an item by hand, of "draw", "curve", "form",
    "line". asked: what a page asks about a file of one's own, of "fit", "ground", "range", "rate", "unit". pasted: what
    may be pasted for `read` to read, in words ("a row"), "" for nothing. smooth: whether the browser smooths its tiles
    where it enlarges them. output: how logits usually become an item, a link of its likelihood. body: the usual
    one, by its name in `aeviz.model.bodies.table`. bounds: between which all values lie, if any. scale: of a data set
    that states none. missing: whether NaN may stand for a value that is not there. texts: what items of writing say,
    (items (N, *shape), scale) -> N texts. facets: names of what maps may be coloured by beside class and error, of a
    scale; facet: (items (N, *shape), scale, name) -> it. adopt: somebody's values in their own units (an array, a table
    with named columns, texts) -> items and their scale; raises DataError; None where `prepare` does and the scale is
    the usual one. html: an item (*shape) large, with axes or labels; None where its tile says all. legend: how to read
    a tile, in a sentence; "" where that needs no word. errors: an item and what was made of it, (*shape) each ->
    where and by how much they differ, as HTML; error_legend: how to read that, in sentences. classified: whether
    `aeviz.evaluation.features` has a classifier for its items, in whose features draws are compared with real ones.
    compression: how its items are written as files without a network. pixels: whether the values of an item are the
    pixels of its tile, so that a browser can draw what it decodes. looks: how a browser draws its items from their
    values, of a shape and a scale. handed: (items (N, *shape), names (N,) of their classes, scale) -> a file from
    which they are read again.
    """

    name: str
    words: Words
    problem: Callable[[Shape], str | None]
    size: Callable[[Shape], str]
    tiles: Callable[[Array, Scale], Tiles]
    describe: Callable[[Array, Scale], str]
    prepare: Callable[[Array], NDArray[np.float32]]
    corruptions: tuple[Corruption, ...]
    repair: Repair
    distances: tuple[Distance, ...]
    likelihoods: tuple[str, ...]
    read: Callable[[bytes, Shape, Scale], Upload]
    endings: tuple[str, ...]
    editors: tuple[str, ...]
    steps: str = ""
    asked: tuple[str, ...] = ()
    pasted: str = ""
    smooth: bool = False
    output: str = "linear"
    body: str = "dense"
    bounds: tuple[float, float] | None = None
    scale: Scale = field(default_factory=Scale)
    missing: bool = False
    texts: "Callable[[Array, Scale], list[str]] | None" = None
    facets: Callable[[Scale], tuple[str, ...]] = lambda scale: ()
    facet: Callable[[Array, Scale, str], Facet] | None = None
    adopt: "Callable[[Any], tuple[NDArray[np.float32], Scale]] | None" = None
    html: Callable[[Array, Scale], str | None] = lambda item, scale: None
    legend: Callable[[Scale], str] = lambda scale: ""
    errors: Callable[[Array, Array, Scale], str] = lambda item, made, scale: ""
    error_legend: str = ""
    classified: bool = False
    pixels: bool = False
    looks: Callable[[Shape, Scale], Looks] = lambda shape, scale: Looks("bars", scale.low, scale.high)
    compression: Compression = field(default_factory=Compression)
    handed: Callable[[Array, Array, Scale], Handed] = arrays

    @property
    def error(self) -> Distance:
        """The distance that a page calls the error."""
        return self.distances[0]

    def corruption(self, name: str) -> Corruption:
        """The corruption of a name. Raises ValueError for a name that it has not."""
        return _named(self.corruptions, name, "corruption", lambda row: row.name)

    def corruptions_for(self, shape: Shape) -> tuple[Corruption, ...]:
        """The corruptions that suit items of a shape."""
        return tuple(row for row in self.corruptions if row.suits(shape))

    def repairs_for(self, corruption: str, shape: Shape) -> tuple[Repair, ...]:
        """The classical repairs of a corruption for items of a shape: those for just it, or else the modality's own.

        Raises ValueError for a name that is no corruption's.
        """
        return tuple(row for row in self.corruption(corruption).repairs if row.suits(shape)) or (self.repair,)

    def distance(self, key: str) -> Distance:
        """The distance of a key. Raises ValueError for a key that it has not."""
        return _named(self.distances, key, "distance", lambda row: row.key)

    def adopted(self, values: Any) -> tuple[NDArray[np.float32], Scale]:
        """Items (N, *shape) of somebody's values in their own units, and their scale. Raises DataError."""
        return self.adopt(values) if self.adopt else (self.prepare(values), self.scale)

    def check(self, shape: Shape) -> None:
        """Raise ValueError, saying why, where a shape is none of its own."""
        if reason := self.problem(shape):
            raise ValueError(reason)


def _named(rows: tuple[Row, ...], name: str, noun: str, name_of: Callable[[Row], str]) -> Row:
    for row in rows:
        if name_of(row) == name:
            return row
    raise ValueError(f"Unknown {noun} {name!r}; choose one of {', '.join(map(name_of, rows))}.")
