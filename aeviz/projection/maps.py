"""The maps that travel with a checkpoint: `maps.npz`."""

import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NAME = re.compile(r"(pca|tsne|umap)-([23])")


def save_maps(path: str | Path, maps: Mapping[str, NDArray[Any]]) -> None:
    """Write maps named "pca-2", "tsne-3" and so on, each (n, dims), as compressed float16.

    Each map is moved and scaled, all axes alike, into the box [-1, 1], where the step of float16 is at most a
    4,000th of the map's width. The file appears whole or not at all. Raises ValueError for names, shapes or
    values that `load_maps` would refuse.
    """
    _check(maps, str(path))
    stored = {name: _boxed(coordinates).astype(np.float16) for name, coordinates in maps.items()}
    path = Path(path)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, **stored)  # type: ignore[arg-type]
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def load_maps(path: str | Path) -> dict[str, NDArray[np.float32]]:
    """Read what `save_maps` wrote: name -> coordinates (n, dims) float32 in [-1, 1], the same n for all.

    Runs no code of the file. Raises FileNotFoundError, and ValueError for a file that holds anything else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            maps = {name: np.asarray(file[name]) for name in file.files}
    except (zipfile.BadZipFile, EOFError, ValueError, KeyError, AttributeError, TypeError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(f"{path} is not a file of maps: {error}") from error
    _check(maps, str(path))
    return {name: coordinates.astype(np.float32) for name, coordinates in maps.items()}


def _check(maps: Mapping[str, NDArray[Any]], where: str) -> None:
    for name, coordinates in maps.items():
        match = _NAME.fullmatch(name)
        if match is None:
            raise ValueError(f"{where}: {name!r} is not the name of a map, such as 'pca-2' or 'umap-3'.")
        if coordinates.ndim != 2 or coordinates.shape[1] != int(match[2]) or len(coordinates) == 0:
            raise ValueError(f"{where}: {name!r} must have the shape (n, {match[2]}), not {coordinates.shape}.")
        if not np.issubdtype(coordinates.dtype, np.floating) or not np.isfinite(coordinates).all():
            raise ValueError(f"{where}: {name!r} holds something other than finite numbers.")
    if len({len(coordinates) for coordinates in maps.values()}) > 1:
        sizes = ", ".join(f"{name}: {len(coordinates)}" for name, coordinates in maps.items())
        raise ValueError(f"{where}: the maps differ in their number of points ({sizes}).")


def _boxed(coordinates: NDArray[Any]) -> NDArray[np.float64]:
    low, high = coordinates.min(0).astype(np.float64), coordinates.max(0).astype(np.float64)
    half = (high - low).max() / 2.0
    centred: NDArray[np.float64] = coordinates - (low + high) / 2.0
    return centred / (half if half > 0 else 1.0)
