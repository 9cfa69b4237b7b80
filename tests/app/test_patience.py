"""A slow model on a page: how far it is stands there, and another act of the visitor stops it."""

from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st
from apptest import opened, visited
from streamlit.testing.v1.app_test import AppTest

from aeviz import progress
from aeviz.app import patience
from aeviz.datasets.arrays import dataset_of
from aeviz.importers import callable_model
from aeviz.importers.callables import wrap
from aeviz.store import registry


class Place:
    """What Streamlit would show."""

    def __init__(self) -> None:
        self.shown: list[tuple[float, str]] = []
        self.gone = False

    def progress(self, share: float, text: str) -> None:
        self.shown.append((share, text))

    def empty(self) -> None:
        self.gone = True


def told(seconds: list[float]) -> Place:
    """What is shown of ten rows, each a batch, done at these times."""
    place, times = Place(), iter([0.0, *seconds])
    watcher = patience.Progress(lambda: place, lambda: next(times))  # type: ignore[arg-type]
    for done in range(len(seconds)):
        watcher(done, 10)
    watcher.close()
    return place


def test_a_quick_model_is_not_told_of_and_a_slow_one_with_what_is_left() -> None:
    assert not told([row / 10 for row in range(10)]).shown
    slow = told([20.0 * row for row in range(4)])
    assert [share for share, _ in slow.shown] == [0.1, 0.2, 0.3]
    assert slow.shown[0][1].startswith("This model is slow here: 1 of 10, about 3 minutes left.")
    assert slow.shown[2][1].startswith("This model is slow here: 3 of 10, about 2 minutes left.")
    assert slow.gone
    assert patience.sentence(3, 4, 7.4).startswith("This model is slow here: 3 of 4, about 7 s left.")


def test_each_piece_of_work_has_its_own_clock() -> None:
    place, times = Place(), iter([0.0, 0.0, 100.0, 100.1, 100.2])
    watcher = patience.Progress(lambda: place, lambda: next(times))  # type: ignore[arg-type]
    for done in (0, 0, 1, 2):
        watcher(done, 10)
    assert not place.shown


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A registered model whose callables take their time, four items at once; and the sizes of its batches."""
    registry.PROCESS.clear()
    monkeypatch.setattr(callable_model, "MAX_BATCH", 4)
    monkeypatch.setattr(patience, "FIRST_S", 0.0)
    monkeypatch.setattr(patience, "MIN_TOTAL_S", 0.0)
    monkeypatch.setattr(patience, "EVERY_S", 0.0)
    items = np.random.default_rng(0).random((40, 1, 8, 8), np.float32)
    data = registry.PROCESS.add_dataset(dataset_of(items, title="Noise"))
    batches: list[int] = []

    def encode(x: np.ndarray) -> np.ndarray:
        batches.append(len(x))
        return np.asarray(x).reshape(len(x), -1)[:, :3]

    def decode(z: np.ndarray) -> np.ndarray:
        return np.tile(z[:, :1], (1, 64))

    for title in ("one", "other"):
        registry.PROCESS.add_model(wrap(encode, decode, data, title=title, arrays="numpy"), title)
    yield batches
    registry.PROCESS.clear()


def texts(app: AppTest) -> str:
    return str(app.main)


def test_a_page_tells_how_far_it_is_and_keeps_no_word_of_it(slow: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    real = patience.Progress.show

    def spy(self: patience.Progress, share: float, text: str) -> None:
        shown.append(text)
        real(self, share, text)

    monkeypatch.setattr(patience.Progress, "show", spy)
    app = opened("decode")
    assert any("of 40, about" in text for text in shown)
    assert "slow here" not in texts(app)
    shown.clear()
    assert "slow here" not in texts(opened("decode")), "what is cached holds no report"


def test_another_act_of_the_visitor_ends_the_work(slow: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def end(self: patience.Progress, share: float, text: str) -> None:
        st.stop()  # as a click on another page does

    monkeypatch.setattr(patience.Progress, "show", end)
    slow.clear()
    visited("decode")
    assert 0 < len(slow) <= 2, "one batch, or two where both models were asked"
    assert progress_is_off()


def progress_is_off() -> bool:
    seen: list[int] = []
    progress.tell(0, 1)
    with progress.watched(lambda done, total: seen.append(done)):
        progress.tell(0, 1)
    progress.tell(1, 1)
    return seen == [0]
