import base64
import io

import numpy as np
import pytest
from PIL import Image

from aeviz.app import html
from aeviz.figures import files


def some(count: int = 5, channels: int = 1, height: int = 4, width: int = 6) -> np.ndarray:
    """Tiles."""
    return np.random.default_rng(0).integers(0, 256, (count, height, width, channels), np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_holds_each_pixel_as_a_square(channels: int) -> None:
    x = some(channels=channels)[0]
    image = np.asarray(Image.open(io.BytesIO(files.png(x, 3))))
    np.testing.assert_array_equal(image.reshape(12, 18, channels), x.repeat(3, 0).repeat(3, 1))


def test_a_data_url_is_that_png() -> None:
    x = some()[0]
    kind, text = files.data_url(x).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(text) == files.png(x)


@pytest.mark.parametrize(("count", "columns", "shape"), [(6, 3, (9, 20)), (5, 3, (9, 20)), (1, 1, (4, 6))])
def test_a_sheet_places_tiles_row_by_row(count: int, columns: int, shape: tuple[int, int]) -> None:
    x = some(count)
    whole = files.sheet(x, columns)
    assert whole.shape == (*shape, 1)
    assert whole.dtype == np.uint8
    for number, tile in enumerate(x):
        top, left = number // columns * 5, number % columns * 7
        np.testing.assert_array_equal(whole[top : top + 4, left : left + 6], tile)
    if columns > 1:
        assert (whole[:4, 6] == files.between(x)).all(), "a thin line between pictures"


def test_a_gif_goes_there_and_back_for_ever() -> None:
    grey = np.array([0, 64, 128, 191, 255], np.uint8)
    film = Image.open(io.BytesIO(files.gif(np.tile(grey[:, None, None, None], (1, 2, 3, 1)), 90, scale=4)))
    assert film.format == "GIF"
    assert film.size == (12, 8)
    assert film.info["loop"] == 0
    seen = []
    for frame in range(film.n_frames):
        film.seek(frame)
        assert film.info["duration"] == 90
        seen.append(film.convert("L").getpixel((5, 5)))
    assert seen == [grey[step] for step in (0, 1, 2, 3, 4, 3, 2, 1)]


def test_a_gif_carries_the_names_of_what_stands_in_it() -> None:
    tiles = np.zeros((2, 28, 57, 1), np.uint8)
    film = Image.open(io.BytesIO(files.gif(tiles, 90, names=["Autoencoder", "A name of very many letters indeed"])))
    height = film.height - 28 * 8
    heads = np.asarray(film.convert("L"))[:height]
    left, right = heads[:, :228], heads[:, 228:]
    assert height == files.NAME_SIZE // 2 + 2 * files.NAME_LINE, "the longer name stands in two lines"
    for head in left, right:
        assert head.min() < 100, "a name in black"
        assert (head[:, -6:] > 200).all(), "which ends within its column, apart from the next"
    whole = Image.open(io.BytesIO(files.gif(tiles, 90, names=["A", "x" * 90])))
    assert (np.asarray(whole.convert("L"))[: -28 * 8, -6:] > 200).all(), "a word that is too long is cut"


def test_a_figure_escapes_what_it_is_told() -> None:
    text = html.figure(some()[0], '<b>"digit"</b>', accent="#D55E00")
    assert "<b>" not in text
    assert 'alt="&lt;b&gt;&quot;digit&quot;&lt;/b&gt;"' in text
    assert "border-color: #D55E00" in text
    assert "style=" not in html.figure(some()[0], "x")


def test_a_row_has_a_column_for_each_figure_or_wraps() -> None:
    assert "max(28px, calc((100% - 1 * 0.5rem) / 2 - 0.1px))" in html.row(["a", "b"])
    assert "max(28px, calc((100% - 4 * 0.5rem) / 5 - 0.1px))" in html.row(["a", "b"], columns=5)
    assert "auto-fit, minmax(150px" in html.row(["a", "b"], smallest=150)
