"""Interpolate: the way from one input to another, in two latent spaces and in pixels."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import pictures, shell, state, widgets
from aeviz.app.panels import item_input, map_choice, map_panel
from aeviz.figures import palette
from aeviz.latent.explorer import Kind, cross_fade, path
from aeviz.parts.scrubber import Strip
from aeviz.parts.scrubber.streamlit import scrubber
from aeviz.parts.sheets import strip

IDEA = r"""
Both inputs are encoded, codes between the two are decoded. The **straight line** is
$z(t) = (1 - t)\,z_A + t\,z_B$; the **spherical** path turns the direction $u = z / |z|$ at constant angle,

$$u(t) = \frac{\sin((1-t)\,\omega)}{\sin\omega}\,u_A + \frac{\sin(t\,\omega)}{\sin\omega}\,u_B,$$

and its length goes evenly from $|z_A|$ to $|z_B|$: Gaussian codes of many coordinates lie near a shell of radius
$\sqrt d$, and a straight line cuts through its empty middle (White 2016).

The **cross-fade** mixes pixels: half-way it shows both pictures at half strength. A good latent space shows a plausible
picture at every step instead. The codes used are the means of the posteriors, nothing is sampled.
"""
KINDS = {"line": "straight", "slerp": "spherical"}
FRAME = 90  # milliseconds of the saved animation


def page() -> None:
    """Draw the page."""
    choice = state.choice()
    shell.header(
        "From one to another", "Drag along the strips: each row goes from A to B in its own way. Which stays a picture?"
    )
    first, last, kind, steps = _controls()
    rows = _rows(choice, first, last, kind, steps)
    t = state.remembered("t", 0.5, _share)
    with st.container(key="card-path"):
        smooth = state.data(choice.dataset).modality.smooth
        strips = [Strip(label, colour, strip(tiles, smooth=smooth)) for label, colour, tiles in rows]
        moved = scrubber(strips, t=t, key="path")
    if moved.t is not None and moved.t != t:
        state.remember("t", round(float(moved.t), 3))
        state.remembered("t", 0.5, _share)
    _downloads(rows, _codes(choice, first, last, kind, steps))
    _paths(choice, first, last, kind, steps)
    shell.explain("What lies between two codes?", IDEA)


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(value)
    return value


def _controls() -> tuple[item_input.Source, item_input.Source, Kind, int]:
    ends = state.data(state.choice().dataset).ends
    a, b, how = st.columns([4, 4, 3])
    with a, st.container(key="card-a"):
        first = item_input.pick("a", ends[0], "A")
    with b, st.container(key="card-b"):
        last = item_input.pick("b", ends[1], "B")
    with how, st.container(key="card-how", horizontal=True, vertical_alignment="center"):
        kind: Kind = "slerp" if widgets.segments("path_kind", "Path", KINDS, "line") == "slerp" else "line"
        steps = widgets.whole("steps", "Steps", 3, 65, 33, tip="Pictures along the path, both ends counted.")
    return first, last, kind, steps


def _rows(
    choice: state.Choice, first: item_input.Source, last: item_input.Source, kind: Kind, steps: int
) -> list[tuple[str, str, NDArray[np.uint8]]]:
    """(label, colour, tiles (steps, h, w, 1 or 3)) of each way."""
    rows, data = [], state.data(choice.dataset)
    for model in choice.pair:
        network = state.explorer(model.name)
        ends, _ = network.encode(np.stack([first.picture, last.picture]))
        rows.append((model.title, model.colour, data.tiles(network.decode(path(ends[0], ends[1], steps, kind)))))
    rows.append(("Pixels, cross-fade", palette.INK, data.tiles(cross_fade(first.picture, last.picture, steps))))
    return rows


def _paths(choice: state.Choice, first: item_input.Source, last: item_input.Source, kind: Kind, steps: int) -> None:
    """The path among the codes of the test split, seen along their two widest directions."""
    st.subheader("The path among the codes", anchor=False)
    view = _map_of_path(choice)
    map_panel.atlas(choice, view)
    for column, place, model in zip(st.columns(2), ("left", "right"), choice.pair, strict=True):
        with column:
            ends, _ = state.explorer(model.name).encode(np.stack([first.picture, last.picture]))
            map_panel.show_path(place, model, view, path(ends[0], ends[1], steps, kind), (first, last))
    if view.settings is None or view.settings.method == "pca":
        st.caption("A straight path stays straight here: the map is a view of the codes along two directions.")
    else:
        st.caption(
            "Each step lies amid its five nearest codes of the test split: t-SNE and UMAP tear the space apart, so the "
            "path leaps where it crosses from one cluster to another."
        )


def _map_of_path(choice: state.Choice) -> map_choice.View:
    """The map that the path is drawn on."""
    flat = map_choice.flat(choice)
    methods = {name: text for name, text in map_choice.METHODS.items() if flat or name != "code"}
    method = widgets.segments("path_map", "Map", methods, "code" if flat else "pca")
    return map_choice.View(None if method == "code" else map_choice.shipped(method, choice), "class")


def _codes(
    choice: state.Choice, first: item_input.Source, last: item_input.Source, kind: Kind, steps: int
) -> dict[str, NDArray[np.float32]]:
    """The codes (steps, d) of each model along its path."""
    ends = np.stack([first.picture, last.picture])
    return {
        name: path(z[0], z[1], steps, kind)
        for name in {model.name for model in choice.pair}
        for z in [state.explorer(name).encode(ends)[0]]
    }


def _downloads(rows: list[tuple[str, str, NDArray[np.uint8]]], codes: dict[str, NDArray[np.float32]]) -> None:
    together = np.stack([tiles for _, _, tiles in rows])  # (3, T, h, w, 1 or 3)
    steps = together.shape[1]

    def moving() -> bytes:
        return pictures.gif(np.stack([pictures.sheet(together[:, t], len(rows)) for t in range(steps)]), FRAME)

    def still() -> bytes:
        return pictures.png(pictures.sheet(np.concatenate(together), steps), 4)

    with st.container(horizontal=True):
        widgets.save("Save as GIF", moving, "aeviz-path.gif", "image/gif", icon=":material/gif_box:")
        widgets.save("Save as PNG", still, "aeviz-path.png", "image/png", icon=":material/download:")
        widgets.save(
            "Codes as NPZ",
            lambda: pictures.npz({"t": np.linspace(0, 1, steps), **codes}),
            "aeviz-path.npz",
            "application/zip",
            icon=":material/deployed_code:",
        )


page()
