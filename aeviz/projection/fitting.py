"""Fitting PCA, t-SNE and UMAP, with progress and a way to stop."""

import io
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.projection.placing import Floats, Projection
from aeviz.projection.settings import Settings

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]
Coordinates = NDArray[np.float32]

# Two UMAP fits at once can abort the process under numba's workqueue layer, and two of anything starve the rest.
_FITS = threading.Lock()

# Of the numbers in codes: beyond these, squares in float32 overflow or vanish.
MAX_CODE, MIN_SPREAD = 1e15, 1e-15
ROUNDING = 8 * float(np.finfo(np.float32).eps)  # of a number, by its size: what an encoder's own sums may be off by

EARLY, LATE = 250, 500  # openTSNE's iterations with and without exaggeration


class Cancelled(Exception):
    """The caller asked for the fit to stop."""


def project(
    codes: Floats, settings: Settings, progress: Progress | None = None, cancelled: Cancel | None = None
) -> Projection:
    """Map the first `settings.points` of codes (n, d); the same seed gives the same map.

    `progress` hears the share done and the stage, `cancelled` is asked as often; both are called in this
    thread. One t-SNE or UMAP is fitted at a time, another waits. Raises Cancelled once
    `cancelled()` is true, and ValueError for codes that are too few, have fewer coordinates than the map, or of
    which `problem` says why they have none.
    """
    codes = checked(codes, settings)

    def report(share: float, stage: str) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None:
            progress(share, stage)

    with exclusive(settings, report):
        coordinates = _FITTERS[settings.method](codes, settings, report)
    if not np.isfinite(coordinates).all():
        raise ValueError(
            "The map came out with numbers that are not finite: the codes lie too unevenly for this method."
        )
    report(1.0, "done")
    return Projection(coordinates, settings, codes)


def checked(codes: Floats, settings: Settings) -> Floats:
    """The codes that the settings ask for, (points, d) float32. Raises ValueError as `project` says."""
    if codes.ndim != 2 or len(codes) < settings.points:
        raise ValueError(f"{settings.points} points need as many codes (n, d), not an array of shape {codes.shape}.")
    if codes.shape[1] < settings.dims:
        raise ValueError(f"Codes of {codes.shape[1]} coordinates cannot fill a map of {settings.dims} dimensions.")
    chosen = np.ascontiguousarray(codes[: settings.points], dtype=np.float32)
    if reason := problem(chosen):
        raise ValueError(reason)
    return chosen


def problem(codes: Floats) -> str:
    """Why codes (n, d) have no map of any method, in a sentence; "" where they have one."""
    if not np.isfinite(codes).all():
        return "Some codes are not finite numbers."
    largest, spread = (
        float(np.abs(codes).max(initial=0)),
        float(np.ptp(codes, axis=0).max(initial=0)) if len(codes) else 0,
    )
    if largest > MAX_CODE:
        return f"Some codes hold numbers of {largest:.0e}: distances between them cannot be computed."
    if spread == 0:
        return "All codes are the same: there is nothing to map."
    if spread < max(MIN_SPREAD, ROUNDING * largest):
        return "All codes are nearly the same: they differ by no more than rounding does, so there is nothing to map."
    return ""


@contextmanager
def exclusive(settings: Settings, report: Progress) -> Iterator[None]:
    """Wait until no other slow fit runs; `report` may break the wait off."""
    if settings.linear:
        yield
        return
    while not _FITS.acquire(timeout=0.2):
        report(0.0, "waiting for another map")
    try:
        yield
    finally:
        _FITS.release()


def _pca(codes: Floats, settings: Settings, report: Progress) -> Coordinates:
    from sklearn.decomposition import PCA

    report(0.0, "axes")
    coordinates: Floats = PCA(settings.dims, svd_solver="full").fit_transform(codes)
    return coordinates.astype(np.float32)


def _tsne(codes: Floats, settings: Settings, report: Progress) -> Coordinates:
    """The t-SNE of openTSNE (Poličar et al. 2024) from PCA, its gradient as fast as the map's size allows."""
    report(0.0, "loading t-SNE")
    from openTSNE import TSNE, affinity, initialization
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    order, distance = _neighbours(codes, int(3 * settings.perplexity) + 1, _part(report, 0.02, 0.1))
    report(0.1, "affinities")
    # The first neighbour is the point itself, which openTSNE leaves out.
    knn = PrecomputedNeighbors(order[:, 1:], distance[:, 1:])
    affinities = affinity.PerplexityBasedNN(knn_index=knn, perplexity=settings.perplexity)
    start = initialization.pca(codes, settings.dims, random_state=settings.seed)
    # Interpolation wins over Barnes-Hut only for many points, and openTSNE has none in three dimensions.
    fast = "fft" if settings.dims == 2 and settings.points > 5000 else "bh"
    iterations = _counter(_part(report, 0.15, 1.0), every=10, total=EARLY + LATE)
    embedding = TSNE(
        n_components=settings.dims,
        early_exaggeration_iter=EARLY,
        n_iter=LATE,
        negative_gradient_method=fast,
        n_jobs=1,
        random_state=settings.seed,
        callbacks=[iterations],
        callbacks_every_iters=10,
    ).fit(affinities=affinities, initialization=start)
    return np.array(embedding, dtype=np.float32)


def _umap(codes: Floats, settings: Settings, report: Progress) -> Coordinates:
    """The UMAP of umap-learn (McInnes et al. 2018) from exact neighbours.

    Its own search for neighbours needs 40 s of compilation in each new process, brute force one second for
    10,000 codes.
    """
    report(0.0, "loading UMAP")
    import umap

    known = _neighbours(codes, settings.n_neighbors, _part(report, 0.05, 0.1))
    report(0.1, "neighbour graph (compiles for some seconds)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what we ask for: one thread for a seed, no index for `transform`
        model = umap.UMAP(
            n_components=settings.dims,
            n_neighbors=settings.n_neighbors,
            min_dist=settings.min_dist,
            precomputed_knn=known,
            force_approximation_algorithm=True,  # otherwise it drops known neighbours of few points
            random_state=settings.seed,
            n_jobs=1,
            tqdm_kwds=_Epochs(_part(report, 0.3, 1.0)).bar(),
        )
        with _unlocked_bars():
            coordinates: Floats = model.fit_transform(codes)
    return coordinates.astype(np.float32)


_FITTERS: dict[str, Callable[[Floats, Settings, Progress], Coordinates]] = {"pca": _pca, "tsne": _tsne, "umap": _umap}


def _part(report: Progress, first: float, last: float) -> Progress:
    """Progress of a stage that covers the shares from `first` to `last`."""
    return lambda share, stage: report(first + (last - first) * share, stage)


def _neighbours(codes: Floats, k: int, report: Progress) -> tuple[NDArray[np.int32], Coordinates]:
    """Indices and distances of each code's k nearest, itself first: (n, k) both."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=k - 1, algorithm="brute").fit(codes)
    order = np.empty((len(codes), k), np.int32)
    distance = np.zeros((len(codes), k), np.float32)
    order[:, 0] = np.arange(len(codes))
    step = 2000
    for start in range(0, len(codes), step):
        report(start / len(codes), "nearest neighbours")
        rows = slice(start, start + step)
        distances, neighbours = search.kneighbors(codes[rows], n_neighbors=k)
        order[rows, 1:], distance[rows, 1:] = _without_self(neighbours, distances, order[rows, 0])
    return order, distance


def _without_self(neighbours: NDArray[Any], distances: Floats, own: NDArray[np.int32]) -> tuple[NDArray[Any], Floats]:
    """Drop each row's own index, or its last where twins of the code have pushed it out. (n, k) -> (n, k - 1)."""
    keep = neighbours != own[:, None]
    keep[keep.all(1), -1] = False
    shape = (len(neighbours), neighbours.shape[1] - 1)
    return neighbours[keep].reshape(shape), distances[keep].reshape(shape)


def _counter(report: Progress, every: int, total: int) -> Callable[[int, float, Any], None]:
    """A callback for openTSNE, whose own count starts again after the exaggeration."""
    done = 0

    def count(iteration: int, error: float, embedding: Any) -> None:
        nonlocal done
        done += every
        report(min(1.0, done / total), f"t-SNE, iteration {done} of {total}")

    return count


@contextmanager
def _unlocked_bars() -> Iterator[None]:
    """Free the lock of all progress bars of the process where what one writes to has raised.

    tqdm draws a bar under that lock and keeps it when an exception passes: any later bar would wait for ever.
    """
    from tqdm.auto import tqdm

    try:
        yield
    except BaseException:
        with suppress(RuntimeError, AssertionError):  # this thread does not hold it
            tqdm.get_lock().release()
        raise


class _Epochs(io.TextIOBase):
    """Where UMAP's progress bar writes: a line for every tenth epoch of its layout is reported, the rest is not."""

    def __init__(self, report: Progress) -> None:
        self._report = report

    def bar(self) -> dict[str, Any]:
        """What UMAP hands on to the bar, which has no monitor thread look at it."""
        every = {"mininterval": 0, "maxinterval": float("inf"), "miniters": 10}
        return {"file": self, "disable": False, "bar_format": "{n} {total}", **every}

    def write(self, text: str) -> int:
        if epoch := re.fullmatch(r"\s*(\d+) (\d+)\s*", text):
            done, total = map(int, epoch.groups())
            self._report(done / total, f"UMAP, epoch {done} of {total}")
        return len(text)
