"""A small classifier for each data set, whose features say how alike two sets of pictures are.

The Fréchet distance of the literature compares features of Inception, trained on photographs; ours are the 64
numbers before the last layer of a network trained on the data set itself, and travel with the package.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aeviz.datasets.files import BUNDLED
from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.device import in_batches
from aeviz.errors import DataError
from aeviz.evaluation.definitions import SEED
from aeviz.evaluation.quality import frechet_distance
from aeviz.types import Shape

FOLDER = BUNDLED / "classifiers"
SIZE = 64  # features
EPOCHS = 8  # usually
LEARNING_RATE = 4e-3  # the peak of a one-cycle schedule
FLOOR_ITEMS = (
    10_000  # of the training split, whose distance from the test split no generator should be expected to beat
)
BATCH = 256  # pictures at once, whose maps stay in a processor's cache: of 1,024 each takes twice as long
SHIFT = 2  # pixels, of the training pictures
MIRRORED = ("fashion",)  # data sets whose items mean the same seen in a mirror

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class ClassifierCard:
    """What is known of a classifier.

    accuracy: share of the test split it names right. floor: Fréchet distance in its features between the test split
    and the first 10,000 items of the training split: what fresh real pictures score. command: trains it again.
    """

    dataset: str
    accuracy: float
    floor: float
    epochs: int
    seed: int
    command: str
    torch: str


class Classifier(nn.Module):
    """(N, C, H, W) in [0, 1] -> class logits, through three convolutions and `SIZE` features."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        channels, height, width = shape
        sides = (height // 8) * (width // 8)
        self.body = nn.Sequential(
            *_stage(channels, 16),
            *_stage(16, 32),
            *_stage(32, 64),
            nn.Flatten(),
            nn.Linear(64 * sides, SIZE),
            nn.ReLU(),
        )
        self.head = nn.Linear(SIZE, classes)

    def features(self, x: Tensor) -> Tensor:
        """What the last layer decides from, (N, 64)."""
        values: Tensor = self.body(x)
        return values

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(x))
        return logits


def _stage(before: int, after: int) -> list[nn.Module]:
    return [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]


def has_classifier(dataset: str) -> bool:
    """Whether a classifier of a data set is installed."""
    return (FOLDER / f"{dataset}.json").is_file()


def classifier_card(dataset: str) -> ClassifierCard:
    """What is known of a data set's classifier. Raises DataError where there is none."""
    try:
        return ClassifierCard(**json.loads((FOLDER / f"{dataset}.json").read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DataError(f"There is no classifier of {dataset!r}: `aeviz classifier {dataset}` trains one.") from error


@lru_cache(maxsize=4)
def load_classifier(dataset: str) -> Classifier:
    """A data set's classifier on the CPU, frozen. Raises DataError where there is none."""
    from safetensors.torch import load_file

    classifier_card(dataset)
    weights = {name: value.float() for name, value in load_file(FOLDER / f"{dataset}.safetensors").items()}
    data = load_dataset(dataset)
    model = Classifier(data.shape, len(data.label_names))
    # The counter of batches seen is no weight: it is not stored.
    model.load_state_dict(weights, strict=False)
    return model.requires_grad_(False).eval()


@torch.inference_mode()
def features(dataset: str, x: Tensor) -> NDArray[np.float32]:
    """Features (N, 64) of pictures x (N, C, H, W) in [0, 1]. Raises DataError where there is no classifier."""
    values: NDArray[np.float32] = in_batches(load_classifier(dataset).features, x.cpu().float(), BATCH).numpy()
    return values


def train_classifier(
    dataset: str,
    *,
    epochs: int = EPOCHS,
    batch: int = 128,
    folder: Path = FOLDER,
    progress: Progress | None = None,
) -> ClassifierCard:
    """Fit a data set's classifier on its training split, measure it on the test split and write both.

    The test split is used once, at the end. Weights are kept, and measured, as float16. Raises DataError where the
    training split cannot be had, or no whole number of epochs is given.
    """
    if dataset not in SOURCES:
        raise DataError(f"Unknown data set {dataset!r}: expected one of {', '.join(SOURCES)}.")
    if epochs < 1:
        raise DataError(f"A classifier is trained for one epoch at least, not {epochs}.")
    train, test = load_dataset(dataset, "train"), load_dataset(dataset)
    torch.manual_seed(SEED)
    model = Classifier(train.shape, len(train.label_names)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _fit(model, train.items, train.labels, epochs, batch, dataset in MIRRORED, progress)
    weights = {name: value.half() for name, value in model.state_dict().items() if value.is_floating_point()}
    model.load_state_dict({name: value.float() for name, value in weights.items()}, strict=False)
    model.eval()
    with torch.inference_mode():
        x = torch.from_numpy(test.items.copy())
        named = in_batches(model, x).argmax(1).numpy()
        ours, theirs = (
            in_batches(model.features, part).numpy() for part in (torch.from_numpy(train.items[:FLOOR_ITEMS].copy()), x)
        )
    card = ClassifierCard(
        dataset=dataset,
        accuracy=float((named == test.labels).mean()),
        floor=float(f"{frechet_distance(ours, theirs):.6g}"),
        epochs=epochs,
        seed=SEED,
        command=f"aeviz classifier {dataset}" + (f" --epochs {epochs}" if epochs != EPOCHS else ""),
        torch=torch.__version__,
    )
    _write(folder, card, weights)
    return card


def _fit(
    model: Classifier,
    items: NDArray[np.float32],
    labels: NDArray[np.int64],
    epochs: int,
    batch: int,
    mirrored: bool,
    progress: Progress | None,
) -> None:
    """AdamW on a one-cycle schedule; each batch is shifted by a pixel or two."""
    x, y = torch.from_numpy(items.copy()), torch.from_numpy(labels.copy())
    steps = len(x) // batch
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=max(2, epochs * steps), pct_start=0.2
    )
    for epoch in range(epochs):
        for step, rows in enumerate(torch.split(torch.randperm(len(x))[: steps * batch], batch)):
            pictures = moved(x[rows], mirrored)
            loss = nn.functional.cross_entropy(model(pictures), y[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
            if progress and step % 50 == 0:
                progress((epoch + step / steps) / epochs, f"epoch {epoch + 1}, cross-entropy {loss.item():.3f}")


def moved(x: Tensor, mirrored: bool) -> Tensor:
    """Pictures (N, C, H, W) each shifted by up to `SHIFT` pixels over black, half of them mirrored if asked."""
    count, _, height, width = x.shape
    padded = nn.functional.pad(x, (SHIFT,) * 4)
    down, right = torch.randint(2 * SHIFT + 1, (2, count))
    rows = down[:, None] + torch.arange(height)
    columns = right[:, None] + torch.arange(width)
    flip = (torch.rand(count) < 0.5) & torch.tensor(mirrored)
    columns = torch.where(flip[:, None], columns.flip(1), columns)
    return padded.permute(0, 2, 3, 1)[
        torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]
    ].permute(0, 3, 1, 2)


def _write(folder: Path, card: ClassifierCard, weights: dict[str, Any]) -> None:
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{card.dataset}.safetensors"
    save_file({name: value.contiguous() for name, value in weights.items()}, path, metadata={"format": "pt"})
    path.chmod(0o644)
    (folder / f"{card.dataset}.json").write_text(json.dumps(asdict(card), indent=2) + "\n", encoding="utf-8")
