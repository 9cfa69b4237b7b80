"""How a VAE thinks: one item goes through μ, σ, ε and z, and what the two terms of its loss say."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, networks, shell, url, widgets
from aeviz.app.choice import ITEM, chosen, selected_item, shown
from aeviz.app.model_names import looks
from aeviz.app.panels import beta_columns, item_input, latent_plane, notions, own_item, training_command
from aeviz.evaluation import sweeps
from aeviz.figures import bars, files
from aeviz.latent import axes
from aeviz.latent.explorer import Codes
from aeviz.model import likelihoods
from aeviz.parts.latent_pad import Ellipse, Level, Region, grid, rows_for
from aeviz.parts.latent_pad.streamlit import committed, latent_pad
from aeviz.parts.networks import Tab
from aeviz.parts.posterior import Item, Turned
from aeviz.parts.posterior.streamlit import posterior as turned_posterior
from aeviz.parts.posterior.streamlit import received
from aeviz.store.checkpoints import Card

TITLE = "One [[noun]] becomes a cloud of codes"
HEIGHT_PX = 500
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
MEAN = url.Turned("mean", "coordinates of μ that were turned by hand")
SPREAD = url.Turned("spread", "coordinates of σ that were turned by hand")
VIEW = url.Seen("view", "zoom and pan of the plane", among="how many times larger, and the middle")
PARAMETERS = (NETWORK, ITEM, *own_item.PARAMETERS, LOOK, EPSILON, MEAN, SPREAD, POSITION, VIEW)
LEAST_STD = 1e-3  # to which a spread may be turned
TURNED = 1e-3  # how far from the encoder's a number counts as turned, as links write three digits
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Subject:
    """What goes through the model: an item (*shape), its name, a word on it, and its posterior mean, std and KL (d,).

    kl: in nats. seed: a number of its own: its row in the test split, or what its values come to. encoded: mean and std
    as the encoder has them, where a hand has turned the posterior; None where it has not.
    """

    name: str
    word: str
    seed: int
    item: Array
    mean: Array
    std: Array
    kl: Array
    encoded: tuple[Array, Array] | None = None


def _seed_of(subject: Subject) -> tuple[str, int, bytes]:
    """What tells subjects of one data set apart."""
    by_hand = b"" if subject.encoded is None else subject.mean.tobytes() + subject.std.tobytes()
    return subject.name, subject.seed, by_hand


def turned(
    codes: Codes, mean: Array, std: Array, of_mean: Mapping[int, float] | None, of_std: Mapping[int, float] | None
) -> tuple[Array, Array]:
    """A posterior's mean and std (d,) with some coordinates as a hand has turned them: only those that have sliders."""
    from aeviz.lessons.walkthrough import turnable  # it needs torch, which the model has loaded

    order = turnable(axes.coordinate_axes(codes))
    mean, std = mean.copy(), std.copy()
    for values, by_hand in ((mean, of_mean), (std, of_std)):
        for coordinate, value in (by_hand or {}).items():
            if coordinate in order:
                values[coordinate] = value
    return mean, np.maximum(std, np.float32(LEAST_STD))


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
        names = beta_columns.labels(shown)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            name = widgets.select(NETWORK, "Network", names, next(iter(shown)), width=276)
            origin, row = own_item.picker("thinks"), selected_item()
        networks.send([shown[name].name])
        _walkthrough(shown[name], row, origin)
        own = own_item.shown()
        beta_columns.section(choice.dataset, shown[name], row, None if own is None else own.item)
        for other, card in sweeps.collapsed(shown).items():
            sentence = sweeps.collapse_sentence(card, models.words(choice.dataset).noun)
            st.info(f"**{names[other]}** {sentence}", icon=":material/compress:")


@widgets.fragment
def _walkthrough(card: Card, row: int, origin: str) -> None:
    codes, tab = models.codes(card.name), networks.of(card.name)
    plane = plane_of(codes)
    if tab is None:
        _shown_by_the_server(card, codes, plane, row, origin)
        return
    controls = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = st.container()
    if origin != "item":
        first, shown = st.columns([2.3, 7.7], gap="small")
        with first, st.container(key="card-own"):
            _own(card, origin, row)
    encoded = _subject(card, codes, row)
    with controls:
        draw, view = _controls()
    subject = _by_hand(card, codes, encoded)
    with shown:
        _in_the_tab(card, codes, plane, encoded, _forward_pass(subject, plane, draw), tab, view)
        _save(card, _forward_pass(subject, plane, draw))
    notions.ask(notions.NOISE)
    _words_on_the_terms(card)


def _controls() -> tuple[int, str]:
    """The draw, and what the plane shows."""
    draw = url.value(EPSILON)
    st.button("New ε", key="new-noise", shortcut="n", icon=":material/casino:", on_click=_next_draw, args=(draw,))
    return draw, widgets.segments(LOOK, "What the plane shows", VIEWS)


def _shown_by_the_server(card: Card, codes: Codes, plane: latent_plane.Plane | None, row: int, origin: str) -> None:
    """The steps of a model that the tab does not run."""
    first, second, third = st.columns([2.3, 5.4, 2.3], gap="small")
    if origin != "item":
        with first, st.container(key="card-own"):
            _own(card, origin, row)
    subject = _by_hand(card, codes, _subject(card, codes, row))
    with second, st.container(key="card-plane"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _step(2, "Draw z from the cloud")
            draw, view = _controls()
        forward = _forward_pass(subject, plane, draw)
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
        notions.ask(notions.NOISE)
    with st.container(key="card-terms"):
        _terms(card, forward)


def _in_the_tab(
    card: Card,
    codes: Codes,
    plane: latent_plane.Plane | None,
    encoded: Subject,
    forward: ForwardPass,
    tab: Tab,
    view: str,
) -> None:
    """The steps of a model that the tab runs: its posterior is turned there, and all follows the hand."""
    from aeviz.lessons import walkthrough  # it needs torch, which the model has loaded

    data, key, of = models.data(card.dataset), f"posterior-{card.name}", f"{card.name} {encoded.name} {encoded.seed}"
    latent_axes = axes.coordinate_axes(codes)
    order = walkthrough.turnable(latent_axes)
    before = received(key)

    def rested() -> None:
        message = received(key)
        if message is None or message.of != of or len(message.mean) != len(order) or len(message.std) != len(order):
            return
        for parameter, values, home in ((MEAN, message.mean, encoded.mean), (SPREAD, message.std, encoded.std)):
            moved = {i: value for i, value in zip(order, values, strict=True) if abs(value - home[i]) >= TURNED / 2}
            url.remember(parameter, moved or None)
        url.remember(POSITION, None if message.place is None else np.array(message.place, np.float32).round(4))

    mean, std = forward.mean, forward.std
    pad = None
    if plane is not None:
        seen = region(plane, mean, std, view)
        pad = walkthrough.plane(
            data, codes, plane, mean, std, forward.z, seen, levels=_upright(seen), tab=tab, colour=looks(card).colour,
            height=HEIGHT_PX, cached=() if before is None else before.have, link=VIEW.name,
        )  # fmt: skip
    mean_sliders, spread_sliders = (
        walkthrough.sliders(
            latent_axes, mean, std, forward.noise, tab=tab, colour=looks(card).colour, spread=spread,
            home=encoded.std if spread else encoded.mean, live=True,
        )
        for spread in (False, True)
    )  # fmt: skip
    turned_posterior(
        tab,
        Item(of, ", ".join(filter(None, (encoded.name, encoded.word))), encoded.seed, encoded.item, encoded.mean,
             encoded.std),
        Turned(mean, std, forward.noise, 0 if forward.seed is None else forward.seed, forward.seed is None),
        order=order,
        pair=[] if plane is None else walkthrough.coordinates(plane),
        pad=pad,
        mean=mean_sliders,
        spread=spread_sliders,
        accent=looks(card).colour,
        noun=data.words.noun,
        caption=_plane_sentence(len(mean)),
        measured=measured(card),
        key=key,
        on_turned=rested,
        on_refused=partial(networks.refused, key),
    )  # fmt: skip


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


def _by_hand(card: Card, codes: Codes, subject: Subject) -> Subject:
    """The subject with its posterior as a hand has turned it."""
    if url.context("thinks", (card.name, subject.seed)):
        _forget_the_hand()  # what it did belongs to the item and the network that it was done to
    of_mean, of_std = (url.value(replace(parameter, size=len(subject.mean))) for parameter in (MEAN, SPREAD))
    if not (of_mean or of_std):
        return subject
    mean, std = turned(codes, subject.mean, subject.std, of_mean, of_std)
    kl = (0.5 * (mean**2 + std**2 - 1 - 2 * np.log(std))).astype(np.float32)
    return replace(subject, mean=mean, std=std, kl=kl, encoded=(subject.mean, subject.std))


def posterior(codes: Codes, row: int) -> tuple[Array, Array, Array]:
    """Mean, std and KL (d,) of an item's posterior. Raises ValueError for codes that are points."""
    if codes.std is None or codes.kl is None:
        raise ValueError("The codes of this model are points: there is no cloud to draw from.")
    return codes.mean[row], codes.std[row], codes.kl[row]


# ---- The draw: a seed in the URL, or a position that the visitor clicked.


def _next_draw(draw: int) -> None:
    url.remember(EPSILON, (draw + 1) % (EPSILON.high + 1))
    url.remember(POSITION, None)


def _forget_the_hand() -> None:
    url.remember(MEAN, None)
    url.remember(SPREAD, None)
    url.remember(POSITION, None)


def _forward_pass(subject: Subject, plane: latent_plane.Plane | None, draw: int) -> ForwardPass:
    mean, std = subject.mean, subject.std
    epsilon = noise(draw, subject.seed, len(mean))
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
    seen = region(plane, forward.mean, forward.std, view)
    regions = [_upright(seen)]
    if (viewport := committed(key).view) is not None:
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
        picture=data.tiles(decoded[None])[0],
        rings=(0.0, 0.0),
        ellipse=ellipse,
        path=np.stack([mean, here]),
        axes=plane.names,
        accent=looks(card).colour,
        height=HEIGHT_PX,
        plural=data.words.plural,
        on_change=placed,
        link=VIEW.name,
    )
    shell.caption(_plane_sentence(len(forward.mean)))


def _plane_sentence(d: int) -> str:
    sentence = "The cloud at 1σ and 2σ; the line is σ·ε, from μ to z. Click to put z elsewhere."
    if d > 2:
        sentence += f" A plane through the code: the other {d - 2} coordinates are drawn too, unseen here."
    return sentence


def region(plane: latent_plane.Plane, mean: Array, std: Array, view: str) -> Region:
    """What the plane shows of a posterior of mean and std (d,), in a view of `VIEWS`.

    A link's zoom and pan are of this very region: a page and a file of it show the same to the last digit.
    """
    x, y, half = 0.0, 0.0, WIDE_STDS
    if view == "near":
        (x, y), half = (
            map(float, plane.read(mean[None])[0]),
            NEAR_STDS * max(Ellipse.of(*plane.posterior(mean, std)).std),
        )
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
    of_z_tile, of_mean, average, *further = models.data(card.dataset).tiles(
        np.stack([of_z, centre, draws.mean(0), *draws[:FURTHER_DRAWS]])
    )
    large = models.data(card.dataset).html(of_z)
    st.html(html.row([html.figure(of_z_tile, "decode of z", accent=looks(card).colour, large=large)]))
    st.html(
        html.row(
            [
                html.figure(of_mean, "decode of μ"),
                html.figure(average, f"mean of {SAMPLES}", note="decoded draws"),
            ]
        )
    )
    small = [html.thumbnail(other, "another draw") for other in further]
    st.html('<p class="aeviz-label">more draws of this cloud</p>' + html.row(small, columns=6, style="small"))
    _save(card, forward)


def _save(card: Card, forward: ForwardPass) -> None:
    """A button that saves the item and what is decoded of it; the pictures are made when it is pressed."""

    def made() -> bytes:
        network = models.explorer(card.name)
        of_z, centre = network.decode(np.stack([forward.z, forward.mean]))
        draws = _decoded_draws(card.name, forward.of)
        pictures = np.stack([forward.item, of_z, centre, draws.mean(0), *draws[:FURTHER_DRAWS]])
        return files.png(files.sheet(models.data(card.dataset).tiles(pictures), 4), 4)

    widgets.save("Save as PNG", made, f"{card.name}-{forward.of.seed}.png", "image/png", key="save-thought",
                 icon=":material/download:", type="tertiary")  # fmt: skip


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
    _words_on_the_terms(card)


def _words_on_the_terms(card: Card) -> None:
    words, network = models.words(card.dataset), models.explorer(card.name)
    constant = ", up to a constant" if likelihoods.constant(network.config.likelihood) else ""
    st.caption(
        f"Reconstruction: −log p(x | z){constant}, how many nats the {words.noun} costs when the code is known. KL: "
        f"how many the code costs, against N(0, I). Their sum is −ELBO{constant}. "
        f"{trained_sentence(sweeps.beta(card))} The {SAMPLES} draws are always the same, their seed is the item's own."
    )
    notions.ask(notions.ELBO, notions.FLOOR if likelihoods.LIKELIHOODS[network.config.likelihood].binary else "")


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
