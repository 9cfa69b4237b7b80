"""What Python sends to the part of pictures to choose from, and what it hears."""

from typing import Any

import numpy as np
import pytest

from aeviz.parts.pictures import payload
from aeviz.parts.pictures import streamlit as module

TILES = np.zeros((3, 4, 4, 1), np.uint8)


def test_each_picture_has_a_name() -> None:
    with pytest.raises(ValueError, match="3 tiles have 2 names"):
        payload(TILES, ["a", "b"], label="Near")
    data = payload(TILES, ["a", "b", "c"], label="Near", columns=2)
    assert data["sheet"]["count"] == 3
    assert data["columns"] == data["sheet"]["columns"] == 2


@pytest.mark.parametrize(
    ("said", "told"), [({"number": 1, "item": 2}, [2]), ({"number": 1, "item": 3}, []), (None, [])]
)
def test_a_picture_that_there_is_can_be_chosen(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, int] | None, told: list[int]
) -> None:
    heard: list[int] = []
    monkeypatch.setattr(module.host, "sent", lambda key, state: said)
    monkeypatch.setattr(module.host, "mount", lambda name, key, data, picked: picked())
    pictures: Any = module.pictures
    pictures(TILES, ["a", "b", "c"], label="Near", key="near", on_pick=heard.append)
    assert heard == told
