"""Streamlit's heavy elements, made ready in the browser while the person looks at a page without them.

    from aeviz.parts.ahead import ahead

    ahead("PlotlyChart", "DataFrame")

The page loads the code of an element when the first one is to be shown; for a chart that is 4.7 MB of plotly, and a
second's work. Here it is loaded when the page stands and no hand has moved for a while, so that the first chart of a
tab comes as quickly as the next. Shows nothing itself.
"""

from functools import cache
from pathlib import Path

import streamlit as st

from aeviz.parts.assets import register

FOLDER = Path(st.__file__).parent / "static" / "static" / "js"

_mount = register("ahead")


def ahead(*elements: str, key: str = "ahead") -> None:
    """Have Streamlit's modules for elements loaded at leisure; one that this Streamlit has not is left out.

    Args:
        elements: as Streamlit names them among its own files: "PlotlyChart", "DataFrame".
        key: of the element.

    """
    _mount(data={"modules": [found for found in map(module, elements) if found]}, key=key)


@cache
def module(element: str) -> str | None:
    """The name of the file with the code of an element, "PlotlyChart.D9Z0_fxz.js", or None."""
    return next((path.name for path in sorted(FOLDER.glob(f"{element}.*.js"))), None)
