"""A small network that enlarges pictures without a bottleneck: what a code of few numbers costs is read off beside it.

It sees the small picture and adds to it, pixel by pixel, what its surroundings suggest (after Shi et al. 2016,
"Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network").
Nothing is squeezed through a code, so it has no latent space; it stands beside the autoencoders as another repair.
"""

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aeviz.datasets.files import BUNDLED
from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.device import in_batches
from aeviz.errors import DataError
from aeviz.evaluation.definitions import SEED
from aeviz.evaluation.features import Progress
from aeviz.modalities.registry import MODALITIES

FOLDER = BUNDLED / "upscalers"
FACTOR = 2
CHANNELS = 32
LEARNING_RATE = 3e-3  # the peak of a one-cycle schedule

Array = NDArray[np.float32]


@dataclass(frozen=True)
class UpscalerCard:
    """What is known of an upscaler: PSNR in dB and SSIM, means over the test split. command: trains it again."""

    dataset: str
    psnr: float
    ssim: float
    weights: int
    epochs: int
    seed: int
    command: str
    torch: str


class Upscaler(nn.Module):
    """Small pictures (N, C, h, w) -> pictures (N, C, 2h, 2w) in [0, 1]: four convolutions, and pixels shuffled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, CHANNELS, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(CHANNELS, channels * FACTOR**2, 3, padding=1),
            nn.PixelShuffle(FACTOR),
        )

    def forward(self, small: Tensor) -> Tensor:
        added: Tensor = self.body(small)
        repeated = small.repeat_interleave(FACTOR, 2).repeat_interleave(FACTOR, 3)
        return repeated + added


def has_upscaler(dataset: str) -> bool:
    """Whether an upscaler of a data set is installed."""
    return (FOLDER / f"{dataset}.json").is_file()


def upscaler_card(dataset: str) -> UpscalerCard:
    """What is known of a data set's upscaler. Raises DataError where there is none."""
    try:
        return UpscalerCard(**json.loads((FOLDER / f"{dataset}.json").read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DataError(f"There is no upscaler of {dataset!r}: `aeviz upscaler {dataset}` trains one.") from error


@torch.inference_mode()
def upscale(dataset: str, x: Array) -> Array:
    """Pictures x (N, C, H, W) of which each square of 2 × 2 pixels is one value, enlarged. Raises DataError."""
    small = torch.tensor(np.asarray(x, np.float32)[:, :, ::FACTOR, ::FACTOR])
    enlarged: Array = in_batches(_load(dataset), small).clamp(0, 1).numpy()
    return enlarged


@lru_cache(maxsize=4)
def _load(dataset: str) -> Upscaler:
    from safetensors.torch import load_file

    upscaler_card(dataset)
    model = Upscaler(SOURCES[dataset].shape[0])
    model.load_state_dict({key: value.float() for key, value in load_file(FOLDER / f"{dataset}.safetensors").items()})
    return model.requires_grad_(False).eval()


def train_upscaler(
    dataset: str, *, epochs: int = 3, batch: int = 128, folder: Path = FOLDER, progress: Progress | None = None
) -> UpscalerCard:
    """Fit a data set's upscaler by squared error on its training split, measure it on the test split and write both.

    The test split is used once, at the end. Weights are kept, and measured, as float16. Raises DataError where the
    training split cannot be had or its pictures cannot be halved.
    """
    if dataset not in SOURCES or not MODALITIES[SOURCES[dataset].modality].pixels:
        raise DataError(f"{dataset!r} is no data set of pictures.")
    train, test = load_dataset(dataset, "train"), load_dataset(dataset)
    torch.manual_seed(SEED)
    model = Upscaler(train.shape[0]).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _fit(model, torch.from_numpy(train.items.copy()), epochs, batch, progress)
    weights = {key: value.half().contiguous() for key, value in model.state_dict().items()}
    model.load_state_dict({key: value.float() for key, value in weights.items()})
    with torch.inference_mode():
        enlarged = in_batches(model.eval(), _halved(torch.from_numpy(test.items.copy()))).clamp(0, 1).numpy()
    card = UpscalerCard(
        dataset=dataset,
        psnr=float(f"{test.distance(enlarged, test.items, 'psnr').mean():.6g}"),
        ssim=float(f"{test.distance(enlarged, test.items, 'ssim').mean():.6g}"),
        weights=sum(value.numel() for value in weights.values()),
        epochs=epochs,
        seed=SEED,
        command=f"aeviz upscaler {dataset}",
        torch=torch.__version__,
    )
    _write(folder, card, weights)
    return card


def _halved(x: Tensor) -> Tensor:
    return nn.functional.avg_pool2d(x, FACTOR)


def _fit(model: Upscaler, x: Tensor, epochs: int, batch: int, progress: Progress | None) -> None:
    batch = min(batch, len(x))
    steps = len(x) // batch
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE)
    total = max(2, epochs * steps)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=total, pct_start=0.2)
    for epoch in range(epochs):
        for step, rows in enumerate(torch.split(torch.randperm(len(x))[: steps * batch], batch)):
            pictures = x[rows]
            loss = nn.functional.mse_loss(model(_halved(pictures)), pictures)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
            if progress and step % 50 == 0:
                progress((epoch + step / steps) / epochs, f"epoch {epoch + 1}, squared error {loss.item():.5f}")


def _write(folder: Path, card: UpscalerCard, weights: dict[str, Tensor]) -> None:
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{card.dataset}.safetensors"
    save_file(weights, path, metadata={"format": "pt"})
    path.chmod(0o644)
    (folder / f"{card.dataset}.json").write_text(json.dumps(asdict(card), indent=2) + "\n", encoding="utf-8")
