"""Drawings in SVG and plotly, in the page's own colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.figures import palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

GRID = "rgba(128, 128, 128, 0.25)"
# Of plotly's own tools only the one that saves the drawing.
TOOLS = {
    "displayModeBar": True,
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "svg", "filename": "aeviz"},
}
MODEBAR = {"bgcolor": "rgba(0,0,0,0)", "color": palette.INK}


@dataclass(frozen=True)
class Code:
    """One item's code by one model: mean (d,), and spread (d,) or None."""

    label: str
    colour: str
    mean: NDArray
    spread: NDArray | None


def code_bars(codes: Sequence[Code]) -> str:
    """Codes as bars in HTML, a panel for each; a thin line spans ±1 spread where there is one.

    Each panel has its own scale, written beside it: the units of one network are not those of another.
    """
    return "".join(_panel(code) for code in codes)


def _panel(code: Code) -> str:
    reach = max(1e-6, float((abs(code.mean) + (0 if code.spread is None else code.spread)).max()))
    spreads = [None] * len(code.mean) if code.spread is None else [float(spread) for spread in code.spread]
    bars = "".join(
        _bar(i, float(value), spread, reach) for i, (value, spread) in enumerate(zip(code.mean, spreads, strict=True))
    )
    return (
        f'<div class="aeviz-bars-head"><span>{escape(code.label)}</span><span>±{reach:.1f}</span></div>'
        f'<div class="aeviz-bars" style="--accent: {code.colour}" role="img" '
        f'aria-label="{escape(code.label)}: the code as bars">'
        f"{bars}</div>"
    )


def _bar(number: int, value: float, spread: float | None, reach: float) -> str:
    """A bar from the zero line in the middle; heights in per cent of the panel."""
    top, height = 50 - 50 * max(value, 0) / reach, 50 * abs(value) / reach
    tip = f"z{number} = {value:.2f}" + ("" if spread is None else f" ± {spread:.2f}")
    whisker = ""
    if spread is not None:
        whisker = f'<s style="top: {50 - 50 * (value + spread) / reach:.1f}%; height: {100 * spread / reach:.1f}%"></s>'
    return f'<i title="{tip}"><b style="top: {top:.1f}%; height: {height:.1f}%"></b>{whisker}</i>'


def code_svg(code: Code, width: int = 480, height: int = 200) -> str:
    """A code as a drawing in SVG: a bar for each number about a zero line, the ends of the scale beside it."""
    reach = max(1e-6, float(abs(code.mean).max()))
    middle, half, step = height / 2 + 10, height / 2 - 24, (width - 60) / len(code.mean)
    bars = "".join(
        f'<rect x="{50 + step * (number + 0.15):.1f}" y="{middle - half * max(value, 0) / reach:.1f}" '
        f'width="{0.7 * step:.1f}" height="{half * abs(value) / reach:.1f}" fill="{code.colour}">'
        f"<title>z{number} = {value:.3f}</title></rect>"
        for number, value in enumerate(code.mean.tolist())
    )
    marks = "".join(
        f'<text x="44" y="{middle - half * sign + 4:.1f}" text-anchor="end">{sign * reach:.1f}</text>'
        for sign in (1, -1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="13"><text x="50" y="14" font-weight="bold">{escape(code.label)}</text>{marks}'
        f'<path d="M50 {middle:.1f}H{width - 10}" stroke="{palette.INK}"/>{bars}</svg>'
    )


def map_3d(
    coordinates: NDArray,
    labels: NDArray,
    names: Sequence[str],
    values: NDArray | None,
    value_label: str,
    selected: int,
    own: NDArray | None = None,
) -> "Figure":
    """A 3-D map (N, 3), coloured by class or by values (N,), with one item ringed and a visitor's own (1, 3) named."""
    import plotly.graph_objects as go

    figure = go.Figure()
    if values is None:
        for label, name in enumerate(names):
            rows = np.flatnonzero(labels == label)
            marker = {"size": 2.2, "color": palette.class_colour(label)}
            figure.add_scatter3d(
                **_points(coordinates, rows),
                name=name,
                marker=marker,
                hovertemplate=f"{name}, item %{{customdata}}<extra></extra>",
            )
    else:
        marker = {
            "size": 2.2,
            "color": values,
            "colorscale": "Cividis",
            "showscale": True,
            "colorbar": {"title": value_label, "thickness": 12},
        }
        figure.add_scatter3d(
            **_points(coordinates, np.arange(len(coordinates))), marker=marker, showlegend=False,
            hovertemplate="item %{customdata}<extra></extra>",
        )  # fmt: skip
    ring = {"size": 9, "color": "rgba(0,0,0,0)", "line": {"color": palette.INK, "width": 4}}
    figure.add_scatter3d(**_points(coordinates, np.array([selected])), marker=ring, showlegend=False, hoverinfo="skip")
    if own is not None:
        marker = {"size": 7, "symbol": "diamond", "color": palette.INK}
        yours = {**_points(own, np.array([0])), "mode": "markers+text", "text": ["yours"], "textfont": {"size": 16}}
        figure.add_scatter3d(**yours, marker=marker, showlegend=False, hoverinfo="skip")
    blank = {"visible": False}
    return figure.update_layout(
        height=520,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        modebar=MODEBAR,
        scene={"xaxis": blank, "yaxis": blank, "zaxis": blank, "aspectmode": "data"},
        legend={"itemsizing": "constant", "font": {"size": 13}, "orientation": "h"},
        uirevision="map",
    )


def _points(coordinates: NDArray, rows: NDArray) -> dict[str, Any]:
    x, y, z = coordinates[rows].T
    return {"x": x, "y": y, "z": z, "customdata": rows, "mode": "markers"}


def curves(
    levels: NDArray, lines: Sequence[tuple[str, str, NDArray]], current: float, x_title: str, y_title: str
) -> "Figure":
    """Lines (name, colour, values) over levels, with the current level marked."""
    import plotly.graph_objects as go

    figure = go.Figure()
    dashes = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
    for (name, colour, values), dash in zip(lines, dashes, strict=False):
        figure.add_scatter(
            x=levels, y=values, name=name, mode="lines", line={"color": colour, "width": 3, "dash": dash},
            hovertemplate="%{y:.1f} dB",
        )  # fmt: skip
    figure.add_vline(x=current, line={"color": palette.INK, "width": 2}, annotation_text="now", annotation_font_size=14)
    return figure.update_layout(
        height=340,
        margin={"l": 60, "r": 10, "t": 24, "b": 50},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        modebar=MODEBAR,
        font={"size": 14},
        xaxis={"title": x_title, "gridcolor": GRID, "tickfont": {"size": 14}, "zeroline": False},
        yaxis={"title": y_title, "gridcolor": GRID, "tickfont": {"size": 14}, "zeroline": False},
        hovermode="x unified",
        legend={"font": {"size": 14}},
    )
