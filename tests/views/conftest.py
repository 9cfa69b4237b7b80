"""What the tests of the views share."""

from collections.abc import Iterator

import pytest
import streamlit as st


@pytest.fixture
def fresh_caches() -> Iterator[None]:
    """Nothing cached from before, and nothing left behind: for tests that change what lies on the disc."""
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()
