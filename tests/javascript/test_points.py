"""Points on a plane: what lies near a place, and the middles of classes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def module(js_module: Callable[[str], Any]) -> Any:
    return js_module("js")


def cloud(count: int = 2000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    places = np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)
    return places[:, 0].copy(), places[:, 1].copy()


def test_nearest_agrees_with_a_search_of_all_points(module: Any) -> None:
    xs, ys = cloud()
    shown = (np.arange(len(xs)) % 3 > 0).astype(np.uint8)
    spots = np.random.default_rng(1).uniform(-4, 4, (100, 2))
    found = module.evaluate(
        """(m, xs, ys, shown, spots) => {
            const index = m.gridIndex(xs, ys);
            return spots.map(([x, y]) => m.nearest(index, x, y, 0.3, shown));
        }""",
        xs, ys, shown, spots.tolist(),
    )  # fmt: skip
    far = np.hypot(xs[None] - spots[:, :1], ys[None] - spots[:, 1:])
    far[:, shown == 0] = np.inf
    expected = np.where(far.min(axis=1) <= 0.3, far.argmin(axis=1), -1)
    assert -1 in expected
    assert found == expected.tolist()


@pytest.mark.parametrize("points", [[], [[1, 1]], [[2, 2], [2, 2], [2, 2]]])
def test_nearest_copes_with_few_and_with_equal_points(module: Any, points: list[list[int]]) -> None:
    xs, ys = (np.array([point[axis] for point in points], np.float32) for axis in (0, 1))
    found = module.evaluate("(m, xs, ys) => m.nearest(m.gridIndex(xs, ys), 1.5, 1.5, 5)", xs, ys)
    assert (found >= 0) == bool(points)


def test_a_class_stands_at_the_median_of_its_points_biggest_first(module: Any) -> None:
    xs, ys = cloud(1001)
    labels = np.random.default_rng(3).choice(4, size=1001, p=[0.2, 0.5, 0.3, 0]).astype(np.uint8)
    found = module.call("centres", xs, ys, labels)
    assert [centre["label"] for centre in found] == [1, 2, 0]
    for centre in found:
        own = labels == centre["label"]
        assert (centre["x"], centre["y"]) == pytest.approx((np.median(xs[own]), np.median(ys[own])), abs=1e-6)
        assert centre["count"] == own.sum()


@pytest.mark.parametrize(
    "values", [[4], [4, 1], [2, 2, 2, 2], [5, 4, 3, 2, 1], list(range(100)), [*range(50), *range(50)]]
)
def test_a_median_is_the_middle_or_between_the_two_in_the_middle(module: Any, values: list[int]) -> None:
    xs = np.array(values, np.float32)
    (centre,) = module.call("centres", xs, -xs, np.zeros(len(xs), np.uint8))
    assert (centre["x"], centre["y"], centre["count"]) == (np.median(values), -np.median(values), len(values))


def test_labels_without_points_and_no_points_at_all(module: Any) -> None:
    xs = np.array([1, 3, 9], np.float32)
    found = module.call("centres", xs, xs, np.array([300, 300, 2], np.uint16))
    assert [(centre["label"], centre["x"]) for centre in found] == [(300, 2), (2, 9)]
    assert module.call("centres", xs[:0], xs[:0], []) == []
