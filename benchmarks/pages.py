"""From a click on a page's link to the page in use, in a warm app, against the same click in an empty app.

Every page has been opened once before by another visitor, so that models are loaded and the test split is encoded. The
browser's tab is fresh for each repeat and has stood on About (on Repair for About itself) for as long as `--stood`
says: it holds no picture yet, but may have made Streamlit's heavy elements ready; with 0 it has not. A page counts as
in use in the frame in which its main part has painted: both maps with their pictures ready, both sliders with the
exact picture, all rows of the scrubber, the dial of Repair, all charts of Sweeps. The empty app has two pages
with a title each. Medians and largest in seconds.
"""

import argparse
from typing import TYPE_CHECKING, Any

from _common import ROOT, SHADOWS, TIMEOUT_S, browser, ratio, report, script, serve, summary

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MAPS = "parts('latent-map').filter((map) => map.dataset.atlas === 'ready' && map.dataset.count > 0).length >= 2"
CHART = "whole('.js-plotly-plot').length >= 1"
PAGES = {
    "Home": f"{MAPS} && parts('scrubber').length >= 1",
    "Network": "parts('network-view').length >= 1",
    "How a VAE thinks": "parts('latent-pad').length >= 1 && parts('posterior').some((one) => one.dataset.shown)",
    "Training": "parts('replay-film').length >= 1",
    "Sweeps": "whole('.js-plotly-plot').length >= 4",
    "Map": MAPS,
    "Decode": "all('.picture canvas').filter((canvas) => canvas.dataset.source === 'exact').length >= 2",
    "Interpolate": "all('[data-testid=scrubber] canvas.picture').length >= 3",
    "Generate": "parts('dial').length >= 2",
    "Compare": f"whole('[data-testid=stDataFrame] canvas').length >= 1 && {CHART}",
    "Repair": "parts('dial').length >= 1",
    "Detect": "parts('threshold').length >= 1",
    "Compress": "parts('dial').length >= 1",
    "Features": CHART,
    "Your own": "whole('[data-testid=stFileUploader]').length >= 1",
    "About": "whole('[data-testid=stMain] h3').length >= 2",
}
EMPTY = """
import streamlit as st


def one():
    st.title("One")


def two():
    st.title("Two")


st.navigation([st.Page(one, title="One", default=True), st.Page(two, title="Two")], position="top").run()
"""
# Looks once a frame.
WATCH = """((roots) => {
  const all = (what) => [document, ...roots.filter((root) => root.isConnected)]
    .flatMap((root) => [...root.querySelectorAll(what)]);
  const parts = (name) => all(`[data-testid=${name}]`);
  const whole = (what) => all(what).filter((one) => one.getBoundingClientRect().width > 2 && (one.complete ?? true));
  const bench = (globalThis.bench = { clicked: 0, shown: 0, wanted: "false", title: "" });
  addEventListener("click", (event) => { if (bench.wanted !== "false") bench.clicked ||= event.timeStamp; }, true);
  const look = () => {
    const heading = document.querySelector("h1")?.textContent ?? "";
    if (bench.clicked && !bench.shown && heading !== bench.title && new Function("all", "parts", "whole",
      `return ${bench.wanted}`)(all, parts, whole)) bench.shown = performance.now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})(globalThis.shadowRoots)"""


def navigate(chromium: "Browser", url: str, here: str, there: str, wanted: str, stood: float) -> float:
    """Seconds from the click on a link until `wanted` is true on the page `there`, in a tab that has shown `here`."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(TIMEOUT_S * 1000)
    page = context.new_page()
    page.add_init_script(SHADOWS + WATCH)
    page.goto(f"{url}/{here}")
    link = page.get_by_role("link", name=there, exact=True)
    link.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(1000 * stood)
    page.evaluate(
        "(wanted) => Object.assign(bench, { wanted, title: document.querySelector('h1')?.textContent ?? '' })", wanted
    )
    link.click()
    page.wait_for_function("bench.shown > 0")
    took = page.evaluate("(bench.shown - bench.clicked) / 1000")
    context.close()
    return float(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--stood", type=float, default=6.0, help="seconds that a tab stands before the click")
    options = parser.parse_args()
    repeats, stood = options.repeats, options.stood
    with browser() as chromium:
        with serve(ROOT / "app.py") as server:
            times: dict[str, list[float]] = {name: [] for name in PAGES}
            for turn in range(repeats + 1):
                for name, wanted in PAGES.items():
                    here = "repair" if name == "About" else "about"
                    took = navigate(chromium, server.url, here, name, wanted, stood)
                    if turn:  # the first is the one that warms
                        times[name].append(took)
        with script(EMPTY) as path, serve(path) as server:
            empty = [navigate(chromium, server.url, "", "Two", "true", stood) for _ in range(repeats + 1)][1:]
    pages: dict[str, Any] = {name: summary(values) for name, values in times.items()}
    theirs = summary(empty)
    ratios = {name: ratio(pages[name]["median"], theirs["median"]) for name in PAGES}
    report(
        "pages",
        {
            "unit": "s, click to page in use",
            "tab has stood, s": stood,
            "aeviz": pages,
            "empty Streamlit app": theirs,
            "ratio of medians": ratios,
        },
    )


if __name__ == "__main__":
    main()
