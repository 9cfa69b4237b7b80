"""Denoise: a spoilt picture, and what each model makes of it."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, models, pictures, shell, widgets
from aeviz.app.choice import Choice, Shown, chosen
from aeviz.app.panels import item_input
from aeviz.figures import bars, palette
from aeviz.latent.explorer import corrupt, median, psnr, ssim
from aeviz.modalities.image.corruption import CORRUPTIONS

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
    choice = chosen()
    shell.header("Take the noise away", "One spoilt picture, several repairs. Which is nearest to the clean one?")
    source = item_input.pick("noise", 0)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        kind, level, seed = _controls()
    clean = source.picture[None]
    noisy = corrupt(clean, kind, level, seed)
    compared = _models(choice)
    _results(source, clean, noisy, compared)
    _curve(source, kind, level, seed, compared)
    shell.explain("Why can a network take noise away?", IDEA)


def _controls() -> tuple[str, float, int]:
    kinds = {name: row.label for name, row in CORRUPTIONS.items()}
    kind = widgets.segments("corruption", "Corruption", kinds, "gaussian")
    row = CORRUPTIONS[kind]
    level = st.slider(f"Level ({row.unit})", 0.0, row.maximum, 0.5, 0.05, key="level", bind="query-params", width=260)
    seed = widgets.whole("seed", "Seed", 0, 9999, 0, tip="Another seed, other noise of the same kind.")
    return kind, level, seed


def _models(choice: Choice) -> list[Shown]:
    """The pair, and the data set's denoising autoencoder beside it."""
    shown = list(choice.pair)
    trained = models.zoo()[choice.dataset].get("dae")
    if trained and trained.name not in {model.name for model in shown}:
        shown.append(Shown(trained, "DAE", "Denoising autoencoder", palette.FAMILIES["dae"]))
    return shown


def repaired(compared: list[Shown], noisy: NDArray[np.float32]) -> list[tuple[str, str, NDArray[np.float32]]]:
    """What each model and the median filter make of pictures (N, C, H, W): (label, colour, pictures)."""
    results = []
    for model in compared:
        network = models.explorer(model.name)
        results.append((model.label, model.colour, network.decode(network.encode(noisy)[0])))
    results.append(("Median 3 × 3", palette.INK, median(noisy)))
    return results


def _results(source: item_input.Source, clean: NDArray, noisy: NDArray, compared: list[Shown]) -> None:
    columns = [("Noisy", "", noisy), *repaired(compared, noisy)]
    scores = [float(psnr(picture, clean)[0]) for _, _, picture in columns]
    shown = [pictures.figure(clean[0], "Clean", note=source.name)]
    for (label, colour, picture), score in zip(columns, scores, strict=True):
        star = "★ " if score == max(scores) else ""
        told = f"PSNR {score:.1f} dB" if np.isfinite(score) else "nothing changed"
        note = f"{star}{told} · SSIM {float(ssim(picture, clean)[0]):.2f}"
        shown.append(pictures.figure(picture[0], label, note=note, accent=colour))
    with st.container(key="card-results"):
        st.html(pictures.row(shown, smallest=200))
    everything = np.concatenate([clean, noisy, *(picture for _, _, picture in columns[1:])])
    name = f"denoise-{source.name.replace(' ', '-')}.png"
    widgets.save(
        "Save as PNG",
        lambda: pictures.png(pictures.sheet(everything, len(everything)), 8),
        name,
        "image/png",
        icon=":material/download:",
    )


def _curve(source: item_input.Source, kind: str, level: float, seed: int, compared: list[Shown]) -> None:
    scopes = {"this": "this picture", "many": f"{MANY} test pictures together"}
    scope = widgets.segments("curve", "Curve of", scopes, "this", show_label=True)
    dataset = chosen().dataset
    if scope == "many":
        lines = _mean_curves(dataset, tuple(compared), kind, seed)
    else:
        lines = _curves(source.picture[None], compared, kind, seed)
    row = CORRUPTIONS[kind]
    drawn = bars.curves(levels(kind), lines, level, f"{row.label}: {row.unit}", "PSNR (dB)")
    widgets.save(
        "Curve as CSV", lambda: _as_csv(levels(kind), lines), "aeviz-psnr.csv", "text/csv", icon=":material/table:"
    )
    st.plotly_chart(drawn, key="psnr-curve", config=bars.TOOLS)


def levels(kind: str) -> NDArray[np.float64]:
    """The levels at which the curve is measured; at 0 the picture is clean and the PSNR of doing nothing infinite."""
    return np.linspace(0, CORRUPTIONS[kind].maximum, CURVE_LEVELS)[1:]


def _as_csv(levels_: NDArray, lines: list[tuple[str, str, NDArray]]) -> str:
    """A line for each level: the level, and the PSNR in dB of each repair."""
    head = ",".join(["level", *(label for label, _, _ in lines)])
    rows = np.column_stack([levels_, *(values for _, _, values in lines)])
    return "\n".join([head, *(",".join(f"{value:.6g}" for value in row) for row in rows)]) + "\n"


def _curves(x: NDArray, compared: list[Shown], kind: str, seed: int) -> list[tuple[str, str, NDArray]]:
    """PSNR of pictures x (N, C, H, W) at each level, of their mean squared error: (label, colour, (levels,)).

    The mean of their PSNRs would be infinite where one of them was left as it was. Where all were, it is NaN.
    """
    spoilt = [corrupt(x, kind, float(level), seed) for level in levels(kind)]
    noisy = np.concatenate(spoilt)
    clean = np.concatenate([x] * len(spoilt))
    lines = [("Noisy", palette.INK, noisy), *repaired(compared, noisy)]
    return [
        (label, colour, _psnr_of_mean(psnr(result, clean).reshape(len(spoilt), -1))) for label, colour, result in lines
    ]


def _psnr_of_mean(each: NDArray) -> NDArray:
    """PSNR in dB of the mean squared error, from the PSNR of each picture: (levels, N) -> (levels,)."""
    error = np.power(10.0, -np.asarray(each, np.float64) / 10).mean(1)
    return -10 * np.log10(error, where=error > 0, out=np.full_like(error, np.nan))


@caches.kept(
    max_entries=64,
    show_spinner="Measuring the curve …",
    hash_funcs={Shown: lambda model: (model.name, model.label)},
)
def _mean_curves(dataset: str, compared: tuple[Shown, ...], kind: str, seed: int) -> list[tuple[str, str, NDArray]]:
    return _curves(models.data(dataset).items[:MANY], list(compared), kind, seed)
