"""Plotly, imported when the first chart is drawn, and pandas before it.

Plotly looks at the pandas that it finds imported, also where another thread is in the middle of importing it.
"""

import pandas  # noqa: F401
import plotly.graph_objects as go
from plotly.subplots import make_subplots

__all__ = ["go", "make_subplots"]
