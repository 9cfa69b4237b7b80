"""The modality of signals: curves as tiles, corruptions, interpolation, distances, and pasted values."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aeviz.datasets.arrays import dataset_of
from aeviz.errors import DataError
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.series import HEIGHT, SERIES, WIDTH, SeriesScale, html, numbers, scale_of, ticks

SCALE = SeriesScale(low=-2.0, high=2.0, unit="mV", step=0.5, start=-1.0, time_unit="s", spread=0.5)
KINDS = sorted(row.name for row in SERIES.corruptions)
seeds = st.integers(0, 2**31)


def waves(count: int = 3, channels: int = 2, steps: int = 24) -> torch.Tensor:
    phase = torch.arange(count * channels).reshape(count, channels, 1)
    return torch.sin(torch.linspace(0, 6, steps) + phase)


def corrupt(kind: str, level: float, seed: int = 0, x: torch.Tensor | None = None) -> torch.Tensor:
    return SERIES.corruption(kind).corrupt(waves() if x is None else x, level, seed, SCALE)


def test_it_is_in_the_table() -> None:
    assert MODALITIES["series"] is SERIES


@pytest.mark.parametrize("shape", [(64,), (1, 3), (1, 28, 28), (0, 64)])
def test_other_shapes_are_none_of_its_own(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="A series is"):
        SERIES.check(shape)


def test_its_shapes_are_told_in_words() -> None:
    assert SERIES.size((1, 64)) == "64 values"
    assert SERIES.size((3, 24)) == "24 values in 3 channels"


# ---- Tiles


def middle(tile: np.ndarray) -> np.ndarray:
    """The height of the curve in each column of pixels, counted from the top."""
    light = tile[..., 0].astype(float)
    rows = np.arange(len(light)) + 0.5
    found: np.ndarray = (light * rows[:, None]).sum(0) / light.sum(0)
    return found


@given(count=st.integers(0, 3), channels=st.integers(1, 3), steps=st.integers(4, 200))
def test_tiles_have_one_size_whatever_the_series(count: int, channels: int, steps: int) -> None:
    tiles = SERIES.tiles(np.zeros((count, channels, steps), np.float32), SCALE)
    assert (tiles.shape, tiles.dtype) == ((count, HEIGHT, WIDTH, 1), np.uint8)


@given(low=st.floats(-1.8, 1.8), high=st.floats(-1.8, 1.8))
def test_a_larger_value_is_drawn_higher(low: float, high: float) -> None:
    scale = SeriesScale(low=-2.0, high=2.0001, spread=1)  # zero lies between the ends: its line is drawn too
    curves = np.float32([low, high])[:, None, None].repeat(8, 2)
    with_line = SERIES.tiles(curves, SeriesScale(low=-2.0, high=2.0))
    heights = [middle(np.where(tile > 56, tile, 0))[WIDTH // 2] for tile in with_line]
    assert (heights[0] - heights[1]) == pytest.approx((high - low) / 4 * (HEIGHT - 1.6), abs=0.6)
    assert scale.high > scale.low


def test_a_rising_line_rises_from_corner_to_corner() -> None:
    tile = SERIES.tiles(np.linspace(1, 3, 10, dtype=np.float32)[None, None], SeriesScale(low=1.0, high=3.0))[0]
    heights = middle(tile)
    assert (np.diff(heights) < 0).all()
    assert heights[0] > HEIGHT - 2.5
    assert heights[-1] < 2.5


def test_what_lies_beyond_the_axis_runs_along_its_end() -> None:
    tile = SERIES.tiles(np.full((1, 1, 8), 99.0, np.float32), SCALE)[0]
    assert (tile[:2].max(0) == 255).all()


def test_missing_values_are_gaps_and_a_lone_value_a_mark() -> None:
    item = np.full((1, 1, 9), np.nan, np.float32)
    scale = SeriesScale(low=1.0, high=3.0)
    assert not SERIES.tiles(item, scale).any()
    item[0, 0, 4] = 2.0
    lit = SERIES.tiles(item, scale)[0].any((0, 2))
    assert lit[WIDTH // 2]
    assert not lit[: WIDTH // 3].any()
    assert not lit[-WIDTH // 3 :].any()


def test_channels_are_drawn_one_below_the_other() -> None:
    item = np.stack([np.full(8, 2.0), np.full(8, -2.0)])[None].astype(np.float32)
    tile = SERIES.tiles(item, SCALE)[0, :, 50, 0]
    assert tile[0] == 255
    assert tile[-1] == 255
    assert (tile == 255).sum() <= 4


# ---- Words and arrays


def test_an_item_is_described_in_its_unit() -> None:
    said = SERIES.describe(np.float32([[0.0, 1.5, -0.5, 0.0]]), SCALE)
    assert said == "series from -0.5 to 1.5 mV, -1 to 0.5 s"
    assert "1 values missing" in SERIES.describe(np.float32([[0.0, np.nan, 1, 2]]), SCALE)
    assert SERIES.describe(np.full((1, 4), np.nan), SCALE) == "series without a value"


def test_arrays_of_two_and_three_axes_are_series() -> None:
    assert SERIES.prepare(np.zeros((5, 9), np.float64)).shape == (5, 1, 9)
    assert SERIES.prepare(np.zeros((5, 2, 9), np.int64)).dtype == np.float32
    assert dataset_of(np.zeros((9, 8)), modality="series").shape == (1, 8)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(9), "expected series"),
        (np.zeros((5, 3)), "expected series"),
        (np.zeros((5, 9), complex), "expected numbers"),
        (np.full((5, 9), "a"), "expected numbers"),
        (np.full((5, 9), np.inf), "infinite"),
    ],
)
def test_arrays_that_are_no_series_are_refused(array: np.ndarray, said: str) -> None:
    with pytest.raises(DataError, match=said):
        SERIES.prepare(array)


def test_a_scale_holds_nearly_all_values_and_knows_their_spread() -> None:
    items = np.random.default_rng(0).normal(3, 2, (200, 1, 30))
    scale = scale_of(items, unit="mV")
    assert scale.low < np.quantile(items, 0.002) < np.quantile(items, 0.998) < scale.high
    assert scale.spread == pytest.approx(2, abs=0.1)
    assert scale.unit == "mV"
    constant = scale_of(np.full((3, 1, 9), 7.0))
    assert constant.low < 7 < constant.high
    assert constant.spread > 0


# ---- Corruptions and repair


@pytest.mark.parametrize("kind", KINDS)
@given(share=st.floats(0, 1), seed=seeds)
def test_one_seed_gives_one_series_and_the_input_stays(kind: str, share: float, seed: int) -> None:
    x = waves()
    level = share * SERIES.corruption(kind).maximum
    y = corrupt(kind, level, seed, x)
    assert y.shape == x.shape
    assert torch.equal(x, waves())
    assert torch.equal(y.nan_to_num(99), corrupt(kind, level, seed).nan_to_num(99))


@pytest.mark.parametrize("kind", KINDS)
def test_level_zero_changes_nothing_and_seeds_differ(kind: str) -> None:
    assert torch.equal(corrupt(kind, 0.0), waves())
    assert not torch.equal(corrupt(kind, 0.4, 1).nan_to_num(9), corrupt(kind, 0.4, 2).nan_to_num(9))


@pytest.mark.parametrize("kind", ["dropout", "gap"])
@given(first=st.floats(0, 0.9), second=st.floats(0, 0.9), seed=seeds)
def test_a_stronger_loss_contains_the_weaker(kind: str, first: float, second: float, seed: int) -> None:
    weak, strong = (corrupt(kind, level, seed).isnan() for level in sorted((first, second)))
    assert (strong | ~weak).all()
    assert weak[:, 0].sum(1).tolist() == [round(min(first, second) * 24)] * 3
    assert torch.equal(weak[:, 0], weak[:, 1]), "all channels lose the same times"


@pytest.mark.parametrize("kind", ["noise", "wander"])
@given(level=st.floats(0.01, 1), seed=seeds)
def test_what_is_added_grows_in_proportion(kind: str, level: float, seed: int) -> None:
    once, twice = (corrupt(kind, times * level / 2, seed) - waves() for times in (1, 2))
    torch.testing.assert_close(twice, 2 * once, atol=1e-5, rtol=1e-3)


def test_noise_and_wander_are_counted_in_spreads() -> None:
    x = torch.zeros(4000, 1, 24)
    assert corrupt("noise", 0.6, x=x).std().item() == pytest.approx(0.6 * SCALE.spread, rel=0.02)
    wave = corrupt("wander", 1.0, x=x)
    assert wave.std().item() == pytest.approx(SCALE.spread, rel=0.1)
    assert wave.abs().max() <= SCALE.spread * 2**0.5 + 1e-6
    assert wave.diff(dim=2).abs().max() < 0.3 * SCALE.spread * 2**0.5 * 2, "a slow wave"


def test_a_gap_is_one_stretch() -> None:
    gone = corrupt("gap", 0.5, x=torch.zeros(500, 1, 24)).isnan()[:, 0]
    starts = (gone.int().diff(dim=1) == 1).sum(1) + gone[:, 0]
    assert (starts == 1).all()
    assert (gone.any(0)).all(), "it may lie anywhere"


@pytest.mark.parametrize("level", [-0.1, 0.95])
def test_levels_out_of_range_are_refused(level: float) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        corrupt("gap", level)


def test_interpolation_follows_a_line_over_a_gap() -> None:
    line = torch.arange(12.0).reshape(1, 1, 12)
    gone = line.clone()
    gone[..., 4:8] = torch.nan
    mended = SERIES.repair.apply(gone, SCALE)
    torch.testing.assert_close(mended[..., 1:-1], line[..., 1:-1])
    assert SERIES.repair.apply(torch.full((2, 1, 5), torch.nan), SCALE).isfinite().all()


# ---- Distances


def test_distances_are_those_of_numpy() -> None:
    x, y = waves(), waves().flip(2)
    difference = (x - y).numpy().reshape(3, -1)
    found = {row.key: row.measure(x, y, SCALE).numpy() for row in SERIES.distances}
    np.testing.assert_allclose(found["rmse"], np.sqrt(np.square(difference).mean(1)), rtol=1e-5)
    np.testing.assert_allclose(found["mae"], np.abs(difference).mean(1), rtol=1e-5)
    assert SERIES.error.unit_in(SCALE) == "mV"


def test_values_that_are_missing_have_no_distance() -> None:
    x = waves()
    gone = x.clone()
    gone[:, :, 3:9] = torch.nan
    other = x + 1
    other[:, :, 3:9] = 77
    torch.testing.assert_close(SERIES.error.measure(gone, other, SCALE), torch.ones(3))
    assert SERIES.error.measure(torch.full_like(x, torch.nan), x, SCALE).tolist() == [0, 0, 0]


# ---- Pasted values


@pytest.mark.parametrize(
    "text",
    [
        "1 2.5 -3 4e-1",
        "1,2.5,-3,4e-1",
        "1, 2.5, -3, 4e-1",
        "1\n2.5\n-3\n0.4\n",
        "1\r\n2.5\r\n-3\r\n0.4",
        "1\t2.5\t-3\t0.4",
        "1;2,5;-3;0,4",
        "1 2,5 -3 0,4",
        "1\n2,5\n-3\n0,4",
        "\ufeff1;2.5;-3;0.4",
        "1.0,2.5\n-3,0.4",
    ],
)
def test_rows_and_columns_of_a_spreadsheet_are_numbers(text: str) -> None:
    assert numbers(text.encode()).tolist() == [1, 2.5, -3, 0.4]


@pytest.mark.parametrize("text", ["1;;3;4", "1\t\t3\t4", "1,,3.5,4", "1\n\n3\n4", "1;nan;3;4"])
def test_an_empty_field_is_a_missing_value(text: str) -> None:
    assert np.isnan(numbers(text.encode())).tolist() == [False, True, False, False]


@pytest.mark.parametrize("text", ["1 2 three 4", "time;value\n1;2", "=1+1", "1;2;inf", "\x00"])
def test_anything_else_is_named(text: str) -> None:
    with pytest.raises(DataError, match="Not a number"):
        numbers(text.encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DataError, match="not text"):
        SERIES.read(b"\xff\xfe\x00", (1, 8), SCALE)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_series_or_a_sentence(data: bytes) -> None:
    said = "."
    try:
        upload = SERIES.read(data, (1, 8), SCALE)
        assert upload.item.shape == (1, 8)
        assert not np.isinf(upload.item).any()
    except DataError as error:
        said = str(error)
    assert said.endswith(".")


def test_a_series_of_another_length_is_stretched_and_said() -> None:
    upload = SERIES.read(b"0 1 2 3 4", (1, 9), SCALE)
    np.testing.assert_allclose(upload.item[0], np.linspace(0, 4, 9))
    assert "Stretched to 9 values" in upload.notes[0]
    assert SERIES.read(b"0 1 2 3", (1, 4), SCALE).notes == ()
    for text, shape in ((b"1 2 3", (1, 9)), (b"1 2 3 4 5", (2, 4))):
        with pytest.raises(DataError, match=r"values were found; \d+ are needed"):
            SERIES.read(text, shape, SCALE)


def test_a_curves_axes_have_round_numbers_and_units() -> None:
    scale = SeriesScale(low=-1.16, high=2.24, unit="mV", step=1 / 90, start=-24 / 90, time_unit="s")
    drawn = html(np.zeros((1, 64), np.float32), scale) or ""
    assert re.findall(r">([−0-9.]+)</span>", drawn) == ["−1", "0", "1", "2", "−0.2", "0", "0.2", "0.4"]
    assert "<em>mV</em>" in drawn
    assert "<em>seconds</em>" in drawn
    day = html(np.zeros((2, 24), np.float32), SeriesScale(low=-2.2, high=2.6, time_unit="h")) or ""
    assert re.findall(r'left: [0-9.]+%">([0-9]+)</span>', day) == ["0", "6", "12", "18"]
    assert day.count(">−2</span>") == 2, "each channel has its axis"
    assert "hour of the day" in day


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_lie_within_the_axis_and_are_few(low: float, reach: float) -> None:
    found = ticks(low, low + reach, 4)
    assert 1 <= len(found) <= 5
    slack = 1e-5 * max(abs(low), reach)
    assert low - slack <= found[0] <= found[-1] <= low + reach + slack
