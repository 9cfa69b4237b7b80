"""What the hand feels in Chromium: sliders, map and scrubber of the app, against Streamlit's own slider and image.

`pointer to picture` runs from the time stamp of a pointer event to the first task after the frame in which the part
has painted its answer: all of the main thread's work, the compositor's excluded. Events come at irregular times, as a
mouse's do: sent one upon the other's answer, each would wait for a whole frame. `frames` are the intervals between
animation frames meanwhile; those of the same page at rest stand beside them, for a machine without a GPU may not hold
60 a second even then. `messages` counts what the page sent over its websocket between press and release.

`floor` is a page with a single pixel that changes colour in the frame after a pointer event, measured in the same way
before and after the parts: what Chromium takes by itself on this machine at this hour. `ratio to the floor` is a part's
median as a multiple of the lower of the two.

The alternative is a script with one `st.slider` for each coordinate and `st.image`, decoding the same model under
the same settings. It shows no new picture before the release, so its figure runs from the release to the frame after
the new picture has loaded; that of aeviz's exact picture after a release stands beside it.
"""

import argparse
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from _common import ROOT, TIMEOUT_S, browser, ratio, report, script, serve, summary

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Path = list[tuple[float, float]]

ALTERNATIVE = """
import numpy as np
import streamlit as st

import aeviz
from aeviz.latent.explorer import Explorer


@st.cache_resource
def explorer():
    return Explorer(aeviz.load("mnist-vae"))


@st.cache_resource
def start():
    return explorer().encode(aeviz.load_dataset("mnist").items[2:3])[0][0]


z = np.array([st.slider(f"z{i}", -4.0, 4.0, float(value), key=f"z{i}") for i, value in enumerate(start())], np.float32)
st.image(explorer().decode(z[None])[0, 0], width=224)
"""

MANY = """
import numpy as np
import streamlit as st

from aeviz.parts.latent_map.streamlit import latent_map

st.set_page_config(layout="wide")
labels = np.arange(60_000) % 10
places = np.random.default_rng(0).normal(size=(60_000, 2)) + 4 * np.stack([np.cos(labels), np.sin(labels)], 1)
latent_map(places, labels=labels, title="Many", height=600, key="map")
"""

MANY_PLOTLY = """
import numpy as np
import plotly.graph_objects as go
import streamlit as st

st.set_page_config(layout="wide")
labels = np.arange(60_000) % 10
places = np.random.default_rng(0).normal(size=(60_000, 2)) + 4 * np.stack([np.cos(labels), np.sin(labels)], 1)
points = go.Scattergl(x=places[:, 0], y=places[:, 1], mode="markers", marker={"color": labels, "size": 3})
st.plotly_chart(go.Figure(points).update_layout(height=600, dragmode="pan"))
"""

ONE_PIXEL = """<!doctype html><canvas width="1" height="1"></canvas><script>
  const context = document.querySelector("canvas").getContext("2d");
  let frame = null, even = false;
  addEventListener("pointermove", () => {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      even = !even;
      context.fillStyle = even ? "red" : "blue";
      context.fillRect(0, 0, 1, 1);
    });
  });
</script>"""

# A message posted in a frame is heard in the first task after its painting. `page` hears of a pointer event after
# the parts have, so its request for a frame is served after theirs.
WATCH = """(() => {
  const log = (globalThis.bench = { on: false, late: [], frames: [], released: 0, shown: 0 });
  const { port1, port2 } = new MessageChannel();
  let waiting = [];
  port1.onmessage = () => {
    const now = performance.now();
    for (const act of waiting.splice(0)) act(now);
  };
  const painted = (act) => requestAnimationFrame(() => waiting.push(act) === 1 && port2.postMessage(0));
  addEventListener("pointermove", (event) => {
    if (log.on) painted((now) => log.late.push(now - event.timeStamp));
  });
  addEventListener("pointerup", (event) => Object.assign(log, { released: event.timeStamp, shown: 0 }), true);
  document.addEventListener("load", (event) => {
    if (event.target.tagName === "IMG") painted((now) => (log.shown = now));
  }, true);
  log.await = (canvas) => {
    const note = () => painted((now) => (log.shown = now));
    const look = () => (canvas.dataset.source === "exact" ? note() : requestAnimationFrame(look));
    look();
  };
  const tick = (now) => {
    if (log.on) log.frames.push(now);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})()"""


class Hand:
    """A page, the pointer on it, and what the page sends."""

    def __init__(self, page: "Page", url: str) -> None:
        self.page, self.messages = page, 0
        page.on("websocket", lambda socket: socket.on("framesent", self._count))
        page.add_init_script(WATCH)
        page.goto(url)

    def _count(self, frame: object) -> None:
        self.messages += 1

    def rest(self) -> None:
        """Wait until no script runs and nothing is about to be asked."""
        self.page.wait_for_timeout(500)
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=TIMEOUT_S * 1000)
        self.page.wait_for_timeout(500)

    def follow(self, path: Path, sign: Callable[[], object]) -> dict[str, Any]:
        """Figures of a way of the pointer; `sign()` tells one shown answer from another."""
        sent, seen, rhythm = self.messages, set(), random.Random(0)
        self.page.evaluate("Object.assign(bench, { on: true, late: [], frames: [] })")
        for number, (x, y) in enumerate(path):
            time.sleep(rhythm.uniform(0, 1 / 60))
            self.page.mouse.move(x, y)
            if number % 10 == 9:  # asking takes a frame's time
                seen.add(sign())
        log = self.page.evaluate(
            "new Promise((done) => setTimeout(() => done(Object.assign(bench, { on: false })), 100))"
        )
        return {
            "pointer to picture, ms": summary(log["late"]),
            "frames, ms": intervals(log["frames"]),
            "messages": self.messages - sent,
            "answers told apart": len(seen),
        }

    def idle(self, milliseconds: int = 1000) -> dict[str, float | int]:
        self.page.evaluate("Object.assign(bench, { on: true, frames: [] })")
        self.page.wait_for_timeout(milliseconds)
        return intervals(self.page.evaluate("Object.assign(bench, { on: false }).frames"))

    def released(self) -> float:
        """Milliseconds from the last release to the picture after it."""
        self.page.wait_for_function("bench.shown > 0", timeout=TIMEOUT_S * 1000)
        return float(self.page.evaluate("bench.shown - bench.released"))


def intervals(frames: list[float]) -> dict[str, float | int]:
    return summary([b - a for a, b in pairwise(frames)])


def middle(element: "Locator") -> tuple[float, float]:
    box = element.bounding_box()
    if box is None:
        raise RuntimeError(f"{element} is not on the page")
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def swing(x: float, y: float, reach: float, steps: int) -> Path:
    """There and back twice along a line, a pixel or more a step."""
    return [(x + reach * math.sin(4 * math.pi * step / steps), y) for step in range(1, steps + 1)]


def circles(x: float, y: float, reach: float, steps: int) -> Path:
    """A spiral round a place."""
    turns = [(reach * step / steps, 6 * math.pi * step / steps) for step in range(1, steps + 1)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for radius, angle in turns]


@contextmanager
def opened(chromium: "Browser", url: str) -> Iterator[Hand]:
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(TIMEOUT_S * 1000)
    yield Hand(context.new_page(), url)
    context.close()


def floor(chromium: "Browser", steps: int) -> dict[str, Any]:
    """Move the pointer over a page that paints one pixel."""
    with opened(chromium, "about:blank") as hand:
        hand.page.route("http://one.pixel/", lambda route: route.fulfill(body=ONE_PIXEL, content_type="text/html"))
        hand.page.goto("http://one.pixel/")
        return hand.follow(circles(300, 300, 150, steps), lambda: None)


def to_the_floor(figures: Any, lowest: float) -> Any:
    """Figures with the ratio to the floor beside each "pointer to picture", however deep it stands."""
    if not isinstance(figures, dict):
        return figures
    told = {name: to_the_floor(value, lowest) for name, value in figures.items()}
    if late := figures.get("pointer to picture, ms"):
        told["ratio to the floor"] = ratio(late["median"], lowest)
    return told


def sliders(chromium: "Browser", url: str, steps: int, repeats: int) -> dict[str, Any]:
    """Drag the first handle of the right-hand model."""
    with opened(chromium, f"{url}/decode") as hand:
        part = hand.page.get_by_test_id("latent-sliders").last
        handle, canvas = part.get_by_role("slider").first, part.get_by_role("img")
        handle.wait_for()
        hand.rest()
        idle = hand.idle()
        hand.page.mouse.move(*middle(handle))
        hand.rest()  # the fine strip comes
        x, y = middle(handle)
        hand.page.mouse.down()
        figures = hand.follow(swing(x, y, 60, steps), lambda: handle.get_attribute("aria-valuenow"))
        strip = canvas.get_attribute("data-source")
        hand.page.mouse.up()
        hand.rest()
        exact = []
        for number in range(repeats):
            x, y = middle(handle)
            hand.page.mouse.move(x, y)
            hand.page.mouse.down()
            hand.page.mouse.move(x + (40 if number % 2 else -40), y, steps=5)
            hand.page.mouse.up()
            canvas.evaluate("canvas => bench.await(canvas)")
            exact.append(hand.released())
            hand.rest()
    return {**figures, "frames at rest, ms": idle, "strip": strip, "release to exact picture, ms": summary(exact)}


def map_(chromium: "Browser", url: str, steps: int) -> dict[str, Any]:
    """Hover over the left map, then move it."""
    with opened(chromium, f"{url}/map") as hand:
        part = hand.page.get_by_test_id("latent-map").first
        part.locator("xpath=self::*[@data-atlas='ready']").wait_for()
        hand.rest()
        idle = hand.idle()
        x, y = middle(part.locator(".stage"))
        hover = hand.follow(circles(x, y, 150, steps), lambda: part.get_attribute("data-hovered"))
        hand.page.mouse.move(x, y)
        hand.page.mouse.down()
        pan = hand.follow(circles(x, y, 150, steps), lambda: part.get_attribute("data-view"))
        hand.page.mouse.up()
        points = int(part.get_attribute("data-count") or 0)
    return {"points on each map": points, "hover": hover, "pan": pan, "frames at rest, ms": idle}


def pad(chromium: "Browser", url: str, steps: int, reach: float = 140) -> dict[str, Any]:
    """Hover over the plane of a code of two numbers, up to so many px from its middle."""
    with opened(chromium, f"{url}/decode?left=ae-2d&right=vae-2d") as hand:
        part = hand.page.get_by_test_id("latent-pad").last
        part.wait_for()
        hand.rest()
        idle = hand.idle()
        hand.page.mouse.move(*middle(part.locator(".stage")))
        x, y = middle(part.locator(".stage"))
        shown = "canvas => canvas.toDataURL().length"
        figures = hand.follow(circles(x, y, reach, steps), lambda: part.locator(".over").evaluate(shown))
    return {**figures, "frames at rest, ms": idle}


def many(chromium: "Browser", steps: int) -> dict[str, Any]:
    """Move a map of 60,000 points, and plotly's of the same."""
    found = {}
    for name, text, stage in (("aeviz", MANY, ".stage"), ("plotly", MANY_PLOTLY, ".js-plotly-plot .nsewdrag")):
        with script(text) as path, serve(path) as server, opened(chromium, server.url) as hand:
            ground = hand.page.locator(stage).first
            ground.wait_for()
            hand.rest()
            x, y = middle(ground)
            hand.page.mouse.move(x, y)
            hand.page.mouse.down()
            figures = hand.follow(circles(x, y, 150, steps), lambda: None)
            hand.page.mouse.up()
        median = figures["frames, ms"].get("median", 0)
        found[name] = {**figures, "frames a second": ratio(1000, median)}
    return found


def dragged(hand: Hand, handle: "Locator", steps: int, sign: Callable[[], object]) -> dict[str, Any]:
    """A handle swung to and fro, and the frames before that."""
    hand.rest()
    idle = hand.idle()
    x, y = middle(handle)
    hand.page.mouse.move(x, y)
    hand.page.mouse.down()
    figures = hand.follow(swing(x, y, 150, steps), sign)
    hand.page.mouse.up()
    return {**figures, "frames at rest, ms": idle}


def scrubber(chromium: "Browser", url: str, steps: int) -> dict[str, Any]:
    """Drag along the strips of Interpolate."""
    with opened(chromium, f"{url}/interpolate") as hand:
        handle = hand.page.get_by_test_id("scrubber").first.get_by_role("slider")
        handle.wait_for()
        return dragged(hand, handle, steps, lambda: handle.get_attribute("aria-valuenow"))


def posterior(chromium: "Browser", url: str, steps: int) -> dict[str, Any]:
    """Turn μ on How a VAE thinks: the plane's cloud, two pictures, equations and terms follow."""
    with opened(chromium, f"{url}/how-a-vae-thinks?network=vae") as hand:
        part = hand.page.get_by_test_id("posterior")
        part.locator(".term").first.wait_for()
        handle = part.get_by_role("slider").first
        return dragged(hand, handle, steps, lambda: part.get_attribute("data-shown"))


def drawing(chromium: "Browser", url: str, steps: int) -> dict[str, Any]:
    """Draw on Decode: the picture that two networks see, and what both make of it."""
    with opened(chromium, f"{url}/decode?shown=draw") as hand:
        part = hand.page.get_by_test_id("draw-pad").first
        board = part.locator("canvas").first
        seen = part.locator(".rebuilt canvas").first
        seen.wait_for()
        return dragged(hand, board, steps, lambda: seen.evaluate("canvas => canvas.toDataURL()"))


def threshold(chromium: "Browser", url: str, steps: int) -> dict[str, Any]:
    """Drag the threshold of Detect: 8,900 scores, tiles beside it and marks on a map of 3,000 points."""
    with opened(chromium, f"{url}/detect") as hand:
        part = hand.page.get_by_test_id("threshold")
        handle = part.get_by_role("slider", name="Threshold")
        handle.wait_for()
        part.locator(".tiles button").first.wait_for()
        return dragged(hand, handle, steps, lambda: handle.get_attribute("aria-valuenow"))


def repair(chromium: "Browser", url: str, steps: int) -> dict[str, Any]:
    """Drag the hole on the picture of Repair, then its level: all repairs and the curve's marker follow."""
    found = {}
    with opened(chromium, f"{url}/repair?corruption=block&level=0.2") as hand:
        part = hand.page.get_by_test_id("dial")
        picture = part.get_by_role("application")
        picture.wait_for()
        picture.scroll_into_view_if_needed()
        hand.rest()
        idle = hand.idle()
        for name, element in (("place", picture), ("level", part.get_by_role("slider"))):
            x, y = middle(element)
            hand.page.mouse.move(x, y)
            hand.page.mouse.down()
            path = circles(x, y, 50, steps) if name == "place" else swing(x, y, 150, steps)
            found[name] = hand.follow(path, lambda: part.get_attribute("data-stop"))
            hand.page.mouse.up()
            hand.rest()
    return {**found, "frames at rest, ms": idle}


def compress(chromium: "Browser", url: str, steps: int) -> dict[str, Any]:
    """Drag the budget of Compress: eight digits of each of six codecs, and the marker on their curves."""
    with opened(chromium, f"{url}/compress?count=bare&bytes=100") as hand:
        part = hand.page.get_by_test_id("dial").first
        handle = part.get_by_role("slider")
        handle.wait_for()
        return dragged(hand, handle, steps, lambda: part.get_attribute("data-stop"))


def streamlits_own(chromium: "Browser", repeats: int) -> dict[str, Any]:
    """Milliseconds from the release of `st.slider` to the new `st.image`."""
    waits, during = [], 0
    with script(ALTERNATIVE) as path, serve(path) as server, opened(chromium, server.url) as hand:
        hand.page.locator("[data-testid=stImage] img").wait_for()
        hand.rest()
        # Its element does not lie where its thumb is drawn: the track's places are pressed instead.
        x, y = middle(hand.page.get_by_test_id("stSlider").first)
        for number in range(repeats):
            hand.page.mouse.move(x, y)
            hand.page.mouse.down()
            sent = hand.messages
            hand.page.mouse.move(x + (40 if number % 2 else -40), y, steps=5)
            during += hand.messages - sent
            hand.page.mouse.up()
            waits.append(hand.released())
            hand.rest()
    return {"release to picture, ms": summary(waits), "messages before the release": during}


DRAGGED = {
    "map": map_, "pad": pad, "scrubber": scrubber, "posterior": posterior, "drawing": drawing, "threshold": threshold,
    "repair": repair, "compress": compress,
}  # fmt: skip


def some(names: Sequence[str], steps: int) -> None:
    """Report some drags beside the floor of the same minutes, before and after them."""
    with browser() as chromium, serve(ROOT / "app.py") as server:
        floors = [floor(chromium, steps)]
        figures = {name: DRAGGED[name](chromium, server.url, steps) for name in names}
        floors.append(floor(chromium, steps))
    lowest = min(figures["pointer to picture, ms"]["median"] for figures in floors)
    report("live parts", {"floor": floors, **to_the_floor(figures, lowest)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200, help="pointer events of each drag")
    parser.add_argument("--repeats", type=int, default=10, help="releases that are timed")
    parser.add_argument("--only", nargs="*", choices=DRAGGED, default=[], help="these drags and the floor alone")
    options = parser.parse_args()
    if options.only:
        some(options.only, options.steps)
        return
    with browser() as chromium:
        floors = [floor(chromium, options.steps)]
        with serve(ROOT / "app.py") as server:
            decode = sliders(chromium, server.url, options.steps, options.repeats)
            latent_map = map_(chromium, server.url, options.steps)
            plane = pad(chromium, server.url, options.steps)
            path = scrubber(chromium, server.url, options.steps)
            cloud = posterior(chromium, server.url, options.steps)
            drawn = drawing(chromium, server.url, options.steps)
            detection = threshold(chromium, server.url, options.steps)
            holes = repair(chromium, server.url, options.steps)
            budget = compress(chromium, server.url, options.steps)
        floors.append(floor(chromium, options.steps))
        crowd = many(chromium, options.steps)
        alternative = streamlits_own(chromium, options.repeats)
    waited = alternative["release to picture, ms"]["median"]
    lowest = min(figures["pointer to picture, ms"]["median"] for figures in floors)
    parts = {
        "sliders on Decode": decode,
        "latent map": latent_map,
        "pad on Decode": plane,
        "scrubber on Interpolate": path,
        "posterior on How a VAE thinks": cloud,
        "drawing on Decode": drawn,
        "threshold on Detect": detection,
        "dial on Repair": holes,
        "budget on Compress": budget,
    }
    report(
        "live parts",
        {
            "floor": floors,
            **to_the_floor(parts, lowest),
            "60,000 points, moved": crowd,
            "st.slider and st.image": alternative,
            "ratio, pointer to picture of aeviz / release to picture of Streamlit": ratio(
                decode["pointer to picture, ms"]["median"], waited
            ),
            "ratio, release to exact picture of aeviz / release to picture of Streamlit": ratio(
                decode["release to exact picture, ms"]["median"], waited
            ),
        },
    )


if __name__ == "__main__":
    main()
