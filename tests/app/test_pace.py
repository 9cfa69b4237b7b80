"""Slow models: a page asks little of them unless the visitor wants all of it. Decodes are counted, not timed."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from apptest import forget, opened, sound
from cases import every
from streamlit.testing.v1.app_test import AppTest

from aeviz.app import pace
from aeviz.app.pages import decode as decode_page
from aeviz.datasets.arrays import dataset_of
from aeviz.importers.callables import wrap
from aeviz.latent.explorer import Explorer
from aeviz.store import registry

ITEMS, DIM = 12, 6
SLOW = {"decode": 40, "interpolate": 10, "generate": 30, "home": 10}  # decodes of a pair, of which each takes 3 s
FULL = {  # what the same pages ask of a quick pair
    "decode": 2 * (DIM * 13 + 1 + 32),
    "interpolate": 2 * 33,
    "generate": 2 * (2 * 11 * 30 + 21 * 24),
    "home": 2 * ((10 - 1) * 9 + 1),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A registered pair that no tab runs; how many codes each call of `Explorer.decode` is asked for."""
    registry.PROCESS.clear()
    forget()
    items = np.random.default_rng(0).random((ITEMS, 1, 8, 8), np.float32)
    data = registry.PROCESS.add_dataset(dataset_of(items, [row % 4 for row in range(ITEMS)], title="Noise"))
    for title in ("one", "other"):
        model = wrap(lambda x: x.reshape(len(x), -1)[:, :DIM], lambda z: np.tile(z[:, :1], (1, 64)), data, title=title,
                     arrays="numpy")  # fmt: skip
        registry.PROCESS.add_model(model, title)
    calls: list[int] = []
    real = Explorer.decode

    def spy(self: Explorer, z: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        calls.append(len(z))
        return real(self, z, labels)

    monkeypatch.setattr(Explorer, "decode", spy)
    yield calls
    registry.PROCESS.clear()
    forget()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "timed", lambda decode: 3.0)


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "timed", lambda decode: 0.0)


def button(app: AppTest, view: str) -> None:
    sound(app.button(f"pace-all-{view}").click().run())


@pytest.mark.parametrize("page", every(2, SLOW))
def test_a_page_asks_little_of_a_slow_pair_and_says_so(page: str, asked: list[int], slow: None) -> None:
    app = opened(page)
    assert 0 < sum(asked) <= SLOW[page]
    assert any("slow here" in caption.value for caption in app.caption)


@pytest.mark.parametrize("page", every(4, ["interpolate", "decode", "generate", "home"]))
def test_a_page_asks_as_ever_of_a_quick_pair(page: str, asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    app = opened(page)
    assert sum(asked) == FULL[page]
    assert not any("slow here" in caption.value for caption in app.caption)
    assert not [one for one in app.button if str(one.key).startswith("pace-")]


@pytest.mark.parametrize(("page", "views"), every(2, [("interpolate", ["path"]), ("decode", ["decode", "random"])]))
def test_a_button_gives_all_of_it_and_takes_it_back(page: str, views: list[str], asked: list[int], slow: None) -> None:
    app = opened(page)
    asked.clear()
    for view in views:
        button(app, view)
    assert sum(asked) >= FULL[page]
    assert any("All of it is shown" in caption.value for caption in app.caption)
    asked.clear()
    for view in views:
        button(app, view)
    assert sum(asked) <= SLOW[page]


@pytest.mark.long
def test_the_handle_of_a_path_decodes_nothing_anew(asked: list[int], slow: None) -> None:
    app = opened("interpolate")
    asked.clear()
    app.query_params["t"] = "0.9"
    sound(app.run())
    assert not asked


def test_a_slow_model_s_draws_are_at_the_stop_of_a_slider(asked: list[int], slow: None) -> None:
    app = opened("generate", temperature=0.4)
    assert [slider.label for slider in app.slider] == ["Temperature", "Radius"]
    assert app.slider("temperature").value == 0.4
    asked.clear()
    sound(app.slider("temperature").set_value(1.6).run())
    assert 0 < sum(asked) <= SLOW["generate"]


@pytest.mark.long
def test_a_plane_of_a_slow_pair_is_coarse(asked: list[int], slow: None) -> None:
    opened("decode", way="plane")
    assert sum(asked) <= SLOW["decode"]


def test_one_decode_is_timed_once_in_a_process(asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    timed: list[float] = []
    monkeypatch.setattr(pace, "timed", lambda decode: timed.append(1.0) or 3.0)
    opened("interpolate")
    opened("interpolate")
    assert len(timed) == 2, "one for each model of the pair"


def test_models_that_came_with_aeviz_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "timed", lambda decode: pytest.fail("timed"))
    assert pace.seconds("mnist-vae") == 0.0


def test_a_quicker_model_is_timed_again_on_several_codes() -> None:
    calls: list[int] = []
    ticks = count()

    def clocked(per_call: float) -> float:
        return pace.timed(calls.append, lambda: next(ticks) * per_call)

    assert clocked(3.0) == pytest.approx(3.0)
    assert calls == [1], "one of three seconds is asked once"
    calls.clear()
    assert clocked(0.4) == pytest.approx(0.4 / pace.BATCH), "much of the first was a cost of the call"
    assert calls == [1, pace.BATCH]
    assert clocked(0.01) == 0.0
    assert clocked(0.04) == 0.0


@pytest.mark.parametrize(("allowed", "expected"), [(1000, (8, 13)), (41, (8, 5)), (8, (2, 3)), (1, (1, 3))])
def test_tiles_become_fewer_before_tracks(allowed: int, expected: tuple[int, int]) -> None:
    extent = decode_page.extent(decode_page.Extent(8, 13, 0), allowed, has_plane=False)
    assert (extent.tracks, extent.tiles) == expected


def test_times_are_told_as_people_do() -> None:
    assert [pace.duration(value) for value in (0.34, 3.04, 41.2, 200)] == ["0.34 s", "3 s", "41 s", "3 minutes"]
