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

from aeviz.device import in_batches
from aeviz.networks import Shape, build

CODES = ("deterministic", "gaussian")
LIKELIHOODS = ("bce", "mse", "l1")


@dataclass(frozen=True)
class Config:
    """All that is needed to build a model again, and how it was trained. Stored as `config.json`.

    shape: (C, H, W) of an item. code: "deterministic" (a point) or "gaussian" (a mean and a spread
    for each coordinate). network: "conv" or "dense"; channels: output channels of each strided
    convolution; hidden: widths of the dense layers. likelihood: what the reconstruction is scored
    with, "bce", "mse" or "l1". training: settings of `aeviz.training.Training`.
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
        if self.code not in CODES:
            raise ValueError(f"Unknown code {self.code!r}: expected one of {', '.join(CODES)}.")
        if self.likelihood not in LIKELIHOODS:
            raise ValueError(f"Unknown likelihood {self.likelihood!r}: expected one of {', '.join(LIKELIHOODS)}.")


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

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.encoder, self.decoder = build(
            config.network, config.shape, config.latent_dim, config.channels, config.hidden
        )
        heads = 2 if config.code == "gaussian" else 1
        self.head = nn.Linear(self.encoder.features, heads * config.latent_dim)

    @property
    def device(self) -> torch.device:
        """Where the weights are, and where outputs come from."""
        return self.head.weight.device

    def encode(self, x: Tensor) -> Posterior:
        """The posterior of pictures x (N, C, H, W) in [0, 1]. Raises ValueError for another shape."""
        if x.ndim != 4 or tuple(x.shape[1:]) != self.config.shape:
            raise ValueError(f"Expected pictures of shape (N, {_comma(self.config.shape)}), not {tuple(x.shape)}.")
        values = in_batches(self._heads, x.to(self.device, torch.float32))
        if self.config.code == "deterministic":
            return Posterior(values)
        mean, log_std = values.chunk(2, dim=1)
        # exp overflows past here; no trained model comes near
        return Posterior(mean, log_std.clamp(-15, 15).exp())

    def _heads(self, x: Tensor) -> Tensor:
        values: Tensor = self.head(self.encoder(x))
        return values

    def decode(self, z: Tensor) -> Tensor:
        """Pictures (N, C, H, W) in [0, 1] of codes z (N, d). Raises ValueError for another shape."""
        return self.decode_logits(z).sigmoid()

    def decode_logits(self, z: Tensor) -> Tensor:
        """The pictures before the sigmoid, (N, C, H, W): what cross-entropy is computed from."""
        if z.ndim != 2 or z.shape[1] != self.config.latent_dim:
            raise ValueError(f"Expected codes of shape (N, {self.config.latent_dim}), not {tuple(z.shape)}.")
        return in_batches(self.decoder, z.to(self.device, torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        """The reconstruction of x through the mean of its posterior, (N, C, H, W) in [0, 1]."""
        return self.decode(self.encode(x).mean)


def _comma(shape: Shape) -> str:
    return ", ".join(map(str, shape))
