"""Maps of a model's codes: which one is wanted, where it comes from, and computing a new one in the background."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from cachetools import LRUCache
from numpy.typing import NDArray

from aeviz import projection
from aeviz.app import caches, models, url, widgets
from aeviz.app.choice import Choice
from aeviz.app.jobs import Job, Stopped
from aeviz.app.widgets import segments, select, slider, whole
from aeviz.projection import Cancelled, Settings, project, project_in_process, shipped_settings

METHODS = {"code": "The code", "pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
LABEL = "class"  # colours by the labels, whatever they are
COLOURS = {LABEL: "class", "error": "error", "kl": "KL"}
MAX_MAPS = 32  # computed maps kept for all visitors
MIN_MEASURED_POINTS = 40  # points: fewer have no fifteen neighbours that could be wrong
FOLDS = 5  # of kNN accuracy
MIN_POINTS = 500  # points that may be chosen, where there are more

METHOD = url.Choice(
    "method",
    "what the codes are flattened with",
    tuple(METHODS),
    among="`code` (codes of two numbers), `pca`, `tsne`, `umap`",
)
DIMS = url.Choice("dims", "dimensions of the map", ("2", "3"), "2")
FACET = "column-"  # before the name of a table's column
COLOUR = url.Choice(
    "colour",
    "what colours the points",
    tuple(COLOURS),
    "class",
    among=f"{', '.join(f'`{name}`' for name in COLOURS)}; "
    f"`{FACET}` and the name of a column, of tables and of items with several labels",
)
POINTS = url.Whole("points", "points on the map", MIN_POINTS, default=-1, above="the number of items",
                   handle=True)  # fmt: skip
PERPLEXITY = url.Number("perplexity", "t-SNE's effective number of neighbours", 5.0, 100.0, float(Settings.perplexity))
N_NEIGHBORS = url.Whole("n_neighbors", "UMAP's neighbours", 2, 100, Settings.n_neighbors, handle=True)
MIN_DIST = url.Number("min_dist", "how tightly UMAP may pack points", 0.0, 0.99, Settings.min_dist)
SEED = url.Whole("map_seed", "seed of t-SNE and UMAP")
# A slider for each parameter of a method: what it sets, its label, its step and what is told of it.
SLIDERS: dict[str, tuple[url.Whole | url.Number, str, float, str]] = {
    "perplexity": (PERPLEXITY, "Perplexity", 5.0, "About how many neighbours count for each point."),
    "n_neighbors": (
        N_NEIGHBORS,
        "Neighbours",
        1,
        "How many of each point's nearest count: few show detail, many the whole.",
    ),
    "min_dist": (MIN_DIST, "Least distance", 0.01, "How tightly points may pack."),
}
PARAMETERS = (METHOD, DIMS, COLOUR, POINTS, PERPLEXITY, N_NEIGHBORS, MIN_DIST, SEED)


@dataclass(frozen=True)
class View:
    """What the visitor wants to see: a map's settings, and what colours the points."""

    settings: Settings | None  # None: the code itself
    colour: str

    @property
    def dims(self) -> int:
        """2 or 3."""
        return self.settings.dims if self.settings else 2


@dataclass(frozen=True)
class Map:
    """A map: coordinates (n, dims) of the rows (n,) of the test split, and how far it can be trusted.

    The figures are NaN where there are too few items, or no classes, to measure them.
    """

    coordinates: NDArray[np.float32]
    rows: NDArray[np.int64]
    trustworthiness: float
    knn_accuracy: float


def map_job(names: tuple[str, ...], settings: Settings) -> Job[None]:
    """Computes and keeps the maps of models; names: of them, more than once or not."""
    return Job(
        lambda job: _compute(job, settings), lambda error: str(error) or type(error).__name__,
        tuple(dict.fromkeys(names)),
    )  # fmt: skip


def _compute(job: Job[None], settings: Settings) -> None:
    """Compute and keep the maps of a job's models, one after the other."""
    for number, name in enumerate(job.names):
        codes = models.codes(name).mean
        rows = subset(len(codes), settings)

        def progress(share: float, stage: str, number: int = number, name: str = name) -> None:
            job.report((number + share) / len(job.names), f"{name}: {stage}")

        try:
            projection = project_in_process(codes[rows], settings, progress=progress, cancelled=lambda: job.stopped)
        except Cancelled:
            raise Stopped from None
        progress(0.99, "measuring")
        keep(name, settings, measure(name, projection.coordinates, rows))


def subset(count: int, settings: Settings) -> NDArray[np.int64]:
    """The rows that a map of fewer points than items shows, in order."""
    if settings.points >= count:
        return np.arange(count)
    rows: NDArray[np.int64] = np.sort(np.random.default_rng(settings.seed).permutation(count)[: settings.points])
    return rows


def measure(name: str, coordinates: NDArray[np.float32], rows: NDArray[np.int64]) -> Map:
    """A map with its figures of merit."""
    from aeviz.evaluation import metrics

    labels = models.data(models.config_named(name).dataset).labels[rows]
    trust = accuracy = float("nan")
    if len(rows) > MIN_MEASURED_POINTS:
        trust = metrics.trustworthiness(models.codes(name).mean[rows], coordinates)
        sizes = np.unique(labels, return_counts=True)[1]
        if len(sizes) > 1 and sizes.max() >= FOLDS:  # else no class would be in every fold
            accuracy = metrics.knn_accuracy(coordinates, labels)
    return Map(coordinates, rows, trust, accuracy)


class _Maps(LRUCache[tuple[str, str], Map]):
    """Computed maps by model and settings; the one unused for longest goes."""

    def __delitem__(self, key: tuple[str, str]) -> None:
        caches.release(self[key])
        super().__delitem__(key)


@st.cache_resource(max_entries=1, show_spinner=False)
def computed_maps() -> tuple[_Maps, threading.Lock]:
    """The computed maps that are kept for all visitors, and what to hold while they are read or changed."""
    return _Maps(MAX_MAPS), threading.Lock()


def keep(name: str, settings: Settings, computed: Map) -> None:
    """Keep a computed map for everyone."""
    maps, lock = computed_maps()
    key = name, settings.key()
    _let_go(key)
    with lock:
        maps[key] = computed
    caches.use(computed, caches.registered(name), partial(_let_go, key))


def _let_go(key: tuple[str, str]) -> None:
    maps, lock = computed_maps()
    with lock:
        maps.pop(key, None)


def kept(name: str, settings: Settings) -> Map | None:
    """A map that someone computed before, or None."""
    maps, lock = computed_maps()
    key = name, settings.key()
    with lock:
        computed: Map | None = maps.get(key)
    if computed:
        caches.use(computed, caches.registered(name), partial(_let_go, key))
    return computed


@caches.kept(max_entries=64, show_spinner="Measuring the map …")
def _shipped(name: str, key: str) -> Map | None:
    coordinates = models.codes(name).mean if key == "code" else models.shipped_maps(name).get(key)
    if coordinates is None:
        return None
    rows = np.arange(len(coordinates))
    figures = models.map_figures(name).get(key)
    return Map(coordinates, rows, **figures) if figures else measure(name, coordinates, rows)


def map_of(name: str, view: View) -> Map | None:
    """The map to show, or None where it has to be computed first."""
    if view.settings is None:
        return _shipped(name, "code") if models.config_named(name).latent_dim == 2 else None
    count = len(models.data(models.config_named(name).dataset))
    if view.settings == shipped_settings(view.settings.method, view.settings.dims, count):
        model_map = _shipped(name, f"{view.settings.method}-{view.settings.dims}")
        if model_map:
            return model_map
    model_map = kept(name, view.settings)
    if model_map is None and view.settings.linear and not problem(name):  # a moment's work
        codes = models.codes(name).mean
        model_map = measure(name, project(codes, view.settings).coordinates, np.arange(len(codes)))
        keep(name, view.settings, model_map)
    return model_map


def problem(name: str) -> str:
    """Why the codes of a model have no map, in a sentence; "" where they have one."""
    return projection.problem(models.codes(name).mean)


def usual(choice: Choice) -> Settings | None:
    """The map shown where nothing else was asked for: the code itself where it is flat, else UMAP, else PCA."""
    if flat(choice):
        return None
    count = len(models.data(choice.dataset))
    umap = View(shipped_settings("umap", 2, count), "class")
    available = all(map_of(model.name, umap) for model in choice.pair)
    return umap.settings if available else shipped_settings("pca", 2, count)


def shipped(method: str, choice: Choice) -> Settings:
    """The settings of the 2-D map that came with the models."""
    return shipped_settings(method, 2, len(models.data(choice.dataset)))


def flat(choice: Choice) -> bool:
    """Whether both models have codes of two numbers, which are maps themselves."""
    return all(model.card.latent_dim == 2 for model in choice.pair)


def controls(choice: Choice) -> View:
    """The row of quiet controls above the maps."""
    plain = flat(choice)
    methods = {name: text for name, text in METHODS.items() if plain or name != "code"}
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        first = usual(choice)
        method = segments(METHOD, "Method", methods, first.method if first else "code")
        dims = 2
        if all(model.card.latent_dim > 2 for model in choice.pair):
            dims = int(segments(DIMS, "Dimensions", {"2": "2-D", "3": "3-D"}))
        has_kl = any(model.card.code == "gaussian" for model in choice.pair)
        data = models.data(choice.dataset)
        colours = {name: text for name, text in COLOURS.items() if has_kl or name != "kl"}
        if data.continuous or (data.label_column and data.facets):
            colours[LABEL] = data.label_column
        facets = data.facets
        if facets:
            widgets.label("colour by")
            colour = select(COLOUR, "Colour by", {**colours, **{f"{FACET}{name}": name for name in facets}}, width=170)
        else:
            colour = segments(COLOUR, "Colour by", colours)
        settings = None if method == "code" else _settings(method, dims, len(models.data(choice.dataset)))
    return View(settings, colour)


def _settings(method: str, dims: int, count: int) -> Settings:
    usual = shipped_settings(method, dims, count)
    if usual.linear:
        return usual
    with st.popover("Settings", icon=":material/tune:"):
        st.caption("The map that came with the model shows at once. Other settings are computed on this machine.")
        points = count
        if count > MIN_POINTS:
            points = slider(replace(POINTS, high=count, default=usual.points), "Points", MIN_POINTS)
        chosen: dict[str, Any] = {"points": points}
        if count <= MIN_POINTS:  # some of the settings below would ask for more
            chosen |= {"perplexity": usual.perplexity, "n_neighbors": usual.n_neighbors}
        else:
            chosen |= {name: slider(*SLIDERS[name]) for name in usual.parameters}
        chosen["seed"] = whole(SEED, "Seed")
    return Settings(method=usual.method, dims=usual.dims, **chosen)


def job() -> Job[None] | None:
    """The visitor's job, if one is under way or has just ended."""
    running: Job[None] | None = st.session_state.get("map-job")
    return running


def cancel(names: Collection[str]) -> None:
    """Stop the visitor's job where it computes maps of one of these models."""
    running = job()
    if running is not None and set(running.names) & set(names):
        running.stop()


def offer(choice: Choice, view: View) -> None:
    """Offer to compute the maps that are not there; show how far a job has come, and let it be stopped."""
    if view.settings is None:
        return
    missing = tuple(model.name for model in choice.pair if map_of(model.name, view) is None and not problem(model.name))
    running = job()
    if running and not running.done:
        _watch()
    elif missing:
        if running and running.error:
            st.error(f"The map could not be computed: {running.error}", icon=":material/error:")
        st.button(
            f"Compute {'these maps' if len(missing) > 1 else 'this map'}", type="primary",
            icon=":material/play_arrow:", on_click=_start, args=(missing, view.settings),
        )  # fmt: skip


def _start(names: tuple[str, ...], settings: Settings) -> None:
    before = job()
    if before:
        before.stop()
    st.session_state["map-job"] = map_job(names, settings).start("aeviz-map")


@st.fragment(run_every=0.5)
def _watch() -> None:
    running = job()
    if running is None or running.done:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(running.share, 1.0), text=running.stage)
        st.button("Stop", icon=":material/stop:", on_click=running.stop)
