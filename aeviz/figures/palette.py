"""Colours: one for each kind of model (Okabe and Ito), one for each class (Paul Tol's muted)."""

from dataclasses import dataclass

FOURTH = "#CC79A7"  # a second model of a kind already on the page
INK = "#7F8A94"  # readable on light and dark grounds alike


@dataclass(frozen=True)
class Mark:
    """How a family is drawn where many are: colours repeat, so that the sign tells it too.

    symbol: plotly's name of it. sign: the same in text.
    """

    colour: str
    symbol: str
    sign: str


MARKS = {
    "ae": Mark("#D55E00", "circle", "●"),
    "vae": Mark("#0072B2", "square", "■"),
    "dae": Mark("#009E73", "diamond", "◆"),
    "pca": Mark(INK, "x", "✖"),
    "dense": Mark("#E69F00", "triangle-up", "▲"),
    "deep": Mark("#E69F00", "triangle-down", "▼"),
    "sparse": Mark("#CC79A7", "cross", "✚"),
    "contractive": Mark("#CC79A7", "hexagon", "⬢"),
    "beta-vae": Mark("#56B4E9", "pentagon", "⬟"),
    "cvae": Mark("#56B4E9", "triangle-right", "▶"),
    "aae": Mark("#009E73", "triangle-left", "◀"),
}
FAMILIES = {name: mark.colour for name, mark in MARKS.items()}


def mark(family: str) -> Mark:
    """The mark of a family; one that has none gets a star."""
    return MARKS.get(family, Mark(FOURTH, "star", "★"))


CLASSES = (
    "#332288",
    "#88CCEE",
    "#44AA99",
    "#117733",
    "#999933",
    "#DDCC77",
    "#CC6677",
    "#882255",
    "#AA4499",
    "#777777",
)


def class_colour(label: int) -> str:
    """The colour of a class; beyond ten they repeat, and names tell classes apart."""
    return CLASSES[label % len(CLASSES)]
