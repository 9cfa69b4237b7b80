"""Decode: turn the numbers of a code and see what they mean."""

from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import pictures, shell, state, widgets
from aeviz.app.panels import inspector, latent_plane, own_item
from aeviz.figures import bars
from aeviz.latent import axes
from aeviz.latent.explorer import Explorer
from aeviz.parts.latent_sliders import Fine, Row, stamp_of
from aeviz.parts.latent_sliders.streamlit import latent_sliders
from aeviz.parts.sheets import strip

IDEA = r"""
The **decoder** turns any code $z$ into a picture. Each track is a film of what it makes when one knob is turned and
the others rest: a *traversal*.

Coordinate 3 of one network has nothing to do with coordinate 3 of another: a network may turn and mix its axes as it
likes. So each has its own knobs, in the order of how much they matter: by the spread of the codes for an autoencoder,
by $\mathrm{KL}(q(z_i|x)\,\|\,\mathcal N(0,1))$, averaged over the test split, for a VAE. A coordinate with a KL near
0 carries nothing: turning it changes nothing (*posterior collapse*).

**Principal directions** are the axes along which the codes of the test split spread most.

A **random code** is drawn from $\mathcal N(0, I)$. The VAE was trained to fill that region, so most draws decode to
something sound. The AE was never asked to, so the same draws often fall where no picture was ever encoded.
"""
WAYS = {"sliders": "one by one", "plane": "two at once"}
BASES = {"coordinates": "coordinates", "directions": "principal directions"}
FIRST = 8  # knobs shown at once
FILM, FINE = 13, 97  # tiles of a track, and of the strip under the pointer
GRID, RANDOM = 11, 32
FARTHEST = 1e4  # coordinate that a link may name


def page() -> None:
    """Draw the page."""
    choice = state.choice()
    if all(model.card.latent_dim == 2 for model in choice.pair):
        shell.header("Every place is a picture", "Two numbers make a plane. Hover to decode a place, click to keep it.")
    elif _way() == "plane":
        shell.header("Turn two knobs at once", "Hover over the plane to decode a place, click to keep it.")
    else:
        shell.header(
            "Turn one knob of the code", "Each track shows what lies along one number of the code. Drag a handle."
        )
    start, seed, basis, everything = _controls(choice)
    _forget_where_changed((start, seed, basis, choice.left.name, choice.right.name, _started_from(start)))
    left, right, side = st.columns([5, 5, 3.2], gap="small")
    for column, place, model in zip((left, right), ("left", "right"), choice.pair, strict=True):
        with column, st.container(key=f"card-{place}"):
            _model(place, model, start, seed, basis, everything)
    with side, st.container(key="card-side"):
        inspector.show(state.item())
    _random(choice)
    shell.explain("What is a code, and what may one turn?", IDEA)


def _controls(choice: state.Choice) -> tuple[str, int, str, bool]:
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        basis = widgets.segments("knobs", "Knobs", BASES, "coordinates")
        st.html('<span class="aeviz-label">start from</span>', width="content")
        starts = {"item": f"item {state.item():,}", "mean": "mean code", "random": "random"}
        if own_item.shown() is not None:
            starts["own"] = "yours"
        start = widgets.segments("start", "Start from", starts, "item")
        seed = 0
        if start == "random":
            seed = widgets.whole(
                "draw", "Seed", 0, 9999, 0, tip="Another seed, another draw from N(0, I).", show_label=False
            )
        if max(model.card.latent_dim for model in choice.pair) > 2:
            widgets.segments("way", "Turn", WAYS, "sliders")
        everything = False
        if max(model.card.latent_dim for model in choice.pair) > FIRST:
            everything = st.toggle("all coordinates", key="all", bind="query-params")
    return start, seed, basis, everything


def _way() -> str:
    """How the knobs are turned, as the row of controls will show it."""
    way: str = state.remembered("way", "sliders", lambda text: text if text in WAYS else "sliders")
    return way


def _started_from(start: str) -> object:
    if start == "item":
        return state.item()
    source = own_item.shown() if start == "own" else None
    return source.picture.tobytes() if source else None


def _forget_where_changed(context: tuple) -> None:
    """Turned knobs belong to where they started; another start sets them back."""
    before = st.session_state.get("decode-context")
    if before is not None and before != context:
        for place in ("left", "right"):
            state.remember(f"z_{place}", None)
    st.session_state["decode-context"] = context


@st.fragment
def _model(place: str, model: state.Shown, start: str, seed: int, basis: str, everything: bool) -> None:
    network, turn = state.explorer(model.name), _knobs(model.name, basis)
    home = _home(model.name, start, seed)
    shown = range(network.latent_dim if everything else min(FIRST, network.latent_dim))
    key = f"sliders-{place}"
    z = _current(place, home)
    values = turn.read(z)
    ends = [turn.ends(knob, float(values[knob])) for knob in shown]
    rows = [
        Row(turn.names[knob], float(values[knob]), *ends[knob], index=knob, note=turn.notes[knob]) for knob in shown
    ]
    focus = _focus(key, len(rows))
    films, fine, picture = _decoded(network, turn, z, ends, focus)
    stamp = stamp_of(z, model.name, basis)
    if plane := _plane(place, turn):
        latent_plane.show(place, model, plane, z, start, picture, partial(_placed, place, plane, z))
    data = state.data(network.config.dataset)
    smooth = data.modality.smooth
    finer = None
    if fine is not None and focus is not None:
        finer = Fine(focus, *ends[focus], strip(data.tiles(fine), smooth=smooth), stamp)
    latent_sliders(
        rows, strip(data.tiles(films), columns=FILM, smooth=smooth), finer,
        data.tiles(picture[None])[0], accent=model.colour, title=model.title, key=key, stamp=stamp,
        reset=[float(value) for value in turn.read(home)[: len(rows)]],
        on_values=partial(_turned, place, key, turn, z),
    )  # fmt: skip
    if network.latent_dim > FIRST and not everything:
        st.caption(f"The {FIRST} of {network.latent_dim} knobs that matter most; the others keep their values.")
    grid = st.expander("Traversal grid", icon=":material/grid_on:", key=f"grid_{place}", bind="query-params")
    if grid.open:  # while it is closed, nothing is decoded for it
        with grid:
            _grid(place, network, turn, z, ends)
    _saves(place, model, z)


def _focus(key: str, count: int) -> int | None:
    """The knob whose finer strip the browser asked for, if it is still on the page."""
    focus = (st.session_state.get(key) or {}).get("focus")
    return focus if isinstance(focus, int) and 0 <= focus < count else None


def _decoded(
    network: Explorer, turn: axes.Knobs, z: NDArray, ends: list[tuple[float, float]], focus: int | None
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, NDArray[np.float32]]:
    """Films of all tracks, the finer strip of the focused one, and the code's own picture, in one batch."""
    batches = [turn.along(z, knob, FILM, *track) for knob, track in enumerate(ends)]
    if focus is not None:
        batches.append(turn.along(z, focus, FINE, *ends[focus]))
    decoded = network.decode(np.concatenate([*batches, z[None]]))
    films = decoded[: len(ends) * FILM]
    fine = decoded[len(films) : -1] if focus is not None else None
    return films, fine, decoded[-1]


@state.derived
@st.cache_resource(max_entries=32, show_spinner=False)
def _knobs(name: str, basis: str) -> axes.Knobs:
    return axes.coordinates(state.codes(name)) if basis == "coordinates" else axes.principal(*state.directions(name))


def _home(name: str, start: str, seed: int) -> NDArray[np.float32]:
    """The code (d,) that the page starts from."""
    if start == "item":
        return state.codes(name).mean[state.item()]
    if start == "own" and (source := own_item.shown()):
        return state.explorer(name).encode(source.picture[None])[0][0]
    if start == "mean":
        return state.codes(name).mean.mean(0)
    return state.explorer(name).prior(1, seed)[0]


def _current(place: str, home: NDArray[np.float32]) -> NDArray[np.float32]:
    def parse(text: str) -> NDArray[np.float32]:
        z = np.array([float(part) for part in text.split("_")])
        if z.shape != home.shape or not (abs(z) < FARTHEST).all():
            raise ValueError(text)
        return z.astype(np.float32)

    z = state.remembered(f"z_{place}", None, parse, lambda code: "_".join(f"{value:.3f}" for value in code))
    return home if z is None or z.shape != home.shape else z


def _plane(place: str, turn: axes.Knobs) -> latent_plane.Plane | None:
    """The plane to show: that of a flat code, or of two knobs that the visitor chose; None where none is wanted."""
    if len(turn.names) == 2:
        return latent_plane.flat(turn)
    if _way() != "plane":
        return None
    options = {
        str(knob): f"{name} · {note}" for knob, (name, note) in enumerate(zip(turn.names, turn.notes, strict=True))
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html('<span class="aeviz-label">across</span>', width="content")
        across = int(widgets.select(f"x_{place}", "Across", options, "0", width=170))
        st.html('<span class="aeviz-label">up</span>', width="content")
        up = int(widgets.select(f"y_{place}", "Up", options, "1", width=170))
    if across == up:
        st.caption("A plane needs two different knobs.")
        return None
    return latent_plane.Plane(turn, (across, up))


def _placed(place: str, plane: latent_plane.Plane, z: NDArray[np.float32], position: tuple[float, float]) -> None:
    state.remember(f"z_{place}", plane.codes(z, np.array([position], np.float32))[0].round(3))


def _turned(place: str, key: str, turn: axes.Knobs, z: NDArray[np.float32]) -> None:
    values = turn.read(z)
    committed = st.session_state[key].get("values") or []
    values[: len(committed)] = committed
    state.remember(f"z_{place}", turn.code(values).round(3))


def _grid(place: str, network: Explorer, turn: axes.Knobs, z: NDArray, ends: list[tuple[float, float]]) -> None:
    codes = np.concatenate([turn.along(z, knob, GRID, *track) for knob, track in enumerate(ends)])
    whole = pictures.sheet(state.data(network.config.dataset).tiles(network.decode(codes)), GRID)
    st.image(pictures.png(whole, 2), width="stretch", alt="Traversals, one row a knob")
    st.caption("One row a knob, in the order above; columns run evenly from the left end of its track to the right.")
    widgets.save(
        "Save as PNG",
        lambda: pictures.png(whole, 4),
        f"traversal-{network.name}.png",
        "image/png",
        key=f"save-grid-{place}",
        icon=":material/download:",
    )


def _saves(place: str, model: state.Shown, z: NDArray[np.float32]) -> None:
    """The code as numbers and as a drawing."""
    code = bars.Code(model.title, model.colour, z, None)
    with st.container(horizontal=True, gap="small"):
        widgets.save(
            "Code as CSV", lambda: _lines(z), f"code-{model.name}.csv", "text/csv", key=f"save-csv-{place}",
            icon=":material/table:", type="tertiary",
        )  # fmt: skip
        widgets.save(
            "Code as SVG", lambda: bars.code_svg(code), f"code-{model.name}.svg", "image/svg+xml",
            key=f"save-svg-{place}", icon=":material/bar_chart:", type="tertiary",
        )  # fmt: skip


def _lines(z: NDArray[np.float32]) -> str:
    return "coordinate,value\n" + "".join(f"z{number},{value:.6g}\n" for number, value in enumerate(z))


def _random(choice: state.Choice) -> None:
    """The same draws from N(0, I), decoded by both."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Random codes, decoded", anchor=False)
        seed = st.number_input("Seed of the draws", 0, 9999, 0, key="random_seed", bind="query-params", width=130)
    for column, place, model in zip(st.columns(2), ("left", "right"), choice.pair, strict=True):
        with column, st.container(key=f"card-random-{place}"):
            shell.model_heading(model)
            network = state.explorer(model.name)
            drawn = state.data(choice.dataset).tiles(network.decode(network.prior(RANDOM, int(seed))))
            st.image(pictures.png(pictures.sheet(drawn, 16), 2), width="stretch", alt=f"{RANDOM} random codes decoded")
            st.caption(f"{RANDOM} codes drawn from N(0, I), seed {seed}.")


page()
