"""Sweeps: one thing varied, all else equal. Bottleneck, depth, the weight of the KL term, the loss, penalties."""

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
PARAMETERS = (ITEM, *own_item.PARAMETERS)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    variants = models.zoo()[choice.dataset]
    shell.header("Change one thing", "The same network again and again: what does one setting do?")
    _elsewhere(choice.dataset)
    for number, row in enumerate(((_bottleneck, _depth), (_rate, _losses), (_firing, _motion))):
        with st.container(horizontal=True, gap="medium", key=f"sweep-row-{number}"):
            for part in row:
                with st.container(key=f"card-sweep{part.__name__.replace('_', '-')}", height="stretch"):
                    part(choice.dataset, variants)
                    notions.ask(notions.SWEEPS[part.__name__.strip("_")])
    shell.explain("What is varied here, and what is not?", IDEA)


def _elsewhere(dataset: str) -> None:
    """Where a data set has no sweeps: those that have some, a click away."""
    shipped = [name for name, cards in models.zoo().items() if len(sweeps.depth(cards)) > 1]
    if dataset in shipped or not shipped:
        return
    titles = models.titles_within(shipped)
    st.info(
        f"To vary one thing takes many trainings of one small network. They come with {titles}; for "
        f"{models.title_within(dataset)}, the models of an empty card are still to be trained, with its command.",
        icon=":material/tune:",
    )
    training_command.elsewhere(shipped, "sweeps")


def _bottleneck(dataset: str, variants: dict[str, Card]) -> None:
    question = "How narrow may the bottleneck be?"
    straight, bent, *_ = sweeps.families("size")
    pca, dense = sweeps.bottleneck(variants, straight.name), sweeps.bottleneck(variants, bent.name)
    if max(len(pca), len(dense)) < 2:
        _missing(
            question,
            f"for d in 2 4 8 16 32 64; do\n  aeviz train {straight.name} [[data]] --latent $d\n"
            f"  aeviz train {bent.name} [[data]] --latent $d --epochs 40\ndone",
            dataset,
        )
        return
    _heading(question, sweeps.bottleneck_sentence(pca, dense))
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
    chart.show(charts.lines(drawn, "numbers in a code (latent dimension)", _error(dataset), ticks=sizes), alt=question)
    _note(sweeps.epochs_sentence(dense))


def _depth(dataset: str, variants: dict[str, Card]) -> None:
    question, cards = "Do more layers help?", sweeps.depth(variants)
    if len(cards) < 2:
        _missing(
            question,
            f"aeviz train dense [[data]] --epochs 40\n"
            f"aeviz train deep [[data]] --epochs 40 --name {dataset}-deep-4\n"
            f"aeviz train deep [[data]] --epochs 40 --name {dataset}-deep-2 --hidden 60 60",
            dataset,
        )
        return
    _heading(question, sweeps.depth_sentence(cards))
    x, y = [sweeps.layers(card) for card in cards], [sweeps.error(card) for card in cards]
    shallow, *_, deep = sweeps.families("depth")
    drawn = charts.Series(shallow.label, deep.mark, x, y, [""] * len(cards))
    figure = charts.lines([drawn], "hidden layers on each side of the code", _error(dataset))
    figure.update_xaxes(tickvals=sorted(set(x)), range=[min(x) - 0.5, max(x) + 0.5])
    chart.show(figure.update_layout(showlegend=False), alt=question)
    weights = sorted(card.metrics["parameters"] for card in cards)
    _note(
        f"Between {weights[0]:,} and {weights[-1]:,} weights: more layers are thinner ones. "
        f"{sweeps.epochs_sentence(cards)}"
    )


def _rate(dataset: str, variants: dict[str, Card]) -> None:
    question, cards = "What does the weight β change?", sweeps.rate(variants)
    if len(cards) < 2:
        _missing(
            question,
            f"for b in 0.25 4 16; do\n  aeviz train beta-vae [[data]] --objective beta=$b \\\n"
            f"    --name {dataset}-beta-vae-$b\ndone",
            dataset,
        )
        return
    _heading(question, sweeps.rate_sentence(cards, models.words(dataset).noun))
    text = [f"β = {sweeps.beta(card):g}<br>{card.metrics['active_units']} active" for card in cards]
    x, y = ([card.metrics[key] for card in cards] for key in ("kl", "reconstruction"))
    family, *_ = sweeps.families("rate")
    drawn = charts.Series(family.label, family.mark, x, y, text)
    figure = charts.lines([drawn], "rate: KL (nats)", "distortion: −log p(x | z) (nats)")
    figure.update_xaxes(range=[0, 1.5 * max(x)])  # room for the label of the last point on a phone, too
    chart.show(figure.update_layout(showlegend=False), alt=question)
    _note(sweeps.epochs_sentence(cards))


def _losses(dataset: str, variants: dict[str, Card]) -> None:
    question, cards = "Which loss rebuilds best?", sweeps.losses(variants)
    modality, words = models.modality(dataset), models.words(dataset)
    usual, *others = modality.likelihoods
    if not others:
        _heading(
            question, f"There is one loss that suits {words.plural}, the {LIKELIHOODS[usual].title}: none to compare."
        )
        return
    if len(cards) < 2:
        lines = [
            f"aeviz train dense [[data]] --epochs 40 --likelihood {loss} --name {dataset}-dense-{loss}"
            for loss in others
        ]
        _missing(question, "\n".join(["aeviz train dense [[data]] --epochs 40", *lines]), dataset)
        return
    _heading(question, sweeps.losses_sentence(cards))
    data = models.data(dataset)
    first, *_, last = modality.distances
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


def _firing(dataset: str, variants: dict[str, Card]) -> None:
    question, cards = "Which units fire?", sweep_penalties.compared(variants, "firing")
    if len(sweeps.with_figures({card.name: card for card in cards}, "active_share")) < max(1, len(cards)):
        _missing(question, "aeviz train sparse [[data]]\naeviz train ae [[data]]", dataset)
        return
    _heading(question, sweep_penalties.firing_sentence(cards))
    sweep_penalties.draw_firing(dataset, cards)
    _note(sweep_penalties.built(cards))


def _motion(dataset: str, variants: dict[str, Card]) -> None:
    question, cards = "How far does noise move a code?", sweep_penalties.compared(variants, "motion")
    noise, words = sweep_penalties.noise(models.modality(dataset)), models.words(dataset)
    if noise is None:
        _heading(
            question, f"A {words.noun} is made of {words.value}s, which cannot be moved a little: no small noise fits."
        )
        return
    if not cards:
        _missing(
            question, "\n".join(f"aeviz train {family} [[data]]" for family in ("contractive", "ae", "dae")), dataset
        )
        return
    curves = sweep_penalties.motions(cards)
    _heading(question, sweep_penalties.motion_sentence(curves))
    chart.show(
        charts.lines(curves, f"noise added to the {words.noun}: {noise.unit}", "motion of the code"), alt=question
    )
    _note(sweep_penalties.built(cards))


def _heading(question: str, sentence: str) -> None:
    st.html(f'<h2 class="aeviz-item">{question}</h2><p class="aeviz-promise">{sentence}</p>')


def _note(text: str) -> None:
    if text:
        st.caption(text)


def _missing(question: str, commands: str, dataset: str) -> None:
    _heading(
        question,
        "These models are not installed, or not measured. Train them, then run <code>aeviz evaluate</code> on each.",
    )
    training_command.fold(commands, dataset, question)


def _error(dataset: str) -> str:
    """The title of an axis of errors."""
    error = models.modality(dataset).error
    return (
        error.label[0].lower()
        + error.label[1:]
        + (f", {unit}" if (unit := error.unit_in(models.data(dataset).scale)) else "")
    )
