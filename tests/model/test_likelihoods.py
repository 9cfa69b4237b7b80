import math
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from torch import Tensor

from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.likelihoods import (
    CLAMP,
    LIKELIHOODS,
    VALUES,
    Bernoulli,
    Categorical,
    Gaussian,
    Laplace,
    Likelihood,
    Mixed,
    likelihood_of,
)

WIDTHS = (1, 3, 1, 2)
VALUED = [(name, link) for name in ("bce", "mse", "l1") for link in VALUES]
ALL: list[tuple[Likelihood, tuple[int, ...]]] = [
    *[(LIKELIHOODS[name].build(link, (0.0, 1.0), (), LIKELIHOODS[name].spread), (2, 3)) for name, link in VALUED],
    (Gaussian("linear", None), (2, 3)),
    (Laplace("linear", None), (2, 3)),
    (Categorical(), (4, 5)),
    (Categorical(2), (5, 4)),
    (Mixed(WIDTHS), (7,)),
]
EVERY = pytest.mark.parametrize(("likelihood", "shape"), ALL, ids=str)
ITEMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": special.expit,
    "tanh": lambda logits: (np.tanh(logits) + 1) / 2,
    "linear": lambda logits: np.clip(logits, 0, 1),
}


def random(*shape: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(("name", "link"), VALUED)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 4))
def test_values_have_their_closed_form_about_the_item_that_is_shown(
    name: str, link: str, seed: int, scale: float
) -> None:
    likelihood = likelihood_of(Config("ae", (3, 2, 2), 1, likelihood=name, output=link))
    logits, target = random(4, 3, 2, 2, seed=seed, scale=scale), random(4, 3, 2, 2, seed=seed + 1).sigmoid()
    x = target.numpy()
    shown = likelihood.mean(logits).numpy()
    np.testing.assert_allclose(shown, ITEMS[link](logits.numpy()), atol=1e-12)
    # A probability near 0 or 1 leaves too few digits of the other.
    scaled = (1 + (link == "tanh")) * logits.numpy()
    p, q = (special.expit(scaled), special.expit(-scaled))
    if link == "linear":
        p = np.clip(shown, CLAMP, 1 - CLAMP)
        q = 1 - p
    each = {
        "bce": -(special.xlogy(x, p) + special.xlogy(1 - x, q)),
        "mse": -stats.norm.logpdf(x, shown, math.sqrt(0.5)) - 0.5 * math.log(math.pi),
        "l1": -stats.laplace.logpdf(x, shown) - math.log(2),
    }[name]
    np.testing.assert_allclose(likelihood.error(logits, target), each.sum((1, 2, 3)), rtol=1e-8, atol=1e-10)


@given(seed=st.integers(0, 10**6), std=st.floats(0.1, 3))
def test_the_spread_of_a_gaussian_and_the_scale_of_a_laplacian_count(seed: int, std: float) -> None:
    logits, x = random(3, 5, seed=seed), random(3, 5, seed=seed + 1)
    gaussian = stats.norm.logpdf(x.numpy(), logits.numpy(), std).sum(1) + 5 * math.log(std * math.sqrt(2 * math.pi))
    laplace = stats.laplace.logpdf(x.numpy(), logits.numpy(), std).sum(1) + 5 * math.log(2 * std)
    np.testing.assert_allclose(Gaussian("linear", None, std).error(logits, x), -gaussian, rtol=1e-9)
    np.testing.assert_allclose(Laplace("linear", None, std).error(logits, x), -laplace, rtol=1e-9)


@given(seed=st.integers(0, 10**6), places=st.integers(1, 6), symbols=st.integers(2, 5))
def test_a_text_is_scored_symbol_by_symbol(seed: int, places: int, symbols: int) -> None:
    logits = random(2, symbols, places, seed=seed)
    chosen = np.random.default_rng(seed).integers(symbols, size=(2, places))
    x = torch.nn.functional.one_hot(torch.from_numpy(chosen), symbols).transpose(1, 2).double()
    expected = [
        -sum(special.log_softmax(logits[n, :, place].numpy())[chosen[n, place]] for place in range(places))
        for n in range(2)
    ]
    np.testing.assert_allclose(Categorical().error(logits, x), expected, rtol=1e-9)
    np.testing.assert_allclose(Categorical().mean(logits).sum(1), 1, rtol=1e-9)


def test_a_place_without_a_symbol_is_not_scored() -> None:
    assert Categorical().error(random(1, 4, 3), torch.zeros(1, 4, 3)).item() == 0


@given(seed=st.integers(0, 10**6))
def test_a_row_is_scored_column_by_column(seed: int) -> None:
    logits = random(3, 7, seed=seed)
    x = torch.cat(
        [
            random(3, 1, seed=seed + 1),
            torch.eye(3)[[0, 2, 1]].double(),
            random(3, 1, seed=seed + 2),
            torch.eye(2)[[1, 1, 0]].double(),
        ],
        1,
    )
    columns = Mixed(WIDTHS).by_column(logits, x)
    number = Gaussian("linear", None)
    assert torch.equal(columns[:, 0], number.error(logits[:, :1], x[:, :1]))
    assert torch.equal(columns[:, 1], Categorical().error(logits[:, 1:4], x[:, 1:4]))
    torch.testing.assert_close(Mixed(WIDTHS).error(logits, x), columns.sum(1))
    shown = Mixed(WIDTHS).mean(logits)
    assert torch.equal(shown[:, 4], logits[:, 4])
    torch.testing.assert_close(shown[:, 5:].sum(1), torch.ones(3, dtype=torch.float64))


@EVERY
@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), step=st.floats(0.01, 3))
def test_no_logits_score_an_item_better_than_those_that_show_it(
    likelihood: Likelihood, shape: tuple[int, ...], seed: int, step: float
) -> None:
    logits = random(3, *shape, seed=seed)
    x = likelihood.mean(logits)
    others = logits + random(3, *shape, seed=seed + 1, scale=step)
    assert (likelihood.error(logits, x) <= likelihood.error(others, x) + 1e-9).all()


@EVERY
@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_logits_that_show_the_same_item_have_the_same_error(
    likelihood: Likelihood, shape: tuple[int, ...], seed: int
) -> None:
    logits, x = random(3, *shape, seed=seed, scale=3.0), likelihood.mean(random(3, *shape, seed=seed + 1))
    nudged = logits + random(3, *shape, seed=seed + 2, scale=2.0)
    same = (likelihood.mean(nudged) == likelihood.mean(logits)).flatten(1).all(1)
    assert torch.equal(likelihood.error(nudged, x)[same], likelihood.error(logits, x)[same])


@EVERY
def test_the_errors_of_draws_are_those_of_each(likelihood: Likelihood, shape: tuple[int, ...]) -> None:
    logits, x = random(2, 5, *shape, scale=3.0), likelihood.mean(random(2, *shape, seed=1))
    before = logits.clone()
    each = torch.stack([likelihood.error(logits[:, draw], x) for draw in range(5)], 1)
    torch.testing.assert_close(likelihood.errors(logits, x), each)
    assert torch.equal(logits, before)


@settings(max_examples=40)
@given(size=st.sampled_from([1, 2, 7, 48, 64, 784, 1023]), scale=st.floats(0.01, 60), seed=st.integers(0, 10**6))
def test_the_fast_cross_entropy_of_draws_is_exact_enough(size: int, scale: float, seed: int) -> None:
    logits = random(3, 4, size, seed=seed, scale=scale).float()
    x = torch.rand(3, size, generator=torch.Generator().manual_seed(seed))
    exact = torch.stack([Bernoulli().error(logits[:, k].double(), x.double()) for k in range(4)], 1)
    fast = Bernoulli().errors(logits, x)
    torch.testing.assert_close(fast.double(), exact, rtol=2e-6, atol=1e-5 * size**0.5 * scale + 1e-5)


def test_a_fair_coin_costs_its_values_in_bits() -> None:
    grey = torch.rand(3, 2, 4, 5)
    torch.testing.assert_close(Bernoulli().error(torch.zeros(3, 2, 4, 5), grey), torch.full((3,), 40 * math.log(2)))


@EVERY
def test_a_warm_up_shows_the_same_item_and_its_gradient_does_not_vanish(
    likelihood: Likelihood, shape: tuple[int, ...]
) -> None:
    logits = random(3, *shape, scale=20.0).requires_grad_()
    warm = likelihood.warm_up
    torch.testing.assert_close(warm.mean(logits), likelihood.mean(logits))
    x = likelihood.mean(-logits).detach()
    (slope,) = torch.autograd.grad(warm.error(logits, x).sum(), logits)
    wrong = (likelihood.mean(logits) - x).abs() > 0.5
    assert wrong.any()
    assert (slope[wrong].abs() > 1e-3).all()


@pytest.mark.parametrize(("name", "link"), VALUED)
def test_a_models_decode_is_what_its_error_is_of(name: str, link: str) -> None:
    torch.manual_seed(0)
    model = Autoencoder(Config("ae", (1, 4, 5), 2, body="dense", hidden=(6,), likelihood=name, output=link))
    z = 30 * torch.randn(8, 2)
    shown, logits = model.decode(z), model.decode_logits(z)
    assert ((shown >= 0) & (shown <= 1)).all()
    best, other = model.likelihood.error(logits, shown), model.likelihood.error(logits.flip(0), shown)
    assert (best <= other + 1e-4).all()


def test_what_a_config_does_not_state_is_usual_in_its_modality() -> None:
    config = Config("ae", (1, 4, 5), 2)
    assert (config.likelihood, config.output) == ("bce", "sigmoid")
    assert Config("ae", (1, 4, 5), 2, likelihood="categorical").output == "softmax"
    assert isinstance(likelihood_of(Config("ae", (1, 4, 5), 2, likelihood="mixed", columns=(1, 3))), Mixed)


def test_the_table_is_read_without_torch() -> None:
    code = "import sys, aeviz.model.likelihoods; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- The spread of the noise, and values that are missing


@pytest.mark.parametrize("spread", [0.05, 0.7, 3.0])
@pytest.mark.parametrize(("name", "law"), [("mse", stats.norm), ("l1", stats.laplace)])
def test_a_config_states_the_spread_of_the_noise(name: str, law: object, spread: float) -> None:
    config = Config("vae", (1, 6), 2, modality="series", likelihood=name, spread=spread)
    logits, x = torch.randn(3, 1, 6), torch.randn(3, 1, 6)
    left_out = math.log(spread * math.sqrt(2 * math.pi)) if name == "mse" else math.log(2 * spread)
    expected = -law.logpdf(x, logits, spread).sum((1, 2)) - 6 * left_out  # type: ignore[attr-defined]
    np.testing.assert_allclose(likelihood_of(config).error(logits, x), expected, rtol=1e-4)


def test_without_a_spread_the_error_is_the_squared_or_the_absolute_one() -> None:
    logits, x = torch.randn(3, 1, 6), torch.randn(3, 1, 6)
    for name, expected in (("mse", (logits - x).square()), ("l1", (logits - x).abs())):
        found = likelihood_of(Config("ae", (1, 6), 2, modality="series", likelihood=name))
        torch.testing.assert_close(found.error(logits, x), expected.sum((1, 2)))


@pytest.mark.parametrize("wrong", [-0.1, math.inf, math.nan])
def test_a_spread_that_cannot_be_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="spread"):
        Config("ae", (1, 6), 2, modality="series", spread=wrong)


@pytest.mark.parametrize(
    ("likelihood", "shape"),
    [(Gaussian("linear", None, 0.3), (8,)), (Laplace("linear", None), (8,)), (Mixed((1, 1, 1, 5)), (8,))],
)
def test_what_is_missing_adds_nothing_and_has_no_gradient(likelihood: Likelihood, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    logits = torch.randn(4, *shape, requires_grad=True)
    x = torch.randn(4, *shape)
    x[:, 3:] = torch.eye(5)[torch.randint(5, (4,))]
    gone = x.clone()
    gone[:, 0] = torch.nan
    error = likelihood.error(logits, gone)
    torch.autograd.backward(error.sum())
    assert logits.grad is not None
    assert not logits.grad[:, 0].any()
    assert logits.grad.isfinite().all()
    first = Gaussian("linear", None, likelihood.std) if not isinstance(likelihood, Laplace) else likelihood  # type: ignore[attr-defined]
    alone = first.error(logits[:, :1], x[:, :1])
    torch.testing.assert_close(error + alone, likelihood.error(logits, x))


def test_a_category_or_a_letter_that_is_missing_adds_nothing() -> None:
    logits = torch.randn(2, 3, 4)
    x = torch.eye(3)[torch.randint(3, (2, 4))].transpose(1, 2).contiguous()
    gone = x.clone()
    gone[:, :, 1] = torch.nan
    zero = x.clone()
    zero[:, :, 1] = 0
    torch.testing.assert_close(Categorical().error(logits, gone), Categorical().error(logits, zero))
    kept = [0, 2, 3]
    torch.testing.assert_close(
        Categorical().error(logits, gone), Categorical().error(logits[:, :, kept], x[:, :, kept])
    )


def test_a_row_s_nats_are_the_sum_of_its_columns_that_are_there() -> None:
    row = Mixed((1, 3, 1, 2))
    logits, x = torch.randn(5, 7), torch.randn(5, 7)
    x[:, 1:4] = torch.eye(3)[torch.randint(3, (5,))]
    x[:, 5:] = torch.eye(2)[torch.randint(2, (5,))]
    whole = row.by_column(logits, x)
    x[:, 1:4] = torch.nan
    torch.testing.assert_close(row.error(logits, x), whole[:, [0, 2, 3]].sum(1))


@EVERY
def test_logits_of_items_stand_for_them(likelihood: Likelihood, shape: tuple[int, ...]) -> None:
    y = likelihood.mean(random(6, *shape))
    torch.testing.assert_close(likelihood.mean(likelihood.logits(y)), y, rtol=1e-4, atol=1e-4)
