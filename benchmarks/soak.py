"""Whether the server's memory grows: visitors come, turn knobs, go, and others come, for ten minutes.

Every visitor opens Decode by Streamlit's own protocol, commits a knob every quarter of a second for a quarter of a
minute, opens Map and leaves. Resident memory is that of the server process, read from /proc (Linux); growth runs from
the median of the first minute after the warm-up to the median of the last. The alternative is an empty Streamlit page
visited in the same way and measured for as long as `--empty` says: what Streamlit itself keeps of a session.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

from _common import ROOT, Server, report, script, serve
from sessions import Session
from websockets.asyncio.client import connect

STAY_S = 15.0  # s of a visitor
PAUSE_S = 0.25  # s between two commits
EMPTY = 'import streamlit as st\n\nst.title("Empty")\n'


def resident(pid: int) -> float:
    """MiB of physical memory."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


async def visitor(server: Server, seed: int, until: float, counts: dict[str, int], full: bool) -> None:
    """One visitor after another, until the time is over."""
    address = f"ws://{server.address}/_stcore/stream"
    await asyncio.sleep(seed % 7)
    while time.monotonic() < until:
        async with connect(address, subprotocols=["streamlit"], max_size=None, compression=None) as socket:  # type: ignore[list-item]
            session = Session(socket, seed)
            if full:
                await session.open()
            else:
                await session.visit("")
            leave = time.monotonic() + STAY_S
            while time.monotonic() < leave:
                if full:
                    await session.commit()
                else:
                    await session.visit("")
                counts["commits"] += 1
                await asyncio.sleep(PAUSE_S)
            if full:
                await session.visit("map")
        counts["visitors"] += 1
        seed += 1000


async def soak(server: Server, sessions: int, warm: float, seconds: float, full: bool) -> dict[str, Any]:
    """Memory over the time, and what was done in it."""
    counts = {"visitors": 0, "commits": 0}
    began = time.monotonic()
    until = began + warm + seconds
    tasks = [asyncio.create_task(visitor(server, seed, until, counts, full)) for seed in range(sessions)]
    samples: list[tuple[float, float]] = []
    while time.monotonic() < until:
        await asyncio.sleep(2)
        samples.append((time.monotonic() - began, resident(server.pid)))
    await asyncio.gather(*tasks)
    window = min(60.0, seconds / 4)
    first = statistics.median(size for at, size in samples if warm <= at < warm + window)
    last = statistics.median(size for at, size in samples if at >= warm + seconds - window)
    return {
        "seconds": seconds,
        **counts,
        "memory after warm-up, MiB": round(first, 1),
        "memory at the end, MiB": round(last, 1),
        "growth, %": round(100 * (last / first - 1), 2),
        "each minute, MiB": [round(size) for _, size in samples[::30]],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--warm", type=float, default=60.0, help="seconds before the first measurement")
    parser.add_argument("--empty", type=float, default=60.0, help="seconds of the alternative")
    options = parser.parse_args()
    with serve(ROOT / "app.py") as server:
        ours = asyncio.run(soak(server, options.sessions, options.warm, options.seconds, True))
    with script(EMPTY) as path, serve(path) as server:
        theirs = asyncio.run(soak(server, options.sessions, 10, options.empty, False))
    report("soak", {"sessions at once": options.sessions, "aeviz": ours, "empty Streamlit page": theirs})


if __name__ == "__main__":
    main()
