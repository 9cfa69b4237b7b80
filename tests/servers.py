"""Programs that tests start, and what they have log_text."""

import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import waiting

ROOT = Path(__file__).parents[1]


class Process:
    """A program in a group of its own, with its output kept in a file."""

    def __init__(self, command: Sequence[str], log: Path, **variables: str) -> None:
        self.log = log
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": paths, "STREAMLIT_SERVER_HEADLESS": "true", **variables}
        with log.open("wb") as sink:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
                # A shell has what it runs in the background ignore Ctrl+C, and tests in it would hand that on.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        log.with_suffix(".pid").write_text(str(self.process.pid))

    @property
    def log_text(self) -> str:
        return log_text(self.log)

    def wait(self, url: str) -> None:
        """Wait until it answers at a URL."""
        answered = waiting.until(lambda: self.process.poll() is not None or answers(url))
        if not answered or self.process.poll() is not None:
            pytest.fail(f"{url} does not answer; its log ends:\n{self.log_text[-4000:]}")

    def kill(self) -> None:
        """End it and all that it has started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def log_text(log: Path, begin: int = 0) -> str:
    """The output in a file, from a byte on, without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", log.read_bytes()[begin:].decode("utf-8", errors="replace"))


def end(folder: Path) -> None:
    """End all programs whose output is kept in a folder."""
    for number in folder.glob("*.pid"):
        with suppress(ProcessLookupError):
            os.killpg(int(number.read_text()), signal.SIGKILL)


def answers(url: str) -> bool:
    """Whether Streamlit answers there."""
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return (answer.status, answer.read()) == (200, b"ok")
    except OSError:
        return False


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
