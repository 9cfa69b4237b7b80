"""What becomes of an item at each level and place of a corruption, and what each repair makes of it: computed once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from aeviz.app import caches, models
from aeviz.app.choice import Choice, Shown
from aeviz.app.choice import shown as shown_as
from aeviz.datasets.record import Dataset
from aeviz.evaluation import repair as figures
from aeviz.figures import palette
from aeviz.modalities.base import Corruption, Distance, Place
from aeviz.model.families import FAMILIES

CLASSICAL = ("#E69F00", "#56B4E9", "#AA4499")  # colours of the classical repairs
UPSCALED = "low-resolution"  # the corruption that a network without a bottleneck may mend
OPEN = "Without a bottleneck"
GRID = 7  # places along each side of an item
STEP, PLACED_STEP = 0.05, 0.1  # between two levels, without and with a place
PLACED_LEVEL = 0.3  # of the damage by whose middle the seed's own place is named
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Damaged:
    """One item under all levels and places, as rows of items (n, *shape) in C order; hidden is None without holes."""

    clean: Array
    corrupted: Array
    hidden: "NDArray[np.bool_] | None"


@dataclass(frozen=True)
class Strip:
    """One row of the page over all levels and places.

    tiles: (n, h, w, 1 or 3). scores: (n,) by the key of each distance; holes: (n,) PSNR in dB of the hole alone, or
    None. whole: (n,) bool, whether nothing is changed.
    """

    tiles: NDArray[np.uint8]
    scores: dict[str, NDArray[np.float64]]
    holes: NDArray[np.float64] | None
    whole: NDArray[np.bool_]


def repairers(choice: Choice, corruption: str) -> list[Shown]:
    """The pair, the data set's denoising autoencoder, and the one that was trained for just this corruption."""
    shown = list(choice.pair)
    corrupting = [card for card in models.zoo()[choice.dataset].values() if FAMILIES[card.family].corrupts]
    usual = next((card for card in corrupting if not models.config(card).corruptions), None)
    own = next((card for card in corrupting if corruption in models.config(card).corruptions), None)
    for card, special in ((usual, False), (own, True)):
        if card and card.name not in {model.name for model in shown}:
            model = shown_as(card)
            label = f"{FAMILIES[card.family].label} for just this" if special else model.label
            shown.append(replace(model, label=label))
    return shown


def labels(data: Dataset, compared: Sequence[Shown], corruption: str) -> list[tuple[str, str]]:
    """Label and colour of each repair, in the order of `repaired`."""
    names = [row.label for row in data.repairs(corruption)]
    return [
        *((model.label, model.colour) for model in compared),
        *((name, CLASSICAL[number % len(CLASSICAL)]) for number, name in enumerate(names)),
        *([(OPEN, palette.CLASSES[7])] if without_bottleneck(data, corruption) else []),
    ]


def without_bottleneck(data: Dataset, corruption: str) -> bool:
    """Whether a network without a code stands beside the others: what is lost by squeezing through one is read off."""
    from aeviz.evaluation.upscaling import has_upscaler

    return corruption == UPSCALED and has_upscaler(data.name)


def open_idea(data: Dataset) -> str:
    """What the network without a bottleneck is, and how good on the whole test split."""
    from aeviz.evaluation.upscaling import upscaler_card

    card = upscaler_card(data.name)
    return (
        f"**{OPEN}** four convolutions add to the small {data.words.noun}, pixel by pixel, what its surroundings "
        f"suggest (after Shi et al. 2016): {card.weights:,} weights, {card.psnr:.1f} dB and SSIM {card.ssim:.3f} over "
        "the test split when the side is halved. Nothing is squeezed through a code; how far the autoencoders stay "
        "behind is the price of theirs."
    )


def repaired(
    data: Dataset,
    names: Sequence[str],
    corruption: str,
    noisy: Array,
    levels: Sequence[float],
    hidden: "NDArray[np.bool_] | None",
    rows: Sequence[int] | None,
    keep: bool = False,
) -> list[Array]:
    """What each model and each classical repair make of items (N, *shape), of the level of each; rows: their own.

    keep: whether what is known of the clean items is put back into what models make. A classical repair is told the
    level where a corruption has a few; items of any level are mended in one go, and it is told the highest.
    """
    networks = [models.explorer(name) for name in names]
    made = [network.decode(network.encode(noisy)[0]) for network in networks]
    if keep:
        made = [_kept(data, corruption, noisy, levels, hidden, items) for items in made]
    graded = np.asarray(levels) if data.modality.corruption(corruption).levels else np.full(len(noisy), max(levels))
    for repair in data.repairs(corruption):
        mended = np.empty_like(noisy)
        for level in np.unique(graded):
            part = graded == level
            known = None if hidden is None else hidden[part]
            own = None if rows is None else np.asarray(rows)[part].tolist()
            mended[part] = data.mend(noisy[part], repair, float(level), known, own)
        made.append(mended)
    if without_bottleneck(data, corruption):
        made.append(_enlarged(data, noisy, np.asarray(levels) > 0))
    return made


def _kept(
    data: Dataset, corruption: str, noisy: Array, levels: Sequence[float], hidden: "NDArray[np.bool_] | None",
    items: Array,
) -> Array:  # fmt: skip
    row, kept = data.modality.corruption(corruption), items.copy()
    for level in dict.fromkeys(levels):
        part = np.asarray(levels) == level
        known = None if hidden is None else hidden[part]
        # What is clean is not looked at: a repair may not know it.
        damage = figures.Damage(row, level, noisy[part], noisy[part], known)
        kept[part] = figures.keep_known(data, damage, items[part])
    return kept


def _enlarged(data: Dataset, noisy: Array, small: "NDArray[np.bool_]") -> Array:
    from aeviz.evaluation.upscaling import upscale

    enlarged = noisy.copy()
    if small.any():
        enlarged[small] = upscale(data.name, noisy[small])
    return enlarged


def judges(data: Dataset) -> list[Distance]:
    """The distances that the page tells: the one that repairs are judged by, and the last other one of single items."""
    judge = data.modality.distance(data.modality.repair.judge)
    return [judge, *[row for row in data.modality.distances if row is not judge and row.unit != "share"][-1:]]


def references(clean: NDArray, noisy: NDArray) -> NDArray:
    """What repairs of items (N, *shape) are compared with: the clean items, of those that lack values these alone."""
    lacking = np.isnan(noisy)
    some = lacking.reshape(len(lacking), -1).any(1).reshape(-1, *[1] * (lacking.ndim - 1))
    return np.where(some & ~lacking, np.nan, clean).astype(np.float32)


def level_stops(row: Corruption, level: float) -> tuple[float, ...]:
    """The levels under the hand, the present one among them, which a link may name; one where there is no choice."""
    if row.levels:
        return row.levels if len(row.levels) == 1 else (0.0, *row.levels)
    step = PLACED_STEP if row.placed else STEP
    even = {round(step * number, 4) for number in range(int(row.maximum / step + 1e-6) + 1)}
    return tuple(sorted(even | {row.maximum, level}))


def places(data: Dataset, clean: Array, row: Corruption, seed: int) -> tuple[Place | None, ...]:
    """Where the damage may be, row by row of a `GRID`; None, by the seed, in the cell where the seed puts it."""
    if not row.placed:
        return (None,)
    at = np.linspace(0, 1, GRID)
    grid: list[Place | None] = [(float(y), float(x)) for y, x in product(at, at)]
    lost = data.hidden(clean, row.name, row.levels[0] if row.levels else PLACED_LEVEL, seed)
    if lost is not None and lost.any():
        middle = np.argwhere(lost[0].any(0)).mean(0) / (np.array(clean.shape[-2:]) - 1)
        y, x = np.rint(middle * (GRID - 1)).astype(int)
        grid[y * GRID + x] = None
    return tuple(grid)


def damaged(
    data: Dataset, clean: Array, corruption: str, seed: int, levels: Sequence[float], where: Sequence[Place | None]
) -> Damaged:
    """An item (1, *shape) at all levels and places."""
    ways = list(product(levels, where))
    corrupted = [data.corrupt(clean, corruption, level, seed, place) for level, place in ways]
    holes = [data.hidden(clean, corruption, level, seed, place) for level, place in ways]
    hidden = None if holes[0] is None else np.concatenate([hole for hole in holes if hole is not None])
    return Damaged(np.repeat(clean, len(ways), 0), np.concatenate(corrupted), hidden)


@caches.kept(max_entries=12, show_spinner="Repairing at every level …")
def strips(
    dataset: str,
    names: tuple[str, ...],
    corruption: str,
    seed: int,
    levels: tuple[float, ...],
    where: tuple[Place | None, ...],
    item: Array,
    row: int | None,
    keep: bool = False,
) -> list[Strip]:
    """The corrupted item (*shape), then each repair of it, over all levels and places."""
    data = models.data(dataset)
    damage = damaged(data, item[None], corruption, seed, levels, where)
    each = [level for level in levels for _ in where]
    rows = None if row is None else [row] * len(each)
    made = repaired(data, names, corruption, damage.corrupted, each, damage.hidden, rows, keep)
    return [judged(data, damage, items) for items in (damage.corrupted, *made)]


def judged(data: Dataset, damage: Damaged, made: Array) -> Strip:
    """Items that were made of the damaged ones, drawn and judged."""
    reference = references(damage.clean, damage.corrupted)
    scores = {row.key: data.distance(made, reference, row.key).astype(np.float64) for row in judges(data)}
    lacking = np.isnan(made).reshape(len(made), -1).any(1)
    for values in scores.values():
        values[lacking] = np.nan
    holes = None
    if damage.hidden is not None and judges(data)[0].unit == "dB":
        holes = figures.decibels(figures.hole_errors(damage.clean, made, damage.hidden))
    whole = (made == damage.clean).reshape(len(made), -1).all(1)
    return Strip(data.tiles(made), scores, holes, whole)
