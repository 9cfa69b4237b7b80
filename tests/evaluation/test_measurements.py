from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.datasets.record import Dataset
from aeviz.evaluation import measurements, quality
from aeviz.evaluation.measurements import Subject
from aeviz.model.autoencoder import Autoencoder, Posterior
from aeviz.model.config import Config

ITEMS = 60
CONFIG = Config(family="ae", shape=(1, 4, 5), latent_dim=3, body="dense", hidden=(8,), dataset="tiny")


def data() -> Dataset:
    rng = np.random.default_rng(0)
    items, labels = rng.random((ITEMS, 1, 4, 5), np.float32), np.arange(ITEMS) % 3
    items[labels == 1, :, :2] *= 0.2
    return Dataset("tiny", "Tiny", items, labels.astype(np.int64), ("a", "b", "c"))


def subject(**changes: Any) -> Subject:
    torch.manual_seed(0)
    return Subject(Autoencoder(replace(CONFIG, **changes)).requires_grad_(False).eval(), data())


@pytest.fixture
def classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels stand for features."""

    def pixels(dataset: str, x: Tensor) -> NDArray[np.float32]:
        found: NDArray[np.float32] = x.flatten(1).numpy()
        return found

    monkeypatch.setattr(measurements, "features", pixels)
    monkeypatch.setattr(measurements, "has_classifier", lambda dataset: True)


def test_contraction_is_the_norm_of_the_jacobian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurements, "JACOBIANS", 7)
    for code in ("deterministic", "gaussian"):
        found = subject(code=code)

        def mean(x: Tensor, model: Autoencoder = found.model) -> Tensor:
            return model.encode(x[None]).mean[0]

        norms = [torch.autograd.functional.jacobian(mean, x).square().sum().sqrt() for x in found.x[:7]]
        spread = np.sqrt(np.trace(np.cov(found.means, rowvar=False)))
        expected = float(torch.stack(norms).mean()) / spread
        assert measurements.contraction(found)["contraction"] == pytest.approx(expected, rel=1e-4)


def test_contraction_knows_no_units_of_the_code() -> None:
    small, large = subject(), subject()
    large.model.head.weight *= 50
    large.model.head.bias *= 50
    large = Subject(large.model, data())
    assert measurements.contraction(large)["contraction"] == pytest.approx(
        measurements.contraction(small)["contraction"], rel=1e-4
    )


@pytest.mark.long
def test_a_code_that_ignores_noise_beyond_its_own_is_measured_as_its_draws() -> None:
    """The aggregate posterior is of draws: codes all at 0 with spread 1 are Gaussian, points at 0 are not."""
    found = subject(code="gaussian")
    found.posterior = Posterior(torch.zeros(ITEMS, 3), torch.ones(ITEMS, 3))
    assert abs(measurements.codes(found)["mmd"]) < 0.05
    found.posterior = Posterior(0.001 * torch.randn(ITEMS, 3))
    assert measurements.codes(found)["mmd"] > 0.15


def test_decoded_draws_are_compared_with_the_items(classifier: None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = subject(code="gaussian")
    real = found.x.flatten(1).numpy()
    z = torch.randn(ITEMS, 3, generator=torch.Generator().manual_seed(0))
    prior = found.model.decode(z).flatten(1).numpy()
    figures = measurements.generation(found)
    assert figures["frechet"] == pytest.approx(quality.frechet_distance(prior, real), rel=1e-5)
    assert (figures["density"], figures["coverage"]) == pytest.approx(quality.density_and_coverage(real, prior, 5))
    monkeypatch.setattr(found.model, "decode", lambda z: found.x)
    figures = measurements.generation(found)
    assert figures["frechet"] == pytest.approx(0, abs=1e-6)
    assert (figures["density"], figures["coverage"]) == (1, 1)


def test_a_decoder_that_is_linear_in_pixels_walks_evenly(classifier: None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = subject()
    monkeypatch.setattr(found.model, "decode", lambda z: z.repeat(1, 7)[:, :20].view(-1, 1, 4, 5))
    assert measurements.interpolation(found)["longest_step"] == pytest.approx(1, rel=1e-3)
    monkeypatch.setattr(found.model, "decode", lambda z: (z[:, :1] > found.posterior.mean[:, 0].mean()).float())
    assert measurements.interpolation(found)["longest_step"] == pytest.approx(measurements.STEPS)


@pytest.mark.parametrize("measure", [measurements.generation, measurements.interpolation])
def test_without_a_classifier_there_are_no_figures_of_features(measure: Callable[[Subject], Any]) -> None:
    assert measure(subject()) == {}


def test_a_conditional_model_hears_each_items_class(classifier: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is measured passes labels along, of as many items as pictures or codes."""
    heard: list[int] = []

    def heeding(method: Callable[[Autoencoder, Tensor, Tensor], Any]) -> Callable[[Autoencoder, Tensor, Tensor], Any]:
        def call(self: Autoencoder, values: Tensor, labels: Tensor) -> Any:
            assert labels.tolist() == data().labels[: len(values)].tolist()
            heard.append(len(labels))
            return method(self, values, labels)

        return call

    for name in ("encode", "decode_logits"):
        monkeypatch.setattr(Autoencoder, name, heeding(getattr(Autoencoder, name)))
    found = subject(code="gaussian", family="cvae", classes=3)
    figures = measurements.reconstruction(found, 5)
    expected = (found.model(found.x, torch.from_numpy(found.classes)) - found.x).square().mean()
    assert figures["mse"] == pytest.approx(float(expected), rel=1e-5)
    measurements.denoising(found)
    measurements.elbo(found, found.x)
    measurements.contraction(found)
    measurements.generation(found)
    measurements.training_error(Subject(found.model, data(), 10))
    assert measurements.interpolation(found) == {}
    assert set(heard) == {ITEMS, 10}


def test_draws_are_read_as_the_class_that_was_told_or_not(classifier: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(self: Autoencoder, z: Tensor, labels: Tensor) -> Tensor:
        return (labels / 2).reshape(-1, 1, 1, 1).expand(len(z), *self.config.shape)

    def read(name: str, pictures: Any) -> Any:  # takes the last class for the one before
        return np.minimum(np.round(2 * pictures.mean((1, 2, 3))), 1)

    monkeypatch.setattr(Autoencoder, "decode", decode)
    monkeypatch.setattr(measurements, "predicted_classes", read)
    figures = measurements.class_reading(subject(code="gaussian", family="cvae", classes=3))
    assert figures == {"class_read": pytest.approx(2 / 3), "class_read_worst": 0}
    assert measurements.class_reading(subject(code="gaussian")) == {}


@pytest.mark.long
def test_a_model_whose_code_says_nothing_lacks_the_figures_that_need_one(classifier: None) -> None:
    found = subject()
    found.model.head.weight.zero_()
    found = Subject(found.model, data())
    assert measurements.contraction(found) == {}
    assert measurements.interpolation(found) == {}
    assert "mmd_whitened" not in measurements.codes(found)
    assert measurements.codes(found)["active_units"] == 0
