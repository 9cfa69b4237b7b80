"""What a link says: which page it is of, which models are chosen there, and what is set on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from aeviz.app import html, models, url
from aeviz.app.choice import DATA, ITEM, LEFT, RIGHT, Choice, Shown, shown_pair, usual_pair
from aeviz.app.panels import presentation
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.lessons.record import Model, Pair, Words
from aeviz.paths import models_folder
from aeviz.store import registry

T = TypeVar("T")
CHOOSING = (DATA.name, LEFT.name, RIGHT.name)


@dataclass(frozen=True)
class Asked:
    """A view that is to be saved.

    address: of its page. texts: the parameters of its link. choice: data and models. own: the visitor's own item
    (*shape), which no link holds. whole: whether models are sent whole, for pages that share them.
    """

    address: str
    texts: Mapping[str, str]
    choice: Choice
    own: NDArray[np.float32] | None = field(default=None, compare=False)
    whole: bool = field(default=False, compare=False)

    def value(self, parameter: url.Parameter[T]) -> T:
        """What the link says of a parameter; its usual value where it says nothing. Raises ValueError for nonsense."""
        text = self.texts.get(parameter.name)
        if text is None:
            return parameter.usual()
        try:
            return parameter.fit(parameter.parse(text))
        except ValueError as error:
            raise ValueError(f"{self.address}: {parameter.name}={text[:60]} means nothing here: {error}.") from None

    @property
    def item(self) -> int:
        """The row of the selected item."""
        data = models.data(self.choice.dataset)
        return self.value(replace(ITEM, high=len(data) - 1, default=data.ends[0]))

    @property
    def link(self) -> str:
        """The view's address within the app, with data and models named."""
        names = {
            DATA.name: self.choice.dataset,
            LEFT.name: models.variant(self.choice.left.card),
            RIGHT.name: models.variant(self.choice.right.card),
        }
        return f"/{self.address}?{urlencode({**names, **self.texts})}"

    def words(self, title: str, sentence: str, state: str) -> Words:
        """What is written about it; title and sentence may have blanks for `Words.fill` of the data's words."""
        fill = models.words(self.choice.dataset).fill
        own = registry.find_dataset(self.choice.dataset)
        titles = [f"the data {own.title}"] if own else []
        titles += [model.title for model in self.choice.pair if registry.find_model(model.name)]
        brought = tuple(dict.fromkeys(titles))
        return Words(fill(title), fill(html.with_pointer(sentence)), state, self.link, brought)

    def pair(self) -> Pair:
        """The models and data that it shows, loaded."""
        data = models.data(self.choice.dataset)
        left, right = (loaded(shown, self.whole) for shown in self.choice.pair)
        return Pair(data, left, right, data_credit(data))


def read(text: str) -> Asked:
    """A view as it is named on the command line: a link from the address bar, or a page's name, "decode?data=fashion".

    Raises ValueError for one that names no page, no data set or no model.
    """
    links = presentation.read(text.strip() or "?")
    texts = {name: value for name, value in links[0].parameters.items() if name != presentation.PRESENT.name}
    choice = _choice(texts)
    return Asked(links[0].address, {name: value for name, value in texts.items() if name not in CHOOSING}, choice)


def _choice(texts: Mapping[str, str]) -> Choice:
    zoo = models.comparable()
    if not zoo:
        raise ValueError("No model is installed: see `aeviz models`.")
    names = {name: texts[name] for name in (LEFT.name, RIGHT.name) if name in texts}
    dataset = texts.get(DATA.name) or _dataset_of(names.values(), zoo) or next(iter(zoo))
    if dataset not in zoo:
        raise ValueError(f"There is no data set {dataset[:60]!r} with models: expected one of {', '.join(zoo)}.")
    usual = dict(zip((LEFT.name, RIGHT.name), usual_pair(zoo[dataset]), strict=True))
    cards = []
    for side, variant in {**usual, **names}.items():
        short = variant.removeprefix(f"{dataset}-")
        card = zoo[dataset].get(short)
        if card is None and short in models.zoo()[dataset]:
            raise ValueError(f"{side}={variant[:60]} is told a class with each item: no page of a pair shows it.")
        if card is None:
            raise ValueError(f"{side}={variant[:60]} is no model of {dataset}: expected {', '.join(zoo[dataset])}.")
        cards.append(card)
    left, right = shown_pair(cards[0], cards[1])
    return Choice(dataset, left, right)


def _dataset_of(names: Iterable[str], zoo: Mapping[str, Mapping[str, object]]) -> str:
    """The data set of a model that is named in full, "mnist-vae"; "" for none."""
    full = {f"{dataset}-{variant}": dataset for dataset, variants in zoo.items() for variant in variants}
    return next((full[name] for name in names if name in full), "")


def loaded(shown: Shown, whole: bool = False) -> Model:
    """A model with its codes of its data set; whole: also where a page needs half of it."""
    explorer, codes = models.explorer(shown.name), models.codes(shown.name)
    return Model(shown.name, shown.title, shown.label, shown.colour, explorer, codes, model_credit(shown), whole)


def model_credit(shown: Shown) -> str:
    """Whose a model is, with its licence."""
    if registry.find_model(shown.name) is None and shown.card.folder.parent == models_folder():
        return f"{shown.name}: a model that comes with aeviz, MIT licence."
    return f"{shown.title}: a model of the person who saved this page, who says under which licence it stands."


def data_credit(data: Dataset) -> str:
    """Whose data these are, with their licence."""
    source = SOURCES.get(data.name) if registry.find_dataset(data.name) is None else None
    if source is None:
        return f"{data.title}: data of the person who saved this page, who says under which licence they stand."
    return f"{source.title}: {source.credit} Licence: {source.licence}."
