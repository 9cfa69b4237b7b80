"""Maps of codes: which rows they show, how they are measured, kept and computed in the background."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from waiting import TIMEOUT_S

from aeviz.app import models
from aeviz.app.panels import map_choice
from aeviz.app.panels.map_choice import Map, View, map_job
from aeviz.evaluation import metrics
from aeviz.projection import Cancelled, Settings

COUNT = 400
PCA = Settings("pca", 2, COUNT, 0)


@pytest.fixture
def clusters(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Codes (400, 5) of a model called "toy": four clusters, one a class."""
    labels = np.arange(COUNT) % 4
    codes = np.random.default_rng(0).normal(size=(COUNT, 5)) + 6 * np.eye(5)[labels]
    monkeypatch.setattr(models, "codes", lambda name: SimpleNamespace(mean=codes.astype(np.float32)))
    monkeypatch.setattr(models, "config_named", lambda name: SimpleNamespace(dataset="toy", latent_dim=5))
    monkeypatch.setattr(models, "data", lambda name: SimpleNamespace(labels=labels))
    return codes.astype(np.float32)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    map_choice.computed_maps.clear()
    yield
    map_choice.computed_maps.clear()


def a_map(number: float = 0) -> Map:
    return Map(np.full((3, 2), number, np.float32), np.arange(3), 1.0, 1.0)


def test_a_subset_is_sorted_without_repeats_and_the_same_each_time() -> None:
    settings = Settings("umap", 2, 100, 3)
    rows = map_choice.subset(COUNT, settings)
    assert len(rows) == 100
    assert (np.diff(rows) > 0).all()
    assert rows[-1] < COUNT
    np.testing.assert_array_equal(rows, map_choice.subset(COUNT, settings))
    assert (rows != map_choice.subset(COUNT, Settings("umap", 2, 100, 4))).any()


def test_a_map_of_all_items_shows_all() -> None:
    np.testing.assert_array_equal(map_choice.subset(50, PCA), np.arange(50))


def test_a_map_is_measured_as_the_library_measures(clusters: np.ndarray) -> None:
    rows = np.arange(0, COUNT, 2)
    places = clusters[rows, :2]
    found = map_choice.measure("toy", places, rows)
    assert found.trustworthiness == pytest.approx(metrics.trustworthiness(clusters[rows], places))
    assert found.knn_accuracy == pytest.approx(metrics.knn_accuracy(places, np.arange(COUNT)[rows] % 4))


def test_what_is_unused_for_longest_goes() -> None:
    settings = [Settings("umap", 2, 100, seed) for seed in range(map_choice.MAX_MAPS + 1)]
    for number, one in enumerate(settings[:-1]):
        map_choice.keep("toy", one, a_map(number))
    assert map_choice.kept("toy", settings[0]) is not None  # used just now
    map_choice.keep("toy", settings[-1], a_map())
    assert map_choice.kept("toy", settings[0]) is not None
    assert map_choice.kept("toy", settings[1]) is None
    assert map_choice.kept("another", settings[0]) is None


def test_a_job_computes_each_map_and_tells_how_far_it_is(clusters: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[float, str]] = []

    def project(codes: np.ndarray, settings: Settings, *, progress: Callable, cancelled: Callable) -> Any:
        assert not cancelled()
        for share in (0.0, 0.5, 0.9):
            progress(share, "fitting")
            seen.append((job.share, job.stage))
        return SimpleNamespace(coordinates=codes[:, :2])

    monkeypatch.setattr(map_choice, "project_in_process", project)
    settings = Settings("pca", 2, 100, 0)
    job = map_job(("toy", "other"), settings)
    job.run()
    assert (job.done, job.error) == (True, "")
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert shares == pytest.approx([0, 0.25, 0.45, 0.5, 0.75, 0.95])
    assert seen[0][1] == "toy: fitting"
    assert seen[-1][1] == "other: fitting"
    for name in job.names:
        found = map_choice.kept(name, settings)
        assert found is not None
        np.testing.assert_array_equal(found.coordinates, clusters[found.rows, :2])


def test_a_job_keeps_what_went_wrong(clusters: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(map_choice, "project_in_process", fail)
    job = map_job(("toy",), PCA)
    job.run()
    assert (job.done, job.error) == (True, "MemoryError")
    assert map_choice.kept("toy", PCA) is None


def test_a_job_stops_when_asked(clusters: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    started, resumed = threading.Event(), threading.Event()

    def project(*_: Any, cancelled: Callable[[], bool], **__: Any) -> None:
        started.set()
        assert resumed.wait(TIMEOUT_S)
        assert cancelled()
        raise Cancelled

    monkeypatch.setattr(map_choice, "project_in_process", project)
    job = map_job(("toy", "other"), PCA)
    thread = threading.Thread(target=job.run)
    thread.start()
    assert started.wait(TIMEOUT_S)
    assert not job.done
    job.stop()
    resumed.set()
    thread.join(TIMEOUT_S)
    assert (job.done, job.stage, job.error) == (True, "stopped", "")
    assert map_choice.kept("toy", PCA) is None


def test_a_real_map_is_computed_in_its_own_process(clusters: np.ndarray) -> None:
    settings = Settings("pca", 2, 200, 0)
    job = map_job(("toy",), settings)
    job.run()
    assert job.error == ""
    found = map_choice.kept("toy", settings)
    assert found is not None
    assert found.coordinates.shape == (200, 2)
    assert found.knn_accuracy > 0.8


def test_the_code_itself_is_a_map_only_where_it_is_flat(clusters: np.ndarray) -> None:
    assert map_choice.map_of("toy", View(None, "class")) is None
    assert View(None, "class").dims == 2
    assert View(Settings("umap", 3, 100, 0), "class").dims == 3
