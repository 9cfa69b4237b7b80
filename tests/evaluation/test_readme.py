import json
from pathlib import Path
from typing import Any

import pytest
import torch

from aeviz.errors import CheckpointError
from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.evaluation.readme import write_card
from aeviz.modalities.image.record import IMAGE
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.store.checkpoints import CONFIG, METRICS, read_card, save

CONVOLUTIONS = {"channels": (4, 8), "hidden": (), "body": "conv"}


def checkpoint(folder: Path, **changes: Any) -> Path:
    torch.manual_seed(0)
    described = {
        "family": "vae",
        "shape": (1, 28, 28),
        "latent_dim": 2,
        "code": "gaussian",
        "dataset": "fashion",
        "seed": 7,
        "training": {"epochs": 3, "batch_size": 64},
        **CONVOLUTIONS,
        **changes,
    }
    return save(Autoencoder(Config(**described)), folder, {"command.txt": "aeviz train vae fashion --seed 7\n"})


def measured(folder: Path, **figures: float) -> None:
    written = {
        "command": "aeviz evaluate small",
        "split": "test",
        "items": 10_000,
        "seed": 0,
        "metrics": {"mse": 0.0125, "parameters": 123_456, **figures},
    }
    (folder / METRICS).write_text(json.dumps(written), encoding="utf-8")


def test_a_card_tells_how_the_model_was_made_and_how_good_it_is(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "small")
    measured(folder)
    path = write_card(folder)
    text = path.read_text(encoding="utf-8")
    assert path == folder / "README.md"
    assert text.startswith("---\nlibrary_name: aeviz\n")
    assert "\n# small\n" in text
    assert "Variational autoencoder of 2 latent coordinates, trained on Fashion-MNIST." in text
    assert 'model = aeviz.load("small")' in text
    assert "```\naeviz train vae fashion --seed 7\n```" in text
    assert "conv network, channels 4–8, dense none; likelihood bce; epochs 3, batch size 64; seed 7." in text
    assert "Measured by `aeviz evaluate small` on the test split (10,000 items, seed 0)." in text
    assert f"| `mse` | 0.0125 | {DEFINITIONS['mse']} |" in text
    assert "| `parameters` | 123,456 | " in text
    assert "Zalando" in text
    assert "Licence: MIT." in text


def test_a_card_says_what_damage_alone_a_model_learned_to_repair(tmp_path: Path) -> None:
    usual = checkpoint(tmp_path / "usual", family="dae")
    objective = {row.name: float(row.name == "half") for row in IMAGE.corruptions}
    half = checkpoint(tmp_path / "half", family="dae", objective=objective)
    assert "learned to repair" not in write_card(usual).read_text(encoding="utf-8")
    assert "The damage that it learned to repair: missing half." in write_card(half).read_text(encoding="utf-8")
    assert [read_card(folder).corruptions for folder in (usual, half)] == [(), ("half",)]


def test_the_front_matter_is_what_the_hub_reads(tmp_path: Path) -> None:
    from huggingface_hub import ModelCard

    data = ModelCard.load(write_card(checkpoint(tmp_path / "small"))).data
    assert (data.library_name, data.license) == ("aeviz", "mit")
    assert data.tags == ["autoencoder", "vae", "latent-space"]


def test_a_model_without_figures_or_command_has_a_card_without_them(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "small", family="ae", code="deterministic", dataset="mnist")
    (folder / "command.txt").unlink()
    (folder / METRICS).write_text('{"maps": {}}', encoding="utf-8")
    text = write_card(folder).read_text(encoding="utf-8")
    assert "## Figures" not in text
    assert "aeviz train" not in text
    assert "Autoencoder of 2 latent coordinates, trained on MNIST." in text


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_has_its_idea_in_its_card(tmp_path: Path, family: str) -> None:
    text = write_card(checkpoint(tmp_path / "small", family=family)).read_text(encoding="utf-8")
    assert FAMILIES[family].idea in text


@pytest.mark.parametrize(("field", "value"), [("family", "gan"), ("dataset", "cifar")])
def test_unknown_families_and_data_sets_are_named(tmp_path: Path, field: str, value: str) -> None:
    folder = checkpoint(tmp_path / "small")
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    (folder / CONFIG).write_text(json.dumps({**config, field: value}), encoding="utf-8")
    with pytest.raises(CheckpointError, match=f"'{value}' is not known"):
        write_card(folder)


def test_every_definition_is_a_sentence() -> None:
    for name, text in DEFINITIONS.items():
        assert text.endswith("."), name
        assert "|" not in text.replace("p(x | z)", "").replace("q(z | x)", ""), f"{name} would break the table"
