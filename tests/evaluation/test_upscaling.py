from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import load_dataset
from aeviz.errors import DataError
from aeviz.evaluation import upscaling as module
from aeviz.evaluation.upscaling import FOLDER, has_upscaler, train_upscaler, upscale, upscaler_card

SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))


def slopes(name: str, split: str = "test") -> Dataset:
    """Smooth slopes, whose steps of two pixels a network can smooth again."""
    start = np.random.default_rng(len(split)).random((256, 1, 1, 1), np.float32) / 2
    items = (start + np.linspace(0, 0.5, 8, dtype=np.float32)).repeat(8, axis=2)
    return Dataset("mnist", "Slopes", items, np.zeros(256, np.int64), ("slope",), split=split)


def halved(x: np.ndarray) -> np.ndarray:
    return load_dataset("mnist").corrupt(x, "low-resolution", 2.0, 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    monkeypatch.setattr(module, "load_dataset", slopes)
    module._load.cache_clear()
    yield tmp_path
    module._load.cache_clear()


@pytest.mark.long
def test_an_upscaler_is_trained_written_and_read(folder: Path) -> None:
    heard: list[float] = []
    card = train_upscaler("mnist", epochs=8, batch=32, folder=folder, progress=lambda share, _: heard.append(share))
    assert upscaler_card("mnist") == card
    assert heard == sorted(heard)
    test = slopes("mnist")
    damaged = halved(test.items)
    enlarged = upscale("mnist", damaged)
    assert enlarged.shape == test.items.shape
    assert test.distance(enlarged, test.items, "psnr").mean() == pytest.approx(card.psnr, abs=1e-3)
    assert card.psnr > test.distance(damaged, test.items, "psnr").mean() + 3
    weights = load_file(folder / "mnist.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.float16}
    assert card.weights == sum(value.numel() for value in weights.values())


def test_a_data_set_without_an_upscaler_says_how_to_get_one(folder: Path) -> None:
    assert not has_upscaler("mnist")
    with pytest.raises(DataError, match="aeviz upscaler mnist"):
        upscale("mnist", slopes("mnist").items)
    with pytest.raises(DataError, match="no data set of pictures"):
        train_upscaler("wage", folder=folder)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_upscaler_is_small_and_as_good_as_its_card_says(name: str) -> None:
    card = upscaler_card(name)
    assert (FOLDER / f"{name}.safetensors").stat().st_size < 60_000
    data = load_dataset(name)
    x = data.items[:300]
    enlarged = upscale(name, data.corrupt(x, "low-resolution", 2.0, 0))
    assert data.distance(enlarged, x, "psnr").mean() == pytest.approx(card.psnr, abs=0.8)
