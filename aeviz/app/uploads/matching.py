"""Bringing a visitor's models and data together with what the app has: whatever fits in kind and shape."""

from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aeviz.app import caches, models
from aeviz.app.choice import choose, dataset_name, usual_families
from aeviz.app.model_names import full_name
from aeviz.app.panels import map_choice
from aeviz.app.uploads.session import OwnModel, OwnSet, Uploads
from aeviz.datasets.labels import labels_of
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.errors import DataError
from aeviz.importers.data.answers import DataStatement
from aeviz.importers.files.filetypes import Sniffed
from aeviz.importers.health import examine
from aeviz.importers.models.answers import Candidate, Loaded
from aeviz.importers.own_data import statement_of
from aeviz.importers.own_models import on_dataset
from aeviz.modalities.registry import MODALITIES
from aeviz.model.config import Config
from aeviz.types import Shape

BROKEN = frozenset({"Does not run", "NaN or infinite values"})  # findings that no view would survive
MIN_CODE = 2  # numbers in a code: a map has two axes


def dimensions(shape: Shape, modality: str = "") -> str:
    """A shape in the words of its modality, or of the first that it may be one of."""
    if modality:
        return MODALITIES[modality].size(shape)
    sizes = (row.size(shape) for row in MODALITIES.values() if not row.problem(shape))
    return next(sizes, " × ".join(map(str, shape)))


def taken_by(config: Config, dataset: str) -> bool:
    """Whether a model takes the items of a data set: of its modality and shape, whose numbers mean what it learned."""
    if not of_the_shape(config, dataset):
        return False
    scale = models.data(dataset).scale
    known = "scale" in config.data or config.dataset in SOURCES
    return config.scale.means_the_same(scale) if known else config.columns in {(), scale.widths}


def of_the_shape(config: Config, dataset: str) -> bool:
    """Whether the items of a data set are of the modality and shape of a model's."""
    return (config.modality, config.shape) == (models.modality(dataset).name, _shape(dataset))


def statement_for(own: Uploads, file: str) -> DataStatement:
    """How a file of a name was read for the visitor's model that was trained on it, or nothing."""
    for model in own.models.values():
        data = model.loaded.model.config.data
        if Path(str(data.get("file", ""))).name == file:
            with suppress(DataError):
                return statement_of(data.get("statement", {}))
    return DataStatement()


def fitting(own: Uploads, config: Config) -> list[str]:
    """Names of the data sets that a model takes: the visitor's own first, then the one in the header."""
    return [name for name in in_order(own) if taken_by(config, name)]


def candidates(own: Uploads) -> list[Candidate]:
    """The items on which a model's conventions may be tried: the visitor's own first, then those in the header."""
    return [
        Candidate(_shape(name), partial(_items, name), models.modality(name).name, _columns(name))
        for name in in_order(own)
    ]


def in_order(own: Uploads) -> list[str]:
    """Names of the data sets that a visitor sees: the visitor's own first, then the one in the header."""
    here = dataset_name()
    return sorted([*own.data, *SOURCES], key=lambda name: (name not in own.data, name != here))


def _shape(dataset: str) -> Shape:
    """The shape of a data set's items, without loading it."""
    return SOURCES[dataset].shape if dataset in SOURCES else models.data(dataset).shape


def _columns(dataset: str) -> tuple[int, ...]:
    """The columns of a table, without loading it."""
    return SOURCES[dataset].scale(SOURCES[dataset]).widths if dataset in SOURCES else models.data(dataset).scale.widths


def _items(name: str) -> NDArray[np.float32]:
    return models.data(name).items


def relabel(own: Uploads, name: str, column: str) -> None:
    """Let another column of a data set that was brought give its labels; what was computed with the old ones goes.

    Raises DataError for a column that it has not.
    """
    data = models.data(name)
    own.registry.replace_dataset(labels_of(data).by(column).on(data))
    for stale in (name, *(card.name for card in own.registry.cards() if card.dataset == name)):
        caches.renew(stale)


def add_model(own: Uploads, key: str, loaded: Loaded, source: Sniffed, title: str, size: int) -> OwnModel:
    """Keep a model, examine it and offer it for all data that fit."""
    titles = {model.title for model in own.models.values()}
    number, unique = 2, title
    while unique in titles:
        unique, number = f"{title} {number}", number + 1
    model = OwnModel(key, unique, loaded, source, size)
    try:
        for name in fitting(own, loaded.model.config):
            _offer(own, model, models.data(name))
    except BaseException:  # whole or not at all
        for name in model.names.values():
            own.forget(name)
        raise
    own.models[key] = model
    return model


def _offer(own: Uploads, model: OwnModel, data: Dataset) -> None:
    config = model.loaded.model.config
    if config.classes not in {0, len(data.label_names)}:
        return
    report = model.reports[data.name] = examine(model.loaded.model, data.items, labels=data.labels)
    if report[0].title in BROKEN:
        return
    folder = model.loaded.card.folder if config.dataset == data.name else None
    card = own.registry.add_model(on_dataset(model.loaded.model, data.name), model.title, folder)
    own.own(card.name)
    model.names[data.name] = card.name


def add_data(own: Uploads, key: str, data: Dataset, size: int, notes: tuple[str, ...], command: str = "") -> OwnSet:
    """Keep a data set, and offer for it the visitor's models and ours that take its items. command: as in `OwnSet`."""
    registered = own.registry.add_dataset(data)
    own.own(registered.name)
    own_set = own.data[registered.name] = OwnSet(
        key, registered.name, registered.title, len(registered), registered.shape, size, notes, command
    )
    for model in own.models.values():
        if taken_by(model.loaded.model.config, registered.name):
            _offer(own, model, registered)
    for name, title in _shipped(registered):
        card = own.registry.add_model(on_dataset(models.explorer(name).model, registered.name), title)
        own.own(card.name)
    return own_set


def _shipped(data: Dataset) -> list[tuple[str, str]]:
    """Name and title of the models on the disc that take a data set's items; those of the usual families first."""
    cards = [
        card
        for card in models.on_disc()
        if taken_by(models.config(card), data.name) and models.classes(card) in {0, len(data.label_names)}
    ]
    usual = usual_families()
    cards.sort(key=lambda card: usual.index(models.variant(card)) if models.variant(card) in usual else len(usual))
    titles = {card.name: f"{full_name(card)} ({SOURCES[card.dataset].title})" for card in cards}
    count = Counter(titles.values())
    return [(name, f"{title} {name}" if count[title] > 1 else title) for name, title in titles.items()]


def remove_model(own: Uploads, key: str) -> None:
    """Forget a model and its files."""
    model = own.models.pop(key)
    for name in model.names.values():
        own.forget(name)
    own.drop(key)


def remove_data(own: Uploads, name: str) -> None:
    """Forget a data set, and the models that are offered for it alone."""
    names = [card.name for card in own.registry.cards() if card.dataset == name]
    map_choice.cancel(names)
    for model in own.models.values():
        model.names.pop(name, None)
        model.reports.pop(name, None)
    for card in names:
        own.forget(card)
    own.forget(name)
    own.drop(own.data.pop(name).key)


def put_in_header(dataset: str, left: str | None = None) -> None:
    """Put a data set, and a model on its left, into the header."""
    variants = models.zoo().get(dataset, {})
    if not variants:
        return
    first = next((variant for variant, card in variants.items() if card.name == left), None)
    others = (name for name in (*reversed(usual_families()), *variants) if name in variants and name != first)
    choose(dataset, first, None if first is None else next(others, first))
