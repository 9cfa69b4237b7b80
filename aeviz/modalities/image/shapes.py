"""Which shapes are a picture's, and how one is told in words."""

from aeviz.types import Shape

CHANNELS = (1, 3)
MIN_SIDE = 3  # pixels, of a data set's items: structural similarity needs as many


def problem(shape: Shape) -> str | None:
    """Why a shape is no picture's, or None."""
    if len(shape) != 3 or shape[0] not in CHANNELS:
        return f"A picture is (C, H, W) with one or three channels, not {shape}."
    return None


def in_colour(shape: Shape) -> bool:
    """Whether the pictures of a shape are in colour."""
    return shape[0] == CHANNELS[-1]


def size(shape: Shape) -> str:
    """Width, height and colour in words."""
    channels, height, width = shape
    return f"{width} × {height}, {'grey' if channels == 1 else 'colour' if channels == 3 else f'{channels} channels'}"
