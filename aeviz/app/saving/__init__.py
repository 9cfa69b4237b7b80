"""Pages of the app as files: what a link says of a view becomes a section of `aeviz.lessons`."""

# Addresses of the pages, in the order of the app; each has a module of its name here.
SAVED = (
    "map",
    "decode",
    "how-a-vae-thinks",
    "training",
    "interpolate",
    "generate",
    "repair",
    "compare",
)
