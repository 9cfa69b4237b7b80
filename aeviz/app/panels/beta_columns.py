"""One network trained with several weights β of the KL term, side by side: what the weight does, and why it blurs."""

import json
from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, widgets
from aeviz.app.model_names import looks
from aeviz.app.panels import notions, training_command
from aeviz.evaluation import sweeps
from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.evaluation.generation import sharers, shares
from aeviz.figures import bars, files
from aeviz.store.checkpoints import Card

DRAWS, COLUMNS = 24, 6
MIN_NATS_FOR_TENTHS, MAX_NATS_FOR_TENTHS = 10, 10_000  # smaller sums are written to hundredths, larger ones whole
SHARERS = 5  # items that share the code
COMPARED_FIELDS = ("latent_dim", "body", "channels", "hidden", "options", "likelihood", "output")
SHARED_DEFINITION = (
    "How many test items the code serves: the exponential of the entropy of the shares q(z | x_i) / Σ q(z | x_j) that "
    "they have in the item's mean code z."
)
Array = NDArray[np.float32]


def variational(dataset: str) -> dict[str, Card]:
    """A data set's models with a Gaussian code that want no class: those of two numbers first, then by β."""
    networks = {
        name: card
        for name, card in models.zoo()[dataset].items()
        if card.code == "gaussian" and not models.classes(card)
    }

    def rank(entry: tuple[str, Card]) -> tuple[int, float]:
        beta = sweeps.beta(entry[1])
        return entry[1].latent_dim, np.inf if beta is None else beta

    return dict(sorted(networks.items(), key=rank))


def beta_text(beta: float | None) -> str:
    """A weight for a heading: "β = 4"."""
    return "β unknown" if beta is None else f"β = {beta:g}"


def labels(networks: dict[str, Card]) -> dict[str, str]:
    """What each model is called in the page's list: its name, as everywhere."""
    return {name: looks(card).title for name, card in networks.items()}


def siblings(dataset: str, card: Card) -> list[Card]:
    """Models that differ in β alone, by rising β: those like `card`, else the largest such set; empty where none is."""
    groups: dict[str, dict[float, Card]] = {}
    for other in variational(dataset).values():
        if (beta := sweeps.beta(other)) is not None:
            groups.setdefault(_architecture(other), {})[beta] = other
    mine = groups.get(_architecture(card), {})
    chosen = mine if len(mine) > 1 else max(groups.values(), key=len, default={})
    return [chosen[beta] for beta in sorted(chosen)] if len(chosen) > 1 else []


def _architecture(card: Card) -> str:
    """What a network is but for its β, as text: options hold lists and tables, which no key may be."""
    config = models.config(card)
    same = {name: getattr(config, name) for name in COMPARED_FIELDS}
    return json.dumps(same | {"binarize": bool(config.training.get("binarize", False))}, sort_keys=True)


def term_bars(rows: Sequence[tuple[str, float, float]], colour: str) -> str:
    """Reconstruction and KL in nats, (name, reconstruction, KL) a row, as bars on one scale in HTML."""
    largest = max(error + kl for _, error, kl in rows)
    digits = 0 if largest >= MAX_NATS_FOR_TENTHS else 1 if largest >= MIN_NATS_FOR_TENTHS else 2
    rows_of = "".join(
        f'<dt>{escape(name)}</dt><dd style="--accent: {colour}"><i style="--share: {error / largest:.4f}"></i>'
        f'<u style="--share: {kl / largest:.4f}"></u>'
        f"<span><b>{error + kl:,.{digits}f}</b> nats = {error:,.{digits}f} + {kl:,.{digits}f}</span></dd>"
        for name, error, kl in rows
    )
    legend = (
        f'<p class="aeviz-key" style="--accent: {colour}"><i></i>reconstruction, −log p(x | z)'
        "<u></u>KL, how far from the prior</p>"
    )
    return f'{legend}<dl class="aeviz-terms">{rows_of}</dl>'


def section(dataset: str, card: Card, row: int, own: Array | None = None) -> None:
    """The β models side by side, for the item of a row, or for a visitor's own (*shape)."""
    st.subheader("Turn the weight of the KL: β", anchor=False)
    networks = siblings(dataset, card)
    if not networks:
        shipped = [name for name, cards in models.zoo().items() if len(sweeps.rate(cards)) > 1]
        titles = models.titles_within(shipped)
        have = f" Such networks come with {titles}." if titles else ""
        st.info(f"This needs one network trained with several weights.{have}", icon=":material/model_training:")
        training_command.elsewhere(shipped, "betas-of")
        lines = "\n".join(
            f"aeviz train beta-vae [[data]] --objective beta={beta:g} --name {dataset}-beta-vae-{beta:g}"
            for beta in (0.25, 4, 16)
        )
        training_command.fold(lines, dataset, "betas")
        return
    words = models.words(dataset)
    st.markdown(
        f"One network of {networks[0].latent_dim} numbers, each time with another weight on the KL term. A small "
        f"weight: sharp {words.plural}, narrow clouds scattered anywhere. A large weight: clouds that overlap, "
        f"coordinates that carry nothing, and {words.plural} that blur."
    )
    notions.ask(notions.BLUR)
    kls = [models.codes(model.name).kl for model in networks]
    top = max(float(kl.mean(0).max()) for kl in kls if kl is not None)
    for column, model in zip(st.columns(len(networks), gap="small"), networks, strict=True):
        with column, st.container(key=f"card-beta-{networks.index(model)}", height="stretch"):
            _column(model, row, own, top, chosen=model.name == card.name)
    st.caption(
        "“Mean of the items that share the code”: of the test items whose clouds cover the item's code, each weighted "
        "by how densely it does. No decoder could come nearer to them all. Where a code is one item's alone the mean "
        "is that item, and only the decoder's own limits blur it; where many share it, the mean blurs as the decode "
        "does."
    )


def _column(card: Card, row: int, own: Array | None, top: float, *, chosen: bool) -> None:
    data, network = models.data(card.dataset), models.explorer(card.name)
    codes = models.codes(card.name)
    colour = looks(card).colour
    here = f"<small>{escape(looks(card).label)}{', chosen above' * chosen}</small>"
    st.html(f'<h2 class="aeviz-model" style="--accent: {colour}">{beta_text(sweeps.beta(card))}{here}</h2>')
    of_item, at = (codes, row) if own is None else (network.codes(own[None]), 0)
    weights = shares(codes, of_item.mean[at])
    average = data.tiles(np.tensordot(weights, data.items, 1).astype(np.float32)[None])[0]
    decode = of_item.tiles[at]
    st.html(
        html.row(
            [
                html.figure(decode, "decode of μ", accent=colour),
                html.figure(average, "mean of the items that share the code"),
            ]
        )
        + html.defined(f"items that share this code: <b>{_count(weights)}</b>", SHARED_DEFINITION)
        + '<p class="aeviz-label">those that share most of it</p>'
        + html.thumbnails(data, [int(other) for other in np.argsort(-weights, kind="stable")[:SHARERS]])
        + '<p class="aeviz-label">draws from N(0, I), decoded, seed 0</p>'
        + html.row([html.figure(_samples(card.name), "")])
        + '<p class="aeviz-label">KL of each coordinate, averaged over the test split</p>'
        + _kl_bars(codes.kl.mean(0) if codes.kl is not None else np.zeros(1), top, colour)
    )
    _numbers(card, codes.kl)
    sheet = np.stack([data.tiles((data.items[row] if own is None else own)[None])[0], decode, average])
    widgets.save("Save as PNG", lambda: files.png(files.sheet(sheet, 3), 6), f"{network.name}-{row}.png",
                       "image/png", key=f"save-{card.name}", icon=":material/download:", type="tertiary")  # fmt: skip


def _count(weights: NDArray) -> str:
    count = sharers(weights)
    return f"{count:,.0f} items" if count >= 10 else f"{count:.1f} item{'s' * (f'{count:.1f}' != '1.0')}"


@caches.kept(max_entries=16, show_spinner=False)
def _samples(name: str) -> NDArray[np.uint8]:
    network = models.explorer(name)
    data = models.data(network.config.dataset)
    tiles = data.tiles(network.decode(network.prior(DRAWS, 0)))
    return files.sheet(tiles, files.abreast(tiles, COLUMNS, 300))


def _kl_bars(kl: NDArray, top: float, colour: str) -> str:
    """Mean KL of each coordinate, the largest first, on the scale that all columns share."""
    drawn = "".join(
        f'<i data-tip="{value:.2f} nats" tabindex="-1">'
        f'<b style="top: {100 - 100 * value / top:.1f}%; height: {100 * value / top:.1f}%"></b></i>'
        for value in sorted(kl.tolist(), reverse=True)
    )
    order = np.argsort(-kl, kind="stable")[: bars.MAX_TOLD].tolist()
    scale = bars.unfolding(f"0 to {top:.1f} nats", [f"z{i}: {kl[i]:.2f} nats" for i in order])
    return (
        f'<div class="aeviz-bars floor" style="--accent: {colour}" role="group" '
        f'aria-label="KL of each coordinate as bars, the largest {max(kl):.1f} nats">{drawn}</div>'
        f'<div class="aeviz-bars-head"><span>{len(kl)} coordinates</span>{scale}</div>'
    )


def _numbers(card: Card, kl: Array | None) -> None:
    """Rate, distortion and active units: measured with the checkpoint, the rate at once where that is missing."""
    metrics, figures = card.metrics, []
    rate = metrics.get("kl", None if kl is None else float(kl.sum(1).mean()))
    if rate is not None:
        figures.append(("rate (KL)", f"{rate:.1f} nats", DEFINITIONS["kl"]))
    if "reconstruction" in metrics:
        figures.append(("distortion", f"{metrics['reconstruction']:.1f} nats", DEFINITIONS["reconstruction"]))
    if "active_units" in metrics:
        figures.append(
            ("active units", f"{metrics['active_units']:.0f} of {card.latent_dim}", DEFINITIONS["active_units"])
        )
    html.numbers(figures)
    if "reconstruction" not in metrics:
        st.caption(f"Not measured yet: `aeviz evaluate {card.name}`.")
