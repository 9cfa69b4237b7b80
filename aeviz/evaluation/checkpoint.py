"""Measuring a checkpoint on its test split: the figures of `metrics.json` and the shipped maps."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.errors import DataError
from aeviz.evaluation import baselines, measurements, metrics, repair
from aeviz.evaluation.definitions import DEFINITIONS, PROBE_ITEMS, SEED, TRAINING_ITEMS
from aeviz.evaluation.features import classifier_card, has_classifier
from aeviz.evaluation.measurements import Precision, Subject
from aeviz.importers import own_models
from aeviz.importers.own_data import data_of
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.likelihoods import LIKELIHOODS
from aeviz.projection import project, save_maps, shipped_settings
from aeviz.store.checkpoints import MAPS, METRICS, WEIGHTS, digests, load, read_json, write_json

MAX_MAPPED = 12_000  # items whose t-SNE and UMAP travel with a checkpoint
Progress = Callable[[float, str], None]

EXPENSIVE = ("nll", "nll_samples")


def evaluate(
    name: str | Path,
    *,
    data: str | Path | None = None,
    device: str = "auto",
    nll_samples: int | None = None,
    nll_precision: Precision = "float32",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure a model on the full test split of its data set, and write the `metrics.json` of one of aeviz's own.

    name: as for `aeviz.load`. data: the name or file of the data to measure on; of a model in another form the first
    that came with aeviz and fit it. Nothing is written into other people's folders: what is measured is returned.

    nll_samples: importance samples for −log p(x), 0 to leave it out. None keeps the figure of an earlier call where
    the weights are still the same (by their SHA-256), with the command that measured it; else it measures it where
    the model was trained on binary pictures, with 5,000, and leaves it out elsewhere. nll_precision: of the decoder
    there; "bfloat16" takes half the time on a CPU that has it, and blurs each picture's figure by some hundredths of
    a nat. The error on the training split is likewise kept where that split cannot be had. Definitions:
    `aeviz.evaluation.definitions`. Returns what was written. Raises CheckpointError and DataError.
    """
    report = progress or (lambda share, stage: None)
    folder = own_models.checkpoint_of(name)
    if folder is None or data is not None:
        return _evaluate_foreign(name, data, device, nll_samples or 0, nll_precision, report)
    return _evaluate_own(folder, device, nll_samples, nll_precision, report)


def _evaluate_foreign(
    name: str | Path, named: str | Path | None, device: str, samples: int, precision: Precision, report: Progress
) -> dict[str, Any]:
    """The figures of a model that is not one of aeviz's own, or on other data than its own."""
    model, data = foreign_model(name, named, device)
    report(0.0, "encoding")
    subject = Subject(model, data)
    figures: dict[str, float] = {"parameters": getattr(model, "weights", None) or _count(model)}
    for number, (stage, measure) in enumerate(_stages(subject, False)):
        report(0.01 + 0.9 * number / 12, stage)
        figures |= measure()
    if samples and model.config.code == "gaussian" and not model.reads_target:
        figures |= measurements.likelihood(model, subject.x, samples, precision, lambda share: report(share, "−log p"))
    metrics = {key: _rounded(figures[key]) for key in DEFINITIONS if key in figures and not math.isnan(figures[key])}
    return {"dataset": data.name, "split": data.split, "items": len(data), "seed": SEED, "metrics": metrics}


def foreign_model(name: str | Path, data: str | Path | None, device: str) -> tuple[Autoencoder, Dataset]:
    """A model in any form, and the data to measure it on. Raises as `aeviz.load`, and DataError where none fit."""
    brought = None if data is None else own_models.data_for_path(data)
    model = own_models.read(name, device, data=brought).model
    on = own_models.data_for(model.config, data)
    return own_models.on_dataset(model, on.name), on


def _count(model: Autoencoder) -> int:
    return sum(weights.numel() for weights in model.parameters())


def _evaluate_own(
    folder: Path, device: str, nll_samples: int | None, nll_precision: Precision, report: Progress
) -> dict[str, Any]:
    model = load(folder, device)
    data = split_of(model.config, "test")
    digest = digests(folder)
    old = figures_of(folder)
    earlier = old.get("metrics", {}) if digest.items() <= old.items() else {}
    report(0.0, "encoding")
    subject = Subject(model, data)
    binary = bool(model.config.training.get("binarize"))
    keep = nll_samples is None and "nll" in earlier
    scored = LIKELIHOODS[model.config.likelihood]
    if nll_samples is None:
        nll_samples = 5000 if binary and model.config.code == "gaussian" and not keep else 0
    figures = _figures(subject, folder, earlier, binary, report)
    if keep:
        figures |= {key: earlier[key] for key in EXPENSIVE}
    elif nll_samples and not (
        model.config.code != "gaussian" or subject.conditional or scored.constant or model.reads_target
    ):
        figures |= measurements.likelihood(
            model,
            binarised(subject.x) if scored.binary else subject.x,
            nll_samples,
            nll_precision,
            lambda share: report(0.2 + 0.8 * share, f"−log p(x), {nll_samples:,} samples"),
        )
    written = {
        "command": old["command"] if keep else f"aeviz evaluate {folder.name}" + _options(nll_samples, nll_precision),
        "dataset": data.name,
        "split": data.split,
        "items": len(data),
        "seed": SEED,
        "binarised": binary,
        "torch": torch.__version__,
        **digest,
        "metrics": {key: _rounded(figures[key]) for key in DEFINITIONS if key in figures},
        "maps": old.get("maps", {}),
    }
    report(0.98, "classical methods")
    if by_method := _classical(model, data):
        written["baselines"] = {
            name: {key: _rounded(figures[key]) for key in DEFINITIONS if key in figures}
            for name, figures in by_method.items()
        }
    if has_classifier(data.name):
        written["classifier_accuracy"] = classifier_card(data.name).accuracy
    write_json(folder / METRICS, written)
    return written


def _figures(
    subject: Subject, folder: Path, earlier: dict[str, Any], binary: bool, report: Progress
) -> dict[str, float]:
    """All figures that take seconds."""
    model = subject.model
    figures: dict[str, float] = {
        "parameters": _count(model),
        "bytes": (folder / WEIGHTS).stat().st_size,
    }
    stages = [
        *_stages(subject, binary),
        ("training split", lambda: _training_error(model, earlier)),
    ]
    if subject.data.modality.texts is not None:
        stages.append(("drawn texts", lambda: measurements.writing(subject, _learned_from(model))))
    for number, (stage, measure) in enumerate(stages):
        report(0.01 + 0.19 * number / len(stages), stage)
        figures |= measure()
    return {key: value for key, value in figures.items() if not math.isnan(value)}


def _stages(subject: Subject, binary: bool) -> list[tuple[str, Callable[[], dict[str, float]]]]:
    """What is measured on the test split alone, stage by stage."""
    model = subject.model
    stages: list[tuple[str, Callable[[], dict[str, float]]]] = [
        ("reconstruction", lambda: measurements.reconstruction(subject, PROBE_ITEMS)),
        ("denoising", lambda: measurements.denoising(subject)),
        ("unusual items", lambda: measurements.detection(subject)),
        ("repair", lambda: measurements.repairing(subject)),
        ("codes", lambda: measurements.codes(subject)),
        ("compression", lambda: measurements.compressed(subject)),
        ("random codes", lambda: measurements.generation(subject)),
        ("classes", lambda: measurements.class_reading(subject)),
        ("interpolation", lambda: measurements.interpolation(subject)),
    ]
    if subject.data.modality.missing:
        stages.append(("missing cells", lambda: measurements.missing(subject)))
    if model.has_gradients:
        stages.append(("Jacobians", lambda: measurements.contraction(subject)))
    if model.config.code == "gaussian":
        x = binarised(subject.x) if binary else subject.x
        stages.append(("ELBO", lambda: measurements.elbo(subject, x)))
    return stages


def _classical(model: Autoencoder, data: Dataset) -> dict[str, dict[str, float]]:
    """What classical methods reach: those of the data set, and the repairs of what the model alone is trained for."""
    methods = SOURCES[data.name].baselines if data.name in SOURCES else ()
    measured = baselines.measure(data, _learned_from(model), model.config.latent_dim, methods) if methods else {}
    for name in model.config.corruptions[:1]:
        damaged = repair.measured_damage(data, data.items, name)
        for label, figures in repair.classical(data, damaged, range(len(data))).items():
            measured[label] = measured.get(label, {}) | figures
    return measured


def _training_error(model: Autoencoder, earlier: dict[str, Any]) -> dict[str, float]:
    try:
        training = _learned_from(model)
    except DataError:
        return {
            key: earlier[key] for key in (f"{MODALITIES[model.config.modality].error.key}_train",) if key in earlier
        }
    return measurements.training_error(Subject(model, training, TRAINING_ITEMS))


def _learned_from(model: Autoencoder) -> Dataset:
    """The training split, without the class that was left out of it. Raises DataError where it cannot be had."""
    training, without = split_of(model.config, "train"), model.config.training.get("without")
    return training.without(without) if without else training


def split_of(config: Config, split: str) -> Dataset:
    """A split of the data that a model was trained on, by name or from a person's own file. Raises DataError."""
    return data_of(config, split) if config.data else load_dataset(config.dataset, split)


def _options(samples: int, precision: Precision) -> str:
    if not samples:
        return ""
    return f" --nll-samples {samples}" + ("" if precision == "float32" else f" --nll-precision {precision}")


def binarised(x: Tensor) -> Tensor:
    """x (N, C, H, W) with each pixel 1 with the probability its grey says; always the same draw."""
    generator = torch.Generator().manual_seed(SEED)
    return torch.bernoulli(x.cpu(), generator=generator).to(x.device)


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.6g}")


def write_maps(
    name: str | Path,
    *,
    data: str | Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    out: Path | None = None,
) -> Path:
    """Compute the PCA, t-SNE and UMAP of a model's test codes, 2-D and 3-D, and write `maps.npz`.

    name, data: as for `evaluate`. out: a folder for the maps of a model that is not one of aeviz's own, or on other
    data; by default this one, under the model's name.

    Codes of two coordinates need no map of three. Of more than `MAX_MAPPED` items only the PCA is made; the Map page
    computes the others of a part of them. Returns the file. Raises CheckpointError and DataError.
    """
    folder = own_models.checkpoint_of(name)
    own = folder is not None and data is None
    if folder is not None and own:
        model = load(folder, device)
        on = split_of(model.config, "test")
    else:
        model, on = foreign_model(name, data, device)
    codes = Subject(model, on).means
    methods = ("pca", "tsne", "umap") if len(codes) <= MAX_MAPPED else ("pca",)
    projections = [(method, dims) for dims in (2, 3) for method in methods if dims <= codes.shape[1]]
    maps: dict[str, NDArray[np.float32]] = {}
    figures: dict[str, dict[str, float]] = {}
    for done, (method, dims) in enumerate(projections):

        def report(share: float, stage: str, done: int = done, title: str = f"{method} {dims}-D") -> None:
            if progress:
                progress((done + share) / len(projections), f"{title}: {stage}")

        settings = shipped_settings(method, dims, len(codes))
        coordinates = project(codes, settings, progress=report).coordinates
        maps[f"{method}-{dims}"] = coordinates
        figures[f"{method}-{dims}"] = _map_figures(codes, coordinates, on.labels)
    if codes.shape[1] == 2:
        figures["code"] = _map_figures(codes, codes, on.labels)
    if folder is None or not own:
        path = (out or Path()) / f"{Path(name).stem}-{MAPS}"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_maps(path, maps)
        return path
    save_maps(folder / MAPS, maps)
    write_json(folder / METRICS, {**figures_of(folder), "maps": figures})
    return folder / MAPS


def _map_figures(
    codes: NDArray[np.float32], coordinates: NDArray[np.float32], labels: NDArray[np.int64]
) -> dict[str, float]:
    figures = {
        "trustworthiness": metrics.trustworthiness(codes, coordinates),
        "knn_accuracy": metrics.knn_accuracy(coordinates, labels),
    }
    return {key: _rounded(value) for key, value in figures.items() if not math.isnan(value)}


def figures_of(folder: Path) -> dict[str, Any]:
    """`metrics.json` of a checkpoint, or an empty dict where it has none."""
    return read_json(folder / METRICS) if (folder / METRICS).exists() else {}
