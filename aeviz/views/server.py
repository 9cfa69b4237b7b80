"""What is done once for a server process, whoever comes first."""

import gc
import logging
import threading

import streamlit as st

from aeviz import explorer
from aeviz.views import state


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Make the process quick for many visitors, and start encoding what they will look at first."""
    explorer.use_threads(1)
    # What is imported by now stays: later collections need not look at it again.
    gc.collect()
    gc.freeze()
    threading.Thread(target=_warm, name="aeviz-warm", daemon=True).start()


def _warm() -> None:
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    for variants in list(state.zoo().values())[:1]:
        for name in ("ae", "vae"):
            if name in variants:
                state.codes(variants[name].name)
