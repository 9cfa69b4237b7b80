"""The modality of rows: bars as tiles, cells and units, corruptions, distances, and pasted rows."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aeviz.errors import DataError
from aeviz.modalities.columns import Column, TableScale, columns_of
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.table import CATEGORY_HEIGHT, HEIGHT, TABLE, cells, errors, legend, row_of, where

COLUMNS = (
    Column("age", 0, mean=40.0, std=10.0, unit="years"),
    Column("job", 1, categories=("none", "office", "works"), usual=2),
    Column("wage", 4, mean=100.0, std=50.0),
)
SCALE = TableScale(columns=COLUMNS)
KINDS = sorted(row.name for row in TABLE.corruptions)
seeds = st.integers(0, 2**31)


def rows(count: int = 4) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(count, 5, generator=generator)
    x[:, 1:4] = torch.eye(3)[torch.randint(3, (count,), generator=generator)]
    return x


def corrupt(kind: str, level: float, seed: int = 0, x: torch.Tensor | None = None) -> torch.Tensor:
    return TABLE.corruption(kind).corrupt(rows() if x is None else x, level, seed, SCALE)


def changed(before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    """(N, columns): the cells that differ."""
    apart = (before != after) | after.isnan()
    return torch.stack([apart[:, column.features].any(1) for column in COLUMNS], 1)


def test_it_is_in_the_table_and_its_scale_tells_widths() -> None:
    assert MODALITIES["table"] is TABLE
    assert SCALE.widths == (1, 3, 1)
    assert [column.name for column in columns_of(TABLE.scale, 2)] == ["column 1", "column 2"]


@pytest.mark.parametrize("shape", [(1,), (1, 64), (513,), (3, 4, 5)])
def test_other_shapes_are_none_of_its_own(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="A row is"):
        TABLE.check(shape)
    assert TABLE.size((9,)) == "9 features"


@pytest.mark.parametrize(
    ("value", "text"), [(123456.0, "123456 years"), (2005.0, "2005 years"), (-0.25, "-0.25 years")]
)
def test_a_large_number_has_no_exponent(value: float, text: str) -> None:
    column = replace(COLUMNS[0], mean=0.0, std=1.0)
    row = np.float32([value, 1, 0, 0, 0])
    scale = replace(SCALE, columns=(column, *COLUMNS[1:]))
    assert dict(cells(row, scale))["age"] == text


def test_where_rows_differ_is_told_without_exponents_and_names_keep_their_hyphens() -> None:
    scale = replace(SCALE, columns=(COLUMNS[0], replace(COLUMNS[1], categories=("a-b", "c", "d")), COLUMNS[2]))
    item, made = np.float32([-60, 1, 0, 0, 0]), np.float32([0, 1, 0, 0, 0.001])
    told = where(item, made, scale)
    assert "e+" not in told
    assert "e-" not in told
    assert "3600" in told
    assert "a-b" in told
    assert "−" in told


# ---- Tiles


@given(count=st.integers(0, 3), features=st.integers(2, 40))
def test_tiles_of_one_table_have_one_size(count: int, features: int) -> None:
    tiles = TABLE.tiles(np.zeros((count, features), np.float32), TABLE.scale)
    assert (tiles.shape[:2], tiles.shape[3], tiles.dtype) == ((count, HEIGHT), 1, np.uint8)
    assert tiles.shape[2] >= max(48, 8 * features)


def bar(row: list[float], feature: int) -> np.ndarray:
    """The pixels through the middle of a feature's bar, from the top."""
    tile = TABLE.tiles(np.float32([row]), SCALE)[0, :, :, 0]
    pitch = tile.shape[1] // 5
    found: np.ndarray = tile[:, feature * pitch + pitch // 2].astype(int)
    return found


@given(low=st.floats(-3, 3), high=st.floats(-3, 3))
def test_the_bar_of_a_number_reaches_up_or_down_from_the_mean(low: float, high: float) -> None:
    for value in (low, high):
        lit = bar([value, 0, 0, 1, 0], 0)
        half = HEIGHT // 2
        length = (np.where(lit > 90, lit, 0)[:half] if value > 0 else np.where(lit > 90, lit, 0)[half:]).sum() / 255
        assert length == pytest.approx(abs(value) / 3 * (half - 1), abs=1.1)


def test_the_bar_of_a_category_is_as_high_as_it_is_likely() -> None:
    for share in (0.25, 0.5, 1.0):
        lit = bar([0, share, 0, 1 - share, 0], 1)
        assert (lit > 128).sum() == pytest.approx(share * CATEGORY_HEIGHT, abs=1.5)


def test_a_missing_cell_has_neither_bar_nor_line() -> None:
    assert not bar([np.nan, 0, 0, 1, 0], 0).any()
    assert bar([0.0, 0, 0, 1, 0], 0).max() == 90, "the line of the mean"


# ---- Cells


def test_a_row_is_described_in_its_own_units() -> None:
    row = np.float32([1.5, 0, 0.25, 0.75, -1])
    assert TABLE.describe(row, SCALE) == "age 55 years, job works (75%), wage 50"
    assert dict(cells(np.full(5, np.nan), SCALE)) == {"age": "missing", "job": "missing", "wage": "missing"}


def test_values_become_a_row_and_come_back() -> None:
    row = row_of({"age": 55.0, "job": "office", "wage": "50"}, SCALE, 5)
    assert row.tolist() == [1.5, 0, 1, 0, -1]
    assert dict(cells(row, SCALE)) == {"age": "55 years", "job": "office", "wage": "50"}
    assert np.isnan(row_of({"age": None, "job": ""}, SCALE, 5)).all()


@pytest.mark.parametrize(
    ("values", "said"),
    [({"job": "king"}, "'king'.*none, office, works"), ({"age": "old"}, "'old'"), ({"age": "inf"}, "finite")],
)
def test_values_that_cannot_be_are_refused(values: dict[str, str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        row_of(dict(values), SCALE, 5)


@pytest.mark.parametrize(
    "array", [np.zeros(9), np.zeros((5, 1)), np.full((5, 3), "a"), np.full((5, 3), np.inf), np.zeros((5, 3), complex)]
)
def test_arrays_that_are_no_rows_are_refused(array: np.ndarray) -> None:
    with pytest.raises(DataError):
        TABLE.prepare(array)
    assert TABLE.prepare(np.full((5, 3), np.nan)).dtype == np.float32


# ---- Corruptions and repair


@pytest.mark.parametrize("kind", KINDS)
@given(share=st.floats(0, 1), seed=seeds)
def test_one_seed_gives_one_row_whatever_stands_beside_it(kind: str, share: float, seed: int) -> None:
    x = rows()
    level = share * TABLE.corruption(kind).maximum
    y = corrupt(kind, level, seed, x)
    assert torch.equal(x, rows())
    assert torch.equal(y.nan_to_num(99), corrupt(kind, level, seed).nan_to_num(99))
    assert y.shape == x.shape
    alone = corrupt(kind, level, seed, x[:1])
    other = corrupt(kind, level, seed, torch.cat([x[:1]]))
    assert torch.equal(alone.nan_to_num(99), other.nan_to_num(99))


@pytest.mark.parametrize("kind", ["missing", "swapped"])
@given(first=st.floats(0, 0.9), second=st.floats(0, 0.9), seed=seeds)
def test_a_stronger_corruption_contains_the_weaker(kind: str, first: float, second: float, seed: int) -> None:
    weak, strong = (corrupt(kind, level, seed) for level in sorted((first, second)))
    kept = changed(rows(), weak)
    assert (changed(rows(), strong) | ~kept).all()
    same = weak.isnan() & strong.isnan() | (weak == strong)
    assert torch.stack([same[:, column.features].all(1) for column in COLUMNS], 1)[kept].all()


@given(level=st.floats(0, 0.9), seed=seeds)
def test_the_share_of_missing_cells_is_exact(level: float, seed: int) -> None:
    gone = corrupt("missing", level, seed).isnan()
    assert torch.equal(gone[:, 1:4].any(1), gone[:, 1:4].all(1)), "a category is missing whole"
    assert changed(rows(), corrupt("missing", level, seed)).sum(1).tolist() == [round(3 * level)] * 4


def test_noise_is_of_numbers_alone() -> None:
    x = torch.zeros(5000, 5)
    added = corrupt("noise", 0.7, x=x)
    assert added[:, [0, 4]].std().item() == pytest.approx(0.7, rel=0.03)
    assert not added[:, 1:4].any()
    torch.testing.assert_close(corrupt("noise", 0.35, x=x), added / 2)


def test_swapped_cells_are_values_that_may_be() -> None:
    swapped = corrupt("swapped", 1.0, x=torch.full((5000, 5), 9.0))
    assert swapped[:, [0, 4]].std().item() == pytest.approx(1, rel=0.05)
    assert torch.equal(swapped[:, 1:4].sum(1), torch.ones(5000))
    np.testing.assert_allclose(swapped[:, 1:4].mean(0), 1 / 3, atol=0.03)


def test_the_mean_and_the_commonest_category_fill_what_is_missing() -> None:
    x = rows()
    gone = x.clone()
    gone[0, 0], gone[1, 1:4] = torch.nan, torch.nan
    mended = TABLE.repair.apply(gone, SCALE)
    assert mended[0, 0] == 0
    assert mended[1, 1:4].tolist() == [0, 0, 1]
    assert torch.equal(mended[2:], x[2:])


# ---- Distances


def test_errors_by_hand() -> None:
    x = torch.tensor([[1.0, 0, 1, 0, -1], [0, 1, 0, 0, torch.nan], [torch.nan] * 5])
    y = torch.tensor([[0.0, 0.5, 0.25, 0.25, 1], [0, 1, 0, 0, 7], [1, 1, 0, 0, 1]])
    np.testing.assert_allclose(errors(x, y, SCALE), [[1, 0.75, 4], [0, 0, np.nan], [np.nan] * 3])
    found = {row.key: row.measure(x, y, SCALE).tolist() for row in TABLE.distances}
    assert found["error"] == pytest.approx([5.75 / 3, 0, 0])
    assert found["absolute"] == pytest.approx([1.5, 0, 0])
    assert TABLE.error.key == "error"


# ---- Pasted rows


@pytest.mark.parametrize(
    "text",
    [
        "age,job,wage\n55,office,50\n",
        "wage;age;job\r\n50;55;office\r\n",
        "55\toffice\t50",
        "55;office;50,0",
        '\ufeff"age","job","wage"\n"55","office","50"\n"1","none","2"',
        "  55 , office , 50 ",
    ],
)
def test_a_row_of_a_spreadsheet_is_read(text: str) -> None:
    assert TABLE.read(text.encode(), (5,), SCALE).item.tolist() == [1.5, 0, 1, 0, -1]


def test_a_cell_that_is_empty_or_not_named_is_missing_and_said() -> None:
    found = TABLE.read(b"age,job\n55,\n", (5,), SCALE)
    assert np.isnan(found.item).tolist() == [False, True, True, True, True]
    assert found.notes == ("Missing: job, wage.",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no row"),
        ("55,office", "2 cells were found where 3 are needed: age, job, wage"),
        ("55,king,50", "no category 'king'"),
        ("=1+1,office,50", "must be a number"),
        ("age,job,wage\n", "must be a number|no row|category"),
    ],
)
def test_what_is_no_row_is_told(text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        TABLE.read(text.encode(), (5,), SCALE)


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_a_row_or_a_sentence(data: bytes) -> None:
    said = "."
    try:
        item = TABLE.read(data, (5,), SCALE).item
        assert item.shape == (5,)
        assert not np.isinf(item).any()
    except DataError as error:
        said = str(error)
    assert said.endswith(".")


def test_a_legend_names_the_bars_of_a_tile_in_their_order() -> None:
    columns = (
        Column("age", 0, unit="years"),
        Column("kind", 1, categories=("a", "b", "c")),
    )
    assert legend(TableScale(columns=columns)) == (
        "Bars of a tile, from the left: age, up or down from the mean by up to three standard deviations; "
        "kind (3), a bar for each category, as high as it is likely."
    )
    assert legend(TableScale()) == ""
    many = tuple(Column(f"c{number}", number) for number in range(60))
    assert "c11 and 48 more, up or down" in legend(TableScale(columns=many))
