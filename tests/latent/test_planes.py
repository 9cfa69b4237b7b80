import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeviz.latent import axes
from aeviz.latent.explorer import principal_directions
from aeviz.latent.planes import Plane, flat
from aeviz.parts.latent_pad import Ellipse


def tilted(d: int, seed: int = 0) -> axes.LatentAxes:
    codes = np.random.default_rng(seed).normal(size=(300, d)).astype(np.float32) @ np.diag(1.0 + np.arange(d))
    return axes.principal_axes(*principal_directions(codes.astype(np.float32)))


@given(st.integers(3, 9), st.integers(0, 99))
def test_places_and_codes_of_a_plane_are_each_others_inverse(d: int, seed: int) -> None:
    plane, random = Plane(tilted(d, seed), (2, 0)), np.random.default_rng(seed)
    z, places = random.normal(size=d).astype(np.float32), random.normal(size=(7, 2)).astype(np.float32)
    codes = plane.codes(z, places)
    np.testing.assert_allclose(plane.read(codes), places, atol=1e-4)
    rest = [knob for knob in range(d) if knob not in plane.pair]
    values = np.stack([plane.latent_axes.read(code)[rest] for code in codes])
    np.testing.assert_allclose(values - plane.latent_axes.read(z)[rest], 0, atol=1e-4)
    np.testing.assert_allclose(plane.codes(z, plane.read(z[None]))[0], z, atol=1e-4)


def test_all_codes_of_a_plane_have_one_foot() -> None:
    plane = Plane(tilted(5), (0, 1))
    z = np.arange(5, dtype=np.float32)
    here, there = plane.codes(z, np.array([[0.3, -1.0], [2.0, 2.0]], np.float32))
    np.testing.assert_allclose(plane.foot(here), plane.foot(there), atol=2e-3)


def test_a_posterior_on_a_plane_is_its_marginal() -> None:
    plane, random = Plane(tilted(4), (1, 3)), np.random.default_rng(1)
    mean, std = random.normal(size=4).astype(np.float32), random.uniform(0.2, 2, 4).astype(np.float32)
    ellipse = Ellipse.of(*plane.posterior(mean, std))
    turn = np.array([[np.cos(ellipse.angle), -np.sin(ellipse.angle)], [np.sin(ellipse.angle), np.cos(ellipse.angle)]])
    covariance = turn @ np.diag(np.square(ellipse.std)) @ turn.T
    draws = plane.read((mean + std * random.normal(size=(200_000, 4))).astype(np.float32))
    np.testing.assert_allclose(covariance, np.cov(draws.T), atol=0.02)
    np.testing.assert_allclose(ellipse.mean, draws.mean(0), atol=0.02)


def test_an_upright_ellipse_is_not_turned() -> None:
    assert Ellipse.of((1, 2), [[4, 0], [0, 1]]) == Ellipse((1, 2), (2, 1), 0)
    assert Ellipse.of((0, 0), [[1, 0], [0, 4]]).angle == pytest.approx(np.pi / 2)


def test_a_flat_code_has_its_first_number_to_the_right() -> None:
    swapped = axes.LatentAxes(("z1", "z0"), ("", ""), np.zeros(2, np.float32), np.eye(2, dtype=np.float32)[::-1],
                          -np.ones(2, np.float32), np.ones(2, np.float32))  # fmt: skip
    assert flat(swapped).names == ("z0", "z1")
