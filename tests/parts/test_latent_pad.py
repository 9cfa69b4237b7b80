import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aeviz.parts.latent_pad import Level, grid, payload, rows_for
from aeviz.parts.latent_pad.streamlit import committed

edges = st.floats(-50, 50)
lengths = st.floats(0.01, 20)


@given(edges, edges, lengths, lengths, st.integers(1, 9), st.integers(1, 9))
def test_a_grid_has_the_middles_of_equal_cells_row_by_row_from_the_top(
    x0: float, y0: float, width: float, height: float, columns: int, rows: int
) -> None:
    codes = grid((x0, x0 + width, y0, y0 + height), columns, rows)
    assert codes.shape == (rows * columns, 2)
    for index, (x, y) in enumerate(codes):
        row, column = divmod(index, columns)
        assert x == pytest.approx(x0 + (column + 0.5) * width / columns, abs=1e-4)
        assert y == pytest.approx(y0 + height - (row + 0.5) * height / rows, abs=1e-4)


@given(lengths, st.floats(0.2, 5), st.integers(8, 64))
def test_cells_are_nearly_square(width: float, ratio: float, columns: int) -> None:
    rows = rows_for((0, width, 0, width * ratio), columns)
    assert abs(rows - columns * ratio) <= 0.5 or rows == 1


def test_tiles_are_one_sheet_in_the_order_of_the_grid() -> None:
    tiles = (51 * np.arange(6)[:, None, None, None] * np.ones((6, 2, 3, 1))).astype(np.uint8)
    level = Level.of(tiles, (0, 3, 0, 2), columns=3)
    assert (level.columns, level.rows) == (3, 2)
    data = base64.b64decode(level.sheet["url"].split(",")[1])
    sheet = np.asarray(Image.open(io.BytesIO(data)))
    assert sheet.shape == (4, 9)
    np.testing.assert_array_equal(sheet[::2, ::3], [[0, 51, 102], [153, 204, 255]])


def test_levels_are_told_apart_by_place_and_picture() -> None:
    black, white = np.zeros((4, 2, 2, 1), np.uint8), np.ones((4, 2, 2, 1), np.uint8)
    here, there = (0.0, 1.0, 0.0, 1.0), (1.0, 2.0, 0.0, 1.0)
    names = {Level.of(tiles, place, columns=2).id for tiles in (black, white) for place in (here, there)}
    assert len(names) == 4
    assert Level.of(black, here, columns=2).id == Level.of(black, here, columns=2).id


@pytest.mark.parametrize("count", [0, 5])
def test_tiles_must_fill_the_rows(count: int) -> None:
    with pytest.raises(ValueError, match="do not fill rows of 2"):
        Level.of(np.zeros((count, 2, 2, 1), np.uint8), (0, 1, 0, 1), columns=2)


def test_a_region_must_not_be_empty() -> None:
    with pytest.raises(ValueError, match="x0 < x1"):
        Level.of(np.zeros((4, 2, 2, 1), np.uint8), (1, 1, 0, 1), columns=2)


def test_there_must_be_tiles_and_a_label_for_each_point() -> None:
    with pytest.raises(ValueError, match="needs tiles"):
        payload([])
    level = Level.of(np.zeros((4, 2, 2, 1), np.uint8), (0, 1, 0, 1), columns=2)
    with pytest.raises(ValueError, match="3 points but 2 labels"):
        payload([level], points=np.zeros((3, 2)), labels=[0, 1])


def test_nothing_is_committed_at_first() -> None:
    assert committed("never shown").position is None
    assert committed("never shown").view is None
