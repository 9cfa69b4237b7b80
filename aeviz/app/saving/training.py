"""Training as it is asked for."""

from collections.abc import Sequence

from aeviz.app import models
from aeviz.app.choice import CODES, shown_pair
from aeviz.app.pages import training as page
from aeviz.app.panels import training_films
from aeviz.app.panels.training_films import Replay
from aeviz.app.saving.asked import Asked, data_credit, model_credit
from aeviz.lessons import training
from aeviz.lessons.record import Section


def section(asked: Asked) -> Section:
    """The recordings that the page shows, at the step of a link.

    Raises ValueError where no model of the data set was recorded, and RecordingError for a recording that is damaged.
    """
    dataset, names = asked.choice.dataset, [model.name for model in asked.choice.pair]
    read = [replay for code in CODES if (replay := training_films.recording_of(dataset, code, names))]
    if not read:
        raise ValueError(f"No model of {models.title_within(dataset)} was recorded while it learned.")
    replays = training_films.together(read)
    step = asked.value(page.at_step(replays))
    shown = training_films.shown(replays)
    return training.section(
        shown.pop("films"),
        shown,
        asked.words(*page.HEADING, f"Saved at step {step:,} of {training_films.steps_of(replays)[-1]:,}."),
        step=step,
        notes=_notes(replays),
        credits=[
            data_credit(models.data(dataset)),
            *(model_credit(shown_pair(replay.card, replay.card)[0]) for replay in replays),
        ],
    )


def _notes(replays: Sequence[Replay]) -> list[str]:
    """What became of the codes, in words, as the page says it."""
    courses = [f"{replay.film.label}. {training_films.course_sentence(replay.course)}" for replay in replays]
    return [*courses, training_films.prior_sentence(replays), *filter(None, [training_films.seen_sentence(replays)])]
