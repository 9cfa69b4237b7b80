import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from cases import every
from safetensors.torch import load_file

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import load_dataset
from aeviz.errors import DataError
from aeviz.evaluation import features as module
from aeviz.evaluation.features import (
    FOLDER,
    SHIFT,
    SIZE,
    classifier_card,
    features,
    has_classifier,
    moved,
    train_classifier,
)

SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))


def bars(name: str, split: str = "test") -> Dataset:
    """Bright bars: across in one class, upright in the other."""
    rng = np.random.default_rng(len(split))
    labels = rng.integers(2, size=512)
    items = 0.2 * rng.random((512, 1, 8, 9), np.float32)
    items[labels == 0, :, 3:5] += 0.7
    items[labels == 1, :, :, 3:5] += 0.7
    return Dataset("mnist", "Bars", items, labels, ("across", "upright"), split=split)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    monkeypatch.setattr(module, "load_dataset", bars)
    module.load_classifier.cache_clear()
    yield tmp_path
    module.load_classifier.cache_clear()


@pytest.mark.long
def test_a_classifier_is_trained_written_and_read(folder: Path) -> None:
    heard: list[float] = []
    card = train_classifier("mnist", epochs=6, batch=64, folder=folder, progress=lambda share, _: heard.append(share))
    assert card.accuracy > 0.95
    assert card.floor >= 0
    assert classifier_card("mnist") == card
    assert heard == sorted(heard)
    x = torch.from_numpy(bars("mnist").items)
    found = features("mnist", x)
    assert found.shape == (512, SIZE)
    named = module.load_classifier("mnist").head(torch.from_numpy(found)).argmax(1).numpy()
    assert (named == bars("mnist").labels).mean() == card.accuracy, "the accuracy is that of the weights as stored"
    assert {value.dtype for value in load_file(folder / "mnist.safetensors").values()} == {torch.float16}


@pytest.mark.long
def test_the_same_seed_trains_the_same_classifier(folder: Path) -> None:
    for place in ("a", "b"):
        train_classifier("mnist", epochs=1, batch=64, folder=folder / place)
    first, second = (load_file(folder / place / "mnist.safetensors") for place in ("a", "b"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_data_set_without_a_classifier_says_how_to_get_one(folder: Path) -> None:
    assert not has_classifier("mnist")
    with pytest.raises(DataError, match="aeviz classifier mnist"):
        features("mnist", torch.zeros(1, 1, 8, 9))
    with pytest.raises(DataError, match="Unknown data set"):
        train_classifier("cifar", folder=folder)


@pytest.mark.parametrize("mirrored", [False, True])
def test_training_pictures_are_moved_and_nothing_else(mirrored: bool) -> None:
    torch.manual_seed(0)
    x = torch.rand(64, 2, 5, 7)
    padded = torch.nn.functional.pad(x, (SHIFT,) * 4)
    flipped = 0
    for picture, result in zip(padded, moved(x, mirrored), strict=True):
        windows = [
            picture[:, top : top + 5, left : left + 7] for top in range(2 * SHIFT + 1) for left in range(2 * SHIFT + 1)
        ]
        as_is = any(torch.equal(window, result) for window in windows)
        in_mirror = any(torch.equal(window.flip(2), result) for window in windows)
        assert as_is or (mirrored and in_mirror)
        flipped += in_mirror and not as_is
    assert flipped > 10 if mirrored else flipped == 0


def test_pictures_have_a_classifier() -> None:
    assert {"mnist", "fashion", "emoji"} <= set(SHIPPED)


@pytest.mark.parametrize("dataset", every(3, SHIPPED))
def test_a_shipped_classifier_is_small_and_as_good_as_it_says(dataset: str) -> None:
    module.load_classifier.cache_clear()
    card = classifier_card(dataset)
    assert card.accuracy >= {"mnist": 0.992, "fashion": 0.915, "emoji": 0.74}.get(dataset, 0.5)
    assert card.floor > 0
    assert (FOLDER / f"{dataset}.safetensors").stat().st_size < 200_000
    assert json.loads((FOLDER / f"{dataset}.json").read_text(encoding="utf-8"))["command"].startswith(
        "aeviz classifier"
    )
    data = load_dataset(dataset)
    named = module.load_classifier(dataset)(torch.from_numpy(data.items[:2000].copy())).argmax(1).numpy()
    assert (named == data.labels[:2000]).mean() == pytest.approx(card.accuracy, abs=0.015)
