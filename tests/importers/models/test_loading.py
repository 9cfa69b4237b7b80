"""The lines that a page gives for a person's own file load it: executed beside that file, they are the model."""

from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from aeviz.importers.models.answers import Candidate, Loaded
from aeviz.importers.models.statement import Statement
from aeviz.importers.reading import read_model
from aeviz.model.source import source

ITEMS = np.random.default_rng(0).random((64, 1, 8, 8), np.float32)


def dense(**heads: int) -> dict[str, Tensor]:
    """A dense autoencoder under names of its own; heads: that read its last hidden layer."""
    torch.manual_seed(0)
    layers = {"encoder.fc1": nn.Linear(64, 32), **{f"encoder.{name}": nn.Linear(32, d) for name, d in heads.items()},
              "decoder.up1": nn.Linear(4, 32), "decoder.up2": nn.Linear(32, 64)}  # fmt: skip
    return {f"{layer}.{name}": value for layer, module in layers.items() for name, value in module.state_dict().items()}


def convolutions() -> dict[str, Tensor]:
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(128, 4))
    decoder = nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Unflatten(1, (8, 4, 4)), nn.ConvTranspose2d(8, 1, 2, 2))
    return {f"{half}.{name}": value for half, module in (("encoder", encoder), ("decoder", decoder))
            for name, value in module.state_dict().items()}  # fmt: skip


def read(file: Path) -> Loaded:
    stated = Statement(shape=(1, 8, 8), scaling="unit", output="sigmoid", activation="relu")
    loaded = read_model(file, [Candidate((1, 8, 8), lambda: ITEMS)], stated, device="cpu")
    assert isinstance(loaded, Loaded)
    return loaded


def program(loaded: Loaded) -> str:
    return "\n".join(line.text for line in source(loaded.model))


def check(loaded: Loaded, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the program, run where the file lies, gives what the model gives."""
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec(program(loaded), names)  # what a person copies
    x = torch.tensor(ITEMS[:5])
    with torch.no_grad():
        code = names["model"].encode(x)
        mean = code[0] if isinstance(code, tuple) else code
        posterior = loaded.model.encode(x)
        torch.testing.assert_close(mean, posterior.mean)
        if posterior.std is not None:
            torch.testing.assert_close(code[1], posterior.std)
        torch.testing.assert_close(names["model"].decode(mean), loaded.model.decode(posterior.mean))


WEIGHTS = {
    "dense": dense(code=4),
    "two heads": dense(fc_mu=4, fc_logvar=4),
    "log of sigma": dense(mu=4, log_std=4),
    "one head of twice the code": dense(head=8),
    "convolutions": convolutions(),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_the_lines_load_the_weights_by_their_names_in_the_file(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_file({name: value.contiguous() for name, value in WEIGHTS[case].items()}, tmp_path / "my net.safetensors")
    loaded = read(tmp_path / "my net.safetensors")
    assert "load_state_dict" in program(loaded)
    check(loaded, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda weights: weights,
        lambda weights: OrderedDict((f"module.{name}", value) for name, value in weights.items()),
        lambda weights: {"epoch": 3, "state_dict": weights, "optimizer": {"state": {}, "param_groups": []}},
        lambda weights: {
            half: {name.split(".", 1)[1]: value for name, value in weights.items() if name.startswith(half)}
            for half in ("encoder", "decoder")
        },
    ],
    ids=["plain", "prefix", "checkpoint", "halves"],
)
def test_wherever_the_weights_lie_in_a_checkpoint_the_lines_find_them(
    wrapped: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(wrapped(WEIGHTS["two heads"]), tmp_path / "mine.pt")
    check(read(tmp_path / "mine.pt"), tmp_path, monkeypatch)


def test_a_file_that_torch_would_have_to_run_is_not_loaded_by_the_lines(tmp_path: Path) -> None:
    torch.save({"args": SimpleNamespace(rate=1), "state_dict": WEIGHTS["dense"]}, tmp_path / "mine.pt")
    text = program(read(tmp_path / "mine.pt"))
    assert "nn.Linear(64, 32)" in text
    assert "load" not in text
