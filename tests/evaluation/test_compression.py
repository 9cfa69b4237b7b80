"""Rate and distortion: what is counted, what is read back, and where a network begins to pay."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shipped

import aeviz
from aeviz.evaluation import compression
from aeviz.evaluation.compression import Point, Ranges, entropy_bytes, packed_bits, pays_from, rate_at, within
from aeviz.modalities.codecs.base import BARE, FILE, SHEET

RANDOM = np.random.default_rng(0)
CODES = RANDOM.normal(size=(200, 5)).astype(np.float32)


def test_rounding_errs_by_half_a_step_at_most_within_the_range() -> None:
    ranges = Ranges.of(CODES)
    low, high = ranges.low.astype(np.float32), ranges.high.astype(np.float32)
    inside = np.clip(CODES, low, high)
    for bits in compression.BITS:
        back = ranges.read(ranges.rounded(CODES, bits), bits)
        assert (np.abs(back - inside) <= (high - low) / (2**bits - 1) / 2 + 1e-5).all()


def test_a_code_takes_its_bits_and_is_unpacked_as_it_was() -> None:
    numbers = Ranges.of(CODES).rounded(CODES, 3)
    packed = packed_bits(numbers, 3)
    assert {len(code) for code in packed} == {2}, "5 numbers of 3 bits"
    bits = np.unpackbits(np.frombuffer(packed[7], np.uint8))[:15].reshape(5, 3)
    assert (bits @ [4, 2, 1]).tolist() == numbers[7].tolist()


def test_entropy_is_that_of_known_frequencies() -> None:
    even = np.repeat(np.arange(4, dtype=np.uint8), 2)[:, None]
    assert entropy_bytes(even) == pytest.approx(2 / 8)
    assert entropy_bytes(np.zeros((8, 3), np.uint8)) == 0
    assert entropy_bytes(np.hstack([even, even])) == pytest.approx(4 / 8)


def test_headers_are_counted_once_a_file_once_a_sheet_or_not_at_all() -> None:
    class Mirror:
        def encode(self, x: np.ndarray, labels: object = None) -> tuple[np.ndarray, None]:
            return x, None

        def decode(self, z: np.ndarray, labels: object = None) -> np.ndarray:
            return z

    codec = compression.model_codec("mirror", "Mirror", Mirror(), CODES)
    header = 3 + 2 * 2 * 5
    rates = {way: codec.pack(CODES, None, (8,), way).rate for way in (FILE, BARE, SHEET)}
    assert rates == {FILE: 5 + header, BARE: 5, SHEET: 5 + header / 200}
    assert codec.entropy is not None
    assert codec.entropy(CODES, (8,)) <= 5


def points(*pairs: tuple[float, float]) -> list[Point]:
    return [Point((i,), "", rate, quality, None, 1, 900, CODES, ()) for i, (rate, quality) in enumerate(pairs)]


def test_within_a_budget_stands_the_best_that_keeps_to_it() -> None:
    judge = aeviz.load_dataset("mnist").modality.distance("psnr")
    curve = points((10, 20), (20, 25), (30, 24))
    assert within(curve, 9, judge) is None
    assert within(curve, 100, judge) == curve[1]
    assert within(curve, 100, judge, stored=10) == curve[0]


def test_a_network_pays_where_its_decoder_is_spread_thin_enough() -> None:
    judge = aeviz.load_dataset("mnist").modality.distance("psnr")
    other = rate_at(points((100, 20), (200, 30)), 25, judge)
    assert other == 150
    count = pays_from(50, 1000, other)
    assert count == 10
    assert 50 + 1000 / count == other, "at the crossing both cost the same"
    assert pays_from(160, 1000, other) == math.inf
    assert math.isnan(pays_from(50, 1000, rate_at(points((100, 20)), 25, judge)))


def test_identical_pictures_do_not_make_a_mean_infinite() -> None:
    judge = aeviz.load_dataset("mnist").modality.distance("psnr")
    assert compression.mean_quality(np.array([20.0, np.inf]), judge) == pytest.approx((20 + 58.9) / 2)


def test_digits_in_sixteen_bytes_and_other_pictures() -> None:
    """On the first 200 digits: the whole is `test_the_first_thousand_digits`."""
    data, network = aeviz.load_dataset("mnist"), shipped.model("mnist-ae")
    items, others = compression.parted(data.items)
    codec = compression.model_codec("mnist-ae", "AE", network, network.encode(others[:500])[0])
    digits, clothes = items[:200], aeviz.load_dataset("fashion").items[:200]
    judge = data.modality.distance("psnr")
    quality = {}
    for name, x in {"digits": digits, "clothes": clothes}.items():
        packed = codec.pack(x, data.scale, (8,), BARE)
        assert packed.rate == 16
        quality[name] = compression.mean_quality(data.distance(packed.items, x, "psnr"), judge)
    assert 22 < quality["digits"] < 25
    assert quality["clothes"] < 12


@pytest.mark.long
def test_the_first_thousand_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    data, network = aeviz.load_dataset("mnist"), shipped.model("mnist-ae")
    judge = data.modality.distance("psnr")
    items, others = compression.parted(data.items)
    monkeypatch.setattr(compression, "MEASURED", 1000)
    jpeg, webp, _ = data.modality.compression.codecs
    codecs = {
        "ae": (compression.model_codec("ae", "", network, network.encode(others)[0]), (8,), 16, 23.6),
        "pca": (compression.pca_codec(others), (16, 8), 16, 16.2),
        "jpeg": (replace(jpeg, most=1000), (1,), 38, 19.1),
        "webp": (replace(webp, most=1000), (0,), 76, 22.9),
    }
    for name, (codec, setting, size, quality) in codecs.items():
        (point,) = compression.curve(replace(codec, settings=(setting,)), data, items, BARE, judge)
        assert point.items == 1000
        assert point.rate == pytest.approx(size, abs=1), name
        assert point.quality == pytest.approx(quality, abs=0.15), name
