"""The items that a visitor marked on a map: their tiles, what their mean code decodes to, and files of them."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html, models, url, widgets
from aeviz.app.choice import Shown, chosen
from aeviz.app.panels import opened_draw
from aeviz.datasets.record import Dataset
from aeviz.figures import files, palette

if TYPE_CHECKING:
    from aeviz.latent.explorer import Codes

MAX_SHOWN = 120  # items of a selection on the page
MAX_LISTED = 40  # rows that the URL names one by one; more are packed as bits
COLUMNS = 20

Rows = NDArray[np.int64]
Places = tuple[Rows, NDArray[np.float32]]  # rows (n,) in order, and where they lie on a map (n, 2 or 3)
ORDERS = {"error": "error", "distance": "distance from the mean"}  # what marked items are sorted by
SIDES = ("left", "right")


@dataclass(frozen=True)
class Marks(url.Parameter["Rows | None"]):
    """Rows below `count`, in order; None at first."""

    count: int = 0

    def usual(self) -> None:
        return None

    def parse(self, text: str) -> Rows:
        return parse(text, self.count)

    def write(self, value: Rows | None) -> str:
        return "" if value is None or not len(value) else write(self.count, value)

    def fit(self, value: Rows | None) -> Rows | None:
        return None if value is None else value[value < self.count]

    def expects(self) -> str:
        return f"rows, as in `3_17_200`; more than {MAX_LISTED} are packed as bits: `.` and base64 of zlib"


CARD = "card-selection"  # key of the element that shows the marked items
MARKED = Marks("marked", "the items marked on a map")
ORDER = url.Choice(
    "sorted",
    "what the marked items are sorted by, the largest first",
    ("item", *(f"{name}-{side}" for name in ORDERS for side in SIDES)),
    "item",
)


def marked() -> Rows:
    """The rows of the test split that the visitor marked, in order; they stay marked from page to page."""
    rows = url.value(replace(MARKED, count=len(models.data(chosen().dataset))))
    return np.empty(0, np.int64) if rows is None else rows


def mark(rows: Rows) -> None:
    """Mark rows in place of those marked before."""
    url.remember(MARKED, np.asarray(rows, np.int64) if len(rows) else None)


def write(count: int, rows: Rows) -> str:
    """Rows below `count` as they stand in the URL: by number, or as bits where they are many."""
    if len(rows) <= MAX_LISTED:
        return "_".join(str(row) for row in rows)
    bits = np.zeros(count, np.bool_)
    bits[rows] = True
    packed = zlib.compress(np.packbits(bits).tobytes(), 9)
    return "." + base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def parse(text: str, count: int) -> Rows:
    """Rows as `write` wrote them, in order. Raises ValueError on any other text."""
    if not text.startswith("."):
        rows = np.unique([int(part) for part in text.split("_")])
        if rows[0] < 0 or rows[-1] >= count:
            raise ValueError(f"expected rows below {count}, got {text}")
        return rows.astype(np.int64)
    size = -(-count // 8)
    try:
        packed = base64.urlsafe_b64decode(text[1:] + "=" * (-(len(text) - 1) % 4))
        # No more is unpacked than there are items, whatever the URL says.
        bits = zlib.decompressobj().decompress(packed, size)
    except (ValueError, zlib.error) as error:
        raise ValueError("the packed rows are damaged") from error
    if len(bits) < size:
        raise ValueError("the packed rows are cut off")
    return np.flatnonzero(np.unpackbits(np.frombuffer(bits, np.uint8))[:count]).astype(np.int64)


def show(places: Mapping[str, Places]) -> None:
    """A card with the marked items; nothing where none is marked. places: on the maps of the page, by model."""
    rows = marked()
    if not len(rows):
        return
    choice = chosen()
    data = models.data(choice.dataset)
    with st.container(key=CARD):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            st.html(_heading(rows))
            shown = _ordered(rows)[:MAX_SHOWN]
            opened_draw.neighbours("marked-items", shown.tolist(), "A click selects one", columns=COLUMNS)
            if len(rows) > MAX_SHOWN:
                st.caption(f"The first {MAX_SHOWN} of {len(rows):,}; the files hold them all.")
        with right:
            means = [_mean(model, rows) for model in choice.pair]
            mean = data.tiles(_mean_item(data.items[rows])[None])[0]
            st.html(html.row([html.figure(mean, f"mean of the {data.words.value}s"), *means]))
            st.html(_labels(data, rows))
        _downloads(rows, places)


def _ordered(rows: Rows) -> Rows:
    """The rows in the order that the visitor chose, the largest first."""
    pair = chosen().pair
    orders = {"item": "item"} | {
        f"{name}-{side}": f"{text}, {model.label}"
        for name, text in ORDERS.items()
        for side, model in zip(SIDES, pair, strict=True)
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        widgets.label("sorted by")
        name, _, side = widgets.select(ORDER, "Sorted by", orders, width=260).partition("-")
    if name == "item":
        return rows
    codes = models.codes(pair[SIDES.index(side)].name)
    values = codes.error[rows] if name == "error" else from_mean(codes.mean[rows])
    return rows[np.argsort(-values, kind="stable")]


def from_mean(codes: NDArray) -> NDArray:
    """How far each code (n, d) lies from the mean of them all (n,)."""
    distance: NDArray = np.linalg.norm(codes - codes.mean(0), axis=1)
    return distance


def _mean_item(items: NDArray) -> NDArray:
    """The mean (*shape) of items (n, *shape), over the values that are there; NaN where none is."""
    present = np.isfinite(items)
    count = present.sum(0)
    return np.where(count > 0, np.where(present, items, 0).sum(0) / np.maximum(count, 1), np.nan).astype(items.dtype)


def _heading(rows: Rows) -> str:
    noun = "item" if len(rows) == 1 else "items"
    tip = "to mark others, draw a lasso or a box on a map"
    return f'<h2 class="aeviz-item">{len(rows):,} {noun} marked<small>{tip}</small></h2>'


def _mean(model: Shown, rows: Rows) -> str:
    decoded = models.explorer(model.name).decode(models.codes(model.name).mean[rows].mean(0, keepdims=True))
    tile = models.data(chosen().dataset).tiles(decoded)[0]
    return html.figure(tile, f"mean code, {model.label}", accent=model.colour)


def _labels(data: Dataset, rows: Rows) -> str:
    """The labels of items as HTML: how many there are of each class, or what they have on the scale."""
    if data.continuous is None:
        return counts(data.labels[rows], data.label_names)
    values = data.continuous.values[rows]
    values = values[np.isfinite(values)]
    if not len(values):
        return ""
    return (
        f'<p class="aeviz-label">{escape(data.continuous.title)}: mean {values.mean():.4g}, from {values.min():.4g} to '
        f"{values.max():.4g}</p>"
    )


def counts(labels: NDArray, names: Sequence[str]) -> str:
    """How many items of each class there are, as bars in HTML, the largest first."""
    class_counts = sorted(zip(*np.unique(labels, return_counts=True), strict=True), key=lambda pair: -pair[1])
    most = class_counts[0][1] if class_counts else 1
    bars = "".join(
        f'<dt>{names[label]}</dt><dd><i style="width: {100 * count / most:.0f}%; '
        f'background: {palette.class_colour(label)}"></i>{count:,}</dd>'
        for label, count in class_counts
    )
    return f'<dl class="aeviz-counts" aria-label="Items of each class">{bars}</dl>'


def _downloads(rows: Rows, places: Mapping[str, Places]) -> None:
    choice = chosen()
    data, name = models.data(choice.dataset), f"{choice.dataset}-selection"
    # The files are made when asked for, in a thread that knows no visitor: what they hold is looked up here.
    codes = {model.name: models.codes(model.name) for model in choice.pair}
    with st.container(horizontal=True):
        widgets.save(
            "Save as CSV", lambda: as_csv(data, codes, rows, places), f"{name}.csv", "text/csv", icon=":material/table:"
        )
        widgets.save(
            "Save as NPZ",
            lambda: as_npz(data, codes, rows),
            f"{name}.npz",
            "application/zip",
            icon=":material/deployed_code:",
        )
        widgets.save(
            "Save as PNG",
            lambda: files.png(_sheet(data.tiles(data.items[rows])), 2),
            f"{name}.png",
            "image/png",
            icon=":material/download:",
        )
        st.button(
            "Clear the marks",
            key="clear-marks",
            icon=":material/close:",
            on_click=partial(mark, np.empty(0, np.int64)),
        )


def _sheet(tiles: files.Tiles) -> files.Tile:
    return files.sheet(tiles, files.abreast(tiles, COLUMNS, 960))


def as_csv(data: Dataset, codes: Mapping[str, "Codes"], rows: Rows, places: Mapping[str, Places]) -> bytes:
    """A line for each item: its row, label, and for each model by name error, KL, distance, place and code.

    The distance is that of the code from the mean code of all these items; the place, that on the model's map in
    `places`, is empty where that does not show the item.
    """
    columns: dict[str, list] = {"item": rows.tolist(), **dict([data.label_cells(rows.tolist())])}
    for name, of in codes.items():
        columns[f"{name} error"] = [f"{value:.6g}" for value in of.error[rows]]
        if of.kl is not None:
            columns[f"{name} KL"] = [f"{value:.6g}" for value in of.kl[rows].sum(1)]
        columns[f"{name} distance from the mean"] = [f"{value:.6g}" for value in from_mean(of.mean[rows])]
        if name in places:
            columns |= _place_columns(name, rows, places[name])
        for number, values in enumerate(of.mean[rows].T):
            columns[f"{name} z{number}"] = [f"{value:.6g}" for value in values]
    return files.csv(columns, zip(*columns.values(), strict=True)).encode()


def _place_columns(name: str, rows: Rows, places: Places) -> dict[str, list]:
    """A column for each direction of a model's map."""
    shown, coordinates = places
    at = np.searchsorted(shown, rows).clip(0, len(shown) - 1)
    there = shown[at] == rows
    return {
        f"{name} map {axis}": [f"{value:.6g}" if on else "" for value, on in zip(values, there, strict=True)]
        for axis, values in zip("xyz", coordinates[at].T, strict=False)
    }


def as_npz(data: Dataset, codes: Mapping[str, "Codes"], rows: Rows) -> bytes:
    """Arrays `item` (n,), `label` (n,), `pictures` (n, *shape), and `MODEL_mean` (n, d), `MODEL_std` of each model.

    The items have the name of the modality's: `series`, `rows`, `texts` where they are no pictures.
    """
    arrays: dict[str, NDArray] = {
        "item": rows,
        "label": data.labels[rows] if data.continuous is None else data.continuous.values[rows],
        data.modality.words.plural: data.items[rows],
    }
    for name, of in codes.items():
        arrays[f"{name}_mean"] = of.mean[rows]
        if of.std is not None:
            arrays[f"{name}_std"] = of.std[rows]
    return files.npz(arrays)
