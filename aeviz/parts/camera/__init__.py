"""From where a chart in three dimensions is seen, and which of its classes, kept in the link to the page.

    from aeviz.parts.camera.streamlit import camera

    camera("map3d-left", "turn_left", classes=Classes("hidden_left", names))

The chart is plotly's; when the hand that turns it rests, its camera is written, and after a click on its legend which
classes are hidden. A chart with classes has their stamp as the `meta` of its layout. Shows nothing itself.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Classes:
    """The classes of a chart, whose first traces they are. link: the name under which a link keeps the hidden ones."""

    link: str
    names: Sequence[str]

    @property
    def stamp(self) -> str:
        """What tells these classes from those of another chart or colouring."""
        return f"{zlib.crc32(repr(tuple(self.names)).encode()):x}"

    def hidden(self, text: str) -> set[int]:
        """The numbers of the classes that a text of the link hides; none for a text about other classes."""
        stamp, *numbers = text.split("_")
        if stamp != self.stamp:
            return set()
        return {int(number) for number in numbers if number.isdecimal() and int(number) < len(self.names)}


def payload(chart: str, name: str, classes: Classes | None = None) -> dict[str, Any]:
    """What the browser gets: the key of the chart's element, and the name under which a link keeps its camera."""
    shown = classes and {"link": classes.link, "stamp": classes.stamp, "count": len(classes.names)}
    return {"chart": chart, "name": name, "classes": shown}


def view(text: str) -> dict[str, dict[str, float]] | None:
    """The camera that a text names, as plotly's layout has it: eye, centre and what is up; None where it names none."""
    try:
        numbers = np.array([float(part) for part in text.split("_")])
    except ValueError:
        return None
    if numbers.shape != (9,) or not (abs(numbers) < 100).all():
        return None
    points = numbers.reshape(3, 3).tolist()
    return {name: dict(zip("xyz", point, strict=True)) for name, point in zip(NAMES, points, strict=True)}


NAMES = ("eye", "center", "up")
