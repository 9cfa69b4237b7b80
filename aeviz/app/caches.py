"""What is kept of models and data sets for all visitors, and letting go of it when one of them is gone.

Made again it costs moments; a visitor's pictures are not to stay behind.
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Kept = TypeVar("Kept", bound=Any)
_forgetters: dict[tuple[str, str], Callable[[str], None]] = {}  # by file and name of the function


def on_forget(let_go: Callable[[str], None]) -> Callable[[str], None]:
    """Have a function called with the name of each model or data set that is forgotten."""
    code = inspect.unwrap(let_go).__code__
    _forgetters[code.co_filename, code.co_name] = let_go
    return let_go


def by_name(cached: Kept) -> Kept:
    """Mark a cached function of a model's name alone: the entry of a model goes when it is forgotten."""
    _mark(cached, lambda name: cached.clear(name))
    return cached


def derived(cached: Kept) -> Kept:
    """Mark a cached function, whose entries may be of a visitor's own things: all go when one of those is forgotten."""
    _mark(cached, lambda name: cached.clear())
    return cached


def _mark(cached: Any, let_go: Callable[[str], None]) -> None:
    code = inspect.unwrap(cached).__code__
    _forgetters[code.co_filename, code.co_name] = let_go


def forget(name: str) -> None:
    """Let go of all that is kept of a model or a data set: for one that was registered and is gone."""
    for let_go in tuple(_forgetters.values()):
        let_go(name)
