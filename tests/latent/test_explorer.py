from dataclasses import replace

import numpy as np
import pytest
import torch

from aeviz.latent import explorer, paths
from aeviz.latent.explorer import Array, Codes, Explorer
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.likelihoods import likelihood_of

TINY = Config(family="vae", shape=(1, 6, 5), latent_dim=3, code="gaussian", body="dense", hidden=(8,))


def explore(code: str = "gaussian") -> Explorer:
    torch.manual_seed(0)
    model = Autoencoder(replace(TINY, code=code)).requires_grad_(False).eval()
    return Explorer(model, "tiny")


@pytest.fixture
def x() -> Array:
    """Pictures as data sets hand them out: read-only."""
    pictures = np.random.default_rng(0).random((7, 1, 6, 5), np.float32)
    pictures.setflags(write=False)
    return pictures


def test_what_the_model_is() -> None:
    face = explore()
    assert (face.name, face.latent_dim, face.gaussian, face.device) == ("tiny", 3, True, "CPU")
    assert face.config == TINY
    assert not explore("deterministic").gaussian


@pytest.mark.parametrize("code", ["gaussian", "deterministic"])
def test_codes_and_pictures_are_the_models(x: Array, code: str) -> None:
    face = explore(code)
    posterior = face.model.encode(torch.tensor(x))
    mean, std = face.encode(x)
    assert mean.dtype == np.float32
    np.testing.assert_array_equal(mean, posterior.mean)
    if posterior.std is None:
        assert std is None
    else:
        np.testing.assert_array_equal(std, posterior.std)
    y = face.decode(mean)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, face.model.decode(posterior.mean))


@pytest.mark.parametrize("code", ["gaussian", "deterministic"])
def test_the_codes_of_items_come_with_their_figures(x: Array, code: str) -> None:
    face = explore(code)
    codes = face.codes(x)
    y = face.decode(codes.mean)
    np.testing.assert_allclose(codes.error, np.square(y - x).mean((1, 2, 3)), rtol=1e-5)
    assert codes.tiles.dtype == np.uint8
    assert np.abs(codes.tiles.transpose(0, 3, 1, 2) / 255 - y).max() <= 0.5 / 255 + 1e-6
    if code == "gaussian":
        assert codes.kl is not None
        np.testing.assert_array_equal(codes.kl, face.model.encode(torch.tensor(x)).kl())
    else:
        assert codes.kl is None
        assert codes.std is None


@pytest.mark.parametrize("likelihood", ["bce", "mse", "l1"])
def test_the_error_of_codes_is_that_of_the_likelihood(x: Array, likelihood: str) -> None:
    face = explore()
    face.model.config = replace(face.config, likelihood=likelihood)  # type: ignore[misc]
    z = face.prior(5, seed=5)
    logits = face.model.decode_logits(torch.tensor(z))
    expected = likelihood_of(face.config).error(logits, torch.tensor(x[:1]).expand_as(logits))
    np.testing.assert_allclose(face.reconstruction_error(z, x[:1]), expected, rtol=1e-6)


def test_the_prior_is_seeded() -> None:
    face = explore()
    np.testing.assert_array_equal(face.prior(4, 1), paths.prior(4, 3, 1))
    assert face.prior(4, 1).dtype == np.float32


@pytest.mark.parametrize(("kind", "between"), [("line", paths.line), ("slerp", paths.slerp)])
def test_paths_are_those_of_the_latent_module(kind: explorer.PathShape, between: object) -> None:
    a, b = np.array([1, 0, 0], np.float32), np.array([0, 2, 0], np.float32)
    found = explorer.path(a, b, 5, kind)
    assert callable(between)
    np.testing.assert_array_equal(found, between(torch.tensor(a), torch.tensor(b), 5))
    np.testing.assert_allclose(found[[0, -1]], [a, b], atol=1e-6)


def test_a_cross_fade_mixes_pixels(x: Array) -> None:
    np.testing.assert_allclose(explorer.cross_fade(x[0], x[1], 3)[1], (x[0] + x[1]) / 2, rtol=1e-5)


def test_directions_are_orthonormal_and_fall_in_spread() -> None:
    codes = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32) * [1, 5, 2] + [7, 8, 9]
    mean, directions, spread = explorer.principal_directions(codes.astype(np.float32))
    np.testing.assert_allclose(mean, codes.mean(0), rtol=1e-4)
    np.testing.assert_allclose(directions @ directions.T, np.eye(3), atol=1e-5)
    assert np.argmax(np.abs(directions[0])) == 1
    assert spread.tolist() == sorted(spread.tolist(), reverse=True)


def made_up(mean: Array, kl: Array | None) -> Codes:
    nothing = np.zeros(len(mean), np.float32)
    return Codes(mean, None, nothing, kl, np.zeros((len(mean), 2, 2, 1), np.uint8))


def test_importance_is_kl_for_a_gaussian_code_and_variance_for_a_point() -> None:
    mean = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32) * np.array([1, 3, 2], np.float32)
    assert made_up(mean, None).order.tolist() == [1, 2, 0]
    kl = np.tile(np.array([0.5, 0.1, 4], np.float32), (50, 1))
    assert made_up(mean, kl).order.tolist() == [2, 0, 1]
