"""Measuring models of series, tables and texts: the whole way, on small data."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cases import every
from sklearn.metrics import roc_auc_score

from aeviz.datasets.record import Dataset, Source
from aeviz.datasets.sources import SOURCES
from aeviz.errors import DataError
from aeviz.evaluation import baselines, checkpoint, label_efficiency
from aeviz.evaluation.checkpoint import evaluate
from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.evaluation.detection import detection_scores, unusual
from aeviz.evaluation.readme import write_card
from aeviz.modalities.base import Scale
from aeviz.modalities.columns import Column, TableScale
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.series import scale_of
from aeviz.modalities.text import TextScale, spelt
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store.checkpoints import METRICS, load, read_json, save

ITEMS = 60
COLUMNS = TableScale(columns=(Column("size", 0), Column("kind", 1, categories=("a", "b")), Column("age", 3)))
NAMES = ("anna", "hanna", "otto", "nan")
METHODS = ("mean", "pca", "repair", "forest", "features")
METHODS_OF = {"series": METHODS, "table": (*METHODS, "imputers"), "text": (*METHODS, "trigrams")}


def waves(split: str) -> tuple[np.ndarray, Scale]:
    rng = np.random.default_rng(split == "train")
    items = np.sin(np.linspace(0, 6, 16) + rng.normal(size=(ITEMS, 1, 1))).astype(np.float32)
    items[::3] *= 3  # the unusual class
    return items, scale_of(items, unit="mV")


def rows(split: str) -> tuple[np.ndarray, Scale]:
    rng = np.random.default_rng(split == "train")
    size = rng.normal(size=ITEMS)
    kind = np.eye(2)[(size > 0).astype(int)]
    items = np.concatenate([size[:, None], kind, (size + 0.1 * rng.normal(size=ITEMS))[:, None]], 1)
    items[::3, 3] *= -5
    return items.astype(np.float32), COLUMNS


def names(split: str) -> tuple[np.ndarray, Scale]:
    scale = TextScale(known=NAMES)
    return spelt([NAMES[row % 4] for row in range(ITEMS)], scale, (27, 6)), scale


KINDS = {"series": waves, "table": rows, "text": names}


@pytest.fixture(autouse=True)
def small_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(name: str, split: str = "test") -> Dataset:
        if name not in KINDS:
            raise DataError(name)
        items, scale = KINDS[name](split)
        labels = (np.arange(ITEMS) % 3 == 0).astype(np.int64)
        return Dataset(name, name, items, labels, ("usual", "odd"), split=split, modality=MODALITIES[name], scale=scale)

    monkeypatch.setattr(checkpoint, "load_dataset", load_dataset)
    monkeypatch.setattr(label_efficiency, "LABEL_DRAWS", 2)
    for name in KINDS:
        monkeypatch.setitem(SOURCES, name, source(name))


def source(name: str) -> Source:
    items, scale = KINDS[name]("test")
    return Source(
        title=name,
        folder=name,
        shape=items.shape[1:],
        url="",
        label_names=("usual", "odd"),
        credit="us",
        licence="none",
        md5={},
        read=lambda source, split: (items, np.zeros(len(items), np.int64)),
        modality=name,
        scale=lambda source: scale,
        unusual="odd",
        baselines=METHODS_OF[name],
    )


def stored(folder: Path, name: str, body: str = "dense", **changes: Any) -> Path:
    torch.manual_seed(0)
    items, scale = KINDS[name]("test")
    config = Config(
        **{
            "family": "vae",
            "shape": items.shape[1:],
            "latent_dim": 3,
            "code": "gaussian",
            "body": body,
            "hidden": (8,),
            "dataset": name,
            "modality": name,
            "columns": scale.widths,
            **changes,
        }
    )
    return save(Autoencoder(config), folder, {"command.txt": f"aeviz train vae {name}\n"})


COMMON = {
    *("neg_elbo", "reconstruction", "kl", "active_units", "active_share", "knn_accuracy", "linear_probe"),
    *("mmd", "mmd_whitened", "contraction", "parameters", "bytes", "auroc", "average_precision"),
    *("probe_1", "probe_3", "probe_10", "probe_1_spread", "probe_3_spread", "probe_10_spread", "same_class"),
    "compressed_bytes",
}
OWN = {
    "series": {
        *("compressed_rmse", "rmse", "rmse_all", "mae", "rmse_probe", "rmse_train", "denoised_rmse", "noisy_rmse"),
        *("missing_error", "missing_absolute"),
    },
    "table": {
        *("compressed_error", "error", "absolute", "error_probe", "error_train", "denoised_error"),
        *("missing_error", "missing_absolute", "missing_right"),
    },
    "text": {
        *(
            "compressed_edits",
            "edits",
            "differing",
            "exact",
            "edits_probe",
            "edits_train",
            "denoised_edits",
            "noisy_edits",
        ),
        *("new", "plausible", "new_plausible", "distinct"),
    },
}
BESIDE = {
    "series": {"Mean series", "PCA, 3 numbers", "Interpolation and mean of three", "Isolation forest"},
    "table": {"Mean row", "PCA, 3 numbers", "Mean and commonest category", "Isolation forest", "Iterative imputer"},
    "text": {"Mean text", "PCA, 3 numbers", "Nearest known text", "Isolation forest", "Trigram sampler"},
}


@pytest.mark.parametrize("name", every(3, KINDS))
def test_a_model_is_measured_by_its_modality_and_beside_classical_methods(name: str, tmp_path: Path) -> None:
    folder = stored(tmp_path / "model", name)
    written = evaluate(folder, device="cpu")
    assert written["metrics"].keys() == COMMON | OWN[name]
    assert written["metrics"].keys() <= DEFINITIONS.keys()
    assert written["baselines"].keys() >= BESIDE[name]
    for figures in written["baselines"].values():
        assert figures
        assert figures.keys() <= DEFINITIONS.keys()
    assert written == evaluate(folder, device="cpu"), "the same again"
    text = write_card(folder).read_text(encoding="utf-8")
    for method, figures in written["baselines"].items():
        for key, value in figures.items():
            assert f"| {method} | `{key}` | {value:,} |" in text
    assert "picture" not in text.split("## Figures")[0]


@pytest.mark.parametrize("name", every(3, KINDS))
def test_the_figures_are_those_of_the_model(name: str, tmp_path: Path) -> None:
    folder = stored(tmp_path / "model", name)
    figures = evaluate(folder, device="cpu")["metrics"]
    model, data = load(folder, "cpu"), checkpoint.load_dataset(name)
    x = torch.from_numpy(data.items)
    y = model(x)
    error = data.modality.error.measure(y, x, data.scale)
    assert figures[data.modality.error.key] == pytest.approx(error.mean().item(), rel=1e-4)
    assert figures["auroc"] == pytest.approx(roc_auc_score(data.labels, error.numpy()), abs=1e-4)
    if name == "series":
        assert figures["rmse_all"] == pytest.approx((y - x).square().mean().sqrt().item(), rel=1e-4)
    if name == "text":
        assert figures["exact"] == pytest.approx(1 - figures["differing"])


@pytest.mark.long
def test_a_text_that_is_written_letter_by_letter_is_scored_after_its_own_letters(tmp_path: Path) -> None:
    options = {"width": 6, "symbol_width": 3}
    folder = stored(tmp_path / "model", "text", body="lstm-writer", options=options)
    figures = evaluate(folder, device="cpu", nll_samples=5)["metrics"]
    model = load(folder, "cpu")
    x = torch.from_numpy(checkpoint.load_dataset("text").items)
    posterior, generator = model.encode(x), torch.Generator().manual_seed(0)
    drawn = [
        model.likelihood.error(model.logits_for(x, posterior.sample(generator)), x).mean().item() for _ in range(8)
    ]
    assert figures["reconstruction"] == pytest.approx(np.mean(drawn), rel=1e-4)
    assert "nll" not in figures, "importance sampling would score another text"


@pytest.mark.long
def test_a_class_that_was_left_out_is_left_out_of_the_training_error_too(tmp_path: Path) -> None:
    whole, narrow = (
        evaluate(stored(tmp_path / str(at), "series", training=training), device="cpu")
        for at, training in enumerate(({}, {"without": "odd"}))
    )
    assert narrow["metrics"]["rmse_train"] < whole["metrics"]["rmse_train"]
    assert narrow["metrics"]["rmse"] == whole["metrics"]["rmse"]
    assert narrow["baselines"]["Mean series"] != whole["baselines"]["Mean series"]


def test_without_a_row_of_the_table_there_is_nothing_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "series", replace(SOURCES["series"], baselines=(), unusual=""))
    folder = stored(tmp_path / "model", "series")
    written = evaluate(folder, device="cpu")
    assert "baselines" not in written
    assert "auroc" not in written["metrics"]
    assert "Classical methods" not in write_card(folder).read_text(encoding="utf-8")
    assert "baselines" not in read_json(folder / METRICS)


def test_a_score_is_judged_as_by_hand() -> None:
    found = detection_scores(np.array([0.9, 0.1, 0.8, 0.3]), np.array([True, False, False, True]))
    assert found == pytest.approx({"auroc": 0.75, "average_precision": (1 + 2 / 3) / 2})


def test_without_an_unusual_item_nothing_is_told_apart() -> None:
    data = checkpoint.load_dataset("series")
    assert unusual(data) is not None
    assert unusual(data.without("odd")) is None
    assert unusual(replace(data, name="mine")) is None


def test_principal_components_and_the_mean_are_those_of_numpy() -> None:
    data, training = checkpoint.load_dataset("series"), checkpoint.load_dataset("series", "train")
    found = baselines.measure(data, training, 16, ("mean", "pca"))
    apart = np.square(data.items - training.items.mean(0)).mean()
    assert found["Mean series"]["rmse_all"] == pytest.approx(np.sqrt(apart), rel=1e-4)
    assert found["PCA, 16 numbers"]["rmse_all"] == pytest.approx(0, abs=1e-5), "as many numbers as values"


def test_every_method_of_a_data_set_is_known() -> None:
    for row in SOURCES.values():
        assert {*row.baselines} <= baselines.METHODS.keys()
        assert row.unusual in ("", *row.label_names)
