import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeviz.figures import files


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "-", "+a", "−=1"])
def test_no_text_is_a_formula_to_a_spreadsheet(text: str) -> None:
    (row,) = list(csv.reader(io.StringIO(files.csv([text], []), newline="")))
    assert not row[0].lstrip().startswith(tuple("=+-@＝"))
    assert text in row[0]


@pytest.mark.parametrize("number", [-1, -0.5, 3, "-0.5", "+3", "-1e-05", "0.25"])
def test_numbers_stay_numbers(number: object) -> None:
    (_, row) = list(csv.reader(io.StringIO(files.csv(["x"], [[number]]))))
    assert row == [str(number)]


@given(st.lists(st.lists(st.one_of(st.text(), st.floats(allow_nan=False), st.none()), min_size=2, max_size=2)))
def test_whatever_is_written_comes_back_as_it_was_or_behind_an_apostrophe(rows: list[list[object]]) -> None:
    text = files.csv(["a", "b"], rows)
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert len(read) == len(rows)
    for cells, row in zip(read, rows, strict=True):
        for cell, value in zip(cells, row, strict=True):
            written = "" if value is None else str(value)
            assert cell in {written, f"'{written}", written.strip()}
            try:
                float(cell)
            except ValueError:
                assert not cell.lstrip(" ").startswith(files.FORMULAS)


@pytest.mark.parametrize(("level", "grey"), [(0, files.ON_DARK), (255, files.ON_LIGHT)])
def test_light_tiles_have_light_between_them_and_dark_ones_dark(level: int, grey: int) -> None:
    tiles = np.full((3, 4, 5, 3), level, np.uint8)
    tiles[:, 1:3, 1:4] = 255 - level  # what is drawn on them
    sheet = files.sheet(tiles, 2)
    assert sheet.shape == (9, 11, 3)
    assert (sheet[4] == grey).all()
    assert (sheet[:, 5] == grey).all()
    assert (sheet[5:, 6:] == grey).all(), "the place that is left"
    assert (files.sheets(tiles[None], 2, 7)[0, 4] == 7).all()


def test_a_sheet_of_no_tiles_is_one() -> None:
    assert files.sheet(np.zeros((0, 4, 5, 1), np.uint8), 2).shape == (4, 11, 1)
