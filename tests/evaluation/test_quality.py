import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from aeviz.evaluation import quality

Array = NDArray[np.float64]
SEEDS = st.integers(0, 2**31)


def cloud(n: int, d: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal((n, d))


def rotation(d: int, seed: int) -> Array:
    return np.linalg.qr(cloud(d, d, seed))[0]


# ---- Fréchet distance


def with_moments(mean: Array, root: Array, seed: int = 0) -> Array:
    """200 points with exactly this mean and the covariance root @ root.T."""
    return quality.whitened(cloud(200, len(mean), seed)) @ root.T + mean


def test_the_frechet_distance_of_gaussians_that_commute() -> None:
    """|Δμ|² + Σ (σa - σb)² where the covariances are diagonal."""
    a = with_moments(np.array([0.0, 0.0, 0.0]), np.diag([1.0, 2.0, 0.5]))
    b = with_moments(np.array([1.0, -2.0, 0.0]), np.diag([3.0, 2.0, 1.0]), seed=1)
    assert quality.frechet_distance(a, b) == pytest.approx(5 + 4 + 0 + 0.25)


@given(st.integers(1, 6), SEEDS)
def test_the_frechet_distance_is_the_formula_with_a_matrix_root(d: int, seed: int) -> None:
    from scipy.linalg import sqrtm

    a, b = cloud(50, d, seed) @ rotation(d, seed), 2 * cloud(70, d, seed + 1) @ cloud(d, d, seed) + 1
    cov_a, cov_b = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))
    expected = np.square(a.mean(0) - b.mean(0)).sum() + np.trace(cov_a + cov_b - 2 * sqrtm(cov_a @ cov_b).real)
    assert quality.frechet_distance(a, b) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(st.integers(1, 6), SEEDS, st.floats(0.1, 10))
def test_the_frechet_distance_is_a_squared_distance(d: int, seed: int, scale: float) -> None:
    a, b = cloud(30, d, seed), cloud(40, d, seed + 1) * 1.5 + 0.5
    there = quality.frechet_distance(a, b)
    assert there == pytest.approx(quality.frechet_distance(b, a), rel=1e-9)
    assert there > 0
    assert quality.frechet_distance(a, a[::-1]) == pytest.approx(0, abs=1e-9)
    assert quality.frechet_distance(a * scale, b * scale) == pytest.approx(there * scale**2, rel=1e-6)
    turned = rotation(d, seed)
    assert quality.frechet_distance(a @ turned, b @ turned) == pytest.approx(there, rel=1e-6)


def test_singular_covariances_have_a_distance() -> None:
    a = np.zeros((20, 3))
    b = cloud(20, 3) * [1.0, 0.0, 0.0]
    expected = np.square(b.mean(0)).sum() + b[:, 0].var(ddof=1)
    assert quality.frechet_distance(a, b) == pytest.approx(expected)
    assert quality.frechet_distance(a + 1, a) == pytest.approx(3)


@pytest.mark.parametrize("short", [np.zeros((1, 3)), np.zeros(5)])
def test_one_item_has_no_covariance(short: Array) -> None:
    with pytest.raises(ValueError, match="at least two items"):
        quality.frechet_distance(short, cloud(5, 3))


# ---- density and coverage


def by_hand(real: Array, generated: Array, k: int) -> tuple[float, float]:
    radius = [sorted(np.linalg.norm(real - x, axis=1))[k] for x in real]
    held = np.array([[np.linalg.norm(x - y) < r for y in generated] for x, r in zip(real, radius, strict=True)])
    return held.sum() / (k * len(generated)), held.any(1).mean()


@given(SEEDS, st.integers(1, 6), st.floats(-1, 1))
def test_density_and_coverage_by_their_definition(seed: int, k: int, shift: float) -> None:
    real, generated = cloud(17, 2, seed), cloud(11, 2, seed + 1) * 0.7 + shift
    assert quality.density_and_coverage(real, generated, k) == pytest.approx(by_hand(real, generated, k))


def test_a_set_covers_itself_and_a_far_one_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "CHUNK", 7)
    real = cloud(50, 3)
    assert quality.density_and_coverage(real, real) == (1.0, 1.0)
    assert quality.density_and_coverage(real, real + 100) == (0.0, 0.0)
    one_mode = np.repeat(real[:1], 50, axis=0)
    density, coverage = quality.density_and_coverage(real, one_mode)
    assert density > 0.5
    assert coverage < 0.5


@pytest.mark.parametrize("k", [0, 5, 9])
def test_a_ball_needs_its_neighbour(k: int) -> None:
    with pytest.raises(ValueError, match="k must be between"):
        quality.density_and_coverage(cloud(5, 2), cloud(5, 2), k)


# ---- how Gaussian


def test_the_discrepancy_of_a_point_mass_in_closed_form() -> None:
    """All codes at the origin: 1 - 2 (d/(d+1))^(d/2) + (d/(d+2))^(d/2)."""
    for d in (1, 2, 16):
        expected = 1 - 2 * (d / (d + 1)) ** (d / 2) + (d / (d + 2)) ** (d / 2)
        assert quality.normality_mmd(np.zeros((10, d))) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("d", [1, 2])
def test_the_discrepancy_is_its_definition_by_quadrature(d: int) -> None:
    """E k(x, x') - 2 E k(x, y) + E k(y, y') with the prior's means as Gauss-Hermite sums."""
    codes = cloud(200, d, 1) * 0.5 + 0.8
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    prior = np.stack(np.meshgrid(*[points] * d), axis=-1).reshape(-1, d)
    weight = np.prod(np.stack(np.meshgrid(*[weights / weights.sum()] * d), axis=-1).reshape(-1, d), axis=1)

    def kernel(x: Array, y: Array) -> Array:
        return np.exp(-np.square(x[:, None] - y[None]).sum(2) / (2 * d))

    within = (kernel(codes, codes).sum() - 200) / (200 * 199)
    expected = within - 2 * (kernel(codes, prior) @ weight).mean() + weight @ kernel(prior, prior) @ weight
    assert quality.normality_mmd(codes) == pytest.approx(expected, rel=1e-6)
    assert expected > 0.1


@pytest.mark.long
@given(st.integers(1, 10), SEEDS)
def test_gaussian_codes_have_no_discrepancy(d: int, seed: int) -> None:
    value = quality.normality_mmd(cloud(800, d, seed))
    assert abs(value) < 0.005
    assert quality.normality_mmd(3 * cloud(800, d, seed)) > 0.02


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = cloud(23, 4)
    whole = quality.normality_mmd(codes)
    monkeypatch.setattr(quality, "CHUNK", 5)
    assert quality.normality_mmd(codes) == pytest.approx(whole, rel=1e-12)


def test_one_code_has_no_discrepancy() -> None:
    with pytest.raises(ValueError, match="at least two codes"):
        quality.normality_mmd(np.zeros((1, 3)))


@given(st.integers(1, 6), SEEDS)
def test_whitened_codes_have_the_moments_of_the_prior(d: int, seed: int) -> None:
    codes = cloud(60, d, seed) @ cloud(d, d, seed + 1) * 7 + 3
    white = quality.whitened(codes, smallest=1e-12)
    np.testing.assert_allclose(white.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(np.atleast_2d(np.cov(white, rowvar=False)), np.eye(white.shape[1]), atol=1e-5)


def test_dead_directions_are_dropped() -> None:
    codes = cloud(60, 5)
    codes[:, 3] = 1.25
    codes[:, 4] = codes[:, 0]
    assert quality.whitened(codes).shape == (60, 3)
    with pytest.raises(ValueError, match="no covariance"):
        quality.whitened(np.ones((9, 2)))


def test_draws_from_the_fitted_gaussian() -> None:
    codes = cloud(4000, 3) @ cloud(3, 3, 5) + [1.0, -2.0, 3.0]
    draws = quality.fitted_gaussian(codes, 60_000, seed=1)
    assert draws.dtype == np.float32
    np.testing.assert_allclose(draws.mean(0), codes.mean(0), atol=0.05)
    np.testing.assert_allclose(np.cov(draws, rowvar=False), np.cov(codes, rowvar=False), rtol=0.05, atol=0.05)
    assert np.array_equal(draws, quality.fitted_gaussian(codes, 60_000, seed=1))
    assert not np.array_equal(draws[:9], quality.fitted_gaussian(codes, 9, seed=2))


# ---- what codes hold


def test_a_linear_probe_reads_lines_and_no_rings() -> None:
    codes = cloud(400, 2)
    line, ring = (codes[:, 0] > 0).astype(int), (np.linalg.norm(codes, axis=1) > 1.18).astype(int)
    assert quality.linear_probe_accuracy(codes * [1e-3, 1e3] + 7, line) > 0.97
    assert quality.linear_probe_accuracy(codes, ring) < 0.65


def test_the_longest_step_of_even_and_of_sudden_paths() -> None:
    even = np.linspace(0, 1, 9)[:, None] * np.array([3.0, 4.0])
    jump = np.where(np.arange(9)[:, None] < 4, 0.0, np.array([1.0, 1.0]))
    still = np.zeros((9, 2))
    assert quality.longest_step(even[None]) == pytest.approx(1)
    assert quality.longest_step(jump[None]) == pytest.approx(8)
    assert quality.longest_step(np.stack([even, jump, still])) == pytest.approx(4.5)
    with pytest.raises(ValueError, match="All paths are constant"):
        quality.longest_step(still[None])


@given(SEEDS, st.floats(0.01, 100))
def test_the_longest_step_knows_no_scale(seed: int, scale: float) -> None:
    paths = cloud(4 * 6 * 3, 1, seed).reshape(4, 6, 3)
    value = quality.longest_step(paths)
    assert 1 <= value <= 5
    assert quality.longest_step(scale * paths) == pytest.approx(value)
    assert quality.longest_step(paths[:, ::-1]) == pytest.approx(value)


def test_the_share_of_active_entries() -> None:
    codes = np.array([[0.0, 2.0, 0.0, -1.0], [0.0, 0.0, 0.0, 1.0]])
    assert quality.active_share(codes) == 3 / 8
    assert quality.active_share(1e-5 * codes) == 3 / 8
    expected = 1 - math.erf(0.01 / math.sqrt(2))
    assert quality.active_share(cloud(20_000, 4)) == pytest.approx(expected, abs=0.002)
    assert quality.active_share(np.zeros((3, 2))) == 0
    assert quality.active_share(torch.ones(3, 2).numpy()) == 1


def test_a_fitted_mixture_follows_clusters_that_one_gaussian_bridges() -> None:
    noise = np.random.default_rng(0).standard_normal((1000, 2))
    codes = 0.1 * noise + np.where(np.arange(1000)[:, None] % 2, [10.0, -3.0], [-10.0, 5.0])
    codes = np.hstack([codes, np.full((1000, 1), 7.0)])  # a unit that never moves
    draws = quality.fitted_mixture(codes, 500, seed=3, components=2)
    assert draws.shape == (500, 3)
    assert draws.dtype == np.float32
    assert (np.abs(draws[:, 0]) > 9).all(), "nothing between the clusters"
    assert 150 < (draws[:, 0] > 0).sum() < 350
    np.testing.assert_array_equal(draws[:, 2], 7)
    np.testing.assert_array_equal(draws, quality.fitted_mixture(codes, 500, seed=3, components=2))
    assert (np.abs(quality.fitted_gaussian(codes, 500, seed=3)[:, 0]) < 5).any()
    assert quality.fitted_mixture(codes[:4], 5, seed=0).shape == (5, 3), "fewer codes than components"
