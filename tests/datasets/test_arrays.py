"""A data set from arrays in memory."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from aeviz import DataError
from aeviz.datasets.arrays import dataset_of
from aeviz.datasets.record import UNLABELLED

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


SIGNALS = np.random.default_rng(1).normal(size=(12, 2, 20)).astype(np.float32)
NUMBERS = np.random.default_rng(2).normal([5, -1, 100], [1, 2, 30], (40, 3))
FRAME = pd.DataFrame(NUMBERS, columns=["age", "lag", "size"]).assign(kind=list("ab") * 20, who=list("xyxx") * 10)


@pytest.mark.parametrize(
    ("items", "stated", "modality", "shape"),
    [
        (SIGNALS[:, :1], {}, "series", (1, 20)),
        (SIGNALS, {}, "series", (2, 20)),
        (SIGNALS[:, 0], {"modality": "series"}, "series", (1, 20)),
        (np.repeat(SIGNALS, 2, 1), {"modality": "series"}, "series", (4, 20)),
        (NUMBERS, {}, "table", (3,)),
        (NUMBERS.repeat(2, 1), {"modality": "table"}, "table", (6,)),
        (NUMBERS, {"columns": ["a", "b", "c"]}, "table", (3,)),
        (torch.tensor(NUMBERS), {"columns": ["a", "b", "c"]}, "table", (3,)),
        (FRAME, {}, "table", (7,)),
        (["Anna", "bob", "eve", "no"] * 3, {}, "text", (7, 4)),
        (np.array(["ab", "ba"] * 6), {}, "text", (3, 2)),
        (FRAME["kind"], {}, "text", (3, 1)),
        (FRAME["age"].to_numpy().reshape(8, 5), {"modality": "series"}, "series", (1, 5)),
        (np.eye(5)[np.zeros((12, 4), int)].transpose(0, 2, 1), {"modality": "text"}, "text", (5, 4)),
    ],
)
def test_other_items_are_told_by_their_shape_or_stated(
    items: Any, stated: dict[str, Any], modality: str, shape: tuple[int, ...]
) -> None:
    data = dataset_of(items, **stated)
    assert (data.modality.name, data.shape) == (modality, shape)
    assert data.items.dtype == np.float32
    assert not data.items.flags.writeable
    assert data.tiles(data.items[:2]).dtype == np.uint8


def test_rows_come_into_standard_units_and_back() -> None:
    data = dataset_of(FRAME, "who")
    assert data.label_names == ("x", "y")
    np.testing.assert_array_equal(data.labels, np.array([0, 1, 0, 0] * 10))
    assert data.modality.facets(data.scale) == ("age", "lag", "size", "kind")
    np.testing.assert_allclose(data.items[:, :3].mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(data.items[:, :3].std(0), 1, atol=1e-5)
    offset, factor = data.scale.own_units
    own = offset + factor * data.items
    np.testing.assert_allclose(own[:, :3], NUMBERS, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(own[:, 3:], np.eye(2)[[0, 1] * 20])


def test_series_lie_on_an_axis_that_holds_their_values() -> None:
    data = dataset_of(50 + 10 * SIGNALS)
    assert data.scale.low < 50 < data.scale.high
    assert data.scale.low > 0
    np.testing.assert_array_equal(data.scale.own_units, (0.0, 1.0))


def test_missing_values_stay_missing() -> None:
    holes = NUMBERS.copy()
    holes[3, 1] = np.nan
    data = dataset_of(holes, columns=["a", "b", "c"])
    assert np.argwhere(np.isnan(data.items)).tolist() == [[3, 1]]
    assert np.isfinite(data.scale.own_units).all()


def test_a_scale_states_that_items_are_in_its_units() -> None:
    scale = dataset_of(FRAME).scale
    rows = np.zeros((9, 7), np.float32)
    np.testing.assert_array_equal(dataset_of(rows, modality="table", scale=scale).items, rows)


@pytest.mark.parametrize(
    ("items", "stated", "said"),
    [
        (np.zeros((12, 9)), {}, 'State modality="series" for series or modality="table" for rows'),
        (GREY * 2 - 1, {}, 'expected 0 to 1.*modality="image" for pictures or modality="series" for series'),
        (NUMBERS, {"modality": "tables"}, "Unknown modality 'tables': expected one of image, series, table, text"),
        (NUMBERS, {"columns": ["a", "b"]}, r"shape \(40, 3\): expected \(N, 2\)"),
        (NUMBERS, {"columns": ["a", "b", "b"]}, "Two columns have one name"),
        (FRAME, {"labels": "weight"}, "no column 'weight'.*age, lag, size, kind, who"),
        (FRAME.assign(lag=np.nan), {}, "The column lag has no value"),
        (FRAME.assign(name=[f"row {n}" for n in range(40)]).head(7), {}, "7 items are too few"),
        (["a" * 300] * 9, {}, "300 letters: expected 1 to 256"),
        ([""] * 9, {}, "0 letters"),
        (np.array(["a", 3] * 6, object), {"modality": "text"}, "must be an array of one shape and type"),
    ],
)
def test_what_is_no_item_of_its_kind_is_told(items: Any, stated: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        dataset_of(items, **stated)
