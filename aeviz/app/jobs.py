"""Work in the background, so that a page stays quick: how far it is, how to stop it, and what came of it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Self, TypeVar

YIELD_S = 0.001  # given to other threads at each step
POLL_S = 0.2  # between two tries for a turn

Result = TypeVar("Result")


class Stopped(Exception):
    """The visitor stopped it."""


class Turns:
    """Turns for work that takes too much to be done for all visitors at once.

    timeout_s: that a page waits for one. refusal: the error, told to a visitor who waited in vain.
    """

    def __init__(self, count: int, timeout_s: float, refusal: Exception) -> None:
        self._semaphore = threading.BoundedSemaphore(count)
        self.timeout_s, self._refusal = timeout_s, refusal

    @contextmanager
    def wait(self, waits: Callable[[], None] | None = None) -> Iterator[None]:
        """Take a turn. `waits` is called again and again as long as there is none, and may raise.

        Without it, for a page that waits, the refusal is raised where there is none for long.
        """
        if waits is None:
            if not self._semaphore.acquire(timeout=self.timeout_s):
                raise self._refusal
        else:
            while not self._semaphore.acquire(timeout=POLL_S):
                waits()
        try:
            yield
        finally:
            self._semaphore.release()


class Job(Generic[Result]):
    """Work for one visitor, in a thread of its own. A page reads its attributes and draws them.

    share: done, 0 to 1. stage: what is being done. result: what came of it, once `done`; None where it was stopped or
    failed, and then `error` says why. names: of the models or data sets that it is about.
    """

    def __init__(
        self,
        work: Callable[["Job[Result]"], Result],
        explain: Callable[[Exception], str],
        names: tuple[str, ...] = (),
        stage: str = "starting",
    ) -> None:
        """work: is given the job, to report to. explain: what to tell a visitor of an error."""
        self._work, self._explain = work, explain
        self.names, self.stage = names, stage
        self.share, self.error, self.done = 0.0, "", False
        self.result: Result | None = None
        self._stop = threading.Event()

    def start(self, name: str) -> Self:
        """Begin, in a thread of that name."""
        threading.Thread(target=self.run, name=name, daemon=True).start()
        return self

    def run(self) -> None:
        """Do the work; what goes wrong is kept in `error`."""
        try:
            self.result = self._work(self)
        except Stopped:
            self.stage = "stopped"
        except Exception as error:
            self.error = self._explain(error)
        finally:
            self.done = True

    def stop(self) -> None:
        """Ask it to stop; it does at its next report."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    def report(self, share: float, stage: str) -> None:
        """Say how far the work is. Raises Stopped where the visitor wants no more of it."""
        if self.stopped:
            raise Stopped
        self.share, self.stage = share, stage
        time.sleep(YIELD_S)
