"""The record of the modality "series": signals (C, T), C channels of T values at even steps of time.

A value that is not there is NaN. What needs torch or pandas loads it when it is called.
"""

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import DataError
from aeviz.modalities import missing, neighbours
from aeviz.modalities.base import OWN, Array, Corruption, Distance, Looks, Modality, Repair, Scale, Tiles, Upload, Words
from aeviz.modalities.codecs.numbers import SERIES as SERIES_CODECS
from aeviz.modalities.handing import Handed, arrays
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import Generator, Tensor

HEIGHT, WIDTH = 48, 96  # pixels of a tile
STROKE = 1.6  # pixels, of a curve
SAMPLES = 4  # points of a curve that are looked at within each column of pixels
BASELINE = 56  # of 255: the line of zero
MIN_VALUES = 4  # values
ERROR_GAIN = 4.0  # a quarter of the axis between item and copy is as bright as it gets
WHITE, BLUE, ORANGE = np.array([255.0]), np.array([70.0, 170.0, 255.0]), np.array([255.0, 140.0, 30.0])
TIMES = {"h": "hour of the day", "s": "seconds"}  # units of time as an axis says them


@dataclass(frozen=True)
class SeriesScale(Scale):
    """What the values of a series mean.

    low, high: ends of the axis. step, start: time from one value to the next, and of the first, in
    `time_unit`. spread: standard deviation of all values, by which levels of noise are counted.
    """

    step: float = 1.0
    start: float = 0.0
    time_unit: str = "steps"
    spread: float = 1.0


def scale_of(items: Array, **known: Any) -> SeriesScale:
    """A scale for series (N, C, T) whose axis holds nearly all values; `known`: other fields of `SeriesScale`."""
    low, high = np.nanquantile(items, [0.001, 0.999]).tolist() if np.isfinite(items).any() else (0.0, 1.0)
    margin = 0.05 * (high - low) or 0.5
    return SeriesScale(low=low - margin, high=high + margin, **{"spread": float(np.nanstd(items)) or 1.0, **known})


def handed(items: Array, classes: Array, scale: Scale) -> Handed:
    """Series (N, C, T) as arrays, with their rate and unit."""
    units = scale if isinstance(scale, SeriesScale) else SeriesScale(scale.low, scale.high, scale.unit)
    options = ["--modality", "series"]
    if units.time_unit == "s":
        options += ["--rate", f"{1 / units.step:.12g}"]
    if units.unit:
        options += ["--unit", units.unit]
    return replace(arrays(items, classes, scale), options=tuple(options))


def problem(shape: Shape) -> str | None:
    """Why a shape is no series', or None."""
    if len(shape) != 2 or shape[0] < 1 or shape[1] < MIN_VALUES:
        return f"A series is (C, T) with at least {MIN_VALUES} values in each of its channels, not {shape}."
    return None


def size(shape: Shape) -> str:
    """Values and channels in words."""
    channels, values = shape
    return f"{values} values" + (f" in {channels} channels" if channels > 1 else "")


def tiles(items: Array, scale: Scale) -> Tiles:
    """Series (N, C, T) as light curves on black, channels one below the other, zero as a faint line; (N, 48, 96, 1)."""
    count, channels, _ = items.shape
    heights = np.diff(np.linspace(0, HEIGHT, channels + 1).round().astype(int))
    lanes = [_curves(items[:, channel], scale, int(height)) for channel, height in enumerate(heights)]
    drawn: Tiles = np.concatenate(lanes, axis=1)[..., None] if count else np.zeros((0, HEIGHT, WIDTH, 1), np.uint8)
    return drawn


def _curves(values: Array, scale: Scale, height: int) -> NDArray[np.uint8]:
    """Curves of values (N, T) as (N, height, WIDTH) uint8: each column of pixels is lit where the curve passes it."""
    steps = values.shape[1]
    at = np.linspace(0, steps - 1, WIDTH * SAMPLES + 1, dtype=np.float32)
    left = np.minimum(at.astype(int), steps - 2)
    share = at - left
    before, after = values[:, left], values[:, left + 1]
    # Half a step around a value whose neighbour is missing is drawn level, so that a lone value can be seen.
    lone = np.where(share < 0.5, before, after)
    line = np.where(np.isnan(before) | np.isnan(after), lone, before * (1 - share) + after * share)
    y = _row(line, scale, height)
    within = np.stack([y[:, first : first + WIDTH * SAMPLES : SAMPLES] for first in range(SAMPLES + 1)])
    top, bottom = within.min(0) - STROKE / 2, within.max(0) + STROKE / 2
    rows = np.arange(height, dtype=np.float32)[:, None]
    lit = np.clip(np.minimum(bottom[:, None], rows + 1) - np.maximum(top[:, None], rows), 0, 1)
    pixels: NDArray[np.uint8] = np.rint(255 * np.nan_to_num(lit)).astype(np.uint8)
    if scale.low < 0 < scale.high:
        zero = pixels[:, int(_row(np.float32(0), scale, height))]
        np.maximum(zero, BASELINE, out=zero)
    return pixels


def _row(values: Any, scale: Scale, height: int) -> Any:
    """Where values lie in a tile, in pixels from its top; those beyond the axis at its ends."""
    share = (scale.high - np.clip(values, scale.low, scale.high)) / (scale.high - scale.low)
    return STROKE / 2 + share * (height - STROKE)


def html(item: Array, scale: Scale) -> str | None:
    """A series (C, T) as a curve with axes: values and time in their units; each channel's axis is the same."""
    return _with_axes(tiles(item[None], scale)[0], item, scale)


def errors(item: Array, made: Array, scale: Scale) -> str:
    """A series (C, T) in white over what was made of it in blue; orange behind, the brighter the further apart."""
    apart = np.nan_to_num(np.abs(item - made)) / (scale.high - scale.low)
    columns = np.linspace(0, item.shape[1] - 1, WIDTH).round().astype(int)
    lanes = np.array_split(np.arange(HEIGHT), item.shape[0])
    behind = np.concatenate(
        [np.repeat(row[None, columns], len(lane), 0) for row, lane in zip(apart, lanes, strict=True)]
    )
    drawn = np.clip(ERROR_GAIN * behind, 0, 1)[..., None] * ORANGE
    for curve, colour in ((made, BLUE), (item, WHITE)):
        lit = tiles(curve[None], scale)[0] / 255
        drawn = drawn * (1 - lit) + lit * colour
    return _with_axes(np.rint(drawn).astype(np.uint8), item, scale)


def _with_axes(tile: NDArray[np.uint8], item: Array, scale: Scale) -> str:
    """A tile of a series (C, T) with its axes."""
    from aeviz.figures.files import data_url

    units = scale if isinstance(scale, SeriesScale) else SeriesScale(scale.low, scale.high, scale.unit)
    drawn = data_url(tile)
    last = units.start + units.step * (item.shape[1] - 1)
    lanes = range(item.shape[0])
    up = [
        _tick("bottom", (lane + (value - units.low) / (units.high - units.low)) / len(lanes), value)
        for lane in lanes
        for value in ticks(units.low, units.high, 4)
    ]
    times = ticks(units.start, last, 5, day=units.time_unit == "h")
    along = [_tick("left", (time - units.start) / (last - units.start), time) for time in times]
    return (
        f'<div class="aeviz-curve" data-least="210"><em>{escape(units.unit) or "value"}</em><div>{"".join(up)}</div>'
        f'<img src="{drawn}" alt="{escape(describe(item, scale), quote=True)}">'
        f"<div>{''.join(along)}</div><em>{escape(TIMES.get(units.time_unit, units.time_unit))}</em></div>"
    )


def _tick(edge: str, share: float, value: float) -> str:
    return f'<span style="{edge}: {100 * share:.1f}%">{f"{value:g}".replace("-", "−")}</span>'


def ticks(low: float, high: float, most: int, *, day: bool = False) -> list[float]:
    """Round numbers within [low, high] for an axis, at most `most` + 1 of them; day: of hours, every sixth of a day."""
    if day and 12 <= high - low <= 24:
        step = 6.0
    else:
        rough = (high - low) / most
        power = 10.0 ** np.floor(np.log10(rough))
        step = next(nice * power for nice in (1.0, 2.0, 5.0, 10.0) if nice * power >= rough * (1 - 1e-9))
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return [float(f"{number * step:.6g}") or 0.0 for number in np.arange(first, last + 1)]


def describe(item: Array, scale: Scale) -> str:
    """Range and length of a series (C, T)."""
    units = scale if isinstance(scale, SeriesScale) else SeriesScale()
    unit = f" {units.unit}" if units.unit else ""
    if not np.isfinite(item).any():
        return "series without a value"
    gaps = int(np.isnan(item).sum())
    lacking = f", {gaps} values missing" if gaps else ""
    last = units.start + units.step * (item.shape[1] - 1)
    return (
        f"series from {np.nanmin(item):.3g} to {np.nanmax(item):.3g}{unit}, "
        f"{units.start:.3g} to {last:.3g} {units.time_unit}{lacking}"
    )


def prepare(array: NDArray[Any]) -> NDArray[np.float32]:
    """Series (N, C, T) of an array (N, T) or (N, C, T) of numbers; NaN is a missing value. Raises DataError."""
    if array.ndim == 2:
        array = array[:, None]
    if array.ndim != 3 or problem(array.shape[1:]):
        raise DataError(f"items have the shape {array.shape}: expected series (N, T) or (N, C, T).")
    if not np.issubdtype(array.dtype, np.number) or np.iscomplexobj(array):
        raise DataError(f"items are of type {array.dtype}: expected numbers.")
    if np.isinf(array).any():
        raise DataError("items hold infinite values: leave them empty where a value is missing.")
    prepared: NDArray[np.float32] = array.astype(np.float32)
    return prepared


def adopt(values: Any) -> tuple[NDArray[np.float32], Scale]:
    """Series (N, T) or (N, C, T) as they are, on an axis that holds nearly all their values. Raises DataError."""
    items = prepare(np.asarray(values))
    return items, scale_of(items)


# --- Corruptions and the classical repair ---


def _spread(scale: Scale) -> float:
    return scale.spread if isinstance(scale, SeriesScale) else 1.0


def noise(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Add N(0, (level · spread)²) to every value of x (N, C, T)."""
    import torch

    drawn = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    return x + level * _spread(scale) * drawn


def dropout(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Take the share `level` of each item's values away, all channels alike."""
    gone = missing.scattered(len(x), x.shape[2], level, generator)
    return x.masked_fill(gone[:, None], float("nan"))


def gap(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Take one stretch of each item away, the share `level` of its time."""
    gone = missing.stretch(len(x), x.shape[2], level, generator)
    return x.masked_fill(gone[:, None], float("nan"))


def wander(x: "Tensor", level: float, generator: "Generator", scale: Scale) -> "Tensor":
    """Add a slow wave of the height level · spread · √2, half a turn to one and a half over the item."""
    import torch

    turns, phase = torch.rand(2, len(x), 1, 1, generator=generator, device=x.device)
    time = torch.linspace(0, 1, x.shape[2], device=x.device)
    return x + level * _spread(scale) * 2**0.5 * torch.sin(2 * torch.pi * ((0.5 + turns) * time + phase))


def interpolated(x: "Tensor", scale: Scale) -> "Tensor":
    """Missing values of x (N, C, T) by straight lines between their neighbours; what is there stays."""
    return _as_tensor(_lines(x), x)


def smoothed(x: "Tensor", scale: Scale) -> "Tensor":
    """Missing values of x (N, C, T) by straight lines between their neighbours, then the mean of three values."""
    return _as_tensor(_lines(x).T.rolling(3, center=True, min_periods=1).mean().T, x)


def _lines(x: "Tensor") -> Any:
    """A row for each channel of each item, its gaps filled: a data frame (N · C, T)."""
    import pandas as pd

    rows = pd.DataFrame(x.detach().cpu().flatten(0, 1).numpy())
    return rows.interpolate(axis=1, limit_direction="both").fillna(0.0)


def _as_tensor(rows: Any, x: "Tensor") -> "Tensor":
    import torch

    return torch.from_numpy(rows.to_numpy(np.float32, copy=True).reshape(x.shape)).to(x.device)


# --- Distances ---


def rmse(x: "Tensor", y: "Tensor", scale: Scale) -> "Tensor":
    """Root mean square error of each item (N,), over the values that are there in both."""
    return _mean((x - y).square()).sqrt()


def mae(x: "Tensor", y: "Tensor", scale: Scale) -> "Tensor":
    """Mean absolute error of each item (N,), over the values that are there in both."""
    return _mean((x - y).abs())


def _mean(values: "Tensor") -> "Tensor":
    return values.flatten(1).nanmean(1).nan_to_num()


# --- Files ---


def read(file: bytes, shape: Shape, scale: Scale) -> Upload:
    """A series of values from text: a row or a column of a spreadsheet, pasted or in a CSV. Raises DataError."""
    channels, steps = shape
    values = numbers(file)
    notes: tuple[str, ...] = ()
    if len(values) != channels * steps:
        if channels > 1 or len(values) < MIN_VALUES:
            raise DataError(f"{len(values)} values were found; {channels * steps} are needed.")
        at = np.linspace(0, len(values) - 1, steps)
        values = np.interp(at, np.arange(len(values)), values)
        notes = (f"Stretched to {steps} values, as the models know them.",)
    return Upload(values.reshape(shape).astype(np.float32), notes)


def numbers(file: bytes) -> NDArray[np.float64]:
    """The numbers of a text, parted by semicolons, tabs, line ends, spaces or commas; empty fields are NaN.

    A comma is a decimal one where fields are parted by something else. Raises DataError for anything but numbers.
    """
    try:
        text = file.decode("utf-8-sig").strip(" \r\n").replace("\r", "")
    except UnicodeDecodeError as error:
        raise DataError("This is not text. Paste the values, or save them as CSV in UTF-8.") from error
    fields = [field for line in text.split("\n") for field in _fields(line, ";" in text or "\t" in text)]
    try:
        values = np.array([float(field) if field else np.nan for field in fields])
    except ValueError as error:
        raise DataError(f"Not a number: {str(error).split(': ')[-1]}. Only numbers are read here.") from error
    if np.isinf(values).any():
        raise DataError("Not a number: infinity. Leave a value empty where there is none.")
    return values


def _fields(line: str, parted: bool) -> list[str]:
    """The fields of a line, with decimal points. parted: whether semicolons or tabs part the fields of the text."""
    if parted:
        fields = [field.replace(",", ".") for field in line.replace("\t", ";").split(";")]
    elif " " in line.strip() and ", " not in line:
        fields = line.replace(",", ".").split()
    elif line.count(",") == 1 and "." not in line and ", " not in line:
        fields = [line.replace(",", ".")]
    else:
        fields = line.split(",")
    return [field.strip() for field in fields]


SMOOTHED = Repair(
    "Interpolation and mean of three",
    smoothed,
    judge="rmse",
    idea="**Interpolation** joins what is left by straight lines; the **mean of three** then takes that of each "
    "value and its two neighbours: both know nothing of what they mend.",
)
LINES = Repair(
    "Straight lines",
    interpolated,
    judge="rmse",
    idea="**Interpolation** joins what is left by straight lines and leaves it as it is.",
    name="lines",
)
FILLS = (LINES, neighbours.repair("rmse"), SMOOTHED)

SERIES = Modality(
    name="series",
    words=Words(noun="series", plural="series", value="value", axes="(C, T)", clean="Clean", corrupted="Corrupted"),
    problem=problem,
    size=size,
    tiles=tiles,
    describe=describe,
    handed=handed,
    errors=errors,
    error_legend="White: the item. Blue: what was made of it. The brighter the orange, the further they are apart.",
    prepare=prepare,
    corruptions=(
        Corruption("noise", "Gaussian noise", "σ, in spreads of all values", 1.0, noise, 0.4, 0.8),
        Corruption("dropout", "Missing values", "share of values", 0.9, dropout, 0.2, 0.7, holes=True, repairs=FILLS),
        Corruption("gap", "Missing stretch", "share of the time", 0.9, gap, 0.2, 0.5, holes=True, repairs=FILLS),
        Corruption("wander", "Baseline wander", "σ, in spreads of all values", 2.0, wander, 0.2, 1.5),
    ),
    repair=SMOOTHED,
    distances=(
        Distance("rmse", "Error (RMSE)", OWN, "Root of the mean squared error over the values of an item.", rmse, 3),
        Distance("mae", "Absolute error", OWN, "Mean absolute error over the values of an item.", mae, 3),
    ),
    likelihoods=("mse", "l1"),
    read=read,
    endings=(".csv", ".txt", ".tsv"),
    pasted="a row or a column of values from a spreadsheet",
    editors=("curve",),
    asked=("rate", "unit"),
    adopt=adopt,
    html=html,
    looks=lambda shape, scale: Looks("curves", scale.low, scale.high),
    smooth=True,
    body="conv1d",
    missing=True,
    scale=SeriesScale(low=-3.0, high=3.0),
    compression=SERIES_CODECS,
)
