"""A model's map on a page: points in 2-D or 3-D, and how far they can be trusted."""

import zlib

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, shell
from aeviz.app.choice import Choice, Shown, chosen, select_item, selected_item
from aeviz.app.panels import map_choice, marked_items, own_item
from aeviz.app.panels.item_input import Input
from aeviz.figures import charts, points
from aeviz.modalities.base import Facet
from aeviz.parts import picture_atlas
from aeviz.parts.latent_map.streamlit import latent_map
from aeviz.parts.picture_atlas.streamlit import picture_atlas as show_atlas

TRUST_DEFINITION = (
    "Are neighbours on the map neighbours in the code? 1 at best; 15 neighbours, 2,000 items (Venna and Kaski 2001)."
)
KNN_DEFINITION = "Share of items whose class the 10 nearest points of the map name, by 5-fold cross-validation."


def atlas(choice: Choice, view: map_choice.View) -> None:
    """Send the tiles that the maps of a view show to the browser, once for all of them."""
    data = models.data(choice.dataset)
    rows = map_choice.subset(len(data), view.settings) if view.settings else np.arange(len(data))
    name = _atlas_name(choice, rows)
    show_atlas(_sheet(choice.dataset, name, rows), key=f"atlas-{name}")


def _atlas_name(choice: Choice, rows: NDArray[np.int64]) -> str:
    return f"{choice.dataset}-{len(rows)}-{zlib.crc32(rows.tobytes())}"


@caches.kept(max_entries=6, show_spinner=False, hash_funcs={np.ndarray: lambda rows: zlib.crc32(rows.tobytes())})
def _sheet(dataset: str, name: str, rows: NDArray[np.int64]) -> bytes:
    data = models.data(dataset)
    return picture_atlas.payload(name, data.tiles(data.items[rows]), smooth=data.modality.smooth)


def show(side: str, model: Shown, view: map_choice.View, height: int = 560, figures: bool = True) -> None:
    """One model's map, or what to do to get it.

    figures: tell each item's figures under the pointer. Without them no item need be encoded, and a map that came
    with its model shows at once.
    """
    model_map = map_choice.map_of(model.name, view)
    if problem := models.maps_problem(model.name):
        st.warning(f"The maps that came with {model.name} cannot be read: {problem}", icon=":material/warning:")
    if model_map is None:
        shell.model_heading(model)
        st.info("This map did not come with the model: the Map page computes it.", icon=":material/hourglass_empty:")
        return
    shade = _values(model, view, model_map.rows)
    if view.dims == 3:
        shell.model_heading(model)
        _map_3d(side, model, view, model_map, shade)
    else:
        _map_2d(side, model, view, model_map, shade, _figures(model, model_map.rows) if figures else {}, height)
    trust = (
        ("trustworthiness", model_map.trustworthiness, f"{model_map.trustworthiness:.3f}", TRUST_DEFINITION),
        ("kNN accuracy", model_map.knn_accuracy, f"{100 * model_map.knn_accuracy:.1f} %", KNN_DEFINITION),
    )
    html.numbers([(name, text, definition) for name, value, text, definition in trust if not np.isnan(value)])


def _facet(view: map_choice.View) -> Facet | None:
    """What the visitor colours the map by beside class, error and KL."""
    data = models.data(chosen().dataset)
    name = view.colour.removeprefix(map_choice.FACET)
    if name == view.colour or data.modality.facet is None:
        return None
    return data.modality.facet(data.items, data.scale, name)


def _classes(view: map_choice.View, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels and names of the classes of a map's points: a column's categories where it is coloured by them."""
    data, facet = models.data(chosen().dataset), _facet(view)
    if facet is None or not facet.names:
        return data.labels[rows], data.label_names
    return facet.values[rows].astype(np.int64), facet.names


def _values(model: Shown, view: map_choice.View, rows: NDArray[np.int64]) -> tuple[NDArray | None, str]:
    if view.colour == "error":
        data = models.data(chosen().dataset)
        return models.codes(model.name).error[rows], data.modality.error.title(data.scale)
    if (facet := _facet(view)) and not facet.names:
        return facet.values[rows], f"{facet.title}, {facet.unit}" if facet.unit else facet.title
    if view.colour == "kl" and (kl := models.codes(model.name).kl) is not None:
        return kl.sum(1)[rows], "KL in nats"
    return None, ""


def _figures(model: Shown, rows: NDArray[np.int64]) -> dict[str, NDArray]:
    codes = models.codes(model.name)
    figures = {"error": codes.error[rows]}
    if codes.kl is not None:
        figures["KL"] = codes.kl.sum(1)[rows]
    return figures


Shade = tuple[NDArray | None, str]  # numbers that colour the points, and what they measure


def _map_2d(
    side: str,
    model: Shown,
    view: map_choice.View,
    model_map: map_choice.Map,
    shade: Shade,
    figures: dict[str, NDArray],
    height: int,
) -> None:
    choice = chosen()
    labels, names = _classes(view, model_map.rows)
    here = np.flatnonzero(model_map.rows == selected_item())
    marked = np.flatnonzero(np.isin(model_map.rows, marked_items.marked())).tolist()
    own = own_item.shown()
    extras = (
        []
        if own is None
        else own_item.extras([("yours", own)], own_item.coordinates_of(own, model.name, model_map, view))
    )
    moved = latent_map(
        model_map.coordinates,
        labels=labels,
        label_names=names,
        values=shade[0],
        value_label=shade[1],
        atlas=_atlas_name(choice, model_map.rows),
        figures=figures,
        selected=int(here[0]) if len(here) else None,
        marked=marked,
        extras=extras,
        title=model.title,
        accent=model.colour,
        group=_atlas_name(choice, model_map.rows),
        height=height,
        key=f"map-{side}",
    )
    if moved.selected is not None and model_map.rows[moved.selected] != selected_item():
        select_item(int(model_map.rows[moved.selected]))
    if moved.marked != marked:
        marked_items.mark(model_map.rows[moved.marked])


def _map_3d(side: str, model: Shown, view: map_choice.View, model_map: map_choice.Map, shade: Shade) -> None:
    labels, names = _classes(view, model_map.rows)
    here = np.flatnonzero(model_map.rows == selected_item())
    own = own_item.shown()
    drawn = points.map_3d(
        model_map.coordinates,
        labels,
        names,
        *shade,
        int(here[0]) if len(here) else 0,
        None if own is None else own_item.coordinates_of(own, model.name, model_map, view),
    )
    st.plotly_chart(drawn, key=f"map3d-{side}", config=charts.TOOLS)


def show_path(
    side: str, model: Shown, view: map_choice.View, path: NDArray[np.float32], ends: tuple[Input, Input]
) -> None:
    """A path of codes (M, d) on a map of the codes of the test split."""
    choice, model_map = chosen(), map_choice.map_of(model.name, view)
    if model_map is None:
        shell.model_heading(model)
        st.info("This map did not come with the model.", icon=":material/hourglass_empty:")
        return
    data = models.data(choice.dataset)
    along = own_item.coordinates(model.name, model_map, view, path)
    named = [(f"{letter}: {end.name}", end) for letter, end in zip("AB", ends, strict=True)]
    latent_map(
        model_map.coordinates,
        labels=data.labels[model_map.rows],
        label_names=data.label_names,
        atlas=_atlas_name(choice, model_map.rows),
        extras=own_item.extras(named, along[[0, -1]]),
        path=along,
        title=model.title,
        accent=model.colour,
        group=f"path-{_atlas_name(choice, model_map.rows)}",
        height=460,
        key=f"path-map-{side}",
    )
