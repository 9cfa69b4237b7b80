"""How a VAE thinks as it is asked for."""

from dataclasses import replace

from aeviz.app import models
from aeviz.app.choice import shown_pair
from aeviz.app.pages import vae_walkthrough as page
from aeviz.app.panels import beta_columns
from aeviz.app.saving.asked import Asked, data_credit, loaded, model_credit
from aeviz.evaluation import sweeps
from aeviz.latent import axes
from aeviz.lessons import walkthrough
from aeviz.lessons.record import Section
from aeviz.lessons.walkthrough import Passed
from aeviz.store.checkpoints import Card

ITEMS = 60  # that a file has
SENTENCE = (
    "Follow a [[noun]] through a VAE: a cloud of codes, a draw z from it, and what z decodes to. Turn μ and σ, or take "
    "another ε: another [[noun]]."
)


def section(asked: Asked) -> Section:
    """The view that a link is of, of an item of the data set. Raises ValueError where no model has such codes."""
    networks = beta_columns.variational(asked.choice.dataset)
    if not networks:
        raise ValueError(f"No variational model of {models.title_within(asked.choice.dataset)} is installed.")
    name = asked.value(replace(page.NETWORK, options=tuple(networks), default=next(iter(networks))))
    card, data = networks[name], models.data(asked.choice.dataset)
    shown = shown_pair(card, card)[0]
    passed = _passed(asked, card)
    seed = f"put by hand at {', '.join(f'{x:.2f}' for x in passed.position)}" if passed.position is not None else ""
    by_hand = "" if passed.turned is None else ", its μ and σ turned by hand"
    state = (
        f"Saved with item {asked.item:,} ({data.label_of(asked.item)}) in {beta_columns.labels(networks)[name]}"
        f"{by_hand}, and z {seed or f'drawn with seed {passed.seed}'}."
    )
    if not passed.model.problem:
        state += " A seed draws what it draws in aeviz."
    return walkthrough.section(
        data,
        passed,
        asked.words(page.TITLE, SENTENCE, state),
        notes=[page.trained_sentence(sweeps.beta(card))],
        credits=[data_credit(data), model_credit(shown)],
    )


def _passed(asked: Asked, card: Card) -> Passed:
    data, shown = models.data(asked.choice.dataset), shown_pair(card, card)[0]
    model, first, seed = loaded(shown, asked.whole), asked.item, asked.value(page.EPSILON)
    plane, (mean, std, _) = page.plane_of(model.codes), page.posterior(model.codes, first)
    of_mean, of_std = (asked.value(replace(parameter, size=len(mean))) for parameter in (page.MEAN, page.SPREAD))
    turned = page.turned(model.codes, mean, std, of_mean, of_std) if of_mean or of_std else None
    region, view = (-1.0, 1.0, -1.0, 1.0), asked.value(page.LOOK)
    if plane is not None:
        region = page.region(plane, *(turned or (mean, std)), view)
    return Passed(
        model,
        axes.coordinate_axes(model.codes),
        plane,
        rows=[first, *(row for row in range(min(ITEMS, len(data))) if row != first)],
        noise=page.noise(seed, first, len(mean)),
        seed=seed,
        region=region,
        position=None if plane is None else asked.value(page.POSITION),
        measured=page.measured(card),
        seen=asked.texts.get(page.VIEW.name, ""),
        turned=turned,
        near=page.NEAR_STDS if view == "near" else None,
    )
