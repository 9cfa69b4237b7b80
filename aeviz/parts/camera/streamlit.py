"""The camera of a chart in Streamlit."""

from aeviz.parts.camera import Classes, payload
from aeviz.parts.hosts import streamlit as host


def camera(chart: str, name: str, classes: Classes | None = None) -> None:
    """Keep the camera of the chart with a key under a name in the link, and which of its classes are hidden."""
    host.mount("camera", key=f"camera-{chart}", data=payload(chart, name, classes))
