"""Which models a browser can run, told before a file is made."""

import pytest
import torch

import aeviz
from aeviz.latent.explorer import Explorer
from aeviz.lessons.running import why_not
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config


@pytest.mark.parametrize(
    ("name", "why"),
    [("mnist-vae", ""), ("mnist-cvae", "conditional"), ("ecg-ae", "draws no series"), ("names-vae", "draws no texts")],
)
def test_shipped_models(name: str, why: str) -> None:
    assert why in why_not(Explorer(aeviz.load(name, device="cpu")))
    assert bool(why) == bool(why_not(Explorer(aeviz.load(name, device="cpu"))))


def test_one_that_is_too_slow_or_too_large_is_told() -> None:
    torch.manual_seed(0)
    wide = Config(family="ae", shape=(1, 256, 256), latent_dim=2, channels=(32,), hidden=())
    assert "follow a hand" in why_not(Explorer(Autoencoder(wide)))
    large = Config(family="ae", shape=(1, 64, 64), latent_dim=2, body="dense", hidden=(1024,))
    assert "too large for a file" in why_not(Explorer(Autoencoder(large)))
