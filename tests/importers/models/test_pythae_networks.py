"""The networks that pythae offers, written once more from its description, with few channels and random weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from aeviz.errors import CheckpointError
from aeviz.model.source import source
from tests.importers.conftest import check_lines, loaded_from, saved


def res(channels: int) -> nn.Module:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv_block = nn.Sequential(
                nn.ReLU(), nn.Conv2d(channels, 3, 3, 1, 1), nn.ReLU(), nn.Conv2d(3, channels, 1, 1, 0)
            )

        def forward(self, x: Tensor) -> Tensor:
            return x + self.conv_block(x)  # type: ignore[no-any-return]

    return Block()


def row(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(*layers)


def down(a: int, b: int) -> nn.Sequential:
    return row(nn.Conv2d(a, b, 4, 2, padding=1), nn.BatchNorm2d(b), nn.ReLU())


def up(a: int, b: int, *how: int, **more: int) -> nn.Sequential:
    return row(nn.ConvTranspose2d(a, b, *how, **more), nn.BatchNorm2d(b), nn.ReLU())


def conv_encoder(c: int) -> list[nn.Module]:
    return [down(c, 4), down(4, 5), down(5, 6), down(6, 7)]


T = nn.ConvTranspose2d
Parts = tuple[list[nn.Module], int, list[nn.Module], tuple[int, int]]
NETWORKS: dict[str, tuple[tuple[int, int, int], Callable[[], Parts]]] = {
    "mnist conv": ((1, 28, 28), lambda: (conv_encoder(1), 7, [
        nn.Linear(3, 7 * 16), up(7, 6, 3, 2, padding=1), up(6, 5, 3, 2, padding=1, output_padding=1),
        row(T(5, 1, 3, 2, padding=1, output_padding=1), nn.Sigmoid())], (7, 4))),
    "cifar conv": ((3, 32, 32), lambda: (conv_encoder(3), 28, [
        nn.Linear(3, 7 * 64), up(7, 6, 4, 2, padding=1), up(6, 5, 4, 2, padding=1, output_padding=1),
        row(T(5, 3, 4, 1, padding=2), nn.Sigmoid())], (7, 8))),
    "celeba conv": ((3, 64, 64), lambda: (conv_encoder(3), 112, [
        row(nn.Linear(3, 7 * 64)), up(7, 6, 5, 2, padding=2), up(6, 5, 5, 2, padding=1),
        up(5, 4, 5, 2, padding=2, output_padding=1), row(T(4, 3, 5, 1, padding=1), nn.Sigmoid())], (7, 8))),
    "mnist resnet": ((1, 28, 28), lambda: (
        [row(nn.Conv2d(1, 4, 4, 2, padding=1)), row(nn.Conv2d(4, 6, 4, 2, padding=1)),
         row(nn.Conv2d(6, 6, 3, 2, padding=1)), row(res(6), res(6))], 96,
        [nn.Linear(3, 96), T(6, 6, 3, 2, padding=1), row(res(6), res(6), nn.ReLU()),
         row(T(6, 4, 3, 2, padding=1, output_padding=1), nn.ReLU()),
         row(T(4, 1, 3, 2, padding=1, output_padding=1), nn.Sigmoid())], (6, 4))),
    "cifar resnet": ((3, 32, 32), lambda: (
        [row(nn.Conv2d(3, 4, 4, 2, padding=1)), row(nn.Conv2d(4, 6, 4, 2, padding=1)),
         row(nn.Conv2d(6, 6, 3, 1, padding=1)), row(res(6), res(6))], 384,
        [nn.Linear(3, 384), row(res(6), res(6)), row(T(6, 4, 4, 2, padding=1)),
         row(T(4, 3, 4, 2, padding=1), nn.Sigmoid())], (6, 8))),
    "celeba resnet": ((3, 64, 64), lambda: (
        [row(nn.Conv2d(3, 4, 4, 2, padding=1)), row(nn.Conv2d(4, 6, 4, 2, padding=1)),
         row(nn.Conv2d(6, 6, 3, 2, padding=1)), row(nn.Conv2d(6, 6, 3, 2, padding=1)), row(res(6), res(6))], 96,
        [nn.Linear(3, 96), T(6, 6, 3, 2, padding=1), row(res(6), res(6)), row(T(6, 6, 5, 2, padding=1), nn.Sigmoid()),
         row(T(6, 4, 5, 2, padding=1, output_padding=1)), row(T(4, 3, 4, 2, padding=1), nn.Sigmoid())], (6, 4))),
}  # fmt: skip


class Theirs(nn.Module):
    """A model of pythae with one of its networks."""

    def __init__(self, case: str, variational: bool) -> None:
        super().__init__()
        self.shape, make = NETWORKS[case]
        encoder, features, decoder, self.start = make()
        self.encoder, self.decoder = nn.Module(), nn.Module()
        self.encoder.layers, self.decoder.layers = nn.ModuleList(encoder), nn.ModuleList(decoder)
        self.encoder.embedding = nn.Linear(features, 3)
        if variational:
            self.encoder.log_var = nn.Linear(features, 3)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        for layer in self.encoder.layers:  # type: ignore[union-attr]
            x = layer(x)
        x = x.reshape(x.shape[0], -1)
        log_var = self.encoder.log_var(x) if hasattr(self.encoder, "log_var") else None  # type: ignore[operator]
        return self.encoder.embedding(x), log_var  # type: ignore[operator]

    def decode(self, z: Tensor) -> Tensor:
        x = z
        for place, layer in enumerate(self.decoder.layers):  # type: ignore[arg-type]
            x = layer(x)
            x = x.reshape(len(z), self.start[0], self.start[1], self.start[1]) if place == 0 else x
        return x


def folder_of(theirs: Theirs, folder: Path, **config: Any) -> Path:
    fields = {"name": "VAEConfig", "input_dim": list(theirs.shape), "latent_dim": 3, "reconstruction_loss": "mse",
              "uses_default_encoder": False, "uses_default_decoder": False, **config}  # fmt: skip
    (folder / "model_config.json").write_text(json.dumps(fields))
    (folder / "model.pt").write_bytes(saved({"model_state_dict": theirs.state_dict()}))
    for name in ("encoder.pkl", "decoder.pkl"):
        (folder / name).write_bytes(b"\x80\x04cos\nsystem\n(X\x05\x00\x00\x00false\x85R.")
    return folder


@pytest.mark.parametrize("variational", [True, False])
@pytest.mark.parametrize("case", NETWORKS)
def test_codes_and_pictures_are_theirs(
    case: str, variational: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    theirs = Theirs(case, variational)
    x = torch.rand(3, *theirs.shape)
    theirs.decode(theirs.encode(x)[0])  # moves the running averages
    theirs.eval()
    loaded = loaded_from(folder_of(theirs, tmp_path, name="VAEConfig" if variational else "AEConfig"))
    mean, log_var = theirs.encode(x)
    posterior = loaded.model.encode(x)
    torch.testing.assert_close(posterior.mean, mean)
    if log_var is None:
        assert posterior.std is None
    else:
        torch.testing.assert_close(posterior.std, (log_var / 2).exp())
    torch.testing.assert_close(loaded.model.decode(mean), theirs.decode(mean))
    monkeypatch.chdir(tmp_path)  # where the lines find the file
    assert any("torch.load('model.pt'" in line.text for line in source(loaded.model))
    check_lines(loaded.model, x)
    assert (loaded.origin, loaded.model.config.shape) == ("pythae", theirs.shape)
    assert "pickles beside the weights were not opened" in loaded.notes[0]


def test_networks_of_another_kind_are_refused_as_before(tmp_path: Path) -> None:
    theirs = Theirs("mnist conv", variational=True)
    theirs.decoder.layers.append(nn.Conv2d(1, 1, 1))  # type: ignore[operator, union-attr]
    folder = folder_of(theirs, tmp_path)
    with pytest.raises(CheckpointError, match=r"network of its own in encoder\.pkl, a pickle"):
        loaded_from(folder)
    folder_of(Theirs("mnist conv", variational=True), tmp_path, name="VQVAEConfig")
    with pytest.raises(CheckpointError, match="pass through a codebook"):
        loaded_from(folder)
    folder_of(Theirs("mnist conv", variational=True), tmp_path, latent_dim=4)
    with pytest.raises(CheckpointError, match=r"its code has 3 numbers, expected 4"):
        loaded_from(folder)
