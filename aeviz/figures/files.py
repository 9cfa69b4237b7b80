"""Pictures as files: PNG, GIF, NPZ, and sheets of many."""

import base64
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


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
