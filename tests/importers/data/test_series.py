import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from aeviz.datasets.sources import load_dataset
from aeviz.errors import DataError
from aeviz.importers.data.answers import DataStatement, OwnData
from aeviz.importers.reading import read_data
from aeviz.modalities.series import SeriesScale
from tests.importers.conftest import npz


def waves(count: int = 30, steps: int = 20) -> NDArray[np.float64]:
    """Sines of three frequencies (count, steps), to four digits."""
    rows = np.arange(count)[:, None]
    found: NDArray[np.float64] = np.round(np.sin(np.arange(steps) * (1 + rows % 3) / 3 + rows), 4)
    return found


def lines_of(values: NDArray[np.float64], delimiter: str = ",") -> list[str]:
    return [delimiter.join("" if np.isnan(value) else f"{value:g}" for value in row) for row in values]


def from_lines(folder: Path, lines: list[str], **stated: Any) -> OwnData:
    path = folder / "waves.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_data(path, DataStatement(**stated))


def said(own: OwnData, words: str) -> bool:
    return any(re.search(words, note) for note in own.notes)


def close(own: OwnData, values: NDArray[np.float64]) -> bool:
    return np.allclose(own.dataset.items[:, 0], values, atol=1e-4, equal_nan=True)


def test_rows_of_numbers_without_a_header_are_series(tmp_path: Path) -> None:
    own = from_lines(tmp_path, lines_of(waves()), rate=50.0, unit="mV")
    data, scale = own.dataset, own.dataset.scale
    assert (data.name, data.modality.name, data.shape, len(data)) == ("waves", "series", (1, 20), 30)
    assert close(own, waves())
    assert isinstance(scale, SeriesScale)
    assert (scale.step, scale.time_unit, scale.unit) == (0.02, "s", "mV")
    assert scale.low < waves().min() < waves().max() < scale.high
    assert data.label_names == ("unlabelled",)
    plain = from_lines(tmp_path, lines_of(waves())).dataset.scale
    assert isinstance(plain, SeriesScale)
    assert (plain.step, plain.time_unit, plain.unit) == (1.0, "steps", "")


@pytest.mark.parametrize("times", [range(20), np.arange(20) / 50])
def test_a_header_of_times_is_no_series(times: Any, tmp_path: Path) -> None:
    own = from_lines(tmp_path, [",".join(f"{time:g}" for time in times), *lines_of(waves())])
    assert close(own, waves())


def test_a_table_of_numbers_can_be_stated_as_series(tmp_path: Path) -> None:
    header = ",".join([*(f"v{step}" for step in range(20)), "class"])
    lines = [header, *(f"{line},{row % 2}" for row, line in enumerate(lines_of(waves())))]
    assert from_lines(tmp_path, lines).dataset.modality.name == "table"
    own = from_lines(tmp_path, lines, modality="series")
    assert close(own, waves())
    assert own.dataset.label_names == ("0", "1")
    assert said(own, "class gives the classes and is no part of the series")


@pytest.mark.parametrize("first", [True, False])
def test_a_word_in_each_row_is_its_class(first: bool, tmp_path: Path) -> None:
    words = ["slow", "mid", "fast"]
    lines = [
        f"{words[row % 3]},{line}" if first else f"{line},{words[row % 3]}"
        for row, line in enumerate(lines_of(waves()))
    ]
    own = from_lines(tmp_path, lines)
    assert close(own, waves())
    assert own.dataset.label_names == ("fast", "mid", "slow")
    assert [own.dataset.label_names[label] for label in own.dataset.labels[:3]] == words
    assert next(column for column in own.columns if column.type == "target").examples == ("slow", "mid", "fast")


def test_whole_numbers_before_others_are_classes_unless_stated(tmp_path: Path) -> None:
    lines = [f"{1 + row % 3}\t{line}" for row, line in enumerate(lines_of(waves(), "\t"))]
    own = from_lines(tmp_path, lines)
    assert own.dataset.label_names == ("1", "2", "3")
    assert close(own, waves())
    assert from_lines(tmp_path, lines, columns={"column 1": "number"}).dataset.shape == (1, 21)
    assert from_lines(tmp_path, lines, columns={"column 1": "ignored"}).dataset.label_names == ("unlabelled",)


def test_missing_values_stay_missing(tmp_path: Path) -> None:
    values = waves()
    values[3, 4] = values[5, 0] = values[7, 19] = np.nan
    own = from_lines(tmp_path, lines_of(values))
    assert close(own, values)
    assert said(own, r"3 values \(0\.5%\) are missing, and stay so")


def test_infinity_and_words_among_values_are_missing_and_named(tmp_path: Path) -> None:
    lines = lines_of(waves())
    lines[4] = "inf," + lines[4].split(",", 1)[1]
    lines[6] = "12*," + lines[6].split(",", 1)[1]
    own = from_lines(tmp_path, lines)
    assert np.isnan(own.dataset.items[[4, 6], 0, 0]).all()
    assert said(own, r"2 values that are no numbers are missing: 'inf' in line 5, '12\*' in line 7")


def test_decimal_commas(tmp_path: Path) -> None:
    thousands = [["1.234", "2.000", "3.000", "4.500"], *[["0,5", "1,5", "2,5", "3,5"]] * 9]
    own = from_lines(tmp_path, [";".join(row) for row in thousands])
    assert own.dataset.items[0, 0].tolist() == [1234, 2000, 3000, 4500]
    assert close(from_lines(tmp_path, [line.replace(".", ",") for line in lines_of(waves(), ";")]), waves())


def test_series_of_unequal_length_miss_their_ends(tmp_path: Path) -> None:
    lines = lines_of(waves())
    lines[4] = ",".join(lines[4].split(",")[:15])
    own = from_lines(tmp_path, lines)
    assert np.isnan(own.dataset.items[4, 0]).tolist() == [False] * 15 + [True] * 5
    assert said(own, "unequal length: 15 to 20 values; line 5 has 15. The ends of shorter ones are missing")


def test_one_far_too_long_is_cut_and_named(tmp_path: Path) -> None:
    lines = lines_of(waves())
    lines[4] = ",".join(["0.5"] * 100_000)
    own = from_lines(tmp_path, lines)
    assert own.dataset.shape == (1, 40)
    assert said(own, "1 series was cut to 40 values, for the usual length is 20: line 5 has 100,000 values")


def test_long_series_are_thinned_to_means_of_neighbours(tmp_path: Path) -> None:
    values = np.tile(np.arange(1300.0), (9, 1)) + np.arange(9)[:, None]
    values[0, :3] = np.nan
    own = from_lines(tmp_path, lines_of(values), rate=100.0)
    assert own.dataset.shape == (1, 434)
    assert own.dataset.items[1, 0, :2].tolist() == [2, 5]
    assert np.isnan(own.dataset.items[0, 0, :2]).tolist() == [True, False]
    assert isinstance(own.dataset.scale, SeriesScale)
    assert own.dataset.scale.step == pytest.approx(0.03)
    assert said(own, "Every 3 neighbouring values became their mean: at most 512 are kept")


def test_flat_and_empty_series_are_told(tmp_path: Path) -> None:
    values = waves()
    values[3], values[5] = 0.5, np.nan
    own = from_lines(tmp_path, lines_of(values))
    assert len(own.dataset) == 29
    assert said(own, "Series without any value were left out, 1; the first: number 6")
    assert said(own, "Flat lines, of one value throughout: 1 series")
    (tmp_path / "a.npy").write_bytes(npy(values))
    own = read_data(tmp_path / "a.npy", DataStatement(modality="series"))
    assert said(own, "Series without any value were left out, 1; the first: number 6")


def npy(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("channels", [1, 2])
def test_arrays_are_series_where_stated(channels: int, tmp_path: Path) -> None:
    values = np.stack([waves()] * channels, 1)
    values[0, 0, 0] = np.nan
    (tmp_path / "a.npz").write_bytes(npz(x=values, y=np.arange(30) % 3))
    own = read_data(tmp_path / "a.npz", DataStatement(modality="series", rate=10.0))
    assert own.dataset.shape == (channels, 20)
    assert np.allclose(own.dataset.items, values, equal_nan=True)
    assert own.dataset.label_names == ("0", "1", "2")
    (tmp_path / "a.npy").write_bytes(npy(values[:, 0]))
    assert read_data(tmp_path / "a.npy", DataStatement(modality="series")).dataset.shape == (1, 20)
    with pytest.raises(DataError, match="NaN"):
        read_data(tmp_path / "a.npy")


def test_channels_may_come_last_where_they_cannot_be_time(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(npy(np.stack([waves(), 2 * waves()], 2)))
    own = read_data(tmp_path / "a.npy", DataStatement(modality="series"))
    assert np.allclose(own.dataset.items[:, 1], 2 * waves())
    assert said(own, r"shape \(20, 2\) were taken for \(values, channels\)")


def test_a_preview_is_spread_and_on_the_scale_of_all(tmp_path: Path) -> None:
    own = from_lines(tmp_path, lines_of(waves(101)), most=5)
    assert np.allclose(own.dataset.items[:, 0], waves(101)[[0, 25, 50, 75, 100]], atol=1e-4)
    assert own.dataset.scale == from_lines(tmp_path, lines_of(waves(101))).dataset.scale
    assert own.brought == 101


REFUSED = {
    "all one value": (["0.5,0.5,0.5,0.5"] * 9, "All series hold the one value 0.5"),
    "few": (lines_of(waves(7)), "7 series are too few: at least 8 are needed, one a row"),
    "short": (["1,2,3"] * 9, "A series needs 4 values"),
    "words": (["a,b,c,d,e,f"] * 9, "A series needs 4 values"),
    "enormous": ([*lines_of(waves()), ",".join(["1e300"] * 20)], "values of line 31 reach to 1e\\+300"),
    "a delimiter alone": (["sep=;", "", " "], "holds a header and no row below it"),
    "a header alone": (["0,1,2,3,4,5"], "too few"),
    "words further down": ([*lines_of(waves(100)), *(["a,b,c,d" + ",x" * 16] * 20)], "400 of 2,400 values are no numb"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said(case: str, tmp_path: Path) -> None:
    lines, words = REFUSED[case]
    with pytest.raises(DataError, match=words):
        from_lines(tmp_path, lines, modality="series")


def test_a_column_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'class': the first are column 1, column 2"):
        from_lines(tmp_path, lines_of(waves()), columns={"class": "target"})


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=hnp.arrays(
        np.float32, st.tuples(st.integers(8, 20), st.integers(4, 12)),
        elements=st.one_of(st.floats(-1e6, 1e6, width=32), st.just(np.float32(np.nan))),
    ),
    delimiter=st.sampled_from([",", ";", "\t"]),
)  # fmt: skip
def test_series_written_as_csv_come_back(values: NDArray[np.float32], delimiter: str, tmp_path: Path) -> None:
    known = values[~np.isnan(values).all(1)]
    path = tmp_path / "a.csv"
    np.savetxt(path, values, fmt="%.9g", delimiter=delimiter)
    stated = {f"column {step + 1}": "number" for step in range(values.shape[1])}
    statement = DataStatement(modality="series", header=False, delimiter=delimiter, columns=stated)
    if len(known) < 8 or np.nanmin(known) == np.nanmax(known):
        with pytest.raises(DataError, match=r"too few|one value"):
            read_data(path, statement)
        return
    np.testing.assert_array_equal(read_data(path, statement).dataset.items[:, 0], known)


@pytest.mark.parametrize("name", ["ecg", "power"])
def test_bundled_series_come_back(name: str, tmp_path: Path) -> None:
    data = load_dataset(name)
    np.savetxt(tmp_path / "a.csv", data.items[:, 0], fmt="%.9g", delimiter=",")
    np.testing.assert_array_equal(read_data(tmp_path / "a.csv").dataset.items, data.items)


def test_numbers_as_the_class_of_series_are_a_scale(tmp_path: Path) -> None:
    lines = [f"{row / 8:g},{line}" for row, line in enumerate(lines_of(waves()))]
    own = from_lines(tmp_path, lines, columns={"column 1": "target"})
    assert own.dataset.continuous is not None
    np.testing.assert_allclose(own.dataset.continuous.values, np.arange(30) / 8)
    assert close(own, waves())
