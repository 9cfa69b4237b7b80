"""What is done once for a server process, whoever comes first."""

import atexit
import gc
import os
import sys
import threading
from contextlib import suppress
from importlib import import_module
from types import ModuleType

import streamlit as st

from aeviz.app import models, streamlit_internals
from aeviz.app.choice import usual_pair
from aeviz.app.uploads import folder
from aeviz.errors import CallableError, CheckpointError, DataError

WARMUP_DELAY_S = 2.5  # seconds for the first page to be drawn before anything is prepared for the next
SHUTDOWN_S = 10.0  # seconds that the end of the process may wait
_loaded = threading.Event()  # torch, and all that a page computes with
_main: ModuleType | None = None  # of a process that is somebody else's


def mark_embedded() -> None:
    """Say that this process is a person's own script or notebook, whose settings are not ours to change."""
    global _main
    _main = sys.modules["__main__"]


def restore_main() -> None:
    """Give a host its `__main__` back: Streamlit puts the app's script there, and pickle would look in it."""
    if _main is not None:
        sys.modules["__main__"] = _main


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Make the process quick for many visitors, and start encoding what they will look at first."""
    if _main is None:
        # One thread for one visitor's computation is quickest for many of them. Torch reads this when it loads; who
        # has set it knows better.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    streamlit_internals.stay_offline()
    folder.sweep()
    timer = threading.Timer(WARMUP_DELAY_S, warm)
    timer.daemon, timer.name = True, "aeviz-warm"
    timer.start()
    # A process that ends while torch computes in another thread is aborted with a core dump.
    atexit.register(timer.join, SHUTDOWN_S)
    atexit.register(timer.cancel)  # the last to be registered is the first to be called


def warm() -> None:
    """Load torch, and encode what the first visitors will look at."""
    streamlit_internals.expect_no_visitor()
    _load_and_freeze()
    # What fails here fails again where somebody sees it.
    with suppress(CallableError, CheckpointError, DataError):
        for variants in list(models.zoo().values())[:1]:
            # The right one first: the page that is waited for begins with the left one, on another core.
            for name in reversed(usual_pair(variants)):
                models.codes(variants[name].name)


def load() -> None:
    """Wait for torch, and say so where it takes long: for the first visitors of a process."""
    if not _loaded.is_set():
        with st.spinner("Loading PyTorch …"):
            _load()


def _load() -> None:
    import_module("aeviz.latent.explorer")
    _loaded.set()


def _load_and_freeze() -> None:
    """Load what all pages need and exempt it from later collections: it stays, and they need not look at it again."""
    _load()
    if _main is None:
        gc.collect()
        gc.freeze()
