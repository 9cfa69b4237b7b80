"""Streamlit's heavy elements, made ready in the browser while the person looks at a page without them.

    from aeviz.parts.ahead.streamlit import ahead

    ahead("PlotlyChart", "DataFrame")

The page loads the code of an element when the first one is to be shown; for a chart that is 4.7 MB of plotly, and a
second's work. Here it is loaded when the page stands and no hand has moved for a while, so that the first chart of a
tab comes as quickly as the next. Shows nothing itself.
"""

from collections.abc import Sequence
from typing import Any


def payload(modules: Sequence[str]) -> dict[str, Any]:
    """What the browser gets: files to load at leisure, one after the other, beside the page's own module."""
    return {"modules": list(modules)}
