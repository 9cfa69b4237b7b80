"""A visitor's data before they are loaded: what a model will see of them, and how they are to be read."""

import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, TypeVar

import streamlit as st

from aeviz.app import html, models
from aeviz.app.choice import dataset_name
from aeviz.app.uploads import column_types, files, matching
from aeviz.app.uploads.session import Uploads
from aeviz.datasets.record import Dataset
from aeviz.importers import REFUSALS, DataError
from aeviz.importers.data.answers import (
    DELIMITERS,
    FITS,
    GROUNDS,
    LAYOUTS,
    TURNS,
    VALUES,
    DataStatement,
    OwnData,
    Progress,
)
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.files.pairing import EVERYTHING
from aeviz.importers.reading import read_data
from aeviz.modalities.base import Modality
from aeviz.modalities.image.record import IMAGE
from aeviz.modalities.registry import MODALITIES
from aeviz.types import Shape

Value = TypeVar("Value")
ARRAYS = frozenset({FileType.NPY, FileType.NPZ, FileType.IDX, FileType.MAT, FileType.TEXT})
# What items a file of a type may hold, by names of modalities; of others there is nothing to choose.
FORMS: dict[FileType, tuple[str, ...]] = {
    FileType.TEXT: ("table", "series", "text", "image"),
    FileType.NPY: ("image", "series", "table"),
    **dict.fromkeys((FileType.NPZ, FileType.IDX, FileType.MAT, FileType.PARQUET), ("image", "series", "table")),
}
PREVIEWED, COLUMNS = 16, 8
BESIDE, WIDE_ENOUGH = 6, 600  # tiles beside an item that is shown large, and their pixels in width together
LONG, TALL = 4_000, 300  # letters of an item's HTML from which on it scrolls, and pixels of it then
KEPT, FIRST = "own-preview", "own-first-preview"
CHOICES = "own-choices"  # parts and labels that there are, by what was brought
AS_THEY_ARE, DETECT = "as they are", "detect"
AS_FOUND = "as found"
SWAPS: dict[str, bool | None] = {"as needed": None, "swap": True, "leave": False}
HEADERS: dict[str, bool | None] = {AS_FOUND: None, "names the columns": True, "holds values": False}
ENCODINGS = {AS_FOUND: None, "UTF-8": "utf-8", "UTF-16": "utf-16", "Windows (1252)": "cp1252", "Latin 1": "latin-1"}


@dataclass(frozen=True)
class Pending:
    """Data that were brought and are not loaded yet.

    modality: what they were taken for, by its name; found: the same where nothing is stated, "" where they cannot be
    read so. doubt: why not. statement: how the visitor's model that was trained on such a file read it.
    """

    key: str
    source: Sniffed
    title: str
    uploaded: bool
    modality: str = ""
    found: str = ""
    doubt: str = ""
    statement: DataStatement = field(default_factory=DataStatement)


@dataclass(frozen=True)
class Wish:
    """How a data set that was brought is to be read, under which title."""

    source: Sniffed
    title: str
    statement: DataStatement = field(default_factory=DataStatement)

    def read(self, most: int, most_bytes: int, progress: Progress | None = None) -> OwnData:
        """Read so many items of it; most_bytes: that arrays may unpack to."""
        statement = replace(self.statement, most=most)
        return read_data(self.source, statement, title=self.title, most_bytes=most_bytes, progress=progress)


def inspected(own: Uploads, pending: Pending) -> Pending:
    """What was brought, with what its items are: as its reader finds, or the first that can be read.

    Raises what the reader raised first. A text, which takes a while to be read, is kept for the first preview.
    """
    source, title = pending.source, pending.title
    statement = matching.statement_for(own, source.name)
    st.session_state.pop(FIRST, None)
    try:
        if source.type is FileType.TEXT:
            data = Wish(source, title).read(PREVIEWED, own.left)
            name = data.dataset.modality.name
            st.session_state[FIRST] = Wish(source, title, DataStatement(modality=name)), data
        else:
            name = _read_as(own, Wish(source, title))
        return replace(pending, modality=statement.modality or name, found=name, statement=statement)
    except DataError as error:
        for name in FORMS.get(source.type, ()):
            with suppress(DataError):
                _read_as(own, Wish(source, title, DataStatement(modality=name)))
                return replace(pending, modality=name, doubt=str(error), statement=statement)
        raise


def _read_as(own: Uploads, wish: Wish) -> str:
    """What the items of a file are, by the name of their modality, by a look at one. Raises DataError."""
    data = wish.read(1, own.left).dataset
    if wish.source.type in FORMS:
        data.modality.prepare(data.items)  # a line of values is no picture
    return data.modality.name


def begin(pending: Pending) -> None:
    """Look at what was brought, with nothing stated but what is known of its model."""
    st.session_state[KEPT] = st.session_state.pop(FIRST, None)
    column_types.begin(pending.statement.columns)


def discard() -> None:
    """Forget what was looked at, and what was stated of it."""
    st.session_state.pop(KEPT, None)
    column_types.forget()


OF_PICTURES = ("layout", "fit", "ground", "turn", "part", "labels")  # fields of `DataStatement`, and options


def command(pending: Pending, wish: Wish) -> str:
    """The command line that trains a model on what was brought, read in the same way."""
    stated, usual = wish.statement, DataStatement()
    words = ["aeviz", "train", "vae", pending.source.name if pending.uploaded else str(pending.source.path)]
    words += ["--latent-dim", "2"]
    if stated.modality not in {None, pending.found}:
        words += ["--modality", str(stated.modality)]
    for name in ("rate", "unit", "delimiter", "encoding", *OF_PICTURES):
        if getattr(stated, name) != getattr(usual, name):
            words += [f"--{name}", f"{getattr(stated, name)}"]
    if stated.header is not None:
        words.append("--header" if stated.header else "--no-header")
    if stated.columns:
        words += ["--column", *(f"{name}={type_}" for name, type_ in stated.columns.items())]
    return shlex.join(words)


def show(own: Uploads, pending: Pending) -> tuple[Wish, OwnData] | None:
    """What a model will see, with the ways to change it; None, and it is said why, where that cannot be read."""
    st.html(f'<h2 class="aeviz-own-title">What a model will see of {escape(pending.title)}</h2>')
    if pending.statement != DataStatement():
        st.html('<p class="aeviz-own-note">Read as for your model that was trained on it.</p>')
    if pending.doubt:
        plural = MODALITIES[pending.modality].words.plural
        st.warning(
            f"{pending.doubt} It is taken for {plural} instead, which can be changed below.", icon=":material/help:"
        )
    wish = _wish(own, pending)
    preview = _looked_at(own, wish)
    if preview is None:
        return None
    if preview.columns:
        counted = column_types.counted(preview.columns) if preview.dataset.scale.widths else _size(preview.dataset)
        column_types.show(preview.columns, counted, pending.key)
    if notes := [note for note in preview.notes if not _told_elsewhere(note, preview)]:
        st.html("".join(f'<p class="aeviz-own-note">{escape(note)}</p>' for note in notes))
    _items(preview.dataset)
    return wish, preview


def _size(data: Dataset) -> str:
    return f"{data.modality.size(data.shape)} in each of the {data.words.plural}"


def _told_elsewhere(note: str, preview: OwnData) -> bool:
    """Whether a sentence is of the few items that are looked at, or of a column, beside which it stands."""
    if note.startswith(f"{PREVIEWED} of ") and note.endswith("items were taken, spread evenly."):
        return True
    return any(note.startswith((f"{name}: ", f"{name} was left", f"{name} gives")) for name in _names(preview))


def _names(preview: OwnData) -> list[str]:
    return [column.name for column in preview.columns]


def _items(data: Dataset) -> None:
    """Some items as tiles; where a tile says little by itself, the first one large as well, with axes or labels."""
    tiles, is_labelled = data.tiles(), data.has_classes or data.continuous is not None
    large = data.modality.html(data.items[0], data.scale)
    shown = len(tiles) if large is None else min(BESIDE, max(2, WIDE_ENOUGH // tiles.shape[2]))
    figures = [html.figure(tile, data.label_of(row) if is_labelled else "") for row, tile in enumerate(tiles[:shown])]
    if large is None:
        st.html(html.row(figures, columns=COLUMNS, style="small"))
        return
    left, right = st.columns([4, 5], gap="medium")
    with left:
        st.html(f'<p class="aeviz-label">The first {escape(data.words.noun)}</p>')
        with st.container(height=TALL if len(large) > LONG else "content", border=False, key="own-first-item"):
            st.html(large)
    with right:
        st.html(f'<p class="aeviz-label">Some {escape(data.words.plural)}, as the pages show them</p>')
        st.html(html.row(figures, columns=2, style="small"))


def _looked_at(own: Uploads, wish: Wish) -> OwnData | None:
    """The first look, kept until the wishes change; says why where there is none."""
    kept = st.session_state.get(KEPT)
    if kept is None or kept[0] != wish:
        try:
            with st.spinner("Inspecting the file…"), files.READING.wait():
                kept = (wish, wish.read(PREVIEWED, own.left))
        except REFUSALS as error:
            _refuse(str(error))
            return None
        except Exception:
            _refuse(files.unforeseen(wish.title))
            return None
        st.session_state[KEPT] = kept
    preview: OwnData = kept[1]
    return preview


def _refuse(sentence: str) -> None:
    """Say why it cannot be read so, and offer to read it as it was found."""
    st.error(sentence, icon=":material/error:")
    if column_types.stated():
        st.button("Take the columns as they were found", on_click=column_types.forget, key="own-columns-forget")


# --- What is asked ---


def _wish(own: Uploads, pending: Pending) -> Wish:
    left, right = st.columns([3, 4])
    with left:
        title = st.text_input("Name", pending.title, max_chars=60, key=f"title-{pending.key}").strip()
    forms = FORMS.get(pending.source.type, ())
    modality = MODALITIES[pending.modality]
    with right:
        if pending.modality in forms:
            chosen: str = st.selectbox(
                "Taken for", forms, forms.index(pending.modality), key=f"modality-{pending.key}",
                format_func=lambda name: MODALITIES[name].words.plural, on_change=column_types.forget,
                help="What one item is: a row of a table, a series of values at even steps of time, a short text.",
            )  # fmt: skip
            modality = MODALITIES[chosen]
    stated: dict[str, Any] = {"modality": modality.name} if pending.source.type in FORMS else {}
    stated |= _asked(own, pending, modality)
    if modality is IMAGE:
        stated |= _framed(pending)
        stated |= _chosen(pending)
        if stated.get("invert") is None and not _is_ours(stated.get("shape")):
            stated["invert"] = False  # our models know light shapes on black; others know what they were trained on
    return Wish(pending.source, title or pending.title, DataStatement(**stated))


def _asked(own: Uploads, pending: Pending, modality: Modality) -> dict[str, Any]:
    """What the visitor states, by fields of `DataStatement`: of what is asked for such items, side by side."""
    questions = [QUESTIONS[name] for name in modality.asked if _applies(name, pending.source)]
    stated: dict[str, Any] = {}
    if questions:
        for place, question in zip(st.columns(len(questions)), questions, strict=True):
            with place:
                stated |= question(own, pending)
    if pending.source.type in FORMS:
        stated["columns"] = column_types.stated()
    if pending.source.type is FileType.TEXT:
        with st.expander("How the file is read"):
            for place, ask in zip(st.columns(len(OF_TEXT)), OF_TEXT, strict=True):
                with place:
                    stated |= ask(pending.key, pending.statement)
    return stated


def _applies(name: str, source: Sniffed) -> bool:
    return name != "range" or source.type in ARRAYS


def _fit(own: Uploads, pending: Pending) -> dict[str, Any]:
    shapes = _shapes(own)
    chosen = st.selectbox(
        "Fit to", list(shapes), key=f"fit-{pending.key}",
        help="Pictures are fitted whole and centred; a model takes pictures of one shape alone.",
    )  # fmt: skip
    return {"shape": shapes[chosen]}


def _ground(own: Uploads, pending: Pending) -> dict[str, Any]:
    chosen = st.selectbox(
        "Light and dark", list(SWAPS), key=f"swap-{pending.key}",
        help="As needed swaps grey pictures on a light ground: most models know light shapes on black.",
    )  # fmt: skip
    return {"invert": SWAPS[chosen]}


def _range(own: Uploads, pending: Pending) -> dict[str, Any]:
    chosen = st.selectbox(
        "Values", [DETECT, *VALUES], format_func=lambda name: VALUES.get(name, name), key=f"values-{pending.key}"
    )
    return {"values": None if chosen == DETECT else chosen}


def _rate(own: Uploads, pending: Pending) -> dict[str, Any]:
    rate = st.number_input(
        "Values a second (Hz)", 0.0, 1e9, pending.statement.rate, key=f"rate-{pending.key}", placeholder="not known",
        help="The axis of time then counts seconds. Left empty, it counts steps.",
    )  # fmt: skip
    return {"rate": rate or None}


def _unit(own: Uploads, pending: Pending) -> dict[str, Any]:
    unit = st.text_input(
        "Unit of a value", pending.statement.unit, max_chars=20, key=f"unit-{pending.key}", placeholder="mV, °C, …"
    )
    return {"unit": unit.strip()}


def _framed(pending: Pending) -> dict[str, Any]:
    """How pictures come into the frame of a model, as it was trained."""
    key = pending.key
    with st.expander("How a picture comes into the frame"):
        places = st.columns(4)
        with places[0]:
            fit = _one_of("Fitted", {words: name for name, words in FITS.items()}, "whole", f"fitting-{key}")
        with places[1]:
            grounds = {"black bars, transparent on white": None, **{name: name for name in GROUNDS}}
            ground = _one_of("Bars and what is transparent", grounds, None, f"bars-{key}")
        with places[2]:
            turns = {AS_THEY_ARE: None, **{words: name for name, words in TURNS.items()}}
            turn = _one_of("Turned", turns, None, f"turn-{key}")
        with places[3]:
            orders = {DETECT: None, **{words: name for name, words in LAYOUTS.items()}}
            layout = (
                _one_of("Axes of arrays", orders, None, f"layout-{key}") if _applies("range", pending.source) else None
            )
    return {"fit": fit, "ground": ground, "turn": turn, "layout": layout}


def _chosen(pending: Pending) -> dict[str, Any]:
    """Which part of what was brought, and what gives the classes, where there is a choice."""
    kept = st.session_state.get(KEPT)
    preview: OwnData | None = kept[1] if kept and kept[0].source == pending.source else None
    choices: dict[str, Any] = st.session_state.setdefault(CHOICES, {})
    if preview is not None:
        choices[pending.key] = (preview.parts or choices.get(pending.key, ((), ()))[0], preview.label_choices)
    parts, labels = choices.get(pending.key, ((), ()))
    stated: dict[str, Any] = {}
    if not parts and not labels:
        return stated
    left, right = st.columns(2)
    if parts:
        with left:
            options = {AS_FOUND: None, **{part: part for part in parts}, EVERYTHING: EVERYTHING}
            stated["part"] = _one_of("Part", options, None, f"part-{pending.key}")
    if labels:
        with right:
            named = {AS_FOUND: None, **{label: label for label in labels}, "no classes": ""}
            stated["labels"] = _one_of("Classes to colour by", named, None, f"labels-{pending.key}")
    return stated


def _is_ours(shape: Shape | None) -> bool:
    """Whether models that came with aeviz take pictures of a shape."""
    return any(tuple(card.config.get("shape", ())) == shape for card in models.on_disc())


Question = Callable[[Uploads, Pending], dict[str, Any]]
QUESTIONS: Mapping[str, Question] = {"fit": _fit, "ground": _ground, "range": _range, "rate": _rate, "unit": _unit}


def _header(key: str, known: DataStatement) -> dict[str, Any]:
    return {"header": _one_of("The first line", HEADERS, known.header, f"header-{key}")}


def _delimiter(key: str, known: DataStatement) -> dict[str, Any]:
    signs = {AS_FOUND: None, **{name: sign for sign, name in DELIMITERS.items()}}
    return {"delimiter": _one_of("Cells are parted by a", signs, known.delimiter, f"delimiter-{key}")}


def _encoding(key: str, known: DataStatement) -> dict[str, Any]:
    named = {} if known.encoding in ENCODINGS.values() else {str(known.encoding): known.encoding}
    return {"encoding": _one_of("Letters are written as", {**ENCODINGS, **named}, known.encoding, f"encoding-{key}")}


def _one_of(label: str, options: Mapping[str, Value], usual: Value, key: str) -> Value:
    names = list(options)
    chosen: str = st.selectbox(label, names, list(options.values()).index(usual), key=key)
    return options[chosen]


OF_TEXT = (_header, _delimiter, _encoding)


def _shapes(own: Uploads) -> dict[str, Shape | None]:
    """What the pictures may be fitted to: what the visitor's models take, what ours take, nothing."""
    options: dict[str, Shape | None] = {}
    name = dataset_name()
    here = models.data(name).shape if name else None
    known = [model.loaded.model.config.shape for model in own.models.values()]
    ours = [tuple(card.config["shape"]) for card in models.on_disc() if "shape" in card.config]
    for shape in (*known, *([here] if here else []), *ours):
        if IMAGE.problem(shape):
            continue
        channels, height, width = shape
        count = sum(other == shape for other in (*known, *ours))
        text = f"{matching.dimensions((channels, height, width))}"
        options.setdefault(f"{text} ({count} model{'s' if count != 1 else ''})", (channels, height, width))
    return {**options, AS_THEY_ARE: None}
