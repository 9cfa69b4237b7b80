"""Write docs/links.md, the parameters that each page reads from its address: python tools/links.py."""

from importlib import import_module
from pathlib import Path
from typing import Any

from aeviz.app import choice, navigation, url
from aeviz.app.panels import presentation

FILE = Path(__file__).parents[1] / "docs" / "links.md"
HEAD = """# Links

The address of a page holds what a visitor chose there, so a link shows the same view: `/map?data=fashion&colour=error`
is the map of Fashion-MNIST, coloured by error. A parameter that is not named, or whose text means nothing, has its
default. Defaults are not written into the address. `aeviz --open 'map?data=fashion'` opens the app there; it takes a
whole address too.

Back and forward go through views: what one act of a person changes is one entry of the history, and a handle that is
dragged again and again is one. What is drawn, filled in, typed or uploaded for a network to look at stands in the link,
compressed, where that takes no more than 6,000 letters. Models and data of one's own do not: they are known to the tab
that they were brought into, through a reload, and to nobody else.

Opened at the address of a page, Streamlit looks for its server below that address before it looks at the root: the
browser's console shows two answers 404, for `/map/_stcore/health` and `/map/_stcore/host-config`. Nothing is amiss.

`python tools/links.py` writes this file from the tables in `aeviz/app/pages`; a test compares them.
"""


def text() -> str:
    """The file's text."""
    tables = [("Every page", "", (*choice.PARAMETERS, presentation.PRESENT))]
    for entry in navigation.ENTRIES.values():
        parameters = import_module(f"aeviz.app.pages.{entry.module}").PARAMETERS
        if parameters:
            tables.append(
                (entry.title, f"`/{'' if entry.address == navigation.DEFAULT else entry.address}`", parameters)
            )
    return "\n".join([HEAD, *(_table(*table) for table in tables)])


def _table(title: str, address: str, parameters: tuple[url.Parameter[Any], ...]) -> str:
    heading = f"## {title}" + (f": {address}" if address else "")
    rows = [
        f"| `{parameter.name}` | {parameter.meaning} | {parameter.expects()} | {_default(parameter)} |"
        for parameter in parameters
    ]
    return "\n".join([heading, "", "| name | what it says | text | default |", "| --- | --- | --- | --- |", *rows, ""])


def _default(parameter: url.Parameter[Any]) -> str:
    if isinstance(parameter, url.Code | url.Names | url.Flag | url.Span):
        return ""
    if isinstance(parameter, url.Whole) and parameter.default < parameter.low:  # it depends on the data
        return ""
    usual = parameter.usual()
    return "" if usual is None or usual == "" else f"`{parameter.write(usual)}`"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
