"""What a change costs the server, page by page: bytes to the browser and CPU time from the hand's release on.

One client of Streamlit's websocket protocol opens a page and then sends what a part sends when the hand rests, again
and again with other values, each once the script has run. It keeps messages by hash as Streamlit's page does, so that
what is the same as before is no more than its hash. Bytes are told of all messages of a run, of them those of the
parts' code (JavaScript, styles, markup), of their data, and of the rest; what a tab fetches by itself is not among
them. CPU time is that of the server's process.
"""

import argparse
import asyncio
import json
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from _common import ROOT, Server, cpu_ms, report, serve
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

TIMEOUT_S = 120  # seconds until an answer that has not come is an error
WARM = 3  # changes that do not count


@dataclass
class Part:
    """A part on the page: its widget, the fragment that runs with it, and what it was given last."""

    id: str
    fragment: str
    data: Any


@dataclass
class Bytes:
    """What a run sent."""

    code: int = 0
    data: int = 0
    rest: int = 0


@dataclass
class Kept:
    """A message that Streamlit's page keeps: the server sends its hash in its place."""

    message: ForwardMsg
    run: int  # in which it was last of use


@dataclass
class Visitor:
    """One visitor of one page."""

    socket: ClientConnection
    page: str = ""
    parts: dict[str, list[Part]] = field(default_factory=dict)
    sent: Bytes = field(default_factory=Bytes)
    kept: dict[str, "Kept"] = field(default_factory=dict)  # messages by hash, as Streamlit's page keeps them
    runs: int = 0
    fragment: str = ""  # that runs; "" for the whole script
    age: int = 0  # runs for which a message is kept

    async def open(self, page: str, query: str) -> None:
        """Ask for a page and wait until its script has ended."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, query
        await self.socket.send(message.SerializeToString())
        await self._ended()

    async def change(self, part: Part, state: dict[str, Any]) -> Bytes:
        """Send what a part sends, and wait until the script has ended; what came."""
        self.sent = Bytes()
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.fragment_id = self.fragment = part.fragment
        message.rerun_script.cached_message_hashes.extend(self.kept)
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.json_value = part.id, json.dumps(state)
        await self.socket.send(message.SerializeToString())
        await self._ended()
        return self.sent

    async def _ended(self) -> None:
        over = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        async with asyncio.timeout(TIMEOUT_S):
            message = ForwardMsg()
            while not (message.HasField("script_finished") and message.script_finished in over):
                message = await self._next()

    async def _next(self) -> ForwardMsg:
        received = await self.socket.recv()
        message = ForwardMsg.FromString(received)
        if message.HasField("ref_hash"):
            self.sent.rest += len(received)
            kept = self.kept[message.ref_hash]
            kept.run = self.runs
            return kept.message
        if message.metadata.cacheable:
            self.kept[message.hash] = Kept(message, self.runs)
        if message.HasField("new_session"):
            self.age = message.new_session.config.max_cached_message_age
        if message.HasField("script_finished"):
            self._forget()
        if message.HasField("navigation"):
            self.page = message.navigation.page_script_hash
        element = message.delta.new_element
        if element.HasField("exception"):
            raise RuntimeError(f"{element.exception.type}: {element.exception.message}")
        part = element.bidi_component
        code = len((part.js_content + part.css_content + part.html_content).encode())
        data = len(part.json.encode()) + len(part.bytes)
        self.sent.code += code
        self.sent.data += data
        self.sent.rest += len(received) - code - data
        if part.component_name:
            name = part.component_name.removeprefix("aeviz_").removesuffix("_by_text")
            shown = Part(part.id, message.delta.fragment_id, json.loads(part.json)[0] if part.json else None)
            known = self.parts.setdefault(name, [])
            known[:] = [*(other for other in known if other.id != shown.id), shown]
        return message

    def _forget(self) -> None:
        """Let go of messages as Streamlit's page does, after a run."""
        self.runs += 1
        self.kept = {
            key: kept
            for key, kept in self.kept.items()
            if (self.fragment and kept.message.delta.fragment_id != self.fragment) or self.runs - kept.run <= self.age
        }


@dataclass(frozen=True)
class Change:
    """A page with what its part sends: `state` makes it of what the part was given, a number and a random generator."""

    page: str
    part: str
    state: Callable[[Any, int, random.Random], dict[str, Any]]
    query: str = ""


def _sliders(data: Any, number: int, draw: random.Random) -> dict[str, Any]:
    values = [row["value"] for row in data["rows"]]
    moved = draw.randrange(len(values))
    values[moved] = draw.uniform(data["rows"][moved]["low"], data["rows"][moved]["high"])
    return {"values": values}


def _pad(data: Any, number: int, draw: random.Random) -> dict[str, Any]:
    x0, x1, y0, y1 = data["home"]
    have = [*(level["id"] for level in data["levels"]), data["cloud"]["id"]]
    return {"pad": {"position": [draw.uniform(x0, x1), draw.uniform(y0, y1)], "view": None, "have": have}}


def _posterior(data: Any, number: int, draw: random.Random) -> dict[str, Any]:
    mean, std = ([row["value"] for row in data[name]["rows"]] for name in ("mean", "spread"))
    mean[0] = draw.uniform(-2, 2)
    have = [*(level["id"] for level in data["pad"]["levels"]), data["pad"]["cloud"]["id"]]
    sent = {"number": number, "of": data["item"]["of"], "mean": mean, "std": std, "place": None, "have": have}
    return {"turned": sent}


def _scrubber(data: Any, number: int, draw: random.Random) -> dict[str, Any]:
    return {"t": draw.random()}


def _dial(data: Any, number: int, draw: random.Random) -> dict[str, Any]:
    stops = 1
    for axis in data["axes"]:
        stops *= len(axis["stops"])
    return {"stop": (data["at"] + draw.randrange(1, stops)) % stops}


def _map(data: Any, number: int, draw: random.Random) -> dict[str, Any]:
    return {"choice": {"number": number, "selected": draw.randrange(1000), "marked": ""}}


def _threshold(data: Any, number: int, draw: random.Random) -> dict[str, Any]:
    return {"threshold": {"flagged": draw.randrange(1, 500), "cost": 1}}


CHANGES = {
    "Decode, a knob": Change("decode", "latent_sliders", _sliders),
    "Decode, a place on the plane": Change("decode", "latent_pad", _pad, "left=ae-2d&right=vae-2d"),
    "How a VAE thinks, μ": Change("how-a-vae-thinks", "posterior", _posterior),
    "Interpolate, the handle": Change("interpolate", "scrubber", _scrubber),
    "Generate, the temperature": Change("generate", "dial", _dial),
    "Repair, the level": Change("repair", "dial", _dial),
    "Compress, the budget": Change("compress", "dial", _dial),
    "Map, an item": Change("map", "latent_map", _map),
    "Detect, the threshold": Change("detect", "threshold", _threshold),
}


async def measured(server: Server, change: Change, count: int) -> dict[str, Any]:
    """Bytes and CPU time of each of so many changes."""
    draw = random.Random(0)
    address = f"ws://{server.address}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None, compression=None) as socket:  # type: ignore[list-item]
        visitor = Visitor(socket)
        await visitor.open(change.page, change.query)
        opened = visitor.sent

        async def once(number: int) -> Bytes:
            part = visitor.parts[change.part][-1]
            return await visitor.change(part, change.state(part.data, number, draw))

        for number in range(WARM):
            await once(number + 1)
        before = cpu_ms(server)
        sent = [await once(WARM + number + 1) for number in range(count)]
        took = cpu_ms(server) - before
    kinds = {name: statistics.median(getattr(each, name) for each in sent) for name in ("code", "data", "rest")}
    return {
        "kB a change": {**{name: round(size / 1000, 1) for name, size in kinds.items()},
                        "all": round(sum(kinds.values()) / 1000, 1)},
        "kB at the opening": {"code": round(opened.code / 1000, 1),
                              "all": round((opened.code + opened.data + opened.rest) / 1000, 1)},
        "CPU of the server, ms a change": round(took / count, 1),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50, help="changes that are measured on each page")
    parser.add_argument("--only", nargs="*", default=[], help="pages whose name begins so")
    options = parser.parse_args()
    wanted = {
        name: change
        for name, change in CHANGES.items()
        if not options.only or any(name.lower().startswith(word.lower()) for word in options.only)
    }
    with serve(ROOT / "app.py") as server:
        figures = {name: asyncio.run(measured(server, change, options.count)) for name, change in wanted.items()}
    report("commits", figures)


if __name__ == "__main__":
    main()
