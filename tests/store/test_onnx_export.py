"""Our own models as ONNX give what they give in torch, and come back in as they went out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from aeviz.importers.models.onnx_graph import read_onnx
from aeviz.importers.models.onnx_session import Session
from aeviz.importers.reading import read_model
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store.onnx_export import DECODER, ENCODER, export
from tests.cases import every

PICTURE = Config(family="vae", shape=(1, 8, 8), latent_dim=3, code="gaussian", body="dense", hidden=(8,))
SERIES = {"modality": "series", "shape": (1, 32), "hidden": (8,)}
TEXT = {"modality": "text", "shape": (6, 5), "hidden": (8,)}
BODIES: dict[str, dict[str, Any]] = {
    "dense": {},
    "conv": {"channels": (4, 4)},
    "conv1d": SERIES,
    "lstm": SERIES,
    "transformer": TEXT,
    "lstm-writer": TEXT,
}


def items_of(config: Config, count: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    if config.modality == "text":
        symbols = torch.randint(config.shape[0], (count, config.shape[1]), generator=generator)
        return torch.nn.functional.one_hot(symbols, config.shape[0]).transpose(1, 2).float()
    return torch.rand(count, *config.shape, generator=generator)


@pytest.mark.parametrize("body", every(6, BODIES))
def test_every_body_gives_what_it_gives_in_torch(body: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = replace(PICTURE, likelihood="", output="", body=body, **BODIES[body])
    model = Autoencoder(config).eval().requires_grad_(False)
    folder = export(model, tmp_path / "m")
    answer = read_model(folder, device="cpu")
    x = items_of(config)
    expected, found = model.encode(x), answer.model.encode(x)  # type: ignore[union-attr]
    torch.testing.assert_close(found.mean, expected.mean, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.std, expected.std, atol=1e-5, rtol=1e-5)
    decoder = Session((folder / DECODER).read_bytes(), DECODER)
    rows = decoder.inputs["z"][1][0] or len(x)
    items = [decoder.run({"z": z.numpy()}, ["y"])[0] for z in expected.mean.split(rows)]
    np.testing.assert_allclose(np.concatenate(items), model.decode(expected.mean), atol=1e-5)
    facts = json.loads(read_onnx(folder / ENCODER).metadata["aeviz"])
    assert (facts["modality"], facts["shape"]) == (config.modality, list(config.shape))


@pytest.mark.long
def test_a_point_code_and_a_class_are_written_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = replace(PICTURE, family="cvae", classes=4)
    model = Autoencoder(config).eval().requires_grad_(False)
    folder = export(model, tmp_path / "m")
    x, labels = items_of(config, 3), torch.tensor([0, 3, 1])
    one_hot = torch.nn.functional.one_hot(labels, 4).float().numpy()
    mean, std = Session((folder / ENCODER).read_bytes(), ENCODER).run(
        {"x": x.numpy(), "labels": one_hot}, ["mean", "std"]
    )
    expected = model.encode(x, labels)
    np.testing.assert_allclose(mean, expected.mean, atol=1e-5)
    np.testing.assert_allclose(std, expected.std, atol=1e-5)
    point = Autoencoder(replace(PICTURE, family="ae", code="deterministic", activation="relu")).eval()
    folder = export(point.requires_grad_(False), tmp_path / "p")
    (code,) = Session((folder / ENCODER).read_bytes(), ENCODER).run({"x": x.numpy()}, ["code"])
    np.testing.assert_allclose(code, point.encode(x).mean, atol=1e-5)
