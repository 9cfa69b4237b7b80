"""Real servers and visitors that speak Streamlit's own protocol, without a browser."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).parents[2]
SECONDS = 90  # to wait for a server or an answer; a busy machine needs some


class Process:
    """A program with its output kept; stopped, with its children, at the end of the test."""

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

    @property
    def said(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(encoding="utf-8", errors="replace"))

    def wait(self, url: str) -> None:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                    assert (answer.status, answer.read()) == (200, b"ok")
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail(f"{url} does not answer; its log ends:\n{self.said[-4000:]}")

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
        self.process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """`start("aeviz", ...words, VARIABLE=value)`: a process that ends with the test."""
    running: list[Process] = []

    def begin(*command: str, **variables: str) -> Process:
        running.append(Process(command, tmp_path / f"log-{len(running)}.txt", **variables))
        return running[-1]

    yield begin
    for process in running:
        process.kill()


@pytest.fixture
def aeviz(start: Callable[..., Process]) -> Callable[..., Process]:
    """`aeviz("--share", …)`: the command line in a process of its own."""

    def begin(*words: str, **variables: str) -> Process:
        return start(sys.executable, "-m", "aeviz.cli", *words, **variables)

    return begin


@pytest.fixture
def free_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


class Visitor:
    """A browser's side of a session: opens a page, looks, goes to another."""

    def __init__(self, url: str) -> None:
        self.url, self.cookies = url, ""
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            set_ = answer.headers.get_all("Set-Cookie") or []
        self.cookies = "; ".join(cookie.split(";")[0] for cookie in set_)
        self.connect()

    def connect(self) -> None:
        headers = {"Cookie": self.cookies} if self.cookies else {}
        self.lines = ExitStack()
        self.line: ClientConnection = self.lines.enter_context(
            connect(
                self.url.replace("http", "ws", 1) + "/_stcore/stream", additional_headers=headers,
                origin=self.url, subprotocols=["streamlit"], max_size=None, open_timeout=SECONDS,
            )
        )  # fmt: skip

    def look(self, page: str = "", *widgets: WidgetState) -> list[ForwardMsg]:
        """All that the app sends for a run of a page."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.widget_states.widgets.extend(widgets)
        self.line.send(asked.SerializeToString())
        heard: list[ForwardMsg] = []
        while not heard or heard[-1].WhichOneof("type") != "script_finished":
            heard.append(ForwardMsg.FromString(self.line.recv(SECONDS, decode=False)))
        return heard

    def close(self) -> None:
        self.lines.close()


@pytest.fixture
def visit() -> Iterator[Callable[[str], Visitor]]:
    opened: list[Visitor] = []

    def open_(url: str) -> Visitor:
        opened.append(Visitor(url))
        return opened[-1]

    yield open_
    for visitor in opened:
        visitor.close()
