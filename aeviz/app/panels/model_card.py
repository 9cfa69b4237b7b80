"""A model's card: what it makes of items and of random codes, how it was trained, how its codes lie."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import models, url, widgets
from aeviz.app.choice import shown
from aeviz.app.model_names import looks
from aeviz.app.panels import chart, data_table, opened_draw
from aeviz.evaluation.readme import COMMAND
from aeviz.figures import charts
from aeviz.latent.explorer import Codes
from aeviz.model.families import FAMILIES
from aeviz.parts.pictures.streamlit import pictures
from aeviz.store.checkpoints import HISTORY, Card

EXAMPLES = 8  # examples whose reconstructions are shown
SAMPLES = 24
MAX_HISTOGRAMS = 16  # histograms at most
MAX_HISTOGRAM_CODES = 5000  # codes in a histogram
PARTS = {"training": "Training", "codes": "Codes against N(0, 1)", "settings": "Settings"}
PART = url.Choice("part", "the open part of the model's card", tuple(PARTS), "training")
MADE = ("made", "drawn")  # kinds of pictures that a model makes, in the order of `examples`
OPENED = url.Choice(
    "opened_card",
    "the picture of the card that is open",
    ("", *(f"made-{number}" for number in range(EXAMPLES)), *(f"drawn-{number}" for number in range(SAMPLES))),
    among="`made-` or `drawn-` and its number, as `drawn-7`",
)
HIDDEN_SETTINGS = ("family", "dataset", "shape", "training", "objective")


def show(model: Card, beside: Sequence[Card] = ()) -> None:
    """Draw the card of a model. beside: other models that are looked at, with which its histograms share their axes."""
    family = FAMILIES.get(model.family)
    st.html(
        f'<h2 class="aeviz-model" style="--accent: {looks(model).colour}">{escape(looks(model).title)}'
        f"<small>{escape(model.name)}</small></h2>"
        + (f'<p class="aeviz-promise">{family.title}. {family.idea}</p>' if family else "")
    )
    with st.container(horizontal=True, gap="large", key="compare-card"):
        with st.container(key="compare-pictures"):
            _examples(model)
            _command(model)
        with st.container(key="compare-parts"):
            part = widgets.segments(PART, "Part of the card", PARTS)
            others = [other for other in beside if other.name != model.name]
            parts: dict[str, Callable[[Card], None]] = {
                "training": _training, "codes": partial(_codes, beside=others), "settings": _settings,
            }  # fmt: skip
            parts[part](model)
    _opened(model)


def examples(model: Card) -> list[tuple[str, NDArray[np.uint8], list[str]]]:
    """What it makes: a heading, tiles (N, h, w, 1 or 3) and the title of each, row by row."""
    data, network = models.data(model.dataset), models.explorer(model.name)
    rows = np.array(data.walk[:EXAMPLES])
    x, labels = data.items[rows], data.labels[rows]
    classes = np.arange(SAMPLES) % max(1, network.classes)
    drawn = network.decode(network.prior(SAMPLES, seed=0), classes)
    in_turn = ", one of each class in turn" if network.classes else ""
    return [
        ("Eight items of the test split", data.tiles(x), [data.label_of(row) for row in rows]),
        ("and what the model makes of them", network.codes(x, labels).tiles, ["reconstruction"] * len(rows)),
        (f"Random codes from N(0, I), decoded{in_turn}", data.tiles(drawn), ["decoded from a random code"] * SAMPLES),
    ]


def _examples(model: Card) -> None:
    """The pictures that it makes: a click on an item selects it for all pages, one on a picture it made opens that."""
    rows = list(models.data(model.dataset).walk[:EXAMPLES])
    given, *made = examples(model)
    opened_draw.neighbours("examples-items", rows, given[0], columns=EXAMPLES)
    for kind, (label, tiles, titles) in zip(MADE, made, strict=True):
        st.html(f'<p class="aeviz-label">{label}</p>')
        pictures(
            tiles,
            [f"{title}, {number + 1}" for number, title in enumerate(titles)],
            label=label,
            columns=EXAMPLES,
            smooth=models.modality(model.dataset).smooth,
            key=f"examples-{kind}",
            on_pick=lambda number, kind=kind: url.remember(OPENED, f"{kind}-{number}"),  # type: ignore[misc]
        )


def _opened(model: Card) -> None:
    """The picture that the visitor opened, with its code and what is nearest to it."""
    opened = url.value(OPENED)
    if not opened:
        return
    kind, number = opened.split("-")
    data, network, at = models.data(model.dataset), models.explorer(model.name), int(number)
    if kind == "drawn":
        label = at % max(1, network.classes)
        z, title = network.prior(SAMPLES, seed=0)[at], f"Random code {at + 1} of {looks(model).title}"
    elif at < len(data.walk):
        row = data.walk[at]
        label = int(data.labels[row])
        z, title = models.codes(model.name).mean[row], f"What {looks(model).title} makes of item {row:,}"
    else:
        return
    opened_draw.show(shown(model), z, title, OPENED, label if network.classes else None)


def _training(model: Card) -> None:
    history = history_of(model)
    if not history:
        st.info("The model came without a record of its training.", icon=":material/timeline:")
    else:
        chart.show(
            charts.training(history, looks(model).colour, summed_over(model)),
            key="compare-training",
            alt=f"Loss terms of {model.name} by epoch",
        )


def history_of(model: Card) -> list[dict[str, float]]:
    """The record of its training, an epoch a row; empty where it came without."""
    return _json(model, HISTORY) or []


def summed_over(model: Card) -> str:
    """What its loss is summed over, in a word: "pixels"."""
    return f"{models.words(model.dataset).value}s"


def _command(model: Card) -> None:
    command = models.folder_of(model.name) / COMMAND
    if command.is_file():
        st.html('<p class="aeviz-label">The command that trained it</p>')
        st.code(command.read_text(encoding="utf-8").strip(), language="bash", wrap_lines=True)


def _codes(model: Card, beside: Sequence[Card]) -> None:
    names, z, sentence = drawn_codes(models.codes(model.name))
    others = [drawn_codes(models.codes(other.name))[1] for other in beside]
    chart.show(
        charts.histograms(z, names, looks(model).colour, others),
        key="compare-codes",
        alt=f"Histograms of the coordinates of {model.name}'s codes",
    )
    labels = " and ".join(looks(other).label for other in beside)
    st.caption(sentence + (f" The axes are the same for {labels}." if labels else ""))


def drawn_codes(codes: Codes) -> tuple[list[str], NDArray[np.float32], str]:
    """Codes as histograms show them: a name for each coordinate, draws (n, d) of those that matter most, a sentence."""
    d = codes.mean.shape[1]
    order = codes.order[:MAX_HISTOGRAMS]
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(codes.mean))[:MAX_HISTOGRAM_CODES]
    z = codes.mean[rows]
    if codes.std is not None:
        z = z + codes.std[rows] * rng.standard_normal(z.shape, dtype=np.float32)
    z = z[:, order]
    moments = zip(order, z.mean(0), z.std(0), strict=True)
    names = [
        f"z{unit}: {round(float(mean), 1) + 0.0:.1f} ± {spread:.1f}".replace("-", "−") for unit, mean, spread in moments
    ]
    drawn = "one draw from each item's posterior" if codes.std is not None else "one code for each item"
    which = f"The {len(order)} of {d} coordinates that matter most" if len(order) < d else "Each coordinate"
    return names, z, f"{which}, mean ± spread; {drawn}. The grey bell is N(0, 1), from which random codes are drawn."


def settings(model: Card) -> list[tuple[str, str]]:
    """How it is built and was trained: (name, value) of each setting."""
    config = {key: value for key, value in model.config.items() if key not in HIDDEN_SETTINGS}
    config |= model.config.get("objective") or {}
    config |= model.config.get("training") or {}
    return [(key.replace("_", " "), _text(value)) for key, value in config.items()]


def _settings(model: Card) -> None:
    data_table.show(
        [{"setting": name, "value": value} for name, value in settings(model)], alt=f"Settings of {model.name}"
    )


def _text(value: Any) -> str:
    return "–".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value)


def _json(model: Card, name: str) -> Any:
    """A JSON file of a checkpoint; None where it is missing or damaged."""
    path = models.folder_of(model.name) / name
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
