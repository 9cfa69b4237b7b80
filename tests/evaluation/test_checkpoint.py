import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from aeviz.datasets.record import Dataset
from aeviz.errors import CheckpointError, DataError
from aeviz.evaluation import checkpoint, label_efficiency
from aeviz.evaluation.checkpoint import binarised, evaluate, figures_of, write_maps
from aeviz.evaluation.definitions import PROBE_ITEMS
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.projection import Settings, load_maps
from aeviz.store import checkpoints
from aeviz.store.checkpoints import MAPS, METRICS, WEIGHTS, load, read_json, save, write_json

ITEMS = 93
OF_PICTURES = {
    *("mse", "mse_probe", "mse_train", "psnr", "ssim", "denoised_psnr", "noisy_psnr"),
    *("neg_elbo", "reconstruction", "kl", "active_units", "active_share", "knn_accuracy", "linear_probe"),
    *("mmd", "mmd_whitened", "contraction", "parameters", "bytes"),
    *("probe_1", "probe_3", "probe_10", "probe_1_spread", "probe_3_spread", "probe_10_spread", "same_class"),
    *("compressed_psnr", "compressed_bytes"),
}  # without a classifier
TINY = Config(
    family="vae", shape=(1, 8, 7), latent_dim=3, code="gaussian", body="dense", hidden=(8,), dataset="tiny", seed=1
)


def spots(name: str, split: str = "test") -> Dataset:
    if name != "tiny":
        raise DataError(f"Unknown data set {name!r}")
    rng = np.random.default_rng(0)
    labels = np.arange(ITEMS) % 3
    items = rng.random((ITEMS, 1, 8, 7), np.float32) * 0.1
    for label in range(3):
        items[labels == label, :, 2 * label : 2 * label + 3] += 0.8
    return Dataset("tiny", "Tiny", items, labels.astype(np.int64), ("a", "b", "c"), split=split)


@pytest.fixture(autouse=True)
def tiny_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "load_dataset", spots)
    monkeypatch.setattr(label_efficiency, "LABEL_DRAWS", 2)


def stored(folder: Path, **changes: Any) -> Path:
    torch.manual_seed(0)
    model = Autoencoder(replace(TINY, **changes))
    with torch.no_grad():  # codes far enough apart for the classes to show
        model.head.weight[: model.config.latent_dim] *= 8
    return save(model, folder)


def test_a_vae_is_measured_and_its_figures_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stored(tmp_path / "tiny-vae")
    monkeypatch.setattr(checkpoints, "models_folder", lambda: tmp_path)
    heard: list[tuple[float, str]] = []
    written = evaluate("tiny-vae", device="cpu", progress=lambda share, stage: heard.append((share, stage)))
    assert read_json(folder / METRICS) == written
    assert written["command"] == "aeviz evaluate tiny-vae"
    assert (written["dataset"], written["split"], written["items"]) == ("tiny", "test", ITEMS)
    assert written["binarised"] is False
    figures = written["metrics"]
    assert figures.keys() == OF_PICTURES
    assert written["weights_sha256"] == sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    model, x = load(folder, "cpu"), torch.from_numpy(spots("tiny").items)
    y = model(x)
    assert figures["mse"] == pytest.approx((y - x).square().mean().item(), rel=1e-4)
    assert figures["psnr"] == pytest.approx((-10 * (y - x).square().mean((1, 2, 3)).log10()).mean().item(), rel=1e-4)
    assert figures["kl"] == pytest.approx(model.encode(x).kl().sum(1).mean().item(), rel=1e-4)
    assert figures["neg_elbo"] == pytest.approx(figures["reconstruction"] + figures["kl"], rel=1e-5)
    assert figures["active_units"] == 3
    assert figures["knn_accuracy"] > 0.9
    assert figures["linear_probe"] > 0.9
    assert figures["mse_train"] == figures["mse"], "both splits of this data set are one"
    assert figures["parameters"] == sum(weights.numel() for weights in model.parameters())
    assert figures["bytes"] == (folder / WEIGHTS).stat().st_size
    assert [share for share, _ in heard] == sorted(share for share, _ in heard)
    assert all(stage for _, stage in heard)


def test_the_probe_is_the_error_of_the_first_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stored(tmp_path / "model")
    monkeypatch.setattr(checkpoint, "PROBE_ITEMS", 7)
    x = torch.from_numpy(spots("tiny").items[:7])
    expected = (load(folder, "cpu")(x) - x).square().mean().item()
    assert evaluate(folder, device="cpu")["metrics"]["mse_probe"] == pytest.approx(expected, rel=1e-4)
    assert PROBE_ITEMS == 500


@pytest.mark.long
def test_the_same_checkpoint_gives_the_same_figures(tmp_path: Path) -> None:
    folder = stored(tmp_path / "model")
    assert evaluate(folder, device="cpu") == evaluate(folder, device="cpu")


def test_a_point_code_has_no_bound(tmp_path: Path) -> None:
    figures = evaluate(stored(tmp_path / "model", family="ae", code="deterministic"), device="cpu")["metrics"]
    assert not {"neg_elbo", "kl", "reconstruction", "nll"} & figures.keys()
    assert figures["noisy_psnr"] > 0


def test_the_likelihood_is_measured_when_asked_and_lies_below_the_bound(tmp_path: Path) -> None:
    folder = stored(tmp_path / "model", training={"binarize": True})
    written = evaluate(folder, device="cpu", nll_samples=64)
    figures = written["metrics"]
    assert written["binarised"] is True
    assert "--nll-samples 64" in written["command"]
    assert figures["nll_samples"] == 64
    assert 0 < figures["nll"] < figures["neg_elbo"]


def test_models_of_binary_pictures_are_measured_with_five_thousand_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def note(*arguments: Any, samples: int, **settings: Any) -> torch.Tensor:
        asked.append(samples)
        return torch.full((ITEMS,), 7.0)

    monkeypatch.setattr(checkpoint.metrics, "importance_nll", note)
    figures = evaluate(stored(tmp_path / "model", training={"binarize": True}), device="cpu")["metrics"]
    assert asked == [5000]
    assert figures["nll"] == 7.0


@pytest.mark.long
def test_a_dear_figure_is_kept_while_the_weights_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stored(tmp_path / "model", training={"binarize": True})
    first = evaluate(folder, device="cpu", nll_samples=64)

    def never(*arguments: Any, **settings: Any) -> torch.Tensor:
        raise AssertionError("measured again")

    monkeypatch.setattr(checkpoint.metrics, "importance_nll", never)
    assert evaluate(folder, device="cpu") == first, "with the command that measured it"
    without = evaluate(folder, device="cpu", nll_samples=0)
    assert "nll" not in without["metrics"]
    assert without["command"] == "aeviz evaluate model"
    write_json(folder / METRICS, {**first, "weights_sha256": "of others"})
    with pytest.raises(AssertionError, match="measured again"):
        evaluate(folder, device="cpu")


@pytest.mark.long
def test_without_the_training_split_its_error_is_kept_or_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stored(tmp_path / "model", family="ae", code="deterministic")

    def bundled_only(name: str, split: str = "test") -> Dataset:
        if split == "train":
            raise DataError("no network")
        return spots(name)

    with monkeypatch.context() as offline:
        offline.setattr(checkpoint, "load_dataset", bundled_only)
        assert "mse_train" not in evaluate(folder, device="cpu")["metrics"]
    measured = evaluate(folder, device="cpu")["metrics"]["mse_train"]
    monkeypatch.setattr(checkpoint, "load_dataset", bundled_only)
    assert evaluate(folder, device="cpu")["metrics"]["mse_train"] == measured
    write_json(folder / METRICS, {**figures_of(folder), "weights_sha256": "of others"})
    assert "mse_train" not in evaluate(folder, device="cpu")["metrics"]


def test_measuring_keeps_the_figures_of_the_maps(tmp_path: Path) -> None:
    folder = stored(tmp_path / "model")
    (folder / METRICS).write_text(json.dumps({"maps": {"pca-2": {"knn_accuracy": 0.5}}}), encoding="utf-8")
    assert evaluate(folder, device="cpu")["maps"] == {"pca-2": {"knn_accuracy": 0.5}}


def test_binary_pictures_are_always_the_same_draw() -> None:
    x = torch.full((40, 1, 8, 7), 0.3)
    first = binarised(x)
    assert set(first.unique().tolist()) == {0.0, 1.0}
    assert first.mean().item() == pytest.approx(0.3, abs=0.04)
    torch.rand(3)
    assert torch.equal(first, binarised(x))


class Flat:
    """Stands for a projection: the first coordinates, at once."""

    settings: list[Settings]

    def __init__(self) -> None:
        self.settings = []

    def __call__(self, codes: np.ndarray[Any, Any], settings: Settings, progress: Any) -> Any:
        self.settings.append(settings)
        progress(0.5, "half way")
        return type("Found", (), {"coordinates": codes[:, : settings.dims]})()


@pytest.mark.parametrize("latent_dim", [2, 3])
def test_maps_are_written_with_their_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, latent_dim: int) -> None:
    flat = Flat()
    monkeypatch.setattr(checkpoint, "project", flat)
    folder = stored(tmp_path / "model", latent_dim=latent_dim)
    (folder / METRICS).write_text('{"metrics": {"mse": 0.5}}', encoding="utf-8")
    heard: list[float] = []
    path = write_maps(folder, device="cpu", progress=lambda share, stage: heard.append(share))
    assert path == folder / MAPS
    maps = load_maps(path)
    expected = {f"{method}-{dims}" for method in ("pca", "tsne", "umap") for dims in range(2, latent_dim + 1)}
    assert maps.keys() == expected
    assert all(settings.seed == 0 and settings.points == ITEMS for settings in flat.settings)
    written = figures_of(folder)
    assert written["metrics"] == {"mse": 0.5}
    assert written["maps"].keys() == expected | ({"code"} if latent_dim == 2 else set())
    assert written["maps"]["pca-2"]["knn_accuracy"] > 0.5
    assert heard == sorted(heard)


def test_a_checkpoint_of_another_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cifar"):
        evaluate(stored(tmp_path / "a", dataset="cifar"), device="cpu")
    with pytest.raises(ValueError, match="Expected items of shape"):
        evaluate(stored(tmp_path / "b", shape=(1, 9, 9)), device="cpu")
    with pytest.raises(CheckpointError, match="No checkpoint"):
        evaluate(tmp_path / "none", device="cpu")
    assert not (tmp_path / "a" / METRICS).exists()
    assert not (tmp_path / "b" / METRICS).exists()


def test_a_folder_without_figures_has_none(tmp_path: Path) -> None:
    assert figures_of(tmp_path) == {}
