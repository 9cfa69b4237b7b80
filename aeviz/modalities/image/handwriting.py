"""Handwriting in a photograph: the ink apart from the paper, upright, and each digit as a drawing pad would give it.

Only arrays go in and come out. Pixels are (h, w, 3) uint8, shares are of a side and from 0 to 1, and angles are degrees
anticlockwise. "Contrast" is how unlike the paper a pixel is: 0 for paper, 1 for the usual ink.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from aeviz.errors import DataError
from aeviz.modalities.image.drawing import BOX, prepare

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]
Frame = tuple[float, float, float, float]  # top, left, bottom, right, as shares
Box = tuple[int, int, int, int]  # top, left, bottom, right in pixels; the last two are outside

MAX_SIDE = 1200  # pixels: larger photographs are shrunk before anything is looked for
MIN_SIDE = 112  # pixels: smaller ones are enlarged, for strokes of a pixel have no shape
MIN_PIXELS = 8  # a side, of what a digit can be looked for in
GROUND_SIDE = 160  # pixels: the light on paper changes slowly and is worked out on a small copy
SKETCH_SIDE = 56  # pixels: whether ink is dark or light shows on a smaller one
WINDOW = 0.3  # of the mean side: wider than any stroke, narrower than most shadows
UNLIKELY = 0.1  # of the strength of the other kind of ink
MIN_CONTRAST = 0.06  # of full brightness: what differs less from the paper is no ink
MIN_SIGNAL = 5.0  # times the noise
USUAL_THRESHOLDS = (0.3, 0.6)  # between which a threshold is set without being told
MIN_TURN = 0.25  # degrees: what is turned by less is left as it is
LINES_SIDE = 150  # pixels: the tilt of lines shows on a copy that is less than twice as large
MIN_SHARPNESS = 10.0  # times the usual one, at the angle of lines
LINE_SHARE = 0.75  # of a page's width, that a printed line covers and no stroke does
MAX_TILT = 30  # degrees: a page held askew, not one that lies on its side
MAX_DIGITS = 30  # groups of strokes that are shown
MIN_SHARE = 0.3  # of the largest group's longer side: what is smaller is a speck
STROKE = 2.4  # pixels of 28 that a stroke has at least; the median of MNIST's test digits is 2.7
PAD_SIDE = 160  # pixels of a digit's longer side when its strokes are made thicker


@dataclass(frozen=True)
class Adjustments:
    """What a visitor sets; None leaves it to the photograph.

    frame: the part that is looked at. threshold: of the contrast, from which a pixel is ink. dark: whether the ink is
    darker than the paper. turn: degrees anticlockwise.
    """

    frame: Frame = (0.0, 0.0, 1.0, 1.0)
    threshold: float | None = None
    dark: bool | None = None
    turn: float | None = None


@dataclass(frozen=True)
class Strokes:
    """The ink of a photograph and the groups of strokes in it.

    contrast: (h, w) before the turn. threshold, dark, turn: those used. ink: (H, W) in [0, 1], upright, of the groups
    alone. boxes: of the groups, line by line; largest: the number of the one with most ink. labels: (H, W), the number
    of a pixel's group plus one. count: groups that there are, `MAX_DIGITS` of which are kept.
    """

    contrast: Field
    threshold: float
    dark: bool
    turn: float
    ink: Field
    labels: NDArray[np.int32]
    boxes: tuple[Box, ...]
    largest: int
    count: int


def find_strokes(pixels: NDArray[np.uint8], adjust: Adjustments | None = None) -> Strokes:
    """The strokes in a photograph (h, w, 3) uint8.

    The paper's light is the grey closing of the picture (Serra 1982: strokes narrower than the window vanish), the ink
    what differs from it; the page is turned so that ruled lines, a grid or a row of digits lie level, and its lines are
    taken away; the threshold is Otsu's (1979) among what differs at all.

    Raises DataError where no ink is found, and for a frame with fewer than `MIN_PIXELS` a side.
    """
    adjust = adjust or Adjustments()
    part = _framed(pixels, adjust.frame)
    dark = _dark_ink(part) if adjust.dark is None else adjust.dark
    contrast, noise = _contrast(part if dark else 1 - part)
    turn = _tilt_of_lines(contrast) if adjust.turn is None else adjust.turn
    inked = _inked(contrast, noise, adjust.threshold, turn or 0.0)
    if adjust.turn is None and turn is not None and not inked.ruled:  # a straight stroke is no line of the page
        turn, inked = None, _inked(contrast, noise, adjust.threshold, 0.0)
    strokes = _grouped(contrast, inked, dark, turn or 0.0)
    if turn is None and (tilt := _tilt_of_row(strokes.boxes)):
        strokes = _grouped(contrast, _inked(contrast, noise, adjust.threshold, tilt), dark, tilt)
    return strokes


def digit(strokes: Strokes, number: int, shape: tuple[int, int] = (28, 28)) -> Field:
    """A group of strokes as the picture (1, H, W) in [0, 1] that a drawing pad would give, bright on black.

    Scaled and centred as `drawing.prepare` does it; the strokes of a fine pen are made as thick as MNIST's thin ones.
    """
    top, left, bottom, right = strokes.boxes[number]
    own = strokes.labels[top:bottom, left:right] == number + 1
    ink = np.where(own, strokes.ink[top:bottom, left:right], 0)
    thick = _thickened(ink, min(round(side * BOX) for side in shape))
    picture = prepare(np.rint(thick * 255).astype(np.uint8), shape, "mnist")
    return np.zeros((1, *shape), np.float32) if picture is None else picture


# ---- The frame and the ink.


def _framed(pixels: NDArray[np.uint8], frame: Frame) -> Field:
    """The part in the frame, (h, w, 3) in [0, 1], enlarged or shrunk to a size that can be worked with."""
    height, width = pixels.shape[:2]
    top, left, bottom, right = frame
    rows = slice(round(top * height), round(bottom * height))
    columns = slice(round(left * width), round(right * width))
    part: Field = pixels[rows, columns].astype(np.float32) / np.float32(255)
    longest = max(part.shape[:2], default=0)
    if longest > MAX_SIDE and min(part.shape[:2]) >= MIN_PIXELS:
        part = _shrunk(part, -(-longest // MAX_SIDE))
    if min(part.shape[:2]) < MIN_PIXELS:
        raise DataError(
            f"{part.shape[1]} × {part.shape[0]} pixels are too few for a digit: at least {MIN_PIXELS} a side are "
            "needed. Widen the frame or take a larger picture."
        )
    if longest < MIN_SIDE:
        times = MIN_SIDE / longest
        part = np.clip(ndimage.zoom(part, (times, times, 1), order=3, mode="nearest", grid_mode=True), 0, 1)
    return part


def _shrunk(part: Field, times: int) -> Field:
    """Means of squares of `times` × `times` pixels (h, w, C); what is left over at the end is cut off."""
    height, width = part.shape[0] // times, part.shape[1] // times
    whole = part[: height * times, : width * times]
    means: Field = whole.reshape(height, times, width, times, part.shape[2]).mean((1, 3), dtype=np.float32)
    return means


def _dark_ink(part: Field) -> bool:
    """Whether what stands out from its surroundings is darker than they are."""
    grey = _small(part, SKETCH_SIDE).mean(2)
    around = ndimage.median_filter(grey, _window(grey), mode="nearest")
    dark = bool(((grey - around) ** 3).sum() <= 0)
    # The corners of a sheet on a dark desk stand out too, but no light stroke lies there.
    likely, other = (float((np.clip(_paper(each) - each, 0, None) ** 2).sum()) for each in _both(part, dark))
    return dark if likely > UNLIKELY * other else not dark


def _both(part: Field, dark: bool) -> tuple[Field, Field]:
    small = _small(part, GROUND_SIDE)
    return (small, 1 - small) if dark else (1 - small, small)


def _small(part: Field, side: int) -> Field:
    times = min(max(part.shape[:2]) // side, min(part.shape[:2]) // MIN_PIXELS)
    return _shrunk(part, max(1, times))


def _window(small: Field) -> int:
    return max(3, round(WINDOW * float(np.sqrt(small.shape[0] * small.shape[1]))))


def _paper(small: Field) -> Field:
    """What a small picture (h, w, 3) would be without its dark strokes."""
    side = _window(small)
    small = ndimage.gaussian_filter(small, (1, 1, 0), mode="nearest")
    # Beyond its edge the light goes on as it comes in, or a gradient would end in ink.
    beyond = tuple(min(side, length - 1) for length in small.shape[:2])
    wide = np.pad(small, (*((n, n) for n in beyond), (0, 0)), mode="reflect", reflect_type="odd").clip(0, 1)
    closed = ndimage.grey_closing(wide, (side, side, 1), mode="nearest")
    # Smooth, but no lighter than the closing: the edge of a sheet would be a stroke.
    paper: Field = np.minimum(ndimage.gaussian_filter(closed, (side / 8, side / 8, 0), mode="nearest"), closed)
    return paper[beyond[0] : -beyond[0], beyond[1] : -beyond[1]]


def _contrast(part: Field) -> tuple[Field, float]:
    """The contrast (h, w) of ink that is darker than its paper (h, w, 3), and the noise in it.

    Each channel is divided by its paper; the three are then weighed by how much of the ink each one shows, so that red
    or blue ink counts as much as black and rulings of another colour count for less.
    """
    paper = _enlarged(_paper(_small(part, GROUND_SIDE)), part.shape[:2])
    darker = 1 - (part + 0.03) / (paper + 0.03)
    strength = np.clip(darker.mean(2) - MIN_CONTRAST, 0, None) ** 2
    total = float(strength.sum()) or 1.0
    usual = (darker * strength[..., None]).sum((0, 1)) / total
    differs = float((np.abs(paper - part).mean(2) * strength).sum()) / total
    if differs < MIN_CONTRAST:
        raise DataError("No ink is found: nothing in the picture is darker or lighter than what is around it.")
    contrast = (darker @ (usual / (usual**2).sum())).astype(np.float32)
    steps = np.abs(np.diff(contrast, axis=1))  # between neighbours: few of them lie at an edge of ink
    noise = 1.4826 / float(np.sqrt(2)) * float(np.median(steps))
    if noise * MIN_SIGNAL > 1:
        raise DataError("No ink is found: nothing in the picture stands out from its noise.")
    return contrast, noise


def _enlarged(small: Field, shape: tuple[int, ...]) -> Field:
    """A small picture (h, w, C) stretched over a larger one."""
    rows, columns = (
        np.clip((np.arange(length) + 0.5) * side / length - 0.5, 0, side - 1)
        for length, side in zip(shape, small.shape[:2], strict=True)
    )
    return _between(np.swapaxes(_between(small, rows), 0, 1), columns).swapaxes(0, 1)


def _between(values: Field, at: NDArray[np.float64]) -> Field:
    low = np.minimum(at.astype(int), len(values) - 1)
    share = (at - low).astype(np.float32)[:, None, None]
    between: Field = values[low] * (1 - share) + values[np.minimum(low + 1, len(values) - 1)] * share
    return between


def _threshold(contrast: Field, noise: float) -> float:
    """Otsu's threshold (1979) among the pixels that are not just paper: it parts ink from rulings and soft shadows."""
    values = contrast[contrast > max(3 * noise, 0.12)]
    if not len(values):
        return USUAL_THRESHOLDS[1]
    values = np.clip(values, 0, 1.5)
    counts, edges = np.histogram(values, 64, (float(values.min()), float(values.max()) + 1e-3))  # ink may be all alike
    middles, below = (edges[1:] + edges[:-1]) / 2, np.cumsum(counts)
    sums = np.cumsum(counts * middles)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.nan_to_num((sums[-1] * below / below[-1] - sums) ** 2 / (below * above))
    return float(np.clip(edges[1 + int(between.argmax())], max(USUAL_THRESHOLDS[0], min(4 * noise, 0.6)),
                         USUAL_THRESHOLDS[1]))  # fmt: skip


# ---- Upright.


def _tilt_of_lines(contrast: Field) -> float | None:
    """By how much ruled lines fall to the right, in degrees, alone or in a grid; None where no lines cross the picture.

    Along them the mean contrast changes abruptly from one line of pixels to the next, at other angles it is even.
    """
    small = _small(contrast[..., None], LINES_SIDE)[..., 0]
    rows, columns = (places.ravel() for places in np.indices(small.shape))
    values = np.clip(small.ravel(), 0, USUAL_THRESHOLDS[1])  # a digit counts for no more than a line

    def sharpness(angle: float) -> float:
        return max(_changes(rows, columns, values, angle), _changes(columns, -rows, values, angle))

    coarse = np.arange(-MAX_TILT, MAX_TILT + 0.5, 0.5)
    roughly = [sharpness(angle) for angle in np.radians(coarse)]
    fine = coarse[int(np.argmax(roughly))] + np.arange(-0.4, 0.45, 0.1)
    sharpest = [sharpness(angle) for angle in np.radians(fine)]
    if max(sharpest) < MIN_SHARPNESS * float(np.median(roughly)):
        return None
    return float(fine[int(np.argmax(sharpest))])


def _changes(rows: NDArray[np.int64], columns: NDArray[np.int64], values: Field, angle: float) -> float:
    """How abruptly the mean of values (n,) at some places changes across lines of an angle in radians."""
    along = rows * np.cos(angle) - columns * np.sin(angle)
    numbers = np.rint(along - along.min()).astype(int)
    counts = np.bincount(numbers)
    steps = np.diff(np.bincount(numbers, values) / np.maximum(counts, 1))
    long = counts >= 0.5 * counts.max()
    steps = steps[long[1:] & long[:-1]]
    return float((steps**2).mean()) if len(steps) else 0.0


def _tilt_of_row(boxes: tuple[Box, ...]) -> float:
    """By how much a single row of three digits or more falls to the right, in degrees; 0 where there is none."""
    if len(boxes) < 3:
        return 0.0
    ends = np.array(boxes, np.float64)
    rows, columns = ends[:, [0, 2]].mean(1), ends[:, [1, 3]].mean(1)
    slope, start = np.polyfit(columns, rows, 1)
    height = float(np.median(ends[:, 2] - ends[:, 0]))
    in_a_row = np.abs(rows - start - slope * columns).max() < 0.5 * height
    angle = float(np.degrees(np.arctan(slope)))
    return angle if in_a_row and np.ptp(columns) > 2 * height and abs(angle) <= MAX_TILT else 0.0


# ---- Groups of strokes.


class _Inked(NamedTuple):
    """A page turned upright: its contrast without printed lines, the threshold of ink, and whether there were lines."""

    upright: Field
    threshold: float
    ruled: bool


def _inked(contrast: Field, noise: float, chosen: float | None, turn: float) -> _Inked:
    """The page turned by degrees; chosen: a threshold, None for Otsu's. Raises DataError where there is no ink."""
    upright, seen = contrast, np.ones(contrast.shape, bool)
    if abs(turn) > MIN_TURN:
        upright = ndimage.rotate(contrast, turn, order=1, cval=0.0)
        seen = ndimage.rotate(seen, turn, order=0, cval=False)
    threshold = _threshold(contrast, noise) if chosen is None else chosen
    cleaned = _without_rulings(_without_rulings(upright, seen, noise, threshold).T, seen.T, noise, threshold).T
    if chosen is None:
        threshold = _threshold(cleaned, noise)
    return _Inked(cleaned, threshold, bool((cleaned != upright).any()))


def _grouped(contrast: Field, inked: _Inked, dark: bool, turn: float) -> Strokes:
    """The groups of strokes on a page that was turned. Raises DataError where there are none."""
    upright, threshold = inked.upright, inked.threshold
    mask = _without_lines(upright > threshold)
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    if not count:
        raise DataError("No ink is found above the threshold. Lower it, or take a picture with a darker pen.")
    boxes = np.array([[s[0].start, s[1].start, s[0].stop, s[1].stop] for s in ndimage.find_objects(parts)])
    weights = ndimage.sum_labels(mask, parts, np.arange(1, count + 1))
    kept = _strokes_among(boxes, weights, upright.shape)
    groups = _joined(boxes[kept], weights[kept])
    if len(groups) > 1:
        groups = _without_specks(groups)
    total = len(groups)
    groups = sorted(groups, key=lambda group: -group.weight)[:MAX_DIGITS]
    groups = _line_by_line(groups)
    labels = np.zeros(parts.shape, np.int32)
    numbers = np.zeros(count + 1, np.int32)
    for number, group in enumerate(groups, start=1):
        numbers[kept[group.parts] + 1] = number
    labels = _grown(numbers[parts], upright, threshold)
    soft = np.clip(upright, 0, 1)
    margin = 2
    boxes_ = tuple(
        (max(0, b[0] - margin), max(0, b[1] - margin), min(parts.shape[0], b[2] + margin),
         min(parts.shape[1], b[3] + margin)) for b in (group.box for group in groups)
    )  # fmt: skip
    largest = int(np.argmax([group.weight for group in groups]))
    return Strokes(contrast, threshold, dark, turn, np.where(labels > 0, soft, 0).astype(np.float32), labels, boxes_,
                   largest, total)  # fmt: skip


def _grown(labels: NDArray[np.int32], upright: Field, threshold: float) -> NDArray[np.int32]:
    """Groups with the soft edges of their strokes: neighbours with half the contrast that a stroke needs."""
    wider: NDArray[np.int32] = ndimage.grey_dilation(labels, (5, 5))
    return np.where((labels > 0) | (upright > 0.5 * threshold), np.where(labels > 0, labels, wider), 0)


def _without_rulings(upright: Field, seen: Mask, noise: float, threshold: float) -> Field:
    """The contrast without lines that lie level and cross what is seen of the page, whatever their contrast.

    A row belongs to such a line where `LINE_SHARE` of it is darker than paper. What is darker than its line, or goes on
    above and below it, is a stroke and stays.
    """
    height = len(upright)
    faint, ink = max(3 * noise, 0.08), 0.75 * threshold
    width = seen.sum(1)
    least, levels = np.zeros(height, np.float32), np.zeros(height, np.float32)
    for row in np.flatnonzero(width >= 0.25 * width.max()):
        least[row], levels[row] = np.quantile(upright[row][seen[row]], (1 - LINE_SHARE, 0.5))
    thickness = max(2, round(height / 40))
    ground = ndimage.grey_opening(least, 2 * thickness + 1, mode="nearest")
    runs, count = ndimage.label(least - ground > faint)
    cleaned = upright.copy()
    for run in ndimage.find_objects(runs) if count else []:
        first, last = max(0, run[0].start - 2), min(height, run[0].stop + 2)
        part, level = upright[first:last], float(levels[run[0]].max())
        above, below = upright[max(0, first - 1)] > ink, upright[min(height - 1, last)] > ink
        reach = last - first
        crossing = ndimage.binary_dilation(above, iterations=reach) & ndimage.binary_dilation(below, iterations=reach)
        kept = (part > level + max(4 * noise, 0.15)) | (crossing & (above | below) & (part > ink))
        cleaned[first:last] = np.where(kept, part, 0)
    return cleaned


def _without_lines(mask: Mask) -> Mask:
    """Ink without ruled lines that cross the whole picture; where a stroke crosses one, it stays."""
    height, width = mask.shape
    thickness = max(2, round(height / 80))
    full = mask.sum(1) > 0.6 * width
    runs, count = ndimage.label(full)
    without = mask.copy()
    for run in ndimage.find_objects(runs) if count else []:
        first, last = max(0, run[0].start - 1), min(height, run[0].stop + 1)
        if last - first <= thickness + 2:
            crossing = mask[max(0, first - 2)] & mask[min(height - 1, last + 1)]
            without[first:last] &= ndimage.binary_dilation(crossing, iterations=1)
    return without


@dataclass(frozen=True)
class _Group:
    box: Box
    weight: float
    parts: list[int]


def _strokes_among(boxes: NDArray[np.int64], weights: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Which connected parts may be strokes: where there are others, none that the frame cuts or that lies flat."""
    high, wide = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    cut = (boxes[:, 0] == 0) | (boxes[:, 1] == 0) | (boxes[:, 2] == shape[0]) | (boxes[:, 3] == shape[1])
    flat = wide > 8 * high
    longest = np.maximum(high, wide)
    usable = ~cut & ~flat
    # A digit that fills the frame may touch it: whole ones are preferred only where they are not mere specks.
    if not usable.any() or longest[usable].max() < 0.08 * longest[~flat].max(initial=0):
        usable = ~flat if (~flat).any() else np.ones(len(boxes), bool)
    usable &= longest >= 0.08 * longest[usable].max()
    rows: NDArray[np.int64] = np.flatnonzero(usable)
    return rows[np.argsort(-weights[rows])][: 20 * MAX_DIGITS]


def _joined(boxes: NDArray[np.int64], weights: NDArray[np.float64]) -> list[_Group]:
    """Parts in groups: a small part above, below or within a large one belongs to it, as the bar of a 5 does."""
    groups: list[_Group] = []
    order = np.argsort(-(boxes[:, 2] - boxes[:, 0]) * 1.0 - (boxes[:, 3] - boxes[:, 1]))
    for row in order.tolist():
        box, weight = tuple(boxes[row].tolist()), float(weights[row])
        home = next((at for at, group in enumerate(groups) if _belongs(box, group.box)), None)
        if home is None:
            groups.append(_Group(box, weight, [row]))
        else:
            group = groups[home]
            around = (*np.minimum(group.box[:2], box[:2]).tolist(), *np.maximum(group.box[2:], box[2:]).tolist())
            groups[home] = replace(group, box=around, weight=group.weight + weight, parts=[*group.parts, row])
    return groups


def _belongs(part: Box, group: Box) -> bool:
    high, wide = group[2] - group[0], group[3] - group[1]
    own_high, own_wide = part[2] - part[0], part[3] - part[1]
    if own_high > 0.6 * high:
        return False
    apart_down = max(part[0], group[0]) - min(part[2], group[2])
    apart_across = max(part[1], group[1]) - min(part[3], group[3])
    beside = apart_across < 0.12 * high and apart_down < 0
    above = apart_down < 0.2 * high and -apart_across > 0.4 * min(own_wide, wide)
    return beside or above


def _without_specks(groups: list[_Group]) -> list[_Group]:
    sizes = [max(group.box[2] - group.box[0], group.box[3] - group.box[1]) for group in groups]
    weight = max(group.weight for group in groups)
    return [
        group
        for group, size in zip(groups, sizes, strict=True)
        if size >= MIN_SHARE * max(sizes) and group.weight >= 0.04 * weight
    ]


def _line_by_line(groups: list[_Group]) -> list[_Group]:
    """Groups as they are read: those beside one another from left to right, then those below."""
    lines: list[list[_Group]] = []
    for group in sorted(groups, key=lambda group: group.box[0] + group.box[2]):
        middle = (group.box[0] + group.box[2]) / 2
        if lines and middle < max(other.box[2] for other in lines[-1]) - 0.2 * (group.box[2] - group.box[0]):
            lines[-1].append(group)
        else:
            lines.append([group])
    return [group for line in lines for group in sorted(line, key=lambda group: group.box[1])]


# ---- A digit.


def _thickened(ink: Field, box: int) -> Field:
    """Strokes (h, w) at least `STROKE` thick where the longer side takes `box` pixels; others as they are."""
    times = PAD_SIDE / max(ink.shape)
    large = np.clip(ndimage.zoom(ink, times, order=1, grid_mode=True, mode="nearest"), 0, 1)
    large = np.pad(large, PAD_SIDE // 8)
    mask = large > 0.5
    if not mask.any():
        return ink
    pixel = PAD_SIDE / box
    width = 4 * float(ndimage.distance_transform_edt(mask)[mask].mean()) / pixel
    grow = (STROKE - width) / 2 * pixel
    if grow <= 0:
        return large
    outside = ndimage.distance_transform_edt(~mask)
    thick: Field = np.maximum(large, np.clip(grow + 1 - outside, 0, 1)).astype(np.float32)
    return thick
