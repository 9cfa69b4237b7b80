"""A data set from arrays in memory."""

from typing import Any

import numpy as np
import pytest
import torch

from aeviz import DataError
from aeviz.datasets.arrays import UNLABELLED, dataset_of

GREY = np.random.default_rng(0).random((12, 5, 6), np.float32)
COLOUR = np.random.default_rng(0).random((12, 3, 5, 6), np.float32)


@pytest.mark.parametrize(
    ("items", "shape"),
    [
        (GREY, (1, 5, 6)),
        (GREY[:, None], (1, 5, 6)),
        (GREY[..., None], (1, 5, 6)),
        (COLOUR, (3, 5, 6)),
        (COLOUR.transpose(0, 2, 3, 1), (3, 5, 6)),
        (torch.tensor(COLOUR), (3, 5, 6)),
        (GREY.tolist(), (1, 5, 6)),
    ],
)
def test_pictures_come_in_many_layouts(items: Any, shape: tuple[int, ...]) -> None:
    data = dataset_of(items)
    assert data.shape == shape
    assert data.items.dtype == np.float32
    assert not data.items.flags.writeable
    wanted = GREY[:, None] if shape[0] == 1 else COLOUR
    np.testing.assert_allclose(data.items, wanted, atol=1e-6)
    assert data.label_names == (UNLABELLED,)


def test_bytes_and_bools_are_scaled() -> None:
    levels = np.arange(12 * 9).reshape(12, 3, 3)
    np.testing.assert_allclose(dataset_of(levels.astype(np.uint8)).items[:, 0] * 255, levels, atol=1e-4)
    assert set(np.unique(dataset_of(levels % 2 == 0).items)) == {0, 1}


def test_the_callers_array_stays_the_callers() -> None:
    mine = GREY.copy()
    dataset_of(mine)
    mine[0] = 0
    assert mine.flags.writeable


def test_labels_are_numbers_or_words() -> None:
    words = dataset_of(GREY, ["cat", "dog", "ant"] * 4)
    assert words.label_names == ("ant", "cat", "dog")
    assert words.labels[:3].tolist() == [1, 2, 0]
    numbers = dataset_of(GREY, np.array([7, -1, 7, 3] * 3))
    assert numbers.label_names == ("-1", "3", "7")
    named = dataset_of(GREY, torch.arange(12) % 2, ["even", "odd"])
    assert named.label_names == ("even", "odd")
    assert named.labels.tolist() == [0, 1] * 6


@pytest.mark.parametrize(
    ("items", "labels", "names", "said"),
    [
        (GREY[:3], None, None, "3 items are too few"),
        (GREY[0], None, None, r"shape \(5, 6\)"),
        (np.zeros((12, 2, 5, 6)), None, None, "one or three channels"),
        (np.zeros((12, 2, 2)), None, None, "3 pixels a side"),
        (GREY * 2 - 1, None, None, r"run from -.* to .*: expected 0 to 1"),
        (GREY * np.float32("nan"), None, None, "nan"),
        (np.full((12, 5, 6), 256), None, None, "expected 0 to 255"),
        (np.full((12, 5, 6), "x"), None, None, "type <U1"),
        (GREY, [1, 2], None, r"labels have the shape \(2,\)"),
        (GREY, np.arange(12), ["a", "b"], "from 0 to 1"),
        (GREY, ["a"] * 12, ["a"], "whole numbers"),
    ],
)
def test_what_does_not_fit_is_told(items: Any, labels: Any, names: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        dataset_of(items, labels, names)
