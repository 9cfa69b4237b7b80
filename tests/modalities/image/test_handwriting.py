import time

import numpy as np
import pytest
from numpy.typing import NDArray
from photographs import gridded, photograph
from scipy import ndimage

from aeviz.datasets.sources import load_dataset
from aeviz.errors import DataError
from aeviz.modalities.image import handwriting
from aeviz.modalities.image.files import read_photograph
from aeviz.modalities.image.handwriting import MAX_DIGITS, MAX_SIDE, Adjustments, digit, find_strokes

DIGITS = load_dataset("mnist").items[:, 0]
SEVEN, TWO, ONE, ZERO, FOUR = DIGITS[:5]


def coloured(grey: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.repeat(np.rint(255 * np.clip(grey, 0, 1)).astype(np.uint8)[..., None], 3, 2)


def on_paper(places: dict[tuple[int, int], NDArray[np.float32]], times: int = 6) -> NDArray[np.floating]:
    """Digits by the row and column of their corner on light paper."""
    page = np.full((600, 900), 0.9)
    for (top, left), picture in places.items():
        large = ndimage.zoom(picture, times, order=1)
        page[top : top + len(large), left : left + len(large)] *= 1 - 0.85 * large
    return page


def decibels(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(-10 * np.log10(((one - other) ** 2).mean()))


@pytest.mark.parametrize("swap", [False, True])
def test_a_digit_of_the_data_set_comes_back_nearly_as_it_was(swap: bool) -> None:
    for picture in DIGITS[:10]:
        strokes = find_strokes(coloured(1 - picture if swap else picture))
        assert strokes.dark is swap
        assert decibels(digit(strokes, strokes.largest)[0], picture) > 14.5


def test_ink_under_uneven_light_is_what_it_is_under_even_light() -> None:
    page = on_paper({(200, 300): TWO})
    light = np.linspace(1, 0.4, 900)[None] * np.where(np.arange(900) < 450, 1, 0.75)[None]
    even, uneven = (
        digit(strokes, 0) for strokes in (find_strokes(coloured(page)), find_strokes(coloured(page * light)))
    )
    assert decibels(even, uneven) > 22


@pytest.mark.parametrize("ink", [(0.8, 0.1, 0.1), (0.1, 0.2, 0.8), (0.1, 0.5, 0.1)])
def test_ink_of_any_colour_counts(ink: tuple[float, float, float]) -> None:
    cover = 1 - (on_paper({(200, 300): TWO}) / 0.9)[..., None]
    page = 0.95 + cover * (np.array(ink) - 0.95)
    black = digit(find_strokes(coloured(on_paper({(200, 300): TWO}))), 0)
    assert decibels(digit(find_strokes(np.rint(255 * page).astype(np.uint8)), 0), black) > 20


@pytest.mark.parametrize("tilt", [-14, 9])
def test_ruled_lines_go_and_tell_how_the_page_lies(tilt: float) -> None:
    page = on_paper({(205, 330): TWO}, 8)
    page[40::60] = page[41::60] = np.minimum(page[40::60], 0.6)
    strokes = find_strokes(coloured(ndimage.rotate(page, tilt, order=1, reshape=False, mode="nearest")))
    assert strokes.turn == pytest.approx(-tilt, abs=1)
    assert strokes.count == 1
    assert decibels(digit(strokes, 0)[0], TWO) > 12


def test_several_digits_are_found_line_by_line() -> None:
    page = on_paper({(60, 100): SEVEN, (70, 400): TWO, (60, 650): ZERO, (340, 120): FOUR, (350, 420): ONE})
    strokes = find_strokes(coloured(page))
    assert strokes.count == 5
    for number, picture in enumerate((SEVEN, TWO, ZERO, FOUR, ONE)):
        assert decibels(digit(strokes, number)[0], picture) > 13, number


def test_a_row_of_digits_is_turned_level() -> None:
    page = on_paper({(200, left): picture for left, picture in ((100, TWO), (300, ZERO), (500, FOUR), (700, ZERO))})
    strokes = find_strokes(coloured(ndimage.rotate(page, -10, order=1, reshape=False, mode="nearest")))
    assert strokes.turn == pytest.approx(10, abs=3)
    assert strokes.count == 4


def test_what_is_told_is_done() -> None:
    page = coloured(on_paper({(60, 100): SEVEN, (300, 500): TWO}))
    right = find_strokes(page, Adjustments(frame=(0.4, 0.5, 1.0, 1.0)))
    assert right.count == 1
    assert decibels(digit(right, 0)[0], TWO) > 13
    told = find_strokes(page, Adjustments(threshold=0.8, dark=True, turn=90.0))
    assert (told.threshold, told.dark, told.turn) == (0.8, True, 90.0)
    assert told.ink.shape == page.shape[1::-1]


def test_the_bar_of_a_five_belongs_to_it() -> None:
    page = np.full((400, 400), 0.9)
    page[100:112, 205:280] = 0.1  # apart from what is below it
    page[125:200, 180:192] = page[190:202, 180:260] = page[190:280, 250:262] = page[270:282, 180:262] = 0.1
    assert find_strokes(coloured(page)).count == 1


def test_ink_of_one_shade_has_a_threshold_too() -> None:
    """Its contrasts differ by rounding alone, too little for a histogram."""
    contrast = np.zeros((20, 20), np.float32)
    contrast[5:15, 8:12] = 1
    contrast[6, 9] = np.nextafter(np.float32(1), np.float32(2))
    assert 0.29 < handwriting._threshold(contrast, 0.01) < 0.61


def test_a_fine_pen_is_made_as_thick_as_the_data_set_s_strokes() -> None:
    page = np.full((600, 600), 0.9)
    page[100:500, 298:301] = 0.2
    one = digit(find_strokes(coloured(page)), 0)[0]
    assert 1.8 < one[14].sum() < 3.2


@pytest.mark.parametrize(
    ("pixels", "sentence"),
    [
        (np.zeros((300, 300)), "No ink is found"),
        (np.ones((300, 300)), "No ink is found"),
        (np.linspace(0, 1, 400)[None].repeat(300, 0), "No ink is found"),
        (np.random.default_rng(0).random((300, 300)), "No ink is found"),
        (np.ones((1, 1)), "1 × 1 pixels are too few for a digit"),
        (np.ones((40, 3)), "3 × 40 pixels are too few"),
        (np.ones((10, 30_000)), "pixels are too few"),
        (np.ones((8, 1200)), "No ink is found"),
    ],
    ids=["black", "white", "gradient", "noise", "one", "strip", "ribbon", "lowest"],
)
def test_where_there_is_no_handwriting_a_sentence_says_so(pixels: NDArray[np.floating], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        find_strokes(coloured(pixels))


def test_a_scan_with_five_hundred_digits_gives_the_largest() -> None:
    page = np.full((1100, 1200), 0.9)
    for number in range(500):
        row, column = divmod(number, 25)
        page[20 + row * 52 :, 20 + column * 46 :][:28, :28] *= 1 - 0.9 * DIGITS[number]
    strokes = find_strokes(coloured(page))
    assert strokes.count > 450
    assert len(strokes.boxes) == MAX_DIGITS


def read_of(row: int, pixels: int | None = None) -> NDArray[np.float32]:
    """A photograph of a test digit, and what is found in it."""
    file = photograph(DIGITS[row], row, pixels).file()
    strokes = find_strokes(read_photograph(file, MAX_SIDE))
    return digit(strokes, strokes.largest)


@pytest.mark.parametrize("count", [10, pytest.param(100, marks=pytest.mark.long)])
def test_handwriting_on_paper_is_read_as_what_was_written_and_rebuilt(count: int) -> None:
    """By the classifier that Generate uses; most photographs of the short run are small, for speed."""
    import torch

    from aeviz.evaluation.generation import predicted_classes
    from aeviz.store.checkpoints import load

    rows = np.arange(100, 100 + count)
    found = np.stack([read_of(row, None if count > 10 else 300 * 4 ** (row % 7)) for row in rows.tolist()])
    data = load_dataset("mnist")
    assert (predicted_classes("mnist", found) == data.labels[rows]).mean() >= 0.9
    with torch.inference_mode():
        model = load("mnist-dae")
        rebuilt = model.decode(model.encode(torch.tensor(found)).mean).numpy()
    assert decibels(rebuilt, found) > 14
    assert decibels(rebuilt, data.items[rows]) > 10.5  # moved by a pixel, thicker or thinner, but this very digit


@pytest.mark.parametrize("count", [12, pytest.param(60, marks=pytest.mark.long)])
def test_squared_paper_askew_under_a_shadow_hides_no_digit(count: int) -> None:
    """Nine of ten, by the same classifier; no photograph of them is good."""
    from aeviz.evaluation.generation import predicted_classes

    rows = np.arange(100, 100 + count)
    photographs = [gridded(DIGITS[row], row) for row in rows.tolist()]
    strokes = [find_strokes(read_photograph(each.file(), MAX_SIDE)) for each in photographs]
    turned = [abs(found.turn - each.tilt) for found, each in zip(strokes, photographs, strict=True)]
    assert np.mean(np.array(turned) < 1) >= 0.9
    found = np.stack([digit(each, each.largest) for each in strokes])
    assert (predicted_classes("mnist", found) == load_dataset("mnist").labels[rows]).mean() >= 0.9


@pytest.mark.parametrize("turn", [0, 7])
def test_a_stroke_that_crosses_or_follows_a_line_stays(turn: float) -> None:
    page = on_paper({(205, 330): FOUR}, 8)
    for places in (slice(40, None, 60), slice(41, None, 60)):
        page[places] = np.minimum(page[places], 0.35)
        page[:, places] = np.minimum(page[:, places], 0.35)
    strokes = find_strokes(coloured(ndimage.rotate(page, turn, order=1, reshape=False, mode="nearest")))
    assert strokes.turn == pytest.approx(-turn, abs=0.5)
    assert strokes.count == 1
    assert decibels(digit(strokes, 0)[0], FOUR) > 10


@pytest.mark.long
def test_the_work_is_the_same_for_the_largest_photographs() -> None:
    file = photograph(TWO, 1, 12_000_000).file()
    start = time.process_time()
    strokes = find_strokes(read_photograph(file, MAX_SIDE))
    assert max(strokes.contrast.shape) <= MAX_SIDE
    assert time.process_time() - start < 2.0  # seconds of this process
    assert handwriting.digit(strokes, strokes.largest).shape == (1, 28, 28)
