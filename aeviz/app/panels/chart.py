"""A chart of plotly on a page, with larger type where the view is presented."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from aeviz.app.panels import presentation
from aeviz.figures import charts

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def show(figure: "Figure", **options: Any) -> None:
    """Draw it with our tools; options are those of `st.plotly_chart`."""
    if presentation.on():
        charts.enlarge(figure)
    st.plotly_chart(figure, config=charts.TOOLS, **options)
