"""What views share: cached models and codes (by everyone), the choice of the pair and the item (a visitor's own).

A visitor's state lives in `st.session_state` and in the URL, so that a link shows the same view.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz import Card, Dataset, load, load_dataset, models
from aeviz.checkpoints import MAPS
from aeviz.evaluation import figures_of
from aeviz.explorer import Codes, Explorer, principal_directions
from aeviz.objectives import FAMILIES
from aeviz.views import palette


@dataclass(frozen=True)
class Shown:
    """A model as the page shows it: its card, its name in a heading and its colour."""

    card: Card
    label: str
    title: str
    colour: str

    @property
    def name(self) -> str:
        """The checkpoint's name."""
        return self.card.name


@dataclass(frozen=True)
class Choice:
    """What the visitor looks at: a data set and two models of it, left and right."""

    dataset: str
    left: Shown
    right: Shown

    @property
    def pair(self) -> tuple[Shown, Shown]:
        """Left and right model."""
        return self.left, self.right


@st.cache_resource(max_entries=1, show_spinner=False)
def zoo() -> dict[str, dict[str, Card]]:
    """Sound checkpoints by data set and variant: {"mnist": {"ae": card, "vae-2d": card}}."""
    found: dict[str, dict[str, Card]] = {}
    for card in models():
        found.setdefault(card.dataset, {})[variant(card)] = card
    return found


def variant(card: Card) -> str:
    """What a checkpoint is called among those of its data set: "vae-2d" for "mnist-vae-2d"."""
    return card.name.removeprefix(f"{card.dataset}-")


def short_name(card: Card) -> str:
    """A checkpoint in a word: its family and code size."""
    return f"{FAMILIES[card.family].label} · {card.latent_dim}"


def short_names(variants: Mapping[str, Card]) -> dict[str, str]:
    """Short names of a data set's checkpoints, with the variant where two would read alike."""
    names = {name: short_name(card) for name, card in variants.items()}
    count = Counter(names.values())
    return {name: f"{text} ({name})" if count[text] > 1 else text for name, text in names.items()}


def show_as(left: Card, right: Card) -> tuple[Shown, Shown]:
    """Two models with their headings and colours, told apart even where they are of one family."""
    colours = [palette.FAMILIES.get(card.family, palette.FOURTH) for card in (left, right)]
    if colours[0] == colours[1]:
        colours[1] = palette.FOURTH
    first, second = (
        Shown(card, *_names(card, other), colour)
        for card, other, colour in zip((left, right), (right, left), colours, strict=True)
    )
    return first, second


def _names(card: Card, other: Card) -> tuple[str, str]:
    """Label and title of a checkpoint beside another: as much as tells the two apart."""
    family = FAMILIES[card.family]
    if card.family != other.family:
        return family.label, family.title
    if card.latent_dim != other.latent_dim or card.name == other.name:
        return f"{family.label} {card.latent_dim}", f"{family.title}, {card.latent_dim} numbers"
    return f"{family.label} {variant(card)}", f"{family.title}, {variant(card)}"


def choice() -> Choice:
    """What the visitor chose in the page's header."""
    chosen: Choice = st.session_state["choice"]
    return chosen


@st.cache_resource(max_entries=4, show_spinner=False)
def data(name: str) -> Dataset:
    """A bundled test split."""
    return load_dataset(name)


@st.cache_resource(max_entries=16, show_spinner=False)
def explorer(name: str) -> Explorer:
    """A loaded model, one for all visitors."""
    return Explorer(load(name), name)


@st.cache_resource(max_entries=16, show_spinner="Encoding the test split …")
def codes(name: str) -> Codes:
    """Codes, reconstructions and figures of a model's whole test split."""
    model = explorer(name)
    return model.codes(data(model.config.dataset).items)


@st.cache_resource(max_entries=16, show_spinner=False)
def directions(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Mean, principal directions and spreads of a model's test codes."""
    return principal_directions(codes(name).mean)


@st.cache_resource(max_entries=16, show_spinner=False)
def _maps_file(name: str) -> tuple[dict[str, NDArray[np.float32]], str]:
    from aeviz.projection import load_maps

    path = folder_of(name) / MAPS
    try:
        return (load_maps(path) if path.exists() else {}), ""
    except (ValueError, OSError) as error:
        return {}, str(error)


def shipped_maps(name: str) -> dict[str, NDArray[np.float32]]:
    """The maps that came with a checkpoint, by "pca-2", "umap-3", …; none where the file is missing or damaged."""
    return _maps_file(name)[0]


def maps_problem(name: str) -> str:
    """What is wrong with a checkpoint's file of maps; empty where nothing is."""
    return _maps_file(name)[1]


@st.cache_resource(max_entries=16, show_spinner=False)
def map_figures(name: str) -> dict[str, dict[str, float]]:
    """Trustworthiness and kNN accuracy of the shipped maps, by the same keys."""
    return figures_of(folder_of(name)).get("maps", {})


def folder_of(name: str) -> Path:
    """The folder of a checkpoint by name."""
    return next(card.folder for cards in zoo().values() for card in cards.values() if card.name == name)


def remembered(name: str, default: Any, parse: Callable[[str], Any], write: Callable[[Any], str] = str) -> Any:
    """A visitor's value that no widget holds, kept in the session and in the URL as `name`.

    The URL wins when it was opened or edited by hand; a value that `parse` refuses (ValueError) is dropped.
    """
    key, last = f"remembered-{name}", f"written-{name}"
    found = st.query_params.get(name)
    if found is not None and found != st.session_state.get(last):
        try:
            st.session_state[key] = parse(found)
        except ValueError:
            st.session_state.pop(key, None)
    value = st.session_state.get(key, default)
    text = "" if value is None or (default is not None and value == default) else write(value)
    st.session_state[last] = text
    if text and found != text:
        st.query_params[name] = text
    elif not text and found is not None:
        del st.query_params[name]
    return value


def remember(name: str, value: object) -> None:
    """Set a value that `remembered` reads in the next run; the URL follows there."""
    st.session_state[f"remembered-{name}"] = value
    st.session_state[f"written-{name}"] = st.query_params.get(name)


def item() -> int:
    """The row of the item that the visitor selected; it stays selected from page to page."""
    count = len(data(choice().dataset))

    def parse(text: str) -> int:
        row = int(text)
        if not 0 <= row < count:
            raise ValueError(row)
        return row

    return min(remembered("item", 2, parse), count - 1)


def select(row: int) -> None:
    """Select an item."""
    remember("item", int(row))
