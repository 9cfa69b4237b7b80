import numpy as np
import pytest

from aeviz.latent.grids import CodeGrid, channels_of, grid_of
from aeviz.model.config import Config


@pytest.mark.parametrize(
    ("shape", "axis", "channels", "cells"),
    [
        ((3, 4, 5), "first", 3, (4, 5)),
        ((4, 5, 3), "last", 3, (4, 5)),
        ((2, 7), "first", 2, (1, 7)),
        ((7, 2), "last", 2, (1, 7)),
        ((2, 3, 4, 5), "first", 6, (4, 5)),
    ],
)
def test_a_cell_has_the_numbers_of_its_place_in_all_channels(
    shape: tuple[int, ...], axis: str, channels: int, cells: tuple[int, int]
) -> None:
    grid = CodeGrid(shape, axis)  # type: ignore[arg-type]
    assert (grid.channels, grid.cells) == (channels, cells)
    codes = np.random.default_rng(0).random((6, *shape), np.float32)
    maps = grid.maps(codes.reshape(6, -1))
    y, x = cells[0] - 1, 2
    at = codes[:, ..., x] if axis == "first" else codes[:, ..., x, :]
    row = at if len(shape) == 2 else at[..., y] if axis == "first" else at[:, y]
    np.testing.assert_array_equal(maps[:, :, y, x], row.reshape(6, -1))
    np.testing.assert_array_equal(grid.codes(maps), codes.reshape(6, -1))


def test_swapped_cells_come_from_the_other_code_and_no_others() -> None:
    grid = CodeGrid((3, 4, 2), "last")
    a, b = np.zeros(24, np.float32), np.arange(1, 25, dtype=np.float32)
    cells = np.zeros((3, 4), bool)
    cells[1, 2] = True
    swapped = grid.swapped(a, b, cells).reshape(3, 4, 2)
    np.testing.assert_array_equal(swapped[1, 2], b.reshape(3, 4, 2)[1, 2])
    assert np.count_nonzero(swapped) == 2


@pytest.mark.parametrize(
    ("code", "item", "axis"),
    [
        ((4, 8, 8), (3, 64, 64), "first"),
        ((8, 8, 4), (3, 64, 64), "last"),
        ((4, 6, 9), (1, 24, 36), "first"),
        ((6, 9, 4), (1, 24, 36), "last"),
        ((8, 8, 8), (3, 64, 64), "first"),
        ((20, 6), (1, 100), "last"),
        ((6, 20), (1, 100), "first"),
        ((5,), (1, 100), "first"),
    ],
)
def test_channels_are_found_by_the_proportions_of_the_item(
    code: tuple[int, ...], item: tuple[int, ...], axis: str
) -> None:
    assert channels_of(code, item) == axis


def test_where_both_may_be_the_layout_of_the_items_decides() -> None:
    assert channels_of((8, 8, 8), (3, 64, 64), "last") == "last"


def test_a_vector_is_no_map_whatever_its_shape_and_a_shape_has_as_many_numbers_as_the_code() -> None:
    def config(shape: tuple[int, ...]) -> Config:
        return Config(family="ae", shape=(1, 8, 8), latent_dim=16, code_shape=shape)

    assert [grid_of(config(shape)) for shape in ((), (16, 1, 1), (1, 16))] == [None] * 3
    assert grid_of(config((1, 4, 4))) == CodeGrid((1, 4, 4))
    with pytest.raises(ValueError, match=r"16 numbers cannot have the shape \(3, 4\)"):
        config((3, 4))
