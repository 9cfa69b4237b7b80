"""Models and data that a process registered: every page shows them, beside those on the disc."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from apptest import html, opened, visited
from cases import diagonal, every
from streamlit.testing.v1 import AppTest

from aeviz import Dataset
from aeviz.app import models, navigation
from aeviz.datasets.arrays import dataset_of
from aeviz.errors import CallableError
from aeviz.importers.callables import wrap
from aeviz.store import checkpoints, registry
from tests.importers.conftest import zipped
from tests.importers.models.onnx_made import onnx_pair

ROOT = Path(__file__).parents[2]
PAGES = list(navigation.ENTRIES)
SIDE, DIM = 9, 3
BASIS = np.linalg.qr(np.random.default_rng(1).normal(size=(SIDE * SIDE * 3, DIM)))[0].astype(np.float32)


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    registry.PROCESS.clear()
    yield
    registry.PROCESS.clear()


def encode(x: np.ndarray) -> np.ndarray:
    return np.asarray(x).reshape(len(x), -1) @ BASIS[: np.asarray(x)[0].size]


def decode(z: np.ndarray) -> np.ndarray:
    return 0.5 + 0.01 * np.asarray(z) @ BASIS.T


def gaussian(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return encode(x), np.full((len(x), DIM), 0.2, np.float32)


def register(count: int = 120, *, labels: bool = True) -> Dataset:
    """Two models, one of them Gaussian, of `count` colour pictures."""
    rng = np.random.default_rng(0)
    items = rng.random((count, 3, SIDE, SIDE), np.float32)
    data = registry.PROCESS.add_dataset(dataset_of(items, np.arange(count) % 3 if labels else None, title="Noise"))
    for title, f in (("my <b>AE</b>", encode), ("my VAE", gaussian)):
        registry.PROCESS.add_model(wrap(f, decode, data, title=title), title)
    return data


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_ones_own_models_and_data(page: str) -> None:
    data = register()
    app = opened(page)
    choice = app.session_state["choice"]
    assert choice.dataset == data.name
    assert [model.label for model in choice.pair] == ["my ‹b›AE‹/b›", "my VAE"]
    assert "<b>AE" not in html(app)
    assert app.selectbox(key="data").options[0] == "Noise"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("count", [8, pytest.param(45, marks=pytest.mark.long)])
def test_a_few_unlabelled_items_are_enough(page: str, count: int) -> None:
    register(count, labels=False)
    app = opened(page)
    assert "nan" not in html(app)


def flat_codes(x: np.ndarray) -> np.ndarray:
    """Codes that differ by less than rounding does."""
    return 5 + 1e-7 * encode(x) / 100


def unsound(x: np.ndarray) -> np.ndarray:
    """Codes of which some are no numbers, which the few items of a trial do not show."""
    z = encode(x)
    return np.where(np.arange(len(z))[:, None] % 50 == 49, np.nan, z)


def register_one(f: Callable[[np.ndarray], np.ndarray]) -> None:
    items = np.random.default_rng(0).random((120, 3, SIDE, SIDE), np.float32)
    data = registry.PROCESS.add_dataset(dataset_of(items, np.arange(120) % 3, title="Noise"))
    registry.PROCESS.add_model(wrap(f, decode, data, title="mine", arrays="numpy"), "mine")


@pytest.mark.parametrize(
    ("page", "method"),
    every(5, [("map", "umap"), ("map", "tsne"), ("map", "pca"), ("home", "pca"), ("interpolate", "pca")]),
)
def test_codes_that_are_all_alike_have_a_sentence_for_a_map(page: str, method: str) -> None:
    register_one(flat_codes)
    app = opened(page, method=method)
    told = [note.value for note in app.info]
    assert told
    assert all("nothing to map" in text for text in told), told
    assert not [button for button in app.button if "Compute" in button.label], "no map of rounding is offered"


@pytest.mark.parametrize("page", every(2, ["decode", "generate"]))
def test_what_a_model_cannot_do_is_told_where_a_part_of_the_page_stands(page: str) -> None:
    register_one(unsound)
    app = visited(page)
    assert not app.exception
    assert any("encode gave NaN" in error.value for error in app.error)


MATTER = {
    "series": np.sin(np.arange(16) * (1 + np.arange(40)[:, None] % 3) / 3)[:, None],
    "table": pd.DataFrame({"age": np.arange(40.0), "size": np.arange(40) % 7, "kind": list("ab") * 20}),
    "text": [f"{'abc'[row % 3]}n{'aeo'[row % 2]}" for row in range(40)],
}


@pytest.mark.parametrize(
    ("page", "kind"), diagonal(["home", "map", "decode", "interpolate", "repair", "generate"], list(MATTER))
)
def test_pages_show_series_rows_and_texts_of_ones_own(page: str, kind: str) -> None:
    data = registry.PROCESS.add_dataset(dataset_of(MATTER[kind], np.arange(40) % 2, title="Mine"))
    size = data.items[0].size
    base = np.linalg.qr(np.random.default_rng(1).normal(size=(size, 2)))[0].astype(np.float32)

    def code(x: np.ndarray) -> np.ndarray:
        return np.asarray(x).reshape(len(x), -1) @ base

    def item(z: np.ndarray) -> np.ndarray:
        return np.clip(np.asarray(z) @ base.T, 0, 1).reshape(len(z), *data.shape)

    for title, f in (("my AE", code), ("my VAE", lambda x: (code(x), np.full((len(x), 2), 0.2, np.float32)))):
        registry.PROCESS.add_model(wrap(f, item, data, title=title), title)
    app = opened(page)
    assert app.session_state["choice"].dataset == data.name
    assert data.modality.name == kind


def test_pictures_of_ones_own_have_no_classifier_for_now() -> None:
    """It is not said that there is none of their kind, nor how to train one: the command takes our data sets alone."""
    register()
    captions = [caption.value for caption in opened("compare", figures="generation").caption]
    assert "No classifier of this data set." in captions


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_settings_of_a_map_suit_a_few_items(method: str) -> None:
    register(45)
    app = opened("map", method=method)
    assert [button.label for button in app.button if "Compute" in button.label] == (
        [] if method == "pca" else ["Compute these maps"]
    )


def test_one_model_of_a_shipped_data_set_stands_beside_ours() -> None:
    data = models.data("mnist")
    side = np.linalg.qr(np.random.default_rng(1).normal(size=(784, 4)))[0].astype(np.float32)
    mine = wrap(
        lambda x: np.asarray(x).reshape(len(x), -1) @ side,
        lambda z: 0.5 + 0.01 * np.asarray(z) @ side.T,
        data,
        title="mine",
    )
    card = registry.PROCESS.add_model(mine, "mine")  # a number behind it where others gave the name before
    assert re.fullmatch(r"mnist-mine(~\d+)?", card.name)
    app = opened("decode")
    choice = app.session_state["choice"]
    assert (choice.left.name, choice.right.name) == (card.name, "mnist-vae")
    assert {models.variant(card), "ae", "vae"} <= set(models.zoo()["mnist"])
    assert opened("decode", left="ae").session_state["choice"].left.name == "mnist-ae"


def test_what_is_removed_is_gone_from_the_page() -> None:
    data = register()
    app = opened("home")
    registry.PROCESS.remove(data.name)
    app.run()
    assert not app.exception
    assert app.session_state["choice"].dataset == "mnist"


def test_a_callable_that_fails_is_told_of_in_words() -> None:
    data = registry.PROCESS.add_dataset(dataset_of(np.zeros((20, 1, 5, 5)), title="Zeros"))

    def moody(x: np.ndarray) -> np.ndarray:
        if len(x) > 10:
            raise RuntimeError("out of cheese")
        return np.zeros((len(x), 2))

    registry.PROCESS.add_model(wrap(moody, lambda z: np.zeros((len(z), 25)), data, title="moody"), "moody")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    app.run()
    assert not app.exception
    (error,) = app.error
    assert "encode failed on a float32 tensor (20, 1, 5, 5): RuntimeError: out of cheese" in error.value


def test_callables_that_change_their_mind_are_refused() -> None:
    data = dataset_of(np.zeros((20, 1, 5, 5)), title="Zeros")
    size = [2]
    model = wrap(lambda x: np.zeros((len(x), size[0])), lambda z: np.zeros((len(z), 25)), data, title="fickle")
    import torch

    model.encode(torch.zeros(2, 1, 5, 5))
    size[0] = 3
    with pytest.raises(CallableError, match="another kind now"):
        model.encode(torch.zeros(2, 1, 5, 5))


def test_a_model_in_another_form_that_is_named_at_the_start_stands_beside_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, data in onnx_pair().items():
        (tmp_path / "network").mkdir(exist_ok=True)
        (tmp_path / "network" / name).write_bytes(data)
    (tmp_path / "broken.zip").write_bytes(zipped({"encoder.onnx": onnx_pair()["encoder.onnx"]}))
    monkeypatch.setenv(checkpoints.VARIABLE, str(tmp_path))
    monkeypatch.setattr(registry, "PROCESS", registry.Registry())
    problems = models.register_named()
    cards = registry.PROCESS.cards()
    assert [(card.title, card.dataset, card.latent_dim) for card in cards] == [
        ("network", "mnist", 3),
        ("network", "fashion", 3),
    ]
    assert [card.name for card in problems] == ["broken.zip"]
    assert "an encoder or a decoder alone" in str(problems[0].problem)


def test_the_decoder_of_ones_own_model_is_not_taken_for_a_program() -> None:
    register(40)
    app = opened("compress", data="noise")
    (table,) = (frame.value for frame in app.dataframe if "decoder" in frame.value)
    decoders = table.set_index("codec")["decoder"]
    assert list(decoders[:2]) == ["not known"] * 2
    assert decoders["JPEG"] == "a program"
    assert decoders["PCA"].endswith(" KB")
