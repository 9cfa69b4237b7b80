"""Marks of models, and colours of classes (Paul Tol's muted)."""

from dataclasses import dataclass

FOURTH = "#CC79A7"  # a second model of a kind already on the page
USUAL, UNUSUAL = "#5B8DB8", "#C2258A"  # items of the two kinds where some are to be found
INK = "#7F8A94"  # readable on light and dark grounds alike


@dataclass(frozen=True)
class Mark:
    """How a kind of model is drawn where many are: colours repeat, so that the sign tells it too.

    symbol: plotly's name of it. sign: the same in text.
    """

    colour: str
    symbol: str
    sign: str


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
