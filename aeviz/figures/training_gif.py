"""The recorded frames of two trainings as an animated picture."""

import io
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from aeviz.figures import files, palette

SIDE = 360  # px of a plane
GAP = 12
FRAME, LAST = 140, 2500  # milliseconds of a frame, on average, and of the last
SHORTEST = 40  # ms of a frame: viewers show shorter ones for longer
STILL = 0.25  # of the time passes evenly over the steps, as in `replay_film`; the rest where points move
GROUND, INK = "#FBFBF9", "#1A1D21"


class TrainingFrames(Protocol):
    """A training, S frames of it at growing `steps` (S,); places: (S, P, 2) codes; samples: tiles (S, K, h, w, C)."""

    @property
    def label(self) -> str: ...
    @property
    def accent(self) -> str: ...
    @property
    def steps(self) -> ArrayLike: ...
    @property
    def places(self) -> ArrayLike: ...
    @property
    def samples(self) -> NDArray[np.uint8]: ...


def gif(films: Sequence[TrainingFrames], labels: NDArray[np.integer]) -> bytes:
    """Planes with the samples below, side by side, at the steps of the longest film; an animation without end.

    It spends its time where points move.
    """
    steps = np.asarray(max((film.steps for film in films), key=lambda film_steps: np.asarray(film_steps)[-1]))
    boxes = [_box(np.asarray(film.places)) for film in films]
    shown, times = paced(films, steps)
    frames = [_frame(films, labels, boxes, int(steps[row])) for row in shown]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)
    return buffer.getvalue()


def paced(films: Sequence[TrainingFrames], steps: NDArray) -> tuple[list[int], list[int]]:
    """Which of the steps (S,) are shown, by their rows, and for how many milliseconds each.

    As the film plays: a little of the time passes evenly along the logarithm of the steps, most of it with the way that
    the points go, on average and in shares of the plane. A step that would be over at once is left out.
    """
    along = np.log1p(steps) / np.log1p(steps[-1])
    come = sum(np.interp(along, np.log1p(film.steps) / np.log1p(steps[-1]), _way(film)) for film in films)
    shares = STILL * along + (1 - STILL) * come / come[-1] if come[-1] else along
    shown, times, rest = [0], [], 0.0
    for row, time in enumerate(FRAME * (len(steps) - 1) * np.diff(shares), start=1):
        rest += float(time)
        if rest >= SHORTEST:
            shown.append(row)
            times.append(round(rest, -1))
            rest = 0.0
    shown[-1] = len(steps) - 1
    return shown, [*map(int, times), LAST]


def _way(film: TrainingFrames) -> NDArray:
    """How far the points have come at each frame (S,), the half side of the plane being 1."""
    places = np.asarray(film.places, np.float64)
    moved = np.linalg.norm(np.diff(places, axis=0), axis=2).mean(1)
    return np.concatenate([[0.0], np.cumsum(moved)]) / (_box(places)[1] or 1.0)


def _box(places: NDArray) -> tuple[NDArray, float]:
    """Middle (2,) and half side of the square that holds nearly all codes of all frames."""
    low, high = np.quantile(places, 0.005, axis=1).min(0), np.quantile(places, 0.995, axis=1).max(0)
    return (low + high) / 2, float((high - low).max()) / 2 * 1.06


def _frame(
    films: Sequence[TrainingFrames], labels: NDArray, boxes: Sequence[tuple[NDArray, float]], step: int
) -> Image.Image:
    columns = [_column(film, labels, *box, step) for film, box in zip(films, boxes, strict=True)]
    width = sum(column.width for column in columns) + GAP * (len(columns) + 1)
    image = Image.new("RGB", (width, max(column.height for column in columns) + 32 + GAP), GROUND)
    ImageDraw.Draw(image).text((GAP, 8), f"step {step:,}", INK, ImageFont.load_default(18))
    for number, column in enumerate(columns):
        image.paste(column, (GAP + number * (SIDE + GAP), 32))
    return image


def _column(film: TrainingFrames, labels: NDArray, middle: NDArray, reach: float, step: int) -> Image.Image:
    frame = int(np.searchsorted(np.asarray(film.steps), step, side="right")) - 1
    strip = files.image(files.sheet(film.samples[frame], 8, gap=0)).convert("RGB")
    strip = strip.resize((SIDE, round(SIDE * strip.height / strip.width)), Image.Resampling.NEAREST)
    column = Image.new("RGB", (SIDE, 28 + SIDE + GAP + strip.height), GROUND)
    draw = ImageDraw.Draw(column)
    draw.text((0, 4), film.label, film.accent, ImageFont.load_default(16))
    draw.rectangle((0, 28, SIDE - 1, 28 + SIDE - 1), outline="#E4E4DF")
    x, y = ((np.asarray(film.places)[frame] - middle) / reach * [1, -1] + 1).T * (SIDE / 2)
    for left, top, label in zip(x, y + 28, labels, strict=True):
        if 2 <= left < SIDE - 2 and 30 <= top < 26 + SIDE:
            colour = ImageColor.getrgb(palette.class_colour(int(label)))
            draw.ellipse((left - 2, top - 2, left + 2, top + 2), fill=colour)
    column.paste(strip, (0, 28 + SIDE + GAP))
    return column
