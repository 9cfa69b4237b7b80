"""What is made without a canvas where a browser hides its pixels, in Node: strokes, discs and files of pictures."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

SIDE = 112


def stroke(points: list[int], tool: str = "brush", colour: str = "#ffffff") -> dict[str, Any]:
    return {"tool": tool, "size": 85, "colour": colour, "points": points}


def raster(js_module: Callable[[str], Any], strokes: list[dict[str, Any]], ground: str = "#000000") -> np.ndarray:
    pixels = js_module("draw_pad").call("rasterOf", strokes, ground, SIDE, SIDE)
    return np.reshape(pixels, (SIDE, SIDE, 4))


def test_a_stroke_covers_what_a_thick_line_covers(js_module: Callable[[str], Any]) -> None:
    drawn = raster(js_module, [stroke([200, 200, 500, 260, 800, 800])])
    assert (drawn[..., 3] == 255).all()
    assert (drawn[..., 0] == drawn[..., 1]).all()
    picture = Image.new("L", (8 * SIDE, 8 * SIDE))
    scale = 8 * SIDE / 1000
    starts, bends, ends = np.array([(200, 200), (500, 260), (650, 530)])
    bend = [(1 - t) ** 2 * starts + 2 * t * (1 - t) * bends + t * t * ends for t in np.linspace(0, 1, 30)]
    way = [(x * scale, y * scale) for x, y in [*bend, (800, 800)]]
    pen = ImageDraw.Draw(picture)
    radius = 85 * scale / 2
    for x, y in way:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    pen.line(way, 255, round(2 * radius), "curve")
    wanted = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX)).astype(int)
    assert np.abs(drawn[..., 0] - wanted).mean() < 2
    assert drawn[..., 0].sum() == pytest.approx(wanted.sum(), rel=0.02)


def test_an_eraser_and_clear_take_away_and_a_dot_is_round(js_module: Callable[[str], Any]) -> None:
    line, gone = [100, 500, 900, 500], {"tool": "clear", "size": 0, "colour": "", "points": []}
    assert raster(js_module, [stroke(line), gone])[..., :3].max() == 0
    erased = raster(js_module, [stroke(line, colour="#204060"), stroke([500, 500], "eraser")], "#ffffff")
    assert erased[56, 56].tolist() == [255, 255, 255, 255]
    assert erased[56, 30].tolist() == [32, 64, 96, 255]
    area = raster(js_module, [stroke([500, 500])])[..., 0].sum() / 255
    assert area == pytest.approx(np.pi * (85 * SIDE / 2000) ** 2, rel=0.02)


def test_a_disc_is_round_and_has_its_rim(js_module: Callable[[str], Any]) -> None:
    pixels = np.reshape(js_module("latent_pad").call("discs", 12, 4, "#ff0000", "#0000ff"), (12, 12, 4))
    assert pixels[6, 6].tolist() == [255, 0, 0, 255]
    assert pixels[0, 0, 3] == 0
    assert pixels[6, 10, 2] > 200
    assert pixels[..., 3].sum() / 255 == pytest.approx(np.pi * 4.9**2, rel=0.03)


@pytest.mark.parametrize("shape", [(2, 3), (5, 4)])
def test_pixels_are_a_file_that_others_read(js_module: Callable[[str], Any], shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 4)).astype(np.uint8)
    url = js_module("js").call("bitmapUrl", pixels.ravel(), shape[1], shape[0])
    head, content = url.split(",")
    assert head == "data:image/bmp;base64"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))), pixels[..., :3])
