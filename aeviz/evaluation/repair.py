"""How good a repair is: of whole items, of the hole alone, and of colours that were guessed.

Items are arrays (N, *shape). What each figure is, in words: `aeviz.evaluation.definitions`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES, at_hand, load_dataset
from aeviz.evaluation.definitions import REPAIR_PLACE, SEED
from aeviz.modalities.base import Corruption, Place
from aeviz.modalities.image.shapes import in_colour

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Values = NDArray[np.float64]
Figures = dict[str, float]


@dataclass(frozen=True)
class Damage:
    """Items x as a corruption leaves them: what repairs see, and what is known of it.

    corrupted, hidden: (N, *shape); hidden is None where a corruption makes no holes.
    """

    corruption: Corruption
    level: float
    clean: Array
    corrupted: Array
    hidden: Mask | None


def damage(
    data: Dataset, x: Array, name: str, level: float | None = None, place: Place | None = None, seed: int = SEED
) -> Damage:
    """Items x (N, *shape) of a data set damaged by a corruption, at the highest level that a DAE is trained on."""
    row = data.modality.corruption(name)
    level = row.trained if level is None else level
    x = np.asarray(x, np.float32)
    corrupted = data.corrupt(x, name, level, seed, place)
    return Damage(row, level, x, corrupted, data.hidden(x, name, level, seed, place))


def measured_damage(data: Dataset, x: Array, name: str) -> Damage:
    """What the figures of `metrics.json` are measured on: `REPAIR_PLACE` where the corruption takes a place."""
    return damage(data, x, name, place=REPAIR_PLACE if data.modality.corruption(name).placed else None)


def figures(data: Dataset, damaged: Damage, mended: Array) -> Figures:
    """All figures of items mended (N, *shape), by their keys in `metrics.json`; NaN and infinity are left out."""
    values = {
        f"repaired_{row.key}": float(data.distance(mended, damaged.clean, row.key).mean())
        for row in data.modality.distances
    }
    if damaged.hidden is not None:
        errors = hole_errors(damaged.clean, mended, damaged.hidden)
        values["hole_rmse"] = float(np.sqrt(np.nanmean(errors))) if np.isfinite(errors).any() else np.nan
        if data.modality.bounds == (0.0, 1.0):
            values["hole_psnr"] = float(np.nanmean(decibels(errors)))
    if is_colour(damaged.corruption, data):
        values |= {
            "pooled_psnr": pooled_psnr(damaged.clean, mended),
            "colourfulness": float(colourfulness(mended).mean()),
            "improved": improved(damaged.clean, damaged.corrupted, mended),
        }
    return {key: value for key, value in values.items() if np.isfinite(value)}


def keep_known(data: Dataset, damaged: Damage, mended: Array) -> Array:
    """Repaired items (N, *shape) with what is known of the clean ones put back: no repair has to guess that.

    Outside a hole that is the items themselves. Where a corruption takes no chances and damages what is damaged no
    further (low resolution: the mean of each square; no colour: the brightness), the repair is moved until it is
    damaged to the same, and cut to the bounds of the modality. Others tell nothing for sure, and nothing is changed.
    """
    x = np.asarray(mended, np.float32)
    if damaged.hidden is not None:
        return np.where(damaged.hidden, x, damaged.corrupted)
    if not damaged.corruption.levels:
        return x
    moved = x + damaged.corrupted - data.corrupt(x, damaged.corruption.name, damaged.level, SEED)
    kept: Array = np.clip(moved, *(data.modality.bounds or (-np.inf, np.inf)))
    return kept


def classical(data: Dataset, damaged: Damage, rows: Sequence[int] | None = None) -> dict[str, Figures]:
    """Figures of the classical repairs of the same damage, by their labels; rows: as in `Dataset.mend`."""
    others = whole_items(data).items
    return {
        repair.label: figures(
            data, damaged, data.mend(damaged.corrupted, repair, damaged.level, damaged.hidden, rows, others)
        )
        for repair in data.repairs(damaged.corruption.name)
    }


def is_colour(corruption: Corruption, data: Dataset) -> bool:
    """Whether what was lost is colour: items are brought to their brightness, without chance."""
    return corruption.levels == (1.0,) and not corruption.holes and in_colour(data.shape)


def hole_errors(clean: Array, mended: Array, hidden: Mask) -> Values:
    """Mean squared error over the hidden values of each item, (N,); NaN for an item of which none is hidden."""
    known = hidden & ~np.isnan(clean)
    squares = np.where(known, np.square(np.asarray(mended, np.float64) - clean), 0.0)
    counts = _flat(known).sum(1)
    errors: Values = np.divide(_flat(squares).sum(1), counts, out=np.full(len(clean), np.nan), where=counts > 0)
    return errors


def decibels(errors: Values) -> Values:
    """PSNR in dB for a peak of 1 of mean squared errors; infinite for none."""
    with np.errstate(divide="ignore"):
        psnr: Values = -10 * np.log10(errors)
    return psnr


def pooled_psnr(clean: Array, mended: Array) -> float:
    """PSNR in dB of the mean squared error of all items at once, finite though one comes back whole."""
    return float(decibels(np.square(np.asarray(mended, np.float64) - clean).mean()))


def colourfulness(x: Array) -> Values:
    """Of pictures x (N, 3, H, W) in [0, 1], as seen by people, (N,): 0 is grey, 109 "extremely colourful".

    √(σ_rg² + σ_yb²) + 0.3 √(μ_rg² + μ_yb²) of rg = R − G and yb = ½(R + G) − B from 0 to 255 (Hasler and Süsstrunk
    2003, "Measuring colourfulness in natural images").
    """
    red, green, blue = np.moveaxis(255 * np.asarray(x, np.float64), 1, 0)
    opponents = np.stack([red - green, 0.5 * (red + green) - blue]).reshape(2, len(x), -1)
    colourful: Values = np.hypot(*opponents.std(2)) + 0.3 * np.hypot(*opponents.mean(2))
    return colourful


def improved(clean: Array, corrupted: Array, mended: Array) -> float:
    """Share of items whose squared error is smaller mended than damaged."""
    before, after = (_flat(np.square(np.asarray(x, np.float64) - clean)).sum(1) for x in (corrupted, mended))
    return float((after < before).mean())


@dataclass(frozen=True)
class Whole:
    """Whole items (M, *shape) that classical repairs learn from, and which they are, in words.

    items: None for those of the data set itself that are not mended, as in `Dataset.mend`.
    """

    items: Array | None
    where: str


def whole_items(data: Dataset) -> Whole:
    """The training split where it is at hand without a download, or else the other half of the data set's own items."""
    if data.split == "test" and data.name in SOURCES and at_hand(data.name):
        training = load_dataset(data.name, "train")
        if training.shape == data.shape:
            return Whole(training.items, f"the {len(training):,} {data.words.plural} of the training split")
    return Whole(None, f"the other half of the {len(data):,} {data.words.plural} here")


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    return values.reshape(len(values), -1)
