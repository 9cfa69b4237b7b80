"""What a visitor looks at: the pair of models with their names and colours, and the selected item."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from aeviz.app import model_names, models, url
from aeviz.modalities.base import Words
from aeviz.model.families import FAMILIES
from aeviz.store.checkpoints import Card

DATA = url.Choice("data", "the data set", among="a data set's name")
LEFT = url.Choice("left", "the left model", among="a model's name without that of its data set, as `vae-2d`")
RIGHT = url.Choice("right", "the right model", among="as `left`")
ITEM = url.Whole("item", "the selected item: its row in the test split", default=2, above="the last row")
PARAMETERS = (DATA, LEFT, RIGHT)  # of every page
CODES = ("deterministic", "gaussian")  # kinds of code, as families have them: a point, a cloud


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


def usual_pair(variants: Mapping[str, Card]) -> tuple[str, str]:
    """The variants shown where nothing was chosen: what was registered first of all, then a point and a cloud code.

    Of each kind of code it is the model that bears the plain name of its family, the first in the table of families.
    """
    own = [name for name, card in variants.items() if card.title]
    plain = in_order(variants)
    points, clouds = ([name for name in plain if variants[name].code == code] for code in CODES)
    left = next(iter((*own, *points, *plain)))
    right = next((name for name in (*own, *clouds, *plain) if name != left), left)
    return left, right


def usual_families() -> list[str]:
    """The first family of each kind of code in the table, a point and a cloud: those that are looked at first."""
    return [next(name for name, family in FAMILIES.items() if family.code == code) for code in CODES]


def in_order(variants: Mapping[str, Card]) -> list[str]:
    """Variants by their rank in the table of families, those with a family's plain name first."""
    families = list(FAMILIES)

    def rank(name: str) -> tuple[bool, int]:
        family = variants[name].family
        return name != family, families.index(family) if family in families else len(families)

    return sorted(variants, key=rank)


def shown(card: Card) -> Shown:
    """A model with its names and its colour, which are the same wherever it stands and whatever beside."""
    looks = model_names.looks(card)
    return Shown(card, looks.label, looks.title, looks.colour)


def shown_pair(left: Card, right: Card) -> tuple[Shown, Shown]:
    """Two models with their names and colours."""
    return shown(left), shown(right)


def chosen() -> Choice:
    """What the visitor chose in the page's header."""
    choice: Choice = st.session_state["choice"]
    return choice


def words() -> Words | None:
    """What the items of the data set in the header are called; None where there is no model to choose."""
    choice = st.session_state.get("choice")
    return models.words(choice.dataset) if choice else None


def dataset_name() -> str | None:
    """The name of the data set in the header; None before a visitor's first page."""
    name: str | None = st.session_state.get(DATA.name)
    return name


def choose(dataset: str, left: str | None = None, right: str | None = None) -> None:
    """Put a data set, and variants of its models where they are named, into the header, from the next run on."""
    for parameter, name in ((DATA, dataset), (LEFT, left), (RIGHT, right)):
        if name is not None:
            url.remember(parameter, name)


def read_full_names(zoo: Mapping[str, Mapping[str, Card]]) -> None:
    """Understand a link that names a model by its checkpoint, as `left=mnist-vae`: it tells the data set too.

    So it does where the link names a data set that there is not; that is told of.
    """
    stated = st.query_params.get(DATA.name)
    for parameter in (LEFT, RIGHT):
        text = st.query_params.get(parameter.name, "")
        for dataset, variants in zoo.items():
            variant = text.removeprefix(f"{dataset}-")
            if variant != text and variant in variants and (stated == dataset or stated not in zoo):
                url.remember(DATA, dataset)
                url.remember(parameter, variant)
    if stated is not None and stated not in zoo:
        url.refuse(DATA, stated)


def selected_item() -> int:
    """The row of the item that the visitor selected; it stays selected from page to page."""
    data = models.data(chosen().dataset)
    return url.value(replace(ITEM, high=len(data) - 1, default=data.ends[0]))


def select_item(row: int) -> None:
    """Select an item."""
    url.remember(ITEM, int(row))
