"""What the tests of the parts share."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from aeviz.parts.hosts import streamlit as host


@dataclass
class Hosted:
    """A session without a browser. committed: what the hand set last; sent: what the part was given, run by run."""

    committed: Any = None
    sent: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> Hosted:
    session, memory = Hosted(), dict[str, Any]()
    monkeypatch.setattr(host, "memory", lambda: memory)
    monkeypatch.setattr(host, "sent", lambda key, state: session.committed)
    monkeypatch.setattr(host, "mount", lambda name, key, data, **on: session.sent.append(data))
    return session
