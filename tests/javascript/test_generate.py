"""Draws of a page of one file in Node: for each seed the codes that Python draws."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from aeviz.evaluation.generation import Cloud
from aeviz.latent.explorer import Codes
from aeviz.parts.files import FOLDER

VALUES = [0.0, 0.5, 2.0]
DRAWN = """({ codesOf, noiseOf }, source, count, seed, middle, axes, values, stops) => {
    const noise = noiseOf(source, count, axes.length / middle.length, seed);
    return codesOf({ middle, axes, noise, values }, stops);
}"""


@pytest.fixture
def draws(module_at: Callable[..., Any]) -> Any:
    return module_at(FOLDER / "answers" / "draws.js")


@pytest.fixture
def cloud() -> Cloud:
    codes = np.random.default_rng(1).normal([1, -2, 3, 0], [3, 1, 0.1, 5], (200, 4)).astype(np.float32)
    return Cloud.of(Codes(codes, None, None, np.zeros(200, np.float32), np.zeros((200, 1, 1, 1), np.uint8)))


def drawn(draws: Any, source: str, cloud: Cloud, stops: list[int], seed: int = 7) -> np.ndarray:
    found = draws.evaluate(DRAWN, source, 6, seed, cloud.mean, cloud.axes.ravel(), VALUES, stops)
    return np.reshape(found, (len(stops), 6, 4))


def test_codes_of_a_cloud_are_those_of_python(draws: Any, cloud: Cloud) -> None:
    first, last = drawn(draws, "numpy", cloud, [2, 0])
    np.testing.assert_allclose(first, cloud.draw(6, 7, 2.0), atol=1e-4)
    np.testing.assert_allclose(last, np.tile(cloud.mean, (6, 1)), atol=1e-4)


def test_directions_are_those_of_python(draws: Any, cloud: Cloud) -> None:
    (found,) = drawn(draws, "directions", cloud, [1])
    np.testing.assert_allclose(found, cloud.mean + 0.5 * cloud.directions(6, 7), atol=1e-4)


def test_the_stop_that_is_shown_comes_first(draws: Any) -> None:
    assert draws.call("nearestFirst", 5, 3) == [3, 2, 4, 1, 0]
