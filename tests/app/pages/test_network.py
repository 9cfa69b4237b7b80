"""The page Network in Streamlit's own harness."""

import base64
import json
from pathlib import Path
from typing import Any

import apptest
import numpy as np
import pytest
import small_models
import torch
from apptest import html, sound
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from aeviz import load, load_dataset
from aeviz.app import models, networks
from aeviz.app.url import Values
from aeviz.latent import activations
from aeviz.latent.explorer import Explorer
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.portable import portable
from aeviz.store import checkpoints
from tests.cases import every

SMALL = {"shape": (1, 28, 28), "channels": (2, 3), "hidden": (8,), "dataset": "mnist", "latent_dim": 4}
ITEM = 5


@pytest.fixture
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Path:
    """An AE and a VAE of pictures, and pairs of the other modalities, in place of `models/`."""
    monkeypatch.setattr(checkpoints, "models_folder", lambda: tmp_path)
    for family, code in small_models.CODES.items():
        torch.manual_seed(len(family))
        checkpoints.save(Autoencoder(Config(family=family, code=code, **SMALL)), tmp_path / f"mnist-{family}")
    small_models.save_all(tmp_path)
    return tmp_path


def shown(app: AppTest) -> dict[str, Any]:
    """What the page sends to its part."""
    found = [
        element.proto for element in app.get("bidi_component") if element.proto.component_name == "aeviz_network_view"
    ]
    assert len(found) == 1
    data: dict[str, Any] = json.loads(found[0].json)[0]
    return data


def array(packed: dict[str, Any]) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(packed["bytes"]), packed["dtype"]).reshape(packed["shape"])


@pytest.mark.parametrize("before", every(2, ["decode", "map"]))
def test_what_was_drawn_on_another_page_goes_through_the_networks(own_models: Path, before: str) -> None:
    drawn = np.zeros((1, 28, 28), np.float32)
    drawn[0, 5:20, 13:16] = 1
    text = Values("own", "", shape=drawn.shape, span=(0, 1)).write(drawn)
    app = apptest.opened(before, data="mnist", shown="draw", own=text)
    apptest.go(app, "network")
    app.query_params.clear()
    sound(app.run())
    assert app.query_params["own"] in (text, [text]), "another page, and the same name under which its widget is kept"
    np.testing.assert_array_equal(array(shown(app)["item"]["values"]).reshape(drawn.shape), drawn)


def test_the_pair_and_the_unit_that_a_link_opens(own_models: Path) -> None:
    opened = {"side": "right", "layer": "encoder.layers.2", "unit": 1, "numbers_right": "1.000_0.000_-0.500_0.250"}
    app = apptest.opened("network", item=ITEM, **opened)
    data = shown(app)
    assert [network["side"] for network in data["networks"]] == ["left", "right"]
    for network, name in zip(data["networks"], ("mnist-ae", "mnist-vae"), strict=True):
        model = load(name, device="cpu")
        assert network["digest"]
        assert network["seen"] is None, "the tab runs it"
        assert network["weights"] == sum(weight.numel() for weight in model.parameters())
        assert network["weights"] == sum(layer["weights"] for layer in network["layers"])
        assert f'load_file("{name}/model.safetensors")' in "\n".join(line["text"] for line in network["lines"])
    assert data["networks"][1]["code"]["turned"] == [1.0, 0.0, -0.5, 0.25]
    np.testing.assert_array_equal(array(data["item"]["values"]), load_dataset("mnist").items[ITEM])
    unit, items = data["unit"], load_dataset("mnist").items[:1000]
    extremes = activations.extremes(Explorer(load("mnist-vae", device="cpu")), items)["encoder.layers.2"]
    assert unit["of"] == 1000
    assert unit["highestRows"][0] == int(extremes.mean[:, 1].argmax())
    assert unit["highest"][0] == pytest.approx(float(extremes.mean[:, 1].max()), rel=1e-4)
    assert unit["lowest"][0] == pytest.approx(float(extremes.mean[:, 1].min()), rel=1e-4)
    assert app.query_params["layer"] == "encoder.layers.2"
    app.button(key="network-another").click()
    assert shown(sound(app.run()))["networks"][1]["code"]["turned"] is None, "it belonged to the item before"
    assert "numbers_right" not in app.query_params


def test_what_the_tab_cannot_run_the_server_does(own_models: Path) -> None:
    app = AppTest.from_file(str(apptest.ROOT / "app.py"), default_timeout=300)
    apptest.go(app, "network")
    vae = load("mnist-vae", device="cpu")
    item, code = load_dataset("mnist").items[ITEM], np.array([0.5, 0, 0, -1], np.float32)
    address = {"item": str(ITEM), "shown": "draw", "side": "right", "layer": "encoder.layers.0", "unit": "1"}
    for name, value in {**address, "numbers_right": "0.5_0_0_-1"}.items():
        app.query_params[name] = value
    digests = {portable(models.explorer(f"mnist-{name}").model).digest for name in small_models.CODES}
    app.session_state[networks.REFUSED] = digests
    data = shown(sound(app.run()))
    network = data["networks"][1]
    assert data["draws"] is None, "a drawing goes to the server's own pad"
    assert network["digest"] == ""
    assert "server" in network["told"]
    watched = activations.watched(Explorer(vae), item, None, code)
    assert network["seen"].keys() == watched.values.keys()
    for name, values in watched.values.items():
        np.testing.assert_allclose(array(network["seen"][name]), values, atol=1e-5)
    np.testing.assert_allclose(array(network["made"]), vae.decode(torch.tensor(code[None]))[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(array(data["unit"]["filter"]), vae.encoder.layers[0].weight[1], atol=1e-6)


@pytest.mark.parametrize("dataset", every(3, small_models.DATASETS))
def test_every_modality_is_drawn(own_models: Path, dataset: str) -> None:
    data = shown(apptest.opened("network", data=dataset, **small_models.PAIR, which="right"))
    assert [network["side"] for network in data["networks"]] == ["right"]
    kinds = {"ecg": "curves", "power": "curves", "shuttle": "bars", "wage": "bars", "names": "symbols"}
    assert data["looks"]["kind"] == kinds[dataset]
    assert data["looks"]["tile"] is None
    named = {"shuttle", "wage", "names"}  # symbols, and the bars of rows
    assert len(data["looks"]["names"]) == (data["item"]["shape"][0] if dataset in named else 0)


def test_a_conditional_model_runs_and_is_told_a_class(own_models: Path) -> None:
    torch.manual_seed(3)
    config = Config(family="cvae", code="gaussian", classes=10, **SMALL)
    checkpoints.save(Autoencoder(config), own_models / "mnist-cvae")
    app = apptest.opened("network", data="mnist", item=ITEM, which="conditional", numbers_left="1_0_0_0")
    data = shown(app)
    assert [network["title"] for network in data["networks"]] == ["Conditional variational autoencoder, 4 numbers"]
    assert data["networks"][0]["digest"]
    assert data["item"]["label"] == load_dataset("mnist").labels[ITEM], "the item's own, until another is chosen"
    assert "one_hot(label, 10)" in "\n".join(line["text"] for line in data["networks"][0]["lines"])
    app = apptest.opened("network", data="mnist", item=ITEM, which="conditional", **{"class": 7})
    assert shown(app)["item"]["label"] == 7


def test_home_opens_with_it() -> None:
    app = apptest.opened("home")
    assert html(app).count('class="aeviz-passage"') == 1
    assert "16 numbers" in html(app)


def test_what_moves_a_unit_is_told_apart_by_the_items() -> None:
    """The largest over the places was that of the blank edge for many maps, and for all items the same."""
    data = models.data("mnist")
    for name in ("mnist-ae", "mnist-vae"):
        explorer = models.explorer(name)
        maps = {layer.name for layer in activations.watched(explorer, data.items[0]).layers if len(layer.shape) > 1}
        for layer, found in activations.extremes(explorer, data.items[:200]).items():
            if layer not in maps:
                continue
            ordered = np.sort(found.mean, axis=0)
            reach = np.ptp(ordered, axis=0)
            assert (ordered[-1] - ordered[-6] > 1e-4 * reach).mean() > 0.9, f"{name}, {layer}"
            assert (ordered[5] - ordered[0] > 1e-4 * reach).mean() > 0.9, f"{name}, {layer}"
