"""The models and data sets that may be looked at, and what is computed of them once for all visitors."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches
from aeviz.app.uploads import session
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.errors import CheckpointError
from aeviz.modalities.base import Modality, Words
from aeviz.modalities.registry import MODALITIES
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.store import checkpoints, registry
from aeviz.store.checkpoints import Card, load, locate, survey

if TYPE_CHECKING:
    from aeviz.latent.explorer import Codes, Explorer


def registries() -> tuple[registry.Registry, ...]:
    """Where this visitor's models and data come from beside the disc: what the visitor brought, then the process."""
    own = session.current()
    return (own.registry, registry.PROCESS) if own else (registry.PROCESS,)


def zoo() -> dict[str, dict[str, Card]]:
    """The models that this visitor may look at, by data set and variant: {"mnist": {"ae": card, "vae-2d": card}}.

    Registered ones come first, then the sound checkpoints on the disc.
    """
    on_disc = surveyed()[2]  # which may register more
    registered = [card for source in registries() for card in source.cards()]
    if not registered:
        return {dataset: {**variants} for dataset, variants in on_disc.items()}
    return _by_variant([*registered, *(card for variants in on_disc.values() for card in variants.values())])


def _by_variant(cards: Iterable[Card]) -> dict[str, dict[str, Card]]:
    variants_of: dict[str, dict[str, Card]] = {}
    for card in cards:
        variants_of.setdefault(card.dataset, {})[variant(card)] = card
    return variants_of


def is_visible(name: str) -> bool:
    """Whether this visitor may look at a model: not at one that another has brought, whatever its name."""
    if registry.find_model(name) is None:
        return True
    return any(card.name == name for source in registries() for card in source.cards())


def config(card: Card) -> Config:
    """How a model was built and trained, wherever it comes from."""
    own = registry.find_model(card.name)
    return own.config if own else card.built


def config_named(name: str) -> Config:
    """How a model was built and trained, by name; its weights are not loaded for it."""
    own = registry.find_model(name)
    if own:
        return own.config
    return config(next((card for card in on_disc() if card.name == name), None) or checkpoints.read_card(locate(name)))


def classes(card: Card) -> int:
    """How many classes a model is conditioned on; 0 for one that is not conditional."""
    return config(card).classes


def comparable() -> dict[str, dict[str, Card]]:
    """The models of `zoo` that the header offers as a pair: most pages have no class to tell a conditional one."""
    unconditional = {
        dataset: {name: card for name, card in variants.items() if not classes(card)}
        for dataset, variants in zoo().items()
    }
    return {dataset: variants for dataset, variants in unconditional.items() if variants}


def problems() -> list[Card]:
    """Cards of the checkpoints on the disc that cannot be shown; each `problem` says why."""
    return surveyed()[1]


def on_disc() -> list[Card]:
    """Cards of the sound checkpoints on the disc, which every visitor sees."""
    return surveyed()[0]


@st.cache_resource(max_entries=1, show_spinner=False)
def surveyed() -> tuple[list[Card], list[Card], dict[str, dict[str, Card]]]:
    """Cards of the checkpoints on the disc that load, of those that do not, and the sound ones as `zoo` has them.

    They are looked for once.
    """
    sound: list[Card] = []
    unsound: list[Card] = []
    for card in survey():
        problem = card.problem or _problem(card)
        (unsound if problem else sound).append(replace(card, problem=problem))
    return sound, unsound + register_named(), _by_variant(sound)


def register_named() -> list[Card]:
    """Register the models in other forms that AEVIZ_MODELS names; cards of those that cannot be shown."""
    from aeviz.importers import own_models

    problems = []
    for loaded, card in own_models.foreign(checkpoints.further_folders()):
        if loaded is None:
            problems.append(card)
            continue
        names = own_models.fitting(loaded.model.config)
        for name in names:
            registry.PROCESS.add_model(own_models.on_dataset(loaded.model, name), loaded.name)
        if not names:
            problem = f"No data set that came with aeviz has items of {loaded.model.config.shape}."
            problems.append(replace(card, problem=problem))
    return problems


def _problem(card: Card) -> str | None:
    """Why a checkpoint whose card is sound cannot be shown, or None; loads it, unless it is as it was measured."""
    if card.family not in FAMILIES:
        return f"Unknown family {card.family!r}: expected one of {', '.join(FAMILIES)}."
    if file := card.config.get("data", {}).get("file"):
        return f"It was trained on {file}: bring that file and this folder on the page Your own."
    if card.dataset not in SOURCES:
        return f"Unknown data set {card.dataset!r}: expected one of {', '.join(SOURCES)}."
    try:
        unchanged = checkpoints.is_as_measured(card.folder)
        shape = config(card).shape if unchanged else load(card.folder, device="cpu").config.shape
    except CheckpointError as error:
        return str(error)
    except Exception as error:  # one odd checkpoint must not stop the app for all who look at the others
        logging.getLogger(__name__).exception("%s", card.name)
        return f"It cannot be loaded: {type(error).__name__}: {error}"
    if shape != SOURCES[card.dataset].shape:
        return f"It takes items of {shape}; those of {card.dataset} are {SOURCES[card.dataset].shape}."
    return None


def variant(card: Card) -> str:
    """What a checkpoint is called among those of its data set: "vae-2d" for "mnist-vae-2d"."""
    return card.name.removeprefix(f"{card.dataset}-")


def data(name: str) -> Dataset:
    """A registered data set, or a bundled test split."""
    return registry.find_dataset(name) or _bundled(name)


def title(dataset: str) -> str:
    """What a data set is called, without loading it."""
    own = registry.find_dataset(dataset)
    return own.title if own else SOURCES[dataset].title


def title_within(dataset: str) -> str:
    """What a data set is called, in the run of a line: "heart beats", but "Fashion-MNIST"."""
    name = title(dataset)
    return name[:1].lower() + name[1:] if name[1:].islower() else name


def titles_within(datasets: Sequence[str]) -> str:
    """What several are called, in the run of a line: "MNIST, Fashion-MNIST and heart beats"; "" for none."""
    *others, last = map(title_within, datasets) if datasets else [""]
    return f"{', '.join(others)} and {last}" if others else last


def note(dataset: str) -> str:
    """What a reader must know of a bundled data set's classes or values; "" for nothing, or another data set."""
    return "" if registry.find_dataset(dataset) else SOURCES[dataset].note


def few(dataset: str) -> str:
    """Why networks cannot learn to draw new items of a bundled data set; "" where they can, or for another data set."""
    return "" if registry.find_dataset(dataset) else SOURCES[dataset].few


def modality(dataset: str) -> Modality:
    """What the items of a data set are, without loading it."""
    own = registry.find_dataset(dataset)
    return own.modality if own else MODALITIES[SOURCES[dataset].modality]


def words(dataset: str) -> Words:
    """What a data set's items are called, without loading it."""
    own = registry.find_dataset(dataset)
    return own.words if own else SOURCES[dataset].words


@caches.kept(max_entries=4, show_spinner=False)
def _bundled(name: str) -> Dataset:
    return load_dataset(name)


def explorer(name: str) -> "Explorer":
    """A model by name: a registered one, or a checkpoint, loaded once for all visitors."""
    return registry.find_model(name) or _loaded(name)


@st.cache_resource(max_entries=64, show_spinner=False)
def _loaded(name: str) -> "Explorer":
    from aeviz.latent.explorer import Explorer

    model = load(name)
    return Explorer(model, name, model.config.scale)


@caches.kept(max_entries=16, show_spinner="Encoding the test split …")
def codes(name: str) -> "Codes":
    """Codes, reconstructions and figures of a model's whole test split."""
    model = explorer(name)
    split = data(model.config.dataset)
    return model.codes(split.items, split.labels)


@caches.kept(max_entries=16, show_spinner=False)
def directions(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Mean, principal directions and spreads of a model's test codes."""
    from aeviz.latent.explorer import principal_directions

    return principal_directions(codes(name).mean)


@caches.kept(max_entries=16, show_spinner=False)
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


@caches.kept(max_entries=16, show_spinner=False)
def map_figures(name: str) -> dict[str, dict[str, float]]:
    """Trustworthiness and kNN accuracy of the shipped maps, by the same keys."""
    return checkpoints.map_figures(folder_of(name))


def folder_of(name: str) -> Path:
    """The folder of a model by name; one that is not there where it has none."""
    return registry.folder_of(name) or locate(name)
