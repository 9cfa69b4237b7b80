"""Measuring a checkpoint on its test split: the figures of `metrics.json` and the shipped maps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz import metrics
from aeviz.autoencoder import Autoencoder
from aeviz.checkpoints import MAPS, METRICS, WEIGHTS, find, load, read_json, write_json
from aeviz.corruption import corrupt
from aeviz.datasets import load_dataset
from aeviz.objectives import reconstruction_error
from aeviz.projection import Settings, project, save_maps

PROBE_ITEMS = 500  # the first items of the split, whose error the tests compute again
NOISE = 0.5  # level of Gaussian noise at which denoising is measured
ELBO_SAMPLES = 8  # draws from each posterior
SEED = 0

Progress = Callable[[float, str], None]
Precision = Literal["float32", "bfloat16"]

# What each figure is, for cards and pages.
DEFINITIONS = {
    "mse": "Squared error per pixel between an item and the decode of its mean code, averaged over the test split.",
    "mse_probe": f"The same over the first {PROBE_ITEMS} items: quick to compute again.",
    "psnr": "Peak signal-to-noise ratio of the reconstruction in dB, averaged over items.",
    "ssim": "Structural similarity of item and reconstruction (Wang et al. 2004), averaged over items.",
    "denoised_psnr": f"PSNR in dB after Gaussian noise of σ = {NOISE}, clipped, and one pass through the model.",
    "noisy_psnr": "PSNR in dB of the noisy pictures themselves.",
    "neg_elbo": f"−ELBO in nats: reconstruction + KL, {ELBO_SAMPLES} draws from each posterior.",
    "reconstruction": "Its first term: −log p(x | z) in nats, the expected error of a sampled code.",
    "kl": "Its second term: KL(q(z | x) ‖ N(0, I)) in nats, summed over coordinates.",
    "nll": "−log p(x) in nats by importance sampling (Burda et al. 2016) on pictures binarised once.",
    "nll_samples": "Importance samples drawn for each picture.",
    "active_units": "Coordinates whose mean varies over the split by more than 0.01 (Burda et al. 2016).",
    "knn_accuracy": "Share of items whose class the 10 nearest mean codes name, by 5-fold cross-validation.",
    "parameters": "Weights of encoder and decoder.",
    "bytes": "Size of the weights' file.",
}


def evaluate(
    name: str | Path,
    *,
    device: str = "auto",
    nll_samples: int | None = None,
    nll_precision: Precision = "float32",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure a checkpoint on the full test split of its data set and write its `metrics.json`.

    nll_samples: importance samples for −log p(x); None measures it where the model was trained on
    binary pictures, with 5,000, and leaves it out elsewhere. nll_precision: of the decoder there; "bfloat16"
    takes half the time on a CPU that has it, and blurs each picture's figure by some hundredths of a nat.
    Definitions: `DEFINITIONS`. Returns what
    was written. Raises CheckpointError and DataError.
    """
    folder = find(name)
    model = load(folder, device)
    say = progress or (lambda share, stage: None)
    data = load_dataset(model.config.dataset)
    x = torch.from_numpy(data.items.copy()).to(model.device)
    say(0.0, "encoding")
    figures = _reconstruction(model, x)
    say(0.1, "denoising")
    figures |= _denoising(model, x)
    say(0.15, "codes")
    means = model.encode(x).mean.cpu().numpy()
    figures["active_units"] = int(metrics.active_units(means))
    figures["knn_accuracy"] = float(metrics.knn_accuracy(means, data.labels))
    figures["parameters"] = sum(weights.numel() for weights in model.parameters())
    figures["bytes"] = (folder / WEIGHTS).stat().st_size
    binary = bool(model.config.training.get("binarize"))
    if model.config.code == "gaussian":
        say(0.2, "ELBO")
        figures |= _elbo(model, binarised(x) if binary else x)
        if nll_samples is None and binary:
            nll_samples = 5000
        if nll_samples:
            figures |= _likelihood(model, x, nll_samples, nll_precision, say)
    written = {
        "command": f"aeviz evaluate {folder.name}" + _options(nll_samples, nll_precision),
        "dataset": data.name,
        "split": data.split,
        "items": len(data),
        "seed": SEED,
        "binarised": binary,
        "torch": torch.__version__,
        "metrics": {key: _rounded(value) for key, value in figures.items()},
        "maps": figures_of(folder).get("maps", {}),
    }
    write_json(folder / METRICS, written)
    return written


def _reconstruction(model: Autoencoder, x: Tensor) -> dict[str, float]:
    y = model(x)
    error = metrics.mse(y, x)
    return {
        "mse": float(error.mean()),
        "mse_probe": float(error[:PROBE_ITEMS].mean()),
        "psnr": float(metrics.psnr(y, x).mean()),
        "ssim": float(metrics.ssim(y, x).mean()),
    }


def _denoising(model: Autoencoder, x: Tensor) -> dict[str, float]:
    noisy = corrupt(x, "gaussian", NOISE, SEED)
    return {
        "denoised_psnr": float(metrics.psnr(model(noisy), x).mean()),
        "noisy_psnr": float(metrics.psnr(noisy, x).mean()),
    }


def _elbo(model: Autoencoder, x: Tensor) -> dict[str, float]:
    generator = torch.Generator(model.device).manual_seed(SEED)
    posterior = model.encode(x)
    draws = [
        reconstruction_error(model.config.likelihood, model.decode_logits(posterior.sample(generator)), x).mean()
        for _ in range(ELBO_SAMPLES)
    ]
    reconstruction, kl = float(torch.stack(draws).mean()), float(posterior.kl().sum(1).mean())
    return {"neg_elbo": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}


def _options(samples: int | None, precision: Precision) -> str:
    if not samples:
        return ""
    return f" --nll-samples {samples}" + ("" if precision == "float32" else f" --nll-precision {precision}")


def _likelihood(model: Autoencoder, x: Tensor, samples: int, precision: Precision, say: Progress) -> dict[str, float]:
    def decode(z: Tensor) -> Tensor:
        with torch.autocast(z.device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            return model.decode_logits(z).float()

    nll = metrics.importance_nll(
        model.encode,
        decode,
        binarised(x),
        samples=samples,
        seed=SEED,
        progress=lambda share: say(0.2 + 0.8 * share, f"−log p(x), {samples:,} samples"),
    )
    return {"nll": float(nll.mean()), "nll_samples": samples}


def binarised(x: Tensor) -> Tensor:
    """x (N, C, H, W) with each pixel 1 with the probability its grey says; always the same draw."""
    generator = torch.Generator().manual_seed(SEED)
    return torch.bernoulli(x.cpu(), generator=generator).to(x.device)


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.6g}")


def shipped_settings(method: str, dims: int, points: int) -> Settings:
    """The settings of the maps that travel with a checkpoint: the libraries' defaults, seed 0."""
    return Settings(method=method, dims=dims, points=points, seed=SEED)  # type: ignore[arg-type]


def write_maps(name: str | Path, *, device: str = "auto", progress: Progress | None = None) -> Path:
    """Compute the PCA, t-SNE and UMAP of a checkpoint's test codes, 2-D and 3-D, and write `maps.npz`.

    Codes of two coordinates need no map of three. Returns the file. Raises CheckpointError and DataError.
    """
    folder = find(name)
    model = load(folder, device)
    data = load_dataset(model.config.dataset)
    codes = model.encode(torch.from_numpy(data.items.copy())).mean.cpu().numpy()
    kinds = [(method, dims) for dims in (2, 3) for method in ("pca", "tsne", "umap") if dims <= codes.shape[1]]
    maps: dict[str, NDArray[np.float32]] = {}
    figures: dict[str, dict[str, float]] = {}
    for done, (method, dims) in enumerate(kinds):

        def report(share: float, stage: str, done: int = done, title: str = f"{method} {dims}-D") -> None:
            if progress:
                progress((done + share) / len(kinds), f"{title}: {stage}")

        settings = shipped_settings(method, dims, len(codes))
        found = project(codes, settings, progress=report).coordinates
        maps[f"{method}-{dims}"] = found
        figures[f"{method}-{dims}"] = _map_figures(codes, found, data.labels)
    if codes.shape[1] == 2:
        figures["code"] = _map_figures(codes, codes, data.labels)
    save_maps(folder / MAPS, maps)
    write_json(folder / METRICS, {**figures_of(folder), "maps": figures})
    return folder / MAPS


def _map_figures(
    codes: NDArray[np.float32], coordinates: NDArray[np.float32], labels: NDArray[np.int64]
) -> dict[str, float]:
    return {
        "trustworthiness": _rounded(metrics.trustworthiness(codes, coordinates)),
        "knn_accuracy": _rounded(metrics.knn_accuracy(coordinates, labels)),
    }


def figures_of(folder: Path) -> dict[str, Any]:
    """`metrics.json` of a checkpoint, or an empty dict where it has none."""
    return read_json(folder / METRICS) if (folder / METRICS).exists() else {}
