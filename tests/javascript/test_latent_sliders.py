"""The sliders' arithmetic: places, tiles, keys, and which commits are unanswered."""

from collections.abc import Callable

import numpy as np

STEP = 6 / 128  # of 129 tiles from −3 to 3


def test_pixel_and_value_are_each_others_inverse(js_module: Callable) -> None:
    module = js_module("latent_sliders")
    values = np.linspace(-3, 4, 57)
    back = module.evaluate(
        "(m, values) => [...values].map((v) => m.toValue(m.toPixel(v, -3, 4, 311, 7), -3, 4, 311, 7))", values
    )
    np.testing.assert_allclose(back, values, atol=1e-12)
    assert module.call("toPixel", -3, -3, 4, 280, 7) == 20, "the first tile's middle"
    assert module.call("toPixel", 99, -3, 4, 280, 7) == 260, "the last tile's middle"
    assert module.call("toValue", -50, -3, 4, 280, 7) == -3
    assert module.call("toValue", 999, -3, 0.1, 280, 7) == 0.1, "exactly the end"


def test_nearest_tile_is_the_nearest(js_module: Callable) -> None:
    module = js_module("latent_sliders")
    values = np.random.default_rng(0).uniform(-3.5, 3.5, 200)
    tiles = module.evaluate("(m, values) => [...values].map((v) => m.nearestTile(v, -3, 3, 129))", values)
    grid = np.linspace(-3, 3, 129)
    np.testing.assert_array_equal(tiles, np.abs(grid - values[:, None]).argmin(axis=1))


def test_film_stride_keeps_both_ends_and_legible_tiles(js_module: Callable) -> None:
    module = js_module("latent_sliders")
    for count, width, stride in [(13, 400, 1), (13, 311, 2), (13, 160, 3), (11, 200, 2), (12, 200, 11), (2, 10, 1)]:
        assert module.call("filmStride", count, width) == stride
        assert (count - 1) % stride == 0


def test_steps_of_keys_and_wheel(js_module: Callable) -> None:
    module = js_module("latent_sliders")
    row = {"low": -3, "high": 3, "home": 0.25}
    assert module.call("fineStep", -3, 3) == STEP
    assert module.call("fineStep", 0, 1, 11) == 0.1
    assert module.call("keyTarget", "ArrowRight", 2.99, row, STEP) == 3
    assert module.call("keyTarget", "Delete", 2, row, STEP) == 0.25
    assert module.call("keyTarget", "a", 2, row, STEP) is None
    assert module.call("wheelSteps", 0, -120) == {"steps": 1, "carry": 0}
    assert module.call("wheelSteps", 0, 25) == {"steps": 0, "carry": 25}
    assert module.call("wheelSteps", 25, 25) == {"steps": -1, "carry": 10}


def test_values_are_written_with_the_places_they_need(js_module: Callable) -> None:
    module = js_module("latent_sliders")
    assert module.call("formatValue", -0.4, -3, 3) == "−0.40"
    assert module.call("formatValue", -0.001, -3, 3) == "0.00"
    assert module.call("formatValue", 0.0125, 0, 0.05) == "0.0125"
