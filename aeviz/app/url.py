"""A visitor's state in the URL, so that a link shows the same view: parameters, and what they hold for a visitor.

A page declares its parameters in a table, `PARAMETERS`; `docs/links.md` lists them all. A value is kept in the session
too, where it outlives a page on which it is not shown.
"""

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any, Generic, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

T = TypeVar("T")
READ = "url-read"  # in the session: names of the parameters that the present run has read


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """One name in the URL: how its text is read and written, and what it says.

    name: in the URL, and the key of its widget. meaning: for `docs/links.md`. default: not written into the URL.
    scope: tells apart parameters of one name that belong to different pages.
    """

    name: str
    meaning: str

    @property
    def key(self) -> str:
        """Where the session keeps the value."""
        return f"remembered-{getattr(self, 'scope', '')}{self.name}"

    def usual(self) -> T:
        """The value where neither the URL nor the visitor says another."""
        raise NotImplementedError

    def parse(self, text: str) -> T:
        """The value of a text. Raises ValueError for one that means none."""
        raise NotImplementedError

    def write(self, value: T) -> str:
        """The text of a value."""
        return str(value)

    def fit(self, value: T) -> T:
        """A value chosen before, as far as it can be had now: another data set has other items, classes, models."""
        return value

    def expects(self) -> str:
        """What may be written, in words; Markdown."""
        raise NotImplementedError


@dataclass(frozen=True)
class Choice(Parameter[str]):
    """One of some names. options: empty where they depend on the data, then `among` says which they are."""

    options: tuple[str, ...] = ()
    default: str = ""
    among: str = ""

    def usual(self) -> str:
        return self.default

    def parse(self, text: str) -> str:
        if text not in self.options:
            raise ValueError(f"expected one of {', '.join(self.options)}, got {text}")
        return text

    def fit(self, value: str) -> str:
        return value if value in self.options else self.default

    def expects(self) -> str:
        return self.among or ", ".join(f"`{option}`" for option in self.options)


@dataclass(frozen=True)
class Whole(Parameter[int]):
    """A whole number from low to high.

    above: what `high` is, where it depends on the data. only: the numbers that there are, where not all are.
    """

    low: int = 0
    high: int = 9999
    default: int = 0
    above: str = ""
    only: tuple[int, ...] = ()
    scope: str = ""

    def usual(self) -> int:
        return min(self.default, self.high)

    def parse(self, text: str) -> int:
        number = float(text)
        if not (isfinite(number) and self.low <= int(number) <= self.high) or (
            self.only and int(number) not in self.only
        ):
            raise ValueError(f"expected a whole number from {self.low} to {self.high}, got {text}")
        return int(number)

    def fit(self, value: int) -> int:
        if self.only:
            return value if value in self.only else self.usual()
        return max(self.low, min(value, self.high))

    def expects(self) -> str:
        return f"{self.low} to {self.above or self.high}"


@dataclass(frozen=True)
class Number(Parameter[float]):
    """A number from low to high.

    above: what `high` is, where it depends on a choice. only: the numbers that there are, where not all are.
    """

    low: float = 0.0
    high: float = 1.0
    default: float = 0.0
    above: str = ""
    only: tuple[float, ...] = ()

    def usual(self) -> float:
        return min(self.default, self.high)

    def parse(self, text: str) -> float:
        number = float(text)
        if not self.low <= number <= self.high:  # false for NaN too
            raise ValueError(f"expected a number from {self.low:g} to {self.high:g}, got {text}")
        if self.only and number not in self.only:
            raise ValueError(f"expected one of {', '.join(f'{known:g}' for known in self.only)}, got {text}")
        return number

    def write(self, value: float) -> str:
        return str(int(value)) if float(value).is_integer() else repr(float(value))

    def fit(self, value: float) -> float:
        if self.only:
            return value if value in self.only else self.usual()
        return max(self.low, min(value, self.high))

    def expects(self) -> str:
        return f"{self.low:g} to {self.above or f'{self.high:g}'}"


@dataclass(frozen=True)
class Flag(Parameter[bool]):
    """Yes or no; no at first."""

    def usual(self) -> bool:
        return False

    def parse(self, text: str) -> bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError(f"expected true or false, got {text}")
        return text.lower() == "true"

    def write(self, value: bool) -> str:
        return str(value).lower()

    def expects(self) -> str:
        return "`true`"


@dataclass(frozen=True)
class Code(Parameter["NDArray[np.float32] | None"]):
    """Some numbers of absolute value below `limit`, with `_` between them; None at first.

    size: how many, 0 where that depends on the model. digits: behind the point.
    """

    size: int = 0
    limit: float = 1e4
    digits: int = 3

    def usual(self) -> None:
        return None

    def parse(self, text: str) -> NDArray[np.float32]:
        code = np.array([float(part) for part in text.split("_")])
        if code.shape != (self.size,) or not (abs(code) < self.limit).all():
            raise ValueError(f"expected {self.size} numbers below {self.limit:g}, got {text}")
        return code.astype(np.float32)

    def write(self, value: NDArray[np.float32] | None) -> str:
        return "" if value is None else "_".join(f"{number:.{self.digits}f}" for number in value)

    def fit(self, value: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
        return value if value is not None and value.shape == (self.size,) else None

    def expects(self) -> str:
        count = self.size or "as many numbers as the code has"
        return f"{count} numbers, as in `0.5_-1.25`" if self.size else f"{count}, as in `0.5_-1.25`"


@dataclass(frozen=True)
class Mask(Parameter["NDArray[np.bool_] | None"]):
    """Which pixels of a picture of `shape` (H, W) are marked, packed into bits and compressed; None at first."""

    shape: tuple[int, int] = (0, 0)

    def usual(self) -> None:
        return None

    def parse(self, text: str) -> NDArray[np.bool_]:
        rows, columns = self.shape
        size = (rows * columns + 7) // 8
        try:
            packed = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text), size + 1)
        except zlib.error as error:
            raise ValueError(f"expected a mask, got {text[:40]}") from error
        if not size or len(packed) != size:
            raise ValueError(f"expected a mask of {rows} × {columns} pixels")
        bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=rows * columns)
        return bits.reshape(rows, columns).astype(bool)

    def write(self, value: NDArray[np.bool_] | None) -> str:
        return (
            "" if value is None else base64.urlsafe_b64encode(zlib.compress(np.packbits(value).tobytes(), 9)).decode()
        )

    def fit(self, value: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        return value if value is not None and value.shape == self.shape else None

    def expects(self) -> str:
        return "bits of the picture's pixels, compressed, in base64, as the page writes them"


@dataclass(frozen=True)
class Names(Parameter[list[str]]):
    """Some of some names, with `,` between them; all at first. among: what they are."""

    options: tuple[str, ...] = ()
    among: str = ""

    def usual(self) -> list[str]:
        return list(self.options)

    def parse(self, text: str) -> list[str]:
        names = [name for name in text.split(",") if name in self.options]
        if not names:
            raise ValueError(f"expected some of {', '.join(self.options)}, got {text}")
        return names

    def write(self, value: list[str]) -> str:
        return ",".join(value)

    def fit(self, value: list[str]) -> list[str]:
        return [name for name in value if name in self.options] or list(self.options)

    def expects(self) -> str:
        return self.among


def value(parameter: Parameter[T]) -> T:
    """A visitor's value, which the URL names from now on.

    The URL wins when it was opened or edited by hand; a text that the parameter refuses is dropped.
    """
    name, last = parameter.name, f"written-{parameter.name}"
    st.session_state.setdefault(READ, set()).add(name)
    text = st.query_params.get(name)
    if text is not None and text != st.session_state.get(last):
        try:
            st.session_state[parameter.key] = parameter.parse(text)
        except ValueError:
            st.session_state.pop(parameter.key, None)
    kept: Any = st.session_state.get(parameter.key)
    usual: Any = parameter.usual()
    current: Any = usual if kept is None else parameter.fit(kept)
    written = "" if current is None or (usual is not None and current == usual) else parameter.write(current)
    st.session_state[last] = written
    if written and text != written:
        st.query_params[name] = written
    elif not written and text is not None:
        del st.query_params[name]
    return current


def remember(parameter: Parameter[T], value: T | None) -> None:
    """Set a value that the next run reads, and writes into the URL; None for the usual one."""
    st.session_state[parameter.key] = value
    st.session_state[f"written-{parameter.name}"] = st.query_params.get(parameter.name)


def start() -> None:
    """Begin a run of a page: nothing has been read."""
    st.session_state[READ] = set()


def tidy(parameters: Iterable[Parameter[Any]]) -> None:
    """End a run of a page: those of its parameters that it did not read leave the URL, and stay in the session."""
    for parameter in parameters:
        if parameter.name not in st.session_state[READ] and parameter.name in st.query_params:
            st.session_state[f"written-{parameter.name}"] = ""
            del st.query_params[parameter.name]
