"""The autoencoder: item -> encode -> posterior -> z -> decode -> picture.

>>> model = Autoencoder(Config(family="vae", shape=(1, 28, 28), latent_dim=2, code="gaussian"))
>>> posterior = model.encode(x)        # x: (N, 1, 28, 28) in [0, 1]
>>> y = model.decode(posterior.sample())
"""

from dataclasses import dataclass, field
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from aeviz.device import BATCH, in_batches
from aeviz.networks import Shape, build

CODES = ("deterministic", "gaussian")
LIKELIHOODS = ("bce", "mse", "l1")
OUTPUTS = ("sigmoid", "tanh", "linear")
ACTIVATIONS = ("identity", "relu")


@dataclass(frozen=True)
class Config:
    """All that is needed to build a model again, and how it was trained. Stored as `config.json`.

    shape: (C, H, W) of an item. code: "deterministic" (a point) or "gaussian" (a mean and a spread
    for each coordinate). network: "conv" or "dense"; channels: output channels of each strided
    convolution; hidden: widths of the dense layers. likelihood: what the reconstruction is scored
    with, "bce", "mse" or "l1". output: how logits become a picture, "sigmoid", "tanh" (from [-1, 1]) or
    "linear" (clipped to [0, 1]). activation: of a point code, "identity" or "relu". classes: how many
    there are to tell encoder and decoder, 0 for a model that is not conditional. objective: settings of
    the family's loss. training: settings of `aeviz.training.Training`.
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
    training: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("shape", "channels", "hidden"):  # JSON has lists only
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if len(self.shape) != 3 or not all(isinstance(side, int) and side > 0 for side in self.shape):
            raise ValueError(f"shape must be three positive numbers (C, H, W), not {self.shape}.")
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


@dataclass(frozen=True)
class Posterior:
    """q(z | x) of N items: mean (N, d), and std (N, d), or None where the code is a point."""

    mean: Tensor
    std: Tensor | None = None

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """z (N, d): the mean of a deterministic code, mean + std * epsilon of a Gaussian one.

        The reparameterization trick, Kingma and Welling 2014, section 2.4. `generator` lives on the
        mean's device.
        """
        if self.std is None:
            return self.mean
        noise = torch.randn(self.mean.shape, generator=generator, device=self.mean.device, dtype=self.mean.dtype)
        return self.mean + self.std * noise

    def kl(self) -> Tensor:
        """KL(q(z | x) || N(0, 1)) in nats, for each item and coordinate, (N, d).

        Kingma and Welling 2014, appendix B. Raises ValueError for a deterministic code, which has none.
        """
        if self.std is None:
            raise ValueError("A deterministic code has no KL divergence: it is a point, not a distribution.")
        return 0.5 * (self.mean.square() + self.std.square() - 1) - self.std.log()


class Autoencoder(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="aeviz",
    tags=["autoencoder", "latent-space"],
):
    """Encoder, decoder and the code between them. Raises ValueError where the config is unsound.

    Calls split their input into batches that fit the device. Gradients flow as in any module;
    models that come from `aeviz.load` are frozen.
    """

    batch = BATCH  # items at once, at most

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.encoder, self.decoder = build(
            config.network, config.shape, config.latent_dim + config.classes, config.channels, config.hidden
        )
        heads = 2 if config.code == "gaussian" else 1
        self.head = nn.Linear(self.encoder.features + config.classes, heads * config.latent_dim)
        if config.activation == "relu":
            nn.init.ones_(self.head.bias)  # units that start silent have no gradient and stay so

    @property
    def device(self) -> torch.device:
        """Where the weights are, and where outputs come from."""
        return self.head.weight.device

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Posterior:
        """The posterior of pictures x (N, C, H, W) in [0, 1].

        labels: (N,) int64, the classes of the pictures, for a conditional model. Raises ValueError for another
        shape, and where labels are missing, not asked for, or no classes of the model.
        """
        if x.ndim != 4 or tuple(x.shape[1:]) != self.config.shape:
            raise ValueError(f"Expected pictures of shape (N, {_comma(self.config.shape)}), not {tuple(x.shape)}.")
        features = in_batches(self.encoder, x.to(self.device, torch.float32), self.batch)
        values: Tensor = self.head(self._with_class(features, labels))
        if self.config.code == "deterministic":
            return Posterior(values.relu() if self.config.activation == "relu" else values)
        mean, log_std = values.chunk(2, dim=1)
        # exp overflows past here; no trained model comes near
        return Posterior(mean, log_std.clamp(-15, 15).exp())

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures (N, C, H, W) in [0, 1] of codes z (N, d). labels and errors as in `encode`."""
        return self.pictures(self.decode_logits(z, labels))

    def decode_logits(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """What the network gives before its output function, (N, C, H, W): cross-entropy is computed from it."""
        if z.ndim != 2 or z.shape[1] != self.config.latent_dim:
            raise ValueError(f"Expected codes of shape (N, {self.config.latent_dim}), not {tuple(z.shape)}.")
        return in_batches(self.decoder, self._with_class(z.to(self.device, torch.float32), labels), self.batch)

    def pictures(self, logits: Tensor) -> Tensor:
        """Pictures in [0, 1] of logits, by the output function of the config; of the same shape."""
        match self.config.output:
            case "tanh":
                return (logits.tanh() + 1) / 2
            case "linear":
                return logits.clamp(0, 1)
            case _:
                return logits.sigmoid()

    def _with_class(self, values: Tensor, labels: Tensor | None) -> Tensor:
        """values (N, k) -> (N, k + classes): one more column a class, 1 in the item's own."""
        classes = self.config.classes
        if not classes:
            if labels is not None:
                raise ValueError("This model knows no classes: leave labels out.")
            return values
        if labels is None:
            raise ValueError(f"This model is conditional: it needs labels, one of {classes} classes for each item.")
        if labels.shape != values.shape[:1] or labels.is_floating_point():
            raise ValueError(f"Expected whole labels of shape ({len(values)},), not {tuple(labels.shape)}.")
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
            raise ValueError(f"Labels must be classes from 0 to {classes - 1}.")
        one_hot = nn.functional.one_hot(labels.to(values.device, torch.int64), classes)
        return torch.cat([values, one_hot.to(values.dtype)], dim=1)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """The reconstruction of x through the mean of its posterior, (N, C, H, W) in [0, 1]."""
        return self.decode(self.encode(x, labels).mean, labels)


def _comma(shape: Shape) -> str:
    return ", ".join(map(str, shape))
