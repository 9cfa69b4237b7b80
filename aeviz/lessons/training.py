"""Training as a section: recorded trainings under one handle over their steps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from aeviz.lessons.record import Part, Section, Words
from aeviz.parts import replay_film
from aeviz.parts.replay_film import Film

MAX_BYTES = 6_000_000  # of the films of a page, in base64


def section(
    films: Sequence[Film],
    shown: Mapping[str, Any],
    words: Words,
    *,
    step: int,
    notes: Sequence[str] = (),
    credits: Sequence[str] = (),
    most: int = MAX_BYTES,
) -> Section:
    """Films of the same items, and all else that `replay_film.payload` takes; as many of their frames as a file holds.

    step: where the handle stands, a recorded one. notes: sentences below. credits: whose models and data these are.
    most: bytes of the films.
    """
    few = bounded(films, step, most)
    data = replay_film.payload(few, **shown, step=step)
    return Section(
        "training",
        words=words,
        parts=(Part("film", "replay_film", data, wide=True),),
        notes=(*notes, *_left_out(films, few)),
        credits=tuple(dict.fromkeys(credits)),
    )


def bounded(films: Sequence[Film], step: int, most: int = MAX_BYTES) -> list[Film]:
    """Films of every frame where they take no more than `most` bytes; else of every second, fourth or eighth.

    The first frame, the last, and that of `step` are always there.
    """
    every = 1
    few = list(films)
    total = max(len(np.asarray(film.steps)) for film in films)
    while sum(map(_size, few)) > most and every < total:
        every *= 2
        few = [_thinned(film, every, step) for film in films]
    return few


def _thinned(film: Film, every: int, step: int) -> Film:
    steps = np.asarray(film.steps)
    frames = np.arange(len(steps))
    kept = (frames % every == 0) | (frames == len(steps) - 1) | (steps == step)
    return replace(
        film,
        steps=steps[kept],
        places=np.asarray(film.places)[kept],
        reconstructions=film.reconstructions[kept],
        samples=film.samples[kept],
    )


def _size(film: Film) -> int:
    packed = film.packed
    return sum(len(packed[name]["url"]) for name in ("reconstructions", "samples")) + len(
        packed["places"]["packed"]["bytes"]
    )


def _left_out(films: Sequence[Film], few: Sequence[Film]) -> list[str]:
    counts = {
        film.label: (len(np.asarray(film.steps)), len(np.asarray(less.steps)))
        for film, less in zip(films, few, strict=True)
    }
    return [
        f"{label}: this file holds {kept:,} of {count:,} recorded steps, for it would be too large with all of them."
        for label, (count, kept) in counts.items()
        if kept < count
    ]
