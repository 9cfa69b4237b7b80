"""Write docs/parts.md, each part's data and events, from the types in its JavaScript: `python tools/parts_page.py`."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "aeviz" / "parts"
FILE = Path(__file__).parents[1] / "docs" / "parts.md"
HEAD = """# The parts: their data and events

A part is `mount({root, data, send, theme, busy, link})`, which returns `{update(data), destroy()}`. This page lists
what each part is given as `data`, and what it sends. `python tools/parts_page.py` writes it from the types in the
JavaScript, which `make lint` checks against all that uses them; a test compares the page with the types, and the types
with what each `payload` makes. How a part is built: [`aeviz/parts/README.md`](../aeviz/parts/README.md).
"""
COMMENT = re.compile(r"/\*\*(.*?)\*/", re.DOTALL)
IMPORTED = re.compile(r'import\("(\.{1,2}/[\w./]+\.js)"\)\.(\w+)')


@dataclass
class Shape:
    """A type that is defined in a file: how it is made, and what is said of it and of its properties."""

    file: Path
    name: str
    type: str
    words: str
    properties: list[tuple[str, str, str]] = field(default_factory=list)  # name, type, words

    @property
    def types(self) -> str:
        return " ".join([self.type, *(kind for _, kind, _ in self.properties)])

    def used(self) -> Iterator["Shape"]:
        """The shapes that this one names, each once, aliases of others' followed to them."""
        here = shapes(self.file)
        found = [shapes((self.file.parent / path).resolve())[name] for path, name in IMPORTED.findall(self.types)
                 if name in shapes((self.file.parent / path).resolve())]  # fmt: skip
        names = re.findall(r"\b[A-Z]\w+\b", IMPORTED.sub("", self.types)) + re.findall(r"`([A-Z]\w+)`", self.words)
        for shape in [*found, *(here[name] for name in names if name in here and name != self.name)]:
            alias = IMPORTED.fullmatch(shape.type)
            yield shapes((shape.file.parent / alias[1]).resolve())[alias[2]] if alias else shape


def shapes(file: Path) -> dict[str, Shape]:
    """The types that a file defines, by name."""
    found: dict[str, Shape] = {}
    for comment in COMMENT.findall(file.read_text(encoding="utf-8")):
        text = re.sub(r"^\s*\*? ?", "", comment, flags=re.MULTILINE)
        for tag, rest in re.findall(r"@(typedef|property) (.*?)(?=^@|\Z)", text, re.DOTALL | re.MULTILINE):
            kind, name, words = taken_apart(" ".join(rest.split()))
            if tag == "typedef":
                shape = found[name] = Shape(file, name, kind, words)
            else:
                shape.properties.append((name, kind, words))
    return found


def taken_apart(entry: str) -> tuple[str, str, str]:
    """`{type} name what it is` as type, name and words."""
    depth, end = 1, 0
    while depth:
        end += 1
        depth += {"{": 1, "}": -1}.get(entry[end], 0)
    name, _, words = entry[end + 1 :].strip().partition(" ")
    return entry[1:end].strip(), name, words


def parts() -> list[str]:
    """The names of all parts."""
    return sorted(path.parent.name for path in FOLDER.glob("*/__init__.py") if path.parent.name != "hosts")


def all_used(shape: Shape) -> Iterator[Shape]:
    """The shapes that one names, and those that these name."""
    for other in shape.used():
        yield other
        yield from all_used(other)


def text() -> str:
    """The page."""
    lines = [HEAD]
    shared: dict[str, Shape] = {}
    for name in parts():
        own = shapes(FOLDER / name / f"{name}.js")
        title = ast.get_docstring(ast.parse((FOLDER / name / "__init__.py").read_text(encoding="utf-8"))) or ""
        lines += [f"## {name}\n", title.split("\n\n")[0] + "\n"]
        lines += ["Data:", *told(own["Data"]), ""]
        lines += ["Sends:" if own["Events"].properties else own["Events"].words, *told(own["Events"]), ""]
        used = {other.name: other for shape in (own["Data"], own["Events"]) for other in all_used(shape)}
        shared |= {key: shape for key, shape in used.items() if shape.file.parent.name == "js"}
        for shape in (used[key] for key in sorted(used.keys() - shared.keys())):
            lines += [f"`{shape.name}`{said(shape)}", *told(shape), ""]
    lines += ["## Shapes that several parts have\n"]
    for key in sorted(shared):
        lines += [f"`{key}`{said(shared[key])}", *told(shared[key]), ""]
    return "\n".join(lines).rstrip() + "\n"


def said(shape: Shape) -> str:
    """What is said of a shape, after its name."""
    kind = "" if shape.type == "object" else f" is `{plain(shape.type)}`"
    return (
        f"{kind}. {shape.words}".rstrip().removesuffix(".")
        + ("" if shape.properties else ".")
        + (":" if shape.properties else "")
    )


def told(shape: Shape) -> list[str]:
    """The properties of a shape, an item each; for one that has none but data of its own, what it is."""
    items = [
        f"- `{name}` (`{plain(kind)}`)" + (f": {words}" if words else "") for name, kind, words in shape.properties
    ]
    alone = shape.name == "Data" and not items
    return [f"- `{plain(shape.type)}`: {shape.words}"] if alone else items


def plain(kind: str) -> str:
    """A type without the files of the shapes that it names."""
    return IMPORTED.sub(lambda found: found[2], kind)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
