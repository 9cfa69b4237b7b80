"""Repair: a corrupted item, and what each model makes of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, shell, url, widgets
from aeviz.app.choice import Choice, Shown, chosen
from aeviz.app.panels import item_input
from aeviz.datasets.record import Dataset
from aeviz.figures import charts, files, palette
from aeviz.modalities.base import Distance
from aeviz.modalities.registry import MODALITIES
from aeviz.model.families import FAMILIES

IDEA = r"""
A **denoising autoencoder** (DAE, Vincent et al. 2008) is trained on pairs: a corrupted [[noun]] $\tilde x$ goes in, the
clean $x$ must come out,

$$\min_\theta \; \mathbb E_{x}\,\mathbb E_{\tilde x \sim C(\tilde x | x)} \big[-\log p_\theta(x \mid \tilde x)\big].$$

Noise does not fit through a narrow code, so it learns to throw noise away. The AE and the VAE were never shown noise:
they clean a little, for the same reason, and go astray when the noise grows.
"""
CURVE_LEVELS = 21
CURVE_ITEMS = 100  # items of the averaged curve
INPUT = item_input.InputParameters("noise", 0)
CORRUPTION = url.Choice(
    "corruption",
    "how the item is corrupted",
    among="; ".join(
        f"of {modality.words.plural} {', '.join(f'`{row.name}`' for row in modality.corruptions)}"
        for modality in MODALITIES.values()
    ),
)
LEVEL = url.Number("level", "how much of it", default=0.5, above="the corruption's maximum")
SEED = url.Whole("seed", "seed of the noise", scope="denoise-")
SCOPE = url.Choice("curve", "whose curve is drawn: this item's, or that of many together", ("this", "many"), "this")
PARAMETERS = (*INPUT.parameters, CORRUPTION, LEVEL, SEED, SCOPE)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    shell.header("Take the noise away", "One corrupted [[noun]], several repairs. Which is nearest to the clean one?")
    source = item_input.pick(INPUT)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        corruption, level, seed = _controls()
    clean = source.item[None]
    data = models.data(choice.dataset)
    noisy = data.corrupt(clean, corruption, level, seed)
    compared = _models(choice)
    _results(data, source, clean, noisy, compared)
    _curve(data, source, corruption, level, seed, compared)
    shell.explain("Why can a network take noise away?", _idea(data))


def _idea(data: Dataset) -> str:
    """What a network does about noise, what the classical repair does, and by what both are judged."""
    repair = data.modality.repair
    return f"{IDEA.rstrip()} {repair.idea}\n\n" + "\n".join(
        row.idea or f"**{row.label}.** {row.definition}" for row in _judges(data)
    )


def _judges(data: Dataset) -> list[Distance]:
    """The distances that the page tells: the one that repairs are judged by, and the last other one of single items."""
    judge = data.modality.distance(data.modality.repair.judge)
    return [judge, *[row for row in data.modality.distances if row is not judge and row.unit != "share"][-1:]]


def _controls() -> tuple[str, float, int]:
    modality = models.data(chosen().dataset).modality
    corruptions = {row.name: row.label for row in modality.corruptions}
    corruption = widgets.segments(CORRUPTION, "Corruption", corruptions, modality.corruptions[0].name)
    row = modality.corruption(corruption)
    level = widgets.slider(replace(LEVEL, high=row.maximum), f"Level ({row.unit})", 0.05, width=260)
    seed = widgets.whole(SEED, "Seed", tip="Another seed, other noise of the same kind.")
    return corruption, level, seed


def _models(choice: Choice) -> list[Shown]:
    """The pair, and the data set's denoising autoencoder beside it."""
    shown = list(choice.pair)
    corrupting = (card for card in models.zoo()[choice.dataset].values() if FAMILIES[card.family].corrupts)
    trained = next(corrupting, None)
    if trained and trained.name not in {model.name for model in shown}:
        family = FAMILIES[trained.family]
        shown.append(Shown(trained, family.label, family.title, family.mark.colour))
    return shown


def labels(data: Dataset, compared: list[Shown]) -> list[tuple[str, str]]:
    """Label and colour of each row of `repaired`."""
    return [*((model.label, model.colour) for model in compared), (data.modality.repair.label, palette.INK)]


def repaired(data: Dataset, names: Sequence[str], noisy: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """What each model and the classical repair make of items (N, *shape)."""
    networks = [models.explorer(name) for name in names]
    return [*(network.decode(network.encode(noisy)[0]) for network in networks), data.repair(noisy)]


def _results(data: Dataset, source: item_input.Input, clean: NDArray, noisy: NDArray, compared: list[Shown]) -> None:
    results = zip(labels(data, compared), repaired(data, [model.name for model in compared], noisy), strict=True)
    columns = [(data.words.corrupted, "", noisy), *((label, colour, result) for (label, colour), result in results)]
    judge, *others = _judges(data)
    reference = references(clean, noisy)
    scores = [float(data.distance(item, reference, judge.key)[0]) for _, _, item in columns]
    if np.isnan(noisy).any():
        scores[0] = float("nan")
    first, *tiles = data.tiles(np.concatenate([clean, *(x for _, _, x in columns)]))
    shown = [html.figure(first, data.words.clean, note=source.name, large=data.html(clean[0]))]
    for (label, colour, item), tile, score in zip(columns, tiles, scores, strict=True):
        if np.isnan(score):
            note = f"{data.words.value}s are missing"
        else:
            star = "★ " if score == judge.best(scores) else ""
            unchanged = np.array_equal(item, clean)
            sentence = "nothing changed" if unchanged else f"{judge.name} {judge.text(score, data.scale)}"
            note = f"{star}{sentence}"
            for row in others:
                note += f"<br>{row.name} {row.text(float(data.distance(item, reference, row.key)[0]), data.scale)}"
        shown.append(html.figure(tile, label, note=note, accent=colour, large=data.html(item[0])))
    with st.container(key="card-results"):
        st.html(html.row(shown, smallest=200))
        if np.isnan(noisy).any():
            st.caption(f"Judged by the missing {data.words.value}s alone: what is there needs no repair.")
    name = f"repair-{source.name.replace(' ', '-')}.png"
    widgets.save(
        "Save as PNG",
        lambda: files.png(files.sheet(np.stack([first, *tiles]), 1 + len(tiles)), 8),
        name,
        "image/png",
        icon=":material/download:",
    )


def references(clean: NDArray, noisy: NDArray) -> NDArray:
    """What repairs of items (N, *shape) are compared with: the clean items, of those that lack values these alone."""
    lacking = np.isnan(noisy)
    some = lacking.reshape(len(lacking), -1).any(1).reshape(-1, *[1] * (lacking.ndim - 1))
    return np.where(some & ~lacking, np.nan, clean).astype(np.float32)


def _curve(
    data: Dataset, source: item_input.Input, corruption: str, level: float, seed: int, compared: list[Shown]
) -> None:
    scopes = {"this": f"this {data.words.noun}", "many": f"{CURVE_ITEMS} test {data.words.plural} together"}
    scope = widgets.segments(SCOPE, "Curve of", scopes, show_label=True)
    if scope == "many":
        lines = mean_curves(data, compared, corruption, seed)
    else:
        curves = _curves(data, source.item[None], [model.name for model in compared], corruption, seed)
        lines = _lines(data, compared, curves)
    row, at, (judge, *_) = data.modality.corruption(corruption), levels(data, corruption), _judges(data)
    unit = judge.unit_in(data.scale)
    drawn = charts.curves(
        at, lines, level, f"{row.label}: {row.unit}", f"{judge.label} ({unit})" if unit else judge.label,
        f"%{{y:.{judge.digits}f}} {unit}".rstrip(),
    )  # fmt: skip
    widgets.save(
        "Curve as CSV", lambda: _as_csv(at, lines), f"aeviz-{judge.key}.csv", "text/csv", icon=":material/table:"
    )
    st.plotly_chart(drawn, key=f"{judge.key}-curve", config=charts.TOOLS)


def levels(data: Dataset, corruption: str) -> NDArray[np.float64]:
    """The levels at which the curve is measured; at 0 the item is clean and a PSNR of doing nothing infinite."""
    return np.linspace(0, data.modality.corruption(corruption).maximum, CURVE_LEVELS)[1:]


def _as_csv(levels_: NDArray, lines: list[tuple[str, str, NDArray]]) -> str:
    """A line for each level: the level, and how good each repair is."""
    rows = np.column_stack([levels_, *(values for _, _, values in lines)])
    return files.csv(["level", *(label for label, _, _ in lines)], ([f"{value:.6g}" for value in row] for row in rows))


def mean_curves(data: Dataset, compared: list[Shown], corruption: str, seed: int) -> list[tuple[str, str, NDArray]]:
    """How good repairs of the first test items together are at each level: (label, colour, (levels,))."""
    return _lines(data, compared, _curves_of_many(data.name, tuple(model.name for model in compared), corruption, seed))


def _lines(data: Dataset, compared: list[Shown], curves: list[NDArray]) -> list[tuple[str, str, NDArray]]:
    heads = [(data.words.corrupted, palette.INK), *labels(data, compared)]
    return [(label, colour, values) for (label, colour), values in zip(heads, curves, strict=True)]


def _curves(data: Dataset, x: NDArray, names: Sequence[str], corruption: str, seed: int) -> list[NDArray]:
    """How far items x (N, *shape) are from what is made of them, (levels,): left as they are, and after each repair.

    NaN where none was changed, and for items that lack values and are left so.
    """
    corrupted = [data.corrupt(x, corruption, float(level), seed) for level in levels(data, corruption)]
    noisy, clean = np.concatenate(corrupted), np.concatenate([x] * len(corrupted))
    reference, judge = references(clean, noisy), data.modality.distance(data.modality.repair.judge)
    results = [noisy, *repaired(data, names, noisy)]
    curves = [judge.together(data.distance(made, reference, judge.key).reshape(len(corrupted), -1)) for made in results]
    curves[0][np.isnan(noisy).reshape(len(corrupted), -1).any(1)] = np.nan
    return curves


@caches.kept(max_entries=64, show_spinner="Measuring the curve …")
def _curves_of_many(dataset: str, names: tuple[str, ...], corruption: str, seed: int) -> list[NDArray]:
    """Without labels and colours: those are the page's, and may change."""
    data = models.data(dataset)
    return _curves(data, data.items[:CURVE_ITEMS], names, corruption, seed)
