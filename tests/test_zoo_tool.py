"""The tool that makes every shipped model again."""

import json
from pathlib import Path

import pytest

import zoo
from aeviz import cli


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two shipped models, one with maps, and a folder that is none."""
    place = tmp_path / "models"
    for name, command in (
        ("mnist-ae", "aeviz train ae mnist --epochs 30"),
        ("mnist-vae-50d", "aeviz train vae mnist --latent 50 --binarize"),
    ):
        (place / name).mkdir(parents=True)
        (place / name / "command.txt").write_text(command + "\n")
        (place / name / "metrics.json").write_text(json.dumps({"command": f"aeviz evaluate {name} --nll-samples 5000"}))
    (place / "mnist-ae" / "maps.npz").touch()
    (place / "notes").mkdir()
    monkeypatch.setattr(zoo, "MODELS", place)
    return place


def test_a_model_is_trained_measured_and_mapped_as_it_was(models: Path, tmp_path: Path) -> None:
    out = tmp_path / "zoo"
    assert zoo.steps(models / "mnist-ae", out) == [
        ["train", "ae", "mnist", "--epochs", "30", "--out", str(out)],
        ["evaluate", str(out / "mnist-ae"), "--nll-samples", "5000"],
        ["maps", str(out / "mnist-ae")],
    ]
    assert [words[0] for words in zoo.steps(models / "mnist-vae-50d", out)] == ["train", "evaluate"]


def test_what_stands_there_is_not_made_again(models: Path, tmp_path: Path) -> None:
    made = tmp_path / "zoo" / "mnist-ae"
    made.mkdir(parents=True)
    (made / "config.json").touch()
    assert [words[0] for words in zoo.steps(models / "mnist-ae", tmp_path / "zoo")] == ["evaluate", "maps"]
    (made / "metrics.json").touch()
    (made / "maps.npz").touch()
    assert zoo.steps(models / "mnist-ae", tmp_path / "zoo") == []


def test_a_dry_run_prints_commands_and_runs_none(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoo.subprocess, "call", lambda command: pytest.fail("ran a command"))
    assert zoo.main(["--dry-run", "--out", str(tmp_path / "zoo"), "mnist-ae"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["aeviz", word] for word in ("train", "evaluate", "maps")]


def test_the_first_failure_stops_it(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def fail(command: list[str]) -> int:
        ran.append(command)
        return 3

    monkeypatch.setattr(zoo.subprocess, "call", fail)
    assert zoo.main(["--out", str(tmp_path / "zoo")]) == 3
    assert len(ran) == 1


def test_a_name_that_is_not_there_is_refused(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        zoo.main(["mnist-gan"])
    assert "mnist-gan" in capsys.readouterr().err


def test_the_shipped_commands_are_understood() -> None:
    for folder in zoo.checkpoints():
        for words in zoo.steps(folder, Path("nowhere")):
            cli.parser().parse_args(words)
