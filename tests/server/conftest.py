"""Real servers and visitors that speak Streamlit's own protocol, without a browser."""

import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from servers import Process
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from waiting import TIMEOUT_S
from websockets.sync.client import ClientConnection, connect


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


class Visitor:
    """A browser's side of a session: opens a page, looks, goes to another."""

    def __init__(self, url: str) -> None:
        self.url, self.cookies = url, ""
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            set_ = answer.headers.get_all("Set-Cookie") or []
        self.cookies = "; ".join(cookie.split(";")[0] for cookie in set_)
        self.connect()

    def connect(self) -> None:
        headers = {"Cookie": self.cookies} if self.cookies else {}
        self.lines = ExitStack()
        self.line: ClientConnection = self.lines.enter_context(
            connect(
                self.url.replace("http", "ws", 1) + "/_stcore/stream", additional_headers=headers,
                origin=self.url, subprotocols=["streamlit"], max_size=None, open_timeout=TIMEOUT_S,
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
            heard.append(ForwardMsg.FromString(self.line.recv(TIMEOUT_S, decode=False)))
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
