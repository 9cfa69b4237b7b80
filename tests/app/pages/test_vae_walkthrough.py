"""The page How a VAE thinks in Streamlit's own harness."""

import base64
import re
import shutil
from dataclasses import replace
from pathlib import Path

import apptest
import numpy as np
import pytest
import torch
from apptest import html, parts, sound
from streamlit.testing.v1 import AppTest

from aeviz import load, load_dataset
from aeviz.app import models, networks
from aeviz.app.model_names import looks
from aeviz.app.panels import beta_columns
from aeviz.evaluation import sweeps
from aeviz.latent.explorer import Explorer
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store import checkpoints

ROOT = Path(__file__).parents[3]
SMALL = {"shape": (1, 28, 28), "channels": (2, 2), "hidden": (8,), "dataset": "mnist"}
ITEM = 5


def opened(**parameters: object) -> AppTest:
    return apptest.opened("how-a-vae-thinks", **{"item": ITEM, **parameters})


def model(name: str, folder: Path, **settings: object) -> None:
    torch.manual_seed(len(name))
    checkpoints.save(Autoencoder(Config(**{**SMALL, "code": "gaussian", **settings})), folder / f"mnist-{name}")


@pytest.fixture
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Path:
    """An AE, a VAE of two numbers, and a VAE of five with two weights β, in place of `models/`."""
    monkeypatch.setattr(checkpoints, "models_folder", lambda: tmp_path)
    model("ae", tmp_path, family="ae", latent_dim=3, code="deterministic")
    model("vae-2d", tmp_path, family="vae", latent_dim=2)
    model("vae", tmp_path, family="vae", latent_dim=5)
    model("beta-vae-4", tmp_path, family="beta-vae", latent_dim=5, objective={"beta": 4})
    model("cvae", tmp_path, family="cvae", latent_dim=5, classes=10)
    return tmp_path


@pytest.fixture
def by_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tab runs no model."""
    monkeypatch.setattr(networks, "of", lambda name: None)


EQUATION = re.compile(r"<span>z([₀-₉]) = .*? = (−?[\d.]+) \+ ([\d.]+) · \(?(−?[\d.]+)\)? = <b>(−?[\d.]+)</b></span>")


def equations(app: AppTest) -> dict[str, list[float]]:
    """μ, σ, ε and z of each coordinate that is written out."""
    return {name: [float(text.replace("−", "-")) for text in rest] for name, *rest in EQUATION.findall(html(app))}


def test_it_walks_an_item_through_the_flat_vae(own_models: Path) -> None:
    app = opened()
    assert app.selectbox(key="network").value == "vae-2d"
    assert app.selectbox(key="network").options == [
        "Variational autoencoder, 2 numbers",
        "Variational autoencoder, 5 numbers",
        "β-variational autoencoder, 5 numbers",
    ], "the names that these models have on every page"
    assert parts(app) == 2  # the posterior, and the model that decodes it in the tab
    assert apptest.sent(app, "turned")[0]["seed"] == 0
    assert "Encode: μ and σ" not in html(app)  # the part says so


def test_the_server_shows_the_steps_of_a_model_that_the_tab_does_not_run(own_models: Path, by_the_server: None) -> None:
    text = html(opened())
    for step in ("Encode: μ and σ", "Draw z from the cloud", "Decode z", "Score: the two terms of the loss"):
        assert step in text


def test_what_a_hand_turned_is_in_the_link(own_models: Path) -> None:
    app = opened(mean="0:0.5", spread="1:0.25")
    order, turned, item = (apptest.sent(app, name)[0] for name in ("order", "turned", "item"))
    encoded = dict(zip(("mean", "std"), Explorer(load(own_models / "mnist-vae-2d")).encode(
        load_dataset("mnist").items[ITEM][None]), strict=True))  # fmt: skip
    assert turned["mean"][order.index(0)] == 0.5
    assert turned["std"][order.index(1)] == 0.25
    assert turned["mean"][order.index(1)] == pytest.approx(float(encoded["mean"][0, 1]), abs=1e-5)
    found = np.frombuffer(base64.b64decode(item["mean"]["bytes"]), np.float32)
    np.testing.assert_allclose(found, encoded["mean"][0], atol=1e-5)


def test_the_server_shows_what_a_hand_turned_too(own_models: Path, by_the_server: None) -> None:
    (mu, _, _, _), (_, sigma, epsilon, z) = equations(opened(mean="0:0.5", spread="1:0.25")).values()
    assert (mu, sigma) == (0.5, 0.25)
    mean = equations(opened())["₁"][0]
    assert z == pytest.approx(mean + 0.25 * epsilon, abs=0.02)


def test_what_a_hand_turned_belongs_to_its_item(own_models: Path) -> None:
    app = opened(mean="0:0.5", spread="1:0.25")
    app.number_input(key="thinks-number").set_value(9).run()
    sound(app)
    assert not {"mean", "spread"} & set(app.query_params)


def test_the_equations_hold_and_have_the_items_numbers(own_models: Path, by_the_server: None) -> None:
    network = Explorer(load(own_models / "mnist-vae-2d"))
    mean, std = network.encode(load_dataset("mnist").items[ITEM][None])
    assert std is not None
    found = equations(opened(epsilon=3))
    assert list(found) == ["₀", "₁"]
    for i, (mu, sigma, epsilon, z) in enumerate(found.values()):
        assert mu == pytest.approx(float(mean[0, i]), abs=0.006)
        assert sigma == pytest.approx(float(std[0, i]), abs=0.0006)
        assert z == pytest.approx(mu + sigma * epsilon, abs=0.02)


def test_a_new_epsilon_changes_z_and_the_url(own_models: Path, by_the_server: None) -> None:
    app = opened()
    before = equations(app)
    app.button(key="new-noise").click().run()
    sound(app)
    after = equations(app)
    assert [row[:2] for row in before.values()] == [row[:2] for row in after.values()]
    assert [row[2:] for row in before.values()] != [row[2:] for row in after.values()]
    assert app.query_params["epsilon"] in ("1", ["1"])
    assert equations(opened(epsilon=1)) == after


def test_a_place_by_hand_is_z_until_the_next_draw(own_models: Path, by_the_server: None) -> None:
    app = opened(place="0.5_-0.25")
    assert [row[3] for row in equations(app).values()] == [0.5, -0.25]
    app.button(key="new-noise").click().run()
    sound(app)
    assert "place" not in app.query_params


@pytest.mark.long
def test_a_place_by_hand_belongs_to_its_item(own_models: Path) -> None:
    app = opened(place="0.5_-0.25")
    app.number_input(key="thinks-number").set_value(9).run()
    sound(app)
    assert "place" not in app.query_params


def test_what_the_url_cannot_mean_is_dropped(own_models: Path) -> None:
    app = opened(place="nan_1", epsilon=-4, network="gan", look="away")
    assert dict(app.query_params) in ({"item": "5"}, {"item": ["5"]})


def test_the_terms_are_those_of_the_drawn_code(own_models: Path, by_the_server: None) -> None:
    network = load(own_models / "mnist-vae-2d")
    x = torch.from_numpy(load_dataset("mnist").items[ITEM][None].copy())
    posterior = network.encode(x)
    noise = torch.from_numpy(np.random.default_rng([0, ITEM]).standard_normal(2, np.float32))
    logits = network.decode_logits(posterior.mean + posterior.std * noise)  # type: ignore[operator]
    error, kl = float(network.likelihood.error(logits, x)), float(posterior.kl().sum())
    assert f"<b>{error + kl:.1f}</b> nats = {error:.1f} + {kl:.1f}" in html(opened())


def test_the_weights_stand_side_by_side(own_models: Path) -> None:
    app = opened(network="beta-vae-4")
    text = html(app)
    assert re.findall(r"β = ([\d.]+)<", text) == ["1", "4"]
    own = looks(models.zoo()["mnist"]["beta-vae-4"]).label
    assert text.index(f"β = 4<small>{own}, chosen above") > 0
    for variant in ("vae", "beta-vae-4"):
        assert f"--accent: {looks(models.zoo()['mnist'][variant]).colour}" in text
    assert text.count("items that share this code") == 2
    assert parts(app) == 2


def test_models_that_differ_in_more_than_beta_are_not_compared(own_models: Path) -> None:
    model("beta-vae-2d", own_models, family="beta-vae", latent_dim=7, objective={"beta": 9})
    apptest.forget()
    cards = beta_columns.variational("mnist")
    assert [card.name for card in beta_columns.siblings("mnist", cards["vae"])] == ["mnist-vae", "mnist-beta-vae-4"]
    assert "beta-vae-2d" in cards


def test_one_weight_alone_tells_how_to_train_others(own_models: Path) -> None:
    shutil.rmtree(own_models / "mnist-beta-vae-4")
    app = opened()
    assert "--objective beta=4" in app.code[0].value


def test_without_a_vae_it_tells_how_to_train_one(own_models: Path) -> None:
    for name in ("vae", "vae-2d", "beta-vae-4", "cvae"):
        shutil.rmtree(own_models / f"mnist-{name}")
    app = opened()
    assert app.code[0].value == "aeviz train vae mnist --latent 2"


@pytest.mark.long
def test_a_code_of_one_number_is_shown_too(own_models: Path, by_the_server: None) -> None:
    model("vae-1d", own_models, family="vae", latent_dim=1)
    apptest.forget()
    app = opened(network="vae-1d")
    assert list(equations(app)) == ["₀"]


def test_the_weight_of_a_foreign_model_is_not_known(fresh_caches: None, monkeypatch: pytest.MonkeyPatch) -> None:
    card = models.zoo()["mnist"]["vae-2d"]
    assert sweeps.beta(card) == 1
    foreign = replace(card, config={**card.config, "training": {"origin": "pythae"}})
    monkeypatch.setattr(models, "zoo", lambda: {"mnist": {"ae-2d": models.zoo()["mnist"]["ae-2d"], "vae-2d": foreign}})
    assert sweeps.beta(foreign) is None
    assert beta_columns.beta_text(None) == "β unknown"
