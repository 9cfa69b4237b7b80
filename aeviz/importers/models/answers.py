"""What a reader of models is asked, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aeviz.importers.files.contents import Contents
from aeviz.importers.models.statement import OPTIONS, NotStated, Statement
from aeviz.model.autoencoder import Autoencoder
from aeviz.store.checkpoints import Card
from aeviz.types import Shape

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Candidate:
    """Items on which the conventions of a model of their shape may be tried.

    shape: of an item, (C, H, W) of a picture. items: gives them, (N, *shape), pictures in [0, 1]; asked for only where
    they are tried. modality: by its name; columns: of a table.
    """

    shape: Shape
    items: Callable[[], Array]
    modality: str = "image"
    columns: tuple[int, ...] = ()

    @classmethod
    def of(cls, items: Array) -> "Candidate":
        """Items (N, C, H, W) in [0, 1] that are there already."""
        _, channels, height, width = items.shape
        return cls((channels, height, width), lambda: items)


@dataclass(frozen=True)
class Request:
    """What is wanted of a reader: the model in `contents`, under a name, with what is known of it.

    candidates: items to try on, those to be preferred first. max_bytes: that the weights may take.
    """

    contents: Contents
    name: str
    statement: Statement
    candidates: Sequence[Candidate]
    device: str
    max_bytes: int

    def items(self, shape: Shape) -> Array | None:
        """Items of a shape to try on, or None."""
        matching = next((candidate for candidate in self.candidates if candidate.shape == shape), None)
        return matching.items() if matching else None


class ModelReader(Protocol):
    """Reads models of one form. A module with these two functions is one; `aeviz.importers.reading` lists them."""

    def recognises(self, request: Request) -> bool:
        """Whether what was brought is of this form, by the names and types of its files."""
        ...

    def read(self, request: Request) -> "Loaded":
        """The model. Raises NotStated, CheckpointError and ArchiveError."""
        ...


@dataclass(frozen=True)
class Loaded:
    """A model, frozen and in evaluation mode, and what is known of it.

    title: for a person. origin: "aeviz", "pythae", "diffusers", "ONNX" or "state dict". statement: all that was stated
    or inferred. notes: sentences to show, on how it was inferred.
    """

    model: Autoencoder
    card: Card
    title: str
    origin: str
    statement: Statement
    notes: tuple[str, ...] = ()

    @property
    def weights(self) -> int:
        """How many numbers its networks have."""
        own = getattr(self.model, "weights", None)  # of one that torch does not hold
        return own if isinstance(own, int) else sum(weight.numel() for weight in self.model.parameters())

    @property
    def name(self) -> str:
        """The model's name, from its file or folder."""
        return self.card.name


@dataclass(frozen=True)
class Unclear:
    """The weights are sound, but something about the model must be stated before it can be shown.

    message: for a person. needs: fields of `Statement`, each with its options and their words; none where any value
    of its type will do, as for a shape. origin: as of `Loaded`, where the form of the file tells it.
    """

    message: str
    needs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    origin: str = ""

    @classmethod
    def of(cls, error: NotStated, origin: str = "") -> "Unclear":
        """What a reader missed."""
        return cls(str(error), {name: OPTIONS.get(name, {}) for name in error.needs}, origin)
