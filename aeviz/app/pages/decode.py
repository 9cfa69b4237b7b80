"""Decode: turn the numbers of a code and see what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, networks, pace, shell, url, widgets
from aeviz.app.choice import ITEM, Choice, Shown, chosen, selected_item
from aeviz.app.panels import channel_maps, common_scale, inspector, latent_plane, notions, own_item
from aeviz.figures import bars, files
from aeviz.latent import axes
from aeviz.latent.explorer import Explorer
from aeviz.latent.planes import reach as reach_of
from aeviz.parts.latent_sliders import Fine, Row, stamp_of
from aeviz.parts.latent_sliders.streamlit import latent_sliders
from aeviz.parts.sheets import count_for, strip

IDEA = r"""
The **decoder** turns any code $z$ into a [[noun]]. A code has as many numbers as its *latent dimension*. Each track is
a film of what it makes when one knob is turned and the others rest: a *traversal*.
"""
WAYS = {"sliders": "one by one", "plane": "two at once"}
BASES = {"coordinates": "coordinates", "directions": "principal directions"}
MAX_AXES = 8  # axes shown at once
TRACK_TILES, FINE_TILES = 13, 97  # tiles of a track, and of the strip under the pointer
MOVED = 1e-3  # of a value along an axis, from which it counts as turned
GRID_COLUMNS, RANDOM_CODES = 11, 32
LEAST_TILES, LEAST_RANDOM = 3, 2  # of a track, and random codes, however slow a model is
TURNING, DRAWING = 0.75, 0.25  # shares of a slow pair's time
GRID_ROOM = 420  # px that a column of the page leaves the grid
AXES = url.Choice(
    "knobs", "the axes that are turned; directions at first where a code is a map", tuple(BASES), "coordinates"
)
START = url.Choice("start", "the code that the page starts from", ("item", "mean", "random", "own"), "item")
SEED = url.Whole("draw", "seed of the random start")
WAY = url.Choice("way", "how codes of more than two numbers are turned", tuple(WAYS), "sliders")
ALL_AXES = url.Flag("all", "whether all coordinates are shown")
RANDOM_SEED = url.Whole("random_seed", "seed of the random codes")
SIDES = ("left", "right")
CODE = {side: url.Code(f"z_{side}", f"the {side} model's code, where it was turned") for side in SIDES}
TURNED = {
    side: url.Turned(f"turned_{side}", f"the {side} model's axes that were turned, where its code has many numbers")
    for side in SIDES
}
ACROSS, UP = (
    {
        side: url.Choice(
            f"{letter}_{side}", f"the {side} plane's axis {text}", default=default, among="its number, from 0"
        )
        for side in SIDES
    }
    for letter, text, default in (("x", "to the right", "0"), ("y", "upwards", "1"))
)
GRID_OPEN = {
    side: url.Flag(f"grid_{side}", f"whether the {side} model's grid of traversals is unfolded") for side in SIDES
}
PARAMETERS = (
    *(AXES, START, SEED, WAY, ALL_AXES, RANDOM_SEED, ITEM, *own_item.PARAMETERS),
    *(table[side] for table in (CODE, TURNED, ACROSS, UP, GRID_OPEN) for side in SIDES),
    *latent_plane.VIEWS.values(),
    common_scale.SAME,
)

BY_TOUCH = {  # what the sentences under the title say on a touch screen
    "Hover to decode a place, click to keep it.": "Drag over it to decode, tap to keep a place.",
    "Hover over the plane to decode a place, click to keep it.": "Drag over the plane to decode, tap to keep a place.",
}


def page() -> None:
    """Draw the page."""
    choice = chosen()
    title, sentence = heading([model.card.latent_dim for model in choice.pair], _way())
    shell.header(title, _for_hands(sentence))
    start, seed, basis, everything = _controls(choice)
    _forget_where_changed((start, seed, basis, choice.left.name, choice.right.name, _started_from(start)))
    networks.send(model.name for model in choice.pair)
    scale, reach = st.container(), None
    with st.container(key="aeviz-pair-and-more"):
        left, right, inspected = st.columns([5, 5, 3.2], gap="small")
    with scale:
        reach = _common_reach(choice, basis)
        _tell(choice, basis, everything)
    for column, side, model in zip((left, right), ("left", "right"), choice.pair, strict=True):
        with column, st.container(key=f"card-{side}"):
            _model(choice, side, model, start, seed, basis, everything, reach)
    with left:
        notions.ask(notions.KNOBS)
        shell.tile_legend()
    with inspected, st.container(key="card-side"):
        inspector.show(selected_item())
    _random(choice)
    shell.explain("What is a code, and what is a traversal?", IDEA)


def heading(dims: Sequence[int], way: str) -> tuple[str, str]:
    """The page's title, and what to look at, for codes of so many numbers that are turned in a way."""
    if all(count == 2 for count in dims):
        return "Every place is a [[noun]]", "Two numbers make a plane. Hover to decode a place, click to keep it."
    if way == "plane":
        return "Turn two knobs at once", "Hover over the plane to decode a place, click to keep it."
    return (
        "Turn one knob of the code",
        "Each track shows what lies along one knob: a number of the code, or a direction in it. Drag a handle.",
    )


def _for_hands(sentence: str) -> str:
    """The sentence with what a finger does where there is no pointer (HTML)."""
    for pointer, touch in BY_TOUCH.items():
        sentence = sentence.replace(pointer, html.by_hand(pointer, touch))
    return sentence


def _controls(choice: Choice) -> tuple[str, int, str, bool]:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        are_maps = any(models.explorer(model.name).grid for model in choice.pair)
        basis = widgets.segments(AXES, "Knobs", BASES, "directions" if are_maps else "")
        begun = st.container(horizontal=True, gap="small", vertical_alignment="center", width="content")
        with begun:
            widgets.label("start from")
        starts = {"item": f"item {selected_item():,}", "mean": "mean code", "random": "random"}
        own = own_item.shown()
        if own is not None:
            starts["own"] = "your own"
        if url.context("own", None if own is None else own.item.tobytes()):
            url.remember(START, None)  # the knobs follow the hand that draws
        with begun:
            start = widgets.segments(START, "Start from", starts, "item" if own is None else "own")
        seed = 0
        if start == "random":
            seed = widgets.whole(SEED, "Seed", show_label=False)
        if max(model.card.latent_dim for model in choice.pair) > 2:
            widgets.segments(WAY, "Turn", WAYS)
        everything = False
        if max(model.card.latent_dim for model in choice.pair) > MAX_AXES:
            everything = widgets.toggle(ALL_AXES, "all coordinates")
    return start, seed, basis, everything


def _way() -> str:
    """How the knobs are turned, as the row of controls will show it."""
    return url.value(WAY)


def _started_from(start: str) -> object:
    if start == "item":
        return selected_item()
    source = own_item.shown() if start == "own" else None
    return source.item.tobytes() if source else None


def _forget_where_changed(context: tuple) -> None:
    """Turned knobs belong to where they started; another start sets them back."""
    if url.context("decode", context):
        for side in SIDES:
            url.remember(CODE[side], None)
            url.remember(TURNED[side], None)


@dataclass(frozen=True)
class Extent:
    """How much is shown of a model: tracks, tiles of each, and decodes that are left for a plane."""

    tracks: int
    tiles: int
    plane: int
    is_all: bool = True

    @property
    def decodes(self) -> int:
        """How many the tracks take, with the code itself."""
        return self.tracks * self.tiles + 1


def extent(usual: Extent, allowed: int, has_plane: bool) -> Extent:
    """What may be shown of a usual extent with some decodes: fewer tiles first, then fewer tracks."""
    most = allowed // 2 if has_plane else allowed
    if usual.decodes <= most:
        return replace(usual, plane=allowed - usual.decodes)
    tracks = min(usual.tracks, max(1, (most - 1) // LEAST_TILES))
    tiles = min(usual.tiles, max(LEAST_TILES, (most - 1) // tracks))
    return Extent(tracks, tiles, most, is_all=False)


def _has_plane(name: str, basis: str) -> bool:
    return len(_latent_axes(name, basis).names) == 2 or _way() == "plane"


def _usual(choice: Choice, name: str, basis: str, everything: bool) -> Extent:
    """What is shown of a model that is quick."""
    count = len(_latent_axes(name, basis).names)
    tracks, data = count if everything else min(MAX_AXES, count), models.data(choice.dataset)
    tiles = count_for(data.tiles(data.items[:1])[0], TRACK_TILES, rows=min(tracks, MAX_AXES))
    return Extent(tracks, tiles, latent_plane.columns_for(data) ** 2 if _has_plane(name, basis) else 0)


def _extent(choice: Choice, name: str, basis: str, everything: bool) -> Extent:
    """What is shown of a model."""
    allowed = pace.allowed("decode", choice, TURNING)
    return extent(_usual(choice, name, basis, everything), allowed, _has_plane(name, basis))


def _tell(choice: Choice, basis: str, everything: bool) -> None:
    """Say what is left out of the tracks and planes of a slow pair."""
    names = [model.name for model in choice.pair]
    shown = [_extent(choice, name, basis, everything) for name in names]
    usual = [_usual(choice, name, basis, everything) for name in names]
    tracks, tiles = max(part.tracks for part in shown), max(part.tiles for part in shown)
    text = f"this shows {tracks} of {max(part.tracks for part in usual)} knobs, with {tiles} tiles each"
    if any(part.plane for part in usual):
        text += " and a coarser plane"
    pace.tell("decode", choice, text, max(part.decodes + part.plane for part in usual), TURNING)


@widgets.fragment
def _model(
    choice: Choice, side: str, model: Shown, start: str, seed: int, basis: str, everything: bool, reach: float | None
) -> None:
    network, latent_axes = models.explorer(model.name), _latent_axes(model.name, basis)
    home = _home(model.name, start, seed)
    most = _extent(choice, model.name, basis, everything)
    shown = range(most.tracks)
    key = f"sliders-{side}"
    z = _current(side, home, latent_axes)
    values = latent_axes.read(z)
    ends = [latent_axes.ends(axis, float(values[axis])) for axis in shown]
    rows = [
        Row(latent_axes.names[axis], float(values[axis]), *ends[axis], index=axis, note=latent_axes.notes[axis])
        for axis in shown
    ]
    stamp, data, tab = stamp_of(z, model.name, basis), models.data(network.config.dataset), networks.of(model.name)
    tracks = fine = item = picture = None
    if tab is None:
        tracks, item = _tracks(model.name, basis, z, tuple(ends), most.tiles)
        if most.is_all:
            fine = _fine(network, latent_axes, z, key, ends, stamp)
        picture = data.tiles(item[None])[0]
    if plane := _plane(side, latent_axes):
        latent_plane.show(side, model, plane, z, start, partial(_on_plane, side, plane, home, z), reach, most.plane)
    latent_sliders(
        rows, tracks, fine, picture, accent=model.colour, title=model.title, key=key, stamp=stamp,
        reset=[float(value) for value in latent_axes.read(home)[: len(rows)]],
        on_values=partial(_on_sliders, side, key, latent_axes, home, z),
        tab=None if tab is None else tab.plane(z, latent_axes.axes[: len(rows)]),
        on_refused=partial(networks.refused, key),
    )  # fmt: skip
    if item is not None and (large := data.html(item)):
        tile = data.tiles(item[None])[0]
        st.html(html.row([html.figure(tile, "where the handles rest", accent=model.colour, large=large)]))
    if network.latent_dim > len(shown):
        those = f"{len(shown)} of {network.latent_dim:,} knobs that matter most"
        if len(shown) == 1:
            those = f"one of {network.latent_dim:,} knobs that matters most"
        st.caption(f"The {those}; the others keep their values.")
    if network.grid:
        st.html(channel_maps.show_code(bars.ItemCode("The code that is decoded", model.colour, z, None), model))
    grid = widgets.expander(GRID_OPEN[side], "Traversal grid", ":material/grid_on:")
    if grid.open:  # while it is closed, nothing is decoded for it
        with grid:
            _grid(side, network, latent_axes, z, ends, GRID_COLUMNS if most.is_all else most.tiles)
    _saves(side, model, z)


def _fine(
    network: Explorer,
    latent_axes: axes.LatentAxes,
    z: NDArray[np.float32],
    key: str,
    ends: list[tuple[float, float]],
    stamp: str,
) -> Fine | None:
    """The finer strip of the axis under the pointer, if the browser asked for one."""
    focus, data = _focus(key, len(ends)), models.data(network.config.dataset)
    if focus is None:
        return None
    count = count_for(data.tiles(data.items[:1])[0], FINE_TILES)
    decoded = network.decode(latent_axes.along(z, focus, count, *ends[focus]))
    return Fine(focus, *ends[focus], strip(data.tiles(decoded), smooth=data.modality.smooth), stamp)


def _focus(key: str, count: int) -> int | None:
    """The axis whose finer strip the browser asked for, if it is still on the page."""
    focus = (st.session_state.get(key) or {}).get("focus")
    return focus if isinstance(focus, int) and 0 <= focus < count else None


@caches.kept(max_entries=64, show_spinner=False, hash_funcs={np.ndarray: lambda array: array.tobytes()})
def _tracks(
    name: str, basis: str, z: NDArray[np.float32], ends: tuple[tuple[float, float], ...], count: int
) -> tuple[dict[str, Any], NDArray[np.float32]]:
    """The tiles of all tracks, `count` each, on one sheet, and the item that the code itself decodes to."""
    latent_axes, data = _latent_axes(name, basis), models.data(models.explorer(name).config.dataset)
    tracks = [latent_axes.along(z, axis, count, *track) for axis, track in enumerate(ends)]
    decoded = models.explorer(name).decode(np.concatenate([*tracks, z[None]]))
    return strip(data.tiles(decoded[:-1]), columns=count, smooth=data.modality.smooth), decoded[-1]


@caches.kept(max_entries=32, show_spinner=False)
def _latent_axes(name: str, basis: str) -> axes.LatentAxes:
    return axes.axes_of(models.codes(name), basis, models.directions(name))


def _home(name: str, start: str, seed: int) -> NDArray[np.float32]:
    """The code (d,) that the page starts from."""
    if start == "item":
        return models.codes(name).mean[selected_item()]
    if start == "own" and (source := own_item.shown()):
        return models.explorer(name).encode(source.item[None])[0][0]
    if start == "mean":
        return models.codes(name).mean.mean(0)
    return models.explorer(name).prior(1, seed)[0]


def _current(side: str, home: NDArray[np.float32], latent_axes: axes.LatentAxes) -> NDArray[np.float32]:
    """The code (d,) as it was turned: the link names its numbers or, where they are many, what was turned from home."""
    if len(home) <= axes.MAX_COORDINATES:
        z = url.value(replace(CODE[side], size=len(home)))
        return home if z is None else z
    values = latent_axes.read(home)
    for axis, value in (url.value(replace(TURNED[side], size=len(values))) or {}).items():
        values[axis] = value
    return latent_axes.turned(home, values)


def _keep(side: str, latent_axes: axes.LatentAxes, home: NDArray[np.float32], z: NDArray[np.float32]) -> None:
    """Put a code (d,) into the link."""
    if len(home) <= axes.MAX_COORDINATES:
        url.remember(CODE[side], z.round(3))
        return
    values, first = latent_axes.read(z), latent_axes.read(home)
    moved = np.flatnonzero(abs(values - first) > MOVED)
    url.remember(TURNED[side], {int(axis): round(float(values[axis]), 3) for axis in moved} or None)


def _plane(side: str, latent_axes: axes.LatentAxes) -> latent_plane.Plane | None:
    """The plane to show: that of a flat code, or of two knobs that the visitor chose; None where none is wanted."""
    if len(latent_axes.names) == 2:
        return latent_plane.flat(latent_axes)
    if _way() != "plane":
        return None
    options = {
        str(axis): f"{name} · {note}"
        for axis, (name, note) in enumerate(zip(latent_axes.names, latent_axes.notes, strict=True))
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        widgets.label("x axis")
        across = int(widgets.select(ACROSS[side], "x axis", options, width=170))
        widgets.label("y axis")
        up = int(widgets.select(UP[side], "y axis", options, width=170))
    if across == up:
        st.caption("A plane needs two different knobs.")
        return None
    return latent_plane.Plane(latent_axes, (across, up))


def _common_reach(choice: Choice, basis: str) -> float | None:
    """How far both planes reach where they have one scale; None where they do not, or there are no two planes."""
    shown = [(models.codes(model.name), _latent_axes(model.name, basis)) for model in choice.pair]
    if _way() != "plane" and any(len(latent_axes.names) > 2 for _, latent_axes in shown):
        return None
    left, right = (reach_of(latent_axes.read(codes.mean), codes.std is not None) for codes, latent_axes in shown)
    return common_scale.reach(choice.pair, (left, right), "planes")


def _on_plane(
    side: str, plane: latent_plane.Plane, home: NDArray[np.float32], z: NDArray[np.float32],
    position: tuple[float, float],
) -> None:  # fmt: skip
    _keep(side, plane.latent_axes, home, plane.codes(z, np.array([position], np.float32))[0])


def _on_sliders(
    side: str, key: str, latent_axes: axes.LatentAxes, home: NDArray[np.float32], z: NDArray[np.float32]
) -> None:
    values = latent_axes.read(z)
    committed = st.session_state[key].get("values") or []
    values[: len(committed)] = committed
    _keep(side, latent_axes, home, latent_axes.turned(z, values))


def _grid(
    side: str, network: Explorer, latent_axes: axes.LatentAxes, z: NDArray, ends: list[tuple[float, float]], most: int
) -> None:
    data = models.data(network.config.dataset)
    tiles = data.tiles(data.items[:1])
    most = count_for(tiles[0], min(most, GRID_COLUMNS), rows=min(len(ends), MAX_AXES))
    columns = max(3, files.abreast(tiles, most, GRID_ROOM))
    codes = np.concatenate([latent_axes.along(z, axis, columns, *track) for axis, track in enumerate(ends)])
    sheet = files.sheet(data.tiles(network.decode(codes)), columns)
    st.image(files.png(sheet, 2), width="stretch", alt="Traversals, one row for each knob")
    st.caption(
        "One row for each knob, in the order above; columns run evenly from the left end of its track to the right."
    )
    widgets.save(
        "Save as PNG",
        lambda: files.png(sheet, 4),
        f"traversal-{network.name}.png",
        "image/png",
        key=f"save-grid-{side}",
        icon=":material/download:",
    )


def _saves(side: str, model: Shown, z: NDArray[np.float32]) -> None:
    """The code as numbers and as a drawing."""
    code = bars.ItemCode(model.title, model.colour, z, None)
    with st.container(horizontal=True, gap="small"):
        widgets.save(
            "Code as CSV", lambda: _lines(z), f"code-{model.name}.csv", "text/csv", key=f"save-csv-{side}",
            icon=":material/table:", type="tertiary",
        )  # fmt: skip
        widgets.save(
            "Code as SVG", lambda: bars.code_svg(code), f"code-{model.name}.svg", "image/svg+xml",
            key=f"save-svg-{side}", icon=":material/bar_chart:", type="tertiary",
        )  # fmt: skip


def _lines(z: NDArray[np.float32]) -> str:
    return "coordinate,value\n" + "".join(f"z{number},{value:.6g}\n" for number, value in enumerate(z))


def _random(choice: Choice) -> None:
    """The same draws from N(0, I), decoded by both."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Random codes, decoded", anchor=False)
        seed = widgets.whole(RANDOM_SEED, "Seed of the draws")
        notions.ask(notions.RANDOM_CODES)
    data = models.data(choice.dataset)
    usual = count_for(data.tiles(data.items[:1])[0], RANDOM_CODES)
    count = min(usual, max(LEAST_RANDOM, pace.allowed("random", choice, DRAWING)))
    pace.tell("random", choice, f"this shows {count} of {usual} random codes", usual, DRAWING)
    with st.container(key="aeviz-pair-random"):
        columns = st.columns(2)
    for column, side, model in zip(columns, ("left", "right"), choice.pair, strict=True):
        with column, st.container(key=f"card-random-{side}"):
            shell.model_heading(model)
            drawn = _random_tiles(model.name, count, seed)
            shown = [html.thumbnail(tile, f"random code {number}") for number, tile in enumerate(drawn, 1)]
            st.html(html.row(shown, columns=min(16, count), style="small"))
            st.caption(f"{count} codes drawn from N(0, I), seed {seed}.")


@caches.kept(max_entries=16, show_spinner=False)
def _random_tiles(name: str, count: int, seed: int) -> NDArray[np.uint8]:
    """Tiles (count, h, w, 1 or 3) of codes drawn from N(0, I)."""
    network = models.explorer(name)
    return models.data(network.config.dataset).tiles(network.decode(network.prior(count, seed)))
