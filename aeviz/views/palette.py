"""Colours: one for each kind of model (Okabe and Ito), one for each class (Paul Tol's muted)."""

FAMILIES = {"ae": "#D55E00", "vae": "#0072B2", "dae": "#009E73"}
FOURTH = "#CC79A7"  # a second model of a kind already on the page
INK = "#7F8A94"  # readable on light and dark grounds alike

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
