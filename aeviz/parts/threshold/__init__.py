"""A threshold on a score: what is flagged follows the hand, in the histogram, on the curves and among the items.

All scores are in the browser, so dragging sends nothing; how many items are flagged, and what a miss costs, come back
on release. Tiles are those of a mounted `picture_atlas`; maps of a group mark what is flagged.

Usage, with scores (N,) and which items are unusual (N,):

    from aeviz.parts.threshold import payload
    from aeviz.parts.threshold.streamlit import threshold

    result = threshold(payload(scores, positive, atlas="digits", shown=shown, title="Error"), key="threshold")
    result.threshold  # None until the hand was there; then {"flagged", "cost"}
    result.item  # the item whose tile was clicked
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aeviz.figures import palette
from aeviz.parts.sheets import pack

COSTS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
LOGARITHMIC = 30  # times the lowest that the highest score is, from which the axis is logarithmic
ENDS = (0.002, 0.998)  # quantiles of each kind that the axis reaches to
POINTS = 300  # of a curve


def payload(
    scores: ArrayLike,
    positive: ArrayLike | None,
    *,
    roc: tuple[ArrayLike, ArrayLike] | None = None,
    precision_recall: tuple[ArrayLike, ArrayLike] | None = None,
    areas: tuple[float, float] | None = None,
    shown: ArrayLike = (),
    atlas: str = "",
    group: str = "",
    flagged: int | None = None,
    cost: float = 2,
    names: tuple[str, str] = ("usual", "unusual"),
    plural: str = "items",
    title: str = "score",
    captions: Sequence[str] = (),
    beside: Sequence[ArrayLike] = (),
) -> dict[str, Any]:
    """What the browser gets.

    Args:
        scores: (N,), larger for what is more unusual.
        positive: (N,), which items are unusual; None where nobody knows: then there are no curves and no costs.
        roc: share of false alarms and share found, (M,) each, of the curve that is drawn.
        precision_recall: recall and precision, (M,) each.
        areas: under both curves, which their headings tell.
        shown: (K,) items whose tiles the atlas holds, in its order; the map of the group has them as points.
        atlas: name of the mounted atlas.
        group: of the maps that mark what is flagged, "" for none.
        flagged: how many items the threshold flags; None puts it where it is cheapest, or at a twentieth of the items.
        cost: what a miss costs in false alarms, one of `COSTS`.
        names: what the two kinds are called.
        plural: what items are called.
        title: what the score is, under its axis.
        captions: a few words on each shown item, (K,) or none.
        beside: scores (N,) by other models, which the axis holds too, so that a place means one score for all.

    Raises ValueError where arrays do not fit, a score is not finite or a cost is not offered.

    """
    values = np.asarray(scores, np.float32)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ValueError("scores must be (N,) finite numbers, one or more")
    kinds = None if positive is None else np.asarray(positive, bool)
    if kinds is not None and (kinds.shape != values.shape or kinds.all() or not kinds.any()):
        raise ValueError("positive must tell of each item whether it is unusual, and there must be both kinds")
    if cost not in COSTS:
        raise ValueError(f"a miss may cost {', '.join(f'{price:g}' for price in COSTS)} false alarms, not {cost}")
    if flagged is not None and not 0 <= flagged <= len(values):
        raise ValueError(f"flagged must be a number of items, up to {len(values)}, not {flagged}")
    order = np.argsort(-values, kind="stable")
    tiles = np.full(len(values), -1, np.int32)
    rows = np.asarray(shown, np.int64)
    tiles[rows] = np.arange(len(rows))
    if captions and len(captions) != len(rows):
        raise ValueError(f"{len(captions)} captions for {len(rows)} tiles")
    low, high, logs = axis(values, kinds, beside)
    return {
        "scores": pack(values[order]),
        "items": pack(order.astype(np.uint32)),
        "tiles": pack(tiles[order]),
        "positive": None if kinds is None else pack(kinds[order].astype(np.uint8)),
        "axis": {"low": low, "high": high, "log": logs},
        "roc": _curve(roc),
        "precisionRecall": _curve(precision_recall),
        "areas": None if areas is None else [float(area) for area in areas],
        "atlas": atlas,
        "group": group,
        "flagged": flagged,
        "told": None,
        "cost": float(cost),
        "costs": [float(price) for price in COSTS],
        "names": list(names),
        "plural": plural,
        "title": title,
        "captions": list(captions),
        "colours": [palette.USUAL, palette.UNUSUAL],
    }


def axis(
    scores: NDArray[Any], positive: NDArray[np.bool_] | None, beside: Sequence[ArrayLike] = ()
) -> tuple[float, float, bool]:
    """The ends of an axis that holds nearly all scores (N,) of each kind, and whether it is logarithmic.

    beside: scores (N,) of the same items by other models.
    """
    of_models = [scores, *(np.asarray(others, np.float32) for others in beside)]
    kinds = (
        of_models if positive is None else [of_model[kind] for of_model in of_models for kind in (positive, ~positive)]
    )
    ends = np.array([np.quantile(kind, ENDS) for kind in kinds], np.float64)
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    if not low < high:
        low, high = low - 0.5, high + 0.5
    return low, high, bool(low > 0 and high > LOGARITHMIC * low)


def _curve(curve: tuple[ArrayLike, ArrayLike] | None) -> list[list[float]] | None:
    """A curve (M,) by (M,) as at most `POINTS` of its points, evenly spaced along it, the ends among them."""
    if curve is None:
        return None
    places = np.stack([np.asarray(side, np.float64) for side in curve], 1)
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(places, axis=0)).sum(1))])
    rows = np.searchsorted(along, np.linspace(0, along[-1], POINTS)) if len(places) > POINTS else np.arange(len(places))
    rounded: list[list[float]] = places[np.unique(np.clip(rows, 0, len(places) - 1))].round(5).tolist()
    return rounded
