"""One reader for everyone: Python, the command line and the app read the same models and say the same of them."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

import aeviz
from aeviz import cli
from aeviz.errors import CheckpointError, DataError
from aeviz.importers import own_models
from aeviz.importers.data.answers import DataStatement
from aeviz.importers.files.zips import ArchiveError
from aeviz.importers.health import examine
from aeviz.importers.in_memory import given as given_of
from aeviz.importers.reading import read_data
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store.checkpoints import VARIABLE, save
from tests.importers.conftest import Harmful, saved, zipped
from tests.importers.models.onnx_made import PICTURES as ENCODE
from tests.importers.models.onnx_made import onnx_pair
from tests.importers.models.test_models import FIXTURES

MNIST = aeviz.load_dataset("mnist").items


def example(features: int = 784) -> dict[str, torch.Tensor]:
    generator, found = torch.Generator().manual_seed(1), {}
    sizes = {"fc1": (features, 6), "fc21": (6, 2), "fc22": (6, 2), "fc3": (2, 6), "fc4": (6, features)}
    for name, (before, after) in sizes.items():
        found[f"{name}.weight"] = torch.randn(after, before, generator=generator) * 0.05
        found[f"{name}.bias"] = torch.zeros(after)
    return found


def forms(folder: Path) -> dict[str, Path]:
    """A model in each form that is read."""
    torch.manual_seed(0)
    config = Config(family="vae", shape=(1, 28, 28), latent_dim=3, code="gaussian", body="dense", hidden=(8,),
                    dataset="mnist")  # fmt: skip
    found = {"aeviz": save(Autoencoder(config), folder / "ours")}
    found["aeviz zip"] = folder / "ours.zip"
    found["aeviz zip"].write_bytes(zipped({f"o/{path.name}": path.read_bytes() for path in found["aeviz"].iterdir()}))
    found["weights"] = folder / "example.pt"
    found["weights"].write_bytes(saved(example()))
    found["ONNX zip"] = folder / "network.zip"
    found["ONNX zip"].write_bytes(zipped(onnx_pair()))
    found["ONNX folder"] = folder / "network"
    found["ONNX folder"].mkdir()
    for name, data in onnx_pair().items():
        (found["ONNX folder"] / name).write_bytes(data)
    return found


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return forms(tmp_path_factory.mktemp("brought"))


FORMS = ("aeviz", "aeviz zip", "weights", "ONNX zip", "ONNX folder")


@pytest.mark.parametrize("form", FORMS)
def test_load_reads_every_form(form: str, brought: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    model = aeviz.load(brought[form])
    x = torch.tensor(MNIST[:3])
    assert model.encode(x).mean.shape == (3, model.config.latent_dim)
    assert model.decode(model.encode(x).mean).shape == (3, 1, 28, 28)
    told = capsys.readouterr().err
    assert ("Input scaling" in told) is (form not in {"aeviz", "aeviz zip"})
    if "ONNX" in form:
        np.testing.assert_allclose(model.encode(x).mean, MNIST[:3].reshape(3, 784) @ ENCODE, atol=1e-4)


def test_load_reads_pythae_and_what_is_stated(tmp_path: Path) -> None:
    assert aeviz.load(FIXTURES / "pythae-vae.zip").config.shape == (1, 4, 4)
    path = tmp_path / "flat.pt"
    path.write_bytes(saved(example(600)))
    with pytest.raises(CheckpointError, match=r"600 numbers.*aeviz\.load\('.*flat\.pt', …\) with shape=\(1, 28, 28\)"):
        aeviz.load(path)
    assert aeviz.load(path, shape=(1, 20, 30)).config.shape == (1, 20, 30)
    with pytest.raises(ValueError, match="Unknown statement colour: expected some of shape, scaling"):
        aeviz.load(path, colour="red")


def test_what_is_refused_is_refused_in_the_same_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "harm.pkl"
    path.write_bytes(pickle.dumps(Harmful(tmp_path / "witness")))
    with pytest.raises(ArchiveError) as refusal:
        aeviz.load(path)
    for words in (["health", str(path)], ["evaluate", str(path)], ["maps", str(path)], ["models", str(path)]):
        assert cli.main(words) == 1
        assert capsys.readouterr().err.endswith(f"aeviz: {refusal.value}\n")
    assert not (tmp_path / "witness").exists()


def test_health_prints_the_report_of_the_page(brought: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = brought["ONNX zip"]
    assert cli.main(["health", str(path), "--data", "mnist"]) == 0
    told = capsys.readouterr().out
    loaded = own_models.read(path, data=aeviz.load_dataset("mnist"))
    for note in loaded.notes:
        assert note in told
    data = aeviz.load_dataset("mnist")
    for finding in examine(loaded.model, data.items, labels=data.labels):
        assert f"{finding.title} (" in told
        assert f"{finding.value}. {finding.meaning}" in told
    assert told.startswith("network: ONNX model · code of 3 numbers · takes 28 × 28, grey")


def test_health_takes_statements_and_data_of_ones_own(
    brought: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "few.npz"
    np.savez(file, x=MNIST[:40])
    words = ["health", str(brought["weights"]), "--data", str(file), "--scaling", "signed"]
    assert cli.main(words) == 0
    told = capsys.readouterr().out
    assert "Input scaling [−1, 1]: as stated" in told
    assert "Health on few" in told
    np.savez(file, x=MNIST[:40, :, :8, :8])
    assert cli.main(words) == 1
    assert "takes pictures of (1, 28, 28); few holds pictures of (1, 8, 8)" in capsys.readouterr().err


def test_the_folder_that_one_is_in_has_its_name(brought: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(brought["ONNX folder"])
    assert own_models.read(".").name == "network"


def test_models_says_what_lies_at_a_path(brought: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", str(brought["weights"]), str(brought["ONNX folder"])]) == 0
    told = capsys.readouterr().out
    assert "example: VAE of the PyTorch examples · code of 2 numbers" in told
    assert "network: ONNX model" in told
    assert cli.main(["models", "--json", str(brought["ONNX folder"])]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["name"], found["family"], found["latent_dim"]) == ("network", "ae", 3)


def test_models_of_a_folder_are_listed_beside_ours(
    brought: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    found = own_models.foreign_paths([brought["aeviz"].parent])
    assert [path.name for path in found] == ["example.pt", "network", "network.zip", "ours.zip"]
    assert own_models.foreign_paths([brought["weights"], brought["aeviz"], Path("missing")]) == [brought["weights"]]
    monkeypatch.setenv(VARIABLE, str(brought["weights"]))
    assert cli.main(["models"]) == 0
    assert "example" in capsys.readouterr().out
    assert cli.main(["--models", "missing", "models"]) == 1
    assert "there is no such file or folder" in capsys.readouterr().err


@pytest.mark.long
def test_a_foreign_model_is_measured_and_mapped(
    brought: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "few.npz"
    np.savez(file, x=MNIST[:200])
    before = sorted(brought["ONNX folder"].iterdir())
    assert cli.main(["evaluate", str(brought["ONNX folder"]), "--data", str(file)]) == 0
    told = dict(line.split() for line in capsys.readouterr().out.splitlines())
    model = aeviz.load(brought["ONNX folder"])
    x = torch.tensor(MNIST[:200])
    assert float(told["mse"]) == pytest.approx(float((model(x) - x).square().mean()), rel=1e-3)
    assert int(told["parameters"]) == 2 * 784 * 3 + 6  # the six are the sizes of two reshapes
    assert cli.main(["maps", str(brought["ONNX folder"]), "--data", str(file)]) == 0
    with np.load("network-maps.npz") as maps:
        assert maps["pca-2"].shape == (200, 2)
    assert sorted(brought["ONNX folder"].iterdir()) == before


# --- Data ---


def test_explore_takes_a_file_as_load_dataset_does(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    rows = [f"{row / 7:.2f},{row % 5},{'ab'[row % 2]}" for row in range(40)]
    file.write_text("\n".join(["size,count,kind", *rows]))
    whole = aeviz.load_dataset(file)
    for items in (file, str(file)):
        found = given_of(items)
        assert found.own
        data = found.dataset
        np.testing.assert_array_equal(data.items, whole.items)
    data = given_of(file, "kind").dataset
    assert data.label_names == ("a", "b")
    stated = read_data(file, DataStatement(columns={"kind": "target"})).dataset
    np.testing.assert_array_equal(data.items, stated.items)
    np.testing.assert_array_equal(data.labels, stated.labels)
    given = given_of(file, np.arange(40) % 4).dataset
    assert given.label_names == ("0", "1", "2", "3")
    with pytest.raises(DataError, match=r"labels have the shape \(3,\): expected \(40,\)"):
        given_of(file, np.arange(3))
    with pytest.raises(DataError, match="there is no such file"):
        given_of("missing.csv")
