"""What the tests of the views share."""

from collections.abc import Iterator

import apptest
import pytest

from aeviz.app import startup


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
