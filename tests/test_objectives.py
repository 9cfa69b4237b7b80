import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from aeviz.autoencoder import Autoencoder, Config
from aeviz.corruption import CORRUPTIONS
from aeviz.objectives import FAMILIES, Denoising, Reconstruction, Variational, reconstruction_error


def model(code: str = "deterministic", likelihood: str = "bce") -> Autoencoder:
    torch.manual_seed(0)
    config = Config("ae", (1, 4, 5), 2, code=code, network="dense", hidden=(6,), likelihood=likelihood)
    return Autoencoder(config)


def pictures(count: int = 6) -> Tensor:
    return torch.rand(count, 1, 4, 5, generator=torch.Generator().manual_seed(3))


@settings(max_examples=50)
@given(logit=st.floats(-8, 8), value=st.floats(0, 1))
def test_errors_match_their_closed_forms(logit: float, value: float) -> None:
    logits, x = (torch.full((2, 3, 4, 5), number, dtype=torch.float64) for number in (logit, value))
    y = 1 / (1 + math.exp(-logit))
    expected = {
        "bce": -(value * math.log(y) + (1 - value) * math.log(1 - y)),
        "mse": (y - value) ** 2,
        "l1": abs(y - value),
    }
    for likelihood, each in expected.items():
        error = reconstruction_error(likelihood, logits, x)
        torch.testing.assert_close(error, torch.full((2,), 60 * each, dtype=torch.float64))


def test_errors_belong_to_their_item() -> None:
    x = torch.zeros(2, 1, 2, 2)
    logits = torch.stack([torch.full((1, 2, 2), -40.0), torch.full((1, 2, 2), 40.0)])
    assert reconstruction_error("l1", logits, x).tolist() == pytest.approx([0, 4])
    assert reconstruction_error("bce", logits, x).tolist() == pytest.approx([0, 160])


def test_unknown_likelihoods_are_refused() -> None:
    with pytest.raises(ValueError, match="'poisson'"):
        reconstruction_error("poisson", torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1))


@pytest.mark.parametrize("likelihood", ["bce", "mse", "l1"])
def test_reconstruction_scores_the_decode_of_the_code(likelihood: str) -> None:
    ae, x = model(likelihood=likelihood), pictures()
    terms = Reconstruction().loss(ae, x)
    assert terms.keys() == {"loss"}
    torch.testing.assert_close(
        terms["loss"], reconstruction_error(likelihood, ae.decode_logits(ae.encode(x).mean), x).mean()
    )


def test_the_vaes_loss_is_reconstruction_plus_kl() -> None:
    vae, x = model("gaussian"), pictures()
    torch.manual_seed(5)
    terms = Variational().loss(vae, x)
    torch.testing.assert_close(terms["loss"], terms["reconstruction"] + terms["kl"])
    torch.manual_seed(5)
    posterior = vae.encode(x)
    expected = reconstruction_error("bce", vae.decode_logits(posterior.sample()), x).mean()
    torch.testing.assert_close(terms["reconstruction"], expected)
    torch.testing.assert_close(terms["kl"], posterior.kl().sum() / len(x))


def test_denoising_encodes_the_spoilt_and_scores_the_clean_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    ae, x = model(), pictures()
    spoilt = 1 - x
    monkeypatch.setattr(Denoising, "corrupted", lambda self, clean: 1 - clean)
    expected = reconstruction_error("bce", ae.decode_logits(ae.encode(spoilt).mean), x).mean()
    torch.testing.assert_close(Denoising().loss(ae, x)["loss"], expected)


def test_the_denoisers_noise_is_of_its_mix_and_within_its_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[tuple[str, float, int]] = []

    def note(x: Tensor, kind: str, level: float, seed: int) -> Tensor:
        met.append((kind, level, seed))
        return x

    monkeypatch.setattr("aeviz.objectives.corrupt", note)
    torch.manual_seed(0)
    for _ in range(1500):
        Denoising().corrupted(pictures(1))
    assert sum(share for _, share, _ in Denoising.MIX) == pytest.approx(1)
    for kind, share, highest in Denoising.MIX:
        levels = [level for name, level, _ in met if name == kind]
        assert highest <= CORRUPTIONS[kind].maximum
        assert len(levels) / len(met) == pytest.approx(share, abs=0.05)
        assert 0 <= min(levels) < 0.1 * highest
        assert 0.9 * highest < max(levels) <= highest
    assert len({seed for *_, seed in met}) == len(met)


def test_the_denoisers_noise_follows_torchs_seed() -> None:
    x = pictures()

    def draw(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return Denoising().corrupted(x)

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), x)
    assert not torch.equal(draw(1), draw(2))


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_builds_and_trains_a_model(name: str) -> None:
    family = FAMILIES[name]
    assert family.name == name
    assert family.label
    assert family.title
    assert family.idea.endswith(".")
    small = {"shape": (1, 4, 5), "network": "dense", "hidden": (6,)}
    config = Config(**{"family": name, "code": family.code, **small, **family.config})
    ae = Autoencoder(config)
    loss = family.objective.loss(ae, pictures())["loss"]
    assert loss.shape == ()
    loss.backward()
    assert all(weights.grad is not None and weights.grad.isfinite().all() for weights in ae.parameters())
