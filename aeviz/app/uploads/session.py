"""What one visitor brought: models and data that nobody else sees, counted against a quota, gone with the session.

Files lie in a folder of the session inside that of the process, both for its user alone. They are removed when the
visitor removes them, when the session ends, and when the process ends; what a killed process left goes at the next
start.
"""

import secrets
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from aeviz.app import caches
from aeviz.app.streamlit_internals import is_connected, is_serving, session_id
from aeviz.app.uploads.folder import process_folder
from aeviz.app.uploads.own_machine import is_own_machine
from aeviz.app.uploads.quota import Account, is_stated, ledger
from aeviz.store import registry
from aeviz.types import Shape

if TYPE_CHECKING:
    from aeviz.importers.files.filetypes import Sniffed
    from aeviz.importers.health import Finding
    from aeviz.importers.models.answers import Loaded

KEY = "uploads"
MARGIN_S = 10.0  # after the time for which Streamlit keeps a session without a connection, should its tab come back
POLL_S = 10.0  # between two looks at who is still there


@dataclass
class OwnModel:
    """A model that a visitor brought. names: under which it is registered, by data set. reports: by data set."""

    key: str
    title: str
    loaded: "Loaded"
    source: "Sniffed"
    size: int
    names: dict[str, str] = field(default_factory=dict)
    reports: dict[str, list["Finding"]] = field(default_factory=dict)


@dataclass
class OwnSet:
    """A data set that a visitor brought, registered under `name`. command: that trains a model on its file."""

    key: str
    name: str
    title: str
    count: int
    shape: Shape
    size: int
    notes: tuple[str, ...]
    command: str = ""


@dataclass
class Photograph:
    """A picture file, and what was set of it for each item that was read from it, by the item's text in an address."""

    file: bytes
    read: dict[str, dict[str, Any]] = field(default_factory=dict)


class Uploads:
    """Models, data and files of one session at a time."""

    def __init__(self, forget: Callable[[str], None] = caches.forget) -> None:
        """forget: lets go of all that is cached under a name."""
        self.registry = registry.Registry()
        self.models: dict[str, OwnModel] = {}
        self.data: dict[str, OwnSet] = {}
        self.photographs: dict[str, Photograph] = {}  # by the keys under which they are counted
        self.closed = False
        self.owner = session_id() or ""  # the session that sees them
        self.token = secrets.token_urlsafe(32)  # by which the same tab claims them in its next session
        self.account = Account(forget)
        self._number = 0
        self._end = weakref.finalize(self, self.account.close)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing here that a tab could want back, but for what was not loaded yet."""
        return not (self.models or self.data or self.photographs)

    @property
    def used(self) -> int:
        """Bytes held now: files, weights and data, and what the pages computed of them."""
        return self.account.charged + self.account.computed

    @property
    def left(self) -> int:
        """Bytes that may still come; what the pages computed gives way to them."""
        return self.account.left

    def room(self, key: str) -> int:
        """Bytes that something may take in place of what is counted under its key."""
        return self.left + self.account.sizes.get(key, 0)

    def new_key(self, prefix: str) -> str:
        """A new name for something that comes."""
        self._number += 1
        return f"{prefix}-{self._number}"

    def charge(self, key: str, size: int) -> None:
        """Count bytes, in place of those counted under the key before.

        Raises QuotaError where they do not fit, and after the end.
        """
        self.account.charge(key, size)

    def folder(self, key: str) -> Path:
        """The folder of something that came; made where it is not there yet. Raises QuotaError after the end."""
        home = process_folder()
        with ledger.lock:
            self.account.check()
            if self.account.folder is None:
                self.account.folder = Path(tempfile.mkdtemp(prefix="session-", dir=home))
            folder = self.account.folder / key
            folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def empty(self, key: str) -> None:
        """Remove the files of something."""
        if self.account.folder is not None:
            shutil.rmtree(self.account.folder / key, ignore_errors=True)

    def drop(self, key: str) -> None:
        """Remove the files of something, and count it no more."""
        self.empty(key)
        self.account.release(key)

    def own(self, name: str) -> None:
        """Count what is kept under the name of something of ours that is registered, and forget it in the end."""
        self.account.own(name)

    def forget(self, name: str) -> None:
        """Take a registered name back, and all that is cached under it."""
        self.registry.remove(name)
        self.account.disown(name)

    @property
    def waiting(self) -> list[str]:
        """Keys of what was neither loaded nor refused yet."""
        kept = {*self.models, *(data.key for data in self.data.values()), *self.photographs}
        return [key for key in self.account.sizes if key not in kept]

    def drop_waiting(self) -> None:
        """Remove the files of what was neither loaded nor refused yet."""
        for key in self.waiting:
            self.drop(key)

    def at_end(self, stop: Callable[[], None]) -> None:
        """Call this, too, when the session ends; it must not refer to the session's uploads."""
        self.account.stops.append(stop)

    def close(self) -> None:
        """Let go of everything. May be called again."""
        self.closed = True
        self.registry.clear()
        self.models.clear()
        self.data.clear()
        self.photographs.clear()
        self._end()


def current() -> Uploads | None:
    """What this visitor brought, or None where that is nothing, or where there is no visitor."""
    if session_id() is None:
        return None
    uploads: Uploads | None = st.session_state.get(KEY)
    return None if uploads is None or uploads.closed or uploads.owner != session_id() else uploads


def session_uploads() -> Uploads:
    """What this visitor brought, made ready where it is not there yet."""
    uploads = current()
    if uploads is None:
        uploads = st.session_state[KEY] = Uploads()
        uploads.account.bounded = is_stated() or not is_own_machine()
        _by_token[uploads.token] = uploads
        _look_after(uploads)
    return uploads


def known(token: str) -> Uploads | None:
    """What was brought under a token, where it is still kept; None for nothing."""
    uploads = _by_token.get(token)
    return None if uploads is None or uploads.closed else uploads


def move(uploads: Uploads) -> None:
    """Give what was brought in another session to this one, which alone sees it from now on."""
    _watcher.leave(uploads.owner)
    uploads.owner = session_id() or ""
    uploads.drop_waiting()
    st.session_state[KEY] = uploads
    _look_after(uploads)


def _look_after(uploads: Uploads) -> None:
    if uploads.owner and is_serving():
        _watcher.add(uploads.owner, uploads)
        _watcher.start()


_by_token: weakref.WeakValueDictionary[str, Uploads] = weakref.WeakValueDictionary()


# --- Who is still there ---


def disconnect_ttl_s() -> float:
    """Seconds without a connection after which what a visitor brought is let go of."""
    return float(st.get_option("server.disconnectedSessionTTL")) + MARGIN_S


class Watcher:
    """Closes what visitors brought once their tabs are gone for good.

    Streamlit tells its session-scoped caches of every dropped connection, though the tab may come back a moment
    later, and frees a session's state only when memory is next collected.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, tuple[weakref.ref[Uploads], float]] = {}  # with the last moment that each was seen
        self._thread: threading.Thread | None = None

    def add(self, session: str, uploads: Uploads) -> None:
        """Look after what a session's visitor brought."""
        with self._lock:
            self._sessions[session] = weakref.ref(uploads), time.monotonic()

    def leave(self, session: str) -> None:
        """Look after a session's visitor no more."""
        with self._lock:
            self._sessions.pop(session, None)

    def start(self) -> None:
        """Look again and again, in a thread, until no session is left."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="aeviz-uploads", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(POLL_S)
            with suppress(RuntimeError):  # the server is about to end, and the process with it
                self.close_absent(is_connected, time.monotonic())
            with self._lock:
                if not self._sessions:
                    self._thread = None
                    return

    def close_absent(self, present: Callable[[str], bool], now: float) -> None:
        """Close what was brought by those who have not been here for `disconnect_ttl_s()`."""
        gone = []
        with self._lock:
            for session, (uploads, seen) in list(self._sessions.items()):
                if present(session):
                    self._sessions[session] = uploads, now
                elif now - seen > disconnect_ttl_s():
                    gone.append(self._sessions.pop(session)[0]())
        for left_behind in gone:
            if left_behind is not None:
                left_behind.close()


_watcher = Watcher()
