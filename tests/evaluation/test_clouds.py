"""Measures of a cloud of codes against cases worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeviz.evaluation.clouds import course, separation, spread
from aeviz.evaluation.metrics import knn_accuracy
from aeviz.training.recording import Recording

# A square of side 2 about (5, 7): each corner is √2 from the middle.
SQUARE = np.array([[4, 6], [6, 6], [4, 8], [6, 8]], np.float32)


def test_spread_by_hand() -> None:
    assert spread(SQUARE) == pytest.approx(math.sqrt(2))
    assert spread(np.ones((7, 2), np.float32)) == 0
    assert spread(np.array([[-3.0], [3.0], [0.0]])) == pytest.approx(math.sqrt(6))


def test_spread_of_the_prior_is_the_root_of_its_dimensions() -> None:
    draws = np.random.default_rng(0).normal(size=(200_000, 2))
    assert spread(draws) == pytest.approx(math.sqrt(2), abs=0.01)


def test_separation_by_hand() -> None:
    # Left against right: the means (4, 7) and (6, 7) are 1 from the middle, each item is 1 from its class's mean.
    assert separation(SQUARE, np.array([0, 1, 0, 1])) == pytest.approx(1)
    # The diagonals have one mean: nothing is between the classes.
    assert separation(SQUARE, np.array([3, 9, 9, 3])) == pytest.approx(0)
    # Classes of one item and of three at 0, 3, 3, 6: means 0 and 4 about 3 give 9 + 3·1, within 0 + (1 + 1 + 4).
    assert separation(np.array([[0.0], [3], [3], [6]]), np.array([0, 1, 1, 1])) == pytest.approx(2)


def test_separation_where_there_is_no_variance() -> None:
    assert separation(np.array([[0.0], [0], [1], [1]]), np.array([0, 0, 1, 1])) == math.inf
    assert separation(np.array([[0.0], [1], [2]]), np.arange(3)) == math.inf
    assert math.isnan(separation(np.zeros((4, 2)), np.array([0, 0, 1, 1])))


def test_one_class_is_not_separated() -> None:
    assert separation(SQUARE, np.zeros(4, int)) == 0


def test_separation_wants_a_label_for_each_code() -> None:
    with pytest.raises(ValueError, match="a label for each of 4 codes"):
        separation(SQUARE, np.array([0, 1, 0]))


@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(1e-3, 1e3),
    turn=st.floats(0, 2 * math.pi),
    shift=st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
)
def test_turning_shifting_and_scaling_a_cloud(seed: int, scale: float, turn: float, shift: tuple[float, float]) -> None:
    random = np.random.default_rng(seed)
    codes, labels = random.normal(size=(30, 2)), random.integers(0, 3, 30)
    turned = codes @ np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    moved = scale * turned + np.array(shift)
    assert spread(moved) == pytest.approx(scale * spread(codes), rel=1e-6)
    assert separation(moved, labels) == pytest.approx(separation(codes, labels), rel=1e-6)


@given(seed=st.integers(0, 10_000))
def test_variance_between_and_within_is_all_there_is(seed: int) -> None:
    random = np.random.default_rng(seed)
    codes, labels = random.normal(size=(40, 3)), random.integers(0, 4, 40)
    within = sum(spread(codes[labels == label]) ** 2 * (labels == label).sum() for label in np.unique(labels))
    total = spread(codes) ** 2 * 40
    assert separation(codes, labels) == pytest.approx((total - within) / within)


def test_the_course_measures_every_frame() -> None:
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1], 30)
    apart = np.array([[0.0, 0.0], [9.0, 0.0]])[labels]
    codes = np.stack([random.normal(size=(60, 2)), apart * 2, apart + random.normal(size=(60, 2))]).astype(np.float32)
    codes[1] += random.normal(size=(60, 2))
    recorded = Recording(
        steps=np.array([0, 1, 5], np.int32),
        rows=np.arange(60, dtype=np.int32),
        codes=codes,
        items=np.array([0], np.int32),
        reconstructions=np.zeros((3, 1, 1, 2, 2), np.uint8),
        samples=np.zeros((3, 1, 1, 2, 2), np.uint8),
        terms=("loss",),
        figures=np.zeros((3, 1), np.float32),
    )
    found = course(recorded, labels)
    assert found.steps.tolist() == [0, 1, 5]
    assert found.widest == 1
    for frame, cloud in enumerate(codes):
        assert found.spread[frame] == spread(cloud)
        assert found.separation[frame] == separation(cloud, labels)
        assert found.knn_accuracy[frame] == knn_accuracy(cloud, labels)
    assert found.knn_accuracy[1:].tolist() == [1, 1]
