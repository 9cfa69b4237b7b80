"""What a model looked like while it learned: codes, reconstructions and samples at some of its training steps."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RECORDING = "recording.npz"
FRAMES = 40
ITEMS, CODES, SAMPLES = 8, 1000, 16
ARRAYS = ("steps", "rows", "codes", "items", "reconstructions", "samples", "figures")


class RecordingError(ValueError):
    """A recording is missing or damaged; the message says how to mend it."""


@dataclass(frozen=True)
class Recording:
    """A training, S frames of it, the first before any step.

    steps: (S,) int32, gradient steps done. rows: (P,) items of the test split, whose mean codes are
    codes: (S, P, d) float32. items: (R,) rows whose reconstructions are (S, R, C, H, W) uint8. samples:
    (S, K, C, H, W) uint8, decodes of the same K draws from N(0, I), `aeviz.latent.prior(K, d, seed=0)`.
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


def frame_steps(total: int, frames: int = FRAMES) -> list[int]:
    """Steps at which to record a training of `total` steps: 0, then evenly on a logarithmic scale up to the last."""
    if total < 1 or frames < 2:
        raise ValueError(f"A recording needs a step and two frames at least, not {total} and {frames}.")
    return sorted({0, *np.geomspace(1, total, frames - 1).round().astype(int).tolist()})


def save_recording(path: Path, recording: Recording) -> None:
    """Write a recording, codes in float16. The file is the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.draft")
    arrays = {name: getattr(recording, name) for name in ARRAYS}
    with draft.open("wb") as file:
        np.savez_compressed(
            file, **{**arrays, "codes": recording.codes.astype(np.float16)}, terms=np.array(recording.terms)
        )
    draft.replace(path)


def load_recording(path: Path) -> Recording:
    """Read a recording. Raises RecordingError where it is missing, damaged, or its parts do not fit together."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS}
            terms = tuple(str(term) for term in file["terms"])
    except FileNotFoundError as error:
        raise RecordingError(f"{path} is missing: train the model again with --record.") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RecordingError(f"{path} cannot be read ({error}).") from error
    found = Recording(**{**arrays, "codes": arrays["codes"].astype(np.float32)}, terms=terms)
    frames = len(found.steps)
    sound = (
        frames > 0
        and found.codes.shape[:2] == (frames, len(found.rows))
        and found.reconstructions.shape[:2] == (frames, len(found.items))
        and found.samples.shape[0] == frames
        and found.figures.shape == (frames, len(terms))
        and found.reconstructions.ndim == found.samples.ndim == 5
        and bool(np.isfinite(found.codes).all())
    )
    if not sound:
        raise RecordingError(f"{path} is damaged: its parts do not fit together.")
    return found
