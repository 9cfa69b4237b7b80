"""Cells of one code in the place of another's, where codes are maps: which part of the code makes which part."""

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models, shell, url, widgets
from aeviz.app.choice import Choice
from aeviz.app.panels.item_input import Input
from aeviz.figures import channels
from aeviz.latent.grids import CodeGrid

ROWS = url.Span("cell_rows", "rows of cells that A has from B", above="the number of rows")
COLUMNS = url.Span("cell_columns", "columns of cells that A has from B", above="the number of columns")
PARAMETERS = (ROWS, COLUMNS)
SMALLEST = 150  # px of a picture, before they wrap
IDEA = (
    "A code that is a map has cells. Those in the frame are taken from B's code, the others from A's, and the mixture "
    "is decoded: a cell that only means its own place changes nothing outside."
)
Region = tuple[float, float, float, float]  # top, bottom, left and right, as shares of the sides


def offered(choice: Choice) -> bool:
    """Whether a model of the pair has a code with cells."""
    return any(models.explorer(model.name).grid for model in choice.pair)


@st.fragment
def show(choice: Choice, first: Input, last: Input) -> None:
    """The controls, both inputs with what is swapped framed, and what each model makes of the mixture."""
    st.subheader("Swap cells", anchor=False)
    st.caption(IDEA)
    grids = {model.name: grid for model in choice.pair if (grid := models.explorer(model.name).grid)}
    region = _region(next(iter(grids.values())))
    data = models.data(choice.dataset)
    shown = [
        html.figure(channels.outlined(data.tiles(end.item[None])[0], region), f"{letter}: {end.name}")
        for letter, end in zip("AB", (first, last), strict=True)
    ]
    for model in choice.pair:
        if grid := grids.get(model.name):
            item = mixture(model.name, grid, region, np.stack([first.item, last.item]))
            tile = data.tiles(item[None])[0]
            shown.append(
                html.figure(tile, model.label, note="A with B's cells", accent=model.colour, large=data.html(item))
            )
    with st.container(key="card-swapped"):
        st.html(html.row(shown, smallest=SMALLEST))
    for model in choice.pair:
        if model.name not in grids:
            st.caption(f"The code of {model.title} is a plain vector: it has no cells to swap.")
    shell.tile_legend()


def mixture(name: str, grid: CodeGrid, region: Region, pair: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a model makes (*shape) of the first item's code with the second's cells in a region; pair: (2, *shape)."""
    network = models.explorer(name)
    a, b = network.encode(pair)[0]
    return network.decode(grid.swapped(a, b, cells_in(region, grid))[None])[0]


def cells_in(region: Region, grid: CodeGrid) -> NDArray[np.bool_]:
    """Which cells (height, width) have their middle in a region."""
    down, across = ((np.arange(count) + 0.5) / count for count in grid.cells)
    top, bottom, left, right = region
    return ((down >= top) & (down < bottom))[:, None] & ((across >= left) & (across < right))


def _region(grid: CodeGrid) -> Region:
    height, width = grid.cells
    with st.container(horizontal=True, gap="large"):
        rows = (0, height) if height == 1 else widgets.span(replace(ROWS, high=height), "Rows of cells")
        columns = (0, width) if width == 1 else widgets.span(replace(COLUMNS, high=width), "Columns of cells")
    return rows[0] / height, rows[1] / height, columns[0] / width, columns[1] / width
