import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aeviz.datasets.arrays import dataset_of
from aeviz.errors import DataError
from aeviz.figures.files import png
from aeviz.modalities.base import Scale
from aeviz.modalities.image import corruption, distances
from aeviz.modalities.image.record import IMAGE
from aeviz.modalities.registry import MODALITIES

UNIT = Scale()
LABELLED = dataset_of(np.linspace(0, 1, 12 * 3 * 5 * 4).reshape(12, 3, 5, 4), [5, 5, 5, *[6] * 9], title="own")


def test_it_is_in_the_table() -> None:
    assert MODALITIES["image"] is IMAGE


@pytest.mark.parametrize("shape", [(28, 28), (2, 28, 28), (1, 28, 28, 1), (64,)])
def test_other_shapes_are_none_of_its_own(shape: tuple[int, ...]) -> None:
    assert IMAGE.problem(shape)
    with pytest.raises(ValueError, match="A picture"):
        IMAGE.check(shape)


@pytest.mark.parametrize(("shape", "said"), [((1, 28, 32), "32 × 28, grey"), ((3, 32, 32), "32 × 32, colour")])
def test_its_shapes_are_told_in_words(shape: tuple[int, ...], said: str) -> None:
    assert IMAGE.problem(shape) is None
    assert IMAGE.size(shape) == said


@given(low=st.floats(-2, 0), high=st.floats(0.5, 2), channels=st.sampled_from([1, 3]))
def test_a_tile_runs_from_the_low_to_the_high_end_of_the_scale(low: float, high: float, channels: int) -> None:
    items = np.linspace(low, high, channels * 4 * 5).reshape(1, channels, 4, 5)
    tile = IMAGE.tiles(items, Scale(low, high))
    assert (tile.shape, tile.dtype) == ((1, 4, 5, channels), np.uint8)
    expected = np.rint(255 * np.linspace(0, 1, channels * 4 * 5)).reshape(channels, 4, 5).transpose(1, 2, 0)
    assert np.abs(tile[0].astype(int) - expected).max() <= 1


def test_what_lies_outside_the_scale_is_cut() -> None:
    assert IMAGE.tiles(np.array([[[[-3.0, 0.0, 7.0]]]]), UNIT).ravel().tolist() == [0, 0, 255]


def test_bytes_are_taken_as_they_are() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 1, 3, 4)
    assert IMAGE.tiles(pixels, UNIT).ravel().tolist() == list(range(24))


def test_a_data_set_draws_and_describes_its_items() -> None:
    assert np.array_equal(LABELLED.tiles(), IMAGE.tiles(LABELLED.items, UNIT))
    assert LABELLED.tiles(LABELLED.items[:2]).shape == (2, 5, 4, 3)
    assert LABELLED.describe(11) == "6, item 11: picture of 4 × 5, colour, 96% of full brightness"


def test_a_walk_begins_with_an_item_of_each_class() -> None:
    assert LABELLED.walk[:2] == (0, 3)
    assert sorted(LABELLED.walk) == sorted(set(LABELLED.walk))
    assert len(LABELLED.walk) == 10


def test_a_data_set_corrupts_repairs_and_measures_as_the_functions_on_tensors_do() -> None:
    x = LABELLED.items
    for row in LABELLED.corruptions:
        level = row.levels[0] if row.levels else 0.3
        expected = corruption.FUNCTIONS[row.name](torch.tensor(x), level, torch.Generator().manual_seed(2))
        assert np.array_equal(LABELLED.corrupt(x, row.name, level, 2), expected.numpy())
    y = LABELLED.corrupt(x, "mask", 0.3, 2)
    assert np.array_equal(LABELLED.repair(y), corruption.median(torch.tensor(y)).numpy())
    assert np.array_equal(LABELLED.distance(x, y), distances.mse(torch.tensor(x), torch.tensor(y)).numpy())
    for key, function in distances.FUNCTIONS.items():
        assert np.array_equal(LABELLED.distance(x, y, key), function(torch.tensor(x), torch.tensor(y)).numpy())


def test_a_name_that_it_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(ValueError, match="'fog'; choose one of gaussian, salt-pepper, mask, block"):
        LABELLED.corrupt(LABELLED.items, "fog", 0.3, 0)
    with pytest.raises(ValueError, match="'dtw'; choose one of mse, psnr, ssim"):
        LABELLED.distance(LABELLED.items, LABELLED.items, "dtw")


def test_a_file_is_read_into_the_scale_and_says_what_was_done() -> None:
    page = np.full((6, 6, 1), 255, np.uint8)
    page[2:4, 2:4] = 0
    upload = IMAGE.read(png(page), (1, 6, 6), Scale(-1, 1))
    assert upload.item.shape == (1, 6, 6)
    assert math.isclose(upload.item.min(), -1, abs_tol=1e-6), "the light ground turned black"
    assert "swapped" in upload.notes[0]
    with pytest.raises(DataError):
        IMAGE.read(b"no picture", (1, 6, 6), UNIT)
