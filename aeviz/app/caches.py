"""What is computed of models and data sets and kept for the next look: for all visitors, each value under its names.

Of what a visitor brought, each value is counted (`bytes_of`) and can be let go of one by one: when its model or data
set is gone, and when there is no more room. Made again it costs moments; a visitor's pictures are not to stay behind.
"""

import sys
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import partial, wraps
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np
import streamlit as st

from aeviz.store import registry

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


REFRESHED_S = 5.0  # for which Streamlit's cache need not hear that a value is used: it drops the one unused for longest


@dataclass(eq=False)
class _Holder(Generic[Value]):
    """A value in a cache: another object for each, whatever the values are. seen: when its cache was asked for it."""

    value: Value
    seen: float = 0.0


@dataclass(frozen=True)
class _Entry:
    # Weak: a cache may drop a value before it is noted here, and another object may get its id.
    holder: "weakref.ref[object]"
    names: frozenset[str]
    size: int
    let_go: Callable[[], None]


# Values of registered models and data sets, the one unused for longest first. No cache is called under the lock: a
# cache calls `release` under a lock of its own.
_entries: OrderedDict[int, _Entry] = OrderedDict()
_owners: dict[str, Callable[[], None]] = {}  # by name: keeps the owner's values within bounds
_lock = threading.RLock()


def kept(
    max_entries: int,
    show_spinner: bool | str = False,
    hash_funcs: dict[str | type[Any], Callable[[Any], Any]] | None = None,
) -> Callable[[Callable[Arguments, Value]], Callable[Arguments, Value]]:
    """Keep what a function returns, as `st.cache_resource` does, and let go of what is of a name that is forgotten.

    The names are those among the arguments, and the `name` of arguments, alone or in tuples. Values are shared: nobody
    may change them.
    """

    def decorate(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
        @wraps(function)
        def make(*args: Arguments.args, **kwargs: Arguments.kwargs) -> _Holder[Value]:
            return _Holder(function(*args, **kwargs))

        cached = st.cache_resource(
            max_entries=max_entries, show_spinner=show_spinner, hash_funcs=hash_funcs, on_release=release
        )(make)

        # Asking Streamlit's cache takes a third of a millisecond, and a page asks dozens of times. Weak: what the cache
        # lets go of is gone here too.
        held: weakref.WeakValueDictionary[tuple[object, ...], _Holder[Value]] = weakref.WeakValueDictionary()

        @wraps(function)
        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
            key = None if kwargs or any(type(value) not in {str, int} for value in args) else args
            holder = None if key is None else held.get(key)
            if holder is None or time.monotonic() - holder.seen > REFRESHED_S:
                holder = cached(*args, **kwargs)
                holder.seen = time.monotonic()
                if key is not None:
                    held[key] = holder
            use(holder, registered(*args, *kwargs.values()), lambda: cached.clear(*args, **kwargs))
            return holder.value

        return call

    return decorate


def use(holder: object, names: Collection[str], let_go: Callable[[], None]) -> None:
    """Note that something kept is used; `let_go` takes it out of its cache.

    names: of the registered things it is of; where there are none, nothing need ever be let go of.
    """
    if not names:
        return
    with _lock:
        entry = _entries.get(id(holder))
        if entry is not None and entry.holder() is holder:
            _entries.move_to_end(id(holder))
            return
    size = size_of(holder)
    with _lock:
        _entries[id(holder)] = _Entry(weakref.ref(holder, partial(_gone, id(holder))), frozenset(names), size, let_go)
        _entries.move_to_end(id(holder))
        owners = [_owners[name] for name in names if name in _owners]
    if not any(map(_is_registered, names)):  # it went while this was computed
        let_go()
    for keep_within_bounds in owners[:1]:
        keep_within_bounds()


def release(holder: object) -> None:
    """Note that a cache has let go of something."""
    with _lock:
        _entries.pop(id(holder), None)


def _gone(key: int, holder: "weakref.ref[object]") -> None:
    with _lock:
        if key in _entries and _entries[key].holder is holder:
            del _entries[key]


def own(name: str, keep_within_bounds: Callable[[], None]) -> None:
    """Count what is kept under a name as its owner's, who is called after each new value."""
    with _lock:
        _owners[name] = keep_within_bounds


def bytes_of(names: Collection[str]) -> int:
    """Bytes that are kept under any of these names."""
    with _lock:
        return sum(entry.size for entry in _entries.values() if not entry.names.isdisjoint(names))


def owned() -> set[str]:
    """The names that have owners."""
    with _lock:
        return set(_owners)


def shrink(names: Collection[str], most: int) -> None:
    """Let go of what is kept under these names until it is no more than so many bytes.

    What was unused for longest goes first; what was used last stays: a page is looking at it.
    """
    with _lock:
        theirs = [entry for entry in _entries.values() if not entry.names.isdisjoint(names)]
        surplus, going = sum(entry.size for entry in theirs) - most, []
        for entry in theirs[:-1]:
            if surplus <= 0:
                break
            surplus -= entry.size
            going.append(entry)
    for entry in going:
        entry.let_go()


def forget(name: str) -> None:
    """Let go of all that is kept of a model or a data set: for one that was registered and is gone."""
    with _lock:
        _owners.pop(name, None)
    renew(name)


def renew(name: str) -> None:
    """Let go of all that is kept of a model or a data set: it is computed anew when it is looked at."""
    with _lock:
        going = [entry for entry in _entries.values() if name in entry.names]
    for entry in going:
        entry.let_go()


def registered(*values: Any) -> frozenset[str]:
    """The names of registered models and data sets among some values: texts, what has a `name`, and tuples of these."""
    return frozenset(_names(values))


def _names(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, tuple):
            yield from _names(value)
            continue
        name = value if isinstance(value, str) else getattr(value, "name", None)
        if isinstance(name, str) and _is_registered(name):
            yield name


def _is_registered(name: str) -> bool:
    return registry.find_model(name) is not None or registry.find_dataset(name) is not None


def size_of(value: Any, counted: set[int] | None = None) -> int:
    """Bytes of a value: its arrays, and what lies around them roughly; what appears twice counts once.

    counted: ids of what is counted already, to which those of the value's parts are added.
    """
    counted = set() if counted is None else counted
    if id(value) in counted:
        return 0
    counted.add(id(value))
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    parts: Iterable[Any] = ()
    if isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, tuple | list | set | frozenset):
        parts = value
    elif is_dataclass(value):
        parts = [getattr(value, field.name) for field in fields(value)]
    elif hasattr(value, "__dict__"):
        parts = vars(value).values()
    return sys.getsizeof(value) + sum(size_of(part, counted) for part in parts)
