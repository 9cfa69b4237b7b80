"""Drawings in SVG and plotly, in the page's own colours."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.views import palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

GRID = "rgba(128, 128, 128, 0.25)"


def code_bars(codes: Sequence[tuple[str, str, NDArray, NDArray | None]], width: int = 320, height: int = 110) -> str:
    """Codes as bars beside each other, one bar a coordinate; a thin line spans ±1 spread where there is one.

    codes: (label, colour, mean (d,), std (d,) or None), drawn as one panel each, at one scale.
    """
    reach = max(1e-6, *(float(np.abs(mean).max() + (0 if std is None else std.max())) for _, _, mean, std in codes))
    panels = []
    for number, (label, colour, mean, std) in enumerate(codes):
        panels.append(_panel(number * (height + 22), label, colour, mean, std, reach, width, height))
    total = len(codes) * (height + 22)
    return (
        f'<svg viewBox="0 0 {width} {total}" width="100%" role="img" aria-label="The codes as bars" '
        f'style="font-size: 12.5px; color: inherit">{"".join(panels)}</svg>'
    )


def _panel(
    top: int, label: str, colour: str, mean: NDArray, std: NDArray | None, reach: float, width: int, height: int
) -> str:
    zero, unit, slot = top + 18 + height / 2, (height / 2 - 2) / reach, width / len(mean)
    parts = [
        f'<text x="0" y="{top + 11}" fill="currentColor" opacity=".75">{escape(label)} · ±{reach:.1f}</text>',
        f'<line x1="0" x2="{width}" y1="{zero}" y2="{zero}" stroke="currentColor" opacity=".3"/>',
    ]
    for i, value in enumerate(mean):
        bar, x = float(value) * unit, i * slot + slot * 0.15
        tip = f"z{i} = {value:.2f}" + ("" if std is None else f" ± {std[i]:.2f}")
        parts.append(
            f'<rect x="{x:.1f}" y="{min(zero, zero - bar):.1f}" width="{min(slot * 0.7, 26):.1f}" '
            f'height="{abs(bar):.1f}" fill="{colour}"><title>{tip}</title></rect>'
        )
        if std is not None:
            middle, spread = x + min(slot * 0.7, 26) / 2, float(std[i]) * unit
            parts.append(
                f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{zero - bar - spread:.1f}" '
                f'y2="{zero - bar + spread:.1f}" stroke="currentColor" stroke-width="1.5" opacity=".8"/>'
            )
    return "".join(parts)


def map_3d(
    coordinates: NDArray, labels: NDArray, names: Sequence[str], values: NDArray | None, value_label: str, selected: int
) -> "Figure":
    """A 3-D map (N, 3), coloured by class or by values (N,), with one item ringed."""
    import plotly.graph_objects as go

    figure = go.Figure()
    if values is None:
        for label, name in enumerate(names):
            rows = np.flatnonzero(labels == label)
            marker = {"size": 2.2, "color": palette.class_colour(label)}
            figure.add_scatter3d(**_points(coordinates, rows), name=name, marker=marker, hovertemplate=f"{name}, item %{{customdata}}<extra></extra>")
    else:
        marker = {"size": 2.2, "color": values, "colorscale": "Cividis", "showscale": True, "colorbar": {"title": value_label, "thickness": 12}}
        figure.add_scatter3d(
            **_points(coordinates, np.arange(len(coordinates))), marker=marker, showlegend=False,
            hovertemplate="item %{customdata}<extra></extra>",
        )  # fmt: skip
    ring = {"size": 9, "color": "rgba(0,0,0,0)", "line": {"color": palette.INK, "width": 4}}
    figure.add_scatter3d(**_points(coordinates, np.array([selected])), marker=ring, showlegend=False, hoverinfo="skip")
    blank = {"visible": False}
    return figure.update_layout(
        height=520,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
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
        font={"size": 14},
        xaxis={"title": x_title, "gridcolor": GRID, "zeroline": False},
        yaxis={"title": y_title, "gridcolor": GRID, "zeroline": False},
        hovermode="x unified",
        legend={"font": {"size": 14}},
    )
