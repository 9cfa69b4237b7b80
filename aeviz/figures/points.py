"""Charts of points, in plotly: models in a plane of two figures, items on a map of three dimensions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.figures import charts, palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PLANE_PX = 350  # of the plane, axes included: whole on a projector of 1024 × 768, with its legend below
ROOMS = ((470, 280), (290, 270), (220, 270))  # px between the axes that labels are placed for: on a large screen, a
# projector, a phone; of the traces of labels, the last ones in this order, a style sheet shows the one that fits
BELOW = {"y": 0, "yanchor": "top"}
NEAR = 1.0  # of the camera from the middle of a map in three dimensions, along each axis: the map fills its frame
USUAL = {"eye": dict.fromkeys("xyz", NEAR), "center": {"x": 0, "y": 0, "z": 0}, "up": {"x": 0, "y": 0, "z": 1}}
UNKNOWN = "#9AA4AD"  # of a point without a value
LOG_RATIO = 40  # an axis whose values differ by more than this factor is logarithmic
POSITIONS = (
    ("middle right", 0.5, 0),
    ("middle left", -0.5, 0),
    ("top center", 0, 1),
    ("bottom center", 0, -1),
    ("top right", 0.5, 1),
    ("top left", -0.5, 1),
    ("bottom right", 0.5, -1),
    ("bottom left", -0.5, -1),
)  # (plotly's name, the label's centre in widths, in heights)


@dataclass(frozen=True)
class Point:
    """A model in a plane of two figures: its name, a short label, its family's title, its mark, and where it is."""

    name: str
    label: str
    family: str
    mark: palette.Mark
    x: float
    y: float


def plane(
    points: Sequence[Point], x_title: str, y_title: str, selected: str = "", *, text: int = charts.TEXT
) -> "Figure":
    """Models as labelled points, each family with its colour and sign; the one of the name `selected` is ringed.

    text: the size of the labels in px.

    It has no legend: a page tells the marks beside it, where they wrap as its words do.
    """
    from aeviz.figures.plotting import go

    logs = [logarithmic([getattr(point, axis) for point in points]) for axis in "xy"]
    figure = go.Figure()
    for point in points:
        if point.name == selected:
            ring = {"size": 22, "symbol": "circle-open", "color": palette.INK, "line": {"width": 2.5}}
            figure.add_scatter(
                x=[point.x], y=[point.y], mode="markers", marker=ring, hoverinfo="skip", showlegend=False
            )
    for family in dict.fromkeys(point.family for point in points):
        own = [point for point in points if point.family == family]
        figure.add_scatter(
            x=[point.x for point in own],
            y=[point.y for point in own],
            name=family,
            mode="markers",
            marker={
                "size": 12,
                "symbol": own[0].mark.symbol,
                "color": [point.mark.colour for point in own],
                "line": {"width": 1, "color": palette.INK},  # which shows on a dark ground too
            },
            customdata=[[point.name, point.label] for point in own],
            hovertemplate=f"<b>%{{customdata[1]}}</b><br>{x_title} %{{x:.4~g}}<br>{y_title} %{{y:.4~g}}<extra></extra>",
            cliponaxis=False,
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    for width, height in ROOMS:
        positions = label_positions(points, logs, (width * charts.TEXT / text, height * charts.TEXT / text))
        named = [point for point in points if positions[point.name]]
        figure.add_scatter(
            x=[point.x for point in named],
            y=[point.y for point in named],
            mode="markers+text",  # unseen markers keep the labels off those that are seen
            marker={"size": 12, "color": "rgba(0, 0, 0, 0)"},
            text=[_beside(point.label, positions[point.name]) for point in named],
            textposition=[positions[point.name] for point in named],
            textfont={"size": text},
            hoverinfo="skip",
            cliponaxis=False,
        )
    axes = {
        name: charts.log_axis(title, [getattr(point, along) for point in points]) if log else charts.axis(title)
        for name, along, title, log in zip(("xaxis", "yaxis"), "xy", (x_title, y_title), logs, strict=True)
    }
    return charts.framed(figure, PLANE_PX).update_layout(
        **axes, clickmode="event+select", dragmode=False, showlegend=False, margin_t=24
    )


def _beside(label: str, position: str) -> str:
    """A label with a little room to its point."""
    spaces = "\N{NO-BREAK SPACE}" * 2
    return {"middle right": spaces + label, "middle left": label + spaces}.get(position, label)


def logarithmic(values: Sequence[float]) -> bool:
    """Whether an axis should be: all values positive, the largest many times the smallest."""
    return bool(values) and min(values) > 0 and max(values) > LOG_RATIO * min(values)


def label_positions(
    points: Sequence[Point], logs: Sequence[bool], room: tuple[float, float] = ROOMS[0]
) -> dict[str, str]:
    """Where each point's label goes so that none covers another or a point; "" where it finds no place.

    room: pixels of the plane between its axes, (width, height).
    """
    if not points:
        return {}
    spots = np.array([[point.x, point.y] for point in points], np.float64)
    for along, log in enumerate(logs):
        spots[:, along] = np.log(spots[:, along]) if log else spots[:, along]
    low, reach = spots.min(0), np.ptp(spots, axis=0)
    pixels = (spots - low) / np.where(reach > 0, reach, 1) * room
    taken = [(x, y, 7.0, 7.0) for x, y in pixels]
    positions = {}
    for point, (x, y) in zip(points, pixels, strict=True):
        half_width, half_height = 3.9 * len(point.label), 9.0
        positions[point.name] = ""
        for name, across, up in POSITIONS:
            box = (
                x + 2 * across * (half_width + 9),
                y + up * (half_height + 8) * (0.7 if across else 1),
                half_width,
                half_height,
            )
            inside = box[0] - half_width > -20 and box[0] + half_width < room[0] + 16
            if inside and not any(_overlap(box, other) for other in taken if other[:2] != (x, y)):
                positions[point.name] = name
                taken.append(box)
                break
    return positions


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes (centre x, centre y, half width, half height) share a place."""
    return abs(a[0] - b[0]) < a[2] + b[2] and abs(a[1] - b[1]) < a[3] + b[3]


def map_3d(
    coordinates: NDArray,
    labels: NDArray | None,
    names: Sequence[str],
    values: NDArray | None,
    value_label: str,
    value_span: tuple[float, float] | None,
    selected: int | None,
    own: NDArray | None = None,
    camera: Mapping[str, Any] | None = None,
    revision: int = 0,
    hidden: Collection[int] = (),
    rows: NDArray | None = None,
) -> "Figure":
    """A 3-D map (N, 3), coloured by class or by values (N,), with arrows to one item and to a visitor's own (1, 3).

    Each class has its name at its middle. A point without a value (NaN) is grey. value_span: the values at both ends of
    the colours; those of the map where it is None. selected: the item's place among the N. camera: from where it is
    seen at first, and again at each new revision; the usual place where it is None. hidden: the classes that are not
    shown until their name in the legend is clicked. rows: the items' numbers (N,); 0 to N − 1 where it is None.

    An annotation of the scene has the `name` "mark", or that of a class is its number: `camera.js` shows those that no
    other covers.
    """
    from aeviz.figures.plotting import go

    figure = go.Figure()
    numbers = np.arange(len(coordinates)) if rows is None else rows
    if values is None:
        for label, name in enumerate(names):
            own_class = np.flatnonzero(labels == label)
            marker = {"size": 2.2, "color": palette.class_colour(label)}
            figure.add_scatter3d(
                **_points(coordinates[own_class], numbers[own_class]),
                name=name,
                marker=marker,
                visible="legendonly" if label in hidden else True,
                hovertemplate=f"{name}, item %{{customdata}}<extra></extra>",
            )
    else:
        known = np.isfinite(values)
        if not known.all():
            grey = {"size": 2.2, "color": UNKNOWN}
            figure.add_scatter3d(
                **_points(coordinates[~known], numbers[~known]), marker=grey, name=value_label,
                showlegend=not known.any(), hovertemplate="item %{customdata}<extra></extra>",
            )  # fmt: skip
        marker = {
            "size": 2.2,
            "color": values[known],
            "colorscale": "Viridis",
            "cmin": value_span and value_span[0],
            "cmax": value_span and value_span[1],
            "showscale": True,
            "colorbar": {"title": {"text": value_label, "side": "top"}, "thickness": 12, "orientation": "h", **BELOW},
        }
        if known.any():
            figure.add_scatter3d(
                **_points(coordinates[known], numbers[known]), marker=marker, showlegend=False,
                hovertemplate=f"item %{{customdata}}, {value_label} %{{marker.color:.4g}}<extra></extra>",
            )  # fmt: skip
    marks = []
    if selected is not None:
        marks.append(_mark(coordinates[selected], f"item {numbers[selected]:,}"))
    if own is not None:
        marker = {"size": 7, "symbol": "diamond", "color": palette.INK}
        figure.add_scatter3d(**_points(own, None), marker=marker, showlegend=False, hoverinfo="skip")
        marks.append(_mark(own[0], "your own"))
    blank = {"visible": False}
    return figure.update_layout(
        height=510,
        margin={"l": 0, "r": 0, "t": 0, "b": 80},
        paper_bgcolor="rgba(0,0,0,0)",
        modebar=charts.MODEBAR,
        scene={
            **{"xaxis": blank, "yaxis": blank, "zaxis": blank, "aspectmode": "data"},
            "camera": camera or USUAL,
            "annotations": [*marks, *([] if labels is None else _names(coordinates, labels, names))],
        },
        legend={"itemsizing": "constant", "font": {"size": 13}, "orientation": "h"},
        uirevision=f"map-{revision}",
    )


def _names(coordinates: NDArray, labels: NDArray, names: Sequence[str]) -> list[dict[str, Any]]:
    """The names of classes, each at the median of its points."""
    return [
        {**_text(np.median(coordinates[labels == label], axis=0), name, str(label)), "showarrow": False}
        for label, name in enumerate(names)
        if (labels == label).any()
    ]


def _mark(place: NDArray, text: str) -> dict[str, Any]:
    """A text beside a place (3,), with an arrow to it: no point covers it."""
    return {**_text(place, text, "mark"), "ax": 0, "ay": -52, "arrowhead": 2, "arrowwidth": 2, "standoff": 3}


def _text(place: NDArray, text: str, name: str) -> dict[str, Any]:
    """A text at a place (3,), on a light ground that no point covers; in the app a style sheet has its colours."""
    at = dict(zip("xyz", place.astype(float).tolist(), strict=True))
    look = {"bgcolor": "rgba(255, 255, 255, 0.8)", "font": {"size": 15, "color": "#1A1D21"}, "borderpad": 1}
    return {**at, **look, "text": f"<b>{text}</b>", "name": name}


def _points(places: NDArray, numbers: NDArray | None) -> dict[str, Any]:
    x, y, z = places.T
    return {"x": x, "y": y, "z": z, "customdata": numbers, "mode": "markers"}
