import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import aeviz
from aeviz import cli
from aeviz.datasets.files import VARIABLE
from aeviz.datasets.splits import by_chance
from aeviz.errors import DataError
from aeviz.importers import own_data
from aeviz.importers.data.answers import DataStatement
from aeviz.importers.own_data import data_of, load_dataset, stated_in_config
from aeviz.modalities.columns import TableScale
from aeviz.modalities.series import SeriesScale
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.model.objectives import Denoising

ROWS = 60
TABLE = "\n".join(
    ["size,weight,kind,class", *(f"{row % 17},{row * row % 23},k{row % 3},c{row % 2}" for row in range(ROWS))]
)
SERIES = "\n".join(",".join(f"{np.sin(step / 2 + row):.3f}" for step in range(12)) for row in range(ROWS))
TEXTS = "\n".join(f"{['rose', 'ivy', 'fern', 'moss'][row % 4]} {row}" for row in range(ROWS))
FILES = {"mine.csv": TABLE, "waves.tsv": SERIES.replace(",", "\t"), "words.txt": TEXTS}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that one works in, with a file of each kind."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    np.savez(tmp_path / "pictures.npz", x=np.random.default_rng(0).random((ROWS, 6, 6)), y=np.arange(ROWS) % 3)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "modality", "shape"),
    [("mine.csv", "table", (5,)), ("waves.tsv", "series", (1, 12)), ("words.txt", "text", (22, 7)),
     ("pictures.npz", "image", (1, 6, 6))],
)  # fmt: skip
def test_a_file_is_a_data_set(file: str, modality: str, shape: tuple[int, ...], here: Path) -> None:
    data = aeviz.load_dataset(file)
    assert (data.name, data.modality.name, data.shape, len(data)) == (file.split(".")[0], modality, shape, ROWS)
    train, test = aeviz.load_dataset(file, "train"), aeviz.load_dataset(here / file, split="test")
    rows = by_chance(ROWS, 0.8)
    np.testing.assert_array_equal(train.items, data.items[rows[0]])
    np.testing.assert_array_equal(test.labels, data.labels[rows[1]])
    assert (train.split, test.split, train.scale) == ("train", "test", data.scale)
    with pytest.raises(ValueError, match="read-only"):
        train.items[0] = 0


def test_how_it_is_read_can_be_stated(here: Path) -> None:
    data = load_dataset("mine.csv", columns={"kind": "target", "class": "ignored"})
    assert data.label_names == ("k0", "k1", "k2")
    scale = load_dataset("waves.tsv", rate=4.0, unit="V").scale
    assert isinstance(scale, SeriesScale)
    assert (scale.step, scale.unit) == (0.25, "V")


def test_names_are_found_before_files(here: Path) -> None:
    (here / "names").write_text(TEXTS, encoding="utf-8")
    assert load_dataset("names").title == "First names"
    (here / "mnist.csv").write_text(TABLE, encoding="utf-8")
    assert load_dataset("mnist.csv").name == "mnist-file"


@pytest.mark.parametrize(
    ("name", "split", "stated", "said"),
    [
        ("absent.csv", None, {}, r"absent\.csv: there is no such file, here or in the folder of AEVIZ_DATA_DIR"),
        ("absent", None, {}, "Unknown data set 'absent': expected one of mnist.*, or a file"),
        ("mine.csv", "half", {}, "Unknown split 'half'"),
        ("names", None, {"rate": 2.0}, "names is a data set of aeviz"),
        ("mine.csv", None, {"columns": {"kind": "number"}}, "kind holds no number"),
    ],
)
def test_what_is_wrong_is_said(name: str, split: str | None, stated: dict[str, Any], said: str, here: Path) -> None:
    with pytest.raises(DataError, match=said):
        load_dataset(name, split, **stated)


def test_a_file_that_changes_is_read_anew(here: Path) -> None:
    assert len(load_dataset("mine.csv")) == ROWS
    (here / "mine.csv").write_text(TABLE + "\n1,2,k1,c1", encoding="utf-8")
    assert len(load_dataset("mine.csv")) == ROWS + 1


def config_of(file: str, **stated: Any) -> Config:
    statement = DataStatement(**stated)
    data = own_data.read_file(file, statement).dataset
    return Config(
        family="vae",
        shape=data.shape,
        latent_dim=2,
        code="gaussian",
        modality=data.modality.name,
        columns=data.scale.widths,
        dataset=data.name,
        data=stated_in_config(file, statement, data),
    )


@pytest.mark.parametrize("file", FILES)
def test_a_config_finds_its_data_again(file: str, here: Path) -> None:
    config = Config.read(json.loads(json.dumps(vars(config_of(file)))))
    for split in ("train", "test"):
        again, before = data_of(config, split), load_dataset(file, split)
        np.testing.assert_array_equal(again.items, before.items)
        assert (again.name, again.split, again.scale) == (before.name, split, before.scale)
    assert type(config.scale) is type(load_dataset(file).scale)
    assert config.scale.widths == config.columns


def test_a_config_keeps_what_was_stated(here: Path) -> None:
    config = config_of("mine.csv", columns={"kind": "target"})
    assert config.data["statement"] == {"columns": {"kind": "target"}}
    assert data_of(config, "test").label_names == ("k0", "k1", "k2")
    assert isinstance(config.scale, TableScale)
    assert [column.name for column in config.scale.columns] == ["size", "weight", "class"]


def test_a_loss_that_damages_items_knows_their_scale(here: Path) -> None:
    objective = FAMILIES["dae"].objective(replace(config_of("waves.tsv", rate=4.0), family="dae"))
    assert isinstance(objective, Denoising)
    assert objective.scale == load_dataset("waves.tsv", rate=4.0).scale


def test_absent_or_changed_data_are_told(here: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = config_of("mine.csv")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (here / "mine.csv").rename(elsewhere / "mine.csv")
    with pytest.raises(DataError, match=r"trained on mine\.csv, which is not here: put it back"):
        data_of(config, "test")
    monkeypatch.setenv(VARIABLE, str(elsewhere))
    assert len(data_of(config, "test")) == ROWS // 5
    (elsewhere / "mine.csv").write_text(TABLE + "\n1,2,k1,c1", encoding="utf-8")
    with pytest.raises(DataError, match="is not as it was when the model was trained on it"):
        data_of(config, "test")
    with pytest.raises(DataError, match=re.escape("The model takes items of (9,); those of")):
        data_of(replace(config, shape=(9,), columns=(), data={"file": "mine.csv"}), "test")


@pytest.mark.parametrize(
    "data", [{"scale": 3}, {"scale": {"low": "x"}}, {"scale": {"columns": [{}]}}, {"scale": {"colour": 1}}]
)
def test_a_config_with_an_unsound_scale_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"scale|columns"):
        Config(family="ae", shape=(5,), latent_dim=2, modality="table", data=data)


def test_columns_of_a_config_fill_its_shape(here: Path) -> None:
    with pytest.raises(ValueError, match="columns of data have 5 features"):
        replace(config_of("mine.csv"), shape=(6,))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("file", "words", "error"),
    [("mine.csv", ["--column", "class=category", "kind=target"], "error"), ("waves.tsv", ["--rate", "4"], "rmse"),
     ("words.txt", ["--body", "dense"], "edits")],
)  # fmt: skip
def test_a_model_is_trained_measured_and_refused_without_its_data(
    file: str, words: list[str], error: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("lightning")
    folder = here / "models" / f"{file.split('.')[0]}-vae-2d"
    more = ["--latent-dim", "2", "--hidden", "8", "--epochs", "1", "--out", str(folder.parent)]
    assert cli.main(["train", "vae", file, *words, *more]) == 0
    config = aeviz.load(folder).config
    assert config.data["file"] == file
    assert config.dataset == file.split(".")[0]
    assert cli.main(["evaluate", str(folder)]) == 0
    measured = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert np.isfinite(measured["metrics"][error])
    assert measured["items"] == ROWS // 5
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"Data: {file}, a file of one's own, which does not come with the model." in card
    (here / file).unlink()
    assert cli.main(["evaluate", str(folder)]) == 1
    assert f"aeviz: The model was trained on {file}, which is not here" in capsys.readouterr().err


def test_what_is_stated_of_a_bundled_set_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "vae", "names", "--rate", "3"]) == 1
    assert "names is a data set of aeviz: rate cannot be stated of it" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["train", "vae", "names", "--column", "x=colour"])
    assert "NAME=TYPE, where a type is one of number, category" in capsys.readouterr().err
