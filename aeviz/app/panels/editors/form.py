"""A form to fill in: a field for each column of a table."""

from functools import partial
from math import floor, log10

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app.panels.editors.base import Companions, Edited, Item, Rebuilders
from aeviz.datasets.record import Dataset
from aeviz.modalities.columns import Column, columns_of
from aeviz.modalities.table import row_of

Value = float | str | None  # of a field, in the column's own unit; None: missing
MAX_STDS = 1e6  # standard deviations from the mean: what a field takes
FIELD_WIDTH_PX = 134  # pixels of a field


def show(
    data: Dataset,
    key: str,
    row: int,
    *,
    live: bool,
    size: int,
    hint: str,
    companions: Companions,
    linked: Item | None,
    rebuilders: Rebuilders,
) -> Edited:
    """As `base.Show` says; at first each number is its column's mean and each category the commonest."""
    columns = columns_of(data.scale, data.shape[0])
    fields = {column.name: f"{key}-form-{data.name}-{column.name}" for column in columns}
    before = {} if linked is None else cells_of(linked, columns)
    for column in columns:
        st.session_state.setdefault(fields[column.name], before.get(column.name, usual(column)))
    _starts(data, row, columns, fields)
    with st.container(horizontal=True, gap="xsmall", key=f"{key}-form"):
        values = {column.name: _field(column, fields[column.name]) for column in columns}
    missing = sum(value is None for value in values.values())
    if missing == len(columns):
        st.caption(f"Every {data.words.value} is missing: fill one in{hint}.")
        return Edited(emptied=True)
    st.caption(_missing_sentence(missing, data.words.value))
    return Edited(row_of(values, data.scale, data.shape[0]))


def _missing_sentence(missing: int, cell: str) -> str:
    if missing:
        return f"{missing} {cell}{'s' if missing > 1 else ''} missing."
    return f"Clear a field to mark its {cell} as missing."


def _starts(data: Dataset, row: int, columns: tuple[Column, ...], fields: dict[str, str]) -> None:
    starts = {
        f"From item {row:,}": cells_of(data.items[row], columns),
        "Mean": {column.name: usual(column) for column in columns},
        "All missing": dict.fromkeys(fields),
    }
    with st.container(horizontal=True, gap="xsmall"):
        for label, values in starts.items():
            st.button(label, on_click=partial(_fill, fields, values), key=f"{next(iter(fields.values()))}-{label}")


def _fill(fields: dict[str, str], values: dict[str, Value]) -> None:
    for name, field in fields.items():
        st.session_state[field] = values[name]


def _field(column: Column, field: str) -> Value:
    if column.categories:
        chosen: str | None = st.selectbox(
            column.name, column.categories, None, key=field, placeholder="missing", width=FIELD_WIDTH_PX
        )
        return chosen
    return st.number_input(
        f"{column.name} ({column.unit})" if column.unit else column.name,
        column.mean - MAX_STDS * column.std,
        column.mean + MAX_STDS * column.std,
        None,
        step_of(column.std),
        "%.6g",
        key=field,
        placeholder="missing",
        width=FIELD_WIDTH_PX,
    )


def step_of(std: float) -> float:
    """A round step of about half a standard deviation: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(std / 2))
    return float(f"{max(n * power for n in (1, 2, 5) if n * power <= std / 2 * (1 + 1e-9)):.1g}")


def usual(column: Column) -> Value:
    """The mean of a number, to a tenth of its spread or less; the commonest category."""
    if column.categories:
        return column.categories[column.usual]
    return _digits(round(column.mean, -floor(log10(column.std / 10))))


def cells_of(item: NDArray[np.float32], columns: tuple[Column, ...]) -> dict[str, Value]:
    """The values of an item (F,) by column, in their own units; of a category the likeliest."""
    values: dict[str, Value] = {}
    for column in columns:
        features = item[column.features]
        if np.isnan(features).any():
            values[column.name] = None
        elif column.categories:
            values[column.name] = column.categories[int(features.argmax())]
        else:
            values[column.name] = _digits(column.mean + column.std * float(features[0]))
    return values


def _digits(number: float) -> float:
    return float(f"{number:.6g}")
