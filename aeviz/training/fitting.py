"""Fitting a model with Lightning and writing its checkpoint. Needs the extra `aeviz[train]`."""

import json
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint, TQDMProgressBar
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from aeviz.datasets.record import Dataset as Named
from aeviz.datasets.sources import load_dataset
from aeviz.latent.paths import prior
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.model.objectives import Solved
from aeviz.store.checkpoints import HISTORY, save
from aeviz.training.recording import CODES, ITEMS, RECORDING, SAMPLES, Recording, frame_steps, save_recording

WARM_UP = 0.2  # share of the steps
LAST = Path("last.ckpt")  # the state after the latest epoch


@dataclass(frozen=True)
class Training:
    """How a model is fitted.

    epochs: passes over the training split. learning_rate: the peak of a one-cycle schedule of AdamW.
    binarize: draw a fresh binary picture from each grey one at every step (Salakhutdinov and Murray
    2008), as likelihoods in the literature have it. record: keep what the model makes of the test split at
    some steps (see `aeviz.training.recording`). gradient_clip: the longest that a step's gradient may be. without: a
    class, by its name, whose items are left out of the training split. Raises ValueError for values that make no sense.
    """

    epochs: int = 40
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    binarize: bool = False
    record: bool = False
    gradient_clip: float = 200.0
    without: str = ""

    def __post_init__(self) -> None:
        positive = self.epochs >= 1 and self.batch_size >= 1 and self.learning_rate > 0 and self.gradient_clip > 0
        if not positive or self.weight_decay < 0:
            raise ValueError(
                "epochs, batch_size, learning_rate and gradient_clip must be positive, weight_decay not negative."
            )


Batch = tuple[Tensor, Tensor]


class Items(Dataset[Batch]):
    """Items (N, *shape) float32 of a split and their classes (N,), fetched a batch at a time; without one class."""

    def __init__(self, data: Named, without: str = "") -> None:
        self.data = data.without(without) if without else data

    def __len__(self) -> int:
        return len(self.data)

    def __getitems__(self, rows: Sequence[int]) -> Batch:
        chosen = np.asarray(rows)
        return torch.from_numpy(self.data.items[chosen]), torch.from_numpy(self.data.labels[chosen])

    def first(self, count: int) -> Batch:
        """The first items and their classes."""
        return self.__getitems__(range(min(count, len(self))))


class Shuffle(Sampler[int]):
    """An order for each epoch that depends on the seed and the epoch alone, so that a resumed run sees it too."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed, self.epoch = count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each epoch."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        return iter(torch.randperm(self.count, generator=generator).tolist())

    def __len__(self) -> int:
        return self.count


class Fit(lightning.LightningModule):
    """A model with its family's objective, for Lightning's trainer.

    Squared and absolute error have no gradient where the sigmoid saturates: from its first mid grey, a model of
    mostly black pictures would drive every output there, and none comes back. So for a first share of the steps,
    `WARM_UP`, such a model is scored by cross-entropy, whose gradient does not vanish, and then by its own likelihood.
    """

    def __init__(self, model: Autoencoder, training: Training) -> None:
        super().__init__()
        self.model = model
        self.settings = training
        self.objective = FAMILIES[model.config.family].objective(model.config)
        self.history: list[dict[str, float]] = []

    def training_step(self, batch: Batch, index: int) -> Tensor:
        # Noise depends on the step alone, so that a resumed run draws what an unbroken one would.
        torch.manual_seed(self._seed(self.global_step))
        steps = self.trainer.estimated_stepping_batches
        self.model.warming_up, self.model.progress = self.global_step < WARM_UP * steps, self.global_step / steps
        terms = self.objective.loss(self.model, *self._inputs(batch))
        self.model.warming_up, self.model.progress = False, 1.0
        self.log_dict(
            {name: term.detach() for name, term in terms.items()}, prog_bar=True, on_step=False, on_epoch=True
        )
        return terms["loss"]

    def validation_step(self, batch: Batch, index: int) -> None:
        torch.manual_seed(self._seed(index))
        terms = self.objective.loss(self.model, *self._inputs(batch))
        self.log_dict({f"test_{name}": term.detach() for name, term in terms.items()}, batch_size=len(batch[0]))

    def on_train_epoch_end(self) -> None:
        figures = {name: round(float(value), 4) for name, value in self.trainer.callback_metrics.items()}
        self.history.append({"epoch": self.current_epoch + 1, **figures})

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["history"] = self.history

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.history = checkpoint["history"]

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(
            self.parameters(), self.settings.learning_rate, weight_decay=self.settings.weight_decay
        )
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, self.settings.learning_rate, total_steps=steps, pct_start=0.1
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _inputs(self, batch: Batch) -> Batch:
        x, labels = batch
        return (torch.bernoulli(x) if self.settings.binarize else x), labels

    def _seed(self, step: int) -> int:
        return (self.model.config.seed * 1_000_003 + step) * 64 + self.global_rank


class Recorder(lightning.Callback):
    """Keeps what a model makes of the first test items at log-spaced steps, through a resumed run too."""

    def __init__(self, test_set: Items) -> None:
        self.x, self.labels = test_set.first(CODES)
        self.data = test_set.data
        firsts = {int(label): row for row, label in reversed(list(enumerate(self.labels.tolist())))}
        self.items = sorted(firsts.values())[:ITEMS]
        self.frames: list[dict[str, Any]] = []

    def on_train_batch_start(self, trainer: Any, fit: Any, batch: Batch, index: int) -> None:
        """A frame of the model before this step, where it is one of those to keep."""
        self._record_frame(trainer, fit)

    def on_train_end(self, trainer: Any, fit: Any) -> None:
        """The last frame: the finished model."""
        self._record_frame(trainer, fit)

    def _record_frame(self, trainer: Any, fit: Any) -> None:
        seen = {frame["steps"] for frame in self.frames}
        if fit.global_step in seen or fit.global_step not in frame_steps(int(trainer.estimated_stepping_batches)):
            return
        torch.manual_seed(0)
        model = fit.model.eval()
        classes = model.config.classes
        labels = self.labels if classes else None
        with torch.no_grad():
            means = model.encode(self.x, labels).mean
            draws = prior(SAMPLES, model.config.latent_dim, seed=0)
            terms = fit.objective.loss(model, self.x.to(model.device), self.labels.to(model.device))
            self.frames.append(
                {
                    "steps": int(fit.global_step),
                    "codes": means.float().cpu(),
                    "reconstructions": self._tiles(
                        model.decode(means[self.items], None if labels is None else labels[self.items])
                    ),
                    "samples": self._tiles(model.decode(draws, torch.arange(SAMPLES) % classes if classes else None)),
                    "terms": {name: float(term) for name, term in terms.items()},
                }
            )
        model.train()

    def _tiles(self, items: Tensor) -> Tensor:
        """Items (N, *shape) as pictures (N, 1 or 3, h, w) uint8."""
        return torch.from_numpy(self.data.tiles(items.cpu().numpy())).permute(0, 3, 1, 2)

    def state_dict(self) -> dict[str, Any]:
        """For Lightning's checkpoint, which holds tensors but no arrays: torch will not load those safely."""
        return {"frames": self.frames}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """From Lightning's checkpoint."""
        self.frames = state_dict["frames"]

    def recording(self) -> Recording:
        """All frames, in the order of their steps."""
        frames = sorted(self.frames, key=lambda frame: frame["steps"])
        stacked = ("codes", "reconstructions", "samples")
        arrays = {key: torch.stack([frame[key] for frame in frames]).numpy() for key in stacked}
        terms = tuple(frames[0]["terms"])
        return Recording(
            steps=np.array([frame["steps"] for frame in frames], np.int32),
            rows=np.arange(len(self.x), dtype=np.int32),
            items=np.array(self.items, np.int32),
            terms=terms,
            figures=np.array([[frame["terms"][term] for term in terms] for frame in frames], np.float32),
            **arrays,
        )


def train(
    config: Config,
    training: Training,
    folder: str | Path,
    *,
    command: str = "",
    trainer: dict[str, Any] | None = None,
    split: Callable[[str], Named] | None = None,
) -> Path:
    """Fit a model on its data set's training split and write its checkpoint folder.

    The same config, settings and machine give the same weights. After each epoch the state is kept
    in a hidden folder beside `folder`; a run that was killed goes on from there when called again
    with the same arguments. trainer: further arguments of Lightning's Trainer (devices, strategy,
    ...). command: how to repeat it, for the card. split: the items of the split "train" or "test", where they are
    not those of the data set that the config names. Raises ValueError for a family that is not in
    `FAMILIES` and DataError when the training split cannot be had.
    """
    if config.family not in FAMILIES:
        raise ValueError(f"Unknown family {config.family!r}: expected one of {', '.join(FAMILIES)}.")
    folder = Path(folder)
    split = split or partial(load_dataset, config.dataset)
    training_set, test_set = Items(split("train"), training.without), Items(split("test"))
    lightning.seed_everything(config.seed, workers=True, verbose=False)
    described = Config(**{**asdict(config), "training": asdict(training)})
    fit = Fit(Autoencoder(described), training)
    if isinstance(fit.objective, Solved):
        fit.objective.solve(fit.model, training_set.first(len(training_set))[0])
        return save(fit.model, folder, {HISTORY: "[]\n", "command.txt": command + "\n"})
    run = _run_folder(folder, described)
    recorder = Recorder(test_set) if training.record else None
    settings = _trainer_settings(training, run)
    settings["callbacks"] += [recorder] if recorder else []
    engine = lightning.Trainer(**settings, **(trainer or {}))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not have many workers.*")
        warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
        last = run / LAST
        engine.fit(
            fit,
            _loader(training_set, training, Shuffle(len(training_set), config.seed)),
            _loader(test_set, training, None),
            ckpt_path=str(last) if last.exists() else None,
        )
    if engine.interrupted or fit.current_epoch < training.epochs:
        raise KeyboardInterrupt
    if engine.is_global_zero:
        files = {HISTORY: json.dumps(fit.history, indent=1) + "\n", "command.txt": command + "\n"}
        save(fit.model, folder, files)
        if recorder:
            save_recording(folder / RECORDING, recorder.recording())
        shutil.rmtree(run)
    return folder


def _trainer_settings(training: Training, run: Path) -> dict[str, Any]:
    return {
        "max_epochs": training.epochs,
        "deterministic": "warn",
        "logger": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "gradient_clip_val": training.gradient_clip,
        "callbacks": [
            ModelCheckpoint(run, filename=LAST.stem, enable_version_counter=False),
            TQDMProgressBar(refresh_rate=50),
        ],
    }


def _loader(items: Items, training: Training, order: Shuffle | None) -> DataLoader[Batch]:
    return DataLoader(
        items,
        batch_size=min(training.batch_size, len(items)) if order else 1000,
        sampler=order,
        collate_fn=_as_is,
        drop_last=order is not None,
    )


def _as_is(batch: Any) -> Any:
    return batch


def _run_folder(folder: Path, config: Config) -> Path:
    """The hidden folder of a run in progress; one left by other settings is emptied."""
    run = folder.parent / f".{folder.name}.run"
    text = json.dumps(asdict(config), sort_keys=True)
    settings = run / "settings.json"
    if run.exists() and (not settings.exists() or settings.read_text(encoding="utf-8") != text):
        shutil.rmtree(run)
    run.mkdir(parents=True, exist_ok=True)
    settings.write_text(text, encoding="utf-8")
    return run
