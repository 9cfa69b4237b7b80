"""The training losses, of which each family has one (see `aeviz.model.families`)."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F

from aeviz.modalities.base import Modality, Scale
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.bodies.table import BODIES
from aeviz.model.config import Config


class Objective(Protocol):
    """The loss of a family: named terms, means over the batch, of which "loss" is minimised.

    One that is a torch module too has its own parameters trained along, and dropped afterwards.
    """

    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Terms for a batch x (N, *shape) of classes labels (N,)."""
        ...


@runtime_checkable
class Solved(Protocol):
    """An objective whose best weights have a closed form, found without steps of a gradient."""

    def solve(self, model: Autoencoder, x: Tensor) -> None:
        """Set the model's weights to those that are best for all training items x (N, *shape)."""
        ...


def trimmed(values: Tensor, share: float) -> Tensor:
    """The mean of values (N,) without the worst, the largest `share` of them, in [0, 1).

    Least trimmed squares (Rousseeuw 1984), for training data in which some items are none of their kind.
    """
    return values.mean() if share == 0 else values.sort().values[: len(values) - round(share * len(values))].mean()


def _check_share(name: str, share: float) -> None:
    if not 0 <= share < 1:
        raise ValueError(f"{name} is a share, from 0 to less than 1, not {share}.")


class Reconstruction:
    """Plain autoencoder: decode the code, score the item.

    trim: share of the worst items of each batch that are left out. Raises ValueError for what is no share.
    """

    def __init__(self, trim: float = 0.0) -> None:
        _check_share("trim", trim)
        self.trim = trim

    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        logits = model.logits_for(x, model.encode(x).mean)
        return {"loss": trimmed(model.likelihood.error(logits, x), self.trim)}


class Principal:
    """Principal component analysis: the linear autoencoder of least squared error (Baldi and Hornik 1989)."""

    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        return {"loss": (model(x) - x).square().flatten(1).nansum(1).mean()}

    def solve(self, model: Autoencoder, x: Tensor) -> None:
        """Project on the leading eigenvectors of the covariance, and back. For a dense network without layers."""
        flat = x.nan_to_num().flatten(1).double()  # a value that is missing is seen as 0, as it is in `encode`
        mean = flat.mean(0)
        _, vectors = torch.linalg.eigh(flat.T @ flat / len(flat) - torch.outer(mean, mean))
        axes = vectors.flip(1)[:, : model.config.latent_dim].T.float()
        encoder, decoder = model.head, _first_linear(model.decoder)
        with torch.no_grad():
            encoder.weight.copy_(axes)
            encoder.bias.copy_(-axes @ mean.float())
            decoder.weight.copy_(axes.T)
            decoder.bias.copy_(mean.float())


class Denoising:
    """Denoising autoencoder: encode a corrupted item, score the clean one (Vincent et al. 2008).

    Each batch meets one corruption of the modality, by its `share` of the batches, with a level drawn uniformly between
    0 and the highest that it is `trained` on, or of its levels up to there; and wherever chance puts it.

    seen: weight of the values that the corruption left as they were, beside those that it changed (Vincent et al. 2010,
    section 4.2, emphasis). trim: as in `Reconstruction`. level: that all batches meet, 0 to draw it. shares: of the
    batches for some corruptions, by name, in place of their own. Raises ValueError for a corruption that the modality
    has not, and where no share is left.
    """

    def __init__(
        self,
        modality: Modality,
        scale: Scale,
        seen: float = 1.0,
        trim: float = 0.0,
        level: float = 0.0,
        **shares: float,
    ) -> None:
        _check_share("trim", trim)
        for name in shares:
            modality.corruption(name)
        self.modality, self.scale, self.seen, self.trim, self.level = modality, scale, seen, trim, level
        self.shares = torch.tensor([float(shares.get(row.name, row.share)) for row in modality.corruptions])
        if self.shares.min() < 0 or not self.shares.sum() > 0:
            raise ValueError("The shares of corruptions must not be negative, and one must be larger than 0.")

    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        corrupted, same = self.damaged(x)
        logits = model.logits_for(x, model.encode(corrupted).mean)
        errors = model.likelihood.error(logits, x)
        if self.seen != 1:
            changed = model.likelihood.error(logits, x.masked_fill(same, float("nan")))
            errors = self.seen * errors + (1 - self.seen) * changed
        return {"loss": trimmed(errors, self.trim)}

    def damaged(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x (N, *shape) with a corruption and level drawn from torch's default generator, and what it left: bool.

        A value in a hole is lost, though a black pixel of a picture looks there as it was.
        """
        row = self.modality.corruptions[int(torch.multinomial(self.shares, 1))]
        seed, drawn = int(torch.randint(2**31, ())), float(torch.rand(()))
        level = row.steps[int(drawn * len(row.steps))] if row.steps else row.trained * drawn
        corrupted = row.corrupt(x, self.level or level, seed, self.scale)
        hidden = None if self.seen == 1 else row.hidden(x, self.level or level, seed, self.scale)
        return corrupted, corrupted == x if hidden is None else ~hidden

    def corrupted(self, x: Tensor) -> Tensor:
        """x (N, *shape) with a corruption and level drawn from torch's default generator."""
        return self.damaged(x)[0]


class Sparse:
    """Sparse autoencoder: an L1 penalty leaves few units of the code active (Olshausen and Field 1996).

    Codes could be made small and the decoder's weights large instead, so each unit is charged by what it adds to
    the decoder's first layer: weight · Σ |z_i| · ‖w_i‖₂. With a "relu" code, units are silent or positive.
    """

    def __init__(self, weight: float = 0.3) -> None:
        self.weight = weight

    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        z = model.encode(x).mean
        reconstruction = model.likelihood.error(model.logits_for(x, z), x).mean()
        penalty = self.penalty(model, z)
        return {"loss": reconstruction + self.weight * penalty, "reconstruction": reconstruction, "penalty": penalty}

    def penalty(self, model: Autoencoder, z: Tensor) -> Tensor:
        """Σ |z_i| · ‖w_i‖₂ over the units of codes z (N, d), averaged over items; w_i leaves unit i of the code."""
        strength: Tensor = torch.linalg.vector_norm(_first_linear(model.decoder).weight, dim=0)
        return (z.abs() * strength).sum(1).mean()


class Contractive:
    """Contractive autoencoder: codes that hardly move when the item moves a little (Rifai et al. 2011).

    Rifai et al. charge ‖∂z/∂x‖²_F and tie encoder and decoder, lest codes simply shrink. Nothing is tied here: the
    Jacobian is taken of codes in units of their spread over the batch, σ, and the loss is
    reconstruction + weight · Σ_i ‖∂z_i/∂x‖² / σ_i².
    """

    def __init__(self, weight: float = 0.05) -> None:
        self.weight = weight

    @torch.enable_grad()
    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        x = x.detach().requires_grad_(True)
        z = model.encode(x).mean
        reconstruction = model.likelihood.error(model.logits_for(x.detach(), z), x.detach()).mean()
        signs = torch.randint(0, 2, z.shape, device=z.device, dtype=z.dtype) * 2 - 1
        penalty = self.penalty(x, z, signs)
        return {"loss": reconstruction + self.weight * penalty, "reconstruction": reconstruction, "penalty": penalty}

    def penalty(self, x: Tensor, z: Tensor, signs: Tensor) -> Tensor:
        """Estimate of Σ_i ‖∂z_i/∂x‖² / σ_i², averaged over items, from one draw of signs (N, d), each ±1.

        ‖sᵀJ‖² has the expectation ‖J‖²_F (Hutchinson 1990): one backward pass instead of d.
        """
        units = signs / z.std(0).clamp(min=1e-4)
        (moved,) = torch.autograd.grad(z, x, units, create_graph=True)
        return moved.square().flatten(1).sum(1).mean()


class Variational:
    """Variational autoencoder: negative ELBO = reconstruction + KL (Kingma and Welling 2014, eq. 10).

    beta: weight of the KL term (Higgins et al. 2017). ramp: share of the training over which that weight rises from 0,
    so that codes come into use before they are paid for (Bowman et al. 2016). A conditional model is told the classes
    by its labels (Sohn et al. 2015). Raises ValueError for a ramp that is no share.
    """

    def __init__(self, beta: float = 1.0, ramp: float = 0.0) -> None:
        if not 0 <= ramp <= 1:
            raise ValueError(f"ramp is a share, from 0 to 1, not {ramp}.")
        self.beta, self.ramp = beta, ramp

    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        classes = labels if model.config.classes else None
        posterior = model.encode(x, classes)
        logits = model.logits_for(x, posterior.sample(), classes)
        reconstruction = model.likelihood.error(logits, x).mean()
        kl = posterior.kl().sum(1).mean()
        weight = self.beta * min(1.0, model.progress / self.ramp) if self.ramp else self.beta
        return {"loss": reconstruction + weight * kl, "reconstruction": reconstruction, "kl": kl}


class Conditional(nn.Module):
    """Conditional VAE (Sohn et al. 2015) whose draws must be read as the class that they are told.

    A decoder that is told the class only has to rebuild items; nothing asks what it makes of codes between theirs, and
    there it draws other classes too. So a classifier is trained along, with the body of the encoder: it names the
    classes of items, and decoded draws as one class more (Odena et al. 2017, Salimans et al. 2016). The loss is
    −ELBO + reading · (−log p(class | decoded draw, real) − real · log p(real | decoded draw)), for codes from N(0, I)
    and classes by chance. Gradients of decoder and classifier stop before the other, so one optimiser serves both.

    reading: weight of the last term in nats. real: how much of it is that a draw passes for a real item; with 1 it is
    −log p(class | decoded draw). augment: how strongly the body varies all that the classifier sees, which would know
    few items by heart. balance: how many times as much as usual an item may count there because few in its batch are of
    its class, or as little because many are. beta, ramp: as in `Variational`.
    """

    def __init__(
        self,
        config: Config,
        reading: float = 10.0,
        real: float = 1.0,
        augment: float = 0.0,
        balance: float = 1.0,
        beta: float = 1.0,
        ramp: float = 0.0,
    ) -> None:
        super().__init__()
        self.bound, self.reading, self.real = Variational(beta, ramp), reading, real
        if augment < 0:
            raise ValueError(f"augment is a strength, from 0 on, not {augment:g}.")
        if balance < 1:
            raise ValueError(f"balance is a number of times, from 1 on, not {balance:g}.")
        self.body, self.augment, self.balance = BODIES[config.body], augment, balance
        encoder, _ = self.body.build(config)
        self.classifier = nn.Sequential(encoder, nn.Linear(encoder.features, config.classes + 1))  # type: ignore[arg-type]

    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        bound = self.bound.loss(model, x, labels)
        classes = torch.randint(model.config.classes, (len(x) // 2,), device=model.device)
        drawn = model.decode(torch.randn(len(classes), model.config.latent_dim, device=model.device), classes)
        naming = self._naming(x, labels, self._weights(labels)) + 0.5 * self._naming(
            drawn.detach(), torch.full_like(classes, model.config.classes)
        )
        frozen = {name: value.detach() for name, value in self.classifier.named_parameters()}
        scores = functional_call(self.classifier, frozen, (self._varied(drawn),)).log_softmax(1)
        passes = scores[:, :-1].logsumexp(1)
        reading = F.nll_loss(scores, classes) + (1 - self.real) * passes.mean()
        return {**bound, "loss": bound["loss"] + self.reading * reading + naming, "naming": naming, "reading": reading}

    def _naming(self, x: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
        """The classifier's −log p(labels | x) in nats. A value that is missing (NaN) is seen as 0."""
        scores = self.classifier(self._varied(x.nan_to_num(0.0)))
        if weights is None:
            return F.cross_entropy(scores, labels)
        return (weights * F.cross_entropy(scores, labels, reduction="none")).sum() / weights.sum()

    def _weights(self, labels: Tensor) -> Tensor | None:
        """How much each item counts (N,), so that all classes count alike as far as `balance` lets them."""
        if self.balance == 1:
            return None
        counts = labels.bincount()
        alike: Tensor = len(labels) / (len(counts.nonzero()) * counts[labels])
        return alike.clamp(1 / self.balance, self.balance)

    def _varied(self, x: Tensor) -> Tensor:
        return self.body.varied(x, self.augment) if self.augment else x


class Adversarial(nn.Module):
    """Adversarial autoencoder: a discriminator cannot tell codes from draws of N(0, I) (Makhzani et al. 2015).

    loss = reconstruction + weight · (−log D(z)) for encoder and decoder, and the usual cross-entropy of
    discriminator and draws for D. Gradients of each stop before the other, so one optimiser serves both.
    """

    HIDDEN = 256

    def __init__(self, latent_dim: int, weight: float = 10.0) -> None:
        super().__init__()
        self.weight, hidden = weight, self.HIDDEN
        self.discriminator = nn.Sequential(
            nn.Linear(latent_dim, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, 1)
        )

    def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        z = model.encode(x).mean
        reconstruction = model.likelihood.error(model.logits_for(x, z), x).mean()
        cross_entropies = F.softplus(self.discriminator(z.detach())) + F.softplus(
            -self.discriminator(torch.randn_like(z))
        )
        frozen = {name: value.detach() for name, value in self.discriminator.named_parameters()}
        fooling = F.softplus(-functional_call(self.discriminator, frozen, (z,))).mean()
        discrimination = cross_entropies.mean()
        return {
            "loss": reconstruction + self.weight * fooling + discrimination,
            "reconstruction": reconstruction,
            "fooling": fooling,
            "discrimination": discrimination,
        }


def _first_linear(body: nn.Module) -> nn.Linear:
    return next(layer for layer in body.modules() if isinstance(layer, nn.Linear))
