import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from cases import every
from torch import Tensor

from aeviz.evaluation import metrics
from aeviz.evaluation.quality import linear_probe_accuracy
from aeviz.model.autoencoder import Posterior
from aeviz.model.likelihoods import Bernoulli

BERNOULLI = Bernoulli()


@dataclass(frozen=True)
class Toy:
    """A decoder of 1-D codes, logits = weight·z + bias over 2x3 pixels, with a rough but wide enough encoder."""

    weight: Tensor
    bias: Tensor

    def encode(self, x: Tensor) -> Posterior:
        mean = 0.3 * (x.flatten(1) - 0.5) @ self.weight[:, None]
        return Posterior(mean, torch.full_like(mean, 0.9))

    def decode_logits(self, z: Tensor) -> Tensor:
        return (z * self.weight + self.bias).view(-1, 1, 2, 3)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def toy() -> Toy:
    return Toy(random(6, seed=1), random(6, seed=2))


@pytest.fixture
def x() -> Tensor:
    return (random(5, 1, 2, 3, seed=3) > 0).float()


def quadrature(toy: Toy, x: Tensor, integrand: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Tensor:
    """∫ integrand(z, log p(z), log p(x|z)) dz on a fine grid in float64, for each item."""
    z = torch.linspace(-12, 12, 20_001, dtype=torch.float64)
    logits = z[:, None] * toy.weight.double() + toy.bias.double()
    log_x = torch.distributions.Bernoulli(logits=logits).log_prob(x.flatten(1).double()[:, None]).sum(2)
    log_z = torch.distributions.Normal(0.0, 1.0).log_prob(z)
    return torch.trapezoid(integrand(z, log_z, log_x), z, dim=1)


def exact_nll(toy: Toy, x: Tensor) -> Tensor:
    return -quadrature(toy, x, lambda z, log_z, log_x: (log_z + log_x).exp()).log()


def test_trustworthiness_of_a_faithful_and_a_shuffled_map() -> None:
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(300, 2))
    assert metrics.trustworthiness(codes, 3 * codes + 1) == pytest.approx(1.0)
    shuffled = metrics.trustworthiness(codes, rng.permutation(codes))
    assert shuffled < 0.7
    partial = metrics.trustworthiness(codes, rng.permutation(codes), sample=100, seed=1)
    assert partial < 0.7


def test_knn_accuracy_of_separate_and_of_meaningless_classes() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 60)
    centres = np.array([[0, 0], [9, 0], [0, 9], [9, 9]])
    features = centres[labels] + rng.normal(size=(240, 2)) * 0.5
    assert metrics.knn_accuracy(features, labels) == 1.0
    shuffled = rng.permutation(labels)
    chance = metrics.knn_accuracy(features, shuffled)
    assert chance == pytest.approx(0.25, abs=0.12)
    assert metrics.knn_accuracy(features, shuffled) == chance


@pytest.mark.parametrize(("samples", "chunk"), every(3, [(20_000, 1000), (20_000, 7000), (20_000, 50_000)]))
def test_importance_nll_matches_quadrature(toy: Toy, x: Tensor, samples: int, chunk: int) -> None:
    shares: list[float] = []
    nll = metrics.importance_nll(
        toy.encode, toy.decode_logits, x, BERNOULLI, samples=samples, chunk=chunk, seed=1, progress=shares.append
    )
    torch.testing.assert_close(nll, exact_nll(toy, x), atol=0.02, rtol=0)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_importance_nll_in_two_dimensions_with_grey_pictures() -> None:
    """Independent factors: logits of two 1-D decoders side by side, so the evidence is a product of two integrals."""
    left, right = Toy(random(6, seed=4), random(6, seed=5)), Toy(random(6, seed=6), random(6, seed=7))
    x = torch.rand(3, 1, 4, 3, generator=torch.Generator().manual_seed(8))

    def encode(x: Tensor) -> Posterior:
        halves = [toy.encode(part) for toy, part in ((left, x[:, :, :2]), (right, x[:, :, 2:]))]
        return Posterior(torch.cat([half.mean for half in halves], 1), torch.full((len(x), 2), 0.9))

    def decode_logits(z: Tensor) -> Tensor:
        return torch.cat([left.decode_logits(z[:, :1]), right.decode_logits(z[:, 1:])], 2)

    # log_prob of torch's Bernoulli is the cross-entropy for grey values as well, once its check is off.
    torch.distributions.Distribution.set_default_validate_args(False)
    try:
        expected = exact_nll(left, x[:, :, :2]) + exact_nll(right, x[:, :, 2:])
    finally:
        torch.distributions.Distribution.set_default_validate_args(True)
    nll = metrics.importance_nll(encode, decode_logits, x, BERNOULLI, samples=40_000, chunk=4000)
    torch.testing.assert_close(nll, expected, atol=0.03, rtol=0)


def test_importance_nll_is_repeatable_and_decodes_no_more_than_a_chunk(toy: Toy, x: Tensor) -> None:
    sizes: list[int] = []

    def decode_logits(z: Tensor) -> Tensor:
        sizes.append(len(z))
        return toy.decode_logits(z)

    first = metrics.importance_nll(toy.encode, decode_logits, x, BERNOULLI, samples=30, chunk=64, seed=2)
    assert max(sizes) <= 64
    assert sum(sizes) == 30 * len(x)
    assert torch.equal(
        first, metrics.importance_nll(toy.encode, toy.decode_logits, x, BERNOULLI, samples=30, chunk=64, seed=2)
    )
    assert not torch.equal(
        first, metrics.importance_nll(toy.encode, toy.decode_logits, x, BERNOULLI, 30, chunk=64, seed=3)
    )


def test_a_deterministic_code_has_no_bound(toy: Toy, x: Tensor) -> None:
    def encode(x: Tensor) -> Posterior:
        return Posterior(torch.zeros(len(x), 1))

    with pytest.raises(ValueError, match="deterministic"):
        metrics.importance_nll(encode, toy.decode_logits, x, BERNOULLI)


@pytest.mark.parametrize("kind", [torch.Tensor.clone, torch.Tensor.numpy])
def test_active_units_counts_coordinates_that_move(kind: Callable[[Tensor], Tensor]) -> None:
    means = kind(random(2000, 4) * torch.tensor([1.0, 0.05, 0.2, 0.0]) + 7)
    assert metrics.active_units(means) == 2
    assert metrics.active_units(means, threshold=1e-4) == 3


def test_classes_too_small_for_the_folds_are_left_out_of_knn() -> None:
    rng = np.random.default_rng(0)
    codes, labels = rng.normal(size=(64, 2)), np.repeat([0, 1, 2], [30, 30, 4])
    codes[labels == 1] += 8
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metrics.knn_accuracy(codes, labels) == 1
        assert linear_probe_accuracy(codes, labels) == 1
    assert metrics.knn_accuracy(codes, labels) == metrics.knn_accuracy(codes[:60], labels[:60])


@pytest.mark.parametrize("sizes", [(4, 4, 4), (20,), (20, 3)])
def test_where_no_two_classes_are_left_there_is_no_accuracy(sizes: tuple[int, ...]) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    codes = np.random.default_rng(0).normal(size=(len(labels), 2))
    assert math.isnan(metrics.knn_accuracy(codes, labels))
    assert math.isnan(linear_probe_accuracy(codes, labels))
