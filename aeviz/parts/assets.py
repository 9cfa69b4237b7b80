"""How a live part reaches the browser: its files, and arrays packed for its `data`."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

FOLDER = Path(__file__).parent
SHARED = {  # what some parts have in common beyond common.js, by part
    "scrubber": ("js/player.js",),
    "replay_film": ("js/player.js", "latent_pad/tints.js"),
}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def javascript(name: str) -> str:
    """The ES module of a part: `common.js`, what it has in `SHARED`, its other `.js` files by name, `<name>.js`."""
    main = FOLDER / name / f"{name}.js"
    others = sorted(path for path in main.parent.glob("*.js") if path != main)
    shared = [FOLDER / path for path in ("js/common.js", *SHARED.get(name, ()))]
    return "\n".join(_text(path) for path in (*shared, *others, main))


def register(name: str) -> Any:
    """Register the component whose files are `<name>/<name>.js`, `.css` and (optionally) `.html`.

    `common.js` and `common.css` come before its own. The texts are passed inline, so nothing is
    fetched from elsewhere and no build step exists. Returns the mounting command.
    """
    folder = FOLDER / name
    return st.components.v2.component(
        f"aeviz_{name}",
        html=_text(folder / f"{name}.html") or "\n<div></div>\n",
        css=_text(FOLDER / "js" / "common.css") + "\n" + _text(folder / f"{name}.css"),
        js=javascript(name),
    )


def pack(array: np.ndarray) -> dict[str, Any]:
    """An array as JSON: little-endian bytes in base64 with dtype and shape. `common.js` unpacks it."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "bytes": base64.b64encode(little.tobytes()).decode("ascii"),
    }


def png(pixels: np.ndarray) -> bytes:
    """PNG file of pixels (H, W) or (H, W, 3), uint8; fast rather than smallest."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


def strip(pictures: np.ndarray, columns: int | None = None) -> dict[str, Any]:
    """Pictures (N, C, H, W) in [0, 1] as one sheet of tiles, row by row.

    Returns {"url": a PNG data URL, "count", "columns", "width", "height"} with the width and height
    of one tile in pixels. `columns` defaults to N (a single row).
    """
    count, channels, height, width = pictures.shape
    columns = columns or count
    rows = -(-count // columns)
    pixels = np.zeros((rows * columns, height, width, channels), np.uint8)
    pixels[:count] = np.rint(np.clip(pictures, 0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    sheet = pixels.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    sheet = sheet.reshape(rows * height, columns * width, channels)
    url = "data:image/png;base64," + base64.b64encode(png(sheet[..., 0] if channels == 1 else sheet)).decode("ascii")
    return {"url": url, "count": count, "columns": columns, "width": width, "height": height}
