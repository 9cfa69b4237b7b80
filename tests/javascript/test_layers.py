"""What the engine's layers give for an item, beside torch: every body, foreign networks too, layer by layer."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from aeviz.importers.models.statement import Statement
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.layers import Layer, filter_of, watch
from tests.cases import every
from tests.importers.conftest import loaded_from
from tests.importers.models.test_pythae_networks import NETWORKS, Theirs, folder_of
from tests.javascript.test_engine import FOREIGN, OTHERS, RESIZED, in_the_browser, resized, saved

WATCH = """async (engine, folder, item, label) => {
    const { readFileSync } = await import("node:fs");
    const read = (name) => new Uint8Array(readFileSync(`${folder}/${name}`));
    const model = engine.open(JSON.parse(new TextDecoder().decode(read("config.json"))), read("model.safetensors"));
    const unseen = model.watch(() => {}).size;
    const seen = model.watch(() => model.decode(model.encode(item, label).mean, label));
    const before = [...seen].map(([name, values]) => [name, Buffer.from(values.buffer.slice()).toString("base64")]);
    model.encode(item.map((value) => 1 - value), label); // nobody watches: nothing is kept
    const same = [...seen].every(([, values], i) => Buffer.from(values.buffer).toString("base64") === before[i][1]);
    return [unseen, same, before];
}"""


def check(engine: Any, network: Autoencoder, folder: Path) -> tuple[Layer, ...]:
    item = np.random.default_rng(3).random(network.config.shape, np.float32)
    label = 1 if network.config.classes else None
    layers, values = watch(network, torch.from_numpy(item)[None], None if label is None else torch.tensor([label]))
    unseen, same, sent = engine.evaluate(WATCH, str(folder), item, label)
    seen = {name: np.frombuffer(base64.b64decode(text), np.float32) for name, text in sent}
    assert unseen == 0
    assert same
    assert seen.keys() == {layer.name for layer in layers if layer.part != "code"}
    for layer in layers:
        assert layer.shape == tuple(values[layer.name].shape[1:])
        if layer.name in seen:
            np.testing.assert_allclose(seen[layer.name], values[layer.name].flatten(), atol=1e-3, rtol=1e-3)
    return layers


@pytest.mark.parametrize("name", every(3, OTHERS))
def test_each_layer_of_a_body_gives_what_torchs_gives(engine: Any, name: str, tmp_path: Path) -> None:
    network = saved(Config(**OTHERS[name]), tmp_path)
    layers = check(engine, network, tmp_path)
    assert sum(layer.part == "code" for layer in layers) == 1
    loose = [name for name, _ in network.named_parameters() if name.endswith(("places", "queries"))]
    parameters = dict(network.named_parameters())
    assert sum(layer.weights for layer in layers) == sum(
        weight.numel() for name, weight in parameters.items() if name not in loose
    )


@RESIZED
def test_each_layer_that_pooling_or_enlarging_follows_gives_what_torchs_gives(
    engine: Any, pool: type[nn.Module], mode: str, tmp_path: Path
) -> None:
    layers = check(engine, resized(pool, mode, tmp_path), tmp_path)
    assert [layer.followed for layer in layers if "Upsample" in layer.followed] == [("Upsample",), ("ReLU", "Upsample")]


@pytest.mark.parametrize("case", every(2, FOREIGN))
def test_each_layer_of_a_foreign_network_gives_what_torchs_gives(engine: Any, case: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    make, shape, statement = FOREIGN[case]
    save_file({name: value.contiguous() for name, value in make().items()}, tmp_path / "foreign.safetensors")
    assert isinstance(statement, Statement)
    network = loaded_from(tmp_path / "foreign.safetensors", Statement(**{**vars(statement), "shape": shape})).model
    in_the_browser(network, tmp_path)
    layers = check(engine, network, tmp_path)
    assert any(layer.followed for layer in layers) or case == "identity"
    assert all(filter_of(network, layer, 0) for layer in layers if layer.inputs)


@pytest.mark.parametrize("case", every(2, NETWORKS))
def test_each_layer_of_a_network_of_pythae_gives_what_torchs_gives(engine: Any, case: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = loaded_from(folder_of(Theirs(case, variational=True), tmp_path)).model
    in_the_browser(network, tmp_path)
    layers = check(engine, network, tmp_path)
    added = [layer for layer in layers if layer.kind == "residual"]
    assert len(added) == (4 if "resnet" in case else 0)
    assert not any(filter_of(network, layer, 0) for layer in added)
    assert sum(layer.weights for layer in layers) == sum(weight.numel() for weight in network.network.parameters())
