"""Recorded trainings, ready to be shown: replays, charts, and what became of the codes in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import models
from aeviz.app.choice import CODES, in_order
from aeviz.app.model_names import looks
from aeviz.evaluation.clouds import Course, course
from aeviz.figures import palette
from aeviz.latent.explorer import principal_directions
from aeviz.model import likelihoods
from aeviz.model.families import FAMILIES
from aeviz.parts.replay_film import Chart, Film, Line
from aeviz.store.checkpoints import Card
from aeviz.training.recording import RECORDING, Recording, RecordingError, load_recording

LOSS = (
    "What the training makes small, measured on the recorded items of the test split. Reconstruction: −log p(x | z) of "
    "a [[noun]]. The loss of the VAE is its reconstruction plus its KL; that of the AE is its reconstruction alone."
)
TERMS = {
    "kl": (
        "KL to the prior",
        "How far the posteriors q(z | x) are from N(0, I), in nats per item: what a VAE is penalised for. "
        "An AE has a point in place of a posterior, and no such term.",
    )
}
SPREAD = (
    "Root mean square distance of the codes from their mean, in units of the code. N(0, I) has √d in d dimensions: "
    "√2 ≈ 1.41 in two. Small: compact."
)
SEPARATION = (
    "Variance between the classes over variance within them. 0: the classes lie on each other. At 1, the classes' "
    "means vary as much as the items of a class about its mean. It does not change when all codes are scaled."
)
KNN = (
    "Share of the recorded items whose class the 10 nearest other codes tell, by 5-fold cross-validation. "
    "Ten classes of one size, guessed at random, would give 10 %, two 50 %."
)
CAPTIONS = ("Items and their reconstructions", "Draws of N(0, I), decoded")
RING = (2.448, "N(0, I): 95 % of its draws")  # in two dimensions the radius is sqrt(-2 ln 0.05)
MANY = 1000  # from which a number is written whole
MIN_SPREAD_CHANGE = 0.1  # by how much, of the last spread, an earlier one must exceed it to be mentioned


@dataclass(frozen=True)
class Replay:
    """A model's card and recording, what was measured of it, the classes (P,) of its items, and its film."""

    card: Card
    recording: Recording
    course: Course
    labels: NDArray[np.int64]
    film: Film

    @property
    def label(self) -> str:
        """The model in a word."""
        return looks(self.card).label

    @property
    def colour(self) -> str:
        """The model's."""
        return looks(self.card).colour


def recorded(dataset: str) -> bool:
    """Whether a model of each kind of code of a data set was recorded while it learned."""
    cards = models.comparable().get(dataset, {}).values()
    kinds = {card.code for card in cards if (models.folder_of(card.name) / RECORDING).is_file()}
    return kinds >= set(CODES)


def recording_of(dataset: str, code: str, first: Sequence[str]) -> Replay | None:
    """A recording of a model whose codes are of a kind in `choice.CODES`: one named in `first` before others.

    Then codes of two numbers before longer ones. None without any. Raises RecordingError for one that is damaged or
    belongs to another data set.
    """
    variants = models.comparable().get(dataset, {})
    cards = [variants[name] for name in in_order(variants)]
    cards = [card for card in cards if card.code == code]
    families = list(FAMILIES)

    def place(card: Card) -> tuple[bool, bool, int]:
        return card.name not in first, card.latent_dim != 2, families.index(card.family)

    for card in sorted(cards, key=place):
        path = models.folder_of(card.name) / RECORDING
        if path.is_file():
            return _read(card.name, card, path.stat().st_mtime_ns)
    return None


@st.cache_resource(max_entries=8, show_spinner="Reading the recording …")
def _read(name: str, _card: Card, written: int) -> Replay:
    """A model's recording, measured; `written` tells a new file from an old one of the same name."""
    path, data = models.folder_of(name) / RECORDING, models.data(_card.dataset)
    recording = load_recording(path)
    rows = np.concatenate([recording.rows, recording.items])
    reconstructions, samples = recording.tiles
    shape = (*reconstructions.shape[2:], recording.codes.shape[2])
    if rows.max(initial=0) >= len(data) or shape != (*data.tiles(data.items[:1]).shape[1:], _card.latent_dim):
        raise RecordingError(
            f"The recording of {name} does not belong to {data.title}: train the model again with --record."
        )
    labels = data.labels[recording.rows]
    film = Film(
        looks(_card).title,
        looks(_card).colour,
        recording.steps,
        plane(recording.codes),
        data.tiles(data.items[recording.items]),
        reconstructions,
        samples,
        data.modality.smooth,
    )
    return Replay(_card, recording, course(recording, labels), labels, film)


def plane(codes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Codes (S, P, d) of S steps as places (S, P, 2): as they are where d is 2, a code of one number beside a 0.

    Longer ones are seen along the two principal directions of the last step's codes. The origin stays the origin, and
    N(0, I) of d dimensions is N(0, I) of two.
    """
    if codes.shape[2] <= 2:
        return np.pad(codes, ((0, 0), (0, 0), (0, 2 - codes.shape[2])))
    return codes @ principal_directions(codes[-1])[1][:2].T


def together(replays: Sequence[Replay]) -> Sequence[Replay]:
    """Those that can be shown side by side: the first alone where the others were recorded with other items."""
    rows = [replay.recording.rows for replay in replays]
    return replays if all(np.array_equal(rows[0], other) for other in rows) else replays[:1]


def steps_of(replays: Sequence[Replay]) -> list[int]:
    """All recorded steps, in order."""
    steps: list[int] = np.unique(np.concatenate([replay.recording.steps for replay in replays])).tolist()
    return steps


def shown(replays: Sequence[Replay]) -> dict[str, Any]:
    """What the part `replay_film` shows of recordings of the same items, but for its step."""
    names = models.data(replays[0].card.dataset).label_names
    return {
        "films": [replay.film for replay in replays],
        "charts": charts(replays),
        "labels": replays[0].labels,
        "label_names": names,
        "colours": [palette.class_colour(label) for label in range(len(names))],
        "captions": CAPTIONS,
        "ring": RING,
    }


def prior_spread(replays: Sequence[Replay]) -> float | None:
    """The spread of N(0, I) in the dimensions of all films' codes; None where they differ."""
    sizes = {replay.card.latent_dim for replay in replays}
    return math.sqrt(sizes.pop()) if len(sizes) == 1 else None


def charts(replays: Sequence[Replay]) -> list[Chart]:
    """Loss with its terms, and how the codes lie, both models in each."""
    totals = [_term(replay, "loss", "{:,.1f}") for replay in replays if "loss" in replay.recording.terms]
    parts = [
        _term(replay, "reconstruction", "{:,.1f}", dashed=True)
        for replay in replays
        if "reconstruction" in replay.recording.terms
    ]
    nats = not any(likelihoods.constant(replay.card.config.get("likelihood", "")) for replay in replays)
    loss = models.words(replays[0].card.dataset).fill(LOSS)
    drawn = [Chart("Loss (nats)" if nats else "Loss", [*totals, *parts], loss, log=True)]
    for term, (title, definition) in TERMS.items():
        lines = [_term(replay, term, "{:.3g}") for replay in replays if term in replay.recording.terms]
        drawn += [Chart(f"{title} (nats)", lines, definition)] if lines else []
    prior = prior_spread(replays)
    figures = (
        ("Spread of the codes", "spread", "{:.3g}", SPREAD, True, (prior, "N(0, I)") if prior else None),
        ("Separation of the classes", "separation", "{:.2f}", SEPARATION, False, None),
        ("kNN accuracy of the codes", "knn_accuracy", "{:.1f} %", KNN, False, None),
    )
    for title, name, form, definition, log, reference in figures:
        unit = 100 if name == "knn_accuracy" else 1
        lines = [_line(replay, replay.label, unit * getattr(replay.course, name), form) for replay in replays]
        drawn.append(Chart(title, lines, definition, log=log, reference=reference))
    return drawn


def _term(replay: Replay, term: str, form: str, dashed: bool = False) -> Line:
    values = replay.recording.figures[:, replay.recording.terms.index(term)]
    name = replay.label if term != "reconstruction" else f"{replay.label}, reconstruction"
    return _line(replay, name, values, form, dashed)


def _line(replay: Replay, name: str, values: NDArray, form: str, dashed: bool = False) -> Line:
    texts = [f"{value:,.0f}" if abs(value) >= MANY else form.format(value) for value in values]
    return Line(name, replay.colour, replay.recording.steps, values, texts, dashed)


def course_sentence(codes: Course) -> str:
    """What became of the codes, in words and numbers; Markdown."""
    first, last, top = codes.spread[0], codes.spread[-1], codes.widest
    numbers = f"spread {first:.3g} before the first step, {last:.3g} after the last"
    if last < first:
        sentence = f"Yes: {numbers}."
    elif codes.spread[top] > (1 + MIN_SPREAD_CHANGE) * last:
        most = f"{codes.spread[top]:.3g} at step {codes.steps[top]:,}"
        sentence = f"In part: {numbers}. The codes spread out to {most}, then draw together."
    else:
        sentence = f"No: {numbers}." + " The codes spread out." * bool(last > first)
    before, after = codes.separation[0], codes.separation[-1]
    knn = f"kNN accuracy from {codes.knn_accuracy[0]:.0%} to {codes.knn_accuracy[-1]:.0%}".replace("%", " %")
    drawn = "Each class does draw together" if after > before else "No class draws together"
    numbers = f"separation from {before:.2f} to {after:.2f}, {knn}"
    return f"{sentence} {drawn}, compared with the distances between classes: {numbers}."


def seen_sentence(replays: Sequence[Replay]) -> str:
    """How codes of more than two numbers become places; "" where there are none."""
    long = {replay.card.latent_dim for replay in replays if replay.card.latent_dim > 2}
    if not long:
        return ""
    return (
        f"Codes of {' and '.join(map(str, sorted(long)))} numbers, seen along the two principal directions of the last "
        "step's codes; spread, separation and accuracy are those of all numbers."
    )


def prior_sentence(replays: Sequence[Replay]) -> str:
    """What the spread is, and that of the prior."""
    sizes = sorted({replay.card.latent_dim for replay in replays})
    priors = " and ".join(f"{size**0.5:.3g} in {size} dimensions" for size in sizes)
    return f"Spread: root mean square distance of the codes from their mean. N(0, I) has {priors}."
