"""The tiles that the maps of a page show under the pointer, sent to the browser once for all of them."""

import zlib

import numpy as np
from numpy.typing import NDArray

from aeviz.app import caches, models
from aeviz.app.choice import Choice
from aeviz.app.panels import map_choice
from aeviz.parts import picture_atlas
from aeviz.parts.picture_atlas.streamlit import picture_atlas as show


def send(choice: Choice, view: map_choice.View, key: str = "") -> None:
    """Send the tiles that the maps of a view show. key: of the element, where a page sends the same tiles elsewhere."""
    data = models.data(choice.dataset)
    rows = map_choice.subset(len(data), view.settings) if view.settings else np.arange(len(data))
    name = name_of(choice, rows)
    show(_sheet(choice.dataset, name, rows), key=key or f"atlas-{name}")


def name_of(choice: Choice, rows: NDArray[np.int64]) -> str:
    """By which maps find the tiles of rows (n,)."""
    return f"{choice.dataset}-{len(rows)}-{zlib.crc32(rows.tobytes())}"


@caches.kept(max_entries=6, show_spinner=False, hash_funcs={np.ndarray: lambda rows: zlib.crc32(rows.tobytes())})
def _sheet(dataset: str, name: str, rows: NDArray[np.int64]) -> bytes:
    data = models.data(dataset)
    return picture_atlas.payload(name, data.tiles(data.items[rows]), smooth=data.modality.smooth)
