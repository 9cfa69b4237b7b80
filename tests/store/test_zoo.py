"""The shipped checkpoints: each loads, gives the figures it names, and stays small."""

import json
import shlex
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from cases import every

import aeviz
from aeviz import Card, cli
from aeviz.datasets.files import BUNDLED
from aeviz.datasets.sources import SOURCES
from aeviz.evaluation.checkpoint import MAX_MAPPED
from aeviz.evaluation.definitions import DEFINITIONS, PROBE_ITEMS
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.families import FAMILIES
from aeviz.model.objectives import Solved
from aeviz.paths import models_folder
from aeviz.projection import load_maps
from aeviz.store.checkpoints import HISTORY, MAPS, METRICS, WEIGHTS, survey
from aeviz.training.recording import RECORDING, load_recording

CARDS = aeviz.models()
COLLAPSED = ("names-vae-collapsed",)  # shipped to show what posterior collapse looks like
MOST = {"image": 0.1, "series": 1, "table": 1, "text": 7}  # error that a model may have
LEAST = {"names": 0.05}  # share that neighbours name, of a data set whose classes are many and small
each_model = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)


@cache
def model(name: str) -> Autoencoder:
    """A shipped model on the CPU."""
    return aeviz.load(name, device="cpu")


def weight(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_zoo_is_sound() -> None:
    assert [(card.name, card.problem) for card in survey() if card.problem] == []
    assert len(CARDS) > 0


def test_the_zoo_and_the_data_stay_small() -> None:
    assert sum(weight(card.folder) for card in CARDS) < 51e6
    assert weight(BUNDLED) < 14e6


@each_model
def test_a_folder_holds_a_model_and_all_that_is_told_of_it(card: Card) -> None:
    files = {path.name for path in card.folder.iterdir()}
    assert files - {MAPS, RECORDING} == {"README.md", "command.txt", "config.json", HISTORY, METRICS, WEIGHTS}
    assert (RECORDING in files) == bool(card.config["training"].get("record"))
    assert weight(card.folder) < (4e6 if card.latent_dim >= 50 or card.dataset == "names" else 1.5e6)


@pytest.mark.parametrize("card", every(3, CARDS), ids=lambda card: card.name)
def test_a_model_gives_the_error_it_names(card: Card) -> None:
    network = model(card.name)
    data = aeviz.load_dataset(card.dataset)
    x, labels = (torch.from_numpy(array[:PROBE_ITEMS].copy()) for array in (data.items, data.labels))
    y = network(x, labels if network.config.classes else None)
    error = float(data.distance(y.numpy(), x.numpy()).mean())
    assert error == pytest.approx(card.metrics[f"{data.modality.error.key}_probe"], rel=0.01, abs=1e-4)
    spread = 0.02 if data.modality.name == "text" else 0.05  # most letters are unlikely at most places
    assert (y.std(0).mean() > spread) == (card.name not in COLLAPSED), "all items look the same"


@each_model
def test_the_figures_are_complete_and_possible(card: Card) -> None:
    figures = card.metrics
    assert figures.keys() <= DEFINITIONS.keys()
    modality = aeviz.load_dataset(card.dataset).modality
    own = {row.key for row in modality.distances} | {f"{modality.error.key}_probe", f"{modality.error.key}_train"}
    assert {*own, "active_units", "knn_accuracy", "parameters", "bytes"} <= figures.keys()
    assert 0 < figures[modality.error.key] < MOST[modality.name]
    assert 0 < figures.get("ssim", 0.5) < 1
    assert (figures["active_units"] == 0) == (card.name in COLLAPSED)
    assert figures["active_units"] <= card.latent_dim
    assert LEAST.get(card.dataset, 0.3) < figures["knn_accuracy"] <= 1
    assert figures["bytes"] == (card.folder / WEIGHTS).stat().st_size
    assert (card.code == "gaussian") == ("neg_elbo" in figures)
    if card.code == "gaussian":
        assert figures["neg_elbo"] == pytest.approx(figures["reconstruction"] + figures["kl"], rel=1e-4)
        assert figures.get("nll", 0) < figures["neg_elbo"]
    measured = json.loads((card.folder / METRICS).read_text(encoding="utf-8"))
    assert (measured["split"], measured["items"]) == ("test", len(aeviz.load_dataset(card.dataset)))


@pytest.mark.parametrize("card", [card for card in CARDS if (card.folder / MAPS).exists()], ids=lambda card: card.name)
def test_the_maps_hold_the_whole_test_split(card: Card) -> None:
    maps = load_maps(card.folder / MAPS)
    dims = (2,) if card.latent_dim == 2 else (2, 3)
    every = {f"{method}-{d}" for method in ("pca", "tsne", "umap") for d in dims}
    assert {name for name in every if name.startswith("pca")} <= maps.keys() <= every
    large = len(aeviz.load_dataset(card.dataset)) > MAX_MAPPED
    if not large:
        assert maps.keys() == every
    for coordinates in maps.values():
        assert len(coordinates) == len(aeviz.load_dataset(card.dataset))
        assert np.isfinite(coordinates).all()
        # Sensors lie far out in some rows: in half precision, many of the others share a place beside them.
        assert np.unique(coordinates, axis=0).shape[0] > (0.2 if large else 0.5) * len(coordinates)
    measured = json.loads((card.folder / METRICS).read_text(encoding="utf-8"))["maps"]
    assert measured.keys() >= maps.keys()
    for figures in measured.values():
        assert 0.5 < figures["trustworthiness"] <= 1
        assert 0.1 < figures["knn_accuracy"] <= 1


@each_model
def test_the_command_would_train_this_model_again(card: Card) -> None:
    """The words of the card are understood, and ask for the config that lies beside them."""
    words = shlex.split((card.folder / "command.txt").read_text(encoding="utf-8"))
    assert words[:2] == ["aeviz", "train"]
    options = cli.parser().parse_args(words[1:])
    assert (options.family, options.dataset) == (card.family, card.dataset)
    assert (options.latent_dim or FAMILIES[card.family].config["latent_dim"]) == card.latent_dim
    assert options.seed == card.config["seed"]
    for name in ("epochs", "batch_size", "learning_rate", "binarize", "record"):
        asked = getattr(options, name)
        assert asked is None or asked == card.config["training"][name]
    family, config = FAMILIES[card.family], model(card.name).config
    objective = cli.objective_of(options, family, config.modality, config.shape)
    assert not objective or objective == card.config["objective"]
    assert card.name == (options.name or cli.default_name(config, options.corruption or ()))
    history = json.loads((card.folder / HISTORY).read_text(encoding="utf-8"))
    solved = isinstance(FAMILIES[card.family].objective(model(card.name).config), Solved)
    assert [row["epoch"] for row in history] == ([] if solved else [*range(1, card.config["training"]["epochs"] + 1)])


@pytest.mark.parametrize("dataset", SOURCES)
def test_the_first_pair_of_a_data_set_is_there_with_its_maps(dataset: str) -> None:
    for family in ("ae", "vae"):
        assert (models_folder() / f"{dataset}-{family}" / MAPS).exists()


@pytest.mark.parametrize("card", [card for card in CARDS if (card.folder / RECORDING).exists()], ids=lambda c: c.name)
def test_a_recording_ends_with_the_model_that_lies_beside_it(card: Card) -> None:
    recording = load_recording(card.folder / RECORDING)
    assert len(recording) >= 30
    assert recording.steps[0] == 0
    items = torch.from_numpy(aeviz.load_dataset(card.dataset).items[recording.rows].copy())
    codes = model(card.name).encode(items).mean.numpy()
    np.testing.assert_allclose(recording.codes[-1], codes, atol=0.02 * float(codes.std()), rtol=0.01)


@each_model
def test_the_card_is_of_the_latest_figures(card: Card) -> None:
    text = (card.folder / "README.md").read_text(encoding="utf-8")
    assert f"# {card.name}\n" in text
    for name, value in card.metrics.items():
        assert f"| `{name}` | {value:,} |" in text


def test_no_other_folder_lies_among_the_models() -> None:
    visible = {path.name for path in models_folder().iterdir() if not path.name.startswith(".")}
    assert visible == {card.name for card in CARDS}
