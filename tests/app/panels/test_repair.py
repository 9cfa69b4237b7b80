"""What Repair lays out under the hand: the levels, the places, and the mask of a brush."""

import numpy as np

import aeviz
from aeviz.app.panels import repair_brush, repair_strip
from aeviz.evaluation.upscaling import upscaler_card


def test_the_level_of_a_link_is_among_the_stops() -> None:
    rows = {row.name: row for row in aeviz.load_dataset("mnist").corruptions}
    stops = repair_strip.level_stops(rows["gaussian"], 0.33)
    assert 0.33 in stops
    assert sorted(stops) == list(stops)
    assert repair_strip.level_stops(rows["low-resolution"], 2.0) == (0.0, 2.0, 4.0)
    assert repair_strip.level_stops(rows["half"], 0.5) == (0.5,), "a slider without a choice is none"


def test_the_seeds_own_place_stands_in_the_cell_where_its_damage_is() -> None:
    data = aeviz.load_dataset("mnist")
    row, clean = data.modality.corruption("block"), data.items[:1]
    for seed in (0, 11):
        where = repair_strip.places(data, clean, row, seed)
        assert len(where) == repair_strip.GRID**2
        cell = where.index(None)
        y, x = np.array(divmod(cell, repair_strip.GRID)) / (repair_strip.GRID - 1)
        hidden = data.hidden(clean, "block", repair_strip.PLACED_LEVEL, seed)
        assert hidden is not None
        np.testing.assert_allclose(
            np.argwhere(hidden[0, 0]).mean(0) / 27, [y, x], atol=0.5 / (repair_strip.GRID - 1) + 1e-6
        )
    assert repair_strip.places(data, clean, data.modality.corruption("gaussian"), 0) == (None,)


def test_the_network_without_a_bottleneck_is_told_of_by_its_card() -> None:
    idea = repair_strip.open_idea(aeviz.load_dataset("fashion"))
    assert f"{upscaler_card('fashion').psnr:.1f} dB" in idea


def test_a_pixel_is_lost_where_the_brush_covers_much_of_it() -> None:
    pixels = np.zeros((112, 112), np.uint8)
    pixels[8:12, 20:24] = 255
    pixels[8:12, 24:25] = 255  # a quarter of the next one
    mask = repair_brush.mask_of(pixels, (28, 28))
    assert np.argwhere(mask).tolist() == [[2, 5]]
