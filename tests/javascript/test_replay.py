"""The replay's arithmetic: the line of steps, the plane of the codes, the charts."""

from collections.abc import Callable

import numpy as np
import pytest

from aeviz.parts.replay_film import Film

FIRST, SECOND = [0, 1, 10, 100, 1000], [0, 3, 30, 300]
STOPS = sorted({*FIRST, *SECOND})


def test_the_line_is_even_in_the_logarithm(js_module: Callable) -> None:
    module = js_module("replay_film")
    assert module.call("placeOf", 0, 999) == 0
    assert module.call("placeOf", 999, 999) == pytest.approx(1)
    assert module.call("placeOf", 99, 9999) == pytest.approx(0.5)
    t = np.linspace(0, 1, 21)
    back = module.evaluate("(m, ts) => [...ts].map((t) => m.toT(m.toPixel(t, 611), 611))", t)
    np.testing.assert_allclose(back, t, atol=1e-12)
    assert module.call("toT", -9, 611) == 0
    assert module.call("toT", 700, 611) == 1
    assert module.call("decades", 14_976) == [0, 1, 10, 100, 1000, 14_976], "10,000 would touch the last"
    assert module.call("decades", 7) == [0, 1, 7]


def test_a_film_that_ends_before_the_other_says_so(js_module: Callable) -> None:
    module = js_module("replay_film")
    assert module.call("recordedAt", [0, 1440], 1, False) == "recorded at step 1,440"
    assert module.call("recordedAt", [0, 1440], 1, True) == "its training ended at step 1,440"


@pytest.mark.parametrize(
    ("room", "pairs", "draws"),
    [(1000, 3, 4), (500, 3, 4), (420, 2, 4), (220, 1, 2), (90, 1, 1), (-50, 1, 1)],
    ids=lambda number: str(number),
)
def test_as_many_rows_of_pictures_as_there_is_room_for(js_module: Callable, room: int, pairs: int, draws: int) -> None:
    rows = js_module("replay_film").call("rowsIn", room, {"rows": 3, "step": 100}, {"rows": 4, "step": 50})
    assert rows == {"pairs": pairs, "draws": draws}
    assert 100 * rows["pairs"] + 50 * rows["draws"] <= max(room, 150), "one row of each at least"


def test_frames_and_stops(js_module: Callable) -> None:
    module = js_module("replay_film")
    places = [0, 0.25, 0.75, 1]
    assert module.call("frameAt", places, 0) == {"frame": 0, "share": 0}
    assert module.call("frameAt", places, 0.5) == {"frame": 1, "share": 0.5}
    assert module.call("frameAt", places, 0.75) == {"frame": 2, "share": 0}
    assert module.call("frameAt", places, 1) == {"frame": 3, "share": 0}
    assert module.call("frameAt", [0, 0.5], 0.9) == {"frame": 1, "share": 0}, "a film that has ended rests"
    stops = module.call("stopsOf", [{"steps": FIRST}, {"steps": SECOND}])
    assert stops == STOPS
    for i, step in enumerate(STOPS):
        assert module.call("nearestStop", STOPS, module.call("placeOf", step, 1000)) == i
    assert module.call("keyStop", "PageUp", 5, 8) == 7
    assert module.call("keyStop", "x", 5, 8) is None


def test_the_play_spends_its_time_where_points_move(js_module: Callable) -> None:
    module = js_module("replay_film")
    still, far = {"xs": [0.0, 1.0], "ys": [0.0, 0.0]}, {"xs": [4.0, 5.0], "ys": [3.0, 3.0]}
    path = module.call("pathOf", [still, still, far, far], 10)
    assert path == [0, 0, 0.5, 0.5], "each point goes 5 of 10"
    places = [0, 0.5, 0.6, 1]
    times = module.call("schedule", places, [{"places": places, "path": path}])
    assert times == pytest.approx([0, 0.125, 0.9, 1]), "a tenth of the line, where all moves, takes most of the time"
    assert module.call("schedule", places, [{"places": places, "path": [0, 0, 0, 0]}]) == places
    for t in (0, 0.3, 0.55, 1):
        assert module.call("along", times, places, module.call("along", places, times, t)) == pytest.approx(t)


def test_places_travel_as_whole_numbers(js_module: Callable) -> None:
    places = np.random.default_rng(0).normal(size=(3, 7, 2)) * np.array([1e-4, 1, 500]).reshape(-1, 1, 1)
    pictures = np.zeros((3, 2, 2, 2, 1), np.uint8)
    sent = Film("a", "#000000", [0, 1, 2], places, pictures[0], pictures, pictures).packed["places"]
    frames = js_module("replay_film").call("framesOf", sent)
    for frame, wanted in zip(frames, places, strict=True):
        found = np.stack([frame["xs"], frame["ys"]], 1)
        np.testing.assert_allclose(found, wanted, atol=np.abs(wanted).max() / 30_000)


def test_the_plane_holds_nearly_all_codes(js_module: Callable) -> None:
    module = js_module("replay_film")
    assert module.call("around", [[-1, 2, 0, 1], [0, 3, -4, 0]]) == [-1, 3, -4, 1]
    xs = np.concatenate([np.linspace(-1, 1, 998), [-500, 500]]).astype(np.float32)
    left, right, *_ = module.call("coreBox", xs, xs)
    assert (left, right) == (pytest.approx(-1, abs=0.02), pytest.approx(1, abs=0.02)), "strays do not count"


def test_names_that_would_cover_another_are_left_out(js_module: Callable) -> None:
    module = js_module("replay_film")
    names = [{"text": text, "x": x, "y": y, "width": 20} for text, x, y in (("a", 0, 0), ("b", 15, 9), ("c", 21, 0))]
    assert [name["text"] for name in module.call("apart", names)] == ["a", "c"]
