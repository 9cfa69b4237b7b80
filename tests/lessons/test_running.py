"""Which models a browser can run, told before a file is made."""

import subprocess
import sys
from typing import Any

import pytest
import torch

import aeviz
from aeviz.latent.explorer import Explorer
from aeviz.lessons.running import products, why_not
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


@pytest.mark.parametrize(
    ("built", "count"),
    [
        ({"body": "dense", "hidden": (5, 7)}, 2 * 7 + 7 * 5 + 5 * 64),
        # Codes to 4 × 4 maps of six units, then to 2² times one unit at 4 × 4 places, with a kernel of 3 × 3.
        ({"body": "conv", "channels": (6,), "hidden": ()}, 2 * 6 * 16 + 6 * 9 * 4 * 16),
    ],
)
def test_products_are_counted_and_nothing_stays_on_the_model(built: dict[str, Any], count: int) -> None:
    model = Autoencoder(Config(family="ae", shape=(1, 8, 8), latent_dim=2, **built)).eval()
    assert products(model) == count
    assert not any(layer._forward_hooks for layer in model.modules())


@pytest.mark.long
def test_torch_loads_no_compiler_to_read_a_model_and_to_ask_whether_it_runs() -> None:
    asked = "why_not(Explorer(aeviz.load('mnist-deep-4', device='cpu')))"
    imports = "import sys, aeviz; from aeviz.latent.explorer import Explorer; from aeviz.lessons.running import why_not"
    code = f"{imports}; {asked}; assert not {{'torch._dynamo', 'sympy'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
