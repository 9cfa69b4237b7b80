import numpy as np

from aeviz.parts.sheets import count_for


def test_a_view_has_fewer_tiles_where_they_are_large_and_never_too_few() -> None:
    digit, photo = np.zeros((28, 28, 1), np.uint8), np.zeros((256, 256, 3), np.uint8)
    assert (count_for(digit, 13, rows=8), count_for(digit, 97)) == (13, 97)
    assert (count_for(photo, 13, rows=8), count_for(photo, 97)) == (5, 15)
    assert count_for(np.zeros((4096, 4096, 1), np.uint8), 33, least=3) == 3
