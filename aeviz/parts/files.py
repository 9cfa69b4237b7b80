"""What a part is in the browser: its JavaScript, its styles and its markup, read from their files.

The JavaScript stands in ES modules that Node and editors take as they are. A host that can take one text only gets them
linked: each file in a scope of its own, those it imports before it. No build step exists, and nothing is fetched.
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent

# The forms of import and export that a module may use, each at the start of a line; imports may span lines.
IMPORT = re.compile(r'^import\s*\{([^{}]*)\}\s*from\s*"(\.{1,2}/[\w./-]+\.js)";$', re.MULTILINE)
EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?(?:function\*?|class|const)\s+([\w$]+))", re.MULTILINE)
DEFAULT = re.compile(r"^export\s+default\s", re.MULTILINE)
INNER = re.compile(r'<template data-of="(\w+)"></template>')  # in the markup of a part that holds another
# Comments are for readers of the files, and hosts may send the text again and again: lines of comment alone, types in a
# line, and words behind code that hold no quote, so that none of them is within a text.
COMMENTS = re.compile(
    r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n|/\*\* @type (?:(?!\*/).)*\*/ ?|(?<=[;{},(]) //[^\n\"'`]*$",
    re.MULTILINE | re.DOTALL,
)
OTHER = re.compile(r"^[ \t]*(?:import|export)\b(?!\s*\().*|\bimport\.meta\b", re.MULTILINE)


class LinkError(ValueError):
    """A module that cannot be linked; the message names it and says why."""


def javascript(name: str, host: str) -> str:
    """A part connected to a host, as one ES module: its default export is what `connect` of `hosts/<host>.js` makes.

    Its markup and styles stand in it.
    """
    entry = FOLDER / "hosts" / f"{name} in {host}.js"  # need not exist
    texts = {"markup": markup(name), "styles": styles(name, host)}
    return link(
        entry,
        f'import {{ connect }} from "./{host}.js";\n'
        f'import {{ mount }} from "../{name}/{name}.js";\n'
        f"export default connect(mount, {json.dumps(texts)});",
    )


def lesson(parts: Iterable[str], views: Iterable[str]) -> str:
    """Parts, and the answers that they get on views, as the text of one ES module that fills a page when it runs.

    Indentation is left out: within texts of several lines, which are markup, it says nothing.
    """
    parts, views = sorted(set(parts)), sorted(set(views))
    imports = [f'import {{ mount as {part} }} from "../{part}/{part}.js";' for part in parts]
    imports += [f'import {{ {view} }} from "../answers/{view}.js";' for view in views]
    call = f"show({{ {', '.join(parts)} }}, {{ {', '.join(views)} }});"
    entry = FOLDER / "hosts" / "parts in lesson.js"
    text = link(entry, "\n".join(['import { show } from "./lesson.js";', *imports, call]))
    return re.sub("^ +", "", text, flags=re.MULTILINE)


def link(path: Path, text: str | None = None) -> str:
    """A module and all that it imports as the text of one ES module, which exports what that module does.

    Comments are left out.

    text: of the module, where the file does not have it.

    Raises LinkError for a cycle, a file or a name that does not exist, and a form of import or export other than
    `import { a, b as c } from "./other.js";`, `export function | class | const` with a name, and `export default`.
    """
    linker = _Linker(path.parent.parent)
    variable = linker.add(path.resolve(), text)
    exports = linker.exports[variable]
    named = sorted(exports - {"default"})
    tail = [f"export const {{ {', '.join(named)} }} = {variable};"] if named else []
    tail += [f"export default {variable}.default;"] if "default" in exports else []
    return "\n".join([*linker.texts, *tail, ""])


@dataclass
class _Linker:
    root: Path  # paths in messages begin here
    texts: list[str] = field(default_factory=list)
    variables: dict[Path, str] = field(default_factory=dict)  # what each module's exports are kept in
    exports: dict[str, set[str]] = field(default_factory=dict)
    open: list[Path] = field(default_factory=list)  # modules that wait for one of their imports

    def add(self, path: Path, text: str | None = None) -> str:
        """Put a module behind all that it imports, unless it is there; the name of the variable with its exports."""
        if path in self.variables:
            return self.variables[path]
        if path in self.open:
            cycle = [*self.open[self.open.index(path) :], path]
            raise LinkError(f"these modules import each other: {' → '.join(map(self.relative, cycle))}")
        if text is None and not path.is_file():
            raise LinkError(
                f"{self.relative(self.open[-1]) if self.open else 'link'}: there is no {self.relative(path)}"
            )
        self.open.append(path)
        text = COMMENTS.sub("", path.read_text(encoding="utf-8") if text is None else text)
        text = IMPORT.sub(lambda match: self.imported(path, *match.groups()), text)
        self.open.pop()
        names = EXPORT.findall(text)
        text, defaults = DEFAULT.subn("const $default = ", EXPORT.sub("", text))
        if other := OTHER.search(text):
            raise LinkError(f"{self.relative(path)}: cannot link {other.group().strip()!r}")
        if defaults > 1 or len(set(names)) < len(names):
            raise LinkError(f"{self.relative(path)} exports a name twice")
        variable = f"$module{len(self.variables)}"
        values = ", ".join([*names, *(["default: $default"] if defaults else [])])
        self.texts.append(
            f"// {self.relative(path)}\nconst {variable} = (() => {{\n{text}\nreturn {{ {values} }};\n}})();"
        )
        self.variables[path] = variable
        self.exports[variable] = {*names, *(["default"] if defaults else [])}
        return variable

    def imported(self, importer: Path, names: str, source: str) -> str:
        """An import statement as one that takes the names from the other module's variable, on as many lines."""
        other = (importer.parent / source).resolve()
        variable = self.add(other)
        taken = {name.split()[0] for name in names.split(",") if name.strip()}
        if missing := sorted(taken - self.exports[variable]):
            raise LinkError(f"{self.relative(importer)}: {self.relative(other)} exports no {', '.join(missing)}")
        names = re.sub(r"\s+as\s+", ": ", names)
        return f"const {{{names}}} = {variable};"

    def relative(self, path: Path) -> str:
        return Path(os.path.relpath(path, self.root)).as_posix()


def styles(name: str, host: str) -> str:
    """The names a host gives to the page's colours, the styles that all parts share, then a part's own."""
    texts = (FOLDER / "hosts" / f"{host}.css", FOLDER / "js" / "common.css", FOLDER / name / f"{name}.css")
    return "\n".join(_text(path) for path in texts)


def markup(name: str) -> str:
    """The root element of a part and what it finds there; an empty one where it has no file: it shows nothing.

    A part that holds others has their markup and styles too; the colours they inherit.
    """
    text = _text(FOLDER / name / f"{name}.html") or f'<div data-part="{name}" data-unseen></div>\n'
    return INNER.sub(lambda inner: _inner(inner[1]), text)


def _inner(name: str) -> str:
    styles = "\n".join((_text(FOLDER / "js" / "common.css"), _text(FOLDER / name / f"{name}.css")))
    return f'<template data-of="{name}"><style>{styles}</style>{markup(name)}</template>'


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
