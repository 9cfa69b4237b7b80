"""Pictures as tiles."""

import numpy as np
import pytest

from aeviz.modalities.base import Scale
from aeviz.modalities.image.record import tiles


@pytest.mark.parametrize("channels", [1, 3])
def test_tiles_are_rounded_levels_with_the_channels_last(channels: int) -> None:
    x = np.random.default_rng(0).random((5, channels, 4, 6), np.float32)
    np.testing.assert_array_equal(tiles(x, Scale()), np.rint(x * 255).astype(np.uint8).transpose(0, 2, 3, 1))


def test_values_out_of_range_are_clipped_and_bytes_pass() -> None:
    assert tiles(np.array([[[[-1.0, 2.0]]]]), Scale()).tolist() == [[[[0], [255]]]]
    assert tiles(np.array([[[[7, 200]]]], np.uint8), Scale()).tolist() == [[[[7], [200]]]]
