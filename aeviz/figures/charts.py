"""Charts of figures and of training, in plotly: models as points, terms as curves, codes as histograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.figures import palette
from aeviz.figures.bars import GRID, MODEBAR

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TEXT = 14  # px
WIDTH, HEIGHT = 460, 330  # px of the plane that labels are placed for
SPREAD = 40  # an axis whose values differ by more than this factor is logarithmic
PLACES = (
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
    """A model in a plane of two figures: its name, a short label, its group and how that is drawn, and where it is."""

    name: str
    label: str
    group: str
    mark: palette.Mark
    x: float
    y: float


def plane(points: Sequence[Point], x_title: str, y_title: str, selected: str = "") -> "Figure":
    """Models as labelled points, each group with its colour and sign. One is ringed."""
    import plotly.graph_objects as go

    logs = [logarithmic([getattr(point, axis) for point in points]) for axis in "xy"]
    places = label_places(points, logs)
    figure = go.Figure()
    for point in points:
        if point.name == selected:
            ring = {"size": 22, "symbol": "circle-open", "color": palette.INK, "line": {"width": 2.5}}
            figure.add_scatter(
                x=[point.x], y=[point.y], mode="markers", marker=ring, hoverinfo="skip", showlegend=False
            )
    for group in dict.fromkeys(point.group for point in points):
        own = [point for point in points if point.group == group]
        mark = own[0].mark
        figure.add_scatter(
            x=[point.x for point in own],
            y=[point.y for point in own],
            name=group,
            mode="markers+text",
            marker={"size": 12, "symbol": mark.symbol, "color": mark.colour},
            text=[_beside(point.label, places[point.name]) for point in own],
            textposition=[places[point.name] or "middle right" for point in own],
            textfont={"size": TEXT},
            customdata=[point.name for point in own],
            hovertemplate=f"<b>%{{customdata}}</b><br>{x_title} %{{x:.4~g}}<br>{y_title} %{{y:.4~g}}<extra></extra>",
            cliponaxis=False,
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    axes = {
        name: log_axis(title, [getattr(point, along) for point in points]) if log else axis(title)
        for name, along, title, log in zip(("xaxis", "yaxis"), "xy", (x_title, y_title), logs, strict=True)
    }
    return framed(figure, 470).update_layout(**axes, clickmode="event+select", dragmode=False)


def _beside(label: str, place: str) -> str:
    """A label with a little room to its point; nothing where there is no place for it."""
    spaces = "\N{NO-BREAK SPACE}" * 2
    return {"": "", "middle right": spaces + label, "middle left": label + spaces}.get(place, label)


def logarithmic(values: Sequence[float]) -> bool:
    """Whether an axis should be: all values positive, the largest many times the smallest."""
    return bool(values) and min(values) > 0 and max(values) > SPREAD * min(values)


def label_places(points: Sequence[Point], logs: Sequence[bool]) -> dict[str, str]:
    """Where each point's label goes so that none covers another or a point; "" where it finds no place."""
    if not points:
        return {}
    spots = np.array([[point.x, point.y] for point in points], np.float64)
    for along, log in enumerate(logs):
        spots[:, along] = np.log(spots[:, along]) if log else spots[:, along]
    low, reach = spots.min(0), np.ptp(spots, axis=0)
    pixels = (spots - low) / np.where(reach > 0, reach, 1) * (WIDTH, HEIGHT)
    taken = [(x, y, 7.0, 7.0) for x, y in pixels]
    found = {}
    for point, (x, y) in zip(points, pixels, strict=True):
        half_width, half_height = 3.9 * len(point.label), 9.0
        found[point.name] = ""
        for name, across, up in PLACES:
            box = (
                x + 2 * across * (half_width + 9),
                y + up * (half_height + 8) * (0.7 if across else 1),
                half_width,
                half_height,
            )
            inside = box[0] - half_width > -40 and box[0] + half_width < WIDTH + 50
            if inside and not any(_overlap(box, other) for other in taken if other[:2] != (x, y)):
                found[point.name] = name
                taken.append(box)
                break
    return found


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes (centre x, centre y, half width, half height) share a place."""
    return abs(a[0] - b[0]) < a[2] + b[2] and abs(a[1] - b[1]) < a[3] + b[3]


def lines(
    series: Sequence[tuple[str, palette.Mark, Sequence[float], Sequence[float], Sequence[str]]],
    x_title: str,
    y_title: str,
    *,
    ticks: Sequence[float] | None = None,
    height: int = 330,
) -> "Figure":
    """Curves through few measured points: (name, mark, x, y, text at each point).

    ticks: of a logarithmic x axis.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, mark, x, y, text in series:
        figure.add_scatter(
            x=list(x), y=list(y), name=name, mode="lines+markers+text", text=list(text), textposition="top right",
            textfont={"size": TEXT}, line={"color": mark.colour, "width": 3}, cliponaxis=False,
            marker={"size": 11, "symbol": mark.symbol},
            hovertemplate=f"{name}<br>{x_title} %{{x}}<br>%{{y:.4~g}}<extra></extra>",
        )  # fmt: skip
    x_axis = axis(x_title) if ticks is None else {**log_axis(x_title, ticks), **_ticks(ticks)}
    return framed(figure, height).update_layout(xaxis=x_axis, yaxis={**axis(y_title), "rangemode": "tozero"})


def training(history: Sequence[Mapping[str, float]], colour: str) -> "Figure":
    """Curves of a training's terms by epoch: dashed on the training split, solid on the test split."""
    import plotly.graph_objects as go

    figure = go.Figure()
    names = [name for name in history[0] if name != "epoch" and not name.startswith("test_")]
    colours = (colour, *(other for other in ("#E69F00", "#56B4E9", "#CC79A7", "#009E73") if other != colour))
    epochs = [row["epoch"] for row in history]
    for name, own in zip(names, colours, strict=False):
        for prefix, split, dash in (("test_", "test", "solid"), ("", "training", "dot")):
            values = [row.get(prefix + name) for row in history]
            if any(value is not None for value in values):
                figure.add_scatter(
                    x=epochs, y=values, name=f"{name}, {split}", mode="lines", legendgroup=name,
                    line={"color": own, "width": 2.5, "dash": dash}, hovertemplate="%{y:.4~g}",
                )  # fmt: skip
    # The first epochs are far above the rest: the scale is that of the others, where the curves tell something.
    late = [row[key] for row in history[min(1, len(history) - 1) :] for key in row if key != "epoch"]
    top, low = max(late), min(0.0, min(late))
    return framed(figure, 360).update_layout(
        xaxis=axis("epoch"),
        yaxis={**axis("loss (summed over pixels)"), "range": [low, 1.05 * top]},
        hovermode="x unified",
    )


def histograms(codes: NDArray[np.float32], names: Sequence[str], colour: str) -> "Figure":
    """Each coordinate of codes (n, d) as a histogram under the bell N(0, 1), on one common scale."""
    from plotly.subplots import make_subplots

    columns = min(4, codes.shape[1])
    rows = -(-codes.shape[1] // columns)
    reach = max(4.0, float(np.quantile(np.abs(codes), 0.995)))
    edges = np.linspace(-reach, reach, 61)
    middle = (edges[1:] + edges[:-1]) / 2
    figure = make_subplots(
        rows, columns, subplot_titles=list(names), shared_xaxes=True, shared_yaxes=True,
        horizontal_spacing=0.03, vertical_spacing=min(0.12, 0.3 / rows),
    )  # fmt: skip
    bell = np.linspace(-reach, reach, 121)
    for number, values in enumerate(codes.T):
        place = {"row": number // columns + 1, "col": number % columns + 1}
        density = np.histogram(values, edges)[0] / (len(values) * (edges[1] - edges[0]))
        figure.add_bar(x=middle, y=density, marker_color=colour, hoverinfo="skip", **place)
        figure.add_scatter(
            x=bell, y=np.exp(-(bell**2) / 2) / np.sqrt(2 * np.pi), mode="lines", hoverinfo="skip",
            line={"color": palette.INK, "width": 2}, name="N(0, 1)", **place,
        )  # fmt: skip
    framed(figure, 60 + 105 * rows).update_layout(bargap=0, showlegend=False, margin={"l": 8, "r": 8, "t": 30, "b": 30})
    figure.update_xaxes(gridcolor=GRID, tickfont={"size": TEXT}, zeroline=False, nticks=5)
    highest = max(float(np.max(trace.y)) for trace in figure.data)
    figure.update_yaxes(visible=False, range=[0, min(1.05 * highest, 1.0)])
    figure.update_annotations(font={"size": TEXT})
    return figure


def axis(title: str) -> dict[str, Any]:
    """An axis as all charts have it."""
    return {
        "title": {"text": title, "font": {"size": 15}},
        "gridcolor": GRID,
        "tickfont": {"size": TEXT},
        "zeroline": False,
    }


def log_axis(title: str, values: Sequence[float]) -> dict[str, Any]:
    """A logarithmic axis for positive values, with its ticks at 1, 2 and 5 or, where these are many, at 1."""
    low, high = int(np.floor(np.log10(min(values)))), int(np.ceil(np.log10(max(values))))
    steps = (1, 2, 5) if high - low <= 2 else (1,)
    ticks = [step * 10.0**power for power in range(low, high + 1) for step in steps]
    return {**axis(f"{title}, log scale"), "type": "log", **_ticks(ticks)}


def _ticks(values: Sequence[float]) -> dict[str, Any]:
    return {"tickvals": list(values), "ticktext": [f"{value:,g}" for value in values]}


def framed(figure: "Figure", height: int) -> "Figure":
    """A chart on the page's own ground, with its legend above."""
    return figure.update_layout(
        height=height,
        margin={"l": 66, "r": 20, "t": 46, "b": 54},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": TEXT},
        modebar=MODEBAR,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": TEXT}},
    )
