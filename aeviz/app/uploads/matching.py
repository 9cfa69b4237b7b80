"""Bringing a visitor's models and data together with what the app has: whatever fits in shape."""

from collections import Counter
from copy import copy
from dataclasses import replace
from pathlib import Path

from aeviz.app import caches, models
from aeviz.app.choice import choose, dataset_name, short_name
from aeviz.app.panels import map_choice
from aeviz.app.uploads import belongings
from aeviz.app.uploads.belongings import Belongings, OwnModel, OwnSet
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.importers.health import examine
from aeviz.importers.models.loading import Loaded
from aeviz.latent.explorer import Model
from aeviz.types import Shape

BROKEN = frozenset({"Does not run", "NaN or infinite values"})  # findings that no view would survive
FEWEST_CODES = 2  # numbers in a code: a map has two axes


def things() -> Belongings:
    """What this visitor brought."""
    return belongings.open_for_visitor(caches.forget)


def dimensions(shape: Shape) -> str:
    """A shape (C, H, W) in words."""
    channels, height, width = shape
    return f"{width} × {height}, {'grey' if channels == 1 else 'colour' if channels == 3 else f'{channels} channels'}"


def shapes(own: Belongings) -> dict[str, Shape]:
    """The shapes of the data sets that a visitor sees, by name, the visitor's own first."""
    return {name: data.shape for name, data in own.data.items()} | {
        name: source.shape for name, source in SOURCES.items()
    }


def fitting(own: Belongings, shape: Shape) -> list[str]:
    """Names of the data sets with items of a shape: the visitor's own first, then the one in the header."""
    found = [name for name, has in shapes(own).items() if has == shape]
    here = dataset_name()
    return sorted(found, key=lambda name: (name not in own.data, name != here))


def add_model(own: Belongings, key: str, loaded: Loaded, source: Path, title: str, size: int) -> OwnModel:
    """Keep a model, examine it and offer it for all data that fit."""
    titles = {model.title for model in own.models.values()}
    number, wanted = 2, title
    while wanted in titles:
        wanted, number = f"{title} {number}", number + 1
    model = OwnModel(key, wanted, loaded, source, size)
    try:
        for name in fitting(own, loaded.model.config.shape):
            _offer(own, model, models.data(name))
    except BaseException:  # whole or not at all
        for name in model.names.values():
            own.forget(name)
        raise
    own.models[key] = model
    return model


def _offer(own: Belongings, model: OwnModel, data: Dataset) -> None:
    config = model.loaded.model.config
    if config.classes not in {0, len(data.label_names)}:
        return
    report = model.reports[data.name] = examine(model.loaded.model, data.items, labels=data.labels)
    if report[0].title in BROKEN:
        return
    folder = model.loaded.card.folder if config.dataset == data.name else None
    card = own.registry.add_model(_on(model.loaded.model, data.name), model.title, folder)
    own.note(card.name)
    model.names[data.name] = card.name


def _on(model: Model, dataset: str) -> Model:
    """The same model, its weights shared, for another data set."""
    same = copy(model)
    same.config = replace(model.config, dataset=dataset)  # type: ignore[misc]
    return same


def add_data(own: Belongings, key: str, data: Dataset, size: int, notes: tuple[str, ...]) -> OwnSet:
    """Keep a data set, and offer for it the visitor's models and ours that take its items."""
    known = own.registry.add_dataset(data)
    found = own.data[known.name] = OwnSet(key, known.name, known.title, len(known), known.shape, size, notes)
    for model in own.models.values():
        if model.loaded.model.config.shape == known.shape:
            _offer(own, model, known)
    for name, title in _shipped(known):
        card = own.registry.add_model(_on(models.explorer(name).model, known.name), title)
        own.note(card.name)
    return found


def _shipped(data: Dataset) -> list[tuple[str, str]]:
    """Name and title of the models on the disc that take a data set's items; AE and VAE first."""
    cards = [
        card
        for card in models.on_disc()
        if tuple(card.config.get("shape", ())) == data.shape
        and card.config.get("classes", 0) in {0, len(data.label_names)}
    ]
    usual = ("ae", "vae")
    cards.sort(key=lambda card: usual.index(models.variant(card)) if models.variant(card) in usual else len(usual))
    titles = {card.name: f"{short_name(card)} ({SOURCES[card.dataset].title})" for card in cards}
    count = Counter(titles.values())
    return [(name, f"{title} {name}" if count[title] > 1 else title) for name, title in titles.items()]


def remove_model(own: Belongings, key: str) -> None:
    """Forget a model and its files."""
    model = own.models.pop(key)
    for name in model.names.values():
        own.forget(name)
    own.drop(key)


def remove_data(own: Belongings, name: str) -> None:
    """Forget a data set, and the models that are offered for it alone."""
    names = [card.name for card in own.registry.cards() if card.dataset == name]
    map_choice.cancel(names)
    for model in own.models.values():
        model.names.pop(name, None)
        model.reports.pop(name, None)
    for card in names:
        own.forget(card)
    own.registry.remove(name)
    own.drop(own.data.pop(name).key)


def show(dataset: str, left: str | None = None) -> None:
    """Put a data set, and a model on its left, into the header."""
    variants = models.zoo().get(dataset, {})
    if not variants:
        return
    first = next((variant for variant, card in variants.items() if card.name == left), None)
    others = (name for name in ("vae", "ae", *variants) if name in variants and name != first)
    choose(dataset, first, None if first is None else next(others, first))
