"""What is kept of what visitors brought: counted, let go of one by one, and never at another's cost."""

import gc
from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches
from aeviz.app.panels import map_choice
from aeviz.app.uploads import quota
from aeviz.app.uploads.session import Uploads
from aeviz.datasets.record import Dataset

computed: list[tuple[str, int]] = []


@caches.kept(max_entries=50)
def film(name: str, row: int, shown: tuple[object, ...] = ()) -> NDArray[np.uint8]:
    computed.append((name, row))
    return np.zeros(100_000, np.uint8)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    gc.collect()
    st.cache_resource.clear()
    computed.clear()
    monkeypatch.setenv(quota.VARIABLE, "1,2")
    yield
    st.cache_resource.clear()
    gc.collect()


def brought(own: Uploads, title: str = "mine") -> str:
    """The name of a small data set that a visitor brought."""
    data = Dataset(title, title, np.zeros((8, 1, 2, 2), np.float32), np.zeros(8, np.int64), ("a",))
    name = own.registry.add_dataset(data).name
    own.own(name)
    return name


def test_removing_an_upload_leaves_what_others_look_at() -> None:
    first, second = Uploads(), Uploads()
    mine, theirs = brought(first), brought(second)
    settings = map_choice.shipped_settings("pca", 2, 100)
    for name in (mine, theirs, "mnist-ae"):
        film(name, 0)
        map_choice.keep(name, settings, map_choice.Map(np.zeros((3, 2), np.float32), np.arange(3), 1.0, 1.0))
    first.forget(mine)
    for name in (theirs, "mnist-ae"):
        film(name, 0)
        assert map_choice.kept(name, settings) is not None, "a minute's work of others"
    assert computed == [(mine, 0), (theirs, 0), ("mnist-ae", 0)], "nothing was computed again"
    assert map_choice.kept(mine, settings) is None
    film(mine, 0)
    assert computed.count((mine, 0)) == 2, "what is forgotten does not stay"
    assert first.used == 0


def test_what_pages_compute_counts_and_gives_way_to_what_is_brought() -> None:
    own = Uploads()
    name = brought(own)
    before = own.used
    film(name, 0)
    assert 100_000 <= own.used - before < 101_000
    for row in range(1, 8):
        film(name, row)
    assert own.used > 800_000
    assert own.left == 1_000_000, "it does not stand in the way"
    own.charge("file", 550_000)
    assert own.used <= 1_000_000
    computed.clear()
    film(name, 7)
    assert not computed, "what was looked at last stays"
    film(name, 0)
    assert computed == [(name, 0)], "what was unused for longest goes"


def test_what_is_looked_at_stays_and_the_rest_is_bounded() -> None:
    own = Uploads()
    name = brought(own)
    own.charge("file", 600_000)
    for row in range(20):
        film(name, 100)
        film(name, row)
        assert own.used <= 1_000_000
    assert computed.count((name, 100)) == 1


def test_all_visitors_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Uploads(), Uploads()
    for own in (first, second):
        name = brought(own)
        for row in range(9):
            film(name, row)
    assert first.used + second.used > 1_700_000
    monkeypatch.setenv(quota.VARIABLE, "1,1")
    film(brought(second), 0)
    assert first.used + second.used <= 1_000_000


def test_maps_count_and_go_with_the_room() -> None:
    own = Uploads()
    name = brought(own)
    for seed in range(3):
        settings = map_choice.Settings("tsne", 2, 100, seed=seed)
        map_choice.keep(name, settings, map_choice.Map(np.zeros(50_000, np.float32), np.arange(3), 1.0, 1.0))
    assert own.used > 600_000
    own.charge("file", 700_000)
    assert own.used <= 1_000_000
    assert map_choice.kept(name, map_choice.Settings("tsne", 2, 100, seed=0)) is None
    assert map_choice.kept(name, map_choice.Settings("tsne", 2, 100, seed=2)) is not None


def test_a_session_that_ends_leaves_nothing() -> None:
    own = Uploads()
    name = brought(own)
    film(name, 0)
    own.close()
    assert caches.bytes_of([name]) == 0
    assert name not in caches.owned()


def test_names_are_found_in_tuples_and_by_attribute() -> None:
    own = Uploads()
    name = brought(own)
    named = own.registry.datasets()[0]
    assert caches.registered("mnist", (named,), 3) == {name}


def test_values_are_measured_whatever_holds_them() -> None:
    array = np.zeros(1_000, np.float64)
    assert 8_000 <= caches.size_of({"a": (array, [array])}) < 9_000
    assert 8_000 <= caches.size_of(map_choice.Map(array, np.arange(3), 1.0, 1.0)) < 9_000


def test_what_its_cache_dropped_before_it_was_noted_is_not_counted() -> None:
    own = Uploads()
    name = brought(own)
    map_ = map_choice.Map(np.zeros(10_000), np.arange(3), 1.0, 1.0)
    caches.use(map_, {name}, lambda: None)
    assert caches.bytes_of([name]) > 80_000
    del map_
    gc.collect()
    assert caches.bytes_of([name]) == 0


def test_what_is_asked_for_again_and_again_is_computed_once_and_kept_while_others_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(caches.time, "monotonic", lambda: now[0])
    squares: list[int] = []

    @caches.kept(max_entries=2)
    def square(number: int) -> list[int]:
        squares.append(number)
        return [number**2]

    first = square(1)
    assert square(1) is first
    square(2)
    now[0] += 2 * caches.REFRESHED_S
    assert square(1) is first  # the cache hears of it, and drops the other one
    assert square(3) == [9]
    assert square(1) is first
    assert square(2) == [4]
    assert squares == [1, 2, 3, 2]
    st.cache_resource.clear()
    assert square(1) is not first
