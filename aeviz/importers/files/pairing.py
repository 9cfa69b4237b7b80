"""Which arrays of a file are items, which are their labels, and which split they are of: by stem, split and length."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

Spec = tuple[tuple[int, ...], str]  # the shape of an array and the kind of its values, as numpy has it

ITEMS = (
    "items", "images", "imgs", "image", "img", "pictures", "x", "data", "samples", "features", "inputs", "arr_0",
)  # fmt: skip
LABELS = (
    "labels", "label", "y", "targets", "target", "classes", "class", "categories", "fine_labels", "coarse_labels",
    "factors", "latents_classes", "latents_values", "arr_1",
)  # fmt: skip
NAMES = ("label_names", "class_names", "names", "target_names")
SPLITS = {
    "train": "train", "training": "train", "trn": "train", "tr": "train",
    "test": "test", "t10k": "test", "testing": "test", "tst": "test", "te": "test",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
}  # fmt: skip
FORMAT = re.compile(r"idx\d|ubyte|gz|npy|mat")  # words of a name that tell how it is written
USUAL = ("", "test", "train", "val")  # the split taken where none is stated
EVERYTHING = "all"
MAX_COLUMNS = 64  # of labels


@dataclass(frozen=True)
class Pairing:
    """What a file of arrays was taken to hold.

    items: the names of the arrays of items, one a split that is wanted. parts: the splits there are, () for one alone.
    labels: what may colour the items, by words for a person: the array's name, one for each of `items`, and the column
    in it, None for all of it.
    """

    items: tuple[str, ...]
    parts: tuple[str, ...]
    part: str
    labels: Mapping[str, tuple[tuple[str, ...], int | None]]
    names: str | None


def stem_and_split(name: str) -> tuple[str, str]:
    """A name without what it says of a split, and the split, "" for none: "train_images" is ("images", "train")."""
    words = [word for word in re.split(r"[_\-./ ]+", name.casefold()) if word and not FORMAT.fullmatch(word)]
    if len(words) == 1 and (match := re.fullmatch(r"([xy])(train|test|val|tr|te)|(train|test|val)([xy])", words[0])):
        words = [word for word in match.groups() if word]
    split = next((SPLITS[word] for word in words if word in SPLITS), "")
    return "_".join(word for word in words if word not in SPLITS), split


def pair(specs: Mapping[str, Spec], part: str | None = None) -> Pairing | None:
    """Items and labels among arrays; None where there are no items. part: a split, or "all" of them."""
    parsed = {name: stem_and_split(name) for name in specs}
    numbers = [name for name, (shape, kind) in specs.items() if kind in "biuf" and len(shape) >= 2]
    named = [name for name in numbers if parsed[name][0] in ITEMS]
    plain = [name for name in numbers if parsed[name][0] not in LABELS]
    pool = named or plain or (numbers if len(specs) == 1 else [])
    if not pool:
        return None
    by_split: dict[str, str] = {}
    for split in sorted({parsed[name][1] for name in pool}, key=lambda split: (USUAL.index(split), split)):
        candidates = [name for name in pool if parsed[name][1] == split]
        ranked = [stem for stem in ITEMS if any(parsed[name][0] == stem for name in candidates)]
        if ranked:
            candidates = [name for name in candidates if parsed[name][0] == ranked[0]]
        by_split[split] = max(candidates, key=lambda name: prod(specs[name][0]))
    parts = tuple(by_split) if len(by_split) > 1 else ()
    chosen = part if part in by_split or (part == EVERYTHING and parts) else next(iter(by_split))
    items = tuple(by_split.values()) if chosen == EVERYTHING and parts else (by_split[chosen],)
    names = next((name for stem in NAMES for name in specs if name.casefold() == stem), None)
    if chosen == EVERYTHING and len({specs[name][0][1:] for name in items}) > 1:
        items, chosen = (next(iter(by_split.values())),), next(iter(by_split))
    return Pairing(items, parts, chosen, _labels(specs, parsed, items, names), names)


def _labels(
    specs: Mapping[str, Spec], parsed: Mapping[str, tuple[str, str]], items: tuple[str, ...], names: str | None
) -> dict[str, tuple[tuple[str, ...], int | None]]:
    """What may colour items: arrays of their length and split, the usual names first, several columns one by one."""
    first = items[0]
    split, count = parsed[first][1], specs[first][0][:1]
    fitting = [
        name
        for name, (shape, kind) in specs.items()
        if name not in items and name != names and kind in "biufUS" and shape[:1] == count and _narrow(shape)
        and parsed[name][1] in {split, ""}
    ]  # fmt: skip
    fitting.sort(key=lambda name: (parsed[name][1] != split, _rank(parsed[name][0])))
    choices: dict[str, tuple[tuple[str, ...], int | None]] = {}
    for name in fitting:
        stem = parsed[name][0]
        others = [_twin(specs, parsed, stem, item, name if item == first else "") for item in items]
        if None in others:
            continue
        arrays = tuple(other for other in others if other is not None)
        shape = specs[name][0]
        columns = shape[1] if len(shape) == 2 else 1
        if columns == 1:
            choices.setdefault(name, (arrays, None))
        else:
            choices |= {f"{name} {column + 1}": (arrays, column) for column in range(columns)}
    return choices


def _twin(
    specs: Mapping[str, Spec], parsed: Mapping[str, tuple[str, str]], stem: str, item: str, own: str
) -> str | None:
    """The array of labels with a stem that goes with an array of items."""
    if own:
        return own
    count, split = specs[item][0][0], parsed[item][1]
    return next((name for name in specs if parsed[name] == (stem, split) and specs[name][0][:1] == (count,)), None)


def _narrow(shape: tuple[int, ...]) -> bool:
    return len(shape) == 1 or (len(shape) == 2 and 1 <= shape[1] <= MAX_COLUMNS)


def _rank(stem: str) -> int:
    return LABELS.index(stem) if stem in LABELS else len(LABELS)


def is_one_hot(labels: NDArray[np.generic]) -> bool:
    """Whether rows of numbers each name one class."""
    return bool(
        labels.ndim == 2
        and labels.shape[1] > 1
        and labels.dtype.kind in "biuf"
        and ((labels == 0) | (labels == 1)).all()
        and (labels.sum(1) == 1).all()
    )
