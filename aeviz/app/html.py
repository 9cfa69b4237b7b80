"""Tiles as HTML: figures with captions, thumbnails; figures of merit in a line. A tile is (h, w, 1 or 3) uint8."""

import re
from collections.abc import Sequence
from html import escape

import streamlit as st

from aeviz.datasets.record import Dataset
from aeviz.figures.files import WIDE, Tile, data_url

WIDE_TILE_SCALE = 1.3  # how much larger than its pixels a wide tile is shown at least
SMALL_SCALE = 0.9  # the same of a thumbnail
POINTER = '<span class="aeviz-pointer">'  # begins what is said with a mouse or a pen
MIN_WIDTH = r'data-least="(\d+)"'  # an attribute: px that a tile, or an item with its labels, needs to be read
LEAST, GAP = 28, "0.5rem"  # px of the smallest picture, and between two, as in style.css


def _min_width(tile: Tile, times: float) -> str:
    """An attribute that keeps a wide tile from being shown too small to be read; none for others."""
    height, width = tile.shape[:2]
    return f' data-least="{round(width * times)}"' if width > WIDE * height else ""


def figure(tile: Tile, caption: str, *, note: str = "", accent: str = "", large: str = "") -> str:
    """One tile with its caption as HTML; `accent` underlines it in a model's colour.

    large: what a modality's `html` makes of the item, which is then shown in place of its tile.
    """
    if large:
        return (
            f'<figure class="large" style="--accent: {accent or "initial"}">{large}'
            f"<figcaption>{escape(caption)}{_small(note)}</figcaption></figure>"
        )
    style = f' style="border-color: {accent}"' if accent else ""
    alt = escape(caption, quote=True)
    image = f'<img src="{data_url(tile)}" alt="{alt}"{style}>'
    width = _min_width(tile, WIDE_TILE_SCALE)
    return f"<figure{width}>{image}<figcaption>{escape(caption)}{_small(note)}</figcaption></figure>"


def _small(note: str) -> str:
    return f"<br><small>{note}</small>" if note else ""


def thumbnail(tile: Tile, title: str) -> str:
    """One small tile as HTML, named under the pointer, at a click or a touch."""
    name = escape(title, quote=True)
    shown = f'<img src="{data_url(tile)}" alt="{name}">'
    return f'<figure data-tip="{name}" tabindex="-1"{_min_width(tile, SMALL_SCALE)}>{shown}</figure>'


def row(figures: Sequence[str], *, columns: int | None = None, smallest: int = 0, style: str = "") -> str:
    """Figures side by side as HTML, all of one size; with `smallest` (px) they wrap where the page is narrow.

    They wrap in any case before they are too small to be read.
    """
    count = columns or len(figures) or 1
    track = f"repeat(auto-fill, minmax(max({LEAST}px, calc((100% - {count - 1} * {GAP}) / {count} - 0.1px)), 1fr))"
    if least := max((int(number) for figure in figures for number in re.findall(MIN_WIDTH, figure)), default=0):
        # A few small ones leave the rest of the row free.
        fit = "auto-fill" if style == "small" else "auto-fit"
        track = f"repeat({fit}, minmax(min(100%, {max(least, smallest)}px), 1fr))"
    elif smallest:
        track = f"repeat(auto-fit, minmax({smallest}px, 1fr))"
    return f'<div class="aeviz-pictures {style}" style="grid-template-columns: {track}">{"".join(figures)}</div>'


def thumbnails(data: Dataset, rows: Sequence[int], *, columns: int | None = None) -> str:
    """Items of a data set side by side as HTML, each named as `thumbnail` does."""
    figures = []
    for row_, tile in zip(rows, data.tiles(data.items[list(rows)]), strict=True):
        figures.append(thumbnail(tile, f"item {row_:,}, {data.label_of(row_)}"))
    return row(figures, columns=columns, style="small")


def defined(shown: str, definition: str) -> str:
    """Something shown (HTML) whose definition opens below it by a click, a touch or a key; one is open at a time."""
    return (
        f'<details class="aeviz-defined" name="aeviz-defined"><summary>{shown}</summary>'
        f"<span>{escape(definition)}</span></details>"
    )


def by_hand(pointer: str, touch: str) -> str:
    """A sentence that says what the hand does: the first with a mouse or a pen, the second on a touch screen (HTML)."""
    return f'{POINTER}{pointer}</span><span class="aeviz-touch">{touch}</span>'


def with_pointer(text: str) -> str:
    """A text with such sentences as plain text, where nothing tells a mouse from a touch screen: those for a mouse."""
    return re.sub(rf'<span class="aeviz-touch">.*?</span>|{POINTER}|</span>', "", text)


def numbers(pairs: Sequence[tuple[str, str, str]]) -> None:
    """Figures of merit in a line: (name, value, definition)."""
    figures = [defined(f"{escape(name)} <b>{escape(value)}</b>", definition) for name, value, definition in pairs]
    st.html(f'<div class="aeviz-figures">{"".join(figures)}</div>')
