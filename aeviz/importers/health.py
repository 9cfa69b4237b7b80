"""A short report on a model's state: what it does with given items, and what that means."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.modalities.base import Modality, Words
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Autoencoder, Posterior

Array = NDArray[np.float32]
OK, NOTE, WARNING = "ok", "note", "warning"
LEVELS = {OK: ("✓", "Sound"), NOTE: ("i", "Note"), WARNING: ("!", "Warning")}  # a sign and a word of each

MAX_ITEMS, MIN_ITEMS = 1_000, 2  # items
MAX_S = 30.0  # that they may take, but for the fewest
DEAD = 1e-3  # standard deviation of a unit over the items, as a share of the most active one
ACTIVE = 0.01  # variance of a unit's mean over the items (Burda et al. 2016)
COLLAPSED = 0.01  # nats of KL of a unit
FAR_MEAN, NARROW, WIDE = 0.5, 0.5, 2.0  # of the codes of all items together, where N(0, 1) has 0 and 1
CONSTANT = 1e-4  # standard deviation of a value over the items
END = 1e-3  # how near to a bound a value is at it
GOOD, POOR = 0.5, 1.0  # squared error over that of the average item


@dataclass(frozen=True)
class Finding:
    """level: "ok", "note" or "warning". value: what was measured, in words. meaning: what follows from it."""

    level: str
    title: str
    value: str
    meaning: str


@torch.inference_mode()
def examine(model: Autoencoder, items: Array, labels: NDArray[np.int64] | None = None) -> list[Finding]:
    """Findings on a model and items (N, *shape), of which the first `MAX_ITEMS` are used; NaN is a missing value.

    labels: (N,), for a conditional model. A slow model is given as many items as `MAX_S` seconds allow, and a finding
    says so. A model that fails on the items is a finding too. Raises ValueError without items.
    """
    if len(items) == 0:
        raise ValueError("A report needs at least one item.")
    x = torch.tensor(items[:MAX_ITEMS], dtype=torch.float32)
    modality = MODALITIES[model.config.modality]
    words = modality.words
    classes = None if labels is None or not model.config.classes else torch.tensor(labels[:MAX_ITEMS])
    started = time.monotonic()
    try:
        posterior, y, drawn = _passed(model, x.to(model.device), classes, started + MAX_S)
    except (RuntimeError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return [Finding(WARNING, "Does not run", reason, "The model cannot encode and decode these items.")]
    seconds, asked, x = time.monotonic() - started, len(x), x[: len(y)].to(model.device)
    if not (_finite(posterior) and torch.isfinite(y).all() and torch.isfinite(drawn).all()):
        return [_broken(posterior, y, drawn, words)]
    findings = [_reconstruction(x, y, words), _outputs(x, y, drawn, modality)]
    if len(x) > 1:
        findings += [_dead(posterior.mean), *_collapse(posterior), _prior(posterior)]
    return findings if len(x) == asked else [*findings, _slow(len(x), asked, seconds, words)]


def _passed(model: Autoencoder, x: Tensor, classes: Tensor | None, end: float) -> tuple[Posterior, Tensor, Tensor]:
    """Codes and reconstructions of items, and as many that were drawn, of as many items as there is time for.

    end: on the clock of `time.monotonic`. Each batch is as large as all before it, so that a quick model takes few.
    """
    generator = torch.Generator().manual_seed(0)
    posteriors, decoded, drawn = [], [], []
    done, started = 0, time.monotonic()
    while done < min(len(x), MIN_ITEMS) or (done < len(x) and 2 * time.monotonic() - started < end):
        rows = slice(done, min(len(x), max(1, 2 * done)))
        labels = None if classes is None else classes[rows]
        posterior = model.encode(x[rows], labels)
        posteriors.append(posterior)
        decoded.append(model.decode(posterior.mean, labels))
        drawn.append(model.decode(torch.randn(posterior.mean.shape, generator=generator), labels))
        done = rows.stop
    stds = [posterior.std for posterior in posteriors if posterior.std is not None]
    mean = torch.cat([posterior.mean for posterior in posteriors])
    return Posterior(mean, torch.cat(stds) if stds else None), torch.cat(decoded), torch.cat(drawn)


def _slow(done: int, asked: int, seconds: float, words: Words) -> Finding:
    value = f"{done} of {asked:,} {words.plural} were looked at; one takes {seconds / done:.1f} s here"
    meaning = (
        f"Views of many {words.plural} take as long for each. A GPU helps; of a network of convolutions, so do smaller "
        "pictures: half the side is a quarter of the time."
    )
    return Finding(NOTE, "Slow", value, meaning)


def _finite(posterior: Posterior) -> bool:
    parts = [part for part in (posterior.mean, posterior.std) if part is not None]
    return all(bool(torch.isfinite(part).all()) for part in parts)


def _broken(posterior: Posterior, y: Tensor, drawn: Tensor, words: Words) -> Finding:
    where = [
        f"{int((~torch.isfinite(values)).sum()):,} of {values.numel():,} {noun}"
        for noun, values in (
            ("code values", posterior.mean),
            (f"{words.value}s", y),
            (f"{words.value}s of drawn codes", drawn),
        )
        if not torch.isfinite(values).all()
    ]
    return Finding(
        WARNING,
        "NaN or infinite values",
        ", ".join(where) or "infinite spreads",
        "Training broke down, or the weights overflow: nothing that follows would mean anything.",
    )


def _reconstruction(x: Tensor, y: Tensor, words: Words) -> Finding:
    error = float((y - x).square().nanmean())
    plain = float((x - x.nanmean(0)).square().nanmean())
    value = f"squared error {error:.4f} per {words.value}; the average {words.noun} has {plain:.4f}"
    if len(x) == 1 or plain == 0:
        return Finding(NOTE, "Reconstruction", f"squared error {error:.4f} per {words.value}", "One item tells little.")
    if error >= POOR * plain:
        meaning = (
            "It rebuilds these items no better than their average would: they are not what it was trained on, or the "
            "input scaling or output is another than was taken."
        )
        return Finding(WARNING, "Reconstruction", value, meaning)
    if error >= GOOD * plain:
        meaning = "It keeps the coarse look of the items and loses most of what tells them apart."
        return Finding(NOTE, "Reconstruction", value, meaning)
    return Finding(OK, "Reconstruction", value, "It rebuilds these items.")


def _outputs(x: Tensor, y: Tensor, drawn: Tensor, modality: Modality) -> Finding:
    noun, unit = modality.words.noun, modality.words.value
    if len(x) > 1 and float(x.nan_to_num().std(0).max()) > CONSTANT and float(y.std(0).max()) < CONSTANT:
        value = f"{unit}s vary by {float(y.std(0).max()):.1e} over {len(y)} items"
        return Finding(WARNING, "Constant output", value, f"The decoder ignores the code: each {noun} is the same.")
    if len(drawn) > 1 and float(drawn.std(0).max()) < CONSTANT:
        meaning = f"Codes drawn from N(0, I) all give the same {noun}: items have codes elsewhere."
        return Finding(NOTE, "Outputs", f"drawn codes give one {noun}", meaning)
    if modality.bounds is None:
        return Finding(OK, "Outputs", "finite", "Nothing odd.")
    low, high = modality.bounds
    ends = float(((drawn < low + END) | (drawn > high - END)).float().mean())
    value = f"finite; {ends:.0%} of the {unit}s of drawn codes are at {low:g} or {high:g}"
    return Finding(OK, "Outputs", value, "Nothing odd.")


def _dead(mean: Tensor) -> Finding:
    spread = mean.std(0)
    largest = float(spread.max())
    dead = int((spread <= DEAD * largest).sum()) if largest > 0 else mean.shape[1]
    value = f"{dead} of {mean.shape[1]} coordinates do not move"
    if dead == mean.shape[1]:
        return Finding(WARNING, "Dead units", value, "All items have one code: the encoder ignores its input.")
    if dead:
        meaning = "Their sliders change nothing that the encoder knows of; a smaller code would do as well."
        return Finding(NOTE, "Dead units", value, meaning)
    return Finding(OK, "Dead units", "none", f"All {mean.shape[1]} coordinates move with the items.")


def _collapse(posterior: Posterior) -> list[Finding]:
    """Units whose posterior is the prior for every item (Bowman et al. 2016; Burda et al. 2016)."""
    if posterior.std is None:
        return []
    kl = posterior.kl().mean(0)
    idle = int(((kl < COLLAPSED) | (posterior.mean.var(0) < ACTIVE)).sum())
    value = f"{idle} of {len(kl)} coordinates carry nothing; KL {float(kl.sum()):.1f} nats in all"
    if idle == len(kl):
        meaning = "The posterior of every item is the prior: the code says nothing, and the decoder works without it."
        return [Finding(WARNING, "Posterior collapse", value, meaning)]
    if idle:
        meaning = "Usual for a VAE with a large code: it switches off the coordinates it does not need."
        return [Finding(NOTE, "Posterior collapse", value, meaning)]
    return [Finding(OK, "Posterior collapse", value, "Each coordinate tells something about the items.")]


def _prior(posterior: Posterior) -> Finding:
    centre = posterior.mean.mean(0)
    inner = 0 if posterior.std is None else posterior.std.square().mean(0)
    spread = (posterior.mean.var(0) + inner).sqrt()
    off, narrow, wide = float(centre.abs().max()), float(spread.min()), float(spread.max())
    value = f"means up to {off:.2f} from 0, spreads from {narrow:.2f} to {wide:.2f}"
    if off <= FAR_MEAN and narrow >= NARROW and wide <= WIDE:
        return Finding(OK, "Distance to N(0, I)", value, "Codes drawn from N(0, I) lie where the items' codes lie.")
    if posterior.std is None:
        meaning = "Nothing holds a plain autoencoder's codes near N(0, I): codes drawn from it may decode to nonsense."
        return Finding(NOTE, "Distance to N(0, I)", value, meaning)
    meaning = "The items' codes are not where N(0, I) is: codes drawn from it will look unlike the items."
    return Finding(WARNING, "Distance to N(0, I)", value, meaning)
