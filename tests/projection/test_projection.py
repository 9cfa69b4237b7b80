import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tqdm.auto import tqdm
from waiting import TIMEOUT_S

from aeviz import projection
from aeviz.projection import (
    Cancelled,
    Projection,
    Settings,
    fitting,
    load_maps,
    nearest,
    process,
    project,
    project_in_process,
    save_maps,
)

KINDS = [("pca", 2), ("pca", 3), ("tsne", 2), ("tsne", 3), ("umap", 2), ("umap", 3)]
COUNT = 150
LABELS = np.arange(COUNT + 30) % 3


def clusters(seed: int = 0) -> NDArray[np.float32]:
    """180 codes of 5 coordinates around three centres; the last 30 are held out."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(3, 5))[LABELS] * 6 + rng.normal(size=(len(LABELS), 5))).astype(np.float32)


def small(method: Any, dims: Any, **others: Any) -> Settings:
    return Settings(**{"method": method, "dims": dims, "points": COUNT, "seed": 0, "perplexity": 15, **others})


@cache
def fitted(method: str, dims: int) -> tuple[Projection, list[tuple[float, str]]]:
    said: list[tuple[float, str]] = []
    found = project(clusters(), small(method, dims), progress=lambda share, stage: said.append((share, stage)))
    return found, said


def isolated(code: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(Path(projection.__file__).parents[2])}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_import_is_cheap() -> None:
    loaded = isolated("import sys, aeviz.projection; print(*sys.modules)").split()
    assert not {"umap", "openTSNE", "sklearn", "numba", "scipy", "torch", "streamlit"} & set(loaded)


@pytest.mark.long
def test_child_needs_neither_torch_nor_streamlit() -> None:
    code = "import sys, aeviz.projection.child, umap, openTSNE, sklearn.neighbors, sklearn.decomposition"
    loaded = isolated(f"{code}; print(*sys.modules)").split()
    assert not {"torch", "streamlit"} & set(loaded)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"method": "lda"}, "lda"),
        ({"dims": 4}, "2 or 3"),
        ({"points": 3}, "too few"),
        ({"seed": -1}, "seed"),
        ({"method": "tsne", "perplexity": 50}, "49.67"),
        ({"method": "tsne", "perplexity": float("nan")}, "perplexity"),
        ({"method": "umap", "n_neighbors": 1}, "2 to 149"),
        ({"method": "umap", "n_neighbors": COUNT}, "2 to 149"),
        ({"method": "umap", "min_dist": 1.5}, "min_dist"),
    ],
)
def test_settings_refuse_what_no_method_can_do(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small(**{"method": "pca", "dims": 2, **wrong})


def test_key_names_what_the_map_depends_on_and_nothing_else() -> None:
    assert Settings("tsne", 2, 10_000, 0).key() == "tsne-2-10000-seed0-p30"
    assert small("pca", 2, seed=3, perplexity=4).key() == small("pca", 2).key()
    assert small("tsne", 2, n_neighbors=4, min_dist=0.5).key() == small("tsne", 2).key()
    different = [small(method, dims).key() for method, dims in KINDS]
    different += [small("tsne", 2, **change).key() for change in ({"seed": 1}, {"perplexity": 7.5}, {"points": 149})]
    different += [small("umap", 2, **change).key() for change in ({"seed": 1}, {"n_neighbors": 9}, {"min_dist": 0.2})]
    assert len(set(different)) == len(different)


@pytest.mark.parametrize(("method", "dims"), KINDS)
def test_maps_keep_clusters_apart_and_report_progress(method: str, dims: int) -> None:
    found, said = fitted(method, dims)
    assert found.coordinates.shape == (COUNT, dims)
    assert found.coordinates.dtype == np.float32
    order, _ = nearest(found.coordinates, found.coordinates, 6)
    assert (LABELS[order[:, 1:]] == LABELS[:COUNT, None]).mean() > 0.98
    shares = [share for share, _ in said]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    if method != "pca":
        assert len(said) > 50


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_same_seed_same_map(method: str) -> None:
    np.random.seed(123)
    again = project(clusters(), small(method, 2)).coordinates
    assert np.array_equal(again, fitted(method, 2)[0].coordinates)
    if method == "umap":  # PCA has no chance in it, and a t-SNE that starts from PCA hardly any
        assert not np.array_equal(project(clusters(), small(method, 2, seed=1)).coordinates, again)


@pytest.mark.parametrize(("method", "dims"), KINDS)
def test_mapped_codes_fall_on_their_points_and_new_ones_into_their_cluster(method: str, dims: int) -> None:
    found, _ = fitted(method, dims)
    span = float(np.ptp(found.coordinates, axis=0).max())
    np.testing.assert_allclose(found.place(clusters()[:COUNT]), found.coordinates, atol=1e-4 * span)
    placed = found.place(clusters()[COUNT:])
    assert placed.shape == (30, dims)
    assert placed.dtype == np.float32
    order, _ = nearest(found.coordinates, placed, 5)
    assert (LABELS[order] == LABELS[COUNT:, None]).mean() > 0.98


def test_pca_places_as_scikit_learn_transforms_whatever_the_map_was_scaled_to() -> None:
    from sklearn.decomposition import PCA

    codes = clusters()
    expected = PCA(3).fit(codes[:COUNT]).transform(codes[COUNT:])
    found, _ = fitted("pca", 3)
    np.testing.assert_allclose(found.place(codes[COUNT:]), expected, atol=1e-3)
    scaled = Projection(found.coordinates / 7 + 2, found.settings, found.codes)
    np.testing.assert_allclose(scaled.place(codes[COUNT:]), expected / 7 + 2, atol=1e-3)


def test_placing_between_two_clusters_chooses_one() -> None:
    codes = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5], [0.4, 0.6]], np.float32)
    coordinates = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [90, 90], [0.5, 0.5]], np.float32)
    found = Projection(coordinates, Settings("tsne", 2, 6, 0, perplexity=1), codes)
    placed = found.place(np.array([[0.3, 0.55]], np.float32))
    assert np.abs(placed - 0.5).max() < 0.6, "pulled into the gap by the one far neighbour"


@given(n=st.integers(1, 40), m=st.integers(1, 300), seed=st.integers(0, 10**6), offset=st.sampled_from([0.0, 1e4]))
def test_nearest_agrees_with_sorting_all_distances(n: int, m: int, seed: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    codes, queries = rng.normal(size=(n, 3)) + offset, rng.normal(size=(m, 3)) + offset
    k = min(n, 4)
    order, distance = nearest(codes, queries, k)
    every = np.linalg.norm(codes - queries[:, None], axis=2)
    np.testing.assert_allclose(distance, np.sort(every, axis=1)[:, :k], atol=1e-9)
    np.testing.assert_allclose(np.take_along_axis(every, order, 1), distance, atol=1e-9)


@pytest.mark.parametrize("call", [project, project_in_process])
@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (clusters()[: COUNT - 1], "150 points"),
        (clusters()[:, :1], "1 coordinates"),
        (np.where(clusters() > 9, np.nan, clusters()), "finite"),
        (np.ones((COUNT, 4), np.float32), "the same"),
        (5 + 1e-7 * clusters(), "nearly the same"),
        (1e-30 * clusters(), "nearly the same"),
        (1e25 * clusters(), "distances between them"),
        (np.ones(COUNT, np.float32), "shape"),
    ],
)
def test_unsound_codes_are_refused(call: Callable[..., Projection], codes: NDArray[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(codes, small("tsne", 2))


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_many_twins_do_no_harm(method: str) -> None:
    codes = clusters()[np.arange(COUNT) // 20]
    codes[100:] = clusters()[100:COUNT]
    assert np.isfinite(project(codes, small(method, 2)).coordinates).all()


@pytest.mark.parametrize(("method", "stage"), [("tsne", "t-SNE, iteration 300"), ("umap", "UMAP, epoch 50 ")])
def test_cancelling_stops_the_fit_where_it_is(method: str, stage: str) -> None:
    said = [""]
    with pytest.raises(Cancelled):
        project(clusters(), small(method, 2), lambda share, now: said.append(now), lambda: said[-1].startswith(stage))
    assert said[-1].startswith(stage)
    assert not fitting._FITS.locked()


def test_a_fit_that_was_cancelled_locks_no_other_progress_bar() -> None:
    said = [""]
    with pytest.raises(Cancelled):
        project(clusters(), small("umap", 2), lambda share, now: said.append(now), lambda: "epoch 50 " in said[-1])
    lock, free = tqdm.get_lock().th_lock, []

    def draw() -> None:
        if lock.acquire(timeout=TIMEOUT_S):
            free.append(True)
            lock.release()

    other = threading.Thread(target=draw)
    other.start()
    other.join()
    assert free == [True]


@pytest.mark.parametrize("call", [project, project_in_process])
def test_waiting_for_another_fit_is_told_and_can_be_cancelled(call: Callable[..., Projection]) -> None:
    said: list[str] = []
    with fitting._FITS, pytest.raises(Cancelled):
        call(clusters(), small("tsne", 2), lambda share, stage: said.append(stage), lambda: len(said) > 1)
    assert set(said) == {"waiting for another map"}
    assert not fitting._FITS.locked()


def test_a_process_of_its_own_gives_the_same_map() -> None:
    said: list[float] = []
    found = project_in_process(clusters(), small("tsne", 2), progress=lambda share, stage: said.append(share))
    np.testing.assert_allclose(found.coordinates, fitted("tsne", 2)[0].coordinates, rtol=1e-3, atol=1e-2)
    assert said == sorted(said)
    assert len(said) > 50
    assert np.array_equal(found.place(clusters()[:COUNT]), found.coordinates)


def test_cancelling_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    children: list[subprocess.Popen[str]] = []

    class Recorded(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            children.append(self)

    monkeypatch.setattr(process.subprocess, "Popen", Recorded)
    monkeypatch.setattr(process.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(Cancelled):
        project_in_process(clusters(), small("umap", 2), cancelled=lambda: bool(children))
    assert [child.poll() is None for child in children] == [False]
    assert list(tmp_path.iterdir()) == []
    assert not fitting._FITS.locked()


def test_a_process_that_dies_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.sys, "executable", shutil.which("false"))
    with pytest.raises(RuntimeError, match="code 1: no message"):
        project_in_process(clusters(), small("tsne", 2))
    assert not fitting._FITS.locked()


@given(scale=st.floats(1e-3, 1e4), offset=st.floats(-1e4, 1e4), seed=st.integers(0, 1000))
def test_saved_maps_keep_their_shape(tmp_path_factory: Any, scale: float, offset: float, seed: int) -> None:
    path = tmp_path_factory.mktemp("maps") / "maps.npz"
    original = np.random.default_rng(seed).normal(size=(50, 3)) * [3, 1, 0.1] * scale + offset
    save_maps(path, {"tsne-3": original, "pca-2": original[:, :2].astype(np.float32)})
    loaded = load_maps(path)
    assert set(loaded) == {"tsne-3", "pca-2"}
    assert loaded["tsne-3"].dtype == np.float32
    assert np.abs(loaded["tsne-3"]).max() == 1.0
    centre, width = (original.max(0) + original.min(0)) / 2, np.ptp(original, axis=0).max()
    np.testing.assert_allclose(loaded["tsne-3"] * width / 2 + centre, original, atol=width / 4000)


def test_maps_file_is_small_and_stands_alone(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    save_maps(tmp_path / "maps.npz", {f"umap-{dims}": rng.normal(size=(10_000, dims)) for dims in (2, 3)})
    assert [file.name for file in tmp_path.iterdir()] == ["maps.npz"]
    assert (tmp_path / "maps.npz").stat().st_size < 105_000


def test_a_map_of_one_place_is_its_centre(tmp_path: Path) -> None:
    save_maps(tmp_path / "maps.npz", {"umap-2": np.full((4, 2), 7.0)})
    assert load_maps(tmp_path / "maps.npz")["umap-2"].tolist() == [[0, 0]] * 4


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        ({"lda-2": np.zeros((5, 2))}, "lda-2"),
        ({"pca-2": np.zeros((5, 3))}, "shape"),
        ({"pca-2": np.zeros((0, 2))}, "shape"),
        ({"pca-2": np.full((5, 2), np.inf)}, "finite"),
        ({"pca-2": np.zeros((5, 2), int)}, "finite"),
        ({"pca-2": np.zeros((5, 2)), "umap-2": np.zeros((6, 2))}, "number of points"),
    ],
)
def test_wrong_maps_are_neither_saved_nor_loaded(tmp_path: Path, maps: dict[str, Any], message: str) -> None:
    path = tmp_path / "maps.npz"
    with pytest.raises(ValueError, match=message):
        save_maps(path, maps)
    assert list(tmp_path.iterdir()) == []
    np.savez(path, **maps)
    with pytest.raises(ValueError, match=message):
        load_maps(path)


class Boom:
    def __reduce__(self) -> Any:
        return os.abort, ()


def test_a_pickle_in_a_maps_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "maps.npz"
    np.savez(path, **{"pca-2": np.array([[Boom(), 1]], dtype=object)})
    with pytest.raises(ValueError, match="not a file of maps"):
        load_maps(path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken", b"\x93NUMPY\x01\x00"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "maps.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a file of maps"):
        load_maps(path)


def test_a_single_array_is_no_file_of_maps(tmp_path: Path) -> None:
    with (tmp_path / "maps.npz").open("wb") as file:
        np.save(file, np.zeros((5, 2)))
    with pytest.raises(ValueError, match="not a file of maps"):
        load_maps(tmp_path / "maps.npz")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_maps(tmp_path / "maps.npz")


def test_all_are_nearest_where_there_are_fewer() -> None:
    codes = np.array([[0.0, 0], [3, 4], [0, 1]])
    order, distance = nearest(codes, codes[:1], 9)
    assert order.tolist() == [[0, 2, 1]]
    assert distance.tolist() == [[0, 1, 5]]


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_a_methods_own_parameters_are_those_that_make_another_map(method: str) -> None:
    usual = small(method, 2)
    others = {"perplexity": 9.0, "n_neighbors": 9, "min_dist": 0.5}
    changing = tuple(name for name, value in others.items() if small(method, 2, **{name: value}).key() != usual.key())
    assert usual.parameters == changing
    assert usual.linear == (not changing)
