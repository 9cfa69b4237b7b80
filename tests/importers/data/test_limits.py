"""Data as large as aeviz promises to take."""

from pathlib import Path

import numpy as np
import pytest

from aeviz.importers.data.answers import DataStatement
from aeviz.importers.reading import read_data

pytestmark = pytest.mark.long


def test_fifty_thousand_rows_of_sixty_columns(tmp_path: Path) -> None:
    dice = np.random.default_rng(0)
    numbers = dice.normal(size=(50_000, 50))
    words = dice.integers(0, 40, (50_000, 10))
    lines = (
        ",".join([*(f"{value:.5g}" for value in row), *(f"kind {word}" for word in kinds)])
        for row, kinds in zip(numbers, words, strict=True)
    )
    (tmp_path / "a.csv").write_text("\n".join([",".join(f"c{n}" for n in range(60)), *lines]), encoding="utf-8")
    own = read_data(tmp_path / "a.csv")
    assert own.dataset.items.shape == (50_000, 50 + 10 * 40)
    assert own.notes == ()


def test_twenty_thousand_series_of_512_values(tmp_path: Path) -> None:
    values = np.cumsum(np.random.default_rng(0).normal(size=(20_000, 512)), 1).astype(np.float32)
    np.savetxt(tmp_path / "a.csv", values, fmt="%.6g", delimiter=",")
    np.save(tmp_path / "a.npy", values)
    series = read_data(tmp_path / "a.csv").dataset.items
    assert series.shape == (20_000, 1, 512)
    assert np.allclose(series[:, 0], values, rtol=1e-5, atol=1e-5)
    arrays = read_data(tmp_path / "a.npy", DataStatement(modality="series")).dataset.items
    assert np.array_equal(arrays[:, 0], values)


def test_fifty_thousand_texts_of_forty_letters(tmp_path: Path) -> None:
    letters = np.random.default_rng(0).integers(97, 123, (50_000, 40), np.uint8)
    (tmp_path / "a.txt").write_bytes(b"\n".join(row.tobytes() for row in letters))
    items = read_data(tmp_path / "a.txt").dataset.items
    assert items.shape == (50_000, 27, 40)
    assert np.array_equal(items.argmax(1), letters - 97)
