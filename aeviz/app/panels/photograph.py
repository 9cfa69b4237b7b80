"""A visitor's photograph on its way to a picture that a model knows: each step as it looks, with its control."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import html
from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.figures.files import data_url
from aeviz.modalities.base import Upload
from aeviz.modalities.image import handwriting
from aeviz.modalities.image.drawing import HANDWRITTEN
from aeviz.modalities.image.files import first_of, pages_of, read_photograph
from aeviz.modalities.image.fitting import Fit, fitted
from aeviz.modalities.image.handwriting import Adjustments, Strokes
from aeviz.modalities.image.shapes import in_colour

READ, MAX_READ = "photographs-read", 2  # in the session, and how many: an end and another of a path
STEP_SIDE = 320  # pixels of a step's picture at most
CORNER = np.array([255, 140, 30], np.uint8)  # the colour of frames
READINGS = {"handwriting": "Handwriting", "picture": "Picture"}
INKS = {"dark": "Dark on light", "light": "Light on dark"}
GROUNDS = {"black": "Black", "white": "White"}
FITS = {"whole": "Whole", "fill": "Fill the square"}
SET = ("across", "down", "ink", "threshold", "turn", "digit", "swap", "fit", "ground")  # what is set of a photograph


@dataclass(frozen=True)
class _Read:
    """A file's pixels (h, w, 3), the session's name for what is set of it, and what was left out, in sentences."""

    pixels: NDArray[np.uint8]
    key: str
    notes: tuple[str, ...]


def show(file: bytes, data: Dataset, key: str, settings: Mapping[str, Any]) -> tuple[Upload, dict[str, Any]]:
    """The steps from a picture file to an item of a data set, with their controls; and what is set in them.

    Handwriting is what a data set of bright strokes on black takes; any other takes the picture itself, and so does a
    picture that is of the data set's own size already. settings: what was set before, where the session holds nothing
    of the file under this key. Raises DataError.
    """
    read = _read(file, key)
    for name, value in settings.items():
        st.session_state.setdefault(f"{read.key}-{name}", value)
    reading, choices = "picture", st.container(horizontal=True, gap="medium")
    if not in_colour(data.shape):
        ready = read.pixels.shape[:2] == data.shape[-2:]
        usual = "handwriting" if data.drawing in HANDWRITTEN and not ready else "picture"
        with choices:
            reading = _choice("Read it as", READINGS, f"{read.key}-{_reading(data)}", usual)
    item = _handwriting(read, data, choices) if reading == "handwriting" else _picture(read, data)
    now = {name: st.session_state.get(f"{read.key}-{name}") for name in (*SET, _reading(data))}
    return item, {name: value for name, value in now.items() if value is not None}


def _reading(data: Dataset) -> str:
    return f"{data.name}-reading"


def _read(file: bytes, key: str) -> _Read:
    """The pixels, read once for each file; the last ones are kept for this visitor alone."""
    digest = hashlib.sha256(file).hexdigest()[:12]
    kept = st.session_state.setdefault(READ, {})
    if digest not in kept:
        while len(kept) >= MAX_READ:
            del kept[next(iter(kept))]
        kept[digest] = read_photograph(file, handwriting.MAX_SIDE), first_of(pages_of(file))
    pixels, notes = kept[digest]
    return _Read(pixels, f"{key}-{digest}", notes)


def _choice(label: str, options: dict[str, str], key: str, usual: str) -> str:
    st.session_state.setdefault(key, usual)
    chosen: str | None = st.segmented_control(
        label, list(options), key=key, required=True, format_func=options.__getitem__
    )
    return chosen or usual


# ---- Handwriting.


def _handwriting(read: _Read, data: Dataset, choices: "st.delta_generator.DeltaGenerator") -> Upload:
    adjust = _adjusted(read)
    try:
        strokes = handwriting.find_strokes(read.pixels, adjust)
    except DataError:
        _steps([_framed(read, adjust)])
        _controls(read, None)
        raise
    with choices:
        number = _which(read, strokes, data)
    shape = (data.shape[-2], data.shape[-1])
    picture = handwriting.digit(strokes, number, shape)
    item = (data.scale.low + (data.scale.high - data.scale.low) * picture).astype(np.float32)
    turned = f", turned by {abs(strokes.turn):.0f}°" if abs(strokes.turn) >= 0.5 else ""
    ink = np.where(strokes.contrast > strokes.threshold, np.clip(strokes.contrast, 0, 1), 0)
    _steps([
        _framed(read, adjust),
        ("2 · the ink", _grey(ink)),
        (f"3 · the strokes{turned}", _boxed(strokes, number)),
        ("4 · the input", data.tiles(item[None])[0]),
    ])  # fmt: skip
    _controls(read, strokes)
    return Upload(item, read.notes)


def _adjusted(read: _Read) -> Adjustments:
    """What the controls below the steps were set to."""
    state = st.session_state
    ink = state.get(f"{read.key}-ink")
    return Adjustments(
        frame=_frame(read),
        threshold=None if (share := state.get(f"{read.key}-threshold")) is None else share / 100,
        dark=None if ink is None else ink == "dark",
        turn=None if (turn := state.get(f"{read.key}-turn")) is None else float(turn),
    )


def _frame(read: _Read) -> handwriting.Frame:
    left, right = st.session_state.get(f"{read.key}-across", (0, 100))
    top, bottom = st.session_state.get(f"{read.key}-down", (0, 100))
    return top / 100, left / 100, bottom / 100, right / 100


def _controls(read: _Read, strokes: Strokes | None) -> None:
    """The control of each step. What nobody has moved follows the photograph."""
    with st.expander("Crop, threshold, turn", icon=":material/tune:"):
        _crop(read)
        shown = strokes or _usual(read)
        with st.container(key=f"{read.key}-adjust", gap="small"):
            _follow(f"{read.key}-ink", "dark" if shown.dark else "light")
            st.segmented_control("Ink", list(INKS), key=f"{read.key}-ink-shown", required=True,
                                 format_func=INKS.__getitem__, on_change=_set, args=(f"{read.key}-ink",))  # fmt: skip
            _follow(f"{read.key}-threshold", round(100 * shown.threshold))
            st.slider("Threshold: % of the ink's contrast", 5, 95, key=f"{read.key}-threshold-shown", on_change=_set,
                      args=(f"{read.key}-threshold",))  # fmt: skip
            _follow(f"{read.key}-turn", round(shown.turn))
            st.slider("Turn, degrees", -180, 180, key=f"{read.key}-turn-shown", on_change=_set,
                      args=(f"{read.key}-turn",))  # fmt: skip


@dataclass(frozen=True)
class _Settings:
    dark: bool
    threshold: float
    turn: float


def _usual(read: _Read) -> _Settings:
    """What stands in the controls where no ink is found."""
    state = st.session_state
    share, turn = state.get(f"{read.key}-threshold"), state.get(f"{read.key}-turn")
    return _Settings(state.get(f"{read.key}-ink", "dark") == "dark", (share or 50) / 100, turn or 0.0)


def _follow(name: str, measured: str | int) -> None:
    """A control shows what was set, or else what was found."""
    st.session_state[f"{name}-shown"] = st.session_state.get(name, measured)


def _set(name: str) -> None:
    st.session_state[name] = st.session_state[f"{name}-shown"]


def _crop(read: _Read) -> None:
    st.session_state.setdefault(f"{read.key}-across", (0, 100))
    st.session_state.setdefault(f"{read.key}-down", (0, 100))
    st.slider("Crop, left to right (%)", 0, 100, key=f"{read.key}-across")
    st.slider("Crop, top to bottom (%)", 0, 100, key=f"{read.key}-down")


def _which(read: _Read, strokes: Strokes, data: Dataset) -> int:
    """The digit that the visitor chooses of those found; the largest at first."""
    count = len(strokes.boxes)
    if count == 1:
        return 0
    shape = (data.shape[-2], data.shape[-1])
    pictures = [handwriting.digit(strokes, number, shape) for number in range(count)]
    tiles = [np.rint(picture.transpose(1, 2, 0) * 255).astype(np.uint8) for picture in pictures]
    name = f"{read.key}-digit"
    if st.session_state.get(name) not in range(count):
        st.session_state[name] = strokes.largest
    more = f"; the {count} largest of {strokes.count:,} are shown: crop the picture to choose others"
    with st.container(key=f"aeviz-digits-{read.key}"):
        chosen: int | None = st.segmented_control(
            f"Which one?{more if strokes.count > count else ''}",
            list(range(count)),
            key=name,
            required=True,
            format_func=lambda number: f"![{data.words.noun} {number + 1}]({data_url(tiles[number])})",
        )
    return strokes.largest if chosen is None else chosen


# ---- Any other picture.


def _picture(read: _Read, data: Dataset) -> Upload:
    swap, fill, ground = f"{read.key}-swap", f"{read.key}-fit", f"{read.key}-ground"
    state, colour = st.session_state, in_colour(data.shape)
    fit = Fit(_frame(read), state.get(fill) == "fill", float(state.get(ground) == "white"), state.get(swap))
    picture, inverted = fitted(read.pixels, data.shape, fit)
    item = (data.scale.low + (data.scale.high - data.scale.low) * picture).astype(np.float32)
    _steps([_framed(read, Adjustments(fit.frame)), ("2 · the input", data.tiles(item[None])[0])])
    with st.expander("Crop, fit, ground", icon=":material/tune:"):
        _crop(read)
        if _choice("Fit", FITS, fill, "whole") == "whole" and colour:
            _choice("Ground", GROUNDS, ground, "black")
        _follow(swap, inverted)
        st.toggle("Swap light and dark", key=f"{swap}-shown", on_change=_set, args=(swap,))
    swapped = "Light and dark are swapped: the models know light shapes on black."
    return Upload(item, (*read.notes, *((swapped,) if inverted and state.get(swap) is None else ())))


# ---- Steps.


def _steps(steps: list[tuple[str, NDArray[np.uint8]]]) -> None:
    figures = [html.figure(_square(tile), caption) for caption, tile in steps]
    st.html(f'<div class="aeviz-photograph">{html.row(figures)}</div>')


def _square(tile: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A tile on a black square, so that all steps are of one size."""
    height, width = tile.shape[:2]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    return np.pad(tile, ((top, side - height - top), (left, side - width - left), (0, 0)))


def _framed(read: _Read, adjust: Adjustments) -> tuple[str, NDArray[np.uint8]]:
    """The photograph, dark outside the frame."""
    pixels = read.pixels[:: _step(read.pixels), :: _step(read.pixels)].copy()
    height, width = pixels.shape[:2]
    top, left, bottom, right = adjust.frame
    box = (round(top * height), round(left * width), round(bottom * height), round(right * width))
    inside = np.zeros((height, width), bool)
    inside[box[0] : box[2], box[1] : box[3]] = True
    pixels[~inside] //= 4
    if not inside.all():
        _outline(pixels, box, 2)
    return "1 · your photo", pixels


def _step(pixels: NDArray[np.generic]) -> int:
    return max(1, max(pixels.shape[:2]) // STEP_SIDE)


def _grey(ink: NDArray[np.floating]) -> NDArray[np.uint8]:
    step = _step(ink)
    return np.rint(255 * ink[::step, ::step, None]).astype(np.uint8)


def _boxed(strokes: Strokes, number: int) -> NDArray[np.uint8]:
    """The ink upright, with a frame about each group of strokes, the chosen one's in colour."""
    step = _step(strokes.ink)
    pixels = np.repeat(_grey(strokes.ink), 3, 2)
    for other, box in enumerate(strokes.boxes):
        if other != number:
            _outline(pixels, tuple(side // step for side in box), 1, np.array([110, 110, 110], np.uint8))
    _outline(pixels, tuple(side // step for side in strokes.boxes[number]), 2)
    return pixels


def _outline(
    pixels: NDArray[np.uint8], box: tuple[int, ...], thickness: int, colour: NDArray[np.uint8] = CORNER
) -> None:
    top, left, bottom, right = box
    pixels[top : top + thickness, left:right] = colour
    pixels[max(0, bottom - thickness) : bottom, left:right] = colour
    pixels[top:bottom, left : left + thickness] = colour
    pixels[top:bottom, max(0, right - thickness) : right] = colour
