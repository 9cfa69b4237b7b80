"""One training loss per family of autoencoders, and the table of families.

To add a family: write its objective (a class with `loss`) and give it a row in `FAMILIES`.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from aeviz.autoencoder import Autoencoder
from aeviz.corruption import corrupt


def reconstruction_error(likelihood: str, logits: Tensor, x: Tensor) -> Tensor:
    """-log p(x | z) of each item up to a constant, in nats, summed over channels and pixels, (N,).

    logits, x: (N, C, H, W). "bce": cross-entropy of Bernoulli pixels (no constant is left out when x
    is binary). "mse": squared error, a Gaussian of variance 1/2. "l1": absolute error, a Laplacian of
    scale 1. Raises ValueError for another name.
    """
    match likelihood:
        case "bce":
            error = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
        case "mse":
            error = (logits.sigmoid() - x).square()
        case "l1":
            error = (logits.sigmoid() - x).abs()
        case _:
            raise ValueError(f"Unknown likelihood {likelihood!r}.")
    return error.flatten(1).sum(1)


class Objective(Protocol):
    """The loss of a family: named terms, means over the batch, of which "loss" is minimised."""

    def loss(self, model: Autoencoder, x: Tensor) -> dict[str, Tensor]:
        """Terms for a batch x (N, C, H, W) in [0, 1]."""
        ...


class Reconstruction:
    """Plain autoencoder: decode the code, score the picture."""

    def loss(self, model: Autoencoder, x: Tensor) -> dict[str, Tensor]:
        logits = model.decode_logits(model.encode(x).mean)
        return {"loss": reconstruction_error(model.config.likelihood, logits, x).mean()}


class Denoising:
    """Denoising autoencoder: encode a corrupted picture, score the clean one (Vincent et al. 2008).

    Each batch meets one corruption, with a level drawn uniformly between 0 and the highest of its
    row in `MIX`: (corruption, share of the batches, highest level).
    """

    MIX = (("gaussian", 0.55, 0.8), ("salt-pepper", 0.15, 0.5), ("mask", 0.15, 0.7), ("block", 0.15, 0.25))

    def loss(self, model: Autoencoder, x: Tensor) -> dict[str, Tensor]:
        logits = model.decode_logits(model.encode(self.corrupted(x)).mean)
        return {"loss": reconstruction_error(model.config.likelihood, logits, x).mean()}

    def corrupted(self, x: Tensor) -> Tensor:
        """x (N, C, H, W) with the corruption and level drawn from torch's default generator."""
        row = int(torch.multinomial(torch.tensor([share for _, share, _ in self.MIX]), 1))
        kind, _, highest = self.MIX[row]
        seed = int(torch.randint(2**31, ()))
        return corrupt(x, kind, highest * float(torch.rand(())), seed)


class Variational:
    """Variational autoencoder: negative ELBO = reconstruction + KL (Kingma and Welling 2014, eq. 10)."""

    def loss(self, model: Autoencoder, x: Tensor) -> dict[str, Tensor]:
        posterior = model.encode(x)
        logits = model.decode_logits(posterior.sample())
        reconstruction = reconstruction_error(model.config.likelihood, logits, x).mean()
        kl = posterior.kl().sum(1).mean()
        return {"loss": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}


@dataclass(frozen=True)
class Family:
    """A row of the table: how a kind of autoencoder is called, trained and configured.

    name: as in checkpoints. label: short, for a heading. title: in full. idea: one sentence for a
    first-year student. objective: its loss. code: of its posterior. config: other fields of `Config`.
    """

    name: str
    label: str
    title: str
    idea: str
    objective: Objective
    code: str
    config: dict[str, Any]


FAMILIES = {
    family.name: family
    for family in (
        Family(
            name="ae",
            label="AE",
            title="Autoencoder",
            idea="Squeezes a picture into a few numbers and rebuilds it: nothing tells it how to arrange the codes.",
            objective=Reconstruction(),
            code="deterministic",
            config={"latent_dim": 16},
        ),
        Family(
            name="vae",
            label="VAE",
            title="Variational autoencoder",
            idea="Encodes a picture as a cloud of codes and keeps all clouds close to one round bell, N(0, I).",
            objective=Variational(),
            code="gaussian",
            config={"latent_dim": 16},
        ),
        Family(
            name="dae",
            label="DAE",
            title="Denoising autoencoder",
            idea="Sees a damaged picture and must rebuild the clean one.",
            objective=Denoising(),
            code="deterministic",
            config={"latent_dim": 32},
        ),
    )
}
