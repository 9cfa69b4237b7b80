"""How much visitors may bring: each one, and all of a server together."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from aeviz.app import caches

VARIABLE = "AEVIZ_QUOTA"  # megabytes for a session and for the process: "300,1000"
SESSION_MB, PROCESS_MB = 300, 1000
MEGABYTE = 1_000_000
UNBOUNDED = 1 << 50  # bytes, more than any machine holds


class QuotaError(Exception):
    """What a visitor brings does not fit the room left; the message says how much there is."""


def quotas() -> tuple[int, int]:
    """Bytes that a session and the whole process may hold."""
    parts = os.environ.get(VARIABLE, "").replace(",", " ").split()
    try:
        numbers = [max(1, int(part)) for part in parts[:2]]
    except ValueError:
        numbers = []
    session, process = [*numbers, *(SESSION_MB, PROCESS_MB)[len(numbers) :]]
    return session * MEGABYTE, max(session, process) * MEGABYTE


def is_stated() -> bool:
    """Whether somebody set a quota."""
    return bool(os.environ.get(VARIABLE, "").strip())


def megabytes(size: int) -> str:
    """A size in words: "12.3 MB"."""
    number = size / MEGABYTE
    return f"{number:,.0f} MB" if number >= 100 else f"{number:.1f} MB"


class Ledger:
    """Bytes charged to all sessions of the process."""

    def __init__(self) -> None:
        # A session that is collected while the lock is held gives its share back in the same thread.
        self.lock, self.total = threading.RLock(), 0


ledger = Ledger()


class Account:
    """What a session holds, and what has to be undone when it ends.

    Knows nothing of the session, so that it cannot keep it alive. Files, weights and data are charged under a key each.
    What the pages compute of them counts as well, and gives way to what is charged. bounded: whether quotas count; they
    do not for who runs aeviz on their own machine for themselves, unless one is set.
    """

    def __init__(self, forget: Callable[[str], None]) -> None:
        self.sizes: dict[str, int] = {}
        self.names: set[str] = set()
        self.forget = forget
        self.stops: list[Callable[[], None]] = []
        self.folder: Path | None = None
        self.closed = False
        self.bounded = True

    @property
    def quotas(self) -> tuple[int, int]:
        """Bytes that the session and the whole process may hold."""
        return quotas() if self.bounded else (UNBOUNDED, UNBOUNDED)

    @property
    def charged(self) -> int:
        """Bytes of what was brought."""
        return sum(self.sizes.values())

    @property
    def computed(self) -> int:
        """Bytes kept of what the pages computed of it."""
        return caches.bytes_of(self.names)

    @property
    def left(self) -> int:
        """Bytes that may still be charged: the session's own rest, or the process' where that is smaller."""
        session, process = self.quotas
        return max(0, min(session - self.charged, process - ledger.total))

    def charge(self, key: str, size: int) -> None:
        """Count bytes, in place of those counted under the key before. Raises QuotaError where they do not fit."""
        session, process = self.quotas
        with ledger.lock:
            self.check()
            before = self.sizes.get(key, 0)
            others, everyone = self.charged - before, ledger.total - before
            if others + size > session:
                raise QuotaError(
                    f"This needs {megabytes(size)}; you have {megabytes(session - others)} left of "
                    f"{megabytes(session)}. Remove something you brought, or bring less."
                )
            if everyone + size > process:
                raise QuotaError(
                    f"This needs {megabytes(size)}; the visitors of this server have {megabytes(process - everyone)} "
                    "left together. Try again later."
                )
            self.sizes[key] = size
            ledger.total += size - before
        self.keep_within_bounds()

    def own(self, name: str) -> None:
        """Count what is kept under the name of a model or data set of the session, and forget it in the end."""
        self.names.add(name)
        caches.own(name, self.keep_within_bounds)

    def disown(self, name: str) -> None:
        """Let go of all that is kept under a name."""
        self.forget(name)
        self.names.discard(name)

    def keep_within_bounds(self) -> None:
        """Let go of what pages computed and nobody used for longest, as far as there is no room for it."""
        session, process = self.quotas
        caches.shrink(self.names, session - self.charged)
        caches.shrink(caches.owned(), process - ledger.total)

    def close(self) -> None:
        """Give everything back."""
        with ledger.lock:
            self.closed = True  # what still runs for this session takes nothing from here on
        for stop in self.stops:
            stop()
        for key in list(self.sizes):
            self.release(key)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
        for name in list(self.names):
            self.disown(name)

    def release(self, key: str) -> None:
        """Count what is under a key no more."""
        with ledger.lock:
            ledger.total -= self.sizes.pop(key, 0)

    def check(self) -> None:
        """Raise QuotaError after the end; to be called under the ledger's lock."""
        if self.closed:
            raise QuotaError("This visit has ended, and what was brought is removed. Load the page again.")
