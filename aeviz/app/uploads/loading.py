"""Reading a visitor's data in the background, with progress, so that the page stays quick and it can be stopped."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aeviz.importers import REFUSALS, DataError
from aeviz.importers.data.loading import OwnData, load_data
from aeviz.importers.files.arrays import LARGEST_ARRAY
from aeviz.types import Shape

AT_ONCE = 2  # loads of all visitors together: each may hold its whole set twice for a moment
PATIENCE = 60.0  # seconds that a page waits for its turn
BREATH = 0.001  # seconds given to other threads at each step

_turns = threading.BoundedSemaphore(AT_ONCE)
_log = logging.getLogger(__name__)


@contextmanager
def turn() -> Iterator[None]:
    """A turn to read something, for a page that waits. Raises DataError where there is none for long."""
    if not _turns.acquire(timeout=PATIENCE):
        raise DataError("The data of other visitors are being read, and take long. Try again in a minute.")
    try:
        yield
    finally:
        _turns.release()


class Stopped(Exception):
    """The visitor stopped it."""


@dataclass(frozen=True)
class Wanted:
    """How a data set is to be read; see `aeviz.importers.data.loading.load_data`.

    unpacked: what there is room for, no wish.
    """

    path: Path
    title: str
    shape: Shape | None
    invert: bool | None = None
    values: str | None = None
    most: int = 16
    unpacked: int = field(default=LARGEST_ARRAY, compare=False)

    def load(self, most: int | None = None, progress: "Load | None" = None) -> OwnData:
        """Read it, or so many items of it."""
        return load_data(
            self.path,
            self.shape,
            title=self.title,
            invert=self.invert,
            values=self.values,
            most=self.most if most is None else most,
            unpacked=self.unpacked,
            progress=progress,
        )


@dataclass
class Load:
    """A data set being read for one visitor; `found` is it, or `error` says why not."""

    wanted: Wanted
    share: float = 0.0
    stage: str = "Waiting for its turn"
    error: str = ""
    found: OwnData | None = None
    done: bool = False
    stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Load":
        """Begin, in a thread of its own."""
        threading.Thread(target=self.run, name="aeviz-data", daemon=True).start()
        return self

    def run(self) -> None:
        """Read the set; what goes wrong is kept in `error`."""
        try:
            while not _turns.acquire(timeout=0.2):
                self(0.0, "Waiting for the data of other visitors")
            try:
                self(0.0, "Opening")
                self.found = self.wanted.load(progress=self)
            finally:
                _turns.release()
        except Stopped:
            self.stage = "Stopped"
        except REFUSALS as error:
            self.error = str(error)
        except MemoryError:
            self.error = "It does not fit the memory of this machine."
        except Exception as error:
            _log.exception("A visitor's data could not be read.")
            self.error = f"It cannot be read ({type(error).__name__})."
        finally:
            self.done = True

    def __call__(self, share: float, stage: str) -> None:
        """Progress: raises Stopped where the visitor wants no more of it."""
        if self.stopped.is_set():
            raise Stopped
        self.share, self.stage = share, stage
        time.sleep(BREATH)
