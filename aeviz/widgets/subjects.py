"""What a widget shows: a model and data as a person holds them, in whatever form."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.figures.palette import FOURTH
from aeviz.importers import in_memory, own_models
from aeviz.importers.callable_model import CallableModel
from aeviz.importers.callables import wrap
from aeviz.latent.explorer import Codes, Explorer
from aeviz.lessons.record import Model, Network
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.families import FAMILIES, mark_of
from aeviz.parts.networks import Tab, payload

Array = NDArray[np.float32]
MAX_ITEMS = 10_000  # of a data set that are encoded for axes and planes; the first of them
MAX_KEPT = 8  # models whose codes are kept


@dataclass(frozen=True)
class Subject:
    """A model with the data that it is shown on. given: the model as it was named or handed over."""

    model: Model
    data: Dataset
    given: Any = None

    @cached_property
    def network(self) -> Network | None:
        """The model for the browser; None where the kernel makes its pictures."""
        return self.model.half("")

    @property
    def tab(self) -> Tab | None:
        """How parts know it; None as above."""
        return self.model.tab(self.network) if self.network else None

    @cached_property
    def networks(self) -> dict[str, bytes]:
        """What the browser is sent, by digest."""
        if self.network is None:
            return {}
        sent = self.network.portable
        return {sent.digest: payload(sent.digest, sent.config, sent.weights)}

    def is_of(self, other: "Subject") -> bool:
        """Whether both are of one model, so that a code means the same to both."""
        named = isinstance(self.given, str | Path) and self.given == other.given
        return (
            named or self.given is other.given or bool(self.networks and self.networks.keys() == other.networks.keys())
        )

    def item(self, item: Any) -> Array:
        """An item (*shape) of the data by its row, or as it is given. Raises ValueError for another shape."""
        if isinstance(item, int | np.integer):
            if not -len(self.data) <= item < len(self.data):
                raise ValueError(f"There is no item {item}: {self.data.title} has {len(self.data):,}.")
            own: Array = self.data.items[item]
            return own
        array = np.asarray(item.detach().cpu() if hasattr(item, "detach") else item, np.float32)
        if array.shape == (1, *self.data.shape):
            array = array[0]
        if array.shape != self.data.shape:
            raise ValueError(f"An item has the shape {self.data.shape}, not {array.shape}.")
        return array

    def encode(self, item: Array) -> Array:
        """The code (d,) of an item (*shape), the mean where it is a cloud."""
        return self.model.explorer.encode(item[None])[0][0]

    def needs_no_class(self) -> "Subject":
        """Itself. Raises ValueError for a conditional model: what decodes a code would have to be told a class."""
        if self.model.explorer.classes:
            raise ValueError(f"{self.model.title} is conditional: its codes alone decode to nothing. Choose another.")
        return self


def subject(
    model: Any, data: Any = None, labels: Any = None, *, title: str = "", colour: str = "", **stated: Any
) -> Subject:
    """A model with its data.

    model: a name, path or Hub id as `aeviz.load` takes them, what that gives, an object with `encode` and `decode`, or
    a pair of such functions. data: a data set, its name or path, or items in memory as `aeviz.explore` takes them, with
    their labels; None for those that the model was trained on. title, colour: of the model, "#rrggbb". stated: what
    `aeviz.importers.in_memory.given` takes beside these.

    Raises CheckpointError, CallableError and DataError for what cannot be read or does not fit.
    """
    given = model
    if isinstance(model, str | Path):
        title, model = title or _title(model), _loaded(str(model))
    known = None if data is None else in_memory.given(data, labels, **stated)
    if not isinstance(model, Autoencoder | CallableModel):
        if known is None:
            raise ValueError("A model of your own needs data to be shown on: name them, or give items.")
        own_units = not isinstance(data, Dataset | str | Path) and not stated.get("scale")
        encode, decode = _functions(model)
        model = wrap(
            encode, decode, known.dataset, title=title or type(model).__name__, own_units=own_units,
            given=known.layouts, ranges=known.ranges,
        )  # fmt: skip
        title = title or "Your model"
    items = known.dataset if known else own_models.data_for(model.config)
    if items.shape != model.config.shape:
        raise ValueError(f"The model takes items of {model.config.shape}; those of {items.title} are {items.shape}.")
    family = FAMILIES.get(model.config.family)
    title = title or (family.title if family else "A model")
    explorer = Explorer(model, title, items.scale)
    colour = colour or (mark_of(model.config.family).colour if family else FOURTH)
    codes = codes_of(explorer, items)
    return Subject(Model(title, title, title, colour, explorer, codes), items, given)


def codes_of(explorer: Explorer, data: Dataset) -> Codes:
    """The codes of the data's first items, kept for the models used last."""
    key = id(explorer.model), id(data.items)
    if key not in _CODES:
        rows = slice(0, MAX_ITEMS)
        _CODES[key] = explorer.model, data.items, explorer.codes(data.items[rows], data.labels[rows])
    kept: Codes = _CODES[key][2]
    return kept


# The model and the items themselves are kept too, so that no others get their ids.
_CODES: LRUCache[tuple[int, int], tuple[Any, Any, Codes]] = LRUCache(MAX_KEPT)
_MODELS: LRUCache[str, Autoencoder] = LRUCache(MAX_KEPT)


def _loaded(name: str) -> Autoencoder:
    if name not in _MODELS:
        _MODELS[name] = own_models.load(name)
    return _MODELS[name]


def _title(name: str | Path) -> str:
    """What a model is called where nobody says: the title of a family for one that came with aeviz, else its name."""
    config = _loaded(str(name)).config
    family = FAMILIES.get(config.family)
    plain = str(name) == f"{config.dataset}-{config.family}"
    return family.title if family and plain else Path(name).stem


def _functions(model: Any) -> tuple[Any, Any]:
    """What encodes and what decodes."""
    if isinstance(model, Mapping):
        model = model.get("encode"), model.get("decode")
    if isinstance(model, tuple | list) and len(model) == 2:
        return model[0], model[1]
    if hasattr(model, "encode") and hasattr(model, "decode"):
        return model.encode, model.decode
    raise ValueError(
        f"A {type(model).__name__} is no model: expected a name, a path, an object with encode and decode, or a pair "
        "of functions."
    )
