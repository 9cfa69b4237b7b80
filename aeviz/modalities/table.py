"""The record of the modality "table": rows (F,) of numbers in standard units and of categories, one feature each.

A number that is not there is NaN; of a category that is not there all features are NaN. What needs torch or pandas
loads it when it is called.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.modalities import missing, neighbours
from aeviz.modalities.base import (
    Array,
    Corruption,
    Distance,
    Facet,
    Looks,
    Modality,
    Repair,
    Scale,
    Tiles,
    Upload,
    Words,
)
from aeviz.modalities.codecs.numbers import TABLES
from aeviz.modalities.columns import REACH, Column, TableScale, columns_of, rows_of
from aeviz.modalities.handing import Handed, table
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import Generator, Tensor

HEIGHT = 48  # pixels of a tile
BAR, GAP = 6, 2  # pixels of a feature's bar, and between two
MIN_WIDTH = 48  # pixels of a tile
ROUNDING = 1e-5  # of a standard deviation
HUGE = 1e15  # from here on a number has an exponent
MINUS = re.compile(r"(?<!\w)-(?=\d)")  # a hyphen that is the sign of a number
CATEGORY_HEIGHT = 32  # pixels of the bar of a category that is certain
LINE = 90  # of 255: the line of the mean
MAX_FEATURES = 512  # features
FEW = 12  # columns that a legend names


def problem(shape: Shape) -> str | None:
    """Why a shape is no row's, or None."""
    if len(shape) != 1 or not 2 <= shape[0] <= MAX_FEATURES:
        return f"A row is (F,) with 2 to {MAX_FEATURES} features, not {shape}."
    return None


def size(shape: Shape) -> str:
    """Features in words."""
    return f"{shape[0]} features"


def tiles(items: Array, scale: Scale) -> Tiles:
    """Rows (N, F) as bars up and down from the mean, a category's from the foot, as high as it is likely.

    (N, 48, 8 F or more, 1).
    """
    count, features = items.shape
    columns = columns_of(scale, features)
    pitch = max(BAR + GAP, -(-MIN_WIDTH // features))
    heights = np.arange(HEIGHT, 0, -1, dtype=np.float32)[:, None]  # of the upper edge of each line of pixels
    drawn = np.zeros((count, HEIGHT, features * pitch), np.uint8)
    for column in columns:
        foot = 1.0 if column.categories else HEIGHT / 2
        reach = CATEGORY_HEIGHT - 1 if column.categories else (HEIGHT / 2 - 1) / REACH
        for feature in range(column.start, column.start + column.width):
            end = foot + np.clip(np.nan_to_num(items[:, feature]) * reach, -HEIGHT, HEIGHT)[:, None, None]
            lit = np.clip(
                np.minimum(np.maximum(end, foot), heights) - np.maximum(np.minimum(end, foot), heights - 1), 0, 1
            )
            pixels = np.rint(255 * lit).astype(np.uint8)
            line = pixels[:, HEIGHT - int(np.ceil(foot))]
            line[~np.isnan(items[:, feature])] = np.maximum(line, LINE)[~np.isnan(items[:, feature])]
            first = feature * pitch + GAP // 2
            drawn[:, :, first : first + pitch - GAP] = pixels
    return drawn[..., None]


CLASS = "class"  # the column of the classes in a file that is handed over


def handed(items: Array, classes: Array, scale: Scale) -> Handed:
    """Rows (N, F) as a table in their own units, with the type of each column."""
    known = columns_of(scale, items.shape[1])
    label = CLASS if CLASS not in {column.name for column in known} else f"{CLASS} of the row"
    cells_of = [_cells_of(items[:, column.features], column) for column in known]
    types = [f"{column.name}={'category' if column.categories else 'number'}" for column in known]
    rows = [list(row) for row in zip(*cells_of, map(str, classes), strict=True)]
    options = ("--modality", "table", "--header", "--column", *types, f"{label}=target")
    return table([*(column.name for column in known), label], rows, options)


def _cells_of(features: Array, column: Column) -> list[str]:
    """The cells of a column, from features (N, width); empty where they are missing."""
    missing_cells = [bool(np.isnan(row).any()) for row in features]
    if column.categories:
        likeliest = np.nan_to_num(features).argmax(1)
        texts = [column.categories[category] for category in likeliest]
    else:
        texts = [f"{column.mean + column.std * value:.9g}" for value in features[:, 0].astype(float).tolist()]
    return ["" if gone else text for gone, text in zip(missing_cells, texts, strict=True)]


def describe(item: Array, scale: Scale) -> str:
    """The cells of a row in their own units, a category with its probability where it is not certain."""
    return ", ".join(f"{name} {value}" for name, value in cells(item, scale))


def html(item: Array, scale: Scale) -> str | None:
    """A row (F,) as labelled bars in standard units, each cell with its value in its own unit."""
    rows = []
    for column, (name, value) in zip(columns_of(scale, len(item)), cells(item, scale), strict=True):
        features = item[column.features]
        value = value if column.categories else value.replace("-", "−")
        if np.isnan(features).any():
            bar = ""
        elif column.categories:
            bar = f'<b style="left: 0; width: {100 * float(features.max()):.0f}%"></b>'
        else:
            end = 50 + 50 * float(np.clip(features[0], -REACH, REACH)) / REACH
            bar = f'<s></s><b style="left: {min(50, end):.1f}%; width: {abs(end - 50):.1f}%"></b>'
        rows.append(f"<dt>{escape(name)}</dt><dd><i>{bar}</i><span>{escape(value)}</span></dd>")
    return f'<dl class="aeviz-row" data-least="330">{"".join(rows)}</dl>'


def where(item: Array, made: Array, scale: Scale) -> str:
    """The error of each column of a row (F,) as bars, as long as its share of the largest; value and what was made."""
    by_column = []
    for column in columns_of(scale, len(item)):
        true, copy = item[column.features], made[column.features]
        by_column.append(1 - float((true * copy).sum()) if column.categories else float((true - copy)[0] ** 2))
    known = np.nan_to_num(by_column)
    most = float(known.max()) or 1.0
    rows = []
    for error, (name, value), (_, copied) in zip(known, cells(item, scale), cells(made, scale), strict=True):
        values = MINUS.sub("−", f"{value} → {copied}")
        rows.append(
            f'<dt>{escape(name)}</dt><dd><i><b style="left: 0; width: {100 * error / most:.0f}%"></b></i>'
            f"<span>{_digits(round(error, 4), 3)} ({escape(values)})</span></dd>"
        )
    return f'<dl class="aeviz-row" data-least="330">{"".join(rows)}</dl>'


def cells(item: Array, scale: Scale) -> Iterator[tuple[str, str]]:
    """Name and value in words of each column of a row (F,)."""
    for column in columns_of(scale, len(item)):
        features = item[column.features]
        if np.isnan(features).any():
            yield column.name, "missing"
        elif column.categories:
            likeliest = int(features.argmax())
            certain = "" if features[likeliest] > 0.995 else f" ({features[likeliest]:.0%})"
            yield column.name, column.categories[likeliest] + certain
        else:
            value = column.mean + column.std * float(features[0])
            value = 0.0 if abs(value) < ROUNDING * column.std else value  # float32 leaves a little of what was 0
            yield column.name, f"{_digits(value, 4)}{column.unit and ' ' + column.unit}"


def _digits(value: float, count: int) -> str:
    """A number in so many digits that matter; a large one whole, where `g` would give it an exponent."""
    return f"{value:.0f}" if 10 ** (count - 1) <= abs(value) < HUGE else f"{value:.{count}g}"


def legend(scale: Scale) -> str:
    """What the bars of a tile are, from the left, in the order of the columns; "" without named columns."""
    columns = scale.columns if isinstance(scale, TableScale) else ()
    numbers = [column.name for column in columns if not column.categories]
    kinds = [f"{column.name} ({column.width})" for column in columns if column.categories]
    if not columns:
        return ""
    parts = []
    if numbers:
        parts.append(f"{_few(numbers)}, up or down from the mean by up to three standard deviations")
    if kinds:
        parts.append(f"{_few(kinds)}, a bar for each category, as high as it is likely")
    return f"Bars of a tile, from the left: {'; '.join(parts)}."


def _few(names: list[str]) -> str:
    """Names in a line; of many the first alone."""
    return ", ".join(names) if len(names) <= FEW else f"{', '.join(names[:FEW])} and {len(names) - FEW} more"


def looks(shape: Shape, scale: Scale) -> Looks:
    """A row as bars: each with the name of its column, and of its category."""
    names = (
        f"{column.name}: {category}" if category else column.name
        for column in columns_of(scale, shape[0])
        for category in column.categories or ("",)
    )
    return Looks("bars", scale.low, scale.high, tuple(names))


def facets(scale: Scale) -> tuple[str, ...]:
    """The names of the columns."""
    return tuple(column.name for column in scale.columns) if isinstance(scale, TableScale) else ()


def facet(items: Array, scale: Scale, name: str) -> Facet:
    """A column of rows (N, F): numbers in their own unit, or categories. Raises ValueError for an unknown name."""
    for column in columns_of(scale, items.shape[1]):
        if column.name == name:
            features = items[:, column.features]
            if not column.categories:
                return Facet(name, column.mean + column.std * features[:, 0], column.unit)
            return Facet(
                name, np.where(np.isnan(features).any(1), 0, np.nan_to_num(features).argmax(1)), names=column.categories
            )
    raise ValueError(f"There is no column {name!r}.")


def row_of(values: dict[str, str | float | None], scale: Scale, features: int) -> NDArray[np.float32]:
    """A row (F,) of values by column, in their own units; None and columns that are not named are missing.

    Raises DataError for an unknown category and for what is no number.
    """
    row = np.full(features, np.nan, np.float32)
    for column in columns_of(scale, features):
        value = values.get(column.name)
        if value is None or value == "":
            continue
        if column.categories:
            if value not in column.categories:
                raise DataError(
                    f"{column.name} has no category {value!r}: expected one of {', '.join(column.categories)}."
                )
            row[column.features] = np.eye(column.width, dtype=np.float32)[column.categories.index(str(value))]
        else:
            try:
                number = float(value)
            except ValueError as error:
                raise DataError(f"{column.name} must be a number, not {value!r}.") from error
            if not np.isfinite(number):
                raise DataError(f"{column.name} must be a finite number, not {value!r}.")
            row[column.start] = (number - column.mean) / column.std
    return row


def prepare(array: NDArray[Any]) -> NDArray[np.float32]:
    """Rows (N, F) of numbers as they are; NaN is a missing value. Raises DataError."""
    if array.ndim != 2 or problem(array.shape[1:]):
        raise DataError(f"items have the shape {array.shape}: expected rows (N, F) with 2 to {MAX_FEATURES} features.")
    if not np.issubdtype(array.dtype, np.number) or np.iscomplexobj(array):
        raise DataError(f"items are of type {array.dtype}: expected numbers.")
    if np.isinf(array).any():
        raise DataError("items hold infinite values: leave a cell empty where a value is missing.")
    prepared: NDArray[np.float32] = array.astype(np.float32)
    return prepared


def adopt(values: Any) -> tuple[NDArray[np.float32], Scale]:
    """Rows of a pandas table, or of an array (N, F) of numbers; numbers come into standard units. Raises DataError."""
    import pandas as pd

    if not isinstance(values, pd.DataFrame):
        array = prepare(np.asarray(values))
        values = pd.DataFrame(array, columns=[column.name for column in columns_of(TableScale(), array.shape[1])])
    if empty := [str(name) for name in values if values[name].isna().all()]:
        raise DataError(f"The column {empty[0]} has no value: leave it out.")
    words = values.select_dtypes(exclude="number").columns
    table = values.assign(**{name: values[name].map(str, na_action="ignore").astype(object) for name in words})
    items, columns = rows_of(table, np.arange(len(table)))
    return prepare(items), TableScale(columns=columns)


# --- Corruptions and the classical repair ---


def lost(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Take the share `level` of each row's cells away: x (N, F)."""
    return x.masked_fill(_cells(x, level, generator, scale), float("nan"))


def noise(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Add N(0, level²) to every number, in standard units; categories stay."""
    import torch

    drawn = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    numbers = torch.zeros(x.shape[1], dtype=torch.bool, device=x.device)
    for column in columns_of(scale, x.shape[1]):
        numbers[column.start] = not column.categories
    return torch.where(numbers, x + level * drawn, x)


def swapped(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Put a value drawn by chance into the share `level` of each row's cells.

    A number is drawn from N(0, 1) in standard units, a category from all of its column alike.
    """
    import torch

    drawn = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    for column in columns_of(scale, x.shape[1]):
        if column.categories:
            categories = drawn[:, column.features].argmax(1)
            drawn[:, column.features] = torch.nn.functional.one_hot(categories, column.width).to(x.dtype)
    return torch.where(_cells(x, level, generator, scale), drawn, x)


def _cells(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """(N, F) bool: all features of exactly round(level · columns) cells of each row."""
    import torch

    columns = columns_of(scale, x.shape[1])
    widths = torch.tensor([column.width for column in columns], device=x.device)
    return missing.scattered(len(x), len(columns), level, generator).repeat_interleave(widths, 1)


def mean_and_mode(x: "Tensor", scale: Scale) -> "Tensor":
    """Each missing cell of x (N, F) by its column's mean or commonest category; what is there stays."""
    import torch

    filled = torch.zeros(x.shape[1], device=x.device, dtype=x.dtype)
    for column in columns_of(scale, x.shape[1]):
        if column.categories:
            filled[column.start + column.usual] = 1.0
    return torch.where(x.isnan(), filled, x)


# --- Distances ---


def errors(x: "Tensor", y: "Tensor", scale: Scale) -> "Tensor":
    """(N, columns): a number's squared error in standard units, and 1 − the probability of a category.

    x: what is true, y: what is made of it; NaN where x has no value.
    """
    import torch

    by_column = []
    for column in columns_of(scale, x.shape[1]):
        true, made = x[:, column.features], y[:, column.features]
        by_column.append(1 - (true * made).sum(1) if column.categories else (true - made)[:, 0].square())
    return torch.stack(by_column, 1)


def mean_error(x: "Tensor", y: "Tensor", scale: Scale) -> "Tensor":
    """Mean of `errors` over the cells of each row that are there, (N,)."""
    return errors(x, y, scale).nanmean(1).nan_to_num()


def absolute(x: "Tensor", y: "Tensor", scale: Scale) -> "Tensor":
    """Mean absolute error over the numbers of each row, in standard units, (N,); 0 where it has none."""
    starts = [column.start for column in columns_of(scale, x.shape[1]) if not column.categories]
    return (x[:, starts] - y[:, starts]).abs().nanmean(1).nan_to_num()


# --- Files ---


def read(file: bytes, shape: Shape, scale: Scale) -> Upload:
    """A row from a CSV with a header and one row, or from one pasted row in the order of the columns. DataError."""
    import csv
    import io

    try:
        text = file.decode("utf-8-sig").strip("\r\n ")
        first = text.split("\n", 1)[0]
        delimiter = max("\t;,", key=first.count)
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError("This cannot be read as a row. Paste cells from a spreadsheet, or a CSV in UTF-8.") from error
    names = [column.name for column in columns_of(scale, shape[0])]
    if not rows:
        raise DataError("There is no row here.")
    header = rows[0] if set(rows[0]) & set(names) else names
    row = rows[min(1, len(rows) - 1)] if header is rows[0] else rows[0]
    if len(row) != len(header):
        raise DataError(f"{len(row)} cells were found where {len(header)} are needed: {', '.join(header)}.")
    values: dict[str, str | float | None] = dict(zip(header, map(str.strip, row), strict=True))
    for column in columns_of(scale, shape[0]) if delimiter != "," else ():
        if not column.categories and isinstance(cell := values.get(column.name), str):
            values[column.name] = cell.replace(",", ".")  # a decimal comma
    lacking = [name for name in names if not values.get(name)]
    notes = (f"Missing: {', '.join(lacking)}.",) if lacking else ()
    return Upload(row_of(values, scale, shape[0]), notes)


USUAL = Repair(
    "Mean and commonest category",
    mean_and_mode,
    judge="error",
    idea="The **mean** of a column, or its commonest category, stands in for each missing cell, whatever the "
    "rest of the row says; what is there stays as it is.",
)

TABLE = Modality(
    name="table",
    words=Words(noun="row", plural="rows", value="cell", axes="(F,)", clean="Clean", corrupted="Corrupted"),
    problem=problem,
    size=size,
    tiles=tiles,
    describe=describe,
    handed=handed,
    errors=where,
    error_legend="Longest where the column adds most to the error; its value, and what was made of it.",
    prepare=prepare,
    corruptions=(
        Corruption(
            "missing",
            "Missing cells",
            "share of cells",
            0.9,
            lost,
            0.7,
            0.5,
            holes=True,
            repairs=(USUAL, neighbours.repair("error")),
        ),
        Corruption("noise", "Noise on numbers", "σ, in standard units", 2.0, noise, 0.2, 0.5),
        Corruption("swapped", "Swapped cells", "share of cells", 1.0, swapped, 0.1, 0.3),
    ),
    repair=USUAL,
    distances=(
        Distance(
            "error",
            "Error",
            "",
            "Mean over a row's cells: a number's squared error in standard units, and for a "
            "category 1 − the probability given to the true one.",
            mean_error,
            3,
        ),
        Distance(
            "absolute", "Absolute error", "standard units", "Mean absolute error of a row's numbers.", absolute, 3
        ),
    ),
    likelihoods=("mixed", "mse", "l1"),
    read=read,
    endings=(".csv", ".tsv", ".txt"),
    pasted="a row from a spreadsheet, with or without its header",
    editors=("form",),
    smooth=True,
    looks=looks,
    facets=facets,
    facet=facet,
    adopt=adopt,
    html=html,
    legend=legend,
    missing=True,
    scale=TableScale(),
    compression=TABLES,
)
