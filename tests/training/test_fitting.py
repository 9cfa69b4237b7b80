import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cases import diagonal, every
from safetensors.torch import load_file
from torch import Tensor

from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.latent.paths import prior
from aeviz.modalities.series import SERIES, scale_of
from aeviz.modalities.text import TEXT, TextScale, spelt
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.model.likelihoods import Bernoulli, Laplace, Likelihood
from aeviz.model.objectives import Reconstruction, Variational
from aeviz.store.checkpoints import WEIGHTS, load
from aeviz.training.recording import ARRAYS, RECORDING, SAMPLES, Recording, frame_steps, load_recording

pytest.importorskip("lightning")
training = pytest.importorskip("aeviz.training.fitting")
Fit, Shuffle, Training, train = training.Fit, training.Shuffle, training.Training, training.train

TINY = Config(
    family="vae", shape=(1, 6, 5), latent_dim=2, code="gaussian", body="dense", hidden=(8,), dataset="tiny", seed=4
)
BRIEF = Training(epochs=4, batch_size=16)
CPU = {"accelerator": "cpu", "devices": 1}


def blocks(name: str, split: str = "test") -> Dataset:
    """Two kinds of picture, a light left and a light lower half, on much black; more of them to train on."""
    if name != "tiny":
        raise DataError(f"Unknown data set {name!r}")
    labels = np.arange(64 if split == "train" else 20) % 2
    items = np.zeros((len(labels), 1, 6, 5), np.float32)
    items[labels == 0, :, :, :2] = 0.8
    items[labels == 1, :, 4:] = 1.0
    return Dataset("tiny", "Tiny", items, labels.astype(np.int64), ("left", "lower"), split=split)


@pytest.fixture(autouse=True)
def tiny_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "load_dataset", blocks)


def fit(folder: Path, config: Config = TINY, settings: Any = BRIEF) -> dict[str, torch.Tensor]:
    train(config, settings, folder, trainer=CPU)
    return load_file(folder / WEIGHTS)


@contextmanager
def power_cut(epoch: int, error: type[BaseException] = RuntimeError) -> Iterator[None]:
    """A training in here dies at the start of an epoch."""

    def die(self: Any) -> None:
        if self.current_epoch == epoch:
            raise error("power cut")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Fit, "on_train_epoch_start", die)
        yield


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.fixture
def epochs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The epochs that were run."""
    run: list[int] = []
    monkeypatch.setattr(Fit, "on_train_epoch_start", lambda self: run.append(self.current_epoch))
    return run


def test_a_run_writes_a_whole_checkpoint_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "zoo" / "tiny-vae"
    returned = train(TINY, BRIEF, folder, command="aeviz train vae tiny", trainer=CPU)
    assert returned == folder
    assert [path.name for path in folder.parent.iterdir()] == ["tiny-vae"]
    assert sorted(path.name for path in folder.iterdir()) == ["command.txt", "config.json", "history.json", WEIGHTS]
    assert (folder / "command.txt").read_text() == "aeviz train vae tiny\n"
    config = load(folder, device="cpu").config
    expected = {
        "epochs": 4,
        "batch_size": 16,
        "learning_rate": 2e-3,
        "weight_decay": 1e-4,
        "binarize": False,
        "record": False,
        "gradient_clip": 200.0,
        "without": "",
    }
    assert config == replace(TINY, training=expected)
    history = json.loads((folder / "history.json").read_text())
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    for row in history:
        assert row["loss"] == pytest.approx(row["reconstruction"] + row["kl"], abs=1e-3)
        assert row["test_loss"] == pytest.approx(row["test_reconstruction"] + row["test_kl"], abs=1e-3)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    first = fit(tmp_path / "a")
    torch.rand(17)  # the state the caller left behind must not matter
    assert same(first, fit(tmp_path / "b"))
    assert not same(first, fit(tmp_path / "c", replace(TINY, seed=5)))


@pytest.mark.parametrize("config", [TINY, replace(TINY, family="dae", code="deterministic", likelihood="mse")])
def test_a_run_that_was_cut_goes_on_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    unbroken = fit(tmp_path / "unbroken", config)
    with power_cut(epoch=2), pytest.raises(RuntimeError, match="power cut"):
        fit(tmp_path / "cut", config)
    assert not (tmp_path / "cut").exists()
    run: list[int] = []
    monkeypatch.setattr(Fit, "on_train_epoch_start", lambda self: run.append(self.current_epoch))
    assert same(fit(tmp_path / "cut", config), unbroken)
    assert run == [2, 3]
    history = [(tmp_path / name / "history.json").read_text() for name in ("cut", "unbroken")]
    assert history[0] == history[1]
    assert not (tmp_path / ".cut.run").exists()


def test_other_settings_start_afresh(tmp_path: Path, epochs: list[int]) -> None:
    with power_cut(epoch=2), pytest.raises(RuntimeError, match="power cut"):
        fit(tmp_path / "model")
    wider = replace(TINY, hidden=(9,))
    weights = fit(tmp_path / "model", wider)
    assert epochs == [0, 1, 2, 3]
    assert same(weights, fit(tmp_path / "fresh", wider))


def test_ctrl_c_keeps_the_old_checkpoint_and_the_run(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    old = fit(tmp_path / "model")

    with power_cut(epoch=1, error=KeyboardInterrupt), pytest.raises((KeyboardInterrupt, SystemExit)):
        fit(tmp_path / "model", replace(TINY, seed=9))
    signal.signal(signal.SIGINT, before)  # Lightning ignores it from here on
    assert same(load_file(tmp_path / "model" / WEIGHTS), old)
    assert (tmp_path / ".model.run" / "last.ckpt").exists()


@pytest.mark.parametrize(
    ("likelihood", "network"),
    every(3, [("bce", "dense"), ("mse", "dense"), ("mse", "conv"), ("l1", "conv")]),
)
def test_each_likelihood_learns(tmp_path: Path, likelihood: str, network: str) -> None:
    config = replace(
        TINY, family="ae", code="deterministic", body=network, likelihood=likelihood, channels=(8,), hidden=(16,)
    )
    fit(tmp_path / "model", config, Training(epochs=10, batch_size=8, learning_rate=2e-2))
    history = json.loads((tmp_path / "model" / "history.json").read_text())
    items = torch.from_numpy(blocks("tiny").items)
    floor = torch.nn.functional.binary_cross_entropy(items, items, reduction="none").sum((1, 2, 3)).mean().item()
    floor = floor if likelihood == "bce" else 0.0
    assert history[-1]["test_loss"] - floor < 0.4 * (history[0]["test_loss"] - floor)
    y = load(tmp_path / "model", device="cpu")(items)
    assert (y - items).abs().mean() < 0.1
    assert y[0].sub(y[1]).abs().mean() > 0.2, "every picture looks the same"


def test_runs_warm_up_with_cross_entropy_and_are_judged_by_their_own_likelihood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Likelihood, bool]] = []

    def note(self: Any, model: Autoencoder, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        seen.append((model.likelihood, torch.is_grad_enabled()))
        return {"loss": model(x).sum()}

    monkeypatch.setattr(Reconstruction, "loss", note)
    fit(tmp_path / "model", replace(TINY, family="ae", code="deterministic", likelihood="l1"), Training(5, 16))
    assert [likelihood for likelihood, learns in seen if learns] == [Bernoulli()] * 4 + [Laplace()] * 16
    assert {likelihood for likelihood, learns in seen if not learns} == {Laplace()}
    assert load(tmp_path / "model", device="cpu").config.likelihood == "l1"


def seen_in_validation(settings: Any) -> list[Tensor]:
    """What the objective sees of two batches of grey pictures."""
    seen: list[Tensor] = []

    class Note(Variational):
        def loss(self, model: Autoencoder, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
            seen.append(x)
            return {"loss": x.mean()}

    fitted = Fit(Autoencoder(TINY), settings)
    fitted.objective = Note()
    for index in range(2):
        fitted.validation_step((torch.full((500, 1, 6, 5), 0.2), torch.zeros(500, dtype=torch.int64)), index)
    return seen


@pytest.mark.filterwarnings("ignore:.*self.trainer.*")
def test_binary_training_sees_fresh_draws_of_the_grey() -> None:
    first, second = seen_in_validation(Training(binarize=True))
    assert set(first.unique().tolist()) == {0.0, 1.0}
    assert first.mean().item() == pytest.approx(0.2, abs=0.02)
    assert not torch.equal(first, second)
    assert torch.cat(seen_in_validation(Training())).unique().item() == pytest.approx(0.2)


def test_each_epoch_has_an_order_of_its_own_that_comes_again() -> None:
    order, again = Shuffle(50, seed=1), Shuffle(50, seed=1)
    first = list(order)
    order.set_epoch(1)
    again.set_epoch(1)
    assert list(order) == list(again) != first
    assert sorted(first) == list(range(50)) == list(range(len(order)))
    assert list(Shuffle(50, seed=2)) != first


@pytest.mark.parametrize("settings", [{"epochs": 0}, {"batch_size": 0}, {"learning_rate": 0}, {"weight_decay": -1}])
def test_senseless_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Training(**settings)
    with pytest.raises(ValueError, match="must be positive"):
        Training(learning_rate=float("nan"))


def test_unknown_families_and_data_sets_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Unknown family 'gan'"):
        train(replace(TINY, family="gan"), BRIEF, tmp_path / "model")
    with pytest.raises(DataError, match="cifar"):
        train(replace(TINY, dataset="cifar"), BRIEF, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


# ---- Recordings

RECORDED = replace(BRIEF, record=True)  # 16 steps


def taken(folder: Path, config: Config = TINY, settings: Any = RECORDED) -> Recording:
    train(config, settings, folder, trainer=CPU)
    return load_recording(folder / RECORDING)


def test_recording_changes_neither_weights_nor_history(tmp_path: Path) -> None:
    assert same(fit(tmp_path / "plain"), fit(tmp_path / "recorded", settings=RECORDED))
    plain, recorded = [(tmp_path / name / "history.json").read_text() for name in ("plain", "recorded")]
    assert plain == recorded
    assert not (tmp_path / "plain" / RECORDING).exists()
    assert not (tmp_path / ".recorded.run").exists()


def test_frames_are_taken_at_their_steps_and_the_last_is_the_finished_model(tmp_path: Path) -> None:
    found = taken(tmp_path / "model")
    assert found.steps.tolist() == frame_steps(16)
    items = torch.from_numpy(blocks("tiny").items)
    model = load(tmp_path / "model", device="cpu")
    assert found.rows.tolist() == list(range(20))
    assert found.items.tolist() == [0, 1], "the first item of each class"
    means = model.encode(items).mean
    # The checkpoint keeps its weights in half precision.
    np.testing.assert_allclose(found.codes[-1], means, atol=1e-2)
    drawn = {"reconstructions": model.decode(means[[0, 1]]), "samples": model.decode(prior(SAMPLES, 2, seed=0))}
    for name, pictures in drawn.items():
        assert np.abs(getattr(found, name)[-1] / 255 - pictures.numpy()).max() < 0.02
    assert found.terms == ("loss", "reconstruction", "kl")
    np.testing.assert_allclose(found.figures[:, 0], found.figures[:, 1] + found.figures[:, 2], rtol=1e-5)
    kl = model.encode(items).kl().sum(1).mean().item()
    assert found.figures[-1, 2] == pytest.approx(kl, rel=0.05)
    assert found.figures[-1, 0] < found.figures[0, 0]


def test_the_first_frame_is_the_model_before_any_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fit, "configure_optimizers", lambda self: torch.optim.SGD(self.parameters(), lr=0.0))
    found = taken(tmp_path / "model")
    assert found.steps[0] == 0
    assert (found.codes == found.codes[0]).all(), "with no learning all frames are the first"
    assert (found.figures == found.figures[0]).all(), "each frame is measured with the same noise"


def test_a_run_that_was_cut_records_as_if_it_had_not_been(tmp_path: Path) -> None:
    unbroken = taken(tmp_path / "unbroken")
    for epoch in (1, 3):
        with power_cut(epoch=epoch), pytest.raises(RuntimeError, match="power cut"):
            taken(tmp_path / "cut")
    cut = taken(tmp_path / "cut")
    assert cut.terms == unbroken.terms
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(cut, name), getattr(unbroken, name))


def test_a_conditional_model_is_recorded_with_the_classes_of_its_items(tmp_path: Path) -> None:
    config = replace(TINY, family="cvae", classes=2)
    found = taken(tmp_path / "model", config)
    model, data = load(tmp_path / "model", device="cpu"), blocks("tiny")
    means = model.encode(torch.from_numpy(data.items), torch.from_numpy(data.labels)).mean
    np.testing.assert_allclose(found.codes[-1], means, atol=1e-2)
    told = torch.arange(SAMPLES) % 2
    pictures = model.decode(prior(SAMPLES, 2, seed=0), told).numpy()
    assert np.abs(found.samples[-1] / 255 - pictures).max() < 0.02


# ---- Settings of series, tables and texts


def test_a_class_can_be_left_out_of_the_training_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()

    def note(self: Any, model: Autoencoder, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        if torch.is_grad_enabled():
            seen.update(labels.tolist())
        return {"loss": model(x).sum()}

    monkeypatch.setattr(Reconstruction, "loss", note)
    config = replace(TINY, family="ae", code="deterministic")
    fit(tmp_path / "model", config, Training(epochs=1, batch_size=8, without="lower"))
    assert seen == {0}
    assert load(tmp_path / "model", device="cpu").config.training["without"] == "lower"
    with pytest.raises(DataError, match="no class 'upper'"):
        fit(tmp_path / "other", config, Training(without="upper"))


def test_the_objective_hears_how_far_the_training_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[float, bool]] = []

    def note(self: Any, model: Autoencoder, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        heard.append((model.progress, torch.is_grad_enabled()))
        return {"loss": model(x).sum()}

    monkeypatch.setattr(Reconstruction, "loss", note)
    fit(tmp_path / "model", replace(TINY, family="ae", code="deterministic"), Training(2, 16))
    assert [share for share, learns in heard if learns] == [step / 8 for step in range(8)]
    assert {share for share, learns in heard if not learns} == {1.0}


def test_gradients_are_cut_to_their_longest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fit, "configure_optimizers", lambda self: torch.optim.SGD(self.parameters(), lr=1.0))
    still, little, freely = (
        fit(tmp_path / str(clip), settings=Training(epochs=1, batch_size=64, gradient_clip=clip))
        for clip in (1e-12, 0.1, 1000.0)
    )

    def moved(weights: dict[str, torch.Tensor]) -> float:
        return sum(float((weights[key].float() - still[key].float()).square().sum()) for key in still) ** 0.5

    assert moved(little) == pytest.approx(0.1, rel=0.05)
    assert moved(freely) > 1


def waves(name: str, split: str = "test") -> Dataset:
    rng = np.random.default_rng(split == "train")
    items = np.sin(np.linspace(0, 6, 16) + rng.uniform(0, 6, (32, 1, 1))).astype(np.float32)
    items[0, 0, 3] = np.nan
    labels = np.arange(32) % 2
    return Dataset("waves", "Waves", items, labels, ("a", "b"), split=split, modality=SERIES, scale=scale_of(items))


def words(name: str, split: str = "test") -> Dataset:
    drawn = ["anna", "otto", "hanna", "ann"] * 8
    items = spelt(drawn, TextScale(), (27, 6))
    return Dataset("words", "Words", items, np.arange(32) % 2, ("a", "b"), split=split, modality=TEXT)


def learners() -> list[Any]:
    """Every family with every body; in the short run each of them once."""
    families, bodies = ("ae", "vae", "dae", "pca"), ((waves, "lstm"), (waves, "conv1d"), (words, "lstm-writer"))
    return diagonal(families, bodies)


@pytest.mark.parametrize(("family", "trained"), learners(), ids=lambda value: value if value in FAMILIES else value[1])
def test_series_and_texts_are_learned_resumed_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: str, trained: tuple[Any, str]
) -> None:
    data, body = trained
    monkeypatch.setattr(training, "load_dataset", data)
    modality = data("").modality.name
    row = FAMILIES[family]
    given = {
        "shape": data("").shape,
        "modality": modality,
        "code": row.code,
        "body": body,
        "channels": (4,),
        "hidden": (),
    }
    config = Config(**{"family": family, "dataset": "", **given, **row.config, "latent_dim": 2})
    if family == "pca":
        fit(tmp_path / "model", config, RECORDED)
        return
    settings = Training(epochs=3, batch_size=8, learning_rate=1e-2, record=True)
    unbroken = fit(tmp_path / "unbroken", config, settings)
    with power_cut(epoch=2), pytest.raises(RuntimeError, match="power cut"):
        fit(tmp_path / "cut", config, settings)
    assert same(fit(tmp_path / "cut", config, settings), unbroken)
    history = json.loads((tmp_path / "cut" / "history.json").read_text())
    assert all(np.isfinite([*row.values()]).all() for row in history)
    found = load_recording(tmp_path / "cut" / RECORDING)
    tiles = data("").tiles()
    assert found.reconstructions.shape[2:] == (tiles.shape[3], *tiles.shape[1:3])
    assert found.codes.shape == (len(found), 32, 2)
