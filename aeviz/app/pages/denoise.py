"""Denoise: a spoilt picture, and what each model makes of it."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import pictures, shell, state, widgets
from aeviz.app.panels import item_input
from aeviz.figures import charts, palette
from aeviz.modalities.base import Corruption

IDEA = r"""
A **denoising autoencoder** (DAE, Vincent et al. 2008) is trained on pairs: a spoilt picture $\tilde x$ goes in, the
clean $x$ must come out,

$$\min_\theta \; \mathbb E_{x}\,\mathbb E_{\tilde x \sim C(\tilde x | x)} \big[-\log p_\theta(x \mid \tilde x)\big].$$

Noise does not fit through a narrow code, so it learns to throw noise away. The AE and the VAE were never shown noise:
they clean a little, for the same reason, and go astray when the noise grows. The **median filter** takes the middle
value of each pixel's 3 × 3 neighbourhood and knows nothing of digits or clothes.

**PSNR** is $10 \log_{10}\frac{1}{\text{mean squared error}}$ in decibels: higher is nearer to the clean picture; of
several pictures together, that of their mean error.
**SSIM** (Wang et al. 2004) compares local means, contrast and structure in 7 × 7 windows: 1 is identical.
"""
CURVE_LEVELS = 21
MANY = 100  # items of the averaged curve
PSNR = "peak signal-to-noise ratio against the clean picture, in decibels"


def page() -> None:
    """Draw the page."""
    choice = state.choice()
    shell.header("Take the noise away", "One spoilt picture, several repairs. Which is nearest to the clean one?")
    source = item_input.pick("noise", 0)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        kind, level, seed = _controls()
    clean = source.picture[None]
    noisy = state.data(choice.dataset).corrupt(clean, kind, level, seed)
    models = _models(choice)
    _results(source, clean, noisy, models)
    _curve(source, kind, level, seed, models)
    shell.explain("Why can a network take noise away?", IDEA)


def _controls() -> tuple[str, float, int]:
    rows = state.data(state.choice().dataset).modality.corruptions
    kind = widgets.segments("corruption", "Corruption", {row.name: row.label for row in rows}, rows[0].name)
    row = _corruption(kind)
    level = st.slider(f"Level ({row.unit})", 0.0, row.maximum, 0.5, 0.05, key="level", bind="query-params", width=260)
    seed = widgets.whole("seed", "Seed", 0, 9999, 0, tip="Another seed, other noise of the same kind.")
    return kind, level, seed


def _models(choice: state.Choice) -> list[state.Shown]:
    """The pair, and the data set's denoising autoencoder beside it."""
    shown = list(choice.pair)
    trained = state.zoo()[choice.dataset].get("dae")
    if trained and trained.name not in {model.name for model in shown}:
        shown.append(state.Shown(trained, "DAE", "Denoising autoencoder", palette.FAMILIES["dae"]))
    return shown


def repaired(models: list[state.Shown], noisy: NDArray[np.float32]) -> list[tuple[str, str, NDArray[np.float32]]]:
    """What each model and the median filter make of pictures (N, C, H, W): (label, colour, pictures)."""
    results = []
    for model in models:
        network = state.explorer(model.name)
        results.append((model.label, model.colour, network.decode(network.encode(noisy)[0])))
    data = state.data(state.choice().dataset)
    results.append((data.modality.repair.label, palette.INK, data.repair(noisy)))
    return results


def _results(source: item_input.Source, clean: NDArray, noisy: NDArray, models: list[state.Shown]) -> None:
    data = state.data(state.choice().dataset)
    columns = [("Noisy", "", noisy), *repaired(models, noisy)]
    scores = [float(data.distance(picture, clean, "psnr")[0]) for _, _, picture in columns]
    first, *tiles = data.tiles(np.concatenate([clean, *(picture for _, _, picture in columns)]))
    shown = [pictures.figure(first, "Clean", note=source.name)]
    for (label, colour, picture), tile, score in zip(columns, tiles, scores, strict=True):
        star = "★ " if score == max(scores) else ""
        told = f"PSNR {score:.1f} dB" if np.isfinite(score) else "nothing changed"
        note = f"{star}{told} · SSIM {float(data.distance(picture, clean, 'ssim')[0]):.2f}"
        shown.append(pictures.figure(tile, label, note=note, accent=colour))
    with st.container(key="card-results"):
        st.html(pictures.row(shown, smallest=200))
    name = f"denoise-{source.name.replace(' ', '-')}.png"
    widgets.save(
        "Save as PNG",
        lambda: pictures.png(pictures.sheet(np.stack([first, *tiles]), 1 + len(tiles)), 8),
        name,
        "image/png",
        icon=":material/download:",
    )


def _curve(source: item_input.Source, kind: str, level: float, seed: int, models: list[state.Shown]) -> None:
    scopes = {"this": "this picture", "many": f"{MANY} test pictures together"}
    scope = widgets.segments("curve", "Curve of", scopes, "this", show_label=True)
    dataset = state.choice().dataset
    if scope == "many":
        lines = _mean_curves(dataset, tuple(models), kind, seed)
    else:
        lines = _curves(source.picture[None], models, kind, seed)
    row = _corruption(kind)
    drawn = charts.curves(levels(kind), lines, level, f"{row.label}: {row.unit}", "PSNR (dB)")
    widgets.save(
        "Curve as CSV", lambda: _as_csv(levels(kind), lines), "aeviz-psnr.csv", "text/csv", icon=":material/table:"
    )
    st.plotly_chart(drawn, key="psnr-curve", config=charts.TOOLS)


def _corruption(kind: str) -> Corruption:
    return state.data(state.choice().dataset).modality.corruption(kind)


def levels(kind: str) -> NDArray[np.float64]:
    """The levels at which the curve is measured; at 0 the picture is clean and the PSNR of doing nothing infinite."""
    return np.linspace(0, _corruption(kind).maximum, CURVE_LEVELS)[1:]


def _as_csv(levels_: NDArray, lines: list[tuple[str, str, NDArray]]) -> str:
    """A line for each level: the level, and the PSNR in dB of each repair."""
    head = ",".join(["level", *(label for label, _, _ in lines)])
    rows = np.column_stack([levels_, *(values for _, _, values in lines)])
    return "\n".join([head, *(",".join(f"{value:.6g}" for value in row) for row in rows)]) + "\n"


def _curves(x: NDArray, models: list[state.Shown], kind: str, seed: int) -> list[tuple[str, str, NDArray]]:
    """PSNR of pictures x (N, C, H, W) at each level, of their mean squared error: (label, colour, (levels,)).

    The mean of their PSNRs would be infinite where one of them was left as it was. Where all were, it is NaN.
    """
    data = state.data(state.choice().dataset)
    corrupted = [data.corrupt(x, kind, float(level), seed) for level in levels(kind)]
    noisy = np.concatenate(corrupted)
    clean = np.concatenate([x] * len(corrupted))
    lines = [("Noisy", palette.INK, noisy), *repaired(models, noisy)]
    return [
        (label, colour, _psnr_of_mean(data.distance(result, clean, "psnr").reshape(len(corrupted), -1)))
        for label, colour, result in lines
    ]


def _psnr_of_mean(each: NDArray) -> NDArray:
    """PSNR in dB of the mean squared error, from the PSNR of each picture: (levels, N) -> (levels,)."""
    error = np.power(10.0, -np.asarray(each, np.float64) / 10).mean(1)
    return -10 * np.log10(error, where=error > 0, out=np.full_like(error, np.nan))


@state.derived
@st.cache_data(
    max_entries=64,
    show_spinner="Measuring the curve …",
    hash_funcs={state.Shown: lambda model: (model.name, model.label)},
)
def _mean_curves(dataset: str, models: tuple[state.Shown, ...], kind: str, seed: int) -> list[tuple[str, str, NDArray]]:
    return _curves(state.data(dataset).items[:MANY], list(models), kind, seed)


page()
