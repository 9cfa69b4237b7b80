import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from aeviz.modalities.image.drawing import BOX, ground_of, prepare

SIDE = 112


def one(shift: tuple[int, int] = (0, 0), times: int = 1) -> np.ndarray:
    """A drawn 1 on a square pad, moved by (down, right) pixels, everything `times` as large."""
    pad = Image.new("L", (SIDE * times, SIDE * times))
    down, right = shift
    lines = [(40 + right, 34 + down), (54 + right, 22 + down), (50 + right, 84 + down)]
    ImageDraw.Draw(pad).line([(x * times, y * times) for x, y in lines], fill=255, width=9 * times, joint="curve")
    return np.asarray(pad)


def centre_of_mass(picture: np.ndarray) -> tuple[float, float]:
    mass = picture.sum(0)
    rows, columns = np.indices(mass.shape)
    return float((rows * mass).sum() / mass.sum()), float((columns * mass).sum() / mass.sum())


def extent(picture: np.ndarray) -> tuple[int, int]:
    inked = picture.max(0) > 1e-6
    return int(np.ptp(np.flatnonzero(inked.any(1)))) + 1, int(np.ptp(np.flatnonzero(inked.any(0)))) + 1


blots = arrays(np.uint8, st.tuples(st.integers(2, 30), st.integers(2, 30)), elements=st.integers(0, 255)).filter(
    lambda blot: (blot > 60).any()
)


def placed(blot: np.ndarray, top: int, left: int, side: int = 64) -> np.ndarray:
    pad = np.zeros((side, side), np.uint8)
    pad[top : top + len(blot), left : left + blot.shape[1]] = blot
    return pad


@given(blots, st.integers(0, 34), st.integers(0, 34))
def test_where_it_is_drawn_does_not_matter_at_all(blot: np.ndarray, top: int, left: int) -> None:
    np.testing.assert_array_equal(prepare(placed(blot, top, left)), prepare(placed(blot, 0, 0)))


@given(blots, st.integers(2, 4))
def test_how_large_it_is_drawn_does_not_matter(blot: np.ndarray, times: int) -> None:
    large = np.kron(blot, np.ones((times, times), np.uint8))
    np.testing.assert_allclose(prepare(large), prepare(blot), atol=1e-5)


def test_a_one_drawn_larger_and_elsewhere_is_nearly_the_same_picture() -> None:
    usual, moved = prepare(one()), prepare(one((14, -21)))
    np.testing.assert_array_equal(usual, moved)
    assert usual is not None
    larger = prepare(one(times=3))
    assert larger is not None
    assert np.abs(usual - larger).mean() < 0.01


@given(blots)
def test_ink_is_kept_in_proportion(blot: np.ndarray) -> None:
    strong = blot / 255 > 0.1
    rows, columns = np.flatnonzero(strong.any(1)), np.flatnonzero(strong.any(0))
    crop = blot[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / 255
    picture = prepare(blot)
    assert picture is not None
    assert picture.sum() == pytest.approx(crop.sum() * (20 / max(crop.shape)) ** 2, rel=1e-4)


@given(blots)
def test_the_longer_side_takes_twenty_pixels_of_twenty_eight(blot: np.ndarray) -> None:
    picture = prepare(blot)
    assert picture is not None
    assert picture.shape == (1, 28, 28)
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert max(extent(picture)) == 20


def test_the_centre_of_mass_is_the_middle_of_the_field() -> None:
    picture = prepare(one())
    assert picture is not None
    # MNIST's own pictures have it at pixel 14.0 ± 0.5 (whole-pixel moves), measured on the test split.
    assert np.abs(np.subtract(centre_of_mass(picture), 14)).max() <= 0.5


def test_heavy_ink_at_one_end_is_not_pushed_out_of_the_field() -> None:
    pad = np.zeros((100, 100), np.uint8)
    pad[:20], pad[:, 49:51] = 255, 255
    picture = prepare(pad)
    assert picture is not None
    assert picture.sum() == pytest.approx((pad / 255).sum() * (20 / 100) ** 2, rel=1e-5)


@pytest.mark.parametrize("shape", [(32, 32), (28, 56), (40, 20)])
def test_other_fields_keep_the_same_share_for_the_ink(shape: tuple[int, int]) -> None:
    picture = prepare(one(), shape)
    assert picture is not None
    assert picture.shape == (1, *shape)
    tall, wide = extent(picture)
    boxes = [round(side * BOX) for side in shape]
    assert tall == boxes[0] or wide == boxes[1]
    assert tall <= boxes[0]
    assert wide <= boxes[1]


def test_colours_stay_colours_and_the_ground_stays_white() -> None:
    pad = np.full((64, 64, 3), 255, np.uint8)
    pad[10:30, 10:30] = (200, 40, 0)
    picture = prepare(pad, (32, 32), ground=255)
    assert picture is not None
    np.testing.assert_allclose(picture[:, 16, 16], np.array([200, 40, 0]) / 255, atol=1e-6)
    np.testing.assert_allclose(picture[:, 0, 0], 1)


def test_fill_takes_the_pad_edge_to_edge() -> None:
    rng = np.random.default_rng(0)
    pad = rng.integers(0, 256, (64, 96, 3), np.uint8)
    picture = prepare(pad, (32, 24), "fill")
    means = pad.reshape(32, 2, 24, 4, 3).mean((1, 3)).transpose(2, 0, 1) / 255
    np.testing.assert_allclose(picture, means, atol=1e-6)


@pytest.mark.parametrize("ground", [0, 255])
@pytest.mark.parametrize("convention", ["mnist", "fill"])
def test_an_empty_pad_is_no_picture(ground: int, convention: str) -> None:
    assert prepare(np.full((56, 56), ground, np.uint8), convention=convention, ground=ground) is None


def test_wrong_input_is_named() -> None:
    with pytest.raises(ValueError, match="uint8"):
        prepare(np.zeros((28, 28)))
    with pytest.raises(ValueError, match="convention"):
        prepare(one(), convention="emnist")


def test_colour_is_drawn_on_white_and_grey_on_black() -> None:
    assert (ground_of((1, 28, 28)), ground_of((3, 32, 32))) == (0, 255)
