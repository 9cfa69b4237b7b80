import pytest
import torch
from safetensors.torch import load

import aeviz
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.portable import portable
from aeviz.store.checkpoints import WEIGHTS, locate


def network(seed: int) -> Autoencoder:
    torch.manual_seed(seed)
    return Autoencoder(Config(family="vae", shape=(1, 8, 8), latent_dim=2, code="gaussian", channels=(4,), hidden=(5,)))


def test_the_weights_are_those_of_the_model() -> None:
    model = network(0)
    found = portable(model)
    weights = load(found.weights)
    assert weights.keys() == model.state_dict().keys()
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())
    assert Config.read(found.config) == model.config


def test_half_precision_is_kept_where_it_loses_nothing() -> None:
    found = portable(aeviz.load("mnist-ae-2d", device="cpu"))
    assert {value.dtype for value in load(found.weights).values()} == {torch.float16}
    assert len(found.weights) == pytest.approx((locate("mnist-ae-2d") / WEIGHTS).stat().st_size, rel=0.01)


def test_a_digest_tells_models_apart() -> None:
    assert portable(network(0)).digest == portable(network(0)).digest
    assert portable(network(0)).digest != portable(network(1)).digest


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="dict is no network"):
        portable({})
