"""Ways to make an item by hand, by the names that a modality gives in its `editors`."""

from aeviz.app.panels.editors import curve, draw, form, line
from aeviz.app.panels.editors.base import Companions, Edited, Editor

__all__ = ["EDITORS", "Companions", "Edited", "Editor", "editor_of"]

EDITORS = {
    "draw": Editor("Draw", "your drawing", draw.show),
    "curve": Editor("Sketch", "your sketch", curve.show),
    "form": Editor("Fill in", "your {noun}", form.show),
    "line": Editor("Type", "your {noun}", line.show),
}


def editor_of(names: tuple[str, ...]) -> Editor | None:
    """The first of some editors that there is; None where there is none, as a package's modality may have."""
    return next((EDITORS[name] for name in names if name in EDITORS), None)
