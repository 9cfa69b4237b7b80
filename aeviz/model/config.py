"""What a model is built from: a record that can be read, checked and compared without torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

from aeviz.datasets.sources import scale_of
from aeviz.modalities.base import Scale
from aeviz.modalities.registry import MODALITIES
from aeviz.model.likelihoods import LIKELIHOODS
from aeviz.types import Shape

CODES = ("deterministic", "gaussian")
ACTIVATIONS = ("identity", "relu")
RENAMED = {"network": "body"}  # fields of files that were written before


def renamed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a `config.json` states, in words of today."""
    return {RENAMED.get(key, key): value for key, value in fields.items()}


@dataclass(frozen=True)
class Config:
    """All that is needed to build a model again, and how it was trained. Stored as `config.json`.

    shape: of an item. modality: what an item is, by its name in `aeviz.modalities.registry`. code: "deterministic"
    (a point) or "gaussian" (a mean and a spread for each coordinate). body: of encoder and decoder, by its name in
    `aeviz.model.bodies.table`, "" for the usual one of the modality; channels: output channels of each strided
    convolution; hidden: widths of the dense layers; options: further settings of the body. likelihood: what the
    reconstruction is scored with, a name in `LIKELIHOODS`; output: how logits become an item, "sigmoid", "tanh"
    (from [-1, 1]), "linear" (cut to the bounds of the modality) or "softmax"; "" for both takes what is usual in
    the modality. spread: of the likelihood's noise, in the data's own unit, 0 for the usual one, at which a
    Gaussian's error is the squared error. columns: of a table, how many features each takes. data: of a model that was
    trained on a person's own file, how that is read again (`file`, `statement`, `sha256`), and what its numbers mean
    (`scale`); see `aeviz.importers.own_data`. code_shape: of a code as the network takes and gives it, where that is a
    map or a sequence whose numbers are flattened here; () for a plain vector. code_channels: where its channels are,
    "first" or "last". activation: of a point code, "identity" or "relu". classes: how many are given
    to encoder and decoder, 0 for a model that is not conditional. objective: settings of the family's loss. training:
    settings of `aeviz.training.fitting.Training`.
    Raises ValueError for values outside these.
    """

    family: str
    shape: Shape
    latent_dim: int
    code: str = "deterministic"
    body: str = ""
    channels: tuple[int, ...] = (16, 32, 32)
    hidden: tuple[int, ...] = (256,)
    likelihood: str = ""
    output: str = ""
    activation: str = "identity"
    classes: int = 0
    objective: dict[str, float] = field(default_factory=dict)
    dataset: str = ""
    seed: int = 0
    modality: str = "image"
    options: dict[str, Any] = field(default_factory=dict)
    columns: tuple[int, ...] = ()
    training: dict[str, Any] = field(default_factory=dict)
    spread: float = 0.0
    data: dict[str, Any] = field(default_factory=dict)
    code_shape: Shape = ()
    code_channels: Literal["first", "last"] = "first"

    def __post_init__(self) -> None:
        for name in ("shape", "channels", "hidden", "columns", "code_shape"):  # JSON has lists only
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not self.shape or not all(isinstance(side, int) and side > 0 for side in self.shape):
            raise ValueError(f"shape must be positive numbers, not {self.shape}.")
        if self.latent_dim < 1:
            raise ValueError(f"latent_dim must be at least 1, not {self.latent_dim}.")
        if self.code_shape and (len(self.code_shape) < 2 or prod(self.code_shape) != self.latent_dim):
            raise ValueError(f"A code of {self.latent_dim} numbers cannot have the shape {self.code_shape}.")
        if self.code_channels not in {"first", "last"}:
            raise ValueError(f"code_channels must be first or last, not {self.code_channels}.")
        if not isinstance(self.classes, int) or self.classes < 0:
            raise ValueError(f"classes must be a number of classes, or 0, not {self.classes}.")
        if not 0 <= self.spread < float("inf"):
            raise ValueError(f"spread must be a positive number, or 0 for the usual one, not {self.spread}.")
        MODALITIES.check(self.modality)
        modality = MODALITIES[self.modality]
        if self.body == "":
            object.__setattr__(self, "body", modality.body)
        self._choose("likelihood", modality.likelihoods[0], tuple(LIKELIHOODS))
        links = LIKELIHOODS[self.likelihood].outputs
        self._choose("output", modality.output if modality.output in links else links[0], links)
        self._choose("code", CODES[0], CODES)
        self._choose("activation", ACTIVATIONS[0], ACTIVATIONS)
        if "scale" in self.data:
            try:
                widths = self.scale.widths
            except (TypeError, KeyError, AttributeError) as error:
                raise ValueError(f"data states no scale of a {self.modality}: {error}.") from error
            if widths and sum(widths) != self.shape[0]:
                raise ValueError(f"The columns of data have {sum(widths)} features, and the shape is {self.shape}.")

    @property
    def scale(self) -> Scale:
        """What the numbers of its items mean: as the config states, or else as usual in its data set."""
        if "scale" in self.data:
            return type(MODALITIES[self.modality].scale).of(self.data["scale"])
        return scale_of(self.dataset, self.modality)

    @property
    def corruptions(self) -> tuple[str, ...]:
        """The corruptions that a denoising model alone was trained for; () for the usual ones of its modality."""
        shares = {row.name: row.share for row in MODALITIES[self.modality].corruptions}
        trained, usual = (
            tuple(name for name in shares if share_of(name))
            for share_of in ({**shares, **self.objective}.get, shares.get)
        )
        return () if trained == usual else trained

    @property
    def decoder_inputs(self) -> int:
        """How many numbers a decoder reads: the code, and the class where the model is conditional."""
        return self.latent_dim + self.classes

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "Config":
        """The config that a `config.json` states, in words of today or of before; what it does not know is left out.

        Raises TypeError and ValueError where it states what cannot be.
        """
        return cls(**{key: value for key, value in renamed(fields).items() if key in cls.__dataclass_fields__})

    def _choose(self, name: str, usual: str, known: tuple[str, ...]) -> None:
        """Take what is usual for a field that is "", and refuse what there is not."""
        if getattr(self, name) == "":
            object.__setattr__(self, name, usual)
        if getattr(self, name) not in known:
            raise ValueError(f"Unknown {name} {getattr(self, name)!r}: expected one of {', '.join(known)}.")
