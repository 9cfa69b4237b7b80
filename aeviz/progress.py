"""How far long work with a model is: whoever waits for it watches, whoever does it tells."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[int, int], None]  # told how many rows are done, and of how many
_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Within this, in this thread, work in batches is told of; what the watcher raises ends the work."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell(done: int, total: int) -> None:
    """Say that so many rows are done; 0 when the work begins. Nothing where nobody watches."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(done, total)
