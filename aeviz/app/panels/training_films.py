"""Recorded trainings, ready to be shown: replays, charts, and what became of the codes in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import models, shell
from aeviz.app.choice import in_order
from aeviz.evaluation.clouds import Course, course
from aeviz.model import likelihoods
from aeviz.model.families import FAMILIES, mark_of
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
    "Root mean square distance of the codes from their mean, in units of the code. N(0, I) has √2 ≈ 1.41 in two "
    "dimensions. Small: compact."
)
SEPARATION = (
    "Variance between the classes over variance within them. 0: the classes lie on each other. At 1, the classes' "
    "means vary as much as the items of a class about its mean. It does not change when all codes are scaled."
)
KNN = (
    "Share of the recorded items whose class the 10 nearest other codes tell, by 5-fold cross-validation. "
    "Ten classes guessed at random would give 10 %."
)
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
        return FAMILIES[self.card.family].label

    @property
    def colour(self) -> str:
        """Its family's."""
        return mark_of(self.card.family).colour


def recording_of(dataset: str, code: str, first: Sequence[str]) -> Replay | None:
    """A recording of codes of two numbers of a kind in `choice.CODES`, of a model named in `first` where it has one.

    None without any. Raises RecordingError for one that is damaged or belongs to another data set.
    """
    variants = models.comparable().get(dataset, {})
    cards = [variants[name] for name in in_order(variants)]
    cards = [card for card in cards if card.code == code and card.latent_dim == 2]
    families = list(FAMILIES)
    for card in sorted(cards, key=lambda card: (card.name not in first, families.index(card.family))):
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
    if rows.max(initial=0) >= len(data) or shape != (*data.tiles(data.items[:1]).shape[1:], 2):
        raise RecordingError(f"{path} does not belong to {data.title}: train the model again with --record.")
    labels = data.labels[recording.rows]
    film = Film(
        FAMILIES[_card.family].title,
        mark_of(_card.family).colour,
        recording.steps,
        recording.codes,
        data.tiles(data.items[recording.items]),
        reconstructions,
        samples,
        data.modality.smooth,
    )
    return Replay(_card, recording, course(recording, labels), labels, film)


def charts(replays: Sequence[Replay]) -> list[Chart]:
    """Loss with its terms, and how the codes lie, both models in each."""
    totals = [_term(replay, "loss", "{:.1f}") for replay in replays if "loss" in replay.recording.terms]
    parts = [
        _term(replay, "reconstruction", "{:.1f}", dashed=True)
        for replay in replays
        if "reconstruction" in replay.recording.terms
    ]
    nats = not any(likelihoods.constant(replay.card.config.get("likelihood", "")) for replay in replays)
    drawn = [Chart("Loss (nats)" if nats else "Loss", [*totals, *parts], shell.filled(LOSS), log=True)]
    for term, (title, definition) in TERMS.items():
        lines = [_term(replay, term, "{:.3g}") for replay in replays if term in replay.recording.terms]
        drawn += [Chart(f"{title} (nats)", lines, definition)] if lines else []
    figures = (
        ("Spread of the codes", "spread", "{:.3g}", SPREAD, True, (float(np.sqrt(2)), "N(0, I)")),
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
    texts = [form.format(value) for value in values]
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
