"""Models and data sets that stand beside those on the disc: a process's own, or one visitor's.

>>> PROCESS.add_dataset(dataset)                       # Dataset, gets a name of its own
>>> PROCESS.add_model(model, title="my VAE")           # any `aeviz.latent.explorer.Model`, on that data set

A name is given once in a process, to whichever registry: what is cached by name can never be another's. Removing
a registry's entries, or dropping the registry, ends them: `find_model` and `find_dataset` hold nothing alive.
"""

import os
import re
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.modalities.registry import MODALITIES
from aeviz.paths import models_folder
from aeviz.store.checkpoints import Card

if TYPE_CHECKING:
    from aeviz.latent.explorer import Explorer, Model

_NOWHERE = Path(os.devnull)  # no file lies in it, on any system
_lock = threading.RLock()
_given: set[str] = set()
_models: "WeakValueDictionary[str, RegisteredModel]" = WeakValueDictionary()
_datasets: "WeakValueDictionary[str, Dataset]" = WeakValueDictionary()


@dataclass(frozen=True, eq=False)
class RegisteredModel:
    """A registered model: its card and its numpy face."""

    card: Card
    explorer: "Explorer"


class Registry:
    """Data sets and models by name, in the order they came. Safe to share between threads."""

    def __init__(self) -> None:
        self._datasets: dict[str, Dataset] = {}
        self._models: dict[str, RegisteredModel] = {}

    def add_dataset(self, dataset: Dataset) -> Dataset:
        """Register a data set; returns it under a name that no other had before."""
        with _lock:
            named = replace(
                dataset,
                name=_unique(slug(dataset.name)),
                title=plain(dataset.title),
                label_names=tuple(map(plain, dataset.label_names)),
                columns=tuple(
                    replace(column, title=plain(column.title), names=tuple(map(plain, column.names)))
                    for column in dataset.columns
                ),
                label_column=plain(dataset.label_column) if dataset.label_column else "",
            )
            self._datasets[named.name] = _datasets[named.name] = named
        return named

    def replace_dataset(self, dataset: Dataset) -> None:
        """Put a data set with the same items in the place of the one of its name. Raises KeyError where none is."""
        with _lock:
            if dataset.name not in self._datasets:
                raise KeyError(dataset.name)
            self._datasets[dataset.name] = _datasets[dataset.name] = dataset

    def add_model(self, model: "Model", title: str, folder: Path | None = None) -> Card:
        """Register a model of the data set that its config names; returns its card, with a name of its own.

        title: what people call it. folder: where maps and figures lie, if it has one. Raises ValueError where the
        model does not take the data set's items.
        """
        from aeviz.latent.explorer import Explorer

        config = model.config
        with _lock:
            dataset = self._datasets.get(config.dataset)
            if dataset is None and config.dataset not in SOURCES:
                raise ValueError(f"Unknown data set {config.dataset!r}: register it before its models.")
            what = MODALITIES[config.modality].words.plural
            if dataset is not None and dataset.modality.name != config.modality:
                raise ValueError(f"{title} takes {what}; {dataset.title} holds {dataset.words.plural}.")
            if dataset is not None and dataset.shape != config.shape:
                raise ValueError(f"{title} takes {what} of {config.shape}; {dataset.title} holds {dataset.shape}.")
            scale = dataset.scale if dataset else config.scale
            name = _unique(f"{config.dataset}-{slug(title)}")
            card = Card(
                name=name,
                folder=folder or _NOWHERE,
                family=config.family,
                dataset=config.dataset,
                latent_dim=config.latent_dim,
                code=config.code,
                config=asdict(config),
                title=plain(title),
            )
            self._models[name] = _models[name] = RegisteredModel(card, Explorer(model, name, scale))
        return card

    def remove(self, name: str) -> None:
        """Forget a model, or a data set with its models; nothing happens where there is none."""
        with _lock:
            self._models.pop(name, None)
            if self._datasets.pop(name, None) is not None:
                self._models = {key: entry for key, entry in self._models.items() if entry.card.dataset != name}

    def clear(self) -> None:
        """Forget everything."""
        with _lock:
            self._models, self._datasets = {}, {}

    def cards(self) -> list[Card]:
        """Cards of the models, first registered first."""
        with _lock:
            return [entry.card for entry in self._models.values()]

    def datasets(self) -> list[Dataset]:
        """The data sets, first registered first."""
        with _lock:
            return list(self._datasets.values())


PROCESS = Registry()  # what everyone sees


def find_model(name: str) -> "Explorer | None":
    """A registered model by name, wherever it is registered, or None."""
    entry = _models.get(name)
    return entry.explorer if entry else None


def find_dataset(name: str) -> Dataset | None:
    """A registered data set by name, wherever it is registered, or None."""
    return _datasets.get(name)


def folder_of(name: str) -> Path | None:
    """Where maps and figures of a registered model would lie, or None for a model that is not registered."""
    entry = _models.get(name)
    return entry.card.folder if entry else None


def slug(text: str) -> str:
    """A name fit for a URL and a file: small letters, digits, dots and dashes."""
    return re.sub(r"[^\w.]+", "-", text.lower()).strip("-.") or "own"


def plain(text: str) -> str:
    """Words for a page, without what HTML or a terminal would take for a sign of its own."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return printable.replace("<", "‹").replace(">", "›").strip() or "unnamed"


def _unique(name: str) -> str:
    """The name, or the next one free: "yours", then "yours~2"."""
    number, candidate = 2, name
    while candidate in _given or candidate in SOURCES or (models_folder() / candidate).exists():
        candidate, number = f"{name}~{number}", number + 1
    _given.add(candidate)
    return candidate
