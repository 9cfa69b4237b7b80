import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from aeviz.latent import paths

Path = Callable[[Tensor, Tensor, int], Tensor]
entries = st.floats(-8, 8, width=32)
codes = st.lists(entries, min_size=4, max_size=4).map(lambda values: torch.tensor(values))


@pytest.mark.parametrize("path", [paths.line, paths.slerp])
@given(a=codes, b=codes, steps=st.integers(2, 12))
def test_paths_start_and_end_where_asked(path: Path, a: Tensor, b: Tensor, steps: int) -> None:
    codes = path(a, b, steps)
    assert codes.shape == (steps, 4)
    assert codes.dtype == torch.float32
    assert codes.isfinite().all()
    torch.testing.assert_close(codes[0], a)
    torch.testing.assert_close(codes[-1], b, atol=1e-5, rtol=1e-5)


@given(a=codes, b=codes)
def test_line_has_equal_steps(a: Tensor, b: Tensor) -> None:
    steps = paths.line(a, b, 6).diff(dim=0)
    torch.testing.assert_close(steps, ((b - a) / 5).expand(5, 4), atol=1e-5, rtol=1e-5)


@given(a=codes, b=codes)
def test_slerp_turns_evenly_and_its_length_goes_evenly(a: Tensor, b: Tensor) -> None:
    assume(min(a.norm(), b.norm()) > 0.1)
    u, v = a / a.norm(), b / b.norm()
    angle = math.acos(max(-1.0, min(1.0, float(u @ v))))
    assume(0.05 < angle < math.pi - 0.05)
    path = paths.slerp(a, b, 5)
    lengths = torch.lerp(a.norm(), b.norm(), torch.linspace(0, 1, 5))
    torch.testing.assert_close(path.norm(dim=1), lengths, atol=1e-4, rtol=1e-4)
    turns = torch.cosine_similarity(path[1:], path[:-1], dim=1).clamp(-1, 1).acos()
    torch.testing.assert_close(turns, torch.full((4,), angle / 4), atol=5e-3, rtol=0)


def test_slerp_through_a_right_angle() -> None:
    path = paths.slerp(torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0]), 3)
    torch.testing.assert_close(path[1], torch.full((2,), math.sqrt(2.0)))


@pytest.mark.parametrize("b", [[2.0, 4.0], [-1.0, -2.0], [0.0, 0.0], [1.0, 2.0]])
def test_slerp_falls_back_to_the_line(b: list[float]) -> None:
    a, end = torch.tensor([1.0, 2.0]), torch.tensor(b)
    torch.testing.assert_close(paths.slerp(a, end, 5), paths.line(a, end, 5))


def test_paths_of_many_codes_at_once() -> None:
    a, b = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    b[1] = -a[1]  # one pair falls back, the others must not
    together = paths.slerp(a, b, 7)
    assert together.shape == (7, 3, 4)
    for item in range(3):
        torch.testing.assert_close(together[:, item], paths.slerp(a[item], b[item], 7))


@pytest.mark.parametrize("path", [paths.line, paths.slerp, paths.cross_fade])
def test_a_path_has_two_ends(path: Path) -> None:
    with pytest.raises(ValueError, match="two ends"):
        path(torch.zeros(3), torch.ones(3), 1)


def test_cross_fade_blends_pictures() -> None:
    black, white = torch.zeros(1, 2, 2), torch.ones(1, 2, 2)
    assert paths.cross_fade(black, white, 3)[:, 0, 1, 1].tolist() == [0.0, 0.5, 1.0]


def test_prior_is_seeded_and_standard() -> None:
    z = paths.prior(20_000, 3, seed=5)
    assert torch.equal(z, paths.prior(20_000, 3, seed=5))
    assert not torch.equal(z, paths.prior(20_000, 3, seed=6))
    torch.testing.assert_close(z.mean(0), torch.zeros(3), atol=0.04, rtol=0)
    torch.testing.assert_close(z.std(0), torch.ones(3), atol=0.03, rtol=0)


@given(n=st.integers(2, 40), d=st.integers(1, 6), seed=st.integers(0, 1000))
def test_principal_directions_round_trip(n: int, d: int, seed: int) -> None:
    z = torch.randn(n, d, generator=torch.Generator().manual_seed(seed)) * torch.arange(1, d + 1) + 3
    axes = paths.principal_directions(z)
    torch.testing.assert_close(axes.directions @ axes.directions.T, torch.eye(d), atol=1e-5, rtol=0)
    scores = (z - axes.mean) @ axes.directions.T
    torch.testing.assert_close(scores @ axes.directions + axes.mean, z, atol=1e-4, rtol=1e-4)
    assert (axes.std.diff() <= 1e-6).all()
    torch.testing.assert_close(scores.std(0), axes.std, atol=1e-4, rtol=1e-3)
    largest = axes.directions.gather(1, axes.directions.abs().argmax(1, keepdim=True))
    assert (largest > 0).all()


def test_principal_directions_find_the_long_axis() -> None:
    along = torch.tensor([3.0, -4.0]) / 5
    noise = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
    axes = paths.principal_directions(noise[:, :1] * 5 * along + noise * 0.02)
    torch.testing.assert_close(axes.directions[0], -along, atol=0.01, rtol=0)
    assert float(axes.std[0]) == pytest.approx(5, rel=0.1)
    assert axes.directions.dtype == axes.mean.dtype == axes.std.dtype == torch.float32


def test_principal_directions_need_two_codes() -> None:
    with pytest.raises(ValueError, match="two codes"):
        paths.principal_directions(torch.zeros(1, 3))


def test_importance_orders_by_variance_or_kl() -> None:
    mean = torch.tensor([[0.0, -5, 1], [0, 5, -1]])
    assert paths.importance(mean).tolist() == [1, 2, 0]
    assert paths.importance(mean, torch.tensor([2.0, 1, 3])).tolist() == [2, 0, 1]
    assert paths.importance(mean, torch.tensor([[4.0, 1, 0], [0, 3, 1]])).tolist() == [0, 1, 2]


def test_principal_directions_of_many_numbers_are_the_widest() -> None:
    generator = torch.Generator().manual_seed(0)
    wide = torch.linalg.qr(torch.randn(600, 3, generator=generator))[0].T
    z = torch.randn(90, 3, generator=generator) @ (wide * torch.tensor([[9.0], [4], [2]])) + 1
    axes = paths.principal_directions(z + 0.01 * torch.randn(90, 600, generator=generator))
    assert axes.directions.shape == (paths.WIDEST, 600)
    assert float((axes.directions[:3] @ wide.T).square().sum()) == pytest.approx(3, abs=0.01)
    torch.testing.assert_close(axes.std[:3], ((z - z.mean(0)) @ axes.directions[:3].T).std(0), rtol=1e-2, atol=1e-2)
