import copy
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from aeviz.model.autoencoder import Autoencoder, Posterior
from aeviz.model.config import Config

TINY = Config(family="vae", shape=(1, 6, 5), latent_dim=3, code="gaussian", channels=(4, 4), hidden=(8,))


def make(**changes: Any) -> Autoencoder:
    torch.manual_seed(0)
    return Autoencoder(replace(TINY, **changes)).requires_grad_(False).eval()


@settings(max_examples=30)
@given(
    shape=st.tuples(st.sampled_from([1, 3]), st.integers(1, 11), st.integers(1, 11)),
    network=st.sampled_from(["dense", "conv"]),
    code=st.sampled_from(["deterministic", "gaussian"]),
    latent_dim=st.integers(1, 5),
    count=st.integers(0, 3),
)
def test_pictures_of_any_shape_go_there_and_back(
    shape: tuple[int, int, int], network: str, code: str, latent_dim: int, count: int
) -> None:
    model = make(shape=shape, body=network, code=code, latent_dim=latent_dim)
    posterior = model.encode(torch.rand(count, *shape))
    assert posterior.mean.shape == (count, latent_dim)
    if code == "gaussian":
        assert posterior.std is not None
        assert posterior.std.shape == (count, latent_dim)
        assert (posterior.std > 0).all()
    else:
        assert posterior.std is None
    y = model.decode(posterior.sample())
    assert y.shape == (count, *shape)
    assert y.isfinite().all()
    assert ((y >= 0) & (y <= 1)).all()


@pytest.mark.parametrize("network", ["dense", "conv"])
def test_rgb_pictures_of_32_pixels(network: str) -> None:
    model = make(shape=(3, 32, 32), body=network, channels=(8, 8, 8))
    assert model(torch.rand(2, 3, 32, 32)).shape == (2, 3, 32, 32)


@given(scale=st.floats(1, 1e6))
@settings(max_examples=20)
def test_decoding_far_out_stays_in_the_range_of_pixels(scale: float) -> None:
    y = make().decode(scale * torch.randn(4, 3))
    assert y.isfinite().all()
    assert ((y >= 0) & (y <= 1)).all()


def test_a_picture_decodes_by_itself_as_it_does_among_others() -> None:
    model = make()
    x = torch.rand(7, 1, 6, 5)
    torch.testing.assert_close(model(x)[3:4], model(x[3:4]))


def test_decode_is_the_sigmoid_of_the_logits_and_forward_takes_the_mean() -> None:
    model = make()
    x = torch.rand(3, 1, 6, 5)
    mean = model.encode(x).mean
    torch.testing.assert_close(model.decode(mean), torch.sigmoid(model.decode_logits(mean)))
    assert torch.equal(model(x), model.decode(mean))


def test_spreads_of_extreme_pictures_stay_finite_and_positive() -> None:
    model = make()
    with torch.no_grad():
        model.head.bias[3:] = torch.tensor([-1e9, 0.0, 1e9])
    std = model.encode(torch.rand(2, 1, 6, 5)).std
    assert std is not None
    assert std.isfinite().all()
    assert (std > 0).all()


def test_the_sample_of_a_point_code_is_the_point() -> None:
    posterior = Posterior(torch.randn(4, 2))
    assert torch.equal(posterior.sample(), posterior.mean)
    with pytest.raises(ValueError, match="no KL"):
        posterior.kl()


def test_samples_of_a_gaussian_code_have_its_mean_and_spread() -> None:
    mean, std = torch.tensor([-2.0, 0.0, 5.0]), torch.tensor([0.1, 1.0, 3.0])
    posterior = Posterior(mean.expand(50_000, 3), std.expand(50_000, 3))
    z = posterior.sample(torch.Generator().manual_seed(1))
    standard = (z - mean) / std
    torch.testing.assert_close(standard.mean(0), torch.zeros(3), atol=0.02, rtol=0)
    torch.testing.assert_close(standard.std(0), torch.ones(3), atol=0.015, rtol=0)
    torch.testing.assert_close(torch.corrcoef(standard.T), torch.eye(3), atol=0.02, rtol=0)


def test_samples_are_mean_plus_std_times_the_generators_noise() -> None:
    posterior = Posterior(torch.randn(5, 2), torch.rand(5, 2))
    assert posterior.std is not None
    noise = torch.randn(5, 2, generator=torch.Generator().manual_seed(7))
    first = posterior.sample(torch.Generator().manual_seed(7))
    assert torch.equal(first, posterior.mean + posterior.std * noise)
    assert not torch.equal(first, posterior.sample(torch.Generator().manual_seed(8)))


@given(mean=st.floats(-8, 8), std=st.floats(1e-3, 8))
def test_kl_matches_torch(mean: float, std: float) -> None:
    m, s = torch.tensor([[mean]], dtype=torch.float64), torch.tensor([[std]], dtype=torch.float64)
    expected = kl_divergence(Normal(m, s), Normal(torch.zeros_like(m), torch.ones_like(s)))
    torch.testing.assert_close(Posterior(m, s).kl(), expected)


def test_gradients_reach_every_weight() -> None:
    model = Autoencoder(TINY)
    posterior = model.encode(torch.rand(4, 1, 6, 5))
    (model.decode_logits(posterior.sample()).square().sum() + posterior.kl().sum()).backward()
    assert all(weights.grad is not None and weights.grad.abs().sum() > 0 for weights in model.parameters())


@pytest.mark.parametrize("shape", [(1, 6, 5), (2, 6, 5), (2, 3, 6, 5), (2, 1, 5, 6), (2, 1, 6, 5, 1)])
def test_pictures_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(N, 1, 6, 5\), not \(" + ", ".join(map(str, shape))):
        make().encode(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(28, 28), (2, 28, 28), (1, 1, 6, 5)])
def test_shapes_that_are_none_of_the_modality_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="A picture"):
        make(shape=shape)


@pytest.mark.parametrize("shape", [(3,), (2, 4), (2, 3, 1)])
def test_codes_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(N, 3\), not \(" + ", ".join(map(str, shape))):
        make().decode(torch.zeros(shape))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shape": ()}, "positive numbers"),
        ({"shape": (1, 0, 28)}, "positive numbers"),
        ({"shape": (1, 2.5, 28)}, "positive numbers"),
        ({"shape": "abc"}, "positive numbers"),
        ({"latent_dim": 0}, "at least 1, not 0"),
        ({"code": "quantised"}, "'quantised'.*deterministic, gaussian"),
        ({"likelihood": "poisson"}, "'poisson'.*bce, mse, l1"),
    ],
)
def test_unsound_configs_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(TINY, **changes)


def test_a_config_survives_json() -> None:
    assert Config(**json.loads(json.dumps(asdict(TINY)))) == TINY


@pytest.mark.parametrize("code", ["deterministic", "gaussian"])
def test_hugging_faces_mixin_saves_and_restores(tmp_path: Path, code: str) -> None:
    model = make(code=code, training={"epochs": 3})
    model.save_pretrained(tmp_path)
    again = Autoencoder.from_pretrained(tmp_path)
    assert again.config == model.config
    x = torch.rand(3, 1, 6, 5)
    assert torch.equal(again(x), model(x))


def test_the_loader_of_aeviz_reads_what_the_mixin_wrote(tmp_path: Path) -> None:
    from aeviz import load

    model = make()
    model.save_pretrained(tmp_path)
    x = torch.rand(3, 1, 6, 5)
    assert torch.equal(load(tmp_path, device="cpu")(x), model(x))


@pytest.mark.gpu
@pytest.mark.parametrize("network", ["dense", "conv"])
def test_the_gpu_gives_the_cpus_pictures(network: str) -> None:
    model = make(shape=(1, 28, 28), body=network, latent_dim=8)
    other = copy.deepcopy(model).to("cuda")
    x = torch.rand(50, 1, 28, 28)
    posterior, remote = model.encode(x), other.encode(x)
    assert posterior.std is not None
    assert remote.std is not None
    assert other.device.type == remote.mean.device.type == "cuda"
    torch.testing.assert_close(remote.mean.cpu(), posterior.mean, atol=1e-3, rtol=0)
    torch.testing.assert_close(remote.std.cpu(), posterior.std, atol=1e-3, rtol=0)
    torch.testing.assert_close(other.decode(posterior.mean).cpu(), model.decode(posterior.mean), atol=1e-3, rtol=0)


def test_a_conditional_model_wants_classes_that_it_knows() -> None:
    torch.manual_seed(0)
    cvae = Autoencoder(Config("cvae", (1, 4, 5), 2, code="gaussian", body="dense", hidden=(6,), classes=3))
    x, z, labels = torch.rand(4, 1, 4, 5), torch.randn(4, 2), torch.tensor([0, 1, 2, 0])
    assert cvae.encode(x, labels).mean.shape == (4, 2)
    assert cvae(x, labels).shape == x.shape
    same = cvae.decode(z[:1].expand(3, 2), torch.arange(3))
    assert not torch.equal(same[0], same[1])
    for wrong, said in (
        (None, "needs labels"),
        (torch.tensor([0, 1, 3, 0]), "from 0 to 2"),
        (torch.tensor([0, -1, 2, 0]), "from 0 to 2"),
        (labels[:2], r"shape \(4,\)"),
        (labels.float(), "whole labels"),
    ):
        with pytest.raises(ValueError, match=said):
            cvae.encode(x, wrong)
        with pytest.raises(ValueError, match=said):
            cvae.decode(z, wrong)


def test_labels_are_not_for_a_model_without_classes() -> None:
    ae = Autoencoder(Config("ae", (1, 4, 5), 2, body="dense", hidden=(6,)))
    with pytest.raises(ValueError, match="leave labels out"):
        ae.encode(torch.rand(2, 1, 4, 5), torch.tensor([0, 1]))


def test_output_functions_end_in_pictures() -> None:
    logits = torch.tensor([-3.0, 0.0, 0.4, 3.0]).reshape(1, 1, 2, 2)
    expected = {
        "sigmoid": logits.sigmoid(),
        "tanh": (logits.tanh() + 1) / 2,
        "linear": torch.tensor([0.0, 0.0, 0.4, 1.0]).reshape(1, 1, 2, 2),
    }
    for output, pictures in expected.items():
        model = Autoencoder(Config("ae", (1, 2, 2), 1, body="dense", hidden=(3,), output=output))
        torch.testing.assert_close(model.likelihood.mean(logits), pictures)


def test_a_relu_code_is_never_negative() -> None:
    torch.manual_seed(0)
    sparse = Autoencoder(Config("sparse", (1, 4, 5), 8, body="dense", hidden=(6,), activation="relu"))
    z = sparse.encode(torch.randn(20, 1, 4, 5)).mean
    assert z.min() >= 0
    assert (z > 0).any(1).all(), "an item without a unit"


@pytest.mark.parametrize(
    "wrong", [{"output": "softmax"}, {"activation": "gelu"}, {"classes": -1}, {"classes": 2.5}], ids=str
)
def test_a_config_refuses_what_there_is_not(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Config("ae", (1, 4, 5), 2, **wrong)


def test_a_value_that_is_missing_is_seen_as_zero() -> None:
    model = Autoencoder(Config("ae", (1, 8), 2, body="dense", hidden=(4,), modality="series"))
    x = torch.randn(3, 1, 8)
    x[:, :, 2] = 0
    gone = x.clone()
    gone[:, :, 2] = torch.nan
    assert torch.equal(model.encode(gone).mean, model.encode(x).mean)
    assert torch.isnan(gone).any(), "the items themselves stay"
