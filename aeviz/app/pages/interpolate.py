"""Interpolate: the way from one input to another, in two latent spaces and in pixels."""

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, networks, pace, shell, url, widgets
from aeviz.app.choice import Choice, chosen
from aeviz.app.panels import atlas, item_input, map_choice, map_panel, notions, opened_draw, swapped_cells
from aeviz.figures import files, palette
from aeviz.latent.explorer import PathShape, cross_fade, path
from aeviz.parts.hosts import streamlit as host
from aeviz.parts.latent_map import Walk
from aeviz.parts.scrubber import BLEND, InLink, Strip, decoded
from aeviz.parts.scrubber.streamlit import scrubber
from aeviz.parts.sheets import count_for, strip

HEADING = (
    "From one to another",
    "Drag along the strips: each row goes from A to B in its own way. Which stays a [[noun]]?",
)
PATHS = {"line": "straight", "slerp": "spherical"}
KEY = "path"  # of the scrubber
WALK = "path"  # by which the maps follow the handle
LEAST_STEPS = 3  # however slow a model is
FRAME_MS = 90  # milliseconds of the saved animation
A, B = item_input.InputParameters("a", 2), item_input.InputParameters("b", 1)
PATH = url.Choice("path_kind", "the path between the codes", tuple(PATHS), "line")
STEPS = url.Whole("steps", "items along the path, both ends counted", 3, 65, 33)
SHARE = url.Number("t", "how far along the path", default=0.5)
MAP = url.Choice(
    "path_map", "the map that the path is drawn on", tuple(map_choice.METHODS), among=map_choice.METHOD.among
)
OPENED = opened_draw.parameter("opened_step", ("step",), STEPS.high)
Codes = NDArray[np.float32]  # (steps, d)
Row = tuple[str, str, NDArray[np.uint8]]
PARAMETERS = (
    *A.parameters,
    *B.parameters,
    PATH,
    STEPS,
    SHARE,
    MAP,
    OPENED,
    *map_panel.PARAMETERS,
    *swapped_cells.PARAMETERS,
)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    shell.header(*HEADING)
    first, last, path_shape, steps = _controls(choice)
    pair = np.stack([first.item, last.item])
    codes = {name: _codes(name, pair, steps, path_shape) for name in {model.name for model in choice.pair}}
    fade = cross_fade(first.item, last.item, steps)
    rows = _rows(choice, codes, fade)
    t = url.value(SHARE)
    networks.send(model.name for model in choice.pair)
    with st.container(key="card-path"):
        smooth, between = models.data(choice.dataset).modality.smooth, _between(choice, codes)
        strips = [
            Strip(label, colour, strip(tiles, smooth=smooth), between=how)
            for (label, colour, tiles), how in zip(rows, between, strict=True)
        ]
        scrubber(strips, t=t, key=KEY, walk=WALK, link=InLink(SHARE.name, SHARE.usual()), opens=len(choice.pair),
                 on_t=_moved, on_open=_open)  # fmt: skip
        shell.caption(shell.filled("Click a large [[noun]] to open it: its code, and what is nearest to it."))
    _opened(choice, codes)
    _here(choice, codes, fade, round(t * (steps - 1)))
    _downloads(rows, codes)
    if swapped_cells.offered(choice):
        swapped_cells.show(choice, first, last)
    _paths(choice, codes, (first, last))


def _moved() -> None:
    url.remember(SHARE, round(float(host.sent(KEY, "t")), 3))


def _open(strip: int, tile: int) -> None:
    opened_draw.choose(OPENED, f"step-{opened_draw.SIDES[strip]}-{tile}")


def _opened(choice: Choice, codes: dict[str, Codes]) -> None:
    """A step that was opened: its code, and what is nearest to it."""
    opened = opened_draw.of(url.value(OPENED), choice)
    if opened is None:
        return
    _, model, step = opened
    way = codes[model.name]
    if step < len(way):
        opened_draw.show(model, way[step], f"Step {step + 1} of {len(way)}, {model.title}", OPENED)


def _controls(choice: Choice) -> tuple[item_input.Input, item_input.Input, PathShape, int]:
    data = models.data(choice.dataset)
    ends, full = data.ends, count_for(data.tiles(data.items[:1])[0], STEPS.default)
    usual = min(full, max(LEAST_STEPS, pace.allowed("path", choice)))
    with st.container(key="path-controls"):
        a, b, how = st.columns([4, 4, 3])
    with a, st.container(key="card-a"):
        first = item_input.pick(replace(A, default=ends[0]), "A")
    with b, st.container(key="card-b"):
        last = item_input.pick(replace(B, default=ends[1]), "B")
    with how, st.container(key="card-how", horizontal=True, vertical_alignment="center"):
        path_shape: PathShape = "slerp" if widgets.segments(PATH, "Path", PATHS) == "slerp" else "line"
        steps = widgets.whole(
            replace(STEPS, default=usual), "Steps", tip=shell.filled("[[Plural]] along the path, both ends counted.")
        )
        notions.ask(notions.PATHS)
    pace.tell("path", choice, f"a path has {usual} steps rather than {full} where none are stated", full)
    return first, last, path_shape, steps


def _codes(name: str, pair: NDArray[np.float32], steps: int, path_shape: PathShape) -> Codes:
    """A model's codes (steps, d) on the way from one item to another, pair (2, *shape)."""
    first, last = models.explorer(name).encode(pair)[0]
    return path(first, last, steps, path_shape)


@caches.kept(max_entries=8, show_spinner=False, hash_funcs={np.ndarray: lambda array: array.tobytes()})
def _decoded(name: str, codes: Codes) -> NDArray[np.float32]:
    """Items (steps, *shape) of a model's codes on the way."""
    return models.explorer(name).decode(codes)


def _rows(choice: Choice, codes: dict[str, Codes], fade: NDArray[np.float32]) -> list[Row]:
    """(label, colour, tiles (steps, h, w, 1 or 3)) of each way."""
    data, ways = models.data(choice.dataset), [(shown.title, shown.colour, shown.name) for shown in choice.pair]
    rows = [(title, colour, data.tiles(_decoded(name, codes[name]))) for title, colour, name in ways]
    return [*rows, (shell.filled("[[Values]], cross-fade"), palette.INK, data.tiles(fade))]


def _between(choice: Choice, codes: dict[str, Codes]) -> list[dict[str, Any] | None]:
    """What each row shows between two steps: what the tab decodes, where it can for both models, and the mixture."""
    ways: list[dict[str, Any] | None] = []
    for model in choice.pair:
        if tab := networks.of(model.name):
            ways.append(decoded(tab, codes[model.name]))
    return [*ways, BLEND] if len(ways) == len(choice.pair) else [None] * (len(choice.pair) + 1)


def _here(choice: Choice, codes: dict[str, Codes], fade: NDArray[np.float32], step: int) -> None:
    """What each way makes of the step at which the handle rests, with axes or labels where the items have some."""
    data = models.data(choice.dataset)
    ways = [(model.label, model.colour, _decoded(model.name, codes[model.name])[step]) for model in choice.pair]
    ways.append(("cross-fade", palette.INK, fade[step]))
    shown = [
        html.figure(data.tiles(item[None])[0], label, accent=colour, large=large)
        for label, colour, item in ways
        if (large := data.html(item))
    ]
    if shown:
        st.html(f'<p class="aeviz-label">step {step + 1} of {len(fade)}, where the handle rests</p>' + html.row(shown))
        shell.tile_legend()


def _paths(choice: Choice, codes: dict[str, Codes], ends: tuple[item_input.Input, item_input.Input]) -> None:
    """The path among the codes of the test split, on a map, with its ends and the place of the handle."""
    st.subheader("The path among the codes", anchor=False)
    view = _map_of_path(choice)
    atlas.send(choice, view)
    with st.container(key="aeviz-pair-path"):
        columns = st.columns(2)
    for column, way, side, model in zip(columns, (0, 1), ("left", "right"), choice.pair, strict=True):
        with column:
            walk = Walk(WALK, way, SHARE.usual())
            map_panel.show_path(side, model, view, codes[model.name], ends, walk, _choose_end)
    shell.caption(shell.filled("Drag A or B to another [[noun]]. The mark between them follows the handle above."))
    if view.settings is None or view.settings.linear:
        st.caption("A straight path stays straight here: the map is a view of the codes along two directions.")
    else:
        st.caption(
            "Each step lies amid its five nearest codes of the test split: t-SNE and UMAP tear the space apart, so the "
            "path leaps where it crosses from one cluster to another."
        )


def _choose_end(letter: str, row: int) -> None:
    """Take an item of the data set for an end, A or B."""
    end = {"A": A, "B": B}[letter]
    url.remember(end.origin, "item")
    url.remember(replace(end.item, high=len(models.data(chosen().dataset)) - 1), row)


def _map_of_path(choice: Choice) -> map_choice.View:
    """The map that the path is drawn on."""
    flat = map_choice.flat(choice)
    methods = {name: text for name, text in map_choice.METHODS.items() if flat or name != "code"}
    method = widgets.segments(MAP, "Map", methods, "code" if flat else "pca")
    return map_choice.View(None if method == "code" else map_choice.shipped(method, choice), "class")


def _downloads(rows: list[Row], codes: dict[str, Codes]) -> None:
    """Buttons that save the rows and the codes; nothing is laid out before one is pressed."""
    together = [tiles for _, _, tiles in rows]  # each (T, h, w, 1 or 3)
    names = [name for name, _, _ in rows]
    steps = len(together[0])
    with st.container(horizontal=True, vertical_alignment="center"):
        notions.ask(notions.CROSS_FADE)
        widgets.save(
            "Save as GIF", lambda: _gif(together, names), "aeviz-path.gif", "image/gif", icon=":material/gif_box:"
        )
        widgets.save(
            "Save as PNG",
            lambda: files.png(files.sheet(np.concatenate(together), steps), 4),
            "aeviz-path.png",
            "image/png",
            icon=":material/download:",
        )
        widgets.save(
            "Codes as NPZ",
            lambda: files.npz({"t": np.linspace(0, 1, steps), **codes}),
            "aeviz-path.npz",
            "application/zip",
            icon=":material/deployed_code:",
        )


def _gif(rows: list[NDArray[np.uint8]], names: list[str]) -> bytes:
    """All rows side by side under their names, step by step."""
    frames = [files.sheet(np.stack(step), len(rows)) for step in zip(*rows, strict=True)]
    return files.gif(np.stack(frames), FRAME_MS, names=names)
