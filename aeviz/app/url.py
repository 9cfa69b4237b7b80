"""A visitor's state in the URL, so that a link shows the same view: parameters, and what they hold for a visitor.

A page declares its parameters in a table, `PARAMETERS`; `docs/links.md` lists them all. A value is kept in the session
too, where it outlives a page on which it is not shown.
"""

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, prod
from typing import Any, Generic, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import streamlit_internals
from aeviz.types import Shape

T = TypeVar("T")
READ = "url-read"  # in the session: names of the parameters that the present run has read
HELD, WRITTEN = "remembered-", "written-"  # before names in the session: what is held, and what the address said last
MAX_LETTERS = 6000  # of an item in an address, which servers take up to 8,000 of
MAX_TOLD, MAX_REFUSALS = 40, 4  # letters of a text that means nothing, and texts, that are told
OPENINGS = "url-openings"
UNTOUCHED = "url-untouched"  # in the session: whether this run leaves the address as it was opened
REFUSED = "url-refused"  # in the session: what the address said that means nothing, {name: text}


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
        return f"{HELD}{getattr(self, 'scope', '')}{self.name}"

    @property
    def drags(self) -> bool:
        """Whether a handle sets it: a drag makes one entry of the tab's history, however often it rests."""
        return False

    @property
    def gathers(self) -> bool:
        """Whether all that a hand does to it, one after another, makes one entry of the tab's history."""
        return False

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

    above: what `high` is, where it depends on the data. only: the numbers that there are, where not all are. handle:
    whether it follows a handle.
    """

    low: int = 0
    high: int = 9999
    default: int = 0
    above: str = ""
    only: tuple[int, ...] = ()
    scope: str = ""
    handle: bool = False

    @property
    def drags(self) -> bool:
        return self.handle

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

    @property
    def drags(self) -> bool:
        return True

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
        if text.lower() not in {"", "true", "false"}:
            raise ValueError(f"expected true or false, got {text}")
        return text.lower() != "false"  # the name alone says yes

    def write(self, value: bool) -> str:
        return str(value).lower()

    def expects(self) -> str:
        return "`true`"


class Drawn(Parameter[T | None]):
    """What a hand draws, stroke by stroke; None until it does."""

    @property
    def gathers(self) -> bool:
        return True

    def usual(self) -> None:
        return None


@dataclass(frozen=True)
class Code(Parameter["NDArray[np.float32] | None"]):
    """Some numbers of absolute value below `limit`, with `_` between them; None at first.

    size: how many, 0 where that depends on the model. digits: behind the point.
    """

    size: int = 0
    limit: float = 1e4
    digits: int = 3

    @property
    def drags(self) -> bool:
        return True

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
class Turned(Parameter["dict[int, float] | None"]):
    """Values along some of `size` axes, by the axis's number, as `0:1.5_3:-0.25`; None at first."""

    size: int = 0
    limit: float = 1e4

    def usual(self) -> None:
        return None

    def parse(self, text: str) -> dict[int, float]:
        pairs = [part.partition(":")[::2] for part in text.split("_")]
        values = {int(axis): float(value) for axis, value in pairs}
        if not all(0 <= axis < self.size and abs(value) < self.limit for axis, value in values.items()):
            raise ValueError(f"expected axes below {self.size} and numbers below {self.limit:g}, got {text}")
        return values

    def write(self, value: dict[int, float] | None) -> str:
        return "" if value is None else "_".join(f"{axis}:{number:.3f}" for axis, number in value.items())

    def fit(self, value: dict[int, float] | None) -> dict[int, float] | None:
        return value if value and max(value) < self.size else None

    def expects(self) -> str:
        return "axes by their numbers, with values, as in `0:1.5_3:-0.25`"


@dataclass(frozen=True)
class Span(Parameter[tuple[int, int]]):
    """From where to where among `high` things in a row, as edges from 0 to high; the middle half at first.

    above: what `high` is, where it depends on a choice.
    """

    high: int = 0
    above: str = ""

    def usual(self) -> tuple[int, int]:
        return self.high // 4, self.high - self.high // 4

    def parse(self, text: str) -> tuple[int, int]:
        low, high = map(int, text.split("_"))
        if not 0 <= low <= high <= self.high:
            raise ValueError(f"expected two edges from 0 to {self.high}, got {text}")
        return low, high

    def write(self, value: tuple[int, int]) -> str:
        return f"{value[0]}_{value[1]}"

    def fit(self, value: tuple[int, int]) -> tuple[int, int]:
        return value if value[1] <= self.high else self.usual()

    def expects(self) -> str:
        return f"two edges from 0 to {self.above or self.high}, as in `2_6`"


@dataclass(frozen=True)
class Mask(Drawn["NDArray[np.bool_]"]):
    """Which pixels of a picture of `shape` (H, W) are marked, packed into bits and compressed; None at first."""

    shape: tuple[int, int] = (0, 0)

    def parse(self, text: str) -> NDArray[np.bool_]:
        rows, columns = self.shape
        size = (rows * columns + 7) // 8
        try:
            packed = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text), size + 1)
        except zlib.error as error:
            raise ValueError(f"expected a mask, got {text[:MAX_TOLD]}") from error
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
class Values(Drawn["NDArray[np.float32]"]):
    """An item of somebody's own (*shape), compressed; None at first.

    span: the ends between which 256 steps are told, as of a picture; half precision where it is None. What would need
    more than `MAX_LETTERS` is not written, and stays in the session alone. scope: tells apart what is kept of
    each kind.
    """

    shape: Shape = ()
    span: tuple[float, float] | None = None
    scope: str = ""

    def parse(self, text: str) -> NDArray[np.float32]:
        kind = np.dtype(np.float16 if self.span is None else np.uint8)
        size = prod(self.shape) * kind.itemsize
        try:
            packed = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text), size + 1)
        except zlib.error as error:
            raise ValueError(f"expected an item, got {text[:MAX_TOLD]}") from error
        if not size or len(packed) != size:
            raise ValueError(f"expected an item of {self.shape}")
        values = np.frombuffer(packed, kind).reshape(self.shape).astype(np.float32)
        if self.span is None:
            return values
        low, high = self.span
        return low + (high - low) * values / np.float32(255)

    def write(self, value: NDArray[np.float32] | None) -> str:
        if value is None:
            return ""
        if self.span is None:
            packed = value.astype(np.float16)
        else:
            low, high = self.span
            packed = np.rint(255 * np.clip((value - low) / (high - low), 0, 1)).astype(np.uint8)
        text = base64.urlsafe_b64encode(zlib.compress(packed.tobytes(), 9)).decode()
        return text if len(text) <= MAX_LETTERS else ""

    def fit(self, value: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
        return value if value is not None and value.shape == self.shape else None

    def expects(self) -> str:
        return "its values, compressed, in base64, as the page writes them"


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


@dataclass(frozen=True)
class Seen(Parameter[str]):
    """What the browser shows, and writes into the address by itself: it is neither read nor written here.

    among: its text, in words.
    """

    among: str = ""

    def usual(self) -> str:
        return ""

    def expects(self) -> str:
        return f"{self.among}, as the page writes it"


def seen(parameters: Iterable[Parameter[Any]]) -> list[str]:
    """The names among those of parameters that the browser writes by itself."""
    return [parameter.name for parameter in parameters if isinstance(parameter, Seen)]


def value(parameter: Parameter[T]) -> T:
    """A visitor's value, which the URL names from now on.

    The URL wins when it was opened or edited by hand; a text that the parameter refuses is dropped, and told of.
    """
    name, last = parameter.name, f"{WRITTEN}{parameter.name}"
    st.session_state.setdefault(READ, set()).add(name)
    text = st.query_params.get(name)
    if text is not None and text != st.session_state.get(last):
        try:
            st.session_state[parameter.key] = parameter.parse(text)
        except ValueError:
            st.session_state.pop(parameter.key, None)
            refuse(parameter, text)
    kept: Any = st.session_state.get(parameter.key)
    usual: Any = parameter.usual()
    current: Any = usual if kept is None else parameter.fit(kept)
    written = "" if current is None or (usual is not None and current == usual) else parameter.write(current)
    if st.session_state.get(UNTOUCHED):
        st.session_state[last] = text or ""  # read once; what it should be is written by the next run
        return current
    st.session_state[last] = written
    if written and text != written:
        st.query_params[name] = written
    elif not written and text is not None:
        del st.query_params[name]
    return current


def refuse(parameter: Parameter[Any], text: str) -> None:
    """Have it told that a text of the address means nothing."""
    st.session_state.setdefault(REFUSED, {})[parameter.name] = text


def remember(parameter: Parameter[T], value: T | None) -> None:
    """Set a value that the next run reads, and writes into the URL; None for the usual one."""
    st.session_state.get(REFUSED, {}).clear()
    st.session_state[parameter.key] = value
    st.session_state[f"{WRITTEN}{parameter.name}"] = st.query_params.get(parameter.name)


def leave_untouched(untouched: bool) -> None:
    """Say whether this run only reads the address: what it would write, the next one does."""
    st.session_state[UNTOUCHED] = untouched


def start() -> None:
    """Begin a run of a page: nothing has been read."""
    st.session_state[READ] = set()


def forget() -> None:
    """Let the address alone say what is shown, as to a new visitor."""
    for name in [name for name in st.session_state if str(name).startswith((HELD, WRITTEN))]:
        del st.session_state[name]
    st.session_state.pop(REFUSED, None)
    st.session_state[OPENINGS] = openings() + 1


def follow_history() -> None:
    """In a run that comes of going back or forward, show what the address says, and nothing that came later."""
    if streamlit_internals.in_history():
        forget()


def openings() -> int:
    """How often this visitor has gone back or forward: widgets that keep a state of their own begin anew with it."""
    count: int = st.session_state.get(OPENINGS, 0)
    return count


def context(name: str, now: object) -> bool:
    """Whether what a view depends on has changed since it was last drawn; not where the address says the view."""
    before = st.session_state.get(f"{HELD}context-{name}", now)
    st.session_state[f"{HELD}context-{name}"] = now
    return bool(before != now)


def refused() -> str:
    """What the address said that means nothing here, in a sentence; "" for nothing. Told until something is chosen."""
    refusals: dict[str, str] = st.session_state.get(REFUSED, {})
    listed = [f"`{name}={text[:MAX_TOLD].replace('`', '')}`" for name, text in list(refusals.items())[:MAX_REFUSALS]]
    if not listed:
        return ""
    more = " and more" if len(refusals) > MAX_REFUSALS else ""
    usual = "what is usual is" if len(refusals) == 1 else "what is usual in each place is"
    return f"This link says {', '.join(listed)}{more}, which means nothing here: {usual} shown instead."


def tidy(parameters: Iterable[Parameter[Any]]) -> None:
    """End a run of a page: those of its parameters that it did not read leave the URL, and stay in the session."""
    if st.session_state.get(UNTOUCHED):
        return
    for parameter in parameters:
        unread = parameter.name not in st.session_state[READ] and not isinstance(parameter, Seen)
        if unread and parameter.name in st.query_params:
            st.session_state[f"{WRITTEN}{parameter.name}"] = ""
            del st.query_params[parameter.name]
