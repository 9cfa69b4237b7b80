"""What a model looked like while it learned: codes, reconstructions and samples at some of its training steps."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aeviz.modalities.base import Tiles

RECORDING = "recording.npz"
FRAMES = 40
ITEMS, CODES, SAMPLES = 8, 1000, 16
ARRAYS = ("steps", "rows", "codes", "items", "reconstructions", "samples", "figures")
MAX_BYTES = 100_000_000  # bytes, unpacked


class RecordingError(ValueError):
    """A recording is missing or damaged; the message says how to mend it."""


@dataclass(frozen=True)
class Recording:
    """A training, S frames of it, the first before any step.

    steps: (S,) int32, gradient steps done. rows: (P,) items of the test split, whose mean codes are
    codes: (S, P, d) float32. items: (R,) rows whose reconstructions are tiles (S, R, 1 or 3, h, w) uint8.
    samples: (S, K, 1 or 3, h, w) uint8, decodes of the same K draws from N(0, I),
    `aeviz.latent.paths.prior(K, d, seed=0)`.
    terms: names of the objective's terms, figures: (S, len(terms)) float32, their means over the P items.
    """

    steps: NDArray[np.int32]
    rows: NDArray[np.int32]
    codes: NDArray[np.float32]
    items: NDArray[np.int32]
    reconstructions: NDArray[np.uint8]
    samples: NDArray[np.uint8]
    terms: tuple[str, ...]
    figures: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def tiles(self) -> tuple[Tiles, Tiles]:
        """Reconstructions (S, R, h, w, 1 or 3) and samples (S, K, h, w, 1 or 3) with their channels last."""
        return np.moveaxis(self.reconstructions, 2, -1), np.moveaxis(self.samples, 2, -1)


def frame_steps(total: int, frames: int = FRAMES) -> list[int]:
    """Steps at which to record a training of `total` steps: 0, then evenly on a logarithmic scale up to the last."""
    if total < 1 or frames < 2:
        raise ValueError(f"A recording needs a step and two frames at least, not {total} and {frames}.")
    # From the last to the first: where there is but one frame after 0, it is the last.
    return sorted({0, *np.geomspace(total, 1, frames - 1).round().astype(int).tolist()})


def save_recording(path: Path, recording: Recording) -> None:
    """Write a recording, codes in float16 where they fit. The file is the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.draft")
    arrays = {name: getattr(recording, name) for name in ARRAYS}
    fits = np.abs(recording.codes).max(initial=0) <= np.finfo(np.float16).max
    arrays["codes"] = recording.codes.astype(np.float16 if fits else np.float32)
    try:
        with draft.open("wb") as file:
            np.savez_compressed(file, **arrays, terms=np.array(recording.terms))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def load_recording(path: Path) -> Recording:
    """Read a recording. Raises RecordingError where it is missing, damaged, or its parts do not fit together."""
    try:
        _check_size(path)
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS}
            terms = tuple(str(term) for term in file["terms"])
    except FileNotFoundError as error:
        raise RecordingError(f"{path} is missing: train the model again with --record.") from error
    except (
        OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error
    ) as error:  # fmt: skip
        raise RecordingError(f"{path} cannot be read ({error}): train the model again with --record.") from error
    if not _fit_together(arrays, terms):
        raise RecordingError(f"{path} is damaged, its parts do not fit together: train the model again with --record.")
    return Recording(**{**arrays, "codes": arrays["codes"].astype(np.float32)}, terms=terms)


def _check_size(path: Path) -> None:
    """A small file may unpack to one that fills the memory."""
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > MAX_BYTES:
        raise ValueError(f"it unpacks to {size:,} bytes; at most {MAX_BYTES:,} are read")


def _fit_together(arrays: dict[str, NDArray], terms: tuple[str, ...]) -> bool:  # type: ignore[type-arg]
    """Whether arrays have the shapes and kinds that `Recording` names, and steps that grow."""
    steps, rows, items, codes = (arrays[name] for name in ("steps", "rows", "items", "codes"))
    pictures, samples = arrays["reconstructions"], arrays["samples"]
    integers = all(
        array.ndim == 1 and array.dtype.kind in "iu" and (array >= 0).all() for array in (steps, rows, items)
    )
    return bool(
        integers
        and len(steps) > 0
        and (np.diff(steps) > 0).all()
        and codes.ndim == 3
        and codes.dtype.kind == "f"
        and codes.shape[:2] == (len(steps), len(rows))
        and np.isfinite(codes).all()
        and pictures.ndim == samples.ndim == 5
        and pictures.dtype == samples.dtype == np.uint8
        and pictures.shape[:2] == (len(steps), len(items))
        and samples.shape[0] == len(steps)
        and samples.shape[2:] == pictures.shape[2:]
        and arrays["figures"].shape == (len(steps), len(terms))
        and arrays["figures"].dtype.kind == "f"
    )
