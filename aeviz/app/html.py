"""Tiles as HTML: figures with captions, thumbnails; figures of merit in a line. A tile is (h, w, 1 or 3) uint8."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from aeviz.datasets.record import Dataset
from aeviz.figures.files import Tile, data_url


def figure(tile: Tile, caption: str, *, note: str = "", accent: str = "") -> str:
    """One tile with its caption as HTML; `accent` underlines it in a model's colour."""
    style = f' style="border-color: {accent}"' if accent else ""
    small = f"<br><small>{note}</small>" if note else ""
    alt = escape(caption, quote=True)
    image = f'<img src="{data_url(tile)}" alt="{alt}"{style}>'
    return f"<figure>{image}<figcaption>{escape(caption)}{small}</figcaption></figure>"


def row(figures: Sequence[str], *, columns: int | None = None, smallest: int = 0, style: str = "") -> str:
    """Figures side by side as HTML, all of one size; with `smallest` (px) they wrap where the page is narrow."""
    track = f"repeat({columns or len(figures)}, minmax(0, 1fr))"
    if smallest:
        track = f"repeat(auto-fit, minmax({smallest}px, 1fr))"
    return f'<div class="aeviz-pictures {style}" style="grid-template-columns: {track}">{"".join(figures)}</div>'


def thumbnails(data: Dataset, rows: Sequence[int], *, columns: int | None = None) -> str:
    """Items of a data set side by side as HTML, each named on hover."""
    figures = []
    for row_, tile in zip(rows, data.tiles(data.items[list(rows)]), strict=True):
        title = escape(f"item {row_:,}, {data.label_names[data.labels[row_]]}", quote=True)
        figures.append(f'<figure title="{title}"><img src="{data_url(tile)}" alt="{title}"></figure>')
    return row(figures, columns=columns, style="small")


def numbers(pairs: Sequence[tuple[str, str, str]]) -> None:
    """Figures of merit in a line: (name, value, definition); the definition shows on hover and focus."""
    spans = [
        f'<span tabindex="0" title="{escape(what, quote=True)}">{escape(name)} <b>{escape(value)}</b></span>'
        for name, value, what in pairs
    ]
    st.html(f'<div class="aeviz-figures">{"".join(spans)}</div>')
