"""A picture decoded under the pointer, in the browser: aeviz's pad beside VAE Explainer, in one run.

VAE Explainer (github.com/xnought/vae-explainer) is a hosted page with one model of two numbers, which TensorFlow.js
decodes while the pointer moves over its latent space. `--explainer DIR` is a checkout of it in which `npm install` and
`npm run build` have been run. Without one, what was measured beside ours last time stands in the report, with its date
and machine. Ours are the plane of Decode, in the app and in the page that is saved of it, each with two models at once.

The pointer takes the same way at the same irregular times over each, and `pointer to picture` is measured as in
live_parts.py; `floor` is a page that paints one pixel, before and after the others.
"""

import argparse
import mimetypes
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _common import ROOT, browser, ratio, report, serve
from live_parts import Hand, circles, floor, middle, opened, pad, to_the_floor

import aeviz

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Route

REACH = 80  # px around the middle: VAE Explainer's plane is 200 px wide
SITE = "http://vae.explainer"
HOME = "/vae-explainer/"  # where its build expects to stand
LAST: dict[str, Any] = {
    "measured": "28 November 2026, two cores without a GPU, headless Chromium, load 1.5",
    "pointer to picture, ms": {
        "floor": {"median": 9.65, "p95": 17.1},
        "aeviz, app": {"median": 11.0, "p95": 19.3},
        "aeviz, saved page": {"median": 10.45, "p95": 19.2},
        "VAE Explainer": {"median": 37.3, "p95": 47.4},
    },
    "ratio, VAE Explainer / aeviz, app": 3.39,
}


def explainer(chromium: "Browser", built: Path, steps: int) -> dict[str, Any]:
    """Move the pointer over the latent space of VAE Explainer."""

    def answer(route: "Route") -> None:
        file = built / (route.request.url.removeprefix(SITE + HOME) or "index.html")
        if route.request.url.startswith(SITE) and file.is_file():
            route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream")
        else:  # its fonts
            route.abort()

    with opened(chromium, "about:blank") as hand:
        hand.page.route("**", answer)
        hand.page.goto(SITE + HOME)
        plane = hand.page.locator("canvas + svg, svg:has(+ canvas)").first
        plane.wait_for()
        return moved(hand, plane, hand.page.locator("canvas").last, steps)


def saved(chromium: "Browser", steps: int) -> dict[str, Any]:
    """Move the pointer over the plane of a page that was saved, opened from its file."""
    with tempfile.TemporaryDirectory() as folder:
        file = aeviz.export("decode?left=ae-2d&right=vae-2d", to=Path(folder) / "lesson.html")
        with opened(chromium, file.as_uri()) as hand:
            part = hand.page.get_by_test_id("latent-pad").last
            part.wait_for()
            return moved(hand, part.locator(".stage"), part.locator(".over"), steps)


def moved(hand: Hand, plane: "Locator", picture: "Locator", steps: int) -> dict[str, Any]:
    """Figures of the pointer's way over a plane, once the page has come to rest."""
    hand.page.wait_for_timeout(5000)
    idle = hand.idle()
    x, y = middle(plane)
    hand.page.mouse.move(x, y)
    figures = hand.follow(circles(x, y, REACH, steps), lambda: picture.evaluate("canvas => canvas.toDataURL()"))
    if figures["answers told apart"] < 2:
        raise RuntimeError(f"{picture} does not change under the pointer.")
    return {**figures, "frames at rest, ms": idle}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--explainer", type=Path, help="a checkout of VAE Explainer, built")
    parser.add_argument("--steps", type=int, default=200, help="pointer events of each drag")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    with browser() as chromium:
        floors = [floor(chromium, options.steps)]
        with serve(ROOT / "app.py") as server:
            figures["aeviz, app"] = pad(chromium, server.url, options.steps, REACH)
        figures["aeviz, saved page"] = saved(chromium, options.steps)
        if options.explainer:
            figures["VAE Explainer"] = explainer(chromium, options.explainer / "dist", options.steps)
        floors.append(floor(chromium, options.steps))
    late = {name: found["pointer to picture, ms"]["median"] for name, found in figures.items()}
    lowest = min(found["pointer to picture, ms"]["median"] for found in floors)
    if options.explainer:
        beside = {"ratio, VAE Explainer / aeviz, app": ratio(late["VAE Explainer"], late["aeviz, app"])}
    else:
        beside = {"VAE Explainer, last time": LAST}
    report("browser", {"floor": floors, **to_the_floor(figures, lowest), **beside})


if __name__ == "__main__":
    main()
