"""Random codes in a file: what it decodes by itself, and what it holds of models that no browser runs."""

import pytest
from lessons_made import generate_section, pair


def test_a_file_that_decodes_holds_the_stop_that_is_shown_and_what_it_draws_from() -> None:
    section = generate_section(pair(items=20))
    assert len(section.networks) == 2
    assert section.notes == ()
    *alive, by_class = section.parts
    for part, count in zip(alive, (1, 1), strict=True):
        assert [panel["sheet"]["count"] for panel in part.data["panels"]] == [count, count]
    assert [panel["source"] for panel in section.facts["dials"]["around"]["panels"]] == ["directions"] * 2
    assert section.facts["dials"]["around"]["items"][0].startswith("item 0 (")
    assert [panel["notes"] for panel in alive[0].data["panels"]] == [["near", "far"]] * 2
    assert [panel["sheet"]["count"] for panel in by_class.data["panels"]] == [1, 2]  # a sheet for each class
    assert by_class.data["panels"][1]["notes"] == ["90%", "80%"]
    assert by_class.data["at"] == 1


def test_pictures_are_laid_out_anew_on_a_phone_but_for_columns_that_are_classes() -> None:
    draws, _, by_class = generate_section(pair(items=20)).parts
    grids = [panel["grid"] for part in (draws, by_class) for panel in part.data["panels"]]
    assert [grid["fixed"] for grid in grids] == [False, False, True, False]
    assert [grid["columns"] for grid in grids] == [4, 4, 2, 12]
    assert not any(grid["opens"] for grid in grids)


@pytest.mark.long
def test_of_models_that_no_browser_runs_there_is_a_picture_for_every_stop() -> None:
    section = generate_section(pair("ecg-ae", "ecg-vae", items=20))
    assert section.networks == ()
    assert section.facts["dials"] == {}
    assert "Films that were made when this page was saved" in section.notes[0]
    assert [panel["sheet"]["count"] for panel in section.parts[0].data["panels"]] == [2, 2]
