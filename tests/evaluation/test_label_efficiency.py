"""Few labels for a linear classifier, and neighbours of the same class: figures against plain ways to get them."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from aeviz.evaluation import label_efficiency
from aeviz.evaluation.definitions import DEFINITIONS, MAX_HALF
from aeviz.evaluation.label_efficiency import (
    ALIKE,
    LearningCurve,
    halves,
    learning_curve,
    lesson,
    measure,
    nearest,
    principal,
    raw_values,
    same_class,
)


def clouds(sizes: tuple[int, ...], apart: float, d: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian clouds, one a class, along different axes."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    noise = np.random.default_rng(1).normal(size=(len(labels), d))
    return (noise + apart * np.eye(d)[labels]).astype(np.float32), labels


def test_halves_are_apart_always_the_same_and_leave_out_classes_that_are_too_small() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2, 3], [40, 7, 3, 2 * MAX_HALF + 50]))
    split = halves(labels)
    assert [len(rows) for rows in split.drawn] == [20, 3, MAX_HALF]
    assert [len(rows) for rows in split.judged] == [20, 4, MAX_HALF]
    for drawn, judged, label in zip(split.drawn, split.judged, (0, 1, 3), strict=True):
        assert not set(drawn) & set(judged)
        assert (labels[np.concatenate([drawn, judged])] == label).all()
    np.testing.assert_array_equal(split.drawn[0], halves(labels).drawn[0])
    assert split.counts == (1, 3, 10, 30, 100, 300)
    assert split.labelled(10) == 23, "a class that has fewer gives all it has"


def test_one_class_gives_no_figures() -> None:
    features, labels = clouds((30,), 0)
    assert learning_curve(features, labels) is None
    assert measure(features, labels) == {}
    assert halves(np.repeat([0, 1], [30, 3])).classes == 0


def test_the_accuracy_is_that_of_scikit_learn_on_the_same_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_efficiency, "LABEL_DRAWS", 3)
    features, labels = clouds((60, 90, 30), 1.5)
    curve = learning_curve(features, labels)
    assert curve
    assert curve.counts == (1, 3, 10, 30)
    split = halves(labels)
    pool, judged = np.concatenate(split.drawn), np.concatenate(split.judged)
    x = (features - features[pool].mean(0)) / features[pool].std(0)
    scores = []
    for draw in range(3):
        rng = np.random.default_rng((0, draw))
        rows = np.concatenate([rng.permutation(of_class)[:10] for of_class in split.drawn])
        named = LogisticRegression(max_iter=500, tol=1e-6).fit(x[rows], labels[rows]).predict(x[judged])
        scores.append(balanced_accuracy_score(labels[judged], named))
    assert curve.mean[2] == pytest.approx(np.mean(scores), abs=0.01)
    assert curve.spread[2] == pytest.approx(np.std(scores), abs=0.01)


def test_more_labels_help_where_classes_differ_and_not_where_they_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_efficiency, "LABEL_DRAWS", 5)
    apart = learning_curve(*clouds((80, 80), 3.0))
    alike = learning_curve(*clouds((80, 80), 0.0))
    assert apart
    assert alike
    assert apart.mean[-1] > 0.9
    assert apart.mean[-1] > apart.mean[0]
    assert alike.mean[-1] == pytest.approx(0.5, abs=0.12)


def test_a_curve_is_read_from_the_figures_that_it_gives() -> None:
    curve = LearningCurve((1, 3), (0.5, 0.75), (0.1, 0.05))
    assert curve.figures().keys() <= DEFINITIONS.keys()
    assert LearningCurve.read({"mse": 0.1, **curve.figures()}) == curve
    assert LearningCurve.read({"mse": 0.1}) is None


def test_values_that_are_missing_are_the_mean_and_those_that_never_vary_do_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = np.array([[[1, np.nan]], [[3, 4]], [[2, 8]], [[2, np.nan]]], np.float32)
    np.testing.assert_array_equal(raw_values(items), [[1, 6], [3, 4], [2, 8], [2, 6]])
    monkeypatch.setattr(label_efficiency, "LABEL_DRAWS", 1)
    features, labels = clouds((30, 30), 2.0)
    constant = np.concatenate([features, np.full((60, 1), 7, np.float32)], 1)
    assert learning_curve(constant, labels) == learning_curve(features, labels)


def test_principal_components_come_from_the_items_that_may_be_labelled() -> None:
    features, labels = clouds((30, 30), 4.0)
    pool = np.concatenate(halves(labels).drawn)
    moved = features.copy()
    rest = np.setdiff1d(np.arange(60), pool)
    moved[rest] *= 100
    np.testing.assert_allclose(principal(moved, labels, 2)[pool], principal(features, labels, 2)[pool], atol=1e-4)
    assert principal(features, labels, 99).shape == (60, 5)


def test_neighbours_are_the_nearest_others() -> None:
    features, labels = clouds((25, 25), 1.0)
    features[1] = features[0]  # two items that are one
    distances = np.linalg.norm(features[:, None] - features, axis=2)
    np.fill_diagonal(distances, np.inf)
    by_hand = np.argsort(distances, 1, kind="stable")[:, :ALIKE]
    assert same_class(features, labels) == pytest.approx((labels[by_hand] == labels[:, None]).mean())
    np.testing.assert_array_equal(nearest(features, features[7], 7), by_hand[7])
    assert nearest(features, features[7])[0] == 7
    assert same_class(features[:ALIKE], labels[:ALIKE]) is None


def test_what_a_query_lacks_does_not_count() -> None:
    features = np.array([[0, 9], [1, 0], [5, 0]], np.float32)
    assert nearest(features, np.array([0, np.nan], np.float32)).tolist() == [0, 1, 2]
    assert nearest(features, np.array([0, 0], np.float32)).tolist() == [1, 2, 0]


COUNTS, NARROW = (1, 10, 100), (0.01, 0.01, 0.01)


def curve(*mean: float) -> LearningCurve:
    return LearningCurve(COUNTS, mean, NARROW)


@pytest.mark.parametrize(
    ("raw", "code", "sentence"),
    [
        ((0.3, 0.5, 0.7), (0.4, 0.8, 0.9), "which do not reach that with 100"),
        ((0.3, 0.5, 0.85), (0.4, 0.8, 0.9), "which need 100 labels of each for that"),
        ((0.3, 0.5, 0.95), (0.4, 0.8, 0.9), "With 100 of each, raw pixels are ahead of every code"),
        ((0.5, 0.5, 0.7), (0.4, 0.8, 0.9), "With 1, AE is no better than raw pixels."),
        ((0.3, 0.795, 0.9), (0.4, 0.8, 0.9), "they differ no more than one draw"),
        ((0.3, 0.95, 0.99), (0.4, 0.8, 0.9), "the code leaves out some of what tells classes apart"),
    ],
)
def test_the_lesson_is_read_off_the_curves(raw: tuple[float, ...], code: tuple[float, ...], sentence: str) -> None:
    text = lesson({"Raw pixels": curve(*raw), "AE": curve(*code)}, "Raw pixels", ["AE"], "digits")
    assert text.startswith(f"With 10 labelled digits of each class, the code of AE names {code[1]:.0%} right")
    assert sentence in text
