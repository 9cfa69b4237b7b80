"""What a model is called among those of its data set, in full and in a few words, and its colour: one everywhere."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached

from aeviz.app import models
from aeviz.figures import palette
from aeviz.modalities.registry import MODALITIES
from aeviz.model.bodies.table import BODIES
from aeviz.model.families import FAMILIES, mark_of
from aeviz.store.checkpoints import Card


def full_name(card: Card, *particulars: str) -> str:
    """A model's family, what it alone repairs, other particulars, and its size: the last is what a narrow list may cut.

    As "Denoising autoencoder, no colour, 128 numbers"; what its owner calls it, where it has such a name.
    """
    if card.title:
        return card.title
    numbers = "1 number" if card.latent_dim == 1 else f"{card.latent_dim} numbers"
    return ", ".join([FAMILIES[card.family].title, *_purpose(card), *particulars, numbers])


def full_names(variants: Mapping[str, Card]) -> dict[str, str]:
    """Names of a data set's checkpoints by variant, no two alike: families in the order of their table, then by size.

    Of those that would read alike, the one that bears its family's name stays as it is; the others tell how they differ
    from it, and those that do not differ in words their variant.
    """
    order = list(FAMILIES)
    ranked = sorted(
        variants,
        key=lambda name: (
            not variants[name].title,
            order.index(variants[name].family) if variants[name].family in order else len(order),
            name != variants[name].family,
            variants[name].latent_dim,
            [float(number) for number in re.findall(r"\d+(?:\.\d+)?", name)],  # β 4 before β 16
            name,
        ),
    )
    plain = {name: full_name(variants[name]) for name in ranked}
    names = {name: full_name(variants[name], *words) for name, words in _particulars(plain, variants).items()}
    again = _repeated(names)
    return {name: f"{text} ({name})" if text in again else text for name, text in names.items()}


def labels(variants: Mapping[str, Card]) -> dict[str, str]:
    """Variants in a few words, no two alike: the family, and what tells most of them apart, as "AE, LSTM" or "VAE 50".

    One that bears its family's name has that alone.
    """
    particulars = _particulars({name: full_name(card) for name, card in variants.items()}, variants)
    short = {name: _label(name, card, particulars[name]) for name, card in variants.items()}
    again = _repeated(short)
    return {name: f"{text} ({name})" if text in again else text for name, text in short.items()}


def _label(name: str, card: Card, particulars: list[str]) -> str:
    if card.title:
        return card.title
    family, telling = FAMILIES[card.family].label, (_purpose(card) + particulars)[:1]
    if name == card.family:
        return family
    return f"{family}, {telling[0]}" if telling else f"{family} {card.latent_dim}"


def colours(variants: Mapping[str, Card]) -> dict[str, str]:
    """The colour of each variant: its family's, and a shade of it where another model has that already.

    Those that bear their family's name come first, those that somebody brought last: nobody's change what others have.
    """
    names = list(full_names(variants))
    ranked = sorted(
        names, key=lambda name: (bool(variants[name].title), name != variants[name].family, names.index(name))
    )
    taken: dict[str, str] = {}
    for name in ranked:
        taken[name] = palette.shade(mark_of(variants[name].family).colour, [*taken.values()])
    return taken


@dataclass(frozen=True)
class Looks:
    """How a model is shown: in a few words, in full, and its colour."""

    label: str
    title: str
    colour: str


def looks(card: Card) -> Looks:
    """How a model is shown on every page."""
    name = models.variant(card)
    return all_looks({**models.zoo().get(card.dataset, {}), name: card})[name]


def _key(variants: Mapping[str, Card]) -> tuple[Any, ...]:
    return tuple((name, card.name, card.family, card.title, card.latent_dim) for name, card in variants.items())


@cached(LRUCache(64), key=_key, lock=Lock())
def all_looks(variants: Mapping[str, Card]) -> dict[str, Looks]:
    """How each variant of a data set is shown: worked out once for the same models."""
    short, full, colour = labels(variants), full_names(variants), colours(variants)
    return {name: Looks(short[name], full[name], colour[name]) for name in variants}


def _repeated(names: Mapping[str, str]) -> set[str]:
    return {text for text, count in Counter(names.values()).items() if count > 1}


def _particulars(names: Mapping[str, str], variants: Mapping[str, Card]) -> dict[str, list[str]]:
    """What differs between the models that read alike, for each; nothing for those that are alone with their name."""
    particulars: dict[str, list[str]] = {name: [] for name in names}
    for text in _repeated(names):
        alike = {name: variants[name] for name in names if names[name] == text}
        features = {name: [feature(card) for feature in FEATURES] for name, card in alike.items()}
        plain = next((name for name, card in alike.items() if name == card.family), "")
        usual = features.get(plain, [""] * len(FEATURES))
        differ = [len(set(words)) > 1 for words in zip(*features.values(), strict=True)]
        for name, words in features.items():
            if name != plain:
                of_all = zip(words, differ, usual, strict=True)
                particulars[name] = [word for word, differs, common in of_all if differs and word not in {"", common}]
    return particulars


def _purpose(card: Card) -> list[str]:
    """The corruptions that a model alone was trained to repair."""
    corruptions = MODALITIES[models.config(card).modality].corruptions
    return [row.label.lower() for row in corruptions if row.name in card.corruptions]


def _body(card: Card) -> str:
    title = BODIES[models.config(card).body].title
    return title if title[1].isupper() else title[0].lower() + title[1:]


def _depth(card: Card) -> str:
    count = len(models.config(card).hidden)
    return f"{count} hidden layers" if count > 1 else ""


def _weight(card: Card) -> str:
    beta = models.config(card).objective.get("beta", 1)
    return f"β {beta:g}"


def _trim(card: Card) -> str:
    share = models.config(card).objective.get("trim")
    return f"{share:.0%} left aside" if share else ""


def _without(card: Card) -> str:
    without = card.config.get("training", {}).get("without")
    return f"without {without}" if without else "with all classes"


# What may differ between two models of one family and size, in words, the most telling first; "" for what is usual.
FEATURES: tuple[Callable[[Card], str], ...] = (
    _weight,
    _trim,
    _without,
    _depth,
    lambda card: f"{models.config(card).likelihood.upper()} loss",
    _body,
)
