"""What is measured of a model on a split of its data set: each function gives figures by name.

`aeviz.evaluation.definitions` says what each figure is.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.datasets.record import Dataset
from aeviz.evaluation import compression, detection_tasks, imputation, label_efficiency, metrics, quality, repair
from aeviz.evaluation.baselines import pooled
from aeviz.evaluation.definitions import (
    COVERED,
    DRAWS,
    ELBO_SAMPLES,
    JACOBIANS,
    KEPT,
    MMD_ITEMS,
    NEIGHBOURS,
    NOISE,
    PATHS,
    READ_DRAWS,
    SEED,
    STEPS,
)
from aeviz.evaluation.detection import detection_scores, unusual
from aeviz.evaluation.features import features, has_classifier
from aeviz.evaluation.generation import predicted_classes
from aeviz.evaluation.plausibility import plausibility
from aeviz.latent import paths
from aeviz.model.autoencoder import Autoencoder, Posterior

Precision = Literal["float32", "bfloat16"]


class Subject:
    """A model beside the items it is measured on. A conditional model is told each item's own class."""

    def __init__(self, model: Autoencoder, data: Dataset, items: int | None = None) -> None:
        self.model, self.data = model, data
        self.x = torch.from_numpy(data.items[:items].copy()).to(model.device)
        self.classes = data.labels[:items]
        self.conditional = model.config.classes > 0
        self.posterior = self.encode(self.x)

    def __len__(self) -> int:
        return len(self.x)

    def encode(self, x: Tensor) -> Posterior:
        """Posteriors of pictures (n, C, H, W), which are the first n items or what became of them."""
        return self.model.encode(x, **self._labels(len(x)))

    def decode(self, z: Tensor) -> Tensor:
        """Pictures (n, C, H, W) of codes (n, d), with the classes of the first n items."""
        return self.model.decode(z, **self._labels(len(z)))

    def logits_for(self, x: Tensor, z: Tensor) -> Tensor:
        """What the likelihood of items x (n, *shape) is computed from, for their codes z (n, d)."""
        return self.model.logits_for(x, z, **self._labels(len(z)))

    def _labels(self, count: int) -> dict[str, Any]:
        if not self.conditional:
            return {}
        return {"labels": torch.from_numpy(self.classes[:count].copy()).to(self.model.device)}

    @property
    def means(self) -> NDArray[np.float32]:
        """Mean codes (N, d)."""
        means: NDArray[np.float32] = self.posterior.mean.cpu().numpy()
        return means

    def draws(self) -> NDArray[np.float32]:
        """A code of each item drawn from its posterior, (N, d): together the aggregate posterior."""
        generator = torch.Generator(self.model.device).manual_seed(SEED)
        codes: NDArray[np.float32] = self.posterior.sample(generator).cpu().numpy()
        return codes


def reconstruction(subject: Subject, probe: int) -> dict[str, float]:
    """Errors of the decoded means; the first `probe` items' also on their own."""
    y, modality = subject.decode(subject.posterior.mean), subject.data.modality
    distances = {row.key: row.measure(y, subject.x, subject.data.scale) for row in modality.distances}
    figures = {key: float(values.mean()) for key, values in distances.items()}
    figures[f"{modality.error.key}_probe"] = float(distances[modality.error.key][:probe].mean())
    figures |= pooled({key: values.cpu() for key, values in distances.items()})
    unusual_items = unusual(subject.data)
    return figures | (
        detection_scores(distances[modality.error.key].cpu().numpy(), unusual_items)
        if unusual_items is not None
        else {}
    )


def training_error(subject: Subject) -> dict[str, float]:
    """The error on items of the training split."""
    error = subject.data.modality.error
    errors = error.measure(subject.decode(subject.posterior.mean), subject.x, subject.data.scale)
    return {f"{error.key}_train": float(errors.mean())}


def denoising(subject: Subject) -> dict[str, float]:
    """Distances after the first corruption, at the share `NOISE` of its maximum, and one pass through the model."""
    modality, scale = subject.data.modality, subject.data.scale
    corruption, judge = modality.corruptions[0], modality.distance(modality.repair.judge)
    noisy = corruption.corrupt(subject.x, NOISE * corruption.maximum, SEED, scale)
    repaired = subject.decode(subject.encode(noisy).mean)
    figures = {f"denoised_{judge.key}": float(judge.measure(repaired, subject.x, scale).mean())}
    if noisy.isnan().any():  # what is missing has no error
        return figures
    return figures | {f"noisy_{judge.key}": float(judge.measure(noisy, subject.x, scale).mean())}


def detection(subject: Subject) -> dict[str, float]:
    """What the error tells of items that are not of the data set; a conditional model has no class for these."""
    if subject.conditional:
        return {}
    error, model = subject.data.modality.error, subject.model

    def score(items: NDArray[np.float32]) -> NDArray[np.float32]:
        x = torch.from_numpy(items).to(model.device)
        errors: NDArray[np.float32] = (
            error.measure(model.decode(model.encode(x).mean), x, subject.data.scale).cpu().numpy()
        )
        return errors

    return detection_tasks.measured(subject.data, score)


def repairing(subject: Subject) -> dict[str, float]:
    """How one pass repairs the first corruption that the model alone is trained for; nothing for other models."""
    if not (names := subject.model.config.corruptions):
        return {}
    damaged = repair.measured_damage(subject.data, subject.x.cpu().numpy(), names[0])
    mended = subject.decode(subject.encode(torch.from_numpy(damaged.corrupted)).mean)
    repaired = repair.figures(subject.data, damaged, mended.cpu().numpy())
    kept = repair.figures(subject.data, damaged, repair.keep_known(subject.data, damaged, mended.cpu().numpy()))
    return repaired | {key: kept[of] for key, of in KEPT.items() if of in kept}


def compressed(subject: Subject) -> dict[str, float]:
    """What is left after the numbers of a code are rounded, and how few bytes they then take."""

    def decode(z: NDArray[np.float32]) -> NDArray[np.float32]:
        items: NDArray[np.float32] = subject.decode(torch.from_numpy(z).to(subject.model.device)).cpu().numpy()
        return items

    return compression.measure(subject.means, decode, subject.data)


def missing(subject: Subject) -> dict[str, float]:
    """How well one pass fills in hidden cells; nothing for items that cannot lack any."""
    if not subject.data.modality.missing:
        return {}

    def fill(x: NDArray[np.float32]) -> NDArray[np.float32]:
        filled: NDArray[np.float32] = subject.decode(subject.encode(torch.from_numpy(x)).mean).cpu().numpy()
        return filled

    return imputation.filled_in(subject.x.cpu().numpy(), subject.data.scale, fill)


def writing(subject: Subject, training: Dataset) -> dict[str, float]:
    """What decoded draws from N(0, I) are as texts; nothing for what writes none, or is told a class."""
    read, scale = subject.data.modality.texts, subject.data.scale
    if read is None or subject.conditional:
        return {}
    z = paths.prior(DRAWS, subject.model.config.latent_dim, SEED)
    drawn, train, test = (
        read(items, scale) for items in (subject.model.decode(z).cpu().numpy(), training.items, subject.x.cpu().numpy())
    )
    return plausibility(drawn, train, test, subject.data.shape[0])


def elbo(subject: Subject, x: Tensor) -> dict[str, float]:
    """The bound and its terms, of pictures x that are the subject's items or binary draws of them."""
    generator = torch.Generator(subject.model.device).manual_seed(SEED)
    posterior, likelihood = subject.encode(x), subject.model.likelihood
    draws = [
        likelihood.error(subject.logits_for(x, posterior.sample(generator)), x).mean() for _ in range(ELBO_SAMPLES)
    ]
    expected, kl = float(torch.stack(draws).mean()), float(posterior.kl().sum(1).mean())
    return {"neg_elbo": expected + kl, "reconstruction": expected, "kl": kl}


def likelihood(
    model: Autoencoder, x: Tensor, samples: int, precision: Precision, progress: Callable[[float], None]
) -> dict[str, float]:
    """-log p(x) of items x (N, *shape) by importance sampling."""

    def decode(z: Tensor) -> Tensor:
        with torch.autocast(z.device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            return model.decode_logits(z).float()

    nll = metrics.importance_nll(
        model.encode, decode, x, model.likelihood, samples=samples, seed=SEED, progress=progress
    )
    return {"nll": float(nll.mean()), "nll_samples": samples}


def codes(subject: Subject) -> dict[str, float]:
    """What the codes hold, and how Gaussian they are together."""
    means, draws = subject.means, subject.draws()
    rows = np.random.default_rng(SEED).permutation(len(draws))[:MMD_ITEMS]
    figures = {
        "active_units": int(metrics.active_units(means)),
        "active_share": quality.active_share(means),
        "mmd": quality.normality_mmd(draws[rows]),
    }
    if len(np.unique(subject.classes)) > 1:
        figures |= {
            "knn_accuracy": metrics.knn_accuracy(means, subject.classes),
            "linear_probe": quality.linear_probe_accuracy(means, subject.classes),
            **label_efficiency.measure(means, subject.classes),
        }
    if np.ptp(draws, axis=0).any():
        figures["mmd_whitened"] = quality.normality_mmd(quality.whitened(draws)[rows])
    return figures


def contraction(subject: Subject) -> dict[str, float]:
    """How far codes move when pictures do; nothing for codes that are all one."""
    x = subject.x[:JACOBIANS].clone().requires_grad_()
    with torch.enable_grad():
        mean = subject.encode(x).mean
        slopes = [torch.autograd.grad(unit.sum(), x, retain_graph=True)[0] for unit in mean.unbind(1)]
    spread = subject.posterior.mean.var(0).sum().sqrt()
    if not spread > 0:
        return {}
    squared = torch.stack([slope.flatten(1).square().sum(1) for slope in slopes]).sum(0)
    return {"contraction": float(squared.sqrt().mean() / spread)}


def generation(subject: Subject) -> dict[str, float]:
    """How decoded random codes compare with real items; needs a classifier of the data set."""
    if not has_classifier(subject.data.name):
        return {}
    real = features(subject.data.name, subject.x)
    prior, fitted, mixed = (
        features(subject.data.name, subject.decode(z))
        for z in (
            paths.prior(len(subject), subject.model.config.latent_dim, SEED),
            torch.from_numpy(quality.fitted_gaussian(subject.draws(), len(subject), SEED)),
            torch.from_numpy(quality.fitted_mixture(subject.draws(), len(subject), SEED)),
        )
    )
    density, coverage = quality.density_and_coverage(real[:COVERED], prior[:COVERED], NEIGHBOURS)
    return {
        "frechet": quality.frechet_distance(prior, real),
        "frechet_fitted": quality.frechet_distance(fitted, real),
        "frechet_mixture": quality.frechet_distance(mixed, real),
        "density": density,
        "coverage": coverage,
    }


def class_reading(subject: Subject) -> dict[str, float]:
    """Whether a conditional model draws the class that it is told; needs a classifier of the data set."""
    if not subject.conditional or not has_classifier(subject.data.name):
        return {}
    z = paths.prior(READ_DRAWS, subject.model.config.latent_dim, SEED)
    shares = []
    for number in range(subject.model.config.classes):
        drawn = subject.model.decode(z, torch.full((READ_DRAWS,), number))
        shares.append(float((predicted_classes(subject.data.name, drawn.cpu().numpy()) == number).mean()))
    return {"class_read": float(np.mean(shares)), "class_read_worst": min(shares)}


def interpolation(subject: Subject) -> dict[str, float]:
    """How even straight paths between items are; needs a classifier, and means nothing for a code without a class."""
    if subject.conditional or not has_classifier(subject.data.name):
        return {}
    means = subject.posterior.mean.cpu()
    ends = torch.from_numpy(np.random.default_rng(SEED).integers(len(means), size=(2, PATHS)))
    path = paths.line(means[ends[0]], means[ends[1]], STEPS + 1).transpose(0, 1)  # (paths, steps + 1, d)
    decoded = features(subject.data.name, subject.model.decode(path.flatten(0, 1))).reshape(PATHS, STEPS + 1, -1)
    try:
        return {"longest_step": quality.longest_step(decoded)}
    except ValueError:  # the decoder says the same to every code
        return {}
