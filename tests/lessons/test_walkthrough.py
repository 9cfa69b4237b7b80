"""An item on its way through a VAE in a file: what the page runs, and what it holds of a model that no browser runs."""

from dataclasses import replace

import numpy as np
import pytest
from lessons_made import pair, passed, walkthrough_section, words

from aeviz.lessons import walkthrough


def test_a_file_has_the_whole_model_sliders_of_both_and_a_pad_to_draw_on() -> None:
    shown = pair(items=20)
    section = walkthrough_section(shown)
    assert [part.key for part in section.parts] == ["pad", "drawing", "mean", "spread"]
    assert "half" not in section.networks[0].portable.config
    mean, spread = (part.data["rows"] for part in section.parts[2:])
    order = section.facts["order"]
    np.testing.assert_allclose([row["value"] for row in mean], shown.right.codes.mean[0][order])
    assert shown.right.codes.std is not None
    np.testing.assert_allclose([row["value"] for row in spread], shown.right.codes.std[0][order])
    assert all(0 < row["low"] < row["value"] < row["high"] for row in spread)


def test_a_place_by_hand_is_where_the_code_is() -> None:
    placed = replace(passed(pair(items=20).right), position=np.array([0.5, -1], np.float32))
    assert placed.plane
    np.testing.assert_allclose(placed.plane.read(placed.z[None])[0], [0.5, -1], atol=1e-5)


@pytest.mark.long
def test_of_a_model_that_no_browser_runs_there_are_pictures_and_a_plane() -> None:
    shown = pair("ecg-ae", "ecg-vae", items=20)
    section = walkthrough_section(shown)
    assert section.networks == ()
    assert [part.part for part in section.parts] == ["dial", "latent_pad"]
    assert "Films that were made when this page was saved" in section.notes[0]
    assert section.parts[1].data["levels"][0]["sheet"]["url"].startswith("data:image/png")


def test_codes_that_are_points_have_no_cloud() -> None:
    shown = pair(items=20)
    with pytest.raises(ValueError, match="no cloud to draw from"):
        walkthrough.section(shown.data, passed(shown.left), words())
