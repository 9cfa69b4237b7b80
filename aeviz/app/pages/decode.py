"""Decode: turn the numbers of a code and see what they mean."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, shell, url, widgets
from aeviz.app.choice import ITEM, Choice, Shown, chosen, selected_item
from aeviz.app.panels import inspector, latent_plane, own_item
from aeviz.figures import bars, files
from aeviz.latent import axes
from aeviz.latent.explorer import Explorer
from aeviz.parts.latent_sliders import Fine, Row, stamp_of
from aeviz.parts.latent_sliders.streamlit import latent_sliders
from aeviz.parts.sheets import strip

IDEA = r"""
The **decoder** turns any code $z$ into a [[noun]]. A code has as many numbers as its *latent dimension*. Each track is
a film of what it makes when one knob is turned and
the others rest: a *traversal*.

Coordinate 3 of one network has nothing to do with coordinate 3 of another: a network may turn and mix its axes as it
likes. So each has its own knobs, in the order of how much they matter: by the spread of the codes for an autoencoder,
by $\mathrm{KL}(q(z_i|x)\,\|\,\mathcal N(0,1))$, averaged over the test split, for a VAE. A coordinate with a KL near
0 carries nothing: turning it changes nothing (*posterior collapse*).

**Principal directions** are the axes along which the codes of the test split spread most.

A **random code** is drawn (a *sample*) from $\mathcal N(0, I)$. The VAE was trained to fill that region, so most draws
decode to
something sound. The AE was never asked to, so the same draws often fall where no [[noun]] was ever encoded.
"""
WAYS = {"sliders": "one by one", "plane": "two at once"}
BASES = {"coordinates": "coordinates", "directions": "principal directions"}
MAX_AXES = 8  # axes shown at once
TRACK_TILES, FINE_TILES = 13, 97  # tiles of a track, and of the strip under the pointer
GRID_COLUMNS, RANDOM_CODES = 11, 32
GRID_ROOM = 420  # px that a column of the page leaves the grid
AXES = url.Choice("knobs", "the axes that are turned", tuple(BASES), "coordinates")
START = url.Choice("start", "the code that the page starts from", ("item", "mean", "random", "own"), "item")
SEED = url.Whole("draw", "seed of the random start")
WAY = url.Choice("way", "how codes of more than two numbers are turned", tuple(WAYS), "sliders")
ALL_AXES = url.Flag("all", "whether all coordinates are shown")
RANDOM_SEED = url.Whole("random_seed", "seed of the random codes")
SIDES = ("left", "right")
CODE = {side: url.Code(f"z_{side}", f"the {side} model's code, where it was turned") for side in SIDES}
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
    *(AXES, START, SEED, WAY, ALL_AXES, RANDOM_SEED, ITEM, own_item.SHOWN),
    *(table[side] for table in (CODE, ACROSS, UP, GRID_OPEN) for side in SIDES),
)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    if all(model.card.latent_dim == 2 for model in choice.pair):
        shell.header(
            "Every place is a [[noun]]", "Two numbers make a plane. Hover to decode a place, click to keep it."
        )
    elif _way() == "plane":
        shell.header("Turn two knobs at once", "Hover over the plane to decode a place, click to keep it.")
    else:
        shell.header(
            "Turn one knob of the code", "Each track shows what lies along one number of the code. Drag a handle."
        )
    start, seed, basis, everything = _controls(choice)
    _forget_where_changed((start, seed, basis, choice.left.name, choice.right.name, _started_from(start)))
    left, right, inspected = st.columns([5, 5, 3.2], gap="small")
    for column, side, model in zip((left, right), ("left", "right"), choice.pair, strict=True):
        with column, st.container(key=f"card-{side}"):
            _model(side, model, start, seed, basis, everything)
    with left:
        shell.tile_legend()
    with inspected, st.container(key="card-side"):
        inspector.show(selected_item())
    _random(choice)
    shell.explain("What is a code, and what may one turn?", IDEA)


def _controls(choice: Choice) -> tuple[str, int, str, bool]:
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        basis = widgets.segments(AXES, "Knobs", BASES)
        st.html('<span class="aeviz-label">start from</span>', width="content")
        starts = {"item": f"item {selected_item():,}", "mean": "mean code", "random": "random"}
        if own_item.shown() is not None:
            starts["own"] = "yours"
        start = widgets.segments(START, "Start from", starts)
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
    before = st.session_state.get("decode-context")
    if before is not None and before != context:
        for side in SIDES:
            url.remember(CODE[side], None)
    st.session_state["decode-context"] = context


@st.fragment
def _model(side: str, model: Shown, start: str, seed: int, basis: str, everything: bool) -> None:
    network, latent_axes = models.explorer(model.name), _latent_axes(model.name, basis)
    home = _home(model.name, start, seed)
    shown = range(network.latent_dim if everything else min(MAX_AXES, network.latent_dim))
    key = f"sliders-{side}"
    z = _current(side, home)
    values = latent_axes.read(z)
    ends = [latent_axes.ends(axis, float(values[axis])) for axis in shown]
    rows = [
        Row(latent_axes.names[axis], float(values[axis]), *ends[axis], index=axis, note=latent_axes.notes[axis])
        for axis in shown
    ]
    focus, stamp = _focus(key, len(rows)), stamp_of(z, model.name, basis)
    tracks, item = _tracks(model.name, basis, z, tuple(ends))
    fine, data = None, models.data(network.config.dataset)
    if focus is not None:
        decoded = network.decode(latent_axes.along(z, focus, FINE_TILES, *ends[focus]))
        fine = Fine(focus, *ends[focus], strip(data.tiles(decoded), smooth=data.modality.smooth), stamp)
    if plane := _plane(side, latent_axes):
        latent_plane.show(side, model, plane, z, start, item, partial(_on_plane, side, plane, z))
    latent_sliders(
        rows, tracks, fine, data.tiles(item[None])[0], accent=model.colour, title=model.title, key=key, stamp=stamp,
        reset=[float(value) for value in latent_axes.read(home)[: len(rows)]],
        on_values=partial(_on_sliders, side, key, latent_axes, z),
    )  # fmt: skip
    if large := data.html(item):
        tile = data.tiles(item[None])[0]
        st.html(html.row([html.figure(tile, "where the handles rest", accent=model.colour, large=large)]))
    if network.latent_dim > MAX_AXES and not everything:
        st.caption(f"The {MAX_AXES} of {network.latent_dim} knobs that matter most; the others keep their values.")
    grid = widgets.expander(GRID_OPEN[side], "Traversal grid", ":material/grid_on:")
    if grid.open:  # while it is closed, nothing is decoded for it
        with grid:
            _grid(side, network, latent_axes, z, ends)
    _saves(side, model, z)


def _focus(key: str, count: int) -> int | None:
    """The axis whose finer strip the browser asked for, if it is still on the page."""
    focus = (st.session_state.get(key) or {}).get("focus")
    return focus if isinstance(focus, int) and 0 <= focus < count else None


@caches.kept(max_entries=64, show_spinner=False, hash_funcs={np.ndarray: lambda array: array.tobytes()})
def _tracks(
    name: str, basis: str, z: NDArray[np.float32], ends: tuple[tuple[float, float], ...]
) -> tuple[dict[str, Any], NDArray[np.float32]]:
    """The tiles of all tracks on one sheet, and the item that the code itself decodes to."""
    latent_axes, data = _latent_axes(name, basis), models.data(models.explorer(name).config.dataset)
    tracks = [latent_axes.along(z, axis, TRACK_TILES, *track) for axis, track in enumerate(ends)]
    decoded = models.explorer(name).decode(np.concatenate([*tracks, z[None]]))
    return strip(data.tiles(decoded[:-1]), columns=TRACK_TILES, smooth=data.modality.smooth), decoded[-1]


@caches.kept(max_entries=32, show_spinner=False)
def _latent_axes(name: str, basis: str) -> axes.LatentAxes:
    if basis == "coordinates":
        return axes.coordinate_axes(models.codes(name))
    return axes.principal_axes(*models.directions(name))


def _home(name: str, start: str, seed: int) -> NDArray[np.float32]:
    """The code (d,) that the page starts from."""
    if start == "item":
        return models.codes(name).mean[selected_item()]
    if start == "own" and (source := own_item.shown()):
        return models.explorer(name).encode(source.item[None])[0][0]
    if start == "mean":
        return models.codes(name).mean.mean(0)
    return models.explorer(name).prior(1, seed)[0]


def _current(side: str, home: NDArray[np.float32]) -> NDArray[np.float32]:
    z = url.value(replace(CODE[side], size=len(home)))
    return home if z is None else z


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
        st.html('<span class="aeviz-label">across</span>', width="content")
        across = int(widgets.select(ACROSS[side], "Across", options, width=170))
        st.html('<span class="aeviz-label">up</span>', width="content")
        up = int(widgets.select(UP[side], "Up", options, width=170))
    if across == up:
        st.caption("A plane needs two different knobs.")
        return None
    return latent_plane.Plane(latent_axes, (across, up))


def _on_plane(side: str, plane: latent_plane.Plane, z: NDArray[np.float32], position: tuple[float, float]) -> None:
    url.remember(CODE[side], plane.codes(z, np.array([position], np.float32))[0].round(3))


def _on_sliders(side: str, key: str, latent_axes: axes.LatentAxes, z: NDArray[np.float32]) -> None:
    values = latent_axes.read(z)
    committed = st.session_state[key].get("values") or []
    values[: len(committed)] = committed
    url.remember(CODE[side], latent_axes.code(values).round(3))


def _grid(
    side: str, network: Explorer, latent_axes: axes.LatentAxes, z: NDArray, ends: list[tuple[float, float]]
) -> None:
    data = models.data(network.config.dataset)
    columns = max(3, files.abreast(data.tiles(data.items[:1]), GRID_COLUMNS, GRID_ROOM))
    codes = np.concatenate([latent_axes.along(z, axis, columns, *track) for axis, track in enumerate(ends)])
    sheet = files.sheet(data.tiles(network.decode(codes)), columns)
    st.image(files.png(sheet, 2), width="stretch", alt="Traversals, one row a knob")
    st.caption("One row a knob, in the order above; columns run evenly from the left end of its track to the right.")
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
    for column, side, model in zip(st.columns(2), ("left", "right"), choice.pair, strict=True):
        with column, st.container(key=f"card-random-{side}"):
            shell.model_heading(model)
            network = models.explorer(model.name)
            drawn = models.data(choice.dataset).tiles(network.decode(network.prior(RANDOM_CODES, seed)))
            st.image(
                files.png(files.sheet(drawn, files.abreast(drawn, 16, 640)), 2),
                width="stretch",
                alt=f"{RANDOM_CODES} random codes decoded",
            )
            st.caption(f"{RANDOM_CODES} codes drawn from N(0, I), seed {seed}.")
