"""Rate against distortion over all items, measured ahead."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import aeviz
from aeviz.evaluation import compression, rates
from aeviz.modalities.codecs.base import BARE, FILE, WAYS


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(rates, "FOLDER", tmp_path)
    return tmp_path


def test_every_item_is_measured_by_what_the_other_half_gave() -> None:
    data = aeviz.load_dataset("ecg")
    point = next(row for row in rates.measure(compression.pca_codec, data)[BARE] if row["setting"] == [4, 8])
    distances = []
    for x, others in (rates.halves(data.items), rates.halves(data.items)[::-1]):
        packed = compression.pca_codec(others).pack(x, data.scale, (4, 8), BARE)
        assert packed.rate == point["rate"] == 4
        distances.append(data.distance(packed.items, x, "rmse"))
    assert point["items"] == len(data)
    assert point["rmse"] == pytest.approx(np.concatenate(distances).mean(), rel=1e-5)


def test_headers_count_in_a_file_and_not_without_them() -> None:
    data = aeviz.load_dataset("mnist")
    jpeg = replace(data.modality.compression.codecs[0], settings=((10,),))
    few = replace(data, items=data.items[:20], labels=data.labels[:20])
    points = rates.measure(lambda items: jpeg, few)
    x = few.items
    for way in (FILE, BARE):
        assert points[way][0]["rate"] == jpeg.pack(x, data.scale, (10,), way).rate
    webp = replace(data.modality.compression.codecs[1], settings=((25,),))
    points = rates.measure(lambda items: webp, few)
    assert points[FILE][0]["rate"] == points[BARE][0]["rate"] + 20


def test_figures_are_read_only_for_what_they_were_measured_of() -> None:
    data = aeviz.load_dataset("ecg")
    of = {"weights_sha256": "a"}
    assert list(rates.write(data, [("model", of, compression.pca_codec)])) == ["model"]
    assert rates.known("ecg", "model", of)
    assert not rates.known("ecg", "model", {"weights_sha256": "b"})
    assert not rates.known("ecg", "model", None)
    assert not rates.known("wage", "model", of)
    judge = rates.judges(data)[0]
    codec = compression.pca_codec(data.items[::2])
    few = compression.curve(codec, data, data.items[:9], FILE, judge)
    for before, after in zip(few, rates.over_all("ecg", "model", FILE, judge.key, few), strict=True):
        assert (before.items, after.items) == (9, len(data))
        assert before.made is after.made


@pytest.mark.long
@pytest.mark.parametrize("path", sorted(rates.FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_what_is_shipped_fits_the_codecs_of_today(path: Path) -> None:
    data = aeviz.load_dataset(path.stem)
    settings = {codec.name: codec.settings for codec in data.modality.compression.codecs}
    settings["pca"] = compression.pca_codec(data.items[:300]).settings
    shipped = json.loads(path.read_text())
    assert "pca" in shipped
    for name, found in shipped.items():
        wanted = settings.get(name, [(bits,) for bits in compression.BITS])
        for way in WAYS:
            rows = found["ways"][way]
            assert [tuple(row["setting"]) for row in rows] == list(wanted), name
            assert all(row["items"] == len(data) or row["items"] >= 1000 for row in rows)
