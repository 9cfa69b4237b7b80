"""Many people on one server: how long each waits for the picture of a code that they committed.

Every session is a client of Streamlit's own websocket protocol that opens Decode and then moves a knob of the right
model once a second, sessions evenly staggered, as the release of a handle does. Latency runs from the message sent to
the slider's new pictures received and read; no browser paints them, and all clients share one process and the
machine with the server. The alternative is the same with a single session, measured first on the same server. One
session that does not count opens the page before, so that models are loaded and the test split is encoded. Then the
crowd comes again while another session computes maps with settings of its own. The CPU time of the server's process
is told for each commit, what else it did meanwhile included.
"""

import argparse
import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any

from _common import ROOT, Server, cpu_ms, ratio, report, serve, summary
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

TIMEOUT_S = 60  # seconds until an answer that has not come is an error
PART = "aeviz_latent_sliders"


@dataclass
class Times:
    """What all sessions of a crowd waited for, in milliseconds, and what went wrong."""

    opened: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cpu_ms: float = 0.0  # that the server took meanwhile, but for what came before the commits


class Session:
    """One visitor of Decode."""

    def __init__(self, socket: ClientConnection, seed: int) -> None:
        self._socket, self._random = socket, random.Random(seed)
        self._page = self._part = self._fragment = ""
        self._data: dict[str, Any] = {}
        self._buttons: dict[str, str] = {}

    async def open(self) -> None:
        """Ask for Decode and wait until its script has ended."""
        await self.visit("decode")
        if not self._data:
            raise RuntimeError("Decode came without sliders")

    async def visit(self, page: str, query: str = "") -> None:
        """Ask for a page and wait until its script has ended."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, query
        await self._socket.send(message.SerializeToString())
        await self._ended()

    async def _ended(self) -> None:
        """Wait until the script has run to its end, and not only as far as another run let it."""
        async with asyncio.timeout(TIMEOUT_S):
            message = ForwardMsg()
            while not (
                message.HasField("script_finished") and message.script_finished == message.FINISHED_SUCCESSFULLY
            ):
                message = await self._next()

    async def press(self, label: str) -> None:
        """Press the button whose label begins so, and wait until the script has run."""
        name = next(found for text, found in self._buttons.items() if text.startswith(label))
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = name, True
        await self._socket.send(message.SerializeToString())
        await self._ended()

    async def commit(self) -> None:
        """Move a knob and wait until the slider comes back for its new values."""
        rows = self._data["rows"]
        values = [row["value"] for row in rows]
        moved = self._random.randrange(len(rows))
        values[moved] = self._random.uniform(rows[moved]["low"], rows[moved]["high"])
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.fragment_id = self._fragment
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.json_value = self._part, json.dumps({"values": values})
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(TIMEOUT_S):
            while self._data["seen"] != values:
                await self._next()

    async def until_done(self, page: str, query: str) -> float:
        """Look at a page every other second until nothing on it can be stopped; seconds until then."""
        began = time.perf_counter()
        self._buttons = {"Stop": ""}
        while "Stop" in self._buttons:
            await asyncio.sleep(2)
            self._buttons = {}
            await self.visit(page, query)
        return time.perf_counter() - began

    async def _next(self) -> ForwardMsg:
        """The next message; of the right-hand sliders, what they are given is kept. Raises on an exception shown."""
        message = ForwardMsg.FromString(await self._socket.recv())
        if message.HasField("new_session") and message.new_session.page_script_hash:
            self._page = message.new_session.page_script_hash
        element = message.delta.new_element
        if element.HasField("exception"):
            raise RuntimeError(f"{element.exception.type}: {element.exception.message}")
        if element.HasField("button"):
            self._buttons[element.button.label] = element.button.id
        part = element.bidi_component
        if part.component_name == PART and (not self._part or part.id == self._part or not self._data["seen"]):
            self._part, self._fragment, self._data = part.id, message.delta.fragment_id, json.loads(part.json)[0]
        return message


async def visit(server: Server, times: Times, everyone: asyncio.Event, seed: int, seconds: float, delay: float) -> None:
    """One session from its opening to its end; it commits once everyone has the page."""
    try:
        address = f"ws://{server.address}/_stcore/stream"
        async with connect(address, subprotocols=["streamlit"], max_size=None, compression=None) as socket:  # type: ignore[list-item]
            session = Session(socket, seed)
            began = time.perf_counter()
            await session.open()
            times.opened.append(1000 * (time.perf_counter() - began))
            await everyone.wait()
            await asyncio.sleep(delay)
            until = time.perf_counter() + seconds
            while (began := time.perf_counter()) < until:
                await session.commit()
                took = time.perf_counter() - began
                times.answered.append(1000 * took)
                await asyncio.sleep(max(0.0, 1 - took))
    except Exception as error:
        times.errors.append(f"{type(error).__name__}: {error}"[:200])


async def crowd(server: Server, count: int, seconds: float) -> Times:
    """`count` sessions at once, each for `seconds` of commits."""
    times, everyone = Times(), asyncio.Event()
    visits = [asyncio.create_task(visit(server, times, everyone, seed, seconds, seed / count)) for seed in range(count)]
    while len(times.opened) + len(times.errors) < count:
        await asyncio.sleep(0.1)
    before = cpu_ms(server)
    everyone.set()
    await asyncio.gather(*visits)
    times.cpu_ms = cpu_ms(server) - before
    return times


async def beside_a_map(server: Server, count: int, seconds: float, method: str) -> tuple[Times, float]:
    """The same while one more session computes maps of almost all items, and how many seconds that took."""
    address = f"ws://{server.address}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None, compression=None) as socket:  # type: ignore[list-item]
        session = Session(socket, 0)
        page = "map", f"method={method}&points=9500"
        await session.visit(*page)
        await session.press("Compute")
        computing = asyncio.create_task(session.until_done(*page))
        times = await crowd(server, count, seconds)
        return times, await computing


def figures(times: Times) -> dict[str, Any]:
    return {
        "page opened, ms": summary(times.opened, 1),
        "commit answered, ms": summary(times.answered, 1),
        "CPU of the server, ms a commit": round(times.cpu_ms / max(1, len(times.answered)), 1),
        "errors": len(times.errors),
        "first errors": times.errors[:3],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=30.0, help="of commits, one a second")
    parser.add_argument("--maps", nargs="*", default=["umap", "tsne"], help="methods computed beside a crowd")
    options = parser.parse_args()
    with serve(ROOT / "app.py") as server:
        first = asyncio.run(crowd(server, 1, 0))
        if first.errors:
            raise RuntimeError(f"Decode cannot be opened: {first.errors[0]}")
        alone = figures(asyncio.run(crowd(server, 1, options.seconds)))
        many = figures(asyncio.run(crowd(server, options.sessions, options.seconds)))
        beside = {}
        for method in options.maps:
            times, took = asyncio.run(beside_a_map(server, options.sessions, options.seconds, method))
            beside[method] = {**figures(times), "maps computed in, s": round(took, 1)}
    ratios = {
        f"ratio of {name}s, {options.sessions} sessions / one": ratio(
            many["commit answered, ms"].get(name, 0), alone["commit answered, ms"].get(name, 0)
        )
        for name in ("median", "p95")
    }
    report(
        "sessions",
        {"sessions": options.sessions, "many": many, "one": alone, "while a map is computed": beside, **ratios},
    )


if __name__ == "__main__":
    main()
