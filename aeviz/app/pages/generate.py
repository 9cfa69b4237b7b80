"""Generate: random codes decoded, from the prior, from a model's own codes, and round an item."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, networks, pace, shell, url, widgets
from aeviz.app.choice import ITEM, Choice, Shown, chosen
from aeviz.app.panels import conditional, notions, opened_draw, own_item
from aeviz.app.panels.item_input import Input
from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.evaluation.features import classifier_card, has_classifier
from aeviz.evaluation.generation import Cloud, Likeness, Reality
from aeviz.figures import files
from aeviz.parts.dial import Grid, Panel
from aeviz.parts.dial.streamlit import dial
from aeviz.parts.sheets import strip

IDEA = r"""
A Gaussian fitted to the codes says how far and in which directions they spread, and no more: where the cloud has
holes, draws fall in. A **mixture** of ten Gaussians fitted to the codes follows clusters and holes too (Ghosh et al.
2020): its Fréchet distance stands beside the others.
"""
HEADING = (
    "Decode a random code",
    "Does it look real? Draws from N(0, I), and draws that fit where each network keeps its codes.",
)
DRAWS, COLUMNS = 30, 10  # items of a draw, and in a row of it
AROUND_DRAWS, AROUND_COLUMNS = 24, 8  # the same round an item
ROOM, AROUND_ROOM = 640, 560  # px of a panel's tiles
SHARE = 0.32  # of its width, what a panel is high at most
LEAST_DRAWS = 2  # however slow a model is
DRAWING, SURROUNDING = 0.6, 0.4  # shares of a slow pair's time
TEMPERATURES = np.linspace(0, 2, 11)
RADII = np.linspace(0, 2, 21)
SEED = url.Whole("seed", "seed of the draws", scope="generate-")
TEMPERATURE = url.Number("temperature", "how much the draws are widened; the nearest stop is shown", 0.0, 2.0, 1.0)
AROUND_SEED = url.Whole("around_seed", "seed of the directions round the item")
RADIUS = url.Number("radius", "how far from the item; the nearest stop is shown", 0.0, 2.0, 0.5)
OPENED = opened_draw.parameter("opened", ("prior", "fitted"), DRAWS)
OPENED_AROUND = opened_draw.parameter("opened_around", ("around",), AROUND_DRAWS)
PARAMETERS = (
    SEED,
    TEMPERATURE,
    OPENED,
    OPENED_AROUND,
    ITEM,
    AROUND_SEED,
    RADIUS,
    *own_item.PARAMETERS,
    *conditional.PARAMETERS,
)
DISTRIBUTIONS = {"prior": "drawn from N(0, I)", "fitted": "drawn from a Gaussian fitted to its own codes"}
DISTANCE_DEFINITION = (
    "Distance to a real picture: the mean distance of these pictures to the nearest real item, in features of a small "
    "classifier; 1 is what real items have among each other. Unlike any real item: farther off than 99 % of those are."
)
Array = NDArray[np.float32]


@dataclass(frozen=True)
class DrawsByStop:
    """What becomes of some draws as a number grows: tiles (stops, n, h, w, 1 or 3), likeness (stops·n,) or None.

    sheet: what the browser gets of the tiles, with so many columns at each stop.
    """

    tiles: NDArray[np.uint8]
    likeness: Likeness | None
    columns: int
    sheet: dict[str, Any]

    def notes(self) -> list[str]:
        """How like real items the draws of each stop are, in words."""
        if self.likeness is None:
            return []
        shape = self.tiles.shape[:2]
        distances = self.likeness.distance.reshape(shape).mean(1)
        outlier = self.likeness.outlier.reshape(shape).sum(1)
        return [
            f"distance to a real picture × {distance:.2f} · unlike any real item: {count} of {shape[1]}"
            for distance, count in zip(distances, outlier, strict=True)
        ]

    def distance(self, stop: int) -> float | None:
        """Mean distance at a stop."""
        if self.likeness is None:
            return None
        return float(self.likeness.distance.reshape(self.tiles.shape[:2])[stop].mean())


@dataclass(frozen=True)
class Extent:
    """At which stops draws are decoded, and how many of them."""

    stops: tuple[int, ...]
    draws: int

    def of(self, codes: Array) -> Array:
        """The part of codes (stops, n, d) that is decoded."""
        return codes[[*self.stops], : self.draws]


def page() -> None:
    """Draw the page."""
    choice = chosen()
    shell.header(HEADING[0], f"{HEADING[1]} Click one to open it.")
    _random(choice)
    source = _item(choice)
    conditional.section(choice.dataset, source)
    shell.explain("What is a mixture fitted to the codes?", IDEA)


# ---- Draws from the prior and from the fitted Gaussian.


@widgets.fragment
def _random(choice: Choice) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        widgets.label("seed")
        seed = widgets.whole(SEED, "Seed", show_label=False)
        st.button("New draws", icon=":material/casino:", key="redraw", shortcut="n", on_click=_next_seed)
    fitting = _fitting(choice, DRAWS, COLUMNS, ROOM)
    extent = _extent("draws", choice, TEMPERATURE, TEMPERATURES, len(DISTRIBUTIONS), fitting, DRAWING)
    stop = _stop(TEMPERATURE, TEMPERATURES)
    values, at = TEMPERATURES[[*extent.stops]], extent.stops.index(stop)
    draws = {
        (model.name, distribution): drawn(model.name, distribution, seed, extent)
        for distribution in DISTRIBUTIONS
        for model in choice.pair
    }
    panels = [
        _panel(model, text, draws[model.name, distribution], model.title if distribution == "prior" else "")
        for distribution, text in DISTRIBUTIONS.items()
        for model in choice.pair
    ]
    with st.container(key="card-draws"):
        dial(panels, [f"{value:.1f}" for value in values], at=at, label="Temperature", key="heat",
             on_stop=lambda: _on_stop(TEMPERATURE, values, "heat"),
             on_pick=lambda panel, item: _open(OPENED, tuple(DISTRIBUTIONS)[panel // 2], panel % 2, item))  # fmt: skip
        shell.tile_legend()
        _verdict(choice, draws, at, values[at])
    if draw := opened_draw.of(url.value(OPENED), choice):
        kind, model, item = draw
        z = _draw_codes(model.name, kind, seed)[stop, item]
        opened_draw.show(model, z, f"Draw {item + 1} of {model.title}, {DISTRIBUTIONS[kind]}", OPENED)
    if few := few_sentence(choice):
        st.caption(few)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        sheets = [draws[model.name, distribution].tiles[at] for distribution in DISTRIBUTIONS for model in choice.pair]
        _save(sheets, COLUMNS, f"draws-{choice.left.name}-{choice.right.name}-{seed}.png", "save-draws")
        _measured_draws(choice)
    with st.container(horizontal=True, gap="medium"):
        notions.ask(notions.TEMPERATURE)
        if has_classifier(choice.dataset):
            notions.ask(notions.REALISM)


def _next_seed() -> None:
    url.remember(SEED, (url.value(SEED) + 1) % (SEED.high + 1))


@caches.kept(max_entries=48, show_spinner="Decoding random codes …")
def drawn(name: str, distribution: str, seed: int, extent: Extent | None = None) -> DrawsByStop:
    """A model's draws from the prior or from the Gaussian that fits its codes, by temperature; extent: of which."""
    codes = _draw_codes(name, distribution, seed)
    return _by_stop(name, codes if extent is None else extent.of(codes), COLUMNS, ROOM)


def _draw_codes(name: str, distribution: str, seed: int) -> Array:
    """Codes (stops, n, d) of the draws at each temperature."""
    network = models.explorer(name)
    codes = [
        (value * network.prior(DRAWS, seed)).astype(np.float32)
        if distribution == "prior"
        else cloud(name).draw(DRAWS, seed, float(value))
        for value in TEMPERATURES
    ]
    return np.stack(codes)


def _open(parameter: url.Choice, kind: str, side: int, item: int) -> None:
    opened_draw.choose(parameter, f"{kind}-{opened_draw.SIDES[side]}-{item}")


def _by_stop(name: str, codes: Array, columns: int, room: int) -> DrawsByStop:
    """Codes (stops, n, d) decoded, how like real items they are, and their sheet, of as many columns as have room."""
    network = models.explorer(name)
    decoded = network.decode(codes.reshape(-1, codes.shape[2]))
    real, data = reality(network.config.dataset), models.data(network.config.dataset)
    tiles = data.tiles(decoded)
    tiles = tiles.reshape(*codes.shape[:2], *tiles.shape[1:])
    columns = files.abreast(tiles[0], min(columns, tiles.shape[1]), room)
    sheet = strip(files.sheets(tiles, columns, data.between), smooth=data.modality.smooth)
    return DrawsByStop(tiles, None if real is None else real.likeness(decoded), columns, sheet)


@caches.kept(max_entries=16, show_spinner=False)
def cloud(name: str) -> Cloud:
    """The Gaussian that fits a model's test codes."""
    return Cloud.of(models.codes(name))


@st.cache_resource(max_entries=4, show_spinner="Computing features of the real items …")
def reality(dataset: str) -> Reality | None:
    """A data set's real items; None where it has no classifier."""
    return Reality(dataset, models.data(dataset).items) if has_classifier(dataset) else None


def _verdict(choice: Choice, draws: dict[tuple[str, str], DrawsByStop], at: int, temperature: float) -> None:
    """What the numbers say of the claim, in words; they may speak against it."""
    sentences = []
    kinds = (("prior", "From N(0, I)", "frechet"), ("fitted", "From its own cloud", "frechet_fitted"))
    for distribution, opening, figure in kinds:
        (a, left), (b, right) = ((draws[model.name, distribution].distance(at), model.label) for model in choice.pair)
        if a is None or b is None:
            st.caption(_unscored(choice.dataset))
            return
        near, far, ratio = (left, right, b / a) if a < b else (right, left, a / b)
        if ratio < 1.1:
            together = _together(choice, figure)
            sentences.append(f"{opening}, the draws of {left} and {right} come equally near to real pictures{together}")
        else:
            sentences.append(
                f"{opening}, the draws of {near} come nearer to real pictures: those of {far} are {ratio:.1f} times as "
                "far off"
            )
    st.markdown(". ".join(sentences) + f". (For these draws, at temperature {temperature:.1f}.)")


def _together(choice: Choice, figure: str) -> str:
    """What the Fréchet distance says of draws that each by itself come equally near; "" where it says the same."""
    measured = [(model.card.metrics.get(figure), model.label) for model in choice.pair]
    known = sorted((float(value), label) for value, label in measured if value is not None)
    if len(known) < 2 or known[1][0] < 1.5 * known[0][0]:
        return ""
    (near, better), (far, _) = known
    return (
        f", each by itself; together those of {better} resemble them more: a Fréchet distance of {near:.1f} against "
        f"{far:.1f} at temperature 1"
    )


def _unscored(dataset: str) -> str:
    """Why no number says how near draws are to real items, and what to look at instead."""
    words = models.words(dataset)
    if models.modality(dataset).classified:
        return "No classifier of this data set is installed, so no realism score is available."
    return (
        f"How near each of these draws is to a real {words.noun} is not scored: that takes a classifier, and "
        f"there are classifiers of pictures alone. Judge them beside the {words.plural} on the Map."
    )


def _measured_draws(choice: Choice) -> None:
    for heading, figures in measured(choice):
        widgets.label(heading)
        html.numbers(figures)


def measured(choice: Choice) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What was measured of many draws when the checkpoints were evaluated: headings with (name, value, definition)."""
    distances = {"frechet": "N(0, I)", "frechet_fitted": "own cloud", "frechet_mixture": "mixture"}
    shares = {"plausible": "plausible", "new_plausible": "new and plausible"}
    both = [
        ("Fréchet distance at temperature 1, lower is better", _figures(choice, distances, "{:.1f}".format)),
        ("Of many draws from N(0, I)", _figures(choice, shares, lambda value: f"{100 * value:.0f} %")),
    ]
    return [(heading, figures) for heading, figures in both if figures]


def few_sentence(choice: Choice) -> str:
    """Why draws look like no items where a network had few to learn from; "" where it had many, or nobody measured."""
    few, name = models.few(choice.dataset), choice.dataset
    measured = [
        f"{card.metrics['frechet']:.1f} of {model.label}'s draws"
        for model in choice.pair
        if "frechet" in (card := model.card).metrics
    ]
    if not few or not measured or not has_classifier(name):
        return ""
    floor = classifier_card(name).floor
    return (
        f"Why do these draws look like textures? {few} The Fréchet distance is {' and '.join(measured)}; {floor:.1f} "
        "of real ones from the training split."
    )


def _figures(choice: Choice, keys: dict[str, str], text: Callable[[float], str]) -> list[tuple[str, str, str]]:
    """Figures of both models, {key: name}, as far as they were measured."""
    return [
        (f"{model.label}, {name}", text(model.card.metrics[key]), DEFINITIONS[key])
        for model in choice.pair
        for key, name in keys.items()
        if key in model.card.metrics
    ]


# ---- Draws round an item.


def _item(choice: Choice) -> Input:
    """The item that is drawn round, chosen, made by hand or brought, and what lies round it."""
    st.subheader("Close to one item", anchor=False)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        origin = own_item.picker("around")
    if origin == "draw":
        networks.send(model.name for model in choice.pair)
    data = models.data(choice.dataset)
    item_column, panels = st.columns([2.6 if origin != "item" or data.html(data.items[0]) else 1.1, 10], gap="medium")
    with item_column:
        source = own_item.subject()
        caption = source.name if source.row is None else data.label_of(source.row)
        tile, large = data.tiles(source.item[None])[0], data.html(source.item)
        style = "" if large else "alone"
        st.html(html.row([html.figure(tile, caption, note="the item", large=large)], style=style))
    with panels:
        _around(choice, source)
    return source


@widgets.fragment
def _around(choice: Choice, source: Input) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        widgets.label("seed")
        seed = widgets.whole(AROUND_SEED, "Seed", show_label=False)
        notions.ask(notions.RADIUS)
    fitting = _fitting(choice, AROUND_DRAWS, AROUND_COLUMNS, AROUND_ROOM)
    extent = _extent("around", choice, RADIUS, RADII, 1, fitting, SURROUNDING)
    stop = _stop(RADIUS, RADII)
    values, at = RADII[[*extent.stops]], extent.stops.index(stop)
    codes = {model.name: code_of(model.name, source) for model in choice.pair}
    draws = {name: rings(name, code, seed, extent) for name, code in codes.items()}
    with st.container(key="card-around"):
        dial(
            [_panel(model, "directions from its code", draws[model.name], model.title)
             for model in choice.pair],
            [f"{value:.1f}" for value in values], at=at, label="Radius", key="reach",
            on_stop=lambda: _on_stop(RADIUS, values, "reach"),
            on_pick=lambda panel, item: _open(OPENED_AROUND, "around", panel, item),
        )  # fmt: skip
        st.caption("Radius 1: as far from the item as a typical code is from the middle of all the model's codes.")
    if draw := opened_draw.of(url.value(OPENED_AROUND), choice):
        _, model, item = draw
        z = _ring_codes(model.name, codes[model.name], seed)[stop, item]
        title = f"Direction {item + 1} from the item's code, {model.title}"
        opened_draw.show(model, z, title, OPENED_AROUND)
    sheets = [draws[model.name].tiles[at] for model in choice.pair]
    whose = "own" if source.row is None else source.row
    _save(sheets, AROUND_COLUMNS, f"around-{whose}.png", "save-around", AROUND_ROOM)


def code_of(name: str, source: Input) -> Array:
    """The code (d,) that a model gives an item."""
    return (
        models.codes(name).mean[source.row]
        if source.row is not None
        else models.explorer(name).encode(source.item[None])[0][0]
    )


@caches.kept(
    max_entries=32,
    show_spinner="Decoding the item's surroundings …",
    hash_funcs={np.ndarray: lambda code: code.tobytes()},
)
def rings(name: str, code: Array, seed: int, extent: Extent | None = None) -> DrawsByStop:
    """A model's draws round a code (d,) at each radius; extent: of which."""
    codes = _ring_codes(name, code, seed)
    return _by_stop(name, codes if extent is None else extent.of(codes), AROUND_COLUMNS, AROUND_ROOM)


def _ring_codes(name: str, code: Array, seed: int) -> Array:
    """Codes (stops, n, d) round that of an item (d,) at each radius."""
    steps = cloud(name).directions(AROUND_DRAWS, seed)
    return (code + RADII[:, None, None] * steps).astype(np.float32)


# ---- What both share.


def _fitting(choice: Choice, draws: int, columns: int, room: int) -> int:
    """How many of some draws are shown, so that all panels stand on a screen."""
    data = models.data(choice.dataset)
    return files.fitting(data.tiles(data.items[:1])[0], draws, columns, room, SHARE)


def _extent(
    view: str, choice: Choice, parameter: url.Number, stops: NDArray[np.float64], ways: int, draws: int, share: float
) -> Extent:
    """What is decoded of draws in some ways: all, or of a slow pair some at the stop that a slider chooses."""
    allowed, usual = pace.allowed(view, choice, share), ways * draws * len(stops)
    if allowed >= usual:
        pace.tell(view, choice, "", usual, share)
        return Extent(tuple(range(len(stops))), draws)
    fewer = min(draws, max(LEAST_DRAWS, allowed // ways))
    name = parameter.name.capitalize()
    pace.tell(view, choice, f"{fewer} of {draws} draws are shown, at one {parameter.name} at a time", usual, share)
    widgets.slider(parameter, name, round(float(stops[1] - stops[0]), 3), width=ROOM // 2)
    return Extent((_stop(parameter, stops),), fewer)


def _panel(model: Shown, text: str, draws: DrawsByStop, heading: str) -> Panel:
    grid, definition = Grid(draws.tiles.shape[1], draws.columns), DISTANCE_DEFINITION if draws.likeness else ""
    return Panel(text, model.colour, draws.sheet, draws.notes(), heading, definition, grid)


def _stop(parameter: url.Number, stops: NDArray[np.float64]) -> int:
    """The number of the stop that the visitor chose, or that the URL names by its value."""
    return int(abs(stops - url.value(parameter)).argmin())


def _on_stop(parameter: url.Number, stops: NDArray[np.float64], key: str) -> None:
    stop = st.session_state[key].get("stop")
    if stop is not None:
        url.remember(parameter, round(float(stops[int(stop)]), 3))


def _save(sheets: list[NDArray[np.uint8]], columns: int, name: str, key: str, room: int = ROOM) -> None:
    """A button that saves sheets of tiles two abreast, as on the page."""

    def file() -> bytes:
        laid = np.stack([files.sheet(sheet, files.abreast(sheet, columns, room)) for sheet in sheets])
        return files.png(files.sheet(laid, 2, gap=12), 3)

    widgets.save("Save as PNG", file, name, "image/png", key=key, icon=":material/download:")
