"""What views share: cached models and codes (by everyone), the choice of the pair and the item (a visitor's own).

A visitor's state lives in `st.session_state` and in the URL, so that a link shows the same view.
"""

import inspect
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app.uploads import belongings
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES, load_dataset, scale_of
from aeviz.errors import CheckpointError
from aeviz.figures import palette
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.store import checkpoints, registry
from aeviz.store.checkpoints import Card, find, load, survey

if TYPE_CHECKING:
    from aeviz.latent.explorer import Codes, Explorer

Kept = TypeVar("Kept", bound=Any)


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


def registries() -> tuple[registry.Registry, ...]:
    """Where this visitor's models and data come from beside the disc: what the visitor brought, then the process."""
    own = belongings.mine()
    return (own.registry, registry.PROCESS) if own else (registry.PROCESS,)


def zoo() -> dict[str, dict[str, Card]]:
    """The models that this visitor may look at, by data set and variant: {"mnist": {"ae": card, "vae-2d": card}}.

    Registered ones come first, then the sound checkpoints on the disc.
    """
    found: dict[str, dict[str, Card]] = {}
    for card in (*(card for source in registries() for card in source.cards()), *_on_disc()[0]):
        found.setdefault(card.dataset, {})[variant(card)] = card
    return found


def config(card: Card) -> Config:
    """How a model was built and trained, wherever it comes from."""
    own = registry.find_model(card.name)
    return own.config if own else checkpoints.config_of(card.config, card.folder / checkpoints.CONFIG)


def config_named(name: str) -> Config:
    """How a model was built and trained, by name; its weights are not loaded for it."""
    own = registry.find_model(name)
    if own:
        return own.config
    return config(next((card for card in on_disc() if card.name == name), None) or checkpoints.read_card(find(name)))


def classes(card: Card) -> int:
    """How many classes a model wants to be told; 0 for one that is not conditional."""
    return config(card).classes


def comparable() -> dict[str, dict[str, Card]]:
    """The models of `zoo` that the header offers as a pair: most pages have no class to tell a conditional one."""
    found = {
        dataset: {name: card for name, card in variants.items() if not classes(card)}
        for dataset, variants in zoo().items()
    }
    return {dataset: variants for dataset, variants in found.items() if variants}


def problems() -> list[Card]:
    """Cards of the checkpoints on the disc that cannot be shown; each `problem` says why."""
    return _on_disc()[1]


def on_disc() -> list[Card]:
    """Cards of the sound checkpoints on the disc, which every visitor sees."""
    return _on_disc()[0]


@st.cache_resource(max_entries=1, show_spinner=False)
def _on_disc() -> tuple[list[Card], list[Card]]:
    """Checkpoints that load, and those that do not."""
    sound: list[Card] = []
    unsound: list[Card] = []
    for card in survey():
        problem = card.problem or _problem(card)
        (unsound if problem else sound).append(replace(card, problem=problem))
    return sound, unsound


def _problem(card: Card) -> str | None:
    """Why a checkpoint whose card is sound cannot be shown, or None; loads it, unless it is as it was measured."""
    if card.family not in FAMILIES:
        return f"Unknown family {card.family!r}: expected one of {', '.join(FAMILIES)}."
    if card.dataset not in SOURCES:
        return f"Unknown data set {card.dataset!r}: expected one of {', '.join(SOURCES)}."
    try:
        whole = checkpoints.is_as_measured(card.folder)
        shape = config(card).shape if whole else load(card.folder, device="cpu").config.shape
    except CheckpointError as error:
        return str(error)
    except Exception as error:  # one odd checkpoint must not stop the app for all who look at the others
        logging.getLogger(__name__).exception("%s", card.name)
        return f"It cannot be loaded: {type(error).__name__}: {error}"
    if shape != SOURCES[card.dataset].shape:
        return f"It takes pictures of {shape}; those of {card.dataset} are {SOURCES[card.dataset].shape}."
    return None


def usual_pair(variants: Mapping[str, Card]) -> tuple[str, str]:
    """The variants shown where nothing was chosen: what was registered first of all, then an AE and a VAE."""
    own = [name for name, card in variants.items() if card.title]
    left = next(name for name in (*own, "ae", *variants) if name in variants)
    right = next(
        name for name in (*own, "vae", *variants, left) if name in variants and (name != left or len(variants) == 1)
    )
    return left, right


def variant(card: Card) -> str:
    """What a checkpoint is called among those of its data set: "vae-2d" for "mnist-vae-2d"."""
    return card.name.removeprefix(f"{card.dataset}-")


def short_name(card: Card) -> str:
    """A model in a word: what its owner calls it, else its family and code size."""
    return card.title or f"{FAMILIES[card.family].label} · {card.latent_dim}"


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
    if card.title:
        return card.title, card.title
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


def data(name: str) -> Dataset:
    """A registered data set, or a bundled test split."""
    return registry.find_dataset(name) or _bundled(name)


def title(dataset: str) -> str:
    """What a data set is called, without loading it."""
    own = registry.find_dataset(dataset)
    return own.title if own else SOURCES[dataset].title


@st.cache_resource(max_entries=4, show_spinner=False)
def _bundled(name: str) -> Dataset:
    return load_dataset(name)


def explorer(name: str) -> "Explorer":
    """A model by name: a registered one, or a checkpoint, loaded once for all visitors."""
    return registry.find_model(name) or _loaded(name)


@st.cache_resource(max_entries=64, show_spinner=False)
def _loaded(name: str) -> "Explorer":
    from aeviz.latent.explorer import Explorer

    model = load(name)
    return Explorer(model, name, scale_of(model.config.dataset, model.config.modality))


@st.cache_resource(max_entries=16, show_spinner="Encoding the test split …")
def codes(name: str) -> "Codes":
    """Codes, reconstructions and figures of a model's whole test split."""
    model = explorer(name)
    split = data(model.config.dataset)
    return model.codes(split.items, split.labels)


@st.cache_resource(max_entries=16, show_spinner=False)
def directions(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Mean, principal directions and spreads of a model's test codes."""
    from aeviz.latent.explorer import principal_directions

    return principal_directions(codes(name).mean)


@st.cache_resource(max_entries=16, show_spinner=False)
def _maps_file(name: str) -> tuple[dict[str, NDArray[np.float32]], str]:
    try:
        return checkpoints.shipped_maps(folder_of(name), len(data(config_named(name).dataset))), ""
    except CheckpointError as error:
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
    return checkpoints.map_figures(folder_of(name))


def folder_of(name: str) -> Path:
    """The folder of a model by name; one that is not there where it has none."""
    return registry.folder_of(name) or find(name)


_derived: dict[tuple[str, str], Callable[[str], None]] = {}  # lets go of what is kept under a name


def on_forget(let_go: Callable[[str], None]) -> Callable[[str], None]:
    """Have a function called with the name of each model or data set that is forgotten."""
    code = inspect.unwrap(let_go).__code__
    _derived[code.co_filename, code.co_name] = let_go  # a page's functions are made anew at every run
    return let_go


def derived(cached: Kept) -> Kept:
    """Mark a cached function, whose entries may be of a visitor's own things: all go when one of those is forgotten.

    Made again they cost moments; a visitor's pictures are not to stay behind.
    """
    code = inspect.unwrap(cached).__code__
    _derived[code.co_filename, code.co_name] = lambda name: cached.clear()
    return cached


def forget(name: str) -> None:
    """Let go of all that is kept of a model or a data set: for one that was registered and is gone."""
    for kept in (codes, directions, _maps_file, map_figures):
        kept.clear(name)
    for let_go in tuple(_derived.values()):
        let_go(name)


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
