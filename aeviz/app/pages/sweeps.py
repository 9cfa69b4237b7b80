"""Sweeps: one thing varied, all else equal. Bottleneck, depth, the weight of the KL term, the loss, penalties."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape

import streamlit as st

from aeviz.app import html, models, shell
from aeviz.app.choice import ITEM, chosen
from aeviz.app.panels import chart, notions, own_item, sweep_penalties, training_command
from aeviz.evaluation import sweeps
from aeviz.figures import charts
from aeviz.model.likelihoods import LIKELIHOODS
from aeviz.store.checkpoints import Card

IDEA = r"""
Each chart varies one thing, so that a difference has one cause; what else differs is said under it. The networks are
small on purpose and trained once each: a difference of a few per cent may be chance. The penalised networks differ in
more than the penalty: see the caption of each.
"""
NARROW, LAYERS, WEIGHT = "How narrow may the bottleneck be?", "Do more layers help?", "What does the weight β change?"
LOSS, FIRE, FAR = "Which loss rebuilds best?", "Which units fire?", "How far does noise move a code?"
Variants = Mapping[str, Card]
PARAMETERS = (ITEM, *own_item.PARAMETERS)


@dataclass(frozen=True)
class Lacking:
    """What there are no models for, or no figures of them: its question, and the commands that train them."""

    question: str
    commands: str


Sweep = Callable[[], None] | Lacking  # what draws a card, or what keeps it from being drawn


def page() -> None:
    """Draw the page."""
    dataset = chosen().dataset
    variants = models.zoo()[dataset]
    shell.header("Change one thing", "The same network again and again: what does one setting do?")
    sweep_of = {name: sweep(dataset, variants) for name, sweep in SWEEPS.items()}
    drawn = {name: sweep for name, sweep in sweep_of.items() if not isinstance(sweep, Lacking)}
    lacking = [sweep for sweep in sweep_of.values() if isinstance(sweep, Lacking)]
    _elsewhere(dataset, len(lacking) > len(drawn))
    for start in range(0, len(drawn), 2):
        with st.container(horizontal=True, gap="medium", key=f"sweep-row-{start // 2}"):
            for name, sweep in [*drawn.items()][start : start + 2]:
                with st.container(key=f"card-sweep-{name}", height="stretch"):
                    sweep()
                    notions.ask(notions.SWEEPS[name])
    if lacking:
        _lacking(dataset, lacking)
    shell.explain("What is varied here, and what is not?", IDEA)


def _elsewhere(dataset: str, is_poor: bool) -> None:
    """Where a data set has few sweeps: those that have more, a click away."""
    shipped = [name for name, cards in models.zoo().items() if len(sweeps.depth(cards)) > 1]
    if not is_poor or dataset in shipped or not shipped:
        return
    titles = models.titles_within(shipped)
    st.info(
        f"To vary one thing takes many trainings of one small network. They come with {titles}; for "
        f"{models.title_within(dataset)} they are still to be trained.",
        icon=":material/tune:",
    )
    training_command.elsewhere(shipped, "sweeps")


def _lacking(dataset: str, lacking: list[Lacking]) -> None:
    """The questions that cannot be answered yet, and what would answer them."""
    with st.container(key="card-sweeps-lacking"):
        questions = "".join(f"<li>{sweep.question}</li>" for sweep in lacking)
        title = escape(models.title_within(dataset))
        st.html(
            f'<h2 class="aeviz-item">Not answered for {title} yet</h2><ul>{questions}</ul>'
            "<p>Their models are missing or not measured. Train them, then run <code>aeviz evaluate</code> on each.</p>"
        )
        commands = "\n\n".join(f"# {sweep.question}\n{sweep.commands}" for sweep in lacking)
        training_command.fold(commands, dataset, "sweeps")


def _bottleneck(dataset: str, variants: Variants) -> Sweep:
    straight, bent, *_ = sweeps.families("size")
    pca, dense = sweeps.bottleneck(variants, straight.name), sweeps.bottleneck(variants, bent.name)
    if max(len(pca), len(dense)) < 2:
        return Lacking(
            NARROW,
            f"for d in 2 4 8 16 32 64; do\n  aeviz train {straight.name} [[data]] --latent $d\n"
            f"  aeviz train {bent.name} [[data]] --latent $d --epochs 40\ndone",
        )
    return partial(_draw_bottleneck, dataset, pca, dense)


def _draw_bottleneck(dataset: str, pca: list[Card], dense: list[Card]) -> None:
    _heading(NARROW, sweeps.bottleneck_sentence(pca, dense))
    straight, bent, *_ = sweeps.families("size")
    drawn = [
        charts.Series(
            family.label,
            family.mark,
            [card.latent_dim for card in cards],
            [sweeps.error(card) for card in cards],
            [""] * len(cards),
        )
        for family, cards in ((straight, pca), (bent, dense))
    ]
    sizes = sorted({card.latent_dim for card in (*pca, *dense)})
    chart.show(charts.lines(drawn, "numbers in a code (latent dimension)", _error(dataset), ticks=sizes), alt=NARROW)
    _note(sweeps.epochs_sentence(dense))


def _depth(dataset: str, variants: Variants) -> Sweep:
    cards = sweeps.depth(variants)
    if len(cards) < 2:
        return Lacking(
            LAYERS,
            f"aeviz train dense [[data]] --epochs 40\n"
            f"aeviz train deep [[data]] --epochs 40 --name {dataset}-deep-4\n"
            f"aeviz train deep [[data]] --epochs 40 --name {dataset}-deep-2 --hidden 60 60",
        )
    return partial(_draw_depth, dataset, cards)


def _draw_depth(dataset: str, cards: list[Card]) -> None:
    _heading(LAYERS, sweeps.depth_sentence(cards))
    x, y = [sweeps.layers(card) for card in cards], [sweeps.error(card) for card in cards]
    shallow, *_, deep = sweeps.families("depth")
    drawn = charts.Series(shallow.label, deep.mark, x, y, [""] * len(cards))
    figure = charts.lines([drawn], "hidden layers on each side of the code", _error(dataset))
    figure.update_xaxes(tickvals=sorted(set(x)), range=[min(x) - 0.5, max(x) + 0.5])
    chart.show(figure.update_layout(showlegend=False), alt=LAYERS)
    weights = sorted(card.metrics["parameters"] for card in cards)
    _note(
        f"Between {weights[0]:,} and {weights[-1]:,} weights: more layers are thinner ones. "
        f"{sweeps.epochs_sentence(cards)}"
    )


def _rate(dataset: str, variants: Variants) -> Sweep:
    cards = sweeps.rate(variants)
    if len(cards) < 2:
        return Lacking(
            WEIGHT,
            f"for b in 0.25 4 16; do\n  aeviz train beta-vae [[data]] --objective beta=$b \\\n"
            f"    --name {dataset}-beta-vae-$b\ndone",
        )
    return partial(_draw_rate, dataset, cards)


def _draw_rate(dataset: str, cards: list[Card]) -> None:
    _heading(WEIGHT, sweeps.rate_sentence(cards, models.words(dataset).noun))
    text = [f"β = {sweeps.beta(card):g}<br>{card.metrics['active_units']} active" for card in cards]
    x, y = ([card.metrics[key] for card in cards] for key in ("kl", "reconstruction"))
    family, *_ = sweeps.families("rate")
    drawn = charts.Series(family.label, family.mark, x, y, text)
    figure = charts.lines([drawn], "rate: KL (nats)", "distortion: −log p(x | z) (nats)")
    figure.update_xaxes(range=[0, 1.5 * max(x)])  # room for the label of the last point on a phone, too
    chart.show(figure.update_layout(showlegend=False), alt=WEIGHT)
    _note(sweeps.epochs_sentence(cards))


def _losses(dataset: str, variants: Variants) -> Sweep:
    cards, words = sweeps.losses(variants), models.words(dataset)
    usual, *others = models.modality(dataset).likelihoods
    if not others:
        alone = f"There is one loss that suits {words.plural}, the {LIKELIHOODS[usual].title}: none to compare."
        return partial(_heading, LOSS, alone)
    if len(cards) < 2:
        lines = [
            f"aeviz train dense [[data]] --epochs 40 --likelihood {loss} --name {dataset}-dense-{loss}"
            for loss in others
        ]
        return Lacking(LOSS, "\n".join(["aeviz train dense [[data]] --epochs 40", *lines]))
    return partial(_draw_losses, dataset, cards)


def _draw_losses(dataset: str, cards: dict[str, Card]) -> None:
    _heading(LOSS, sweeps.losses_sentence(cards))
    data = models.data(dataset)
    first, *_, last = data.modality.distances
    row = data.walk[0]  # rebuilt under each loss
    x, labels = data.items[row : row + 1], data.labels[row : row + 1]
    shown = [html.figure(data.tiles(x)[0], "Item", note=f"{data.label_of(row)} · item {row:,}")]
    for name, card in cards.items():
        rebuilt = models.explorer(card.name).codes(x, labels).tiles
        note = " · ".join(
            f"{label} {card.metrics[judge.key]:.{digits}f}"
            for label, judge, digits in (("error", first, 4), (last.label, last, 3))
        )
        shown.append(html.figure(rebuilt[0], sweeps.loss_of(name, card), note=note))
    st.html(html.row(shown, smallest=120))
    _note(
        f"One item; reconstruction error and {last.label} are those of the whole test split. "
        f"{sweeps.epochs_sentence([*cards.values()])}"
    )


def _firing(dataset: str, variants: Variants) -> Sweep:
    cards = sweep_penalties.compared(variants, "firing")
    if len(sweeps.with_figures({card.name: card for card in cards}, "active_share")) < max(1, len(cards)):
        return Lacking(FIRE, "aeviz train sparse [[data]]\naeviz train ae [[data]]")
    return partial(_draw_firing, dataset, cards)


def _draw_firing(dataset: str, cards: list[Card]) -> None:
    _heading(FIRE, sweep_penalties.firing_sentence(cards))
    sweep_penalties.draw_firing(dataset, cards)
    _note(sweep_penalties.built(cards))


def _motion(dataset: str, variants: Variants) -> Sweep:
    cards, words = sweep_penalties.compared(variants, "motion"), models.words(dataset)
    noise = sweep_penalties.noise(models.modality(dataset))
    if noise is None:
        unmoved = f"A {words.noun} is made of {words.value}s, which cannot be moved a little: no small noise fits."
        return partial(_heading, FAR, unmoved)
    if not cards:
        lines = [f"aeviz train {family} [[data]]" for family in ("contractive", "ae", "dae")]
        return Lacking(FAR, "\n".join(lines))
    return partial(_draw_motion, f"noise added to the {words.noun}: {noise.unit}", cards)


def _draw_motion(title: str, cards: list[Card]) -> None:
    curves = sweep_penalties.motions(cards)
    _heading(FAR, sweep_penalties.motion_sentence(curves))
    chart.show(charts.lines(curves, title, "motion of the code"), alt=FAR)
    _note(sweep_penalties.built(cards))


SWEEPS = {
    "bottleneck": _bottleneck,
    "depth": _depth,
    "rate": _rate,
    "losses": _losses,
    "firing": _firing,
    "motion": _motion,
}  # each in its card, two to a row


def _heading(question: str, sentence: str) -> None:
    st.html(f'<h2 class="aeviz-item">{question}</h2><p class="aeviz-promise">{sentence}</p>')


def _note(text: str) -> None:
    if text:
        st.caption(text)


def _error(dataset: str) -> str:
    """The title of an axis of errors."""
    error = models.modality(dataset).error
    return (
        error.label[0].lower()
        + error.label[1:]
        + (f", {unit}" if (unit := error.unit_in(models.data(dataset).scale)) else "")
    )
