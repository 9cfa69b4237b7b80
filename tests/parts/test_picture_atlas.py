"""Sheets of tiles as Python makes them."""

import io

import numpy as np
import pytest
from PIL import Image

from aeviz.parts.picture_atlas import payload
from aeviz.parts.sheets import png


@pytest.mark.parametrize("channels", [1, 3])
def test_tile_k_is_picture_k(channels: int) -> None:
    tiles = np.random.default_rng(0).integers(0, 256, (11, 5, 7, channels), np.uint8)
    pixels = np.asarray(Image.open(io.BytesIO(png(tiles, columns=4))))
    assert pixels.shape[:2] == (3 * 5, 4 * 7)
    pixels = pixels.reshape(15, 28, channels)
    for k, tile in enumerate(tiles):
        top, left = k // 4 * 5, k % 4 * 7
        np.testing.assert_array_equal(pixels[top : top + 5, left : left + 7], tile)
    assert not pixels[10:, 21:].any()


@pytest.mark.parametrize(
    "tiles", [np.zeros((2, 4, 4, 1)), np.zeros((2, 4, 4), np.uint8), np.zeros((2, 4, 4, 2), np.uint8)]
)
def test_other_arrays_are_refused(tiles: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected uint8 tiles"):
        payload("name", tiles)
