"""A model's map on a page: points in 2-D or 3-D, and how far they can be trusted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models, shell, url
from aeviz.app.choice import Choice, Shown, chosen, select_item, selected_item
from aeviz.app.panels import atlas, chart, common_scale, map_choice, marked_items, own_item, presentation
from aeviz.app.panels.item_input import Input
from aeviz.datasets.record import Dataset
from aeviz.figures import points
from aeviz.modalities.base import Facet
from aeviz.parts.camera import Classes
from aeviz.parts.camera import view as view_of_camera
from aeviz.parts.camera.streamlit import camera
from aeviz.parts.latent_map import Walk
from aeviz.parts.latent_map.streamlit import latent_map

TRUST_DEFINITION = (
    "Are neighbours on the map neighbours in the code? 1 at best; 15 neighbours, at most 2,000 items (Venna and Kaski "
    "2001)."
)
VIEWS = {side: url.Seen(f"view_{side}", f"zoom and pan of the {side} map", among="how many times larger, and the "
                        "middle") for side in ("left", "right")}  # fmt: skip
HIDDEN = url.Seen("hidden", "classes that the maps do not show", among="their numbers")
TURNS = {side: url.Seen(f"turn_{side}", f"from where the {side} map of three dimensions is seen",
                        among="eye, centre and what is up") for side in ("left", "right")}  # fmt: skip
HIDES = {side: url.Seen(f"hidden_{side}", f"classes that the {side} map of three dimensions does not show",
                        among="their numbers") for side in ("left", "right")}  # fmt: skip
HEIGHT, PRESENTED, PRESENTED_3D = 560, 500, 420  # px of a map; in front of a class more stands above it
IN_3D = (*TURNS.values(), *HIDES.values())
PARAMETERS = (*VIEWS.values(), HIDDEN)
KNN_DEFINITION = "Share of items whose class the 10 nearest points of the map name, by 5-fold cross-validation."

LEGEND = html.by_hand(
    "In the legend, a click hides a class or shows it again, and a double click shows it alone.",
    "In the legend, a tap hides a class or shows it again, and a double tap shows it alone.",
)


def spread_sentence(choice: Choice, view: map_choice.View) -> str:
    """How far the codes of the pair spread, which maps that fill their frames do not show; "" where distances lie."""
    if view.settings is None or not view.settings.linear:
        return ""
    left, right = (float(models.directions(model.name)[2][0]) for model in choice.pair)
    return f"Each map fills its frame. {common_scale.compared(choice.pair, (left, right))}"


def show(
    side: str,
    model: Shown,
    view: map_choice.View,
    height: int | None = None,
    figures: bool = True,
) -> None:
    """One model's map, or what to do to get it.

    height: in px, of a map of two dimensions; as the page needs it when left out.
    figures: tell each item's figures under the pointer. Without them no item need be encoded, and a map that came
    with its model shows at once.
    """
    model_map = map_choice.map_of(model.name, view)
    if problem := models.maps_problem(model.name):
        st.warning(f"The maps that came with {model.name} cannot be read: {problem}", icon=":material/warning:")
    if model_map is None:
        _say_why_none(model, "This map did not come with the model: the Map page computes it.")
        return
    shade = _shade(model, view, model_map.rows)
    if view.dims == 3:
        with st.container(key=f"card-map3d-{side}"):
            shell.model_heading(model)
            _map_3d(side, model, view, model_map, shade)
    else:
        of_items = _figures(model, view, model_map.rows) if figures else {}
        _map_2d(side, model, view, model_map, shade, of_items, height or (PRESENTED if presentation.on() else HEIGHT))
    trust = (
        ("trustworthiness", model_map.trustworthiness, f"{model_map.trustworthiness:.3f}", TRUST_DEFINITION),
        ("kNN accuracy", model_map.knn_accuracy, f"{100 * model_map.knn_accuracy:.1f} %", KNN_DEFINITION),
    )
    html.numbers([(name, text, definition) for name, value, text, definition in trust if not np.isnan(value)])


def _say_why_none(model: Shown, usual: str) -> None:
    shell.model_heading(model)
    if reason := map_choice.problem(model.name):
        st.info(reason, icon=":material/location_off:")
    else:
        st.info(usual, icon=":material/hourglass_empty:")


def places(choice: Choice, view: map_choice.View) -> dict[str, marked_items.Places]:
    """Where the items lie on the pair's maps, by model; without those that have to be computed first."""
    maps = {model.name: map_choice.map_of(model.name, view) for model in choice.pair}
    return {name: (shown.rows, shown.coordinates) for name, shown in maps.items() if shown is not None}


def facet_of(data: Dataset, colour: str) -> Facet | None:
    """What colours a map beside classes, error and KL: a column, or labels that are on a scale."""
    if colour == map_choice.LABEL:
        return data.continuous
    name = colour.removeprefix(map_choice.FACET)
    return None if name == colour else data.facet(name)


def classes_of(data: Dataset, colour: str, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """Labels and names of the classes of a map's points: a column's categories where it is coloured by them.

    None where the labels are numbers on a scale.
    """
    facet = facet_of(data, colour)
    if facet is None or not facet.names:
        return (data.labels[rows], data.label_names) if data.continuous is None else (None, ())
    return facet.values[rows].astype(np.int64), facet.names


def facet_label(facet: Facet) -> str:
    """What a column's numbers measure, with their unit."""
    return f"{facet.title}, {facet.unit}" if facet.unit else facet.title


def _facet(view: map_choice.View) -> Facet | None:
    return facet_of(models.data(chosen().dataset), view.colour)


def _classes(view: map_choice.View, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    return classes_of(models.data(chosen().dataset), view.colour, rows)


@dataclass(frozen=True)
class Shade:
    """Numbers (N,) that colour the points, or None; what they measure; and those at both ends of the colours."""

    values: NDArray | None = None
    label: str = ""
    span: tuple[float, float] | None = None


def _shade(model: Shown, view: map_choice.View, rows: NDArray[np.int64]) -> Shade:
    """What colours a model's points: the same colour means the same number on both maps of the pair."""
    if (facet := _facet(view)) and not facet.names:
        return Shade(facet.values[rows], facet_label(facet), span([facet.values[rows]]))
    if view.colour not in {"error", "kl"}:
        return Shade()
    of_pair = [_numbers(shown.name, view.colour, rows) for shown in chosen().pair]
    common = span([numbers for numbers in of_pair if numbers is not None])
    numbers = _numbers(model.name, view.colour, rows)
    if numbers is None:
        return Shade(np.full(len(rows), np.nan, np.float32), "no KL: each code is a point", common)
    data = models.data(chosen().dataset)
    return Shade(numbers, data.modality.error.title(data.scale) if view.colour == "error" else "KL in nats", common)


def _numbers(name: str, colour: str, rows: NDArray[np.int64]) -> NDArray | None:
    """Error or KL of a model's items; None for the KL of a model whose codes have no spread."""
    codes = models.codes(name)
    if colour == "error":
        return codes.error[rows]
    return None if codes.kl is None else codes.kl.sum(1)[rows]


def span(numbers: Sequence[NDArray], share: float = 0.01) -> tuple[float, float] | None:
    """The values between which most of all these lie: a few outliers must not flatten the colours. None for none."""
    together = np.concatenate(numbers) if numbers else np.empty(0)
    together = together[np.isfinite(together)]
    if not together.size:
        return None
    low, high = np.quantile(together, [share, 1 - share])
    return float(low), float(high if high > low else low + 1)


def _figures(model: Shown, view: map_choice.View, rows: NDArray[np.int64]) -> dict[str, NDArray]:
    """What the card under the pointer tells of each item: numbers on a scale that it has, and the model's figures."""
    codes = models.codes(model.name)
    scales = [models.data(chosen().dataset).continuous, _facet(view)]
    figures = {scale.title: scale.values[rows] for scale in scales if scale and not scale.names}
    figures["error"] = codes.error[rows]
    if codes.kl is not None:
        figures["KL"] = codes.kl.sum(1)[rows]
    return figures


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
        else own_item.extras([("your own", own)], own_item.coordinates_of(own, model.name, model_map, view))
    )
    moved = latent_map(
        model_map.coordinates,
        labels=labels,
        label_names=names,
        values=shade.values,
        value_label=shade.label,
        value_span=shade.span,
        atlas=atlas.name_of(choice, model_map.rows),
        figures=figures,
        selected=int(here[0]) if len(here) else None,
        marked=marked,
        extras=extras,
        title=model.title,
        accent=model.colour,
        group=atlas.name_of(choice, model_map.rows),
        height=height,
        link=(VIEWS[side.removeprefix("home-")].name, HIDDEN.name),
        below=None if side.startswith("home-") else marked_items.CARD,
        key=f"map-{side}",
    )
    if moved.selected is not None and model_map.rows[moved.selected] != selected_item():
        select_item(int(model_map.rows[moved.selected]))
    if moved.marked != marked:
        marked_items.mark(model_map.rows[moved.marked])


def _map_3d(side: str, model: Shown, view: map_choice.View, model_map: map_choice.Map, shade: Shade) -> None:
    labels, names = _classes(view, model_map.rows)
    here = np.flatnonzero(model_map.rows == selected_item())
    own, classes = own_item.shown(), Classes(HIDES[side].name, () if shade.values is not None else names)
    drawn = points.map_3d(
        model_map.coordinates,
        labels,
        names,
        shade.values,
        shade.label,
        shade.span,
        int(here[0]) if len(here) else None,
        None if own is None else own_item.coordinates_of(own, model.name, model_map, view),
        view_of_camera(st.query_params.get(TURNS[side].name, "")),
        url.openings(),
        classes.hidden(st.query_params.get(HIDES[side].name, "")),
        model_map.rows,
    )
    drawn.update_layout(meta=classes.stamp)
    if presentation.on():
        drawn.update_layout(height=PRESENTED_3D)
    chart.show(drawn, key=f"map3d-{side}")
    camera(f"map3d-{side}", TURNS[side].name, classes)
    if side == "left" and classes.names:
        shell.caption(LEGEND)


def show_path(
    side: str,
    model: Shown,
    view: map_choice.View,
    path: NDArray[np.float32],
    ends: tuple[Input, Input],
    walk: Walk,
    on_end: Callable[[str, int], None],
) -> None:
    """A path of codes (M, d) on a map of the codes of the test split, with a mark that a scrubber moves along it.

    on_end: is told "A" or "B", and the row of the item that this end was dragged to.
    """
    choice, model_map = chosen(), map_choice.map_of(model.name, view)
    if model_map is None:
        _say_why_none(model, "This map did not come with the model.")
        return
    shade = _shade(model, view, model_map.rows)
    labels, names = _classes(view, model_map.rows)
    along = own_item.coordinates(model.name, model_map, view, path)
    extras = own_item.extras([*zip("AB", ends, strict=True)], along[[0, -1]])
    latent_map(
        model_map.coordinates,
        labels=labels,
        label_names=names,
        values=shade.values,
        value_label=shade.label,
        value_span=shade.span,
        atlas=atlas.name_of(choice, model_map.rows),
        extras=[{**extra, "handle": extra["label"]} for extra in extras],
        path=along,
        walk=walk,
        on_placed=lambda letter, item: on_end(letter, int(model_map.rows[item])),
        title=model.title,
        accent=model.colour,
        group=f"path-{atlas.name_of(choice, model_map.rows)}",
        height=460,
        link=(VIEWS[side].name, HIDDEN.name),
        key=f"path-map-{side}",
    )
