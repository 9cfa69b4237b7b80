"""A visitor's ONNX model: brought as two files or one, seen on the pages, and stated otherwise."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from own_page import Own

from tests.importers.models.onnx_made import Made, weights

PAGES = ("decode", "map", "home", "interpolate", "repair", "about", "compare", "generate", "vae-walkthrough", "detect")


def pair(names: tuple[str, str] = ("o1", "o2")) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """Encoder and decoder of MNIST's shape; nothing tells what the second output is but its values."""
    there, back = Made(), Made()
    flat = there.reshape("x", (-1, 784))
    there.dense(flat, weights(784, 3, seed=1), to=names[0])
    there.dense(flat, weights(784, 3, seed=2), to=names[1])
    back.reshape(back.op("Sigmoid", back.dense("z", weights(3, 784, seed=3))), (-1, 1, 28, 28), to="y")
    return (
        ("encoder.onnx", there.file({"x": ("n", 1, 28, 28)}, names).SerializeToString()),
        ("decoder.onnx", back.file({"z": ("n", 3)}, {"y": ("n", 1, 28, 28)}).SerializeToString()),
    )


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    import gc

    yield
    gc.collect()


def select(own: Own, label: str, value: Any) -> None:
    next(box for box in own.app.selectbox if box.label == label).set_value(value)


def test_two_files_are_one_model_and_can_be_stated_otherwise() -> None:
    own = Own().upload(*pair())
    assert not own.app.error
    (model,) = own.things.models.values()
    assert model.loaded.origin == "ONNX"
    assert set(model.names) == {"mnist", "fashion"}
    assert "encoder.onnx is the encoder and decoder.onnx the decoder" in own.html
    assert "o2 was taken for its log σ²" in own.html
    assert model.size > 4 * (784 * 6 + 3 * 784)
    own.press("Change the settings")
    assert not [box for box in own.app.selectbox if box.label == "Activation"]
    select(own, "Second output of the encoder", "log_std")
    own.press("Load with these settings")
    (again,) = own.things.models.values()
    assert again.loaded.statement.spread == "log_std"
    assert "its log σ, as stated" in own.html
    items = np.random.default_rng(0).random((2, 1, 28, 28), np.float32)
    expected = np.exp(items.reshape(2, 784) @ weights(784, 3, seed=2))
    posterior = again.loaded.model.encode(torch.tensor(items))
    np.testing.assert_allclose(posterior.std, expected, rtol=1e-4)


@pytest.mark.parametrize("pages", [PAGES[:2], pytest.param(PAGES[2:], marks=pytest.mark.long)], ids=["two", "all"])
def test_every_page_shows_it(pages: tuple[str, ...]) -> None:
    own = Own().upload(*pair(("mu", "log_var")))
    for page in pages:
        own.visit(page)
        assert not own.app.exception, page
        assert own.app.session_state["choice"].left.label == own.models[0]


def test_what_is_refused_is_said() -> None:
    encoder, _ = pair()
    own = Own().upload(encoder)
    assert "encoder.onnx is an encoder or a decoder alone" in own.errors
    assert own.files() == []
