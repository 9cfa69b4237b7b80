"""Streamlit's own modules, and having them loaded ahead."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from aeviz.parts.ahead import payload
from aeviz.parts.hosts import streamlit as host


def ahead(*elements: str, key: str = "ahead") -> None:
    """Have Streamlit's modules for elements loaded at leisure; one that this Streamlit has not is left out.

    Args:
        elements: as Streamlit names them among its own files: "PlotlyChart", "DataFrame".
        key: of the element.

    """
    host.mount("ahead", key=key, data=payload([found for found in map(module, elements) if found]))


@cache
def module(element: str) -> str | None:
    """The name of the file with the code of an element, "PlotlyChart.D9Z0_fxz.js", or None."""
    spec = find_spec("streamlit")
    folder = Path(spec.origin).parent / "static" / "static" / "js" if spec and spec.origin else Path()
    return next((path.name for path in sorted(folder.glob(f"{element}.*.js"))), None)
