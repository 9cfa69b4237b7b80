"""What the tests of the views share."""

import gc
from collections.abc import Iterator
from importlib import import_module

import apptest
import pytest

from aeviz.app import startup


@pytest.fixture(scope="session", autouse=True)
def _settled() -> None:
    """As in a server: Streamlit collects garbage after each run, and need not look at libraries that stay."""
    for heavy in ("plotly.graph_objects", "sklearn.neighbors", "aeviz.latent.explorer"):
        import_module(heavy)
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test's page prepares for the next page would look at the next test's half-made models."""
    monkeypatch.setattr(startup, "WARMUP_DELAY_S", 3600.0)


@pytest.fixture
def fresh_caches() -> Iterator[None]:
    """Nothing cached from before, and nothing left behind: for tests that change what lies on the disc."""
    apptest.forget()
    yield
    apptest.forget()
