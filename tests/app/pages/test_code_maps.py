"""Codes that are maps: of callables, whatever they are made of, on the pages that know of cells."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from apptest import html, opened, sent

from aeviz import Dataset
from aeviz.app.panels import channel_maps, swapped_cells
from aeviz.datasets.arrays import dataset_of
from aeviz.figures import bars, channels
from aeviz.importers.callables import wrap
from aeviz.latent.grids import CodeGrid
from aeviz.store import registry

SIDE, CELL = 12, 3
CELLS = SIDE // CELL


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    registry.PROCESS.clear()
    yield
    registry.PROCESS.clear()


def blocks(x: np.ndarray, times: int) -> np.ndarray:
    """Each cell of pictures (N, 1, 12, 12) as its mean and its contrast, `times` over: (N, 2 · times, 4, 4)."""
    cut = np.asarray(x).reshape(len(x), CELLS, CELL, CELLS, CELL).transpose(0, 1, 3, 2, 4).reshape(len(x), 4, 4, -1)
    code = np.stack([cut.mean(-1), cut.max(-1) - cut.min(-1)], 1).astype(np.float32)
    return np.tile(code, (1, times, 1, 1))


def painted(z: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(np.asarray(z)[:, :1], CELL, 2), CELL, 3)


def registered(times: int = 1, vector: bool = False) -> Dataset:
    """Bright top halves and bright bottom halves, with a model whose code has cells, and one beside it."""
    rng = np.random.default_rng(0)
    items = 0.2 * rng.random((40, 1, SIDE, SIDE), np.float32)
    items[::2, :, : SIDE // 2] += 0.7
    items[1::2, :, SIDE // 2 :] += 0.7
    data = registry.PROCESS.add_dataset(dataset_of(items, np.arange(40) % 2, title="Halves"))
    other = (lambda x: np.asarray(x).reshape(len(x), -1)[:, :5], lambda z: np.tile(z[:, :1], (1, SIDE * SIDE)))
    functions = [(partial(blocks, times=times), painted), other if vector else (partial(blocks, times=times), painted)]
    for title, (encode, decode) in zip(("cells", "other"), functions, strict=True):
        registry.PROCESS.add_model(wrap(encode, decode, data, title=title, arrays="numpy"), title)
    return data


def test_decode_shows_channel_maps_and_walks_along_principal_directions() -> None:
    registered()
    app = opened("decode")
    assert app.session_state["knobs"] == "directions"
    assert html(app).count("2 channels of 4 × 4 cells") == 4  # the item's code and the decoded one, of each model
    assert channels.SCALE in html(app)
    assert "knobs" not in dict(app.query_params)
    assert opened("decode", knobs="coordinates").session_state["knobs"] == "coordinates"


def test_a_code_of_many_numbers_is_turned_along_its_widest_axes_and_kept_in_the_link() -> None:
    registered(times=20)
    app = opened("decode", turned_left="0:1.500_2:-0.250")
    assert app.query_params["turned_left"] == "0:1.500_2:-0.250"
    rows = sent(app, "rows")[0]
    assert [rows[0]["value"], rows[2]["value"]] == pytest.approx([1.5, -0.25], abs=1e-3)
    assert "The 8 of 640 knobs" in "".join(caption.value for caption in app.caption)
    assert "40 channels of 4 × 4 cells; the 16 that vary most" in html(app)


def test_cells_are_swapped_between_two_pictures() -> None:
    registered()
    app = opened("interpolate", **{"a-item": 0, "b-item": 1, "cell_rows": "2_4", "cell_columns": "0_4"})
    assert app.query_params["cell_rows"] == "2_4"
    assert [slider.key for slider in app.slider] == ["cell_rows", "cell_columns"]
    assert html(app).count("A with B's cells") == 2


def test_a_mixture_has_bs_cells_in_the_region_and_as_outside() -> None:
    data = registered()
    name = registry.PROCESS.cards()[0].name
    grid = CodeGrid((2, 4, 4))
    pair = data.items[:2]  # bright above, bright below
    mixed = swapped_cells.mixture(name, grid, (0.5, 1.0, 0.0, 1.0), pair)
    assert mixed.min() > 0.5
    assert (swapped_cells.mixture(name, grid, (0.5, 0.5, 0.0, 1.0), pair)[:, 6:] < 0.3).all()
    assert swapped_cells.cells_in((0.0, 0.5, 0.25, 0.75), grid).sum() == 4


def test_beside_a_plain_vector_one_model_swaps_and_the_other_is_told_of() -> None:
    registered(vector=True)
    app = opened("interpolate")
    assert html(app).count("A with B's cells") == 1
    assert "The code of other is a plain vector" in "".join(caption.value for caption in app.caption)


@pytest.mark.long
@pytest.mark.parametrize("page", ["decode", "interpolate", "map"])
def test_series_with_a_code_along_their_time_have_maps_of_one_row(page: str) -> None:
    waves = np.sin(np.arange(24) * (1 + np.arange(40)[:, None] % 3) / 3)
    data = registry.PROCESS.add_dataset(dataset_of(waves[:, None], modality="series", title="Waves"))

    def encode(x: np.ndarray) -> np.ndarray:
        return np.asarray(x).reshape(len(x), 8, 3).transpose(0, 2, 1)[:, :2]

    def decode(z: np.ndarray) -> np.ndarray:
        return np.repeat(np.asarray(z)[:, :1], 3, 2)

    for title in ("one", "other"):
        registry.PROCESS.add_model(wrap(encode, decode, data, title=title, arrays="numpy"), title)
    app = opened(page)
    assert "2 channels of 1 × 8 cells" in html(app) or page == "interpolate"
    if page == "interpolate":
        assert [slider.key for slider in app.slider] == ["cell_columns"]


@pytest.mark.long
def test_no_page_swaps_cells_where_no_code_has_any() -> None:
    assert not [slider.key for slider in opened("interpolate").slider]


def test_colours_are_symmetric_about_zero_and_a_frame_leaves_the_tile_as_it_is() -> None:
    tiles = channels.channel_tiles(np.array([[[-2.0, 0.0, 1.0, 9.0]]], np.float32), 2.0)
    low, middle, half, high = tiles[0, 0].astype(int)
    assert low[2] > low[0]
    assert np.ptp(middle) < 6
    assert half[0] > half[2]
    np.testing.assert_array_equal(high, channels.channel_tiles(np.full((1, 1, 1), 2.0, np.float32), 2.0)[0, 0, 0])
    tile = np.zeros((8, 8, 1), np.uint8)
    framed = channels.outlined(tile, (0.25, 0.75, 0.0, 0.5))
    assert framed.shape == (8, 8, 3)
    assert {tuple(colour) for colour in framed[2:6, 0].tolist()} == {channels.OUTLINE}
    assert not framed[6:].any()
    assert not tile.any()


def test_the_code_of_a_vector_stays_bars() -> None:
    registered(vector=True)
    from aeviz.app.choice import shown_pair

    cards = registry.PROCESS.cards()
    left, right = shown_pair(cards[0], cards[1])
    assert "aeviz-bars" in channel_maps.show_code(bars.ItemCode("x", "#000", np.ones(5, np.float32), None), right)
    shown = channel_maps.show_code(bars.ItemCode("x", "#000", np.ones(32, np.float32), None), left)
    assert shown.count("<img") == 2
