"""How a VAE thinks: one item goes through μ, σ, ε and z, and what the two terms of its loss say."""

from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, shell, url, widgets
from aeviz.app.choice import ITEM, chosen
from aeviz.app.panels import beta_columns, item_picker, latent_plane
from aeviz.evaluation import sweeps
from aeviz.figures import bars, files, palette
from aeviz.latent import axes
from aeviz.latent.explorer import Codes
from aeviz.model import likelihoods
from aeviz.parts.latent_pad import Level, Region, grid, rows_for
from aeviz.parts.latent_pad.streamlit import committed, latent_pad
from aeviz.store.checkpoints import Card

IDEA = r"""
The encoder does not answer with one code but with a Gaussian cloud of codes, the **posterior**
$q(z|x) = \mathcal N(\mu(x), \operatorname{diag}\sigma^2(x))$. To train, one code is drawn from it (a *sample*) and
decoded; a code has as many numbers as the *latent dimension*. A draw has no derivative by itself; written as

$$z = \mu + \sigma \odot \varepsilon, \qquad \varepsilon \sim \mathcal N(0, I),$$

all chance is in $\varepsilon$, and gradients flow through $\mu$ and $\sigma$: the **reparameterization trick** (Kingma
and Welling 2014, section 2.4).

The loss has two terms, together the negative **ELBO**, a bound on $-\log p(x)$:

$$\underbrace{\mathbb E_{q(z|x)}[-\log p(x|z)]}_{\text{reconstruction}}
+ \beta\,\underbrace{\mathrm{KL}\big(q(z|x)\,\|\,\mathcal N(0,I)\big)}_{\text{how far from the prior}},
\qquad \mathrm{KL} = \sum_i \tfrac12\big(\mu_i^2 + \sigma_i^2 - 1 - \ln\sigma_i^2\big).$$

Both are in nats. A VAE has $\beta = 1$; a larger weight (Higgins et al. 2017) buys round, overlapping clouds with
worse reconstructions.FLOOR

**Why it blurs.** Where the clouds of several items overlap, one code has to serve them all. The decode of least
expected loss is then the average of those items, each weighted by how densely its cloud covers the code,
$q(z|x_i) / \sum_j q(z|x_j)$ (Rezende and Viola 2018). The page shows that average over the test split; the decoder was
fitted to the training split, so the two need not agree to the [[value]]. "Shared by" counts the items in it, as the
exponential of the entropy of the weights.
"""
FLOOR = (
    " For values between 0 and 1 the cross-entropy has a floor above 0: even a perfect copy costs something where it "
    "is neither."
)
HEIGHT_PX = 560
COLUMNS = 28  # across the plane
ASPECT = 1.4  # the plane is wider than high…
UPRIGHT_STRETCH = 1.9  # … but decoded beyond, for narrow pages that show it upright
NEAR_STDS = 4.0  # spreads of the posterior that the near view shows to either side
WIDE_STDS = 3.2  # spreads of the prior that the wide view shows
MAX_EQUATIONS = 4  # coordinates written out
FURTHER_DRAWS = 6
SAMPLES = 128  # draws that the mean and the expected error are taken over
VIEWS = {"near": "the cloud", "wide": "the whole plane"}
NETWORK = url.Choice("network", "the VAE that is shown", among="a model's name without that of its data set")
LOOK = url.Choice("look", "what the plane shows: the cloud, or the whole plane", tuple(VIEWS), "near")
EPSILON = url.Whole("epsilon", "seed of the draw ε")
POSITION = url.Code("place", "where the code was put on the plane by hand", size=2, limit=100, digits=4)
PARAMETERS = (NETWORK, ITEM, LOOK, EPSILON, POSITION)
ACCENT = beta_columns.ACCENT
Array = NDArray[np.float32]


@dataclass(frozen=True)
class ForwardPass:
    """One item on its way through a model: item (*shape), posterior mean, std and KL (d,), and the draw's ε (d,).

    kl: in nats. seed: of the draw; None where the code was placed by hand.
    """

    row: int
    item: Array
    mean: Array
    std: Array
    kl: Array
    noise: Array
    seed: int | None

    @property
    def z(self) -> Array:
        """The drawn code (d,)."""
        return (self.mean + self.std * self.noise).astype(np.float32)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    shell.header(
        "One [[noun]] becomes a cloud of codes",
        "Follow an item through a VAE, from left to right. Press N: another draw from its cloud, another [[noun]].",
    )
    networks = beta_columns.variational(choice.dataset)
    if not networks:
        st.info("No variational model of this data set is installed. To train one:", icon=":material/model_training:")
        st.code(f"aeviz train vae {choice.dataset} --latent 2", language="bash")
    else:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.html('<span class="aeviz-label">network</span>', width="content")
            name = widgets.select(NETWORK, "Network", beta_columns.labels(networks), next(iter(networks)), width=230)
            row = item_picker.item("thinks")
        _walkthrough(networks[name], row)
        beta_columns.section(choice.dataset, networks[name], row)
        for other, card in sweeps.collapsed(networks).items():
            sentence = sweeps.collapse_sentence(card, models.words(choice.dataset).noun)
            st.info(f"**{other}** {sentence}", icon=":material/compress:")
    kinds = [likelihoods.LIKELIHOODS.get(card.config.get("likelihood", "")) for card in networks.values()]
    floor = any(kind is not None and kind.binary for kind in kinds)
    shell.explain("What are μ, σ, ε and z, and what is the ELBO?", IDEA.replace("FLOOR", FLOOR if floor else ""))


@st.fragment
def _walkthrough(card: Card, row: int) -> None:
    codes = models.codes(card.name)
    data = models.data(card.dataset)
    plane = _plane(codes)
    first, second, third = st.columns([2.3, 5.4, 2.3], gap="small")
    with second, st.container(key="card-plane"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _step(2, "Draw z from the cloud")
            draw = url.value(EPSILON)
            st.button(
                "New ε", key="new-noise", shortcut="n", icon=":material/casino:", on_click=_next_draw, args=(draw,)
            )
            view = widgets.segments(LOOK, "What the plane shows", VIEWS)
        forward = _forward_pass(card, codes, data.items[row], row, plane, draw)
        decoded = models.explorer(card.name).decode(forward.z[None])[0]
        if plane is None:
            st.caption("A code of one number has no plane.")
        else:
            _pad(card, codes, plane, forward, decoded, view)
    with first, st.container(key="card-encode"):
        _encode(card, forward, data.label_names[data.labels[row]])
    with third, st.container(key="card-decode"):
        _decode(card, forward, decoded)
    with st.container(key="card-equations"):
        _equations(forward)
    with st.container(key="card-terms"):
        _terms(card, forward)


def _posterior(codes: Codes, row: int) -> tuple[Array, Array, Array]:
    """Mean, std and KL (d,) of an item's posterior. Raises ValueError for codes that are points."""
    if codes.std is None or codes.kl is None:
        raise ValueError("The codes of this model are points: there is no cloud to draw from.")
    return codes.mean[row], codes.std[row], codes.kl[row]


# ---- The draw: a seed in the URL, or a position that the visitor clicked.


def _next_draw(draw: int) -> None:
    url.remember(EPSILON, (draw + 1) % (EPSILON.high + 1))
    url.remember(POSITION, None)


def _forward_pass(
    card: Card, codes: Codes, item: Array, row: int, plane: latent_plane.Plane | None, draw: int
) -> ForwardPass:
    mean, std, kl = _posterior(codes, row)
    noise = np.random.default_rng([draw, row]).standard_normal(len(mean), np.float32)
    context = (card.name, row)
    if st.session_state.get("thinks-context", context) != context:
        url.remember(POSITION, None)  # a position by hand belongs to the item and the network it was chosen for
    st.session_state["thinks-context"] = context
    if plane is not None and (position := url.value(POSITION)) is not None:
        z = plane.codes(mean + std * noise, position[None])[0]
        return ForwardPass(row, item, mean, std, kl, (z - mean) / std, None)
    return ForwardPass(row, item, mean, std, kl, noise, draw)


# ---- The plane.


def _plane(codes: Codes) -> latent_plane.Plane | None:
    """The plane of a code of two numbers, else that of the two coordinates that carry most; None for one number."""
    if codes.mean.shape[1] == 1:
        return None
    latent_axes = axes.coordinate_axes(codes)
    return latent_plane.flat(latent_axes) if codes.mean.shape[1] == 2 else latent_plane.Plane(latent_axes, (0, 1))


def _pad(card: Card, codes: Codes, plane: latent_plane.Plane, forward: ForwardPass, decoded: Array, view: str) -> None:
    data, key = models.data(card.dataset), f"thinks-{card.name}"
    mean, here = plane.read(forward.mean[None])[0], plane.read(forward.z[None])[0]
    ellipse = plane.posterior(forward.mean, forward.std)
    region = _region(mean, max(ellipse.std), view)
    regions = [_upright(region)]
    if (viewport := committed(key).view) is not None:
        regions.append(viewport)
    levels = [_level(card.name, forward.row, plane, part) for part in regions]

    def placed() -> None:
        position = committed(key).position
        if position is not None:
            url.remember(POSITION, np.array(position, np.float32).round(4))

    latent_pad(
        levels,
        key=key,
        view=region,
        points=plane.read(codes.mean),
        labels=data.labels,
        label_names=data.label_names,
        colours=palette.CLASSES,
        position=(float(here[0]), float(here[1])),
        picture=data.tiles(decoded[None])[0],
        rings=(0.0, 0.0),
        ellipse=ellipse,
        path=np.stack([mean, here]),
        axes=plane.names,
        accent=ACCENT,
        height=HEIGHT_PX,
        plural=data.words.plural,
        on_change=placed,
    )
    sentence = "The cloud at 1σ and 2σ; the line is σ·ε, from μ to z. Click to put z elsewhere."
    if len(forward.mean) > 2:
        sentence += f" A plane through μ: the other {len(forward.mean) - 2} coordinates are drawn too, unseen here."
    st.caption(sentence)


def _region(mean: Array, spread: float, view: str) -> Region:
    x, y, half = (float(mean[0]), float(mean[1]), NEAR_STDS * spread) if view == "near" else (0.0, 0.0, WIDE_STDS)
    return x - ASPECT * half, x + ASPECT * half, y - half, y + half


def _upright(region: Region) -> Region:
    """The region made taller about its middle."""
    x0, x1, y0, y1 = region
    margin = (UPRIGHT_STRETCH - 1) * (y1 - y0) / 2
    return x0, x1, y0 - margin, y1 + margin


@caches.kept(max_entries=64, show_spinner=False, hash_funcs={latent_plane.Plane: lambda plane: plane.names})
def _level(name: str, row: int, plane: latent_plane.Plane, region: Region) -> Level:
    """Decoded items of the plane through the item's mean code."""
    codes, network = models.codes(name), models.explorer(name)
    positions = grid(region, COLUMNS, rows_for(region, COLUMNS))
    decoded = network.decode(plane.codes(codes.mean[row], positions))
    data = models.data(network.config.dataset)
    return Level.of(data.tiles(decoded), region, columns=COLUMNS, smooth=data.modality.smooth)


# ---- The steps.


def _step(number: int, text: str) -> None:
    st.html(f'<h2 class="aeviz-step"><b>{number}</b>{text}</h2>', width="content")


def _encode(card: Card, forward: ForwardPass, label: str) -> None:
    _step(1, "Encode: μ and σ")
    data = models.data(card.dataset)
    tile = data.tiles(forward.item[None])[0]
    if large := data.html(forward.item):
        st.html(f'{large}<p class="aeviz-label">item {forward.row:,}, {escape(label)}</p>')
    else:
        st.html(html.row([html.figure(tile, f"item {forward.row:,}", note=escape(label))]))
    st.html('<p class="aeviz-label">its cloud: bars μ, whiskers ± σ</p>' + _bars(forward))


def _bars(forward: ForwardPass) -> str:
    return bars.code_bars([bars.ItemCode("q(z | x)", ACCENT, forward.mean, forward.std)])


def _decode(card: Card, forward: ForwardPass, of_z: Array) -> None:
    _step(3, "Decode z")
    network = models.explorer(card.name)
    draws = _decoded_draws(card.name, forward.row)
    centre = network.decode(forward.mean[None])[0]
    given, of_z_tile, of_mean, average, *further = models.data(card.dataset).tiles(
        np.stack([forward.item, of_z, centre, draws.mean(0), *draws[:FURTHER_DRAWS]])
    )
    large = models.data(card.dataset).html(of_z)
    st.html(html.row([html.figure(of_z_tile, "decode of z", accent=ACCENT, large=large)]))
    st.html(
        html.row(
            [
                html.figure(of_mean, "of μ"),
                html.figure(average, f"mean of {SAMPLES}", note="decoded draws"),
            ]
        )
    )
    small = [html.thumbnail(other, "another draw") for other in further]
    st.html('<p class="aeviz-label">more draws of this cloud</p>' + html.row(small, columns=6, style="small"))
    sheet = files.sheet(np.stack([given, of_z_tile, of_mean, average, *further]), 4)
    widgets.save("Save as PNG", lambda: files.png(sheet, 4), f"{card.name}-item-{forward.row}.png",
                       "image/png", key="save-thought", icon=":material/download:", type="tertiary")  # fmt: skip


def _draws(name: str, row: int) -> Array:
    """Codes (SAMPLES, d) drawn from an item's posterior, always the same."""
    mean, std, _ = _posterior(models.codes(name), row)
    noise = np.random.default_rng(row).standard_normal((SAMPLES, len(mean)), np.float32)
    return (mean + std * noise).astype(np.float32)


@caches.kept(max_entries=64, show_spinner=False)
def _decoded_draws(name: str, row: int) -> Array:
    return models.explorer(name).decode(_draws(name, row))


def _equations(forward: ForwardPass) -> None:
    """z = μ + σ·ε with the item's numbers, for the coordinates that carry most of it."""
    order = np.arange(len(forward.mean))
    if len(order) > MAX_EQUATIONS:
        order = np.argsort(-forward.kl, kind="stable")
    lines = []
    for i in order[:MAX_EQUATIONS]:
        z, mean, std, noise = (float(values[i]) for values in (forward.z, forward.mean, forward.std, forward.noise))
        name = str(i).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
        lines.append(
            f"<span>z{name} = μ{name} + σ{name} · ε{name} = {_signed(mean)} + {std:.3f} · {_bracketed(noise)} = "
            f"<b>{_signed(z)}</b></span>"
        )
    left = len(order) - MAX_EQUATIONS
    source = "ε of the z you placed" if forward.seed is None else f"ε from N(0, 1), seed {forward.seed}"
    rest = f"<small>and {left} more; these carry most of this item's KL</small>" if left > 0 else ""
    st.html(
        f'<p class="aeviz-label">The reparameterization with this item\'s numbers: z = μ + σ · ε, {source}</p>'
        f'<div class="aeviz-equations">{"".join(lines)}{rest}</div>'
    )


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _bracketed(value: float) -> str:
    return f"({_signed(value)})" if value < 0 else _signed(value)


def _terms(card: Card, forward: ForwardPass) -> None:
    """The two terms of the ELBO as bars: of this draw, of this item on average, of the whole test split."""
    _step(4, "Score: the two terms of the loss")
    network = models.explorer(card.name)
    kl = float(forward.kl.sum())
    now = float(network.reconstruction_error(forward.z[None], forward.item[None])[0])
    mean = _expected_error(card.name, forward.row)
    draw_name = "the z you placed" if forward.seed is None else "this draw"
    rows = [(draw_name, now, kl), (f"this item, mean of {SAMPLES} draws", mean, kl)]
    metrics = card.metrics
    if {"reconstruction", "kl"} <= metrics.keys():
        binary = bool(models.config(card).training.get("binarize"))
        rows.append((f"the test split{', binarised' * binary}", float(metrics["reconstruction"]), float(metrics["kl"])))
    st.html(beta_columns.term_bars(rows, ACCENT))
    words = models.words(card.dataset)
    constant = ", up to a constant" if likelihoods.constant(network.config.likelihood) else ""
    st.caption(
        f"Reconstruction: −log p(x | z){constant}, how many nats the {words.noun} costs when the code is known. KL: "
        f"how many the code costs, against N(0, I). Their sum is −ELBO{constant}. {_trained(sweeps.beta(card))} The "
        f"{SAMPLES} draws are always the same, their seed is the item's number."
    )


def _trained(beta: float | None) -> str:
    match beta:
        case None:
            return "The weight β of the KL with which this network was trained is not known."
        case 1.0:
            return "This network was trained on the sum of both as they are, β = 1."
    return f"This network was trained on the sum with the KL multiplied by {beta:g}, β = {beta:g}."


@caches.kept(max_entries=256, show_spinner=False)
def _expected_error(name: str, row: int) -> float:
    network = models.explorer(name)
    item = models.data(network.config.dataset).items[row][None]
    return float(network.reconstruction_error(_draws(name, row), item).mean())
