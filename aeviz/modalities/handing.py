"""Items as a file that `aeviz train` reads as they are: what a page hands to who trains on data of their own."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Handed:
    """A file of items. ending: of its name. content: makes its bytes. options: what the command says of it."""

    ending: str
    content: Callable[[], bytes]
    options: tuple[str, ...] = ()


def arrays(items: Array, classes: Array, scale: object) -> Handed:
    """Items (N, *shape) and the names (N,) of their classes as arrays."""

    def content() -> bytes:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, items=items, labels=classes)
        return buffer.getvalue()

    return Handed("npz", content)


def table(header: list[str], rows: list[list[str]], options: tuple[str, ...]) -> Handed:
    """Cells as a CSV."""

    def content() -> bytes:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerows([header, *rows])
        return buffer.getvalue().encode()

    return Handed("csv", content, options)
