"""The page Generate in Streamlit's own harness; what its live parts show is tested in a real browser."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import apptest
import numpy as np
import pytest
import torch
from apptest import html, parts, sent, sound
from cases import every
from streamlit.testing.v1 import AppTest

from aeviz.app import models
from aeviz.datasets.arrays import dataset_of
from aeviz.datasets.sources import load_dataset
from aeviz.evaluation.features import classifier_card
from aeviz.figures import files
from aeviz.importers.callables import wrap
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store import checkpoints, registry

ROOT = Path(__file__).parents[3]
SMALL = {"shape": (1, 28, 28), "channels": (2, 2), "hidden": (8,), "dataset": "mnist"}


def opened(**parameters: object) -> AppTest:
    return apptest.opened("generate", **parameters)


@pytest.fixture(scope="module")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Small untrained models in place of `models/`: an AE, a VAE and a conditional VAE."""
    folder = tmp_path_factory.mktemp("models")
    for family, extra in (
        ("ae", {"latent_dim": 3}),
        ("vae", {"latent_dim": 4, "code": "gaussian"}),
        ("cvae", {"latent_dim": 3, "code": "gaussian", "classes": 10}),
    ):
        torch.manual_seed(0)
        network = Autoencoder(Config(family=family, **SMALL, **extra))
        with torch.no_grad():
            for weight in network.parameters():
                weight.mul_(3)  # so that another code is another picture, once it is rounded
        checkpoints.save(network, folder / f"mnist-{family}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "models_folder", lambda: folder)
        apptest.forget()
        yield folder
        apptest.forget()


@pytest.fixture
def fewer_models(
    small_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """`fewer_models("mnist-cvae")`: the small models whose names match, and no other."""

    def only(pattern: str) -> None:
        for folder in small_models.glob(pattern):
            shutil.copytree(folder, tmp_path / folder.name)
        monkeypatch.setattr(checkpoints, "models_folder", lambda: tmp_path)
        apptest.forget()

    yield only
    apptest.forget()


def test_it_shows_the_pair_and_says_what_it_measured(small_models: Path) -> None:
    app = opened()
    assert "<h1>Decode a random code</h1>" in html(app)
    assert parts(app) == 4, "two dials, the grid of classes and the draws of one"
    assert any(text.value.startswith("From N(0, I), ") for text in app.markdown)
    assert dict(app.query_params) == {}


def test_a_run_in_which_no_draw_changes_lays_out_none(small_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, laid = opened(temperature=1.4), []
    before = sent(app, "panels")
    monkeypatch.setattr(files, "sheets", lambda *given: laid.append(given))
    app.run()
    sound(app)
    assert (laid, sent(app, "panels")) == ([], before)


def test_conditional_models_are_here_and_not_in_the_header(small_models: Path) -> None:
    app = opened()
    assert app.selectbox(key="left").options == ["Autoencoder, 3 numbers", "Variational autoencoder, 4 numbers"]
    assert "read as the class asked for" in html(app)
    grid, draws = sent(app, "names")
    assert len(grid) == 6 * 10
    assert grid[13] == "draw 1, 3"
    assert len(draws) == 48
    assert set(models.zoo()["mnist"]) == {"ae", "vae", "cvae"}
    assert set(models.comparable()["mnist"]) == {"ae", "vae"}


def test_a_class_is_chosen_and_marked(small_models: Path) -> None:
    app = opened(**{"class": 7})
    assert "of class “7”" in html(app)
    app.segmented_control(key="class").select("3").run()
    sound(app)
    assert "of class “3”" in html(app)
    assert sent(app, "marked") == [3, None]
    assert app.query_params["class"] in ("3", ["3"])


@pytest.mark.long
def test_without_a_conditional_model_it_says_how_to_train_one(fewer_models: Callable[[str], None]) -> None:
    fewer_models("mnist-[av]*")
    app = opened()
    assert [code.value for code in app.code] == ["aeviz train cvae mnist"]


def test_models_that_are_all_conditional_make_no_pair(fewer_models: Callable[[str], None]) -> None:
    fewer_models("mnist-c*")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).run()
    assert [title.value for title in app.title] == ["No model is installed yet"]


@pytest.mark.long
def test_new_draws_take_the_next_seed(small_models: Path) -> None:
    app = opened(seed=4)
    app.button(key="redraw").click().run()
    sound(app)
    assert app.number_input(key="seed").value == 5


@pytest.mark.long
def test_a_generated_item_is_opened_with_its_code_and_what_is_nearest(small_models: Path) -> None:
    app = opened(opened="fitted-right-7")
    assert "Draw 8 of Variational autoencoder, 4 numbers, drawn from a Gaussian fitted to its own codes" in html(app)
    assert "nearest real picture" in html(app)
    assert parts(app) == 5, "the nearest codes can be chosen"
    app.button(key="opened-close").click().run()
    assert "nearest real picture" not in html(app)
    assert "opened" not in app.query_params


@pytest.mark.parametrize(
    ("opened_class", "title"), every(2, [("draw-5", "Draw 6, told “4”"), ("grid-2-7", "Draw 2, told “7”")])
)
def test_a_picture_of_the_conditional_model_is_opened(small_models: Path, opened_class: str, title: str) -> None:
    app = opened(**{"class": 4}, opened_class=opened_class)
    assert title in html(app)
    assert "nearest real picture" in html(app)
    app.button(key="opened_class-close").click().run()
    assert title not in html(app)
    assert "opened_class" not in app.query_params


def test_ones_own_item_is_drawn_round(small_models: Path) -> None:
    app = opened(item=5)
    round_item, styles = shown_sheets(app)
    own = np.zeros((1, 28, 28), np.float32)
    own[0, 4:24, 13:16] = 1
    app.session_state["remembered-image-draw-own"] = own
    app.segmented_control(key="shown").select("draw").run()
    sound(app)
    assert "your drawing" in html(app)
    drawn_round, drawn_styles = shown_sheets(app)
    assert drawn_round != round_item
    assert drawn_styles != styles


def shown_sheets(app: AppTest) -> tuple[str, str]:
    """What the dial round an item shows, and the grid of classes."""
    return json.dumps(sent(app, "panels")[1]), json.dumps(sent(app, "sheet")[-2])


@pytest.mark.long
def test_another_item_stays_selected_on_other_pages(small_models: Path) -> None:
    app = opened(item=77)
    assert app.number_input(key="around-number").value == 77
    app.number_input(key="around-number").set_value(78).run()
    sound(app)
    assert app.session_state["remembered-item"] == 78


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [
        ({"temperature": 1.6, "radius": 0.3, "seed": 9, "around_seed": 3, "style": 2}, True),
        ({"temperature": "nan", "radius": -1, "seed": "x", "class": "zebra", "style": -5}, False),
    ],
)
def test_the_url_is_the_state(small_models: Path, parameters: dict[str, object], kept: bool) -> None:
    app = opened(**parameters)
    assert {name: name in app.query_params for name in parameters} == dict.fromkeys(parameters, kept)


def test_pictures_without_a_classifier_are_shown_unmeasured(fresh_caches: None) -> None:
    items = np.random.default_rng(0).random((60, 3, 9, 9), np.float32)
    basis = np.linalg.qr(np.random.default_rng(1).normal(size=(243, 3)))[0].astype(np.float32)
    data = registry.PROCESS.add_dataset(dataset_of(items, None, title="Noise"))
    try:
        for title in ("one", "two"):
            model = wrap(
                lambda x: np.asarray(x).reshape(len(x), -1) @ basis,
                lambda z: 0.5 + 0.01 * np.asarray(z) @ basis.T,
                data,
                title=title,
            )
            registry.PROCESS.add_model(model, title)
        app = opened()
        assert parts(app) == 2
        assert any("No classifier" in text.value for text in app.caption)
        assert not re.search(r"\bnan\b", html(app))
    finally:
        registry.PROCESS.clear()


def test_why_few_pictures_make_textures_is_said_with_figures() -> None:
    captions = "\n".join(caption.value for caption in opened(data="emoji").caption)
    assert "1,528 pictures" in captions
    assert len(load_dataset("emoji", split="train")) == 1528
    distance = models.zoo()["emoji"]["vae"].metrics["frechet"]
    assert f"{distance:.1f} of VAE's draws" in captions
    assert f"{classifier_card('emoji').floor:.1f} of real ones" in captions


def test_draws_that_come_equally_near_one_by_one_may_differ_together() -> None:
    app = apptest.opened("generate", data="emoji")
    said = " ".join(text.value for text in app.markdown)
    near, far = (models.zoo()["emoji"][name].metrics["frechet"] for name in ("vae", "ae"))
    assert near * 1.5 < far
    assert f"together those of VAE resemble them more: a Fréchet distance of {near:.1f} against {far:.1f}" in said
