"""Training replay: how an AE and a VAE came to be, step by step."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from aeviz.app import models, shell, url, widgets
from aeviz.app.choice import CODES, chosen
from aeviz.app.panels import notions, training_command, training_films
from aeviz.app.panels.training_films import Replay
from aeviz.datasets.sources import SOURCES
from aeviz.evaluation import detection
from aeviz.figures import training_gif
from aeviz.model.families import FAMILIES, Family
from aeviz.parts.replay_film.streamlit import replay_film
from aeviz.training.recording import RecordingError

IDEA = r"""
While these models learned, some of their steps were **recorded**: the codes of up to 1,000 items of the test split, the
reconstructions of a few, what the decoder makes of the same 16 draws (*samples*) from $\mathcal N(0, I)$, and the
terms of the
loss. A step is one change of the weights, after one batch. Most happens early, so the steps are recorded, and stand on
the slider, evenly by their logarithm: $\log(1 + \text{step})$. While the slider moves, points glide in straight lines
between two recorded steps, for the eye alone; [[plural]] and numbers are always those of a recorded step.

Codes of more than two numbers are seen along the two **principal directions** of the last step's codes, the same at
every step. The dashed circle holds 95 % of the prior's draws, seen so.
"""
HEADING = ("Watch them learn", "Press play, from the first step to the last: do the codes draw together?")
STEP = url.Whole(
    "step", "the recorded step that is shown; the last one at first", default=-1, above="the last step", handle=True
)
PARAMETERS = (STEP,)


def page() -> None:
    """Draw the page."""
    dataset = chosen().dataset
    shell.header(*HEADING)
    missing: list[Family] = []
    read = [replay for code in CODES if (replay := _recording(dataset, code, missing))]
    _missing(dataset, missing)
    replays = training_films.together(read)
    if len(replays) < len(read):
        st.warning("The two models were recorded with other items: only the first is shown.", icon=":material/warning:")
    if replays:
        _seen(replays)
        _replay(dataset, replays)
        _verdict(replays)
        widgets.save(
            "Save as GIF",
            lambda: training_gif.gif([replay.film for replay in replays], replays[0].labels),
            f"aeviz-training-{dataset}.gif",
            "image/gif",
            icon=":material/gif_box:",
        )
    shell.explain("What is recorded, and how is it shown?", IDEA)


def _seen(replays: Sequence[Replay]) -> None:
    """How codes of more than two numbers become places."""
    if sentence := training_films.seen_sentence(replays):
        st.caption(sentence)


def _recording(dataset: str, code: str, missing: list[Family]) -> Replay | None:
    """The recording of a kind of code; where none can be read the page says so, where none is, `missing` has it."""
    try:
        replay = training_films.recording_of(dataset, code, [model.name for model in chosen().pair])
    except RecordingError as error:
        st.warning(str(error), icon=":material/warning:")
        return None
    if replay is None:
        missing.append(next(family for family in FAMILIES.values() if family.code == code))
    return replay


def _missing(dataset: str, families: Sequence[Family]) -> None:
    """What was not recorded, which data sets have recordings, and how to make one."""
    if not families:
        return
    names = " and no ".join(family.label for family in families)
    todo = "Train with the commands below" if dataset in SOURCES else "Train, then bring the folder as a zip"
    shipped = [name for name in models.comparable() if name != dataset and training_films.recorded(name)]
    st.info(
        f"No {names} of {models.title_within(dataset)} was recorded while it learned. {todo}, or see others.",
        icon=":material/movie:",
    )
    training_command.elsewhere(shipped, "recorded")
    lines = [f"aeviz train {family.name} [[data]] --latent 2 --record" for family in families]
    training_command.fold("\n".join(["pip install 'aeviz[train]'", *lines]), dataset, "recording")


def at_step(replays: Sequence[Replay]) -> url.Whole:
    """The step that is shown, among those recorded."""
    steps = training_films.steps_of(replays)
    return replace(STEP, low=steps[0], high=steps[-1], default=steps[-1], only=tuple(steps))


def _replay(dataset: str, replays: Sequence[Replay]) -> None:
    """The films under their slider; the step it rests on is in the URL."""
    recorded = at_step(replays)
    step = url.value(recorded)
    moved = replay_film(**training_films.shown(replays), step=step, key=f"replay-{dataset}")
    if moved.step is not None and moved.step != step:
        url.remember(recorded, int(moved.step))
        url.value(recorded)


def _verdict(replays: Sequence[Replay]) -> None:
    """Whether the codes spread out at first and are compact at the end, in numbers."""
    with st.container(key="card-verdict"):
        st.subheader("“Spread out at first, compact at the end”: is that so here?", anchor=False)
        st.markdown(
            "\n".join(
                f"- **{FAMILIES[replay.card.family].title}** ({replay.card.name}). "
                f"{training_films.course_sentence(replay.course)}"
                for replay in replays
            )
        )
        st.caption(training_films.prior_sentence(replays))
        with st.container(horizontal=True, gap="medium"):
            notions.ask(notions.SPREADING)
            notions.ask(notions.SEPARATION)
        if classes := {detection.left_out(replay.card) for replay in replays} - {""}:
            st.caption(
                f"Learned without the class “{'”, “'.join(sorted(classes))}”. Its items are among those recorded, and "
                "what a network never saw may cost it any number of nats: that is how such items are found."
            )
