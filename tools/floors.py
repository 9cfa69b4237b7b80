"""Draw the packages of aeviz and what they import: `python tools/floors.py` puts the drawing into docs/architecture.md.

An arrow goes from a package to the one that it imports. One that follows from others is left out: where app imports
store and store imports errors, app's own import of errors is not drawn.
"""

import re
import sys
from pathlib import Path

import grimp

PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
DRAWING = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)


def imports() -> dict[str, set[str]]:
    """Package or module right below aeviz -> those that it imports, lazily and for type checkers too."""
    graph = grimp.build_graph("aeviz", exclude_type_checking_imports=False, cache_dir=None)
    arrows: dict[str, set[str]] = {child.split(".")[1]: set() for child in graph.find_children("aeviz")}
    for module in graph.modules - {"aeviz"}:
        package = module.split(".")[1]
        below = {name.split(".")[1] for name in graph.find_modules_directly_imported_by(module) if "." in name}
        arrows[package] |= below - {package}
    return arrows


def reduced(arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows without those that others imply. Raises ValueError where they go round in a circle."""
    above: dict[str, set[str]] = {}

    def reach(package: str, path: tuple[str, ...]) -> set[str]:
        if package in path:
            raise ValueError(f"Imports go round in a circle: {' -> '.join([*path, package])}.")
        if package not in above:
            below = [reach(other, (*path, package)) | {other} for other in arrows[package]]
            above[package] = set().union(*below)
        return above[package]

    for package in arrows:
        reach(package, ())
    return {package: {to for to in below if not any(to in above[other] for other in below)}
            for package, below in arrows.items()}  # fmt: skip


def mermaid() -> str:
    """The drawing, as Markdown."""
    lines = [f"    {package} --> {other}" for package, below in sorted(reduced(imports()).items())
             for other in sorted(below)]  # fmt: skip
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```", ""])


def main() -> int:
    """Put the drawing into the page; 1 where it has no place for one."""
    page = PAGE.read_text(encoding="utf-8")
    if not DRAWING.search(page):
        print(f"{PAGE} has no Mermaid drawing to replace.", file=sys.stderr)
        return 1
    PAGE.write_text(DRAWING.sub(lambda _: mermaid(), page, count=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
