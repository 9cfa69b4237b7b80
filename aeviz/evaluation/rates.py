"""Rate against distortion over all items of a bundled data set, measured ahead by `aeviz rates`.

`rates/DATASET.json` beside the bundled data holds, for each codec by its name, how it was measured and its points. A
page reads them, for it takes minutes to write ten thousand pictures as files at each quality.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from aeviz.datasets.files import BUNDLED
from aeviz.datasets.record import Dataset
from aeviz.evaluation import compression
from aeviz.evaluation.compression import FITTED, Point
from aeviz.modalities.base import Distance
from aeviz.modalities.codecs.base import BARE, FILE, SHEET, SHEET_ITEMS, WAYS, Codec, Items, Packed, Setting
from aeviz.store.checkpoints import write_json

FOLDER = BUNDLED / "rates"
SLOW = 100  # a codec of which a page measures fewer files than this …
SLOW_ITEMS = 1000  # … is measured on the first so many, and on two sheets

Fit = Callable[[Items], Codec]  # a codec whose ranges, or components, come from these items

Pairs = list[tuple[Codec, Items]]  # each half of the items, and the codec that is fitted to the other half


def halves(items: Items) -> tuple[Items, Items]:
    """Every second item, and the others: the ranges and components for one half come from the other."""
    return items[::2], items[1::2]


def judges(data: Dataset) -> list[Distance]:
    """The distances that a page of compression offers: the one that repairs are judged by, and the last other one."""
    usual = data.modality.distance(data.modality.repair.judge)
    return list({row.key: row for row in (usual, *data.modality.distances[-1:])}.values())


def measure(fit: Fit, data: Dataset) -> dict[str, list[dict[str, Any]]]:
    """For each way of counting, a codec's points over all items of `data`, each half by what the other half gave.

    A point is {"setting", "items", "rate", "entropy" or None, and the mean of each of `judges` by its key}.
    """
    first, second = halves(data.items)
    pairs = list(zip((fit(second[:FITTED]), fit(first[:FITTED])), (first, second), strict=True))
    points: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for setting in pairs[0][0].settings:
        for way, point in _at(setting, pairs, data):
            points[way].append(point)
    return points


def _at(setting: Setting, pairs: Pairs, data: Dataset) -> Iterable[tuple[str, dict[str, Any]]]:
    """A codec at one setting: a point for each way of counting."""
    codec, items = pairs[0]
    entropy = None
    if codec.entropy:
        entropy = _mean([codec.entropy(x, setting) for codec, x in pairs if codec.entropy], [len(x) for _, x in pairs])
    before: list[Packed] = []
    figures: dict[str, float] = {}
    for way in (BARE, SHEET) if codec.same_files else (FILE, BARE, SHEET):
        most = len(items) if codec.most >= SLOW else SHEET_ITEMS if way == SHEET else SLOW_ITEMS // 2
        parts = [x[:most] for _, x in pairs]
        packed = [codec.pack(x, data.scale, setting, way) for (codec, _), x in zip(pairs, parts, strict=True)]
        if not before or not all(map(_alike, before, packed)):
            figures = _qualities(data, parts, packed)
        before, counts = packed, [len(x) for x in parts]
        point = {"setting": list(setting), "items": sum(counts), "entropy": entropy} | figures
        yield way, point | {"rate": _mean([part.rate for part in packed], counts)}
        if way == BARE and codec.same_files:
            sizes = [sum(map(len, part.files)) / len(part.items) for part in packed]
            yield FILE, point | {"rate": _mean(sizes, counts)}


def _alike(a: Packed, b: Packed) -> bool:
    return np.array_equal(a.items, b.items, equal_nan=True)


def _qualities(data: Dataset, items: list[Items], packed: list[Packed]) -> dict[str, float]:
    """The mean of each of `judges` over all items."""
    means = {}
    for judge in judges(data):
        distances = [data.distance(part.items, x, judge.key) for part, x in zip(packed, items, strict=True)]
        means[judge.key] = round(compression.mean_quality(np.concatenate(distances), judge), 6)
    return means


def _mean(values: Sequence[Any], counts: Sequence[int]) -> float:
    return round(float(np.average(values, weights=counts)), 6)


def fits(data: Dataset) -> dict[str, Fit]:
    """The codecs of a data set's modality that can run here, and PCA."""
    known: dict[str, Fit] = {compression.PRINCIPAL: compression.pca_codec}
    for codec in data.modality.compression.codecs:
        if not codec.lacking():
            known[codec.name] = _fixed(codec)
    return known


def _fixed(codec: Codec) -> Fit:
    """A codec that takes nothing from any items."""
    return lambda items: codec


def of_model(name: str, coder: compression.Coder) -> Fit:
    """A model as a codec; the ranges come from its codes of the items."""
    return lambda items: compression.model_codec(name, name, coder, coder.encode(items)[0])


def write(data: Dataset, measured: Iterable[tuple[str, dict[str, str], Fit]]) -> Iterable[str]:
    """Measure codecs by (name, what they were measured of, how they are fitted) and write each as it is ready."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{data.name}.json"
    for name, of, fit in measured:
        points = measure(fit, data)
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        write_json(path, dict(sorted((known | {name: {"of": of, "ways": points}}).items())))
        _read_file.cache_clear()
        yield name


def _read(dataset: str) -> dict[str, Any]:
    return _read_file(FOLDER / f"{dataset}.json")


@lru_cache(maxsize=16)
def _read_file(path: Path) -> dict[str, Any]:
    rates: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return rates


def known(dataset: str, name: str, of: Mapping[str, str] | None) -> bool:
    """Whether a codec was measured ahead, and is still what it was then: `of` is as it is stated there."""
    return of is not None and bool(_read(dataset).get(name, {}).get("of") == of)


def over_all(dataset: str, name: str, way: str, judge: str, points: Sequence[Point]) -> tuple[Point, ...]:
    """Points measured on a few items, with the figures that were measured ahead over all; those unknown stay."""
    rows = {tuple(row["setting"]): row for row in _read(dataset)[name]["ways"][way] if judge in row}
    return tuple(
        replace(point, rate=row["rate"], quality=row[judge], entropy=row["entropy"], items=row["items"])
        if (row := rows.get(point.setting))
        else point
        for point in points
    )
