"""The autoencoder: item -> encode -> posterior -> z -> decode -> item.

>>> model = Autoencoder(Config(family="vae", shape=(1, 28, 28), latent_dim=2, code="gaussian"))
>>> posterior = model.encode(x)        # x: (N, 1, 28, 28) in [0, 1]
>>> y = model.decode(posterior.sample())
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from aeviz.device import BATCH, in_batches
from aeviz.modalities.registry import MODALITIES
from aeviz.model.bodies.table import BODIES
from aeviz.model.config import Config
from aeviz.model.likelihoods import Likelihood, likelihood_of
from aeviz.types import Shape


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
    warming_up = False  # whether to be scored as in the first steps of a training
    has_gradients = True  # whether its slopes are cheap to come by
    progress = 1.0  # share of its training's steps that are behind it

    def __init__(self, config: Config) -> None:
        super().__init__()
        MODALITIES.check(config.modality)
        MODALITIES[config.modality].check(config.shape)
        self.config = config
        BODIES.check(config.body)
        body = BODIES[config.body]
        body.settings(config)  # refuses options that it has not
        if reason := body.problem(config.shape):
            raise ValueError(reason)
        self.encoder, self.decoder = body.build(config)
        features: int = self.encoder.features  # type: ignore[assignment]
        heads = 2 if config.code == "gaussian" else 1
        self.head = nn.Linear(features + config.classes, heads * config.latent_dim)
        if config.activation == "relu":
            nn.init.ones_(self.head.bias)  # units that start silent have no gradient and stay so

    @property
    def device(self) -> torch.device:
        """Where the weights are, and where outputs come from."""
        return self.head.weight.device

    @property
    def likelihood(self) -> Likelihood:
        """What its logits are scored with, and how they become items."""
        own = likelihood_of(self.config)
        return own.warm_up if self.warming_up else own

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Posterior:
        """The posterior of items x (N, *shape) in the data's own range.

        labels: (N,) int64, the classes of the items, for a conditional model. Raises ValueError for another
        shape, and where labels are missing, not asked for, or no classes of the model. A value that is missing (NaN) is
        seen as 0.
        """
        if tuple(x.shape[1:]) != self.config.shape:
            raise ValueError(f"Expected items of shape (N, {_comma(self.config.shape)}), not {tuple(x.shape)}.")
        seen = x.to(self.device, torch.float32).nan_to_num(0.0, torch.inf, -torch.inf)
        features = in_batches(self.encoder, seen, self.batch)
        values: Tensor = self.head(self._with_class(features, labels))
        if self.config.code == "deterministic":
            return Posterior(values.relu() if self.config.activation == "relu" else values)
        mean, log_std = values.chunk(2, dim=1)
        # exp overflows past here; no trained model comes near
        return Posterior(mean, log_std.clamp(-15, 15).exp())

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Items (N, *shape), in the data's own range, of codes z (N, d). labels and errors as in `encode`."""
        return self.likelihood.mean(self.decode_logits(z, labels))

    def decode_logits(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """What the network gives before its output function, (N, *shape): items are made of it."""
        return in_batches(self.decoder, self._decoder_inputs(z, labels), self.batch)

    def logits_for(self, x: Tensor, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """The logits (N, *shape) that the likelihood of items x (N, *shape) is computed from, for their codes z (N, d).

        Those of `decode_logits`, but for a decoder that writes step by step: each step follows the item's own.
        """
        if not self.reads_target:
            return self.decode_logits(z, labels)
        inputs = self._decoder_inputs(z, labels)
        pairs = zip(torch.split(inputs, self.batch), torch.split(x.to(inputs), self.batch), strict=True)
        return torch.cat([self.decoder(codes, items) for codes, items in pairs])

    def _decoder_inputs(self, z: Tensor, labels: Tensor | None) -> Tensor:
        """What the decoder reads: codes z (N, d), and the class where the model is conditional. Raises ValueError."""
        if z.ndim != 2 or z.shape[1] != self.config.latent_dim:
            raise ValueError(f"Expected codes of shape (N, {self.config.latent_dim}), not {tuple(z.shape)}.")
        return self._with_class(z.to(self.device, torch.float32), labels)

    @property
    def reads_target(self) -> bool:
        """Whether its decoder writes step by step, so that what it is scored with follows the item."""
        return bool(getattr(getattr(self, "decoder", None), "reads_target", False))

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

    def layer_names(self) -> dict[str, nn.Module]:
        """Its modules by the names under which their weights are known to the browser's engine."""
        return dict(self.named_modules())

    def portable(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """What the browser's engine makes the same model of: a config, as JSON takes it, and the weights by name.

        Raises ValueError for a model that the engine cannot run.
        """
        return asdict(self.config), self.state_dict()

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """The reconstruction of x through the mean of its posterior, (N, *shape)."""
        return self.decode(self.encode(x, labels).mean, labels)


def _comma(shape: Shape) -> str:
    return ", ".join(map(str, shape))
