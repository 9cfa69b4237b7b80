import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from aeviz import DataError, load_dataset
from aeviz.evaluation import generation
from aeviz.evaluation.generation import Cloud, Reality, predicted_classes, sharers, shares
from aeviz.latent.explorer import Codes


def codes(mean: NDArray[np.float32], std: NDArray[np.float32] | None = None) -> Codes:
    count = len(mean)
    return Codes(mean.astype(np.float32), std, np.zeros(count, np.float32), None, np.zeros((count, 1, 2, 2), np.uint8))


def slanted(count: int) -> NDArray[np.float64]:
    """Draws from a Gaussian with mean (3, -1) and a slanted covariance."""
    return np.random.default_rng(1).normal(size=(count, 2)) @ np.array([[2, 1], [0, 0.5]]) + np.array([3, -1])


# ---- Clouds


def test_draws_have_the_mean_and_covariance_of_the_codes() -> None:
    points = slanted(4000)
    drawn = Cloud.of(codes(points)).draw(20_000, seed=2)
    assert drawn.dtype == np.float32
    np.testing.assert_allclose(drawn.mean(0), points.mean(0), atol=0.06)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(points.T), rtol=0.06)


def test_a_gaussian_code_is_fitted_with_its_spread() -> None:
    points = slanted(4000)
    wide = Cloud.of(codes(points, np.full((4000, 2), 3.0, np.float32)))
    covariance = wide.axes.T @ wide.axes
    np.testing.assert_allclose(covariance, np.cov(points.T) + 9 * np.eye(2), rtol=0.1, atol=0.3)


@given(st.floats(0, 3))
def test_temperature_widens_the_same_draws_about_the_mean(temperature: float) -> None:
    cloud = Cloud.of(codes(slanted(50)))
    plain, warm = cloud.draw(9, 5), cloud.draw(9, 5, temperature)
    np.testing.assert_allclose(warm - cloud.mean, temperature * (plain - cloud.mean), atol=1e-4)


@given(st.integers(0, 1000))
def test_directions_are_root_d_spreads_long(seed: int) -> None:
    cloud = Cloud.of(codes(slanted(500)))
    steps = cloud.directions(7, seed)
    lengths = np.einsum("ni,ij,nj->n", steps, np.linalg.inv(cloud.axes.T @ cloud.axes), steps)
    np.testing.assert_allclose(lengths, 2, rtol=1e-3)


# ---- Whose clouds hold a code


def test_shares_are_the_densities_over_their_sum() -> None:
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=(5, 3)).astype(np.float32), rng.uniform(0.3, 2, (5, 3)).astype(np.float32)
    z = np.array([0.2, -0.1, 0.4], np.float32)
    density = np.prod(np.exp(-0.5 * ((z - mean) / std) ** 2) / std, 1)
    np.testing.assert_allclose(shares(codes(mean, std), z), density / density.sum(), rtol=1e-4)


def test_a_code_far_from_everything_still_has_shares() -> None:
    found = shares(codes(np.zeros((2, 1)), np.full((2, 1), 1e-3, np.float32)), np.array([1e4], np.float32))
    np.testing.assert_allclose(found, 0.5)


def test_point_codes_share_nothing() -> None:
    with pytest.raises(ValueError, match="no spread"):
        shares(codes(np.zeros((2, 1))), np.zeros(1, np.float32))


def test_sharers_counts_who_takes_part() -> None:
    assert sharers(np.array([1.0, 0, 0])) == 1
    assert sharers(np.full(8, 1 / 8)) == pytest.approx(8)
    assert 1 < sharers(np.array([0.9, 0.1])) < 2


# ---- How like real items pictures are


@pytest.fixture(scope="module")
def real() -> NDArray[np.float32]:
    return load_dataset("mnist").items[:600]


@pytest.mark.long
def test_real_items_are_as_near_as_real_items_are(real: NDArray[np.float32]) -> None:
    reality = Reality("mnist", real[:500])
    fresh, noise = reality.likeness(real[500:]), reality.likeness(np.random.default_rng(0).random((50, 1, 28, 28), "f"))
    assert fresh.distance.mean() == pytest.approx(1, abs=0.2)
    assert fresh.outlier.mean() < 0.1
    assert noise.distance.mean() > 2
    assert noise.outlier.all()
    np.testing.assert_allclose(reality.likeness(real[:9]).distance, 0, atol=1e-2)


def test_the_nearest_is_found_across_chunks(real: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Reality("mnist", real[:90]).likeness(real[90:130])
    monkeypatch.setattr(generation, "CHUNK", 7)
    parts = Reality("mnist", real[:90]).likeness(real[90:130])
    np.testing.assert_allclose(parts.distance, whole.distance, rtol=1e-4)
    np.testing.assert_array_equal(parts.outlier, whole.outlier)


def test_the_classifier_names_digits(real: NDArray[np.float32]) -> None:
    assert (predicted_classes("mnist", real) == load_dataset("mnist").labels[:600]).mean() > 0.97


def test_a_data_set_without_a_classifier_is_told_of(real: NDArray[np.float32]) -> None:
    with pytest.raises(DataError, match="no classifier"):
        Reality("cats", real)
