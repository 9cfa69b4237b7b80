"""How a VAE thinks: one item goes through μ, σ, ε and z, and what the two terms of its loss say."""

import zlib
from dataclasses import dataclass
from functools import partial
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, networks, shell, url, widgets
from aeviz.app.choice import ITEM, chosen, selected_item, shown
from aeviz.app.model_names import looks
from aeviz.app.panels import beta_columns, item_input, latent_plane, own_item, training_command
from aeviz.evaluation import sweeps
from aeviz.figures import bars, files
from aeviz.latent import axes
from aeviz.latent.explorer import Codes
from aeviz.model import likelihoods
from aeviz.parts.latent_pad import Ellipse, Level, Region, grid, rows_for
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
TITLE = "One [[noun]] becomes a cloud of codes"
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
VIEW = url.Seen("view", "zoom and pan of the plane", among="how many times larger, and the middle")
PARAMETERS = (NETWORK, ITEM, *own_item.PARAMETERS, LOOK, EPSILON, POSITION, VIEW)
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Subject:
    """What goes through the model: an item (*shape), its name, a word on it, and its posterior mean, std and KL (d,).

    kl: in nats. seed: a number of its own: its row in the test split, or what its values come to.
    """

    name: str
    word: str
    seed: int
    item: Array
    mean: Array
    std: Array
    kl: Array


def _seed_of(subject: Subject) -> tuple[str, int]:
    """What tells subjects of one data set apart."""
    return subject.name, subject.seed


@dataclass(frozen=True)
class ForwardPass:
    """A subject on its way through a model, with the draw's ε (d,).

    seed: of the draw; None where the code was placed by hand.
    """

    of: Subject
    noise: Array
    seed: int | None

    @property
    def item(self) -> Array:
        """The item (*shape)."""
        return self.of.item

    @property
    def mean(self) -> Array:
        """The posterior's mean (d,)."""
        return self.of.mean

    @property
    def std(self) -> Array:
        """The posterior's standard deviation (d,)."""
        return self.of.std

    @property
    def kl(self) -> Array:
        """The posterior's KL of each coordinate (d,), in nats."""
        return self.of.kl

    @property
    def z(self) -> Array:
        """The drawn code (d,)."""
        return (self.mean + self.std * self.noise).astype(np.float32)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    shell.header(
        TITLE,
        "Follow an item through a VAE, from left to right. "
        + html.by_hand("Press N", "Tap New ε")
        + ": another draw from its cloud, another [[noun]].",
    )
    shown = beta_columns.variational(choice.dataset)
    if not shown:
        st.info("No variational model of this data set is installed. To train one:", icon=":material/model_training:")
        training_command.show("aeviz train vae [[data]] --latent 2", choice.dataset, "vae")
    else:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            name = widgets.select(NETWORK, "Network", beta_columns.labels(shown), next(iter(shown)), width=300)
            origin, row = own_item.picker("thinks"), selected_item()
        networks.send([shown[name].name])
        _walkthrough(shown[name], row, origin)
        own = own_item.shown()
        beta_columns.section(choice.dataset, shown[name], row, None if own is None else own.item)
        for other, card in sweeps.collapsed(shown).items():
            sentence = sweeps.collapse_sentence(card, models.words(choice.dataset).noun)
            st.info(f"**{other}** {sentence}", icon=":material/compress:")
    kinds = [likelihoods.LIKELIHOODS.get(card.config.get("likelihood", "")) for card in shown.values()]
    floor = any(kind is not None and kind.binary for kind in kinds)
    shell.explain("What are μ, σ, ε and z, and what is the ELBO?", IDEA.replace("FLOOR", FLOOR if floor else ""))


@widgets.fragment
def _walkthrough(card: Card, row: int, origin: str) -> None:
    codes = models.codes(card.name)
    plane = plane_of(codes)
    first, second, third = st.columns([2.3, 5.4, 2.3], gap="small")
    if origin != "item":
        with first, st.container(key="card-own"):
            _own(card, origin, row)
    subject = _subject(card, codes, row)
    with second, st.container(key="card-plane"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _step(2, "Draw z from the cloud")
            draw = url.value(EPSILON)
            st.button(
                "New ε", key="new-noise", shortcut="n", icon=":material/casino:", on_click=_next_draw, args=(draw,)
            )
            view = widgets.segments(LOOK, "What the plane shows", VIEWS)
        forward = _forward_pass(card, subject, plane, draw)
        decoded = models.explorer(card.name).decode(forward.z[None])[0]
        if plane is None:
            st.caption("A code of one number has no plane.")
        else:
            _pad(card, codes, plane, forward, decoded, view)
    with first, st.container(key="card-encode"):
        _encode(card, forward)
    with third, st.container(key="card-decode"):
        _decode(card, forward, decoded)
    with st.container(key="card-equations"):
        _equations(forward)
    with st.container(key="card-terms"):
        _terms(card, forward)


def _own(card: Card, origin: str, row: int) -> None:
    """The editor or the upload; the page follows when the hand rests."""
    before = own_item.shown()
    item_input.given(own_item.OWN, origin, "own", row, [shown(card)])
    after = own_item.shown()
    if (before is None) != (after is None) or (
        before is not None and after is not None and not np.array_equal(before.item, after.item, equal_nan=True)
    ):
        st.rerun()


def _subject(card: Card, codes: Codes, row: int) -> Subject:
    """The visitor's own item where one is shown, else the one of a row."""
    data, own = models.data(card.dataset), own_item.shown()
    if own is None:
        label = data.label_of(row)
        return Subject(f"item {row:,}", label, row, data.items[row], *posterior(codes, row))
    of = models.explorer(card.name).codes(own.item[None])
    return Subject(own.name, "", zlib.crc32(own.item.tobytes()), own.item, *posterior(of, 0))


def posterior(codes: Codes, row: int) -> tuple[Array, Array, Array]:
    """Mean, std and KL (d,) of an item's posterior. Raises ValueError for codes that are points."""
    if codes.std is None or codes.kl is None:
        raise ValueError("The codes of this model are points: there is no cloud to draw from.")
    return codes.mean[row], codes.std[row], codes.kl[row]


# ---- The draw: a seed in the URL, or a position that the visitor clicked.


def _next_draw(draw: int) -> None:
    url.remember(EPSILON, (draw + 1) % (EPSILON.high + 1))
    url.remember(POSITION, None)


def _forward_pass(card: Card, subject: Subject, plane: latent_plane.Plane | None, draw: int) -> ForwardPass:
    mean, std = subject.mean, subject.std
    epsilon = noise(draw, subject.seed, len(mean))
    if url.context("thinks", (card.name, subject.seed)):
        url.remember(POSITION, None)  # a position by hand belongs to the item and the network it was chosen for
    if plane is not None and (position := url.value(POSITION)) is not None:
        z = plane.codes(mean + std * epsilon, position[None])[0]
        return ForwardPass(subject, (z - mean) / std, None)
    return ForwardPass(subject, epsilon, draw)


def noise(draw: int, seed: int, d: int) -> Array:
    """The ε (d,) of a draw for an item with a seed of its own."""
    return np.random.default_rng([draw, seed]).standard_normal(d, np.float32)


# ---- The plane.


def plane_of(codes: Codes) -> latent_plane.Plane | None:
    """The plane of a code of two numbers, else that of the two coordinates that carry most; None for one number."""
    if codes.mean.shape[1] == 1:
        return None
    latent_axes = axes.coordinate_axes(codes)
    return latent_plane.flat(latent_axes) if codes.mean.shape[1] == 2 else latent_plane.Plane(latent_axes, (0, 1))


def _pad(card: Card, codes: Codes, plane: latent_plane.Plane, forward: ForwardPass, decoded: Array, view: str) -> None:
    data, key = models.data(card.dataset), f"thinks-{card.name}"
    mean, here = plane.read(forward.mean[None])[0], plane.read(forward.z[None])[0]
    ellipse = Ellipse.of(*plane.posterior(forward.mean, forward.std))
    seen = region(mean, max(ellipse.std), view)
    regions = [_upright(seen)]
    tab = networks.of(card.name)
    if tab is None and (viewport := committed(key).view) is not None:
        regions.append(viewport)
    levels = [_level(card.name, forward.of, plane, part) for part in regions]

    def placed() -> None:
        position = committed(key).position
        if position is not None:
            url.remember(POSITION, np.array(position, np.float32).round(4))

    latent_pad(
        levels,
        key=key,
        view=seen,
        points=plane.read(codes.mean),
        **latent_plane.point_colours(data),
        position=(float(here[0]), float(here[1])),
        picture=data.tiles(decoded[None])[0] if tab is None or len(forward.mean) > 2 else None,
        rings=(0.0, 0.0),
        ellipse=ellipse,
        path=np.stack([mean, here]),
        axes=plane.names,
        accent=looks(card).colour,
        height=HEIGHT_PX,
        plural=data.words.plural,
        on_change=placed,
        link=VIEW.name,
        tab=None if tab is None else tab.plane(plane.foot(forward.mean), plane.axes),
        on_refused=partial(networks.refused, key),
    )
    sentence = "The cloud at 1σ and 2σ; the line is σ·ε, from μ to z. Click to put z elsewhere."
    if len(forward.mean) > 2:
        sentence += f" A plane through μ: the other {len(forward.mean) - 2} coordinates are drawn too, unseen here."
    st.caption(sentence)


def region(mean: Array, spread: float, view: str) -> Region:
    """What the plane shows of a posterior with a mean (2,) and so wide a spread, in a view of `VIEWS`."""
    x, y, half = (float(mean[0]), float(mean[1]), NEAR_STDS * spread) if view == "near" else (0.0, 0.0, WIDE_STDS)
    return x - ASPECT * half, x + ASPECT * half, y - half, y + half


def _upright(region: Region) -> Region:
    """The region made taller about its middle."""
    x0, x1, y0, y1 = region
    margin = (UPRIGHT_STRETCH - 1) * (y1 - y0) / 2
    return x0, x1, y0 - margin, y1 + margin


@caches.kept(
    max_entries=64, show_spinner=False, hash_funcs={latent_plane.Plane: lambda plane: plane.names, Subject: _seed_of}
)
def _level(name: str, subject: Subject, plane: latent_plane.Plane, region: Region) -> Level:
    """Decoded items of the plane through the item's mean code."""
    network = models.explorer(name)
    positions = grid(region, COLUMNS, rows_for(region, COLUMNS))
    decoded = network.decode(plane.codes(subject.mean, positions))
    data = models.data(network.config.dataset)
    return Level.of(data.tiles(decoded), region, columns=COLUMNS, smooth=data.modality.smooth)


# ---- The steps.


def _step(number: int, text: str) -> None:
    st.html(f'<h2 class="aeviz-step"><b>{number}</b>{text}</h2>', width="content")


def _encode(card: Card, forward: ForwardPass) -> None:
    _step(1, "Encode: μ and σ")
    data = models.data(card.dataset)
    tile = data.tiles(forward.item[None])[0]
    if large := data.html(forward.item):
        words = ", ".join(filter(None, (forward.of.name, forward.of.word)))
        st.html(f'{large}<p class="aeviz-label">{escape(words)}</p>')
    else:
        st.html(html.row([html.figure(tile, forward.of.name, note=escape(forward.of.word))]))
    st.html('<p class="aeviz-label">its cloud: bars μ, whiskers ± σ</p>' + _bars(card, forward))


def _bars(card: Card, forward: ForwardPass) -> str:
    return bars.code_bars([bars.ItemCode("q(z | x)", looks(card).colour, forward.mean, forward.std)])


def _decode(card: Card, forward: ForwardPass, of_z: Array) -> None:
    _step(3, "Decode z")
    network = models.explorer(card.name)
    draws = _decoded_draws(card.name, forward.of)
    centre = network.decode(forward.mean[None])[0]
    given, of_z_tile, of_mean, average, *further = models.data(card.dataset).tiles(
        np.stack([forward.item, of_z, centre, draws.mean(0), *draws[:FURTHER_DRAWS]])
    )
    large = models.data(card.dataset).html(of_z)
    st.html(html.row([html.figure(of_z_tile, "decode of z", accent=looks(card).colour, large=large)]))
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
    widgets.save("Save as PNG", lambda: files.png(sheet, 4), f"{card.name}-{forward.of.seed}.png",
                       "image/png", key="save-thought", icon=":material/download:", type="tertiary")  # fmt: skip


def _draws(subject: Subject) -> Array:
    """Codes (SAMPLES, d) drawn from an item's posterior, always the same."""
    mean, std = subject.mean, subject.std
    noise = np.random.default_rng(subject.seed).standard_normal((SAMPLES, len(mean)), np.float32)
    return (mean + std * noise).astype(np.float32)


@caches.kept(max_entries=64, show_spinner=False, hash_funcs={Subject: _seed_of})
def _decoded_draws(name: str, subject: Subject) -> Array:
    return models.explorer(name).decode(_draws(subject))


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
    mean = _expected_error(card.name, forward.of)
    draw_name = "the z you placed" if forward.seed is None else "this draw"
    rows = [(draw_name, now, kl), (f"this item, mean of {SAMPLES} draws", mean, kl)]
    if (of_split := measured(card)) is not None:
        rows.append(of_split)
    st.html(beta_columns.term_bars(rows, looks(card).colour))
    words = models.words(card.dataset)
    constant = ", up to a constant" if likelihoods.constant(network.config.likelihood) else ""
    st.caption(
        f"Reconstruction: −log p(x | z){constant}, how many nats the {words.noun} costs when the code is known. KL: "
        f"how many the code costs, against N(0, I). Their sum is −ELBO{constant}. "
        f"{trained_sentence(sweeps.beta(card))} The {SAMPLES} draws are always the same, their seed is the item's own."
    )


def measured(card: Card) -> tuple[str, float, float] | None:
    """Both terms of the whole test split in nats, behind its name; None where they were not measured."""
    metrics = card.metrics
    if not {"reconstruction", "kl"} <= metrics.keys():
        return None
    binary = bool(models.config(card).training.get("binarize"))
    return f"the test split{', binarised' * binary}", float(metrics["reconstruction"]), float(metrics["kl"])


def trained_sentence(beta: float | None) -> str:
    """With which weight on the KL a network was trained, in words."""
    match beta:
        case None:
            return "The weight β of the KL with which this network was trained is not known."
        case 1.0:
            return "This network was trained on the sum of both as they are, β = 1."
    return f"This network was trained on the sum with the KL multiplied by {beta:g}, β = {beta:g}."


@caches.kept(max_entries=256, show_spinner=False, hash_funcs={Subject: _seed_of})
def _expected_error(name: str, subject: Subject) -> float:
    network = models.explorer(name)
    return float(network.reconstruction_error(_draws(subject), subject.item[None]).mean())
