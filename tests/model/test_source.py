"""The lines of PyTorch that a model tells: executed, they are the model."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import aeviz
from aeviz.importers.models.foreign import ForeignModel
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.layers import watch
from aeviz.model.source import source
from aeviz.store.checkpoints import WEIGHTS, Card, models
from tests.cases import every
from tests.javascript.test_engine import OTHERS

CARDS = models()
SHORT = ("mnist-vae", "names-vae-lstm", "wage-vae")
EACH = [pytest.param(card, id=card.name, marks=() if card.name in SHORT else pytest.mark.long) for card in CARDS]


def check(model: Autoencoder, file: Path, x: torch.Tensor, labels: torch.Tensor | None) -> None:
    """That the lines load the weights of a file, and rebuild items x as the model does."""
    lines = source(model, str(file))
    names: dict[str, Any] = {}
    exec("\n".join(line.text for line in lines), names)  # what a person copies
    given = () if labels is None else (labels,)
    with torch.no_grad():
        code = names["model"].encode(x, *given)
        mean, std = code if isinstance(code, tuple) else (code, None)
        posterior = model.encode(x, *given)
        torch.testing.assert_close(mean, posterior.mean)
        assert (std is None) == (posterior.std is None)
        torch.testing.assert_close(names["model"].decode(mean, *given), model(x, *given))
        assert names["model"](x, *given).shape == x.shape
    told = {line.layer for line in lines if line.layer}
    layers = {layer.name for layer in watch(model, x[:1], None if labels is None else labels[:1])[0]}
    assert "head" in told
    assert told <= layers


@pytest.mark.parametrize("card", EACH)
def test_the_lines_are_the_checkpoint(card: Card) -> None:
    model, data = aeviz.load(card.name, device="cpu"), aeviz.load_dataset(card.dataset)
    assert type(model) is Autoencoder
    labels = torch.tensor(data.labels[:6]) if model.config.classes else None
    check(model, card.folder / WEIGHTS, torch.tensor(data.items[:6]), labels)


@pytest.mark.parametrize("name", every(4, OTHERS))
def test_the_lines_are_every_body(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Autoencoder(Config(**OTHERS[name])).requires_grad_(False).eval()
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, tmp_path / WEIGHTS)
    labels = torch.tensor([0, 1, 2]) if model.config.classes else None
    check(model, tmp_path / WEIGHTS, torch.rand(3, *model.config.shape), labels)


def test_a_network_that_is_no_chain_of_layers_has_none() -> None:
    config = Config("vae", (1, 4, 4), 2, code="gaussian", body="dense", hidden=())
    foreign = ForeignModel(config, torch.nn.Identity(), [0.0], [1.0], "sigmoid")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no chain of PyTorch's own layers"):
        source(foreign)
