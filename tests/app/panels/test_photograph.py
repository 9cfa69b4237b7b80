"""A photograph in the app, without a browser: what its controls do, and what is said where there is nothing in it."""

import io
from typing import Any

import numpy as np
import pytest
from apptest import go, html, opened, own, sound
from cases import every
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from streamlit.testing.v1 import AppTest

from aeviz.app import url
from aeviz.app.uploads import quota, returning, session
from aeviz.datasets.sources import load_dataset

PAIR = {"shown": "upload", "left": "ae", "right": "vae"}


def file_of(pixels: NDArray[np.uint8]) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()


def two_digits() -> bytes:
    """A 2 and, larger, a 0, dark on light."""
    digits, page = load_dataset("mnist").items[:, 0], np.full((200, 340), 230.0)
    for (top, left), picture, times in (((30, 20), digits[1], 4), ((10, 160), digits[3], 6)):
        large = ndimage.zoom(picture, times, order=1)
        page[top : top + len(large), left : left + len(large)] *= 1 - 0.9 * large
    return file_of(page.astype(np.uint8))


def given(app: AppTest, file: bytes) -> AppTest:
    app.file_uploader(key="own-file").upload("photo.png", file, "image/png")
    return app.run()


def whole(app: AppTest) -> NDArray[np.float32]:
    kept = own(app)
    assert kept is not None
    return kept


def item(app: AppTest) -> NDArray[np.float32]:
    return whole(app)[0]


def widget(app: AppTest, kind: str, ending: str) -> Any:
    return next(one for one in app.get(kind) if one.key and one.key.endswith(ending))


def test_a_photograph_shows_its_steps_and_its_controls_change_the_item() -> None:
    app = sound(given(opened("map", data="mnist", **PAIR), two_digits()))
    assert [caption in html(app) for caption in ("1 · your photo", "2 · the ink", "3 · the strokes")] == [True] * 3
    digits, largest = load_dataset("mnist").items[:, 0], item(app)
    assert ((largest - digits[3]) ** 2).mean() < 0.04 < ((largest - digits[1]) ** 2).mean()
    widget(app, "button_group", "-digit").set_value(0)
    sound(app.run())
    assert ((item(app) - digits[1]) ** 2).mean() < 0.04
    widget(app, "slider", "-across").set_value((50, 100))
    sound(app.run())
    assert ((item(app) - digits[3]) ** 2).mean() < 0.04
    widget(app, "slider", "-turn-shown").set_value(90)
    sound(app.run())
    assert "turned by 90°" in html(app)


def test_where_no_ink_is_found_a_sentence_says_so_and_the_controls_stay() -> None:
    app = given(opened("map", data="mnist", **PAIR), file_of(np.zeros((90, 90), np.uint8)))
    assert not app.exception
    assert [error.value for error in app.error] == [
        "No ink is found: nothing in the picture is darker or lighter than what is around it."
    ]
    assert widget(app, "slider", "-threshold-shown")


@pytest.mark.parametrize(("data", "shape"), every(2, [("fashion", (1, 28, 28)), ("emoji", (3, 32, 32))]))
def test_other_pictures_are_cropped_and_fitted(data: str, shape: tuple[int, ...]) -> None:
    pixels = np.full((60, 120, 3), 40, np.uint8)
    pixels[:, 60:] = 200
    app = sound(given(opened("map", data=data, **PAIR), file_of(pixels)))
    assert "2 · the input" in html(app)
    assert whole(app).shape == shape
    widget(app, "slider", "-across").set_value((50, 100))
    sound(app.run())
    assert whole(app).std() < 0.02


def test_a_camera_is_asked_for_only_where_it_is_chosen() -> None:
    app = opened("map", data="mnist", **PAIR)
    assert not app.get("camera_input")
    widget(app, "button_group", "own-way").set_value("camera")
    sound(app.run())
    assert len(app.get("camera_input")) == 1
    assert not app.file_uploader


def test_a_picture_of_the_data_sets_own_size_is_taken_as_it_is() -> None:
    digit = load_dataset("mnist").items[11]
    app = sound(given(opened("map", data="mnist", **PAIR), file_of(np.rint(255 * digit[0]).astype(np.uint8))))
    np.testing.assert_allclose(item(app), digit[0], atol=1 / 255)


def photographed(monkeypatch: pytest.MonkeyPatch, token: str, address: dict[str, Any]) -> AppTest:
    """A new session at an address, in which the tab tells a token."""
    app = opened("map", **address)
    with monkeypatch.context() as telling:
        telling.setattr(returning, "claimed", lambda: token)
        telling.setattr(returning, "note", returning.claim)
        return sound(app.run())


def test_a_photograph_and_what_was_set_of_it_outlast_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    app = sound(given(opened("map", data="mnist", **PAIR), two_digits()))
    widget(app, "button_group", "-digit").set_value(0)
    widget(app, "slider", "-threshold-shown").set_value(41)
    sound(app.run())
    read, address = item(app), dict(app.query_params)
    again = photographed(monkeypatch, app.session_state[session.KEY].token, address)
    assert not again.warning
    assert "1 · your photo" in html(again)
    assert widget(again, "button_group", "-digit").value == 0
    assert widget(again, "slider", "-threshold-shown").value == 41
    np.testing.assert_array_equal(item(again), read)
    widget(again, "button_group", "-digit").set_value(1)
    sound(again.run())
    assert ((item(again) - load_dataset("mnist").items[3, 0]) ** 2).mean() < 0.04
    widget(again, "button", "-away").click()
    sound(again.run())
    assert "1 · your photo" not in html(again)
    assert own(again) is None
    assert not again.session_state[session.KEY].account.sizes


def test_a_photograph_is_there_again_on_another_page_and_where_back_leads_to_what_was_read_from_it() -> None:
    app = sound(given(opened("map", data="mnist", **PAIR), two_digits()))
    address = dict(app.query_params)
    sound(go(app, "network").run())
    assert "1 · your photo" in html(app)
    widget(app, "button_group", "-digit").set_value(0)
    sound(app.run())
    for name, text in address.items():
        app.query_params[name] = text
    app.session_state[url.OPENINGS] = 1
    sound(app.run())
    assert widget(app, "button_group", "-digit").value == 1, "the largest, as it was"


def test_a_photograph_for_one_picker_is_there_for_another() -> None:
    app = sound(given(opened("map", data="mnist", **PAIR), two_digits()))
    go(app, "interpolate")
    app.query_params["a-from"] = "upload"
    sound(app.run())
    assert "1 · your photo" in html(app)
    assert len(widget(app, "button_group", "-digit").options) == 2


def test_a_photograph_that_does_not_fit_the_quota_is_read_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise quota.QuotaError("no room")

    monkeypatch.setattr(quota.Account, "charge", refuse)
    app = sound(given(opened("map", data="mnist", **PAIR), two_digits()))
    assert "1 · your photo" in html(app)
    assert app.session_state[session.KEY].is_empty
