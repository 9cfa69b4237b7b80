"""What a model is built from: a record that can be read, checked and compared without torch."""

from dataclasses import dataclass, field
from typing import Any

from aeviz.types import Shape

CODES = ("deterministic", "gaussian")
LIKELIHOODS = ("bce", "mse", "l1")
OUTPUTS = ("sigmoid", "tanh", "linear")
ACTIVATIONS = ("identity", "relu")


@dataclass(frozen=True)
class Config:
    """All that is needed to build a model again, and how it was trained. Stored as `config.json`.

    shape: of an item. modality: what an item is, by its name in `aeviz.modalities.registry`. code: "deterministic" (a
    point) or "gaussian" (a mean and a spread for each coordinate). network: "conv" or "dense"; channels: output
    channels of each strided convolution; hidden: widths of the dense layers. likelihood: what the reconstruction is
    scored with, "bce", "mse" or "l1". output: how logits become an item, "sigmoid", "tanh" (from [-1, 1]) or
    "linear" (clipped to [0, 1]). activation: of a point code, "identity" or "relu". classes: how many
    there are to tell encoder and decoder, 0 for a model that is not conditional. objective: settings of
    the family's loss. training: settings of `aeviz.training.fitting.Training`.
    Raises ValueError for values outside these.
    """

    family: str
    shape: Shape
    latent_dim: int
    code: str = "deterministic"
    network: str = "conv"
    channels: tuple[int, ...] = (16, 32, 32)
    hidden: tuple[int, ...] = (256,)
    likelihood: str = "bce"
    output: str = "sigmoid"
    activation: str = "identity"
    classes: int = 0
    objective: dict[str, float] = field(default_factory=dict)
    dataset: str = ""
    seed: int = 0
    modality: str = "image"
    training: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("shape", "channels", "hidden"):  # JSON has lists only
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not self.shape or not all(isinstance(side, int) and side > 0 for side in self.shape):
            raise ValueError(f"shape must be positive numbers, not {self.shape}.")
        if self.latent_dim < 1:
            raise ValueError(f"latent_dim must be at least 1, not {self.latent_dim}.")
        if not isinstance(self.classes, int) or self.classes < 0:
            raise ValueError(f"classes must be a number of classes, or 0, not {self.classes}.")
        for name, known in (
            ("code", CODES),
            ("likelihood", LIKELIHOODS),
            ("output", OUTPUTS),
            ("activation", ACTIVATIONS),
        ):
            if getattr(self, name) not in known:
                raise ValueError(f"Unknown {name} {getattr(self, name)!r}: expected one of {', '.join(known)}.")
