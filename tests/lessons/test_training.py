"""Recorded trainings in a file: as many frames as it holds."""

from lessons_made import film, training_section

from aeviz.lessons import training


def test_a_film_that_is_too_large_loses_frames_but_never_its_ends_nor_the_step_shown() -> None:
    long = film(frames=40)
    assert training.bounded([long], 5) == [long]
    (few,) = training.bounded([long], 5, most=30_000)
    steps = list(few.steps)
    assert 3 < len(steps) < 20
    assert {0, 5, 39} <= set(steps)
    assert len(few.places) == len(few.reconstructions) == len(few.samples) == len(steps)
    assert list(training.bounded([long], 5, most=1)[0].steps) == [0, 5, 39]


def test_what_is_left_out_is_said() -> None:
    section = training_section(most=30_000)
    assert "this file holds" in section.notes[-1]
    assert "of 40 recorded steps" in section.notes[-1]
    assert training_section().notes == ()
