"""What one visitor brought: models and data that nobody else sees, counted against a quota, gone with the session.

Files lie in a folder of the session inside one of the process, both for its user alone. They are removed when the
visitor removes them, when the session ends, and when the process ends; what a killed process left goes at the next
start.
"""

import atexit
import importlib
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime import exists as has_runtime
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aeviz.store import registry
from aeviz.types import Shape

if TYPE_CHECKING:
    from aeviz.importers.health import Finding
    from aeviz.importers.models.loading import Loaded

VARIABLE = "AEVIZ_QUOTA"  # megabytes for a session and for the process: "300,1000"
SESSION, PROCESS = 300, 1000
MEGABYTE = 1_000_000
KEY = "belongings"
PREFIX, LOCK = "aeviz-own-", "lock"
YOUNG = 60.0  # seconds that a new folder has to get its lock
ABSENCE = 130.0  # seconds without a connection: Streamlit keeps a session for 120, should its tab come back
ROUND = 10.0  # seconds between two looks at who is still there


# File locks of POSIX; elsewhere leftovers stay until the system clears its temporary folder.
fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None


class QuotaError(Exception):
    """What a visitor brings does not fit the room left; the message says how much there is."""


@dataclass
class OwnModel:
    """A model that a visitor brought. names: under which it is registered, by data set. reports: by data set."""

    key: str
    title: str
    loaded: "Loaded"
    source: Path
    size: int
    names: dict[str, str] = field(default_factory=dict)
    reports: dict[str, list["Finding"]] = field(default_factory=dict)


@dataclass
class OwnSet:
    """A data set that a visitor brought, registered under `name`."""

    key: str
    name: str
    title: str
    count: int
    shape: Shape
    size: int
    notes: tuple[str, ...]


def quotas() -> tuple[int, int]:
    """Bytes that a session and the whole process may hold."""
    parts = os.environ.get(VARIABLE, "").replace(",", " ").split()
    try:
        numbers = [max(1, int(part)) for part in parts[:2]]
    except ValueError:
        numbers = []
    session, process = [*numbers, *(SESSION, PROCESS)[len(numbers) :]]
    return session * MEGABYTE, max(session, process) * MEGABYTE


class _Ledger:
    """Bytes held by all sessions of the process."""

    def __init__(self) -> None:
        # A session that is collected while the lock is held gives its share back in the same thread.
        self.lock, self.total = threading.RLock(), 0


_ledger = _Ledger()


class _Account:
    """What has to be undone when a session ends; knows nothing of the session, so that it cannot keep it alive."""

    def __init__(self, forget: Callable[[str], None]) -> None:
        self.sizes: dict[str, int] = {}
        self.names: set[str] = set()
        self.forget = forget
        self.stops: list[Callable[[], None]] = []
        self.folder: Path | None = None
        self.closed = False

    def close(self) -> None:
        with _ledger.lock:
            self.closed = True  # what still runs for this session takes nothing from here on
        for stop in self.stops:
            stop()
        for key in list(self.sizes):
            self.release(key)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
        for name in self.names:
            self.forget(name)
        self.names.clear()

    def release(self, key: str) -> None:
        with _ledger.lock:
            _ledger.total -= self.sizes.pop(key, 0)

    def check(self) -> None:
        """Raise QuotaError after the end; to be called under the ledger's lock."""
        if self.closed:
            raise QuotaError("This visit has ended, and what was brought is removed. Load the page again.")


class Belongings:
    """Models, data and files of one session."""

    def __init__(self, forget: Callable[[str], None]) -> None:
        """forget: lets go of all that is cached under a name."""
        self.registry = registry.Registry()
        self.models: dict[str, OwnModel] = {}
        self.data: dict[str, OwnSet] = {}
        self.closed = False
        self._account = _Account(forget)
        self._number = 0
        self._end = weakref.finalize(self, self._account.close)

    @property
    def used(self) -> int:
        """Bytes held now."""
        return sum(self._account.sizes.values())

    @property
    def left(self) -> int:
        """Bytes that may still come: the session's own rest, or the process' where that is smaller."""
        session, process = quotas()
        return max(0, min(session - self.used, process - _ledger.total))

    def room(self, key: str) -> int:
        """Bytes that something may take in place of what is counted under its key."""
        return self.left + self._account.sizes.get(key, 0)

    def key(self, kind: str) -> str:
        """A new name for something that comes."""
        self._number += 1
        return f"{kind}-{self._number}"

    def charge(self, key: str, size: int) -> None:
        """Count bytes, in place of those counted under the key before.

        Raises QuotaError where they do not fit, and after the end.
        """
        session, process = quotas()
        with _ledger.lock:
            self._account.check()
            before = self._account.sizes.get(key, 0)
            others, everyone = self.used - before, _ledger.total - before
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
            self._account.sizes[key] = size
            _ledger.total += size - before

    def folder(self, key: str) -> Path:
        """The folder of something that came; made where it is not there yet. Raises QuotaError after the end."""
        home = _home()
        with _ledger.lock:
            self._account.check()
            if self._account.folder is None:
                self._account.folder = Path(tempfile.mkdtemp(prefix="session-", dir=home))
            folder = self._account.folder / key
            folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def empty(self, key: str) -> None:
        """Remove the files of something."""
        if self._account.folder is not None:
            shutil.rmtree(self._account.folder / key, ignore_errors=True)

    def drop(self, key: str) -> None:
        """Remove the files of something, and count it no more."""
        self.empty(key)
        self._account.release(key)

    def note(self, name: str) -> None:
        """Remember that something of ours is registered under a name, to forget it in the end."""
        self._account.names.add(name)

    def forget(self, name: str) -> None:
        """Take a registered name back, and all that is cached under it."""
        self.registry.remove(name)
        self._account.forget(name)
        self._account.names.discard(name)

    def at_end(self, stop: Callable[[], None]) -> None:
        """Call this, too, when the session ends; it must not refer to the session's things."""
        self._account.stops.append(stop)

    def close(self) -> None:
        """Let go of everything. May be called again."""
        self.closed = True
        self.registry.clear()
        self.models.clear()
        self.data.clear()
        self._end()


def megabytes(size: int) -> str:
    """A size in words: "12.3 MB"."""
    number = size / MEGABYTE
    return f"{number:,.0f} MB" if number >= 100 else f"{number:.1f} MB"


def mine() -> Belongings | None:
    """What this visitor brought, or None where that is nothing, or where there is no visitor."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    found: Belongings | None = st.session_state.get(KEY)
    return None if found is None or found.closed else found


def open_for_visitor(forget: Callable[[str], None]) -> Belongings:
    """What this visitor brought, made ready where it is not there yet."""
    found = mine()
    if found is None:
        found = st.session_state[KEY] = Belongings(forget)
        context = get_script_run_ctx(suppress_warning=True)
        if context is not None and has_runtime():
            _watch(context.session_id, found)
    return found


# --- The folder of the process ---

_home_lock = threading.Lock()
_homes: dict[int, tuple[Path, IO[str]]] = {}


def _home() -> Path:
    """The folder of this process, with a lock in it that tells other processes that it is in use."""
    with _home_lock:
        pid = os.getpid()
        if pid not in _homes:
            sweep()
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            lock = (folder / LOCK).open("w")
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _homes[pid] = folder, lock
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return _homes[pid][0]


def sweep(root: Path | None = None) -> int:
    """Remove what killed processes of this user left behind; returns how many folders that were."""
    if fcntl is None:
        return 0
    count = 0
    for folder in (root or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        with suppress(OSError):
            status = folder.lstat()
            if folder.is_symlink() or status.st_uid != os.getuid() or time.time() - status.st_mtime < YOUNG:
                continue
            with (folder / LOCK).open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            count += 1
    return count


# --- Who is still there ---

_watched: dict[str, tuple["weakref.ref[Belongings]", float]] = {}  # with the last moment that each was seen
_watch_lock = threading.Lock()
_watching: threading.Thread | None = None


def _watch(session: str, belongings: Belongings) -> None:
    """Close what a visitor brought once the tab is gone for good.

    Streamlit tells its session-scoped caches of every dropped connection, though the tab may come back a moment
    later, and frees a session's state only when memory is next collected.
    """
    global _watching
    with _watch_lock:
        _watched[session] = weakref.ref(belongings), time.monotonic()
        if _watching is None or not _watching.is_alive():
            _watching = threading.Thread(target=_look_after, name="aeviz-belongings", daemon=True)
            _watching.start()


def _look_after() -> None:
    global _watching
    while True:
        time.sleep(ROUND)
        with suppress(RuntimeError):  # the server is about to end, and the process with it
            close_absent(get_instance().is_active_session, time.monotonic())
        with _watch_lock:
            if not _watched:
                _watching = None
                return


def close_absent(present: Callable[[str], bool], now: float) -> None:
    """Close what was brought by those who have not been here for `ABSENCE` seconds."""
    gone = []
    with _watch_lock:
        for session, (belongings, seen) in list(_watched.items()):
            if present(session):
                _watched[session] = belongings, now
            elif now - seen > ABSENCE:
                gone.append(_watched.pop(session)[0]())
    for belongings_ in gone:
        if belongings_ is not None:
            belongings_.close()
