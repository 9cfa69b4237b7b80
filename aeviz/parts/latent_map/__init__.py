"""The latent map: thousands of items as dots on a plane, their pictures under the pointer.

    import streamlit as st
    from aeviz.parts.latent_map.streamlit import latent_map
    from aeviz.parts.picture_atlas import payload
    from aeviz.parts.picture_atlas.streamlit import picture_atlas

    picture_atlas(payload("digits", tiles), key="atlas")
    choice = latent_map(coordinates, labels=labels, atlas="digits", title="VAE", accent="#0072B2", key="map")
    st.write(choice.selected, len(choice.marked))

Maps mounted with the same `group` light up, select and hide together, in the browser, without waiting for Python.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aeviz.figures import palette
from aeviz.parts.sheets import pack

STEPS = 65534  # of a quantised number; 65535 stands for "no value"


class Extra(TypedDict, total=False):
    """A new item on the map: its place in the units of the coordinates, a name, a picture (URL or data URL).

    z: where the coordinates are of three dimensions. handle: a letter; a hand takes the new item to an item of the
    map, or that key puts it on the one in focus.
    """

    x: float
    y: float
    z: float
    label: str
    url: str
    handle: str


@dataclass(frozen=True)
class Walk:
    """The scrubber, by the name of its `walk`, that moves a mark along the path.

    way: which of its strips the mark shows. t: where it stands before the scrubber is heard of, from 0 to 1.
    """

    name: str
    way: int
    t: float


@dataclass(frozen=True)
class MapChoice:
    """What is chosen on a map, or on any map of its group."""

    selected: int | None = None
    marked: list[int] = field(default_factory=list)


def payload(
    coordinates: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    label_names: Sequence[str] | None = None,
    colours: Sequence[str] = palette.CLASSES,
    values: ArrayLike | None = None,
    value_label: str = "",
    value_span: tuple[float, float] | None = None,
    atlas: str | None = None,
    figures: Mapping[str, ArrayLike] | None = None,
    extras: Sequence[Extra] = (),
    path: ArrayLike | None = None,
    walk: Walk | None = None,
    title: str = "",
    accent: str | None = None,
    group: str,
    height: int = 520,
    request: Mapping[str, Any],
    link: tuple[str, str] | None = None,
    below: str | None = None,
) -> dict[str, Any]:
    """What the browser gets: items as points on a plane.

    Args:
        coordinates: (N, 2), any unit; both axes are drawn at the same scale. New coordinates for the same
            number of items glide from the old places to the new. (N, 3): a map that a hand turns; it has no path and
            no handles.
        labels: (N,) class numbers from 0, or None.
        label_names: one name per class; the numbers serve when left out.
        colours: "#rrggbb" of the classes, taken in turn.
        values: (N,) numbers that colour the points in place of the classes; NaN is drawn grey.
        value_label: what the values measure, with the unit.
        value_span: the values at both ends of the colours, so that two maps can share them; between the first and the
            last percent of the values when left out.
        atlas: name of a mounted `picture_atlas` whose tile i is the picture of item i.
        figures: per-item numbers for the card under the pointer, by name, each (N,).
        extras: new items to place on the map.
        path: (M, 2) places joined by a line, or None.
        walk: what moves a mark along the path, or None.
        title: above the map.
        accent: the model's colour in CSS notation; the theme's primary colour when left out.
        group: maps of one group share pointer, selection and hidden classes. Give each data set its own.
        height: of the whole part in pixels.
        request: the choice that the browser is to take over, as `requested` makes it.
        link: names under which a link to the page keeps zoom and pan, or how a map of three dimensions is turned, as
            `aeviz.parts.camera` writes it, and the hidden classes; none where left out.
        below: key of the element of the page that shows marked items, to which the map leads; none where left out.

    Raises:
        ValueError: an array has the wrong shape, a coordinate is not finite or a label has no name.

    """
    places = np.asarray(coordinates, np.float64)
    if places.ndim != 2 or places.shape[1] not in (2, 3):
        raise ValueError(f"coordinates must be (N, 2) or (N, 3), got {places.shape}")
    if not np.isfinite(places).all():
        raise ValueError("coordinates must be finite")
    count = len(places)
    classes, names = _classes(labels, label_names, count)
    return {
        "title": title,
        "accent": accent,
        "group": group,
        "height": height,
        "atlas": atlas,
        "places": {axis: _quantised(column) for axis, column in zip("xyz", places.T, strict=False)},
        "labels": None if classes is None else pack(classes),
        "names": names,
        "colours": list(colours),
        "values": None if values is None else _quantised(_per_item(values, count, "values")),
        "valueLabel": value_label,
        "valueSpan": None if value_span is None else list(map(float, value_span)),
        "figures": [
            {"label": name, "numbers": _quantised(_per_item(numbers, count, name))}
            for name, numbers in (figures or {}).items()
        ],
        "extras": [dict(extra) for extra in extras],
        "path": None if path is None else np.asarray(path, np.float64).reshape(-1, 2).tolist(),
        "walk": None if walk is None else asdict(walk),
        "request": dict(request),
        "link": None if link is None else {"view": link[0], "hidden": link[1]},
        "below": below,
    }


def stamp(text: str) -> str:
    """A few letters that tell a text from others, as `stampOf` in the browser makes them (32-bit FNV-1a)."""
    hashed = 2166136261
    for letter in text:
        hashed = (hashed ^ ord(letter)) * 16777619 & 0xFFFFFFFF
    return np.base_repr(hashed, 36).lower()[-5:]


def hiding(names: Sequence[str], hidden: Iterable[int]) -> str:
    """What a link says of classes that a map of these does not show; "" for none."""
    numbers = sorted(set(hidden))
    return "_".join([stamp(",".join(names)), *map(str, numbers)]) if numbers else ""


def requested(choice: MapChoice, count: int, *, stamp: str, heard: int) -> dict[str, Any]:
    """A choice among `count` items for the browser to take over, once per stamp.

    stamp: tells this request from others. heard: number of the browser's last message; where the person has clicked
    since, the click stands.
    """
    return {"selected": choice.selected, "marked": _bits(choice.marked, count), "stamp": stamp, "heard": heard}


def received(message: Mapping[str, Any] | None, count: int) -> tuple[MapChoice, int]:
    """What the browser's last message says is chosen among `count` items, and the message's number, 0 for none."""
    message = message or {}
    marked = _items(message.get("marked", ""), count)
    return MapChoice(message.get("selected"), marked), message.get("number", 0)


def _classes(
    labels: ArrayLike | None, label_names: Sequence[str] | None, count: int
) -> tuple[NDArray[np.unsignedinteger[Any]] | None, list[str]]:
    if labels is None:
        return None, []
    numbers = np.asarray(labels)
    if numbers.shape != (count,) or not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(f"labels must be {count} whole numbers, got {numbers.dtype} {numbers.shape}")
    known = int(numbers.max(initial=-1)) + 1
    names = [str(name) for name in label_names] if label_names is not None else [str(n) for n in range(known)]
    if numbers.min(initial=0) < 0 or known > len(names):
        raise ValueError(f"labels must lie in [0, {len(names)}), the number of label names")
    return numbers.astype(np.uint8 if len(names) <= 256 else np.uint16), names


def _per_item(numbers: ArrayLike, count: int, name: str) -> NDArray[np.float64]:
    array = np.asarray(numbers)
    if array.shape != (count,):
        raise ValueError(f"{name} must hold {count} numbers, got {array.shape}")
    return array


def _quantised(numbers: NDArray[Any]) -> dict[str, Any]:
    """Numbers (N,) as sixteen-bit steps between their least and greatest: half the bytes of float32."""
    integers = bool(np.issubdtype(numbers.dtype, np.integer) or numbers.dtype == np.bool_)
    exact = numbers.astype(np.float64)
    finite = np.isfinite(exact)
    lo, hi = (float(exact[finite].min()), float(exact[finite].max())) if finite.any() else (0.0, 0.0)
    steps = np.full(exact.shape, STEPS + 1, np.uint16)
    steps[finite] = np.rint((exact[finite] - lo) / (hi - lo) * STEPS) if hi > lo else 0
    return {"lo": lo, "hi": hi, "whole": integers, "steps": pack(steps)}


def _bits(items: Sequence[int], count: int) -> str:
    """A set of items as one bit each in base64: a mark on 60,000 items costs 10 kB, whatever its size."""
    if not items:
        return ""
    chosen = np.zeros(count, np.bool_)
    chosen[np.asarray(items)] = True
    return base64.b64encode(np.packbits(chosen, bitorder="little").tobytes()).decode("ascii")


def _items(bits: str, count: int) -> list[int]:
    packed = np.frombuffer(base64.b64decode(bits), np.uint8)
    return [int(item) for item in np.flatnonzero(np.unpackbits(packed, bitorder="little")[:count])]
