"""The data sets that are bundled whole: how many items, how they are parted, and what their numbers mean."""

import hashlib
import re

import numpy as np
import pytest
from numpy.typing import NDArray

from aeviz.datasets import files, signals, tables
from aeviz.datasets.files import VARIABLE, unpacked
from aeviz.datasets.record import Dataset
from aeviz.datasets.signals import BEFORE, ECG_RATE
from aeviz.datasets.sources import SOURCES, load_dataset, scale_of
from aeviz.datasets.splits import by_chance, in_order
from aeviz.errors import DataError
from aeviz.modalities.columns import TableScale
from aeviz.modalities.series import SeriesScale
from aeviz.modalities.table import cells
from aeviz.modalities.text import TextScale, texts

COUNTS = {  # training items, test items, items of each class
    "ecg": (397, 100, [387, 110]),
    "power": (877, 219, [547, 549]),
    "shuttle": (24_548, 24_549, [45_586, 3_511]),
    "wage": (2_400, 600, [268, 971, 650, 685, 426]),
    "names": (4_647, 516, None),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("asked the network for data")

    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(files, "download", refuse)


def both(name: str) -> tuple[Dataset, Dataset]:
    return load_dataset(name, "train"), load_dataset(name)


@pytest.mark.parametrize("name", COUNTS)
def test_all_items_are_there_and_each_is_in_one_split(name: str) -> None:
    train, test = both(name)
    first, second, classes = COUNTS[name]
    assert (len(train), len(test)) == (first, second)
    assert train.shape == test.shape == SOURCES[name].shape
    assert train.items.dtype == test.items.dtype == np.float32
    labels = np.concatenate([train.labels, test.labels])
    assert classes is None or np.bincount(labels).tolist() == classes
    assert labels.max() < len(test.label_names)
    assert np.isfinite(train.items).all()
    assert np.isfinite(test.items).all()
    assert train.scale == test.scale == scale_of(name, SOURCES[name].modality)
    assert test.modality.problem(test.shape) is None


@pytest.mark.parametrize("name", COUNTS)
def test_the_files_are_those_whose_digest_is_written(name: str) -> None:
    for file, md5 in SOURCES[name].md5.items():
        assert hashlib.md5(unpacked(SOURCES[name], file)).hexdigest() == md5


@pytest.mark.parametrize("name", COUNTS)
def test_a_page_can_show_them(name: str) -> None:
    data = load_dataset(name)
    tiles = data.tiles(data.items[:20])
    assert (len(tiles), tiles.dtype) == (20, np.uint8)
    assert len({tile.tobytes() for tile in tiles}) > 10
    assert data.describe(3).startswith(data.label_names[data.labels[3]])
    assert len(data.walk) == 10


def test_parting_by_chance_is_always_the_same_and_leaves_no_row_out() -> None:
    train, test = by_chance(101, 0.8)
    assert (len(train), len(test)) == (81, 20)
    assert sorted([*train, *test]) == list(range(101))
    assert (np.diff(train) > 0).all()
    assert np.array_equal(train, by_chance(101, 0.8)[0])
    assert test.min() < 60, "not the last rows"


def test_parting_in_order_keeps_the_last_for_the_test() -> None:
    train, test = in_order(497, 0.8)
    assert (train[0], train[-1], test[0], test[-1]) == (0, 396, 397, 496)


# ---- Beats


def test_a_beat_is_in_millivolt_and_its_peak_at_time_zero() -> None:
    train, test = both("ecg")
    scale = test.scale
    assert isinstance(scale, SeriesScale)
    assert (scale.unit, scale.time_unit) == ("mV", "s")
    times = scale.start + scale.step * np.arange(64)
    assert times[-1] - times[0] == pytest.approx(63 * 4 / 360)
    items = np.concatenate([train.items, test.items])[:, 0]
    np.testing.assert_allclose(np.median(items, 1), 0, atol=1e-6)
    narrow = items[np.concatenate([train.labels, test.labels]) == 0]
    assert np.abs(times[narrow.mean(0).argmax()]) < 0.02
    assert 0.5 < narrow.max(1).mean() < 3, "an R wave is some millivolt high"


def spikes(at: list[int], width: int, seconds: float = 10) -> NDArray[np.float64]:
    """A voltage with triangles of a width at half their height, and a slow wave."""
    time = np.arange(round(seconds * ECG_RATE))
    voltage = 0.1 * np.sin(2 * np.pi * 0.2 * time / ECG_RATE)
    for place in at:
        voltage += np.clip(1 - np.abs(time - place) / width, 0, 1)
    return voltage


def test_peaks_are_found_where_there_is_a_whole_beat_around_them() -> None:
    at = [40, 400, 700, 1000, 1300, 3500]
    assert signals.r_peaks(spikes(at, 8)).tolist() == [400, 700, 1000, 1300]


def test_the_width_is_measured_at_half_the_height() -> None:
    for width in (6, 12, 24):
        cut = spikes([BEFORE], width, 1)[None, : 2 * BEFORE]
        assert signals.half_widths(cut)[0] == pytest.approx(width, rel=0.15)


def test_damaged_days_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "unpacked", lambda source, file: b"@data\n1,2,x:1\n")
    with pytest.raises(DataError, match="install aeviz again"):
        signals.days(SOURCES["power"])


# ---- Days


def test_days_are_standardised_as_published_and_parted_by_half_year() -> None:
    test = load_dataset("power")
    np.testing.assert_allclose(test.items.mean(2), 0, atol=0.01)
    np.testing.assert_allclose(test.items.std(2, ddof=1), 1, atol=0.01)
    assert test.label_names == ("winter", "summer")
    assert isinstance(test.scale, SeriesScale)
    assert (test.scale.step, test.scale.time_unit) == (1, "h")


# ---- Rows


def test_sensors_are_in_standard_units_of_the_training_split() -> None:
    train, test = both("shuttle")
    np.testing.assert_allclose(train.items.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(train.items.std(0), 1, atol=1e-3)
    assert np.abs(test.items.mean(0)).max() < 0.1
    assert isinstance(test.scale, TableScale)
    assert test.scale.widths == (1,) * 9
    assert SOURCES["shuttle"].unusual == test.label_names[1] == "anomaly"


def test_wages_are_cells_in_their_own_units() -> None:
    train, test = both("wage")
    scale = test.scale
    assert isinstance(scale, TableScale)
    names = [column.name for column in scale.columns]
    assert names[:3] == ["year", "age", "wage"]
    assert not {"logwage", "region"} & {*names}
    assert len(names) == 9
    assert sum(scale.widths) == 23
    education = next(column for column in scale.columns if column.name == "education")
    assert education.categories == test.label_names
    assert (test.items[:, education.features].argmax(1) == test.labels).all()
    for column in scale.columns:
        block = train.items[:, column.features]
        if column.categories:
            assert set(np.unique(block)) <= {0.0, 1.0}
            assert (block.sum(1) == 1).all()
            assert block.sum(0).argmax() == column.usual
    told = dict(cells(test.items[0], scale))
    assert 18 <= float(told["age"].split()[0]) <= 80
    assert told["wage"].endswith("thousand dollars a year")


def test_a_cell_that_is_missing_in_the_file_is_missing_in_the_row() -> None:
    import pandas as pd

    table = pd.DataFrame({"size": [1.0, 3.0, None, 2.0], "kind": ["b", None, "a", "b"]})
    items, columns = tables.rows_of(table, np.arange(4))
    assert [column.name for column in columns] == ["size", "kind"]
    assert columns[1].categories == ("a", "b")
    assert columns[1].usual == 1
    np.testing.assert_array_equal(np.isnan(items), [[0, 0, 0], [0, 1, 1], [1, 0, 0], [0, 0, 0]])
    assert items[0, 1:].tolist() == [0, 1]
    assert columns[0].mean == pytest.approx(2)
    assert items[0, 0] == pytest.approx(-1 / np.std([1, 3, 2]))


# ---- Names


def test_names_are_spelt_and_the_known_ones_are_of_the_training_split() -> None:
    train, test = both("names")
    assert isinstance(test.scale, TextScale)
    known, held = texts(train.items, train.scale), texts(test.items, test.scale)
    assert test.scale.known == tuple(known)
    assert not {*known} & {*held}
    assert len({*known, *held}) == 5_163
    assert [test.label_names[label].lower() for label in test.labels] == [name[0] for name in held]


# ---- A class left out


def test_a_class_can_be_left_out() -> None:
    train = load_dataset("ecg", "train")
    narrow = train.without("wide")
    assert set(narrow.labels.tolist()) == {0}
    assert len(narrow) == (train.labels == 0).sum()
    assert np.array_equal(narrow.items, train.items[train.labels == 0])
    assert len(train) == 397
    with pytest.raises(DataError, match=r"no class 'tall': expected one of narrow, wide"):
        train.without("tall")


def test_columns_and_categories_of_wages_have_plain_names() -> None:
    scale = load_dataset("wage").scale
    assert isinstance(scale, TableScale)
    assert [column.name for column in scale.columns[3:]] == [
        *("marital status", "race", "education", "job class", "health", "health insurance")
    ]
    for column in scale.columns:
        assert not any(re.search(r"[<>=0-9]|HS|Grad", kind) for kind in column.categories)
    education = next(column for column in scale.columns if column.name == "education")
    assert education.categories == SOURCES["wage"].label_names
