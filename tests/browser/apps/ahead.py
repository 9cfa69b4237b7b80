"""A page without a chart, which has Streamlit's code for charts made ready, and shows one at a press."""

import streamlit as st

from aeviz.parts.ahead.streamlit import ahead

ahead("PlotlyChart", "NoSuchElement")
if st.button("Draw"):
    st.plotly_chart({"data": [{"y": [1, 3, 2]}], "layout": {}})
