import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from waiting import TIMEOUT_S

import aeviz
from aeviz import cli
from aeviz.app import serving, sharing
from aeviz.datasets.record import Dataset
from aeviz.device import VARIABLE
from aeviz.evaluation import checkpoint, detection_tasks, measurements
from aeviz.modalities.image.record import IMAGE
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.paths import app_file
from aeviz.store import checkpoints
from aeviz.store.checkpoints import CONFIG, METRICS, save
from aeviz.store.checkpoints import VARIABLE as MODELS

TINY = Config(
    family="vae", shape=(1, 8, 7), latent_dim=2, code="gaussian", body="dense", hidden=(6,), dataset="mnist", seed=1
)


def few(name: str, split: str = "test") -> Dataset:
    items = np.random.default_rng(0).random((60, 1, 8, 7), np.float32)
    return Dataset(name, "MNIST", items, np.arange(60) % 3, ("a", "b", "c"), split=split)


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with one sound checkpoint and one that is damaged."""
    folder = tmp_path / "zoo"
    torch.manual_seed(0)
    save(Autoencoder(TINY), folder / "mnist-vae-2d")
    figures = {"metrics": {"mse": 0.0123456, "neg_elbo": 123.456}}
    (folder / "mnist-vae-2d" / METRICS).write_text(json.dumps(figures), encoding="utf-8")
    save(Autoencoder(replace(TINY, dataset="fashion")), folder / "broken")
    (folder / "broken" / CONFIG).write_text("{", encoding="utf-8")
    for module in (checkpoints, cli):
        monkeypatch.setattr(module, "models_folder", lambda: folder)
    monkeypatch.setattr(checkpoint, "load_dataset", few)
    monkeypatch.setattr(measurements, "has_classifier", lambda dataset: False)  # it knows pictures of 28×28
    monkeypatch.setattr(
        detection_tasks, "tasks_of", lambda dataset: {}
    )  # and so do the unusual ones of other data sets
    return folder


def test_the_list_is_a_table_with_what_is_left_out_beside_it(zoo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    said = capsys.readouterr()
    heading, row = said.out.splitlines()
    assert heading.split() == ["name", "family", "data", "set", "code", "error", "−ELBO"]
    assert row.split() == ["mnist-vae-2d", "vae", "mnist", "2", "0.01235", "123.46"]
    assert len(heading) == len(row)
    assert said.err.startswith("broken: left out. ")
    assert len(said.err.splitlines()) == 1


def test_the_list_as_json(zoo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "--json"]) == 0
    (card,) = json.loads(capsys.readouterr().out)
    assert card["name"] == "mnist-vae-2d"
    assert (card["family"], card["dataset"], card["latent_dim"], card["code"]) == ("vae", "mnist", 2, "gaussian")
    assert card["metrics"] == {"mse": 0.0123456, "neg_elbo": 123.456}
    assert card["config"]["hidden"] == [6]


def test_an_empty_list_says_how_to_fill_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (checkpoints, cli):
        monkeypatch.setattr(module, "models_folder", lambda: tmp_path / "none")
    assert cli.main(["models"]) == 0
    assert "Train one: aeviz train vae mnist" in capsys.readouterr().err


def test_evaluate_prints_and_writes_figures_and_card(zoo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "mnist-vae-2d", "--device", "cpu", "--nll-samples", "8"]) == 0
    out = capsys.readouterr().out
    written = json.loads((zoo / "mnist-vae-2d" / METRICS).read_text(encoding="utf-8"))["metrics"]
    assert written["nll_samples"] == 8
    for key, value in written.items():
        assert f"{key:<16} {value}\n" in out
    card = (zoo / "mnist-vae-2d" / "README.md").read_text(encoding="utf-8")
    assert f"| `nll` | {written['nll']:,} |" in card


def test_maps_are_computed_for_the_name(
    zoo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write_maps(name: str, *, device: str, progress: Any) -> Path:
        progress(0.5, "t-SNE")
        return zoo / name / device

    monkeypatch.setattr(checkpoint, "write_maps", write_maps)
    assert cli.main(["maps", "mnist-vae-2d", "--device", "cpu"]) == 0
    assert capsys.readouterr().out.strip() == str(zoo / "mnist-vae-2d" / "cpu")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["evaluate", "mnist-gan"], "No checkpoint 'mnist-gan': expected a folder or one of"),
        (["evaluate", "broken"], "cannot be read as JSON"),
        (["evaluate", "mnist-vae-2d", "--device", "gpu"], "Unknown device 'gpu'"),
        (["maps", "mnist-gan"], "No checkpoint 'mnist-gan'"),
        (["train", "ae", "mnist", "--corruption", "half"], "for families that learn from damaged items, not ae"),
        (["train", "dae", "mnist", "--corruption", "fog"], "Unknown corruption 'fog'"),
        (["train", "dae", "mnist", "--corruption", "grey"], "'grey' does not suit items of the shape (1, 28, 28)"),
        (["train", "gan", "mnist"], "Unknown family 'gan': expected one of ae, vae, dae, pca, dense, "),
        (["train", "vae", "mnist", "--epochs", "0"], "must be positive"),
        (["train", "vae", "mnist", "--latent", "0"], "at least 1, not 0"),
        (["train", "vae", "mnist", "--channels"], "at least one number of channels"),
        (["--device", "gpu"], "Unknown device 'gpu'"),
    ],
)
def test_what_goes_wrong_is_one_line(
    zoo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    if words[0] == "train":
        training = pytest.importorskip("aeviz.training.fitting")
        monkeypatch.setattr(training, "load_dataset", few)
    assert cli.main(words) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("aeviz: ")
    assert said in lines[-1]
    assert not any("Traceback" in line for line in lines)


def test_ctrl_c_is_said_and_is_no_success(
    zoo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press(*arguments: Any, **settings: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "evaluate", press)
    assert cli.main(["evaluate", "mnist-vae-2d"]) == 130
    assert "Stopped." in capsys.readouterr().err


def test_training_without_lightning_says_what_to_install(
    zoo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "aeviz.training.fitting", raising=False)
    monkeypatch.delattr(aeviz, "training", raising=False)
    monkeypatch.setitem(sys.modules, "lightning", None)
    assert cli.main(["train", "vae", "mnist"]) == 1
    assert "Training needs lightning: pip install 'aeviz[train]'." in capsys.readouterr().err


NO_CORRUPTION = {row.name: 0.0 for row in IMAGE.corruptions}


@pytest.mark.parametrize(
    ("words", "name", "expected"),
    [
        (["ae", "mnist"], "mnist-ae", {"latent_dim": 16, "code": "deterministic", "likelihood": "bce"}),
        (["vae", "fashion", "--latent", "2"], "fashion-vae-2d", {"latent_dim": 2, "code": "gaussian"}),
        (["dae", "mnist", "--name", "mine"], "mine", {"latent_dim": 32, "code": "deterministic"}),
        (["dae", "mnist", "--corruption", "half"], "mnist-dae-half",
         {"objective": {**NO_CORRUPTION, "half": 1.0}, "corruptions": ("half",)}),
        (["dae", "mnist", "--corruption", "low-resolution", "mask", "--size", "2", "--objective", "seen=0.5"],
         "mnist-dae-low-resolution-mask",
         {"objective": {**NO_CORRUPTION, "mask": 1.0, "low-resolution": 1.0, "level": 2.0, "seen": 0.5}}),
        (["ae", "mnist", "--network", "dense", "--hidden", "8", "4", "--likelihood", "l1", "--seed", "7"], "mnist-ae",
         {"body": "dense", "hidden": (8, 4), "likelihood": "l1", "seed": 7}),
    ],
)  # fmt: skip
def test_train_asks_for_what_was_said(
    zoo: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], name: str, expected: dict[str, Any]
) -> None:
    training = pytest.importorskip("aeviz.training.fitting")
    asked: dict[str, Any] = {}

    def fit(config: Config, settings: Any, folder: Path, *, command: str, trainer: dict[str, Any], split: Any) -> None:
        asked.update(config=config, settings=settings, folder=folder, command=command, trainer=trainer, split=split)
        save(Autoencoder(config), folder, {"command.txt": command})

    monkeypatch.setattr(training, "train", fit)
    assert cli.main(["train", *words, "--epochs", "3", "--binarize", "--accelerator", "cpu"]) == 0
    assert asked["folder"] == zoo / name
    assert {key: getattr(asked["config"], key) for key in expected} == expected
    assert asked["config"].shape == (1, 28, 28)
    assert (asked["config"].data, asked["split"]) == ({}, None)  # a data set of aeviz is found by its name
    assert asked["settings"] == training.Training(epochs=3, binarize=True)
    assert asked["command"] == " ".join(["aeviz train", *words, "--epochs 3 --binarize --accelerator cpu"])
    assert asked["trainer"] == {"accelerator": "cpu", "devices": "auto", "strategy": "auto", "num_nodes": 1}
    assert f"# {name}\n" in (zoo / name / "README.md").read_text(encoding="utf-8")


def test_the_folder_of_a_training_can_be_chosen(zoo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    training = pytest.importorskip("aeviz.training.fitting")
    places: list[Path] = []

    def fit(config: Config, settings: Any, folder: Path, **more: Any) -> None:
        places.append(save(Autoencoder(config), folder))

    monkeypatch.setattr(training, "train", fit)
    assert cli.main(["train", "vae", "mnist", "--out", str(tmp_path / "mine")]) == 0
    assert places == [tmp_path / "mine" / "mnist-vae"]


@pytest.fixture
def sizeless(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a family that states no usual code size, as another package may bring one."""
    family = replace(FAMILIES["ae"], name="sizeless", config={})
    monkeypatch.setitem(FAMILIES.built_in, family.name, family)
    return family.name


def test_a_family_without_a_usual_code_size_asks_for_one(sizeless: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("aeviz.training.fitting")
    assert cli.main(["train", sizeless, "mnist"]) == 1
    error = capsys.readouterr().err
    assert error == "aeviz: The family 'sizeless' has no usual code size: state one with --latent.\n"


def test_a_family_without_a_usual_code_size_trains_at_the_size_stated(
    sizeless: str, zoo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    training = pytest.importorskip("aeviz.training.fitting")

    def fit(config: Config, settings: Any, folder: Path, **_: Any) -> None:
        save(Autoencoder(config), folder)

    monkeypatch.setattr(training, "train", fit)
    assert cli.main(["train", sizeless, "mnist", "--latent", "3", "--out", str(tmp_path / "mine")]) == 0
    assert (tmp_path / "mine" / "mnist-sizeless-3d" / CONFIG).exists()


def test_without_a_word_the_app_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[list[str], dict[str, Any]]] = []

    def call(command: list[str], **settings: Any) -> int:
        calls.append((command, settings))
        return 0

    monkeypatch.setattr(subprocess, "call", call)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert cli.main(["--port", "8999"]) == 0
    assert cli.main(["--device", "cpu"]) == 0
    (command, plain), (_, chosen) = calls
    assert command == [sys.executable, "-m", "streamlit", "run", str(app_file()), "--server.port", "8999"]
    assert plain["cwd"] == app_file().parent
    assert VARIABLE not in plain["env"]
    assert chosen["env"][VARIABLE] == "cpu"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """Commands and environments of the apps that would have been started."""
    calls: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(subprocess, "call", lambda command, cwd, env: calls.append((command, env)) or 0)
    for name in (MODELS, sharing.PASSWORD):
        monkeypatch.setenv(name, "")  # so that what the command sets is taken back
        monkeypatch.delenv(name)
    return calls


def test_further_folders_reach_the_app_and_every_command(
    zoo: Path, tmp_path: Path, served: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        save(Autoencoder(TINY), tmp_path / name / f"mnist-{name}")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["--models", "one", "--models", "two", "models"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == [
        "mnist-one",
        "mnist-two",
        "mnist-vae-2d",
    ]
    monkeypatch.setenv(MODELS, "two")
    assert cli.main(["--models", "one"]) == 0
    ((_, environment),) = served
    assert environment[MODELS] == os.pathsep.join([str(tmp_path / "one"), str(tmp_path / "two")])


def test_a_further_folder_must_be_there(served: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--models", "no/such"]) == 1
    assert capsys.readouterr().err == "aeviz: --models no/such: there is no such file or folder.\n"
    assert not served


def test_sharing_opens_the_network_and_says_so(served: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--share", "--port", "8999"]) == 0
    assert "is open to everyone in this network" in capsys.readouterr().out
    assert cli.main(["--share", "--password"]) == 0
    said = capsys.readouterr().out
    (open_, plain), (_, secret) = served
    assert open_[open_.index("--server.address") + 1] == sharing.ALL_ADDRESSES
    assert sharing.PASSWORD not in plain
    assert f"Password: {secret[sharing.PASSWORD]}" in said
    assert not any(secret[sharing.PASSWORD] in word for command, _ in served for word in command), "not for all to see"


@pytest.mark.parametrize("words", [[], ["models"], ["evaluate"], ["maps"], ["train"]])
def test_help_is_given(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main([*words, "--help"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith("usage: aeviz")


@pytest.mark.parametrize(
    "words", [["paint"], ["train", "vae", "cifar"], ["train", "vae", "no.csv"], ["evaluate"], ["--port", "many"]]
)
def test_words_that_mean_nothing_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(words)
    assert exit_.value.code == 2
    assert "usage: aeviz" in capsys.readouterr().err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.strip() == f"aeviz {aeviz.__version__}"


def test_where_a_browser_is_elsewhere_its_way_is_told(
    served: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CODESPACE_NAME", "fuzzy-owl")
    monkeypatch.setenv("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.github.dev")
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        monkeypatch.setattr(serving, "HEALTH", "/")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port
        assert cli.main(["--port", str(port)]) == 0
        for thread in threading.enumerate():
            if thread.name == "aeviz-ready":
                thread.join(TIMEOUT_S)
        server.shutdown()
    url = f"https://fuzzy-owl-{port}.app.github.dev"
    assert f"aeviz: {url}/ (Ctrl+C ends it)\n" in capsys.readouterr().out
    ((command, _),) = served
    assert command[-4:] == ["--server.corsAllowedOrigins", url, "--server.xsrfCookieSameSite", "none"]


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("map?data=fashion&colour=error", "/map?data=fashion&colour=error"),
        ("/decode", "/decode"),
        ("http://10.0.0.7:8501/how-a-vae-thinks?epsilon=4", "/how-a-vae-thinks?epsilon=4"),
        ("https://example.org/aeviz/denoise?level=0.3", "/repair?level=0.3"),
        ("http://localhost:8501/?data=emoji", "/?data=emoji"),
    ],
)
def test_the_app_opens_at_a_link(
    link: str, path: str, served: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[tuple[str, str]] = []
    monkeypatch.setattr(serving, "browse_when_ready", lambda url, at: opened.append((url, at)))
    assert cli.main(["--port", "8999", "--open", link]) == 0
    assert opened == [("http://localhost:8999", path)]
    ((command, _),) = served
    assert command[-2:] == ["--server.headless", "true"], "or Streamlit opens its own page too"


def test_a_link_to_no_page_is_refused_before_anything_starts(
    served: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(["--open", "http://localhost:8501/moon"])
    assert exit_.value.code == 2
    assert "names no page" in capsys.readouterr().err
    assert not served
