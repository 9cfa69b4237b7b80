"""What Python receives from the draw pad."""

import base64
from typing import Any

import numpy as np
import pytest

from aeviz.parts.draw_pad import Drawing, Rebuilder, payload, received
from aeviz.parts.networks import Tab


def message(pixels: np.ndarray) -> dict[str, Any]:
    stroke = {"tool": "brush", "size": 85, "colour": "#ffffff", "points": [1, 2]}
    sent = base64.b64encode(pixels.tobytes()).decode("ascii")
    return {"number": 7, "live": True, "pixels": sent, "strokes": [stroke]}


def test_a_message_is_pixels_and_strokes() -> None:
    pixels = np.arange(112 * 112, dtype=np.uint8).reshape(112, 112)
    drawing = received(message(pixels), (28, 28))
    np.testing.assert_array_equal(drawing.pixels, pixels)
    assert (drawing.live, drawing.number, drawing.strokes[0]["points"]) == (True, 7, [1, 2])
    coloured = received(message(np.zeros((64, 64, 3), np.uint8)), (32, 32), colour=True)
    assert coloured.pixels is not None
    assert coloured.pixels.shape == (64, 64, 3)


def test_pixels_of_another_shape_are_no_drawing() -> None:
    drawing = received(message(np.zeros((64, 64), np.uint8)), (28, 28))
    assert drawing.pixels is None
    assert drawing.strokes == ()
    assert received(None, (28, 28)) == Drawing()


def test_the_browser_gets_back_what_it_sent_and_the_preview() -> None:
    drawing = received(message(np.zeros((112, 112), np.uint8)), (28, 28))
    data = payload((28, 28), drawing, preview=np.zeros((28, 28, 1), np.uint8))
    assert (data["number"], data["strokes"], data["sent"]) == (7, list(drawing.strokes), [112, 112])
    assert (data["preview"]["width"], data["preview"]["height"]) == (28, 28)
    assert payload((28, 28), Drawing())["preview"] is None


def test_models_of_the_tab_are_told_with_the_pictures_that_they_draw() -> None:
    model = Rebuilder("VAE", "#0072B2", Tab("d1", (1, 28, 28), 0, 1))
    (told,) = payload((28, 28), Drawing(), convention="mnist", models=[model])["models"]
    assert (told["digest"], told["label"], told["tile"]["width"]) == ("d1", "VAE", 28)
    with pytest.raises(ValueError, match="convention"):
        payload((28, 28), Drawing(), models=[model])
    with pytest.raises(ValueError, match="takes pictures"):
        payload((32, 32), Drawing(), convention="mnist", models=[model])


def test_a_picture_under_the_strokes_goes_along_and_is_not_sent_back() -> None:
    data = payload((28, 28), Drawing(), ground=np.zeros((28, 28, 1), np.uint8), ink="#ff8c1a", show_preview=False)
    assert (data["ground"]["width"], data["ink"], data["sent"]) == (28, "#ff8c1a", [112, 112])
    assert payload((28, 28), Drawing())["ground"] is None
