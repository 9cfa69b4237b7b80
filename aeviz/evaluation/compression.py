"""Rate and distortion: bytes for each item, and how near to it is what is read back.

A model becomes a codec by rounding each number of a code to 2 to 8 bits within a range that is taken from codes of
other items. Items are (N, *shape), codes (N, d).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.evaluation.definitions import METRIC_BITS, RANGE_QUANTILE
from aeviz.modalities.base import Distance
from aeviz.modalities.codecs.base import BARE, SHEET, SHEET_ITEMS, Codec, Items, Packed, Setting

Codes = NDArray[np.float32]
Numbers = NDArray[np.uint8]  # (N, d): a code rounded
BITS = tuple(range(2, 9))  # of each number
MEASURED = 300  # items that a page measures where each has a file of its own
SHOWN = 48  # items that a page can show
HELD_OUT = 1000  # items that are measured, of which a page takes the first
FITTED = 4000  # items that ranges and PCA are taken from, at most
HEADER = 3  # bytes: bits of a number, and how many numbers
WEIGHT_BYTES = 2  # of a weight, in half precision
PRINCIPAL = "pca"  # the name of the codec of principal components
COMPONENTS = (1, 2, 4, 8, 16, 32, 64, 128)  # of PCA
COMPONENT_BITS = (4, 8)


class Coder(Protocol):
    """What is asked of a model: as `aeviz.latent.explorer.Explorer` answers."""

    def encode(self, x: Items, labels: Any = None) -> tuple[Codes, Codes | None]: ...

    def decode(self, z: Codes, labels: Any = None) -> Items: ...


@dataclass(frozen=True)
class Ranges:
    """Between which values each number of a code is rounded: low and high (d,), in half precision as a file has it."""

    low: NDArray[np.float16]
    high: NDArray[np.float16]

    @classmethod
    def of(cls, codes: Codes) -> "Ranges":
        """The range that holds nearly all of codes (N, d)."""
        low, high = np.quantile(codes, [RANGE_QUANTILE, 1 - RANGE_QUANTILE], axis=0)
        return cls(low.astype(np.float16), high.astype(np.float16))

    @property
    def header(self) -> bytes:
        """How many numbers there are, and their ranges."""
        return len(self.low).to_bytes(2, "little") + self.low.tobytes() + self.high.tobytes()

    def rounded(self, codes: Codes, bits: int) -> Numbers:
        """Codes (N, d) as whole numbers from 0 to 2^bits − 1; what lies beyond the range is moved to its end."""
        low, width = self._scale(bits)
        numbers: Numbers = np.clip(np.rint((codes - low) / width), 0, 2**bits - 1).astype(np.uint8)
        return numbers

    def read(self, numbers: Numbers, bits: int) -> Codes:
        """The codes that whole numbers stand for."""
        low, width = self._scale(bits)
        codes: Codes = (low + numbers * width).astype(np.float32)
        return codes

    def _scale(self, bits: int) -> tuple[Codes, Codes]:
        low, high = self.low.astype(np.float32), self.high.astype(np.float32)
        return low, np.where(high > low, high - low, 1.0).astype(np.float32) / (2**bits - 1)


def packed_bits(numbers: Numbers, bits: int) -> list[bytes]:
    """Whole numbers (N, d) one after another, `bits` bits each: bytes of each item."""
    every = np.unpackbits(numbers[:, :, None], axis=2)[:, :, 8 - bits :]
    return [row.tobytes() for row in np.packbits(every.reshape(len(numbers), -1), axis=1)]


def entropy_bytes(numbers: Numbers) -> float:
    """Bytes for each item by the empirical entropy of each number over all items (Shannon 1948).

    An arithmetic coder that knows the frequencies comes near it; the frequencies themselves are not counted.
    """
    bits = 0.0
    for column in numbers.T:
        share = np.unique(column, return_counts=True)[1] / len(column)
        bits -= float((share * np.log2(share)).sum())
    return bits / 8


def _files(numbers: Numbers, bits: int, ranges: Ranges, items: Items, way: str) -> Packed:
    """Rounded codes as files: with their ranges before each, or once before all."""
    header, codes = bytes([bits]) + ranges.header, packed_bits(numbers, bits)
    if way == SHEET:
        groups = [codes[i : i + SHEET_ITEMS] for i in range(0, len(codes), SHEET_ITEMS)]
        files = tuple(header + b"".join(group) for group in groups)
    else:
        files = tuple(header + code for code in codes)
    return Packed(files, (len(header) if way == BARE else 0,) * len(files), items)


def model_codec(name: str, label: str, coder: Coder, known: Codes, weights: int = 0) -> Codec:
    """A model as a codec. known: codes (N, d) of other items, for the ranges; weights: bytes of its decoder."""
    ranges = Ranges.of(known)

    def numbers(items: Items, bits: int) -> Numbers:
        return ranges.rounded(coder.encode(items)[0], bits)

    def pack(items: Items, scale: Any, setting: Setting, way: str) -> Packed:
        whole = numbers(items, setting[0])
        return _files(whole, setting[0], ranges, coder.decode(ranges.read(whole, setting[0])), way)

    return Codec(
        name,
        label,
        tuple((bits,) for bits in BITS),
        lambda setting: f"{known.shape[1]} numbers of {setting[0]} bits",
        pack,
        ".code",
        weights=lambda setting: weights,
        entropy=lambda items, setting: entropy_bytes(numbers(items, setting[0])),
    )


def pca_codec(training: Items) -> Codec:
    """Principal components of items (N, *shape) as a codec: some of them, each number rounded."""
    from sklearn.decomposition import PCA

    flat = np.nan_to_num(training.reshape(len(training), -1))
    most = min(flat.shape)
    counts = [count for count in COMPONENTS if count < most] or [1]
    fitted = PCA(counts[-1], random_state=0).fit(flat)
    ranges = Ranges.of(fitted.transform(flat).astype(np.float32))

    def numbers(items: Items, setting: Setting) -> Numbers:
        count, bits = setting
        codes = fitted.transform(np.nan_to_num(items.reshape(len(items), -1)))[:, :count]
        return _first(ranges, count).rounded(codes, bits)

    def pack(items: Items, scale: Any, setting: Setting, way: str) -> Packed:
        (count, bits), part = setting, _first(ranges, setting[0])
        whole = numbers(items, setting)
        back = part.read(whole, bits) @ fitted.components_[:count] + fitted.mean_
        return _files(whole, bits, part, back.reshape(items.shape).astype(np.float32), way)

    return Codec(
        PRINCIPAL,
        "PCA",
        tuple((count, bits) for count in counts for bits in COMPONENT_BITS),
        lambda setting: f"{setting[0]} numbers of {setting[1]} bits",
        pack,
        ".code",
        "**PCA** keeps the coordinates along the directions in which the items of the data set vary most.",
        weights=lambda setting: (setting[0] + 1) * flat.shape[1] * WEIGHT_BYTES,
        entropy=lambda items, setting: entropy_bytes(numbers(items, setting)),
    )


def _first(ranges: Ranges, count: int) -> Ranges:
    return Ranges(ranges.low[:count], ranges.high[:count])


def parted(items: Items) -> tuple[Items, Items]:
    """Items that are measured, and others that ranges and PCA are taken from.

    The first `HELD_OUT` and later ones; of fewer than twice as many every second one, for they may be in an order.
    """
    if len(items) < 2 * HELD_OUT:
        return items[::2], items[1::2]
    return items[:HELD_OUT], items[HELD_OUT : HELD_OUT + FITTED]


def decoder_bytes(model: Any) -> int:
    """Bytes of a network's decoder in half precision; 0 where it is not one of ours, and nobody can count them."""
    decoder = getattr(model, "decoder", None)
    return WEIGHT_BYTES * sum(weights.numel() for weights in decoder.parameters()) if decoder is not None else 0


# --- Rate against distortion ---


@dataclass(frozen=True)
class Point:
    """A codec at one setting, over `items` items.

    rate: bytes for each item. quality: mean over items of the distance it was measured by. entropy: bytes for each
    item if its numbers were written as their frequencies ask for, or None. weights: bytes of the decoder. made: the
    first of them as they are read back, `SHOWN` at most; files: theirs, or the one of all.
    """

    setting: Setting
    told: str
    rate: float
    quality: float
    entropy: float | None
    items: int
    weights: int
    made: Items
    files: tuple[bytes, ...]


def measured_on(codec: Codec, items: Items, way: str) -> Items:
    """The items that a codec is measured on: fewer where each has a file of its own."""
    return items[: SHEET_ITEMS if way == SHEET else min(MEASURED, codec.most)]


def curve(codec: Codec, data: Dataset, items: Items, way: str, judge: Distance) -> tuple[Point, ...]:
    """A codec at all its settings on items (N, *shape) on the scale of `data`; none where it cannot run here."""
    if codec.lacking():
        return ()
    x, points = measured_on(codec, items, way), []
    for setting in codec.settings:
        packed = codec.pack(x, data.scale, setting, way)
        points.append(
            Point(
                setting,
                codec.told(setting),
                packed.rate,
                mean_quality(data.distance(packed.items, x, judge.key), judge),
                codec.entropy(x, setting) if codec.entropy else None,
                len(x),
                codec.weights(setting),
                packed.items[:SHOWN].copy(),
                packed.files[:SHOWN],
            )
        )
    return tuple(points)


def mean_quality(distances: NDArray[Any], judge: Distance) -> float:
    """The mean over items (N,), each at most as good as `judge.exact`: items that come back as they were have no PSNR.

    The mean of the items' own PSNRs, which is larger than the PSNR of their mean error.
    """
    values = np.asarray(distances, np.float64)
    return float((np.minimum(values, judge.exact) if judge.better == "higher" else values).mean())


def better(a: float, b: float, judge: Distance) -> bool:
    """Whether one value of a distance is better than another."""
    return a > b if judge.better == "higher" else a < b


def total(point: Point, stored: float) -> float:
    """Bytes for each item with the decoder's weights spread over so many items; infinitely many count it as nothing."""
    return point.rate + point.weights / stored


def within(points: Sequence[Point], budget: float, judge: Distance, stored: float = math.inf) -> Point | None:
    """The best point of at most so many bytes for each item; None where all take more."""
    known = [point for point in points if total(point, stored) <= budget + 1e-9]
    best: Point | None = None
    for point in known:
        if best is None or better(point.quality, best.quality, judge):
            best = point
    return best


def rate_at(points: Sequence[Point], quality: float, judge: Distance) -> float | None:
    """Bytes for each item at which a codec reaches a quality: between its settings in a straight line.

    None where it never does; of a codec that is better from its coarsest setting on, that setting's bytes.
    """
    front: list[Point] = []
    for point in sorted(points, key=lambda point: point.rate):
        if not front or better(point.quality, front[-1].quality, judge):
            front.append(point)
    for before, after in zip((None, *front), front, strict=False):
        if after.quality == quality or better(after.quality, quality, judge):
            if before is None:
                return after.rate
            share = (quality - before.quality) / (after.quality - before.quality)
            return before.rate + share * (after.rate - before.rate)
    return None


def pays_from(rate: float, weights: int, other: float | None, other_weights: int = 0) -> float:
    """How many items a codec of fewer bytes each must store before its decoder is paid; infinite where it never is.

    rate, weights: of the codec. other: bytes of the other at the same quality, None where that never reaches it: then
    nothing can be compared and NaN is given.
    """
    if other is None:
        return math.nan
    surplus = weights - other_weights
    if rate >= other:
        return math.inf if surplus > 0 else math.nan
    return max(1.0, surplus / (other - rate))


def measure(codes: Codes, decode: Callable[[Codes], Items], data: Dataset) -> dict[str, float]:
    """What a model's codes (N, d) keep at `METRIC_BITS` bits a number: `compressed_…` of `metrics.json`.

    Ranges are those of the same codes.
    """
    judge = data.modality.distance(data.modality.repair.judge)
    ranges = Ranges.of(codes)
    numbers = ranges.rounded(codes, METRIC_BITS)
    distances = data.distance(decode(ranges.read(numbers, METRIC_BITS)), data.items[: len(codes)], judge.key)
    return {f"compressed_{judge.key}": mean_quality(distances, judge), "compressed_bytes": entropy_bytes(numbers)}
