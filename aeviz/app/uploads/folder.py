"""The folder of this process for what visitors bring, and clearing away those of processes that were killed."""

import atexit
import importlib
import os
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

PREFIX, LOCK = "aeviz-own-", "lock"
MIN_AGE_S = 60.0  # that a new folder has to get its lock

# File locks of POSIX; elsewhere leftovers stay until the system clears its temporary folder.
fcntl: Any = importlib.import_module("fcntl") if find_spec("fcntl") else None

_folders_lock = threading.Lock()
_folders: dict[int, tuple[Path, IO[str]]] = {}  # by process: a fork has one of its own


def process_folder() -> Path:
    """The folder of this process, with a lock in it that tells other processes that it is in use."""
    with _folders_lock:
        pid = os.getpid()
        if pid not in _folders:
            sweep()
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            lock = (folder / LOCK).open("w", encoding="utf-8")
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _folders[pid] = folder, lock
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return _folders[pid][0]


def sweep(root: Path | None = None) -> int:
    """Remove what killed processes of this user left behind; returns how many folders that were."""
    if fcntl is None:
        return 0
    count = 0
    for folder in (root or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        with suppress(OSError):
            status = folder.lstat()
            if folder.is_symlink() or status.st_uid != os.getuid() or time.time() - status.st_mtime < MIN_AGE_S:
                continue
            with (folder / LOCK).open("a", encoding="utf-8") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            count += 1
    return count
