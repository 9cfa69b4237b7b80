"""From the command to the first view that can be used, against an empty Streamlit page.

Each repeat starts both from nothing, the app and a script that holds `st.title` alone, with the same command and
settings, waits until the server answers and opens `/` in a fresh context of a Chromium that already runs. The app
counts as usable in the frame in which both latent maps have painted their points, the empty page in the frame that
shows its title. The walk below the maps, whose pictures the models decode, comes last. Medians in seconds; files are in
the disc cache from the second repeat on.
"""

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from _common import ROOT, SHADOWS, TIMEOUT_S, Server, browser, ratio, report, script

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EMPTY = 'import streamlit as st\n\nst.title("Empty")\n'
# Looks once a frame.
WATCH = """((roots) => {
  const maps = () => roots.map((root) => root.querySelector("[data-testid=latent-map]")).filter(Boolean);
  const times = (globalThis.bench = {});
  const walk = () => roots.some((root) => root.querySelector("[data-testid=scrubber] canvas.picture"));
  const now = () => performance.timeOrigin + performance.now();
  const look = () => {
    if (!times.title && document.querySelector("h1")) times.title = now();
    if (!times.maps && maps().filter((map) => Number(map.dataset.count) > 0).length >= 2) times.maps = now();
    if (!times.pictures && maps().filter((map) => map.dataset.atlas === "ready").length >= 2) times.pictures = now();
    if (!times.walk && walk()) times.walk = now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})(globalThis.shadowRoots)"""


def start(chromium: "Browser", path: Path, *wanted: str) -> dict[str, float]:
    """Seconds from the command until the server answers, and until each `wanted` thing is on the page."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.add_init_script(SHADOWS + WATCH)
    began = time.time()
    with Server(path) as server:
        server.wait()
        answered = time.time()
        page.goto(server.url, wait_until="commit")
        page.wait_for_function("wanted => wanted.every((name) => bench[name])", arg=wanted, timeout=TIMEOUT_S * 1000)
        times = page.evaluate("bench")
        context.close()
    return {"server": answered - began, **{name: times[name] / 1000 - began for name in wanted}}


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    app, empty = [], []
    with script(EMPTY) as path, browser() as chromium:
        for _ in range(repeats):
            app.append(start(chromium, ROOT / "app.py", "maps", "pictures", "walk"))
            empty.append(start(chromium, path, "title"))
    ours, theirs = medians(app), medians(empty)
    report(
        "cold start",
        {
            "unit": "s, medians from the command",
            "repeats": repeats,
            "aeviz": {
                "server answers": ours["server"],
                "maps painted": ours["maps"],
                "pictures under the pointer": ours["pictures"],
                "walk decoded": ours["walk"],
            },
            "empty Streamlit page": {"server answers": theirs["server"], "title shown": theirs["title"]},
            "ratio, first view of aeviz / empty page": ratio(ours["maps"], theirs["title"]),
            "each": {
                "aeviz": [round(run["maps"], 2) for run in app],
                "empty": [round(run["title"], 2) for run in empty],
            },
        },
    )


if __name__ == "__main__":
    main()
