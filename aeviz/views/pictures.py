"""Pictures as HTML and as files: figures with captions, sheets, animations."""

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from aeviz import Dataset

Picture = NDArray[np.float32]  # (C, H, W) in [0, 1]


def pixels(pictures: NDArray) -> NDArray[np.uint8]:
    """Pictures (..., C, H, W) in [0, 1] as bytes (..., H, W) or (..., H, W, 3), ready for Pillow."""
    levels = pictures if pictures.dtype == np.uint8 else np.rint(np.clip(pictures, 0, 1) * 255).astype(np.uint8)
    levels = np.moveaxis(levels, -3, -1)
    return levels[..., 0] if levels.shape[-1] == 1 else levels


def png(picture: NDArray, scale: int = 1) -> bytes:
    """A picture (C, H, W) as a PNG file, each pixel `scale` pixels wide."""
    buffer = io.BytesIO()
    image = Image.fromarray(pixels(picture))
    image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


def data_url(picture: NDArray) -> str:
    """A picture (C, H, W) as a PNG data URL."""
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode("ascii")


def sheet(pictures: NDArray, columns: int, gap: int = 1) -> NDArray[np.uint8]:
    """Pictures (N, C, H, W) as one (C, H', W') of bytes, row by row, `gap` grey pixels between them."""
    levels = pictures if pictures.dtype == np.uint8 else np.rint(np.clip(pictures, 0, 1) * 255).astype(np.uint8)
    count, channels, height, width = levels.shape
    rows = -(-count // columns)
    whole = np.full((channels, rows * (height + gap) - gap, columns * (width + gap) - gap), 60, np.uint8)
    for number, picture in enumerate(levels):
        top, left = (number // columns) * (height + gap), (number % columns) * (width + gap)
        whole[:, top : top + height, left : left + width] = picture
    return whole


def gif(frames: NDArray, milliseconds: int, scale: int = 8) -> bytes:
    """Pictures (N, C, H, W) as an endless animation, there and back."""
    images = [Image.fromarray(frame) for frame in pixels(frames)]
    size = (images[0].width * scale, images[0].height * scale)
    large = [image.resize(size, Image.Resampling.NEAREST) for image in images]
    buffer = io.BytesIO()
    large[0].save(buffer, "GIF", save_all=True, append_images=large[1:] + large[-2:0:-1], duration=milliseconds, loop=0)
    return buffer.getvalue()


def npz(arrays: Mapping[str, NDArray]) -> bytes:
    """Arrays by name as an NPZ file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict[str, Any](arrays))
    return buffer.getvalue()


def figure(picture: NDArray, caption: str, *, note: str = "", accent: str = "") -> str:
    """One picture with its caption as HTML; `accent` underlines it in a model's colour."""
    style = f' style="border-color: {accent}"' if accent else ""
    small = f"<br><small>{note}</small>" if note else ""
    alt = escape(caption, quote=True)
    image = f'<img src="{data_url(picture)}" alt="{alt}"{style}>'
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
    for row_ in rows:
        title = escape(f"item {row_:,}, {data.label_names[data.labels[row_]]}", quote=True)
        figures.append(f'<figure title="{title}"><img src="{data_url(data.items[row_])}" alt="{title}"></figure>')
    return row(figures, columns=columns, style="small")


def numbers(pairs: Sequence[tuple[str, str, str]]) -> None:
    """Figures of merit in a line: (name, value, definition); the definition shows on hover and focus."""
    spans = [
        f'<span tabindex="0" title="{escape(what, quote=True)}">{escape(name)} <b>{escape(value)}</b></span>'
        for name, value, what in pairs
    ]
    st.html(f'<div class="aeviz-figures">{"".join(spans)}</div>')
