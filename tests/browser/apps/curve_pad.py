"""A curve pad, and what Python receives from it as text."""

import json

import numpy as np
import streamlit as st

from aeviz.parts.curve_pad import Axes, Curve
from aeviz.parts.curve_pad.streamlit import committed, curve_pad

query, counts = st.query_params, st.session_state
counts["runs"] = counts.get("runs", 0) + 1
shape = (2 if "channels" in query else 1, 21)
axes = Axes(-1.0, 2.0, "mV", start=-0.2, step=0.02, time_unit="s")
item = np.tile(np.sin(np.linspace(0, 6, 21, dtype=np.float32)), (shape[0], 1))

sketch = committed(shape, key="pad")
lines = [] if sketch.values is None else [Curve("doubled", "#d55e00", 2 * sketch.values)]
curve_pad(shape, axes, key="pad", start=item, start_label="item 7", lines=lines, noun="beat", live="live" in query)
values = None if sketch.values is None else [[None if np.isnan(v) else float(v) for v in row] for row in sketch.values]
facts = {"number": sketch.number, "live": sketch.live, "runs": counts["runs"], "values": values}
with st.container(key="log", height=80):
    st.text(json.dumps(facts))
