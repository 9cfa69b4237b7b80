"""Scores, figures and tasks of finding unusual items."""

import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from cases import every
from sklearn.metrics import auc, roc_auc_score

import aeviz
from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.errors import DataError
from aeviz.evaluation import detection, detection_tasks
from aeviz.evaluation.anomaly_scores import DETECTORS, SCORES, mahalanobis, unexplained
from aeviz.evaluation.detection_tasks import TASKS, Trial, of_class, ranking, tasks_of, trial
from aeviz.latent.explorer import Explorer

SMALL = ("ecg", "power", "wage", "names")  # data sets whose items are few


@cache
def explorer(name: str) -> Explorer:
    model = aeviz.load(name, device="cpu")
    return Explorer(model, name, load_dataset(model.config.dataset).scale)


@cache
def first_trial(dataset: str) -> Trial:
    return trial(load_dataset(dataset), next(iter(tasks_of(dataset).values())))


def test_the_tables_are_read_without_torch() -> None:
    modules = "aeviz.evaluation.detection_tasks, aeviz.evaluation.anomaly_scores"
    code = f"import sys, {modules}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_cheapest_threshold_is_the_cheapest_of_all() -> None:
    random = np.random.default_rng(1)
    for miss in (0.1, 1, 7):
        positive = random.random(60) < 0.3
        score = np.round(random.normal(size=60) + positive, 1)  # with ties
        thresholds = [*np.unique(score), np.inf]
        costs = [miss * (positive & (score < t)).sum() + (~positive & (score >= t)).sum() for t in thresholds]
        flagged = detection.cheapest(score, positive, miss)
        assert flagged in detection.flagged_counts(score)
        chosen = np.sort(score)[::-1][flagged - 1] if flagged else np.inf
        cost = miss * (positive & (score < chosen)).sum() + (~positive & (score >= chosen)).sum()
        assert cost == pytest.approx(min(costs))


def test_the_interval_holds_the_figure_and_narrows_with_more_items() -> None:
    random = np.random.default_rng(0)
    widths = []
    for count in (50, 1000):
        positive = np.arange(count) % 2 == 0
        score = np.round(random.normal(size=count) + positive, 1)
        low, high = detection.auroc_interval(score, positive)
        assert low < roc_auc_score(positive, score) < high
        assert detection.auroc_interval(score, positive) == (low, high), "the same again"
        widths.append(high - low)
    assert widths[1] < widths[0] / 3


def test_ties_count_half_in_each_draw() -> None:
    assert detection.auroc_interval(np.zeros(20), np.arange(20) < 5) == (0.5, 0.5)


def test_the_area_under_the_curve_that_is_drawn_is_the_auroc() -> None:
    random = np.random.default_rng(2)
    positive = random.random(300) < 0.2
    score = random.normal(size=300) + positive
    curves = detection.curves(score, positive)
    assert auc(curves.false_alarms, curves.found) == pytest.approx(roc_auc_score(positive, score))


def test_error_over_variance_tells_a_plain_item_from_a_busy_one() -> None:
    plain, busy = np.tile([0.0, 0.1], 8), np.tile([0.0, 1.0], 8)
    items = np.stack([plain, busy]).reshape(2, 1, 4, 4)
    np.testing.assert_allclose(unexplained(items, np.zeros_like(items)), [2, 2], rtol=1e-6)
    assert np.isfinite(unexplained(np.zeros((1, 1, 4, 4)), np.ones((1, 1, 4, 4)))).all()


def test_the_distance_of_codes_counts_spreads() -> None:
    codes = np.random.default_rng(0).normal(size=(4000, 2)) * [1, 100]
    np.testing.assert_allclose(mahalanobis(np.array([[3.0, 0], [0, 300]]), codes), [3, 3], rtol=0.05)
    assert np.isfinite(mahalanobis(codes, np.zeros((5, 2)))).all(), "codes that are all one"


@pytest.mark.parametrize("dataset", every(len(SMALL), SMALL))
def test_every_detector_and_score_gives_a_number_for_each_item(dataset: str) -> None:
    found = first_trial(dataset)
    for row in DETECTORS.values():
        assert np.isfinite(row.measure(found.known, found.data.items, 4)).all()
    model = explorer(f"{dataset}-vae")
    for score in SCORES.values():
        values = score.measure(model, found.data.items, found.known)
        assert values.shape == (len(found.data),)
        assert np.isfinite(values).all()


def test_every_data_set_has_a_task_and_names_are_its_own() -> None:
    assert {task.dataset for task in TASKS} == {*SOURCES}
    assert len({(task.dataset, task.name) for task in TASKS}) == len(TASKS)


@pytest.mark.parametrize("dataset", SMALL)
def test_classical_methods_learn_from_no_item_that_is_judged(dataset: str) -> None:
    found = first_trial(dataset)
    assert found.positive is not None
    assert found.positive.any()
    assert not found.positive.all()
    judged = {item.tobytes() for item in found.data.items[~found.positive]}
    repeated = sum(item.tobytes() in judged for item in found.known)
    assert repeated < 0.05 * len(found.known), "rows of a table may be alike by chance"
    assert len(found.data.items) == len(found.data.labels) == len(found.positive)
    assert found.data.labels.max() < len(found.data.label_names)


def test_items_kept_back_are_left_out_of_the_comparison() -> None:
    data = load_dataset("mnist")
    found = trial(data, tasks_of("mnist")["unseen-1"])
    assert len(found.known) + len(found.data) == len(data)
    assert found.positive is not None
    assert {*found.data.labels[found.positive]} == {1}
    assert 1 not in found.data.labels[~found.positive]


def test_a_class_may_be_the_unusual_one_or_none() -> None:
    data = load_dataset("power")
    assert trial(data, of_class(data, "summer")).positive.sum() == (data.labels == 1).sum()  # type: ignore[union-attr]
    assert ranking(data).positive is None
    with pytest.raises(DataError, match="no class"):
        of_class(data, "autumn")


@pytest.mark.long
@pytest.mark.parametrize(("name", "auroc"), [("mnist-ae", 0.9996), ("mnist-dense", 0.994), ("mnist-pca", 0.924)])
def test_clothes_among_digits(name: str, auroc: float) -> None:
    model = explorer(name)
    figures = detection_tasks.measured(load_dataset("mnist"), lambda items: model.codes(items).error)
    assert figures["auroc_foreign"] == pytest.approx(auroc, abs=0.002)


@pytest.mark.long
def test_a_digit_never_seen_is_found_unless_it_is_plain() -> None:
    for digit, least, most in (("8", 0.85, 1), ("4", 0.75, 1), ("1", 0, 0.5)):
        found = trial(load_dataset("mnist"), tasks_of("mnist")[f"unseen-{digit}"])
        model = explorer(f"mnist-ae-without-{digit}")
        error, share = (
            roc_auc_score(found.positive, SCORES[name].measure(model, found.data.items, found.known))
            for name in ("error", "share")
        )
        assert least < error < most
        assert digit != "1" or share > 0.5
