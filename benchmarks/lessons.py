"""Views as files: how large they are, and how long Chromium takes from opening one to its parts and to its pictures.

Milliseconds from the start of the page, median of some openings, each in a new page: until all parts are mounted
(`shown`), and until the next frame has been painted (`painted`).
"""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from _common import TIMEOUT_S, browser, report, summary

import aeviz

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VIEWS = ("decode", "decode?way=plane", "interpolate", "map", "repair", "compare")
SHOWN = """new MutationObserver((_, observer) => {
  if (document.documentElement?.dataset.lesson !== "shown") return;
  observer.disconnect();
  const shown = performance.now();
  requestAnimationFrame(() => setTimeout(() => {
    Object.assign(document.documentElement.dataset, { shown, painted: performance.now() });
  }));
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-lesson"] });"""


def opened(chromium: "Browser", file: Path) -> tuple[float, float]:
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.add_init_script(SHOWN)
    page.goto(file.as_uri())
    page.wait_for_selector(
        "html[data-painted]", timeout=1000 * TIMEOUT_S
    )  # the page's policy forbids to poll by script
    shown, painted = (
        float(page.locator("html").get_attribute(f"data-{name}") or "nan") for name in ("shown", "painted")
    )
    page.close()
    return shown, painted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openings", type=int, default=7)
    times = parser.parse_args().openings
    figures = {}
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        for view in VIEWS:
            file = aeviz.export(view, to=Path(folder) / "lesson.html")
            shown, painted = zip(*(opened(chromium, file) for _ in range(times)), strict=True)
            sizes = {"bytes": file.stat().st_size}
            figures[view] = {**sizes, "shown_ms": summary(shown), "painted_ms": summary(painted)}
    report("lessons", {"views": figures})


if __name__ == "__main__":
    main()
