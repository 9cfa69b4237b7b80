"""The code of a model that is a map, as one picture a channel; of any other model, as bars."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from aeviz.app import caches, html, models
from aeviz.app.choice import Shown
from aeviz.figures import bars, channels

MAX_MAPS = 16  # channels shown of a code
COLUMNS = 4
SHARE = 0.99  # of the numbers of all codes, which lie within the ends of the colours
DEFINITION = (
    "Each picture is a channel of the code, each of its cells one number: {scale}. The colours end at ±{reach:.3g}; "
    "99 % of all numbers in this model's codes of the test split lie within, and those beyond have the end's colour. A "
    "cell mostly belongs to what the [[noun]] shows in the same place."
)


def show_codes(shown: Sequence[tuple[bars.ItemCode, Shown]]) -> str:
    """Codes (d,) of models as HTML, one below the other: maps where one is a map, bars otherwise, all on one scale."""
    drawn_as_bars = [code for code, model in shown if models.explorer(model.name).grid is None]
    return "".join(show_code(code, model, drawn_as_bars) for code, model in shown)


def show_code(code: bars.ItemCode, model: Shown, beside: Sequence[bars.ItemCode] = ()) -> str:
    """A code (d,) of a model as HTML: maps where it is one, bars otherwise; beside: as for `bars.code_bars`."""
    grid = models.explorer(model.name).grid
    if grid is None:
        return bars.code_bars([code], beside)
    reach, order = _scale(model.name)
    maps = grid.maps(code.mean[None])[0][order]
    tiles = channels.channel_tiles(maps, reach)
    shown = [
        html.thumbnail(tile, f"channel {channel}: {values.min():.2f} to {values.max():.2f}")
        for channel, tile, values in zip(order.tolist(), tiles, maps, strict=True)
    ]
    definition = models.words(models.config_named(model.name).dataset).fill(
        DEFINITION.format(scale=channels.SCALE, reach=reach)
    )
    bar = f'<span class="aeviz-scale">−{reach:,.1f}<i></i>+{reach:,.1f}</span>'
    height, width = grid.cells
    text = f"{grid.channels} channels of {height} × {width} cells"
    if len(order) < grid.channels:
        text += f"; the {len(order)} that vary most are shown"
    columns = COLUMNS if width <= 4 * height else 1
    return (
        f'<div class="aeviz-bars-head"><span>{escape(code.label)}</span>{html.defined(bar, definition)}</div>'
        f'<div class="aeviz-maps" style="--accent: {code.colour}" role="img" '
        f'aria-label="{escape(code.label)}: the code as maps">'
        + html.row(shown, columns=min(columns, len(shown)), style="small")
        + f'</div><p class="aeviz-label">{text}</p>'
    )


@caches.kept(max_entries=16, show_spinner=False)
def _scale(name: str) -> tuple[float, NDArray[np.int64]]:
    """Where the colours of a model's maps end, and the channels that are shown, (K,) in their order."""
    grid, codes = models.explorer(name).grid, models.codes(name).mean
    assert grid is not None
    maps = grid.maps(codes[np.linspace(0, len(codes) - 1, min(len(codes), 500)).round().astype(np.int64)])
    reach = float(np.quantile(np.abs(maps), SHARE))
    widest = np.argsort(-maps.var((0, 2, 3)), kind="stable")[:MAX_MAPS]
    return reach or 1.0, np.sort(widest)
