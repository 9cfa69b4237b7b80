"""Charts in plotly, in the page's own colours: curves, terms of a training, histograms of codes."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

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
    "showTips": False,  # which lie over what the page says itself
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "svg", "filename": "aeviz"},
}
MODEBAR = {"bgcolor": "rgba(0,0,0,0)", "color": palette.INK}
TEXT = 14  # px
LARGE = 20  # px, where a chart stands in front of a class
TITLE = 38  # letters of an axis's title in a line


class Series(NamedTuple):
    """A curve through few measured points: its name, its mark, x, y, and a text at each point."""

    name: str
    mark: palette.Mark
    x: Sequence[float]
    y: Sequence[float]
    text: Sequence[str]


class Band(NamedTuple):
    """A curve with its spread: its name, its mark, a dash of plotly's, x, the mean and the spread at each x."""

    name: str
    mark: palette.Mark
    dash: str
    x: Sequence[float]
    mean: Sequence[float]
    spread: Sequence[float]


def bands(curves: Sequence[Band], x_title: str, y_title: str, ticks: Sequence[float], level: float) -> "Figure":
    """Shares with a band of one spread to each side, over a logarithmic x axis; level: a share drawn as "chance"."""
    from aeviz.figures.plotting import go

    figure = go.Figure()
    for name, mark, _, x, mean, spread in curves:  # below all curves
        low, high = np.subtract(mean, spread).clip(0), np.add(mean, spread).clip(max=1)
        red, green, blue = (int(mark.colour[at : at + 2], 16) for at in (1, 3, 5))
        figure.add_scatter(
            x=[*x, *reversed(x)], y=[*high, *low[::-1]], fill="toself", fillcolor=f"rgba({red}, {green}, {blue}, 0.13)",
            line={"width": 0}, mode="lines", hoverinfo="skip", showlegend=False, legendgroup=name,
        )  # fmt: skip
    for name, mark, dash, x, mean, spread in curves:
        figure.add_scatter(
            x=list(x), y=list(mean), customdata=list(spread), name=name, mode="lines+markers", legendgroup=name,
            line={"color": mark.colour, "width": 2.5, "dash": dash}, marker={"size": 9, "symbol": mark.symbol},
            hovertemplate="%{y:.1%} ± %{customdata:.1%}",
        )  # fmt: skip
    figure.add_hline(
        y=level, line={"color": palette.INK, "width": 1.5, "dash": "dot"}, annotation_text="chance",
        annotation_font={"size": TEXT, "color": palette.INK}, annotation_position="bottom right",
    )  # fmt: skip
    return framed(figure, 430).update_layout(
        xaxis={**log_axis(x_title, ticks), **_ticks(ticks)},
        yaxis={**axis(y_title), "tickformat": ".0%"},
        hovermode="x unified",
    )


def lines(series: Sequence[Series], x_title: str, y_title: str, *, ticks: Sequence[float] | None = None) -> "Figure":
    """Curves through few measured points; ticks: of a logarithmic x axis."""
    from aeviz.figures.plotting import go

    figure = go.Figure()
    for name, mark, x, y, text in series:
        figure.add_scatter(
            x=list(x), y=list(y), name=name, mode="lines+markers+text", text=list(text), textposition="top right",
            textfont={"size": TEXT}, line={"color": mark.colour, "width": 3}, cliponaxis=False,
            marker={"size": 11, "symbol": mark.symbol},
            hovertemplate=f"{name}<br>{x_title} %{{x}}<br>%{{y:.4~g}}<extra></extra>",
        )  # fmt: skip
    x_axis = axis(x_title) if ticks is None else {**log_axis(x_title, ticks), **_ticks(ticks)}
    return framed(figure, 330).update_layout(xaxis=x_axis, yaxis={**axis(y_title), "rangemode": "tozero"})


BELL_TOP = float(1 / np.sqrt(2 * np.pi))  # of the density of N(0, 1)
TERMS = {"kl": "KL"}  # of a loss, where the name in a history is not the one to be read


def training(history: Sequence[Mapping[str, float]], colour: str, values: str) -> "Figure":
    """Curves of a training's terms by epoch: dashed on the training split, solid on the test split.

    values: what they are summed over, as "pixels".
    """
    from aeviz.figures.plotting import go

    figure = go.Figure()
    for term in terms(history, colour):
        figure.add_scatter(
            x=[row["epoch"] for row in history], y=term.values, name=f"{term.name}, {term.split}", mode="lines",
            legendgroup=term.name, hovertemplate="%{y:.4~g}",
            line={"color": term.colour, "width": 2.5, "dash": "dot" if term.split == "training" else "solid"},
        )  # fmt: skip
    return framed(figure, 360).update_layout(
        xaxis=axis("epoch"),
        yaxis={**axis(loss_title(values)), "range": list(loss_span(history))},
        hovermode="x unified",
    )


@dataclass(frozen=True)
class Term:
    """A term of the loss on a split, "test" or "training", by epoch; None where it was not measured."""

    name: str
    split: str
    colour: str
    values: Sequence[float | None]


def terms(history: Sequence[Mapping[str, float]], colour: str) -> list[Term]:
    """The terms that a training has, each in a colour of its own, the first in the model's."""
    names = [name for name in history[0] if name != "epoch" and not name.startswith("test_")]
    colours = (colour, *(other for other in ("#E69F00", "#56B4E9", "#CC79A7", "#009E73") if other != colour))
    both = [
        Term(TERMS.get(name, name), split, own, [row.get(prefix + name) for row in history])
        for name, own in zip(names, colours, strict=False)
        for prefix, split in (("test_", "test"), ("", "training"))
    ]
    return [term for term in both if any(value is not None for value in term.values)]


def loss_title(values: str) -> str:
    """What the terms measure; values: what they are summed over, as "pixels"."""
    return f"loss (summed over {values})"


def loss_span(history: Sequence[Mapping[str, float]]) -> tuple[float, float]:
    """The ends of the scale: the first epochs are far above the rest, where the curves tell something."""
    late = [row[key] for row in history[min(1, len(history) - 1) :] for key in row if key != "epoch"]
    return min(0.0, min(late)), 1.05 * max(late)


def histograms(
    codes: NDArray[np.float32], names: Sequence[str], colour: str, beside: Sequence[NDArray[np.float32]] = ()
) -> "Figure":
    """Each coordinate of codes (n, d) as a histogram under the bell N(0, 1), on one scale for all.

    beside: codes (n', d') of other models, whose histograms this scale has room for too.
    """
    from aeviz.figures.plotting import make_subplots

    columns = min(4, codes.shape[1])
    rows = -(-codes.shape[1] // columns)
    edges, densities = binned(codes)
    others = [binned(other) for other in beside]
    reach = max(edges[-1], *(ends[-1] for ends, _ in others)) if others else edges[-1]
    middle = (edges[1:] + edges[:-1]) / 2
    figure = make_subplots(
        rows, columns, subplot_titles=list(names), shared_xaxes=True, shared_yaxes=True,
        horizontal_spacing=0.03, vertical_spacing=min(0.12, 0.3 / rows),
    )  # fmt: skip
    bell = np.linspace(-reach, reach, 121)
    for number, density in enumerate(densities):
        cell = {"row": number // columns + 1, "col": number % columns + 1}
        figure.add_bar(x=middle, y=density, marker_color=colour, hoverinfo="skip", **cell)
        figure.add_scatter(
            x=bell, y=np.exp(-(bell**2) / 2) / np.sqrt(2 * np.pi), mode="lines", hoverinfo="skip",
            line={"color": palette.INK, "width": 2}, name="N(0, 1)", **cell,
        )  # fmt: skip
    framed(figure, 60 + 105 * rows).update_layout(bargap=0, showlegend=False, margin={"l": 8, "r": 8, "t": 30, "b": 30})
    figure.update_xaxes(
        gridcolor=GRID, tickfont={"size": TEXT}, zeroline=False, nticks=5, range=[-float(reach), float(reach)]
    )
    highest = max(BELL_TOP, float(densities.max()), *(float(own.max()) for _, own in others))
    figure.update_yaxes(visible=False, range=[0, min(1.05 * highest, 1.0)])
    figure.update_annotations(font={"size": TEXT})
    return figure


def binned(codes: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each coordinate of codes (n, d) in the same 60 bins round 0: their edges (61,) and densities (d, 60)."""
    reach = max(4.0, float(np.quantile(np.abs(codes), 0.995)))
    edges = np.linspace(-reach, reach, 61)
    counts = np.stack([np.histogram(values, edges)[0] for values in codes.T])
    return edges, counts / (len(codes) * (edges[1] - edges[0]))


def curves(
    levels: NDArray, lines: Sequence[tuple[str, str, NDArray]], current: float, x_title: str, y_title: str, hover: str
) -> "Figure":
    """Lines (name, colour, values) over levels, with the current level marked; hover: how plotly writes a value."""
    from aeviz.figures.plotting import go

    figure = go.Figure()
    dashes = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
    for (name, colour, values), dash in zip(lines, dashes, strict=False):
        figure.add_scatter(
            x=levels, y=values, name=name, mode="lines", line={"color": colour, "width": 3, "dash": dash},
            hovertemplate=hover,
        )  # fmt: skip
    figure.add_vline(x=current, line={"color": palette.INK, "width": 2}, annotation_text="now", annotation_font_size=14)
    return figure.update_layout(
        height=380,
        margin={"l": 60, "r": 10, "t": 24, "b": 50},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        modebar=MODEBAR,
        font={"size": 14},
        xaxis={"title": x_title, "gridcolor": GRID, "tickfont": {"size": 14}, "zeroline": False},
        yaxis={"title": y_title, "gridcolor": GRID, "tickfont": {"size": 14}, "zeroline": False},
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": 1.08, "yanchor": "bottom", "font": {"size": 14}},
    )


def enlarge(figure: "Figure") -> "Figure":
    """The same chart with all its type at least `LARGE`, and with room for that; it is changed."""
    large = {"size": LARGE}
    figure.update_layout(font=large, legend={"font": large}, margin={"l": 86, "r": 24, "t": 60, "b": 76})
    figure.update_xaxes(tickfont=large, title={"font": large})
    figure.update_yaxes(tickfont=large, title={"font": large})
    figure.update_traces(textfont=large, selector=lambda trace: str(getattr(trace, "mode", None)).endswith("text"))
    for name in figure.layout.scene.annotations:
        name.font.size = LARGE
    return figure.update_annotations(font=large)


def axis(title: str) -> dict[str, Any]:
    """An axis as all charts have it; a long title stands in two lines, which a phone has room for."""
    lines = textwrap.wrap(title, TITLE) if len(title) > TITLE else [title]
    return {
        "title": {"text": "<br>".join(lines), "font": {"size": 15}},
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
