"""Sheets of tiles as Python makes them."""

import io

import numpy as np
import pytest
from PIL import Image

from aeviz.parts.picture_atlas import sheet


@pytest.mark.parametrize("channels", [1, 3])
def test_tile_k_is_picture_k(channels: int) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (11, channels, 5, 7), np.uint8)
    pixels = np.asarray(Image.open(io.BytesIO(sheet(pictures, columns=4))))
    assert pixels.shape[:2] == (3 * 5, 4 * 7)
    pixels = pixels.reshape(15, 28, channels)
    for k, picture in enumerate(pictures):
        top, left = k // 4 * 5, k % 4 * 7
        np.testing.assert_array_equal(pixels[top : top + 5, left : left + 7], picture.transpose(1, 2, 0))
    assert not pixels[10:, 21:].any()


@pytest.mark.parametrize(
    "pictures", [np.zeros((2, 1, 4, 4)), np.zeros((2, 4, 4), np.uint8), np.zeros((2, 2, 4, 4), np.uint8)]
)
def test_other_arrays_are_refused(pictures: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected uint8 pictures"):
        sheet(pictures)
