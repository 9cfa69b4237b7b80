"""What a lesson is made of: the pair that it shows, and sections of parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from aeviz.datasets.record import Dataset
from aeviz.latent.explorer import Codes, Explorer
from aeviz.lessons.running import why_not
from aeviz.model.portable import Half, Portable, portable
from aeviz.parts.networks import Tab


@dataclass(frozen=True)
class Model:
    """A model that a lesson shows.

    name: the checkpoint's. title, label, colour: of its headings. codes: of the items of its data set. credit: a
    sentence on whose it is, with its licence. whole: whether the browser gets all of it where half is enough.
    """

    name: str
    title: str
    label: str
    colour: str
    explorer: Explorer
    codes: Codes
    credit: str = ""
    whole: bool = False

    @cached_property
    def problem(self) -> str:
        """Why a browser cannot run it, as a sentence; "" where it can."""
        return why_not(self.explorer)

    def half(self, half: Half) -> "Network | None":
        """The model, or half of it where that is enough, for the browser; None where it cannot run there."""
        return None if self.problem else Network(portable(self.explorer.model, "" if self.whole else half), self.title)

    def tab(self, network: "Network") -> Tab:
        """How parts know it."""
        return tab(network.portable.digest, self.explorer)


def tab(digest: str, explorer: Explorer) -> Tab:
    """How parts know a model of pictures; digest: by which the browser finds its weights, "" for its tiles alone."""
    shape, scale = explorer.config.shape, explorer.scale
    return Tab(digest, shape, scale.low, scale.high, explorer.modality.smooth)


@dataclass(frozen=True)
class Network:
    """A model that a file carries, and what the file calls it."""

    portable: Portable
    title: str


@dataclass(frozen=True)
class Pair:
    """Two models and the data set that both know. credit: a sentence on whose the data are, with their licence."""

    data: Dataset
    left: Model
    right: Model
    credit: str = ""

    @property
    def sides(self) -> dict[str, Model]:
        """The models by the side on which they stand."""
        return {"left": self.left, "right": self.right}


@dataclass(frozen=True)
class Part:
    """A part on a page.

    key: of its slot, "pad-left"; the word before the dash is its name for `#hide=`. part: its folder's name. data: as
    its `payload` makes it. wide: whether it takes both columns; aside: whether it stands beside them, where
    there is room.
    """

    key: str
    part: str
    data: Mapping[str, Any]
    wide: bool = False
    aside: bool = False

    @property
    def name(self) -> str:
        """What `#hide=` calls it."""
        return self.key.split("-")[0]


@dataclass(frozen=True)
class Words:
    """What is written about a view.

    title, sentence: its heading, and what to look at. state: what it was saved with. link: of the same view in aeviz.
    brought: models and data that a person has to bring there first, by their titles.
    """

    title: str
    sentence: str
    state: str
    link: str
    brought: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """A view in a file.

    view: which answers its parts get, "decode". networks: that its parts run. atlases: bytes of their pictures. facts:
    what the answers need. seen: what a link says of zoom, pan, rotation and hidden classes, by the names that the parts
    have for it. notes: sentences below the parts. credits: whose models and data these are.
    """

    view: str
    words: Words
    parts: tuple[Part, ...]
    networks: tuple[Network, ...] = ()
    atlases: tuple[bytes, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


def credits_of(pair: Pair) -> tuple[str, ...]:
    """The sentences on whose models and data a pair's are, none twice."""
    return tuple(dict.fromkeys(filter(None, (pair.credit, *(model.credit for model in pair.sides.values())))))


def films_note(models: Iterable[Model], shown: str) -> tuple[str, ...]:
    """Sentences on each model that no browser runs: why, and that films stand in for it; shown: what these show."""
    sentences = [
        f"{model.title} does not run in this page. {model.problem} Films that were made when this page was saved "
        f"stand in for it{shown}"
        for model in models
        if model.problem
    ]
    return tuple(dict.fromkeys(sentences))
