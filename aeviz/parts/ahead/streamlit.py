"""Streamlit's own modules, loaded ahead."""

from aeviz.parts.ahead import payload
from aeviz.parts.hosts import streamlit as host


def ahead(*elements: str, key: str = "ahead") -> None:
    """Have Streamlit's modules for elements loaded at leisure; one that this Streamlit has not is left out.

    Args:
        elements: as Streamlit names them among its own files: "PlotlyChart", "DataFrame".
        key: of the element.

    """
    modules = [module for module in map(host.module_of, elements) if module]
    host.mount("ahead", key=key, data=payload(modules))
