import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import load_dataset
from aeviz.datasets.splits import SHARE, by_chance
from aeviz.errors import DataError
from aeviz.figures import files
from aeviz.importers.data import tables
from aeviz.importers.data.answers import DataStatement, OwnData
from aeviz.importers.reading import read_data
from aeviz.modalities.columns import TableScale
from aeviz.modalities.table import facet, facets

ROWS = 40
KINDS = ("oak", "elm", "ash")


def tree(row: int) -> dict[str, str]:
    """A row of a small table of trees."""
    dice = np.random.default_rng(row)
    return {
        "height": f"{dice.normal(20, 4):.2f}",
        "age": str(dice.integers(1, 300)),
        "kind": KINDS[row % 3],
        "class": "old" if row % 2 else "young",
    }


def text(rows: Sequence[dict[str, str]], delimiter: str = ",") -> str:
    return "\n".join([delimiter.join(rows[0]), *(delimiter.join(row.values()) for row in rows)]) + "\n"


def changed(**cells: Any) -> list[dict[str, str]]:
    """The table with further or other columns, of one value or by row."""
    return [
        tree(row) | {name: str(cell(row) if callable(cell) else cell) for name, cell in cells.items()}
        for row in range(ROWS)
    ]


def from_text(folder: Path, csv: str, name: str = "trees.csv", **stated: Any) -> OwnData:
    path = folder / name
    path.write_text(csv, encoding="utf-8")
    return read_data(path, DataStatement(**stated))


def types(own: OwnData) -> dict[str, str]:
    return {column.name: column.type for column in own.columns}


def said(own: OwnData, words: str) -> bool:
    return any(re.search(words, note) for note in own.notes)


def columns(data: Dataset) -> dict[str, list[Any]]:
    """Columns by name in their own units, rounded to six digits; categories by name, None for what is missing."""
    found: dict[str, list[Any]] = {}
    for name in facets(data.scale):
        of = facet(data.items, data.scale, name)
        if of.names:
            assert isinstance(data.scale, TableScale)
            place = next(column.features for column in data.scale.columns if column.name == name)
            gone = np.isnan(data.items[:, place]).any(1)
            found[name] = [None if no else of.names[int(value)] for value, no in zip(of.values, gone, strict=True)]
        else:
            found[name] = [None if np.isnan(value) else float(f"{value:.5g}") for value in of.values]
    return found


def test_a_csv_with_a_header_is_a_table(tmp_path: Path) -> None:
    own = from_text(tmp_path, text(changed()))
    data = own.dataset
    assert (data.name, data.title, data.modality.name, data.shape, len(data)) == ("trees", "trees", "table", (5,), ROWS)
    assert types(own) == {"height": "number", "age": "number", "kind": "category", "class": "target"}
    assert (own.delimiter, own.encoding, own.brought) == (",", "utf-8", ROWS)
    assert data.label_names == ("old", "young")
    assert [data.label_names[label] for label in data.labels[:2]] == ["young", "old"]
    assert facets(data.scale) == ("height", "age", "kind")
    assert columns(data)["kind"] == [KINDS[row % 3] for row in range(ROWS)]
    assert columns(data)["height"] == pytest.approx([float(tree(row)["height"]) for row in range(ROWS)], rel=1e-4)
    with pytest.raises(ValueError, match="read-only"):
        data.items[0] = 0


def test_numbers_are_in_standard_units_of_the_training_split(tmp_path: Path) -> None:
    data = from_text(tmp_path, text(changed())).dataset
    train, test = by_chance(ROWS, SHARE)
    assert np.allclose(data.items[train, :2].mean(0), 0, atol=1e-5)
    assert np.allclose(data.items[train, :2].std(0), 1, atol=1e-5)
    assert not np.allclose(data.items[test, :2].mean(0), 0, atol=1e-3)


@pytest.mark.parametrize(("delimiter", "name"), [(";", "a.csv"), ("\t", "a.tsv"), ("|", "a.txt"), (",", "a")])
def test_delimiters_are_found(delimiter: str, name: str, tmp_path: Path) -> None:
    own = from_text(tmp_path, text(changed(), delimiter), name)
    assert own.delimiter == delimiter
    assert columns(own.dataset) == columns(from_text(tmp_path, text(changed())).dataset)


def test_excel_states_its_delimiter(tmp_path: Path) -> None:
    own = from_text(tmp_path, "sep=;\n" + text(changed(), ";"))
    assert own.delimiter == ";"
    assert own.dataset.shape == (5,)


def test_decimal_commas(tmp_path: Path) -> None:
    rows = changed(height=lambda row: tree(row)["height"].replace(".", ","))
    own = from_text(tmp_path, text(rows, ";"))
    assert columns(own.dataset) == columns(from_text(tmp_path, text(changed())).dataset)
    assert said(own, "height: Its commas are those of decimals")


def test_a_column_that_hardly_varies_in_training_is_in_units_of_all(tmp_path: Path) -> None:
    last = by_chance(ROWS, SHARE)[1][0]
    rows = changed(leaf=lambda row: "1" if row == last else ["0", "1e-40"][row % 2])
    data = from_text(tmp_path, text(rows)).dataset
    assert np.abs(data.items[:, 2]).max() < 10
    assert columns(data)["leaf"][last] == 1


def test_types_can_be_corrected(tmp_path: Path) -> None:
    csv = text(changed(zone=lambda row: row % 4))
    assert types(from_text(tmp_path, csv))["zone"] == "number"
    own = from_text(
        tmp_path, csv, columns={"zone": "category", "class": "category", "age": "ignored", "kind": "target"}
    )
    assert types(own) == {
        "height": "number",
        "age": "ignored",
        "kind": "target",
        "class": "category",
        "zone": "category",
    }
    assert own.dataset.label_names == ("ash", "elm", "oak")
    assert facets(own.dataset.scale) == ("height", "class", "zone")
    assert said(own, "age was left out")
    assert said(own, "kind gives the classes and is no part of the rows")
    assert all(column.type in column.choices for column in own.columns)
    numbered = from_text(tmp_path, csv, columns={"class": "identifier"})
    assert numbered.dataset.label_names == ("unlabelled",)


def test_missing_cells_stay_missing(tmp_path: Path) -> None:
    marks = ["", "NA", "nan", "?"]
    rows = changed(
        height=lambda row: marks[row] if row < 4 else row,
        kind=lambda row: marks[row % 4] if row < 8 else KINDS[row % 3],
    )
    own = from_text(tmp_path, text(rows))
    assert columns(own.dataset)["height"][:5] == [None] * 4 + [4]
    assert columns(own.dataset)["kind"][:8] == [None] * 8
    assert {column.name: column.missing for column in own.columns} == {"height": 4, "age": 0, "kind": 8, "class": 0}
    assert said(own, r"12 cells \(10\.0%\) have no value: they stay missing")


def test_a_row_without_a_class_has_one_of_its_own(tmp_path: Path) -> None:
    own = from_text(
        tmp_path, text([row | {"class": "" if n == 3 else row["class"]} for n, row in enumerate(changed())])
    )
    assert own.dataset.label_names == ("old", "young", "none stated")
    assert own.dataset.labels[3] == 2


NOTED = {
    "dates": (
        changed(planted=lambda row: f"2020-01-{1 + row % 28:02d}"),
        "number",
        r"planted: .* days since 2020-01-01",
    ),
    "all missing": (changed(planted=""), "ignored", "planted: It has no value at all. It was left out"),
    "one value": (changed(planted="1990"), "ignored", "planted: It has one value only: 1990. It was left out"),
    "a number for each row": (
        changed(planted=lambda row: row + 7),
        "identifier",
        "It numbers the rows. It was left out",
    ),
    "a word for each row": (
        changed(planted=lambda row: f"tree {row}"),
        "identifier",
        "different in each row: it names",
    ),
    "infinite": (
        changed(planted=lambda row: "inf" if row == 3 else row * row),
        "number",
        "Cells such as 'inf' are missing",
    ),
    "a word among numbers": (
        changed(planted=lambda row: "12*" if row == 3 else row * row),
        "number",
        "Cells that are no numbers are missing, 1, such as '12",
    ),
    "enormous": (changed(planted=lambda row: 10.0**row), "ignored", "beyond 1e\\+15 they cannot be compared"),
    "formulas": (changed(planted=lambda row: f"=SUM(A{row % 2})"), "category", "'=SUM\\(A0\\)' is taken as text"),
}


@pytest.mark.parametrize("case", NOTED)
def test_what_becomes_of_a_column_is_said(case: str, tmp_path: Path) -> None:
    rows, type_, words = NOTED[case]
    own = from_text(tmp_path, text(rows))
    assert types(own)["planted"] == type_
    assert said(own, words), own.notes
    assert ("planted" in facets(own.dataset.scale)) is (type_ in {"number", "category"})
    assert np.isfinite(own.dataset.items).all() or "missing" in words or "'12" in words


def test_ten_thousand_words_name_rows_unless_stated_as_categories(tmp_path: Path) -> None:
    rows = [{"x": str(row * row % 97), "y2": str(row % 7), "word": f"w{row // 2}"} for row in range(20_000)]
    own = from_text(tmp_path, text(rows))
    assert types(own)["word"] == "identifier"
    assert said(own, "10,000 different values, too many for categories: it names rows. State category")
    own = from_text(tmp_path, text(rows), columns={"word": "category"})
    assert own.dataset.shape == (52,)
    assert said(own, "The 49 commonest of its 10,000 values are categories, the others are one")
    assert columns(own.dataset)["word"][0] == "w0"
    assert columns(own.dataset)["word"][-1] == "other (9,951)"


def test_a_class_of_many_numbers_is_a_scale(tmp_path: Path) -> None:
    rows = [{"a": str(row % 7), "b": str(row % 5), "price": str(row * 3)} for row in range(400)]
    own = from_text(tmp_path, text(rows), columns={"price": "target"})
    assert not own.dataset.has_classes
    assert own.dataset.continuous is not None
    np.testing.assert_array_equal(own.dataset.continuous.values, 3 * np.arange(400))
    assert said(own, "price gives the labels and is no part of the rows. Its numbers are a scale")


def test_ragged_rows_are_left_out_and_named(tmp_path: Path) -> None:
    lines = text(changed()).splitlines()
    lines[6] += ",7"
    lines[9] = "1,2"
    own = from_text(tmp_path, "\n".join(lines))
    assert len(own.dataset) == ROWS - 2
    assert said(own, "2 rows were left out for another number of cells than 4: line 7 has 5, line 10 has 2")
    lines[1:20] = [line + ",7" for line in lines[1:20]]
    with pytest.raises(
        DataError, match=r"trees\.csv: \d+ of 40 rows have another number.*line 2 has 5.*Is it the comma"
    ):
        from_text(tmp_path, "\n".join(lines))


def test_rows_without_any_value_are_left_out_and_named(tmp_path: Path) -> None:
    lines = text(changed()).splitlines()
    lines[6:6] = [",,,", "", " , ,,"]
    own = from_text(tmp_path, "\n".join(lines))
    assert len(own.dataset) == ROWS
    assert said(own, "Without any value, and left out: 2 rows; the first: line 7")


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    lines = text(changed()).splitlines()
    lines[2] = '"1\n.5",2,oak,old'  # one row on two lines
    lines[5] = "\n" + lines[5]
    lines[20] += ",7"
    assert said(from_text(tmp_path, "\n".join(lines)), "line 23 has 5")


def test_a_delimiter_may_end_each_row(tmp_path: Path) -> None:
    header, *lines = text(changed()).splitlines()
    own = from_text(tmp_path, "\n".join([header, *(f"{line}," for line in lines)]))
    assert own.dataset.shape == (5,)


def test_names_given_twice_are_numbered(tmp_path: Path) -> None:
    csv = text(changed(width=lambda row: row % 9)).replace("width", "age", 1).replace("kind", "", 1)
    own = from_text(tmp_path, csv)
    assert list(types(own)) == ["height", "age", "column 3", "class", "age (2)"]
    assert said(own, "Several columns are called age: they were numbered")


def test_without_a_header_the_columns_are_numbered(tmp_path: Path) -> None:
    csv = text(changed()).split("\n", 1)[1]
    own = from_text(tmp_path, csv)
    assert list(types(own)) == [f"column {n}" for n in range(1, 5)]
    assert said(own, "The first line holds values, so the columns are numbered")
    assert len(own.dataset) == ROWS
    stated = from_text(tmp_path, csv, header=True)
    assert len(stated.dataset) == ROWS - 1


def test_features_beyond_what_a_row_holds_are_left_out(tmp_path: Path) -> None:
    rows = [{"x": str(row % 7), **{f"c{n}": f"k{(row * (n + 3)) % 47}" for n in range(12)}} for row in range(500)]
    own = from_text(tmp_path, text(rows))
    assert own.dataset.shape[0] <= 512
    assert said(own, "c11: A row holds 512 features at most, and this has 47")
    assert said(own, "It was left out")


def test_many_rows_are_thinned_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"n": f"{row}.5", "m": str(row % 5)} for row in range(101)]
    own = from_text(tmp_path, text(rows), most=5)
    assert columns(own.dataset)["n"] == [0.5, 25.5, 50.5, 75.5, 100.5]
    assert own.brought == 101
    assert own.dataset.scale == from_text(tmp_path, text(rows)).dataset.scale  # a preview shows the units of all
    monkeypatch.setattr(tables, "MAX_ITEMS", 50)
    monkeypatch.setattr("aeviz.importers.data.fitting.MAX_ITEMS", 50)
    assert said(from_text(tmp_path, text(rows)), "50 of 101 items were taken, spread evenly")


REFUSED = {
    "empty": ("", r"trees\.csv is empty"),
    "only a header": ("a,b,c\n", "holds a header and no row below it"),
    "few rows": ("a,b,c\n" + "1,2,3\n" * 7, "7 rows are too few: at least 8"),
    "one of use": ("a,b\n" + "".join(f"1,{row * row}\n" for row in range(9)), "two numbers or categories .*a: It has"),
    "one column": ("\n".join(map(str, range(0, 99, 3))), "1 columns one is of use. Series stand one in a row"),
    "none of use": ("a,b\n" + "1,2\n" * 9, "none is of use"),
    "an open quotation mark": (text(changed()).replace("oak", '"oak', 1), "from line 2 on: a quotation mark"),
    "a stray quotation mark": (text(changed()).replace("oak", '"oa"k', 1), "stands where none can"),
    "a cell too long": (text(changed()).replace("oak", '"' + "x" * 200_000, 1), "longer than 131,072 letters"),
    "too many columns": ("\n".join([",".join("x" * 600)] * 9), "600 columns; at most 512"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said(case: str, tmp_path: Path) -> None:
    csv, words = REFUSED[case]
    with pytest.raises(DataError, match=words):
        from_text(tmp_path, csv, modality="table")


def test_arrays_are_tables_where_stated(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    values[3, 1] = np.nan
    np.savez(tmp_path / "a.npz", x=values, y=np.arange(30) % 3)
    own = read_data(tmp_path / "a.npz", DataStatement(modality="table"))
    assert own.dataset.shape == (4,)
    assert own.dataset.label_names == ("0", "1", "2")
    for place in range(4):
        found = facet(own.dataset.items, own.dataset.scale, f"column {place + 1}").values
        np.testing.assert_allclose(found, values[:, place], atol=1e-5)
    stated = {"column 1": "ignored", "class": "category"}
    assert read_data(tmp_path / "a.npz", DataStatement(modality="table", columns=stated)).dataset.shape == (6,)
    np.savez(tmp_path / "a.npz", x=np.zeros((30, 4, 4)))
    with pytest.raises(DataError, match=r"expected rows \(N, columns\)"):
        read_data(tmp_path / "a.npz", DataStatement(modality="table"))


def test_what_is_stated_must_be_possible(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((9, 4, 4)))
    (tmp_path / "empty").mkdir()
    for name, modality, words in (
        ("a.npy", "text", r"a\.npy is a NumPy array \(\.npy\): it cannot be read as text"),
        ("empty", "series", "is a folder: it cannot be read as series"),
    ):
        with pytest.raises(DataError, match=words):
            read_data(tmp_path / name, DataStatement(modality=modality))
    with pytest.raises(DataError, match=r"trees\.csv is a text file: it cannot be read as image"):
        from_text(tmp_path, text(changed()), modality="image")


def test_what_is_stated_of_columns_must_fit(tmp_path: Path) -> None:
    for stated, words in (
        ({"leaf": "number"}, "no column 'leaf': expected one of height, age"),
        ({"kind": "number"}, "kind holds no number; the first of its cells is 'oak'"),
        ({"kind": "target", "age": "target"}, "More than one column is stated as the class"),
        ({"kind": "colour"}, "Unknown type 'colour' of kind"),
    ):
        with pytest.raises(DataError, match=words):
            from_text(tmp_path, text(changed()), columns=stated)
    for more, words in (({"delimiter": "x"}, "Unknown delimiter"), ({"encoding": "utf-99"}, "Unknown encoding"),
                        ({"modality": "smell"}, "Unknown modality"), ({"rate": 0.0}, "The rate is")):  # fmt: skip
        with pytest.raises(DataError, match=words):
            DataStatement(**more)


NAME = st.text("abcdefgh ", min_size=1, max_size=6).map(str.strip).filter(bool)
CELL = st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda value: float(f"{value:.6g}")))
WORD = st.one_of(st.none(), st.sampled_from(["red", "green; blue", 'say "so"', "naïve", "two\nlines", "=1+1"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), delimiter=st.sampled_from([",", ";", "\t"]), encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_a_table_written_as_csv_comes_back(data: st.DataObject, delimiter: str, encoding: str, tmp_path: Path) -> None:
    count = data.draw(st.integers(10, 20))
    numbers = [data.draw(st.lists(CELL, min_size=count, max_size=count)) for _ in range(2)]
    words = data.draw(st.lists(WORD, min_size=count, max_size=count))
    given_ = {"one": numbers[0], "two": numbers[1], "three": words, "four": [["a", "b"][n % 2] for n in range(count)]}
    buffer = io.StringIO(newline="")
    import csv

    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(given_)
    writer.writerows(zip(*given_.values(), strict=True))
    path = tmp_path / "a.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))
    stated = {"one": "number", "two": "number", "three": "category", "four": "category"}
    useful = {name: cells for name, cells in given_.items() if any(cell is not None for cell in cells)}
    own = read_data(
        path, DataStatement(columns={name: stated[name] for name in useful}, delimiter=delimiter, header=True)
    )
    found = columns(own.dataset)
    assert set(found) == set(useful)
    for name, cells in useful.items():
        assert len(found[name]) == count
        for cell, again in zip(cells, found[name], strict=True):
            if isinstance(cell, float) and again is not None:
                spread = max(abs(value) for value in cells if value is not None)
                assert again == pytest.approx(cell, rel=1e-4, abs=1e-5 * spread + 1e-30)  # float32 holds no less
            else:
                assert again == (" ".join(cell.split()) if isinstance(cell, str) else cell)


@pytest.mark.parametrize("name", ["wage", "shuttle"])
def test_a_bundled_table_written_as_csv_comes_back(name: str, tmp_path: Path) -> None:
    data = load_dataset(name)
    rows = range(300)
    cells = {one: facet(data.items, data.scale, one) for one in facets(data.scale)}
    header = [*cells, "class"]
    table = [
        [*(of.names[int(of.values[row])] if of.names else f"{of.values[row]:.9g}" for of in cells.values()),
         data.label_names[data.labels[row]]]
        for row in rows
    ]  # fmt: skip
    (tmp_path / "a.csv").write_text(files.csv(header, table), encoding="utf-8")
    again = read_data(tmp_path / "a.csv").dataset
    before = {one: values[: len(rows)] for one, values in columns(data).items()}
    assert [again.label_names[label] for label in again.labels] == [row[-1] for row in table]
    for one, values in columns(again).items():
        if isinstance(values[0], str):
            assert values == before[one]
        else:
            assert values == pytest.approx(before[one], rel=1e-3, abs=1e-3)
