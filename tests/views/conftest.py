"""What the tests of the views share."""

from collections.abc import Iterator

import apptest
import pytest
import streamlit as st

from aeviz.app import startup


@pytest.fixture(autouse=True)
def _nothing_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test's page prepares for the next page would look at the next test's half-made models."""
    monkeypatch.setattr(startup, "WARMUP_DELAY_S", 3600.0)


@pytest.fixture
def forgotten_models() -> Iterator[None]:
    """Nothing kept of models from before, and none of this test's left behind: for those with other models on disc."""
    apptest.forget_models()
    yield
    apptest.forget_models()


@pytest.fixture
def fresh_caches() -> Iterator[None]:
    """Nothing cached from before, and nothing left behind."""
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()
