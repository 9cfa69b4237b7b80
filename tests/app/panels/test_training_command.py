"""Every command that a page shows works as it is shown, on data of a visitor's own too."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from apptest import opened
from cases import every
from streamlit.testing.v1 import AppTest

from aeviz import cli
from aeviz.app.navigation import ENTRIES
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.importers import own_data
from aeviz.importers.callables import wrap
from aeviz.importers.data.answers import DataStatement
from aeviz.modalities.columns import TableScale
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.series import SeriesScale
from aeviz.paths import models_folder
from aeviz.store import registry

OWN = {"image": "mnist", "series": "ecg", "table": "wage", "text": "names"}  # whose first items stand for one's own
COUNT = 400
COMMAND = re.compile(r"^\s*(aeviz .*)$", re.MULTILINE)


def few(name: str) -> Dataset:
    """The first items of a data set, as somebody would bring them: no CSV has units, and time begins at 0."""
    whole = load_dataset(name)
    if isinstance(whole.scale, TableScale):
        bare = tuple(replace(column, unit="") for column in whole.scale.columns)
        whole = replace(whole, scale=replace(whole.scale, columns=bare))
    if isinstance(whole.scale, SeriesScale):
        whole = replace(whole, scale=replace(whole.scale, start=0.0))
    return replace(whole, name=f"my-{name}", items=whole.items[:COUNT], labels=whole.labels[:COUNT])


@pytest.fixture
def brought() -> Iterator[dict[str, Dataset]]:
    """Data of one's own of each modality, which the app knows."""
    known = {modality: registry.PROCESS.add_dataset(few(name)) for modality, name in OWN.items()}
    yield known
    registry.PROCESS.clear()


def commands(text: str) -> list[list[str]]:
    """The commands of a text as the shell gives them to `aeviz`, of loops the first turn."""
    lines = re.sub(r"\\\n\s*", "", text)
    return [shlex.split(re.sub(r"\$\w+", "2", command))[1:] for command in COMMAND.findall(lines)]


def shown(app: AppTest) -> list[list[str]]:
    """The commands that a page shows, in blocks and within its sentences; "aeviz train" alone is none."""
    texts = [element.value for kind in ("code", "markdown", "caption", "info") for element in app.get(kind)]
    texts += [element.proto.body for element in app.html]
    inline = re.findall(r"(?:`|<code>)(aeviz [^`<]+)(?:`|</code>)", "\n".join(texts))
    blocks = [command for element in app.code for command in commands(element.value)]
    return blocks + [shlex.split(command)[1:] for command in inline]


def test_every_modality_is_tried() -> None:
    assert OWN.keys() == MODALITIES.keys()


@pytest.mark.parametrize("modality", OWN)
def test_what_is_handed_over_is_read_as_it_was(modality: str, tmp_path: Path) -> None:
    data = few(OWN[modality])
    handed = data.modality.handed(data.items, np.array(data.label_names)[data.labels], data.scale)
    path = tmp_path / f"{data.name}.{handed.ending}"
    path.write_bytes(handed.content())
    options = cli.parser().parse_args(["train", "vae", str(path), *handed.options])
    stated = {name: getattr(options, name) for name in cli.READING if getattr(options, name) is not None}
    again = own_data.read_file(path, DataStatement(columns=dict(options.columns or ()), **stated)).dataset
    assert (again.modality.name, len(again)) == (modality, len(data))
    assert again.shape == data.shape or modality in {"table", "text"}, "categories and letters that are not met go"
    sample = [data.modality.describe(item, data.scale) for item in data.items[:9]]
    assert [again.modality.describe(item, again.scale) for item in again.items[:9]] == sample
    if modality != "text":  # whose classes are the first letters, whatever they were
        names = [data.label_names[label] for label in data.labels]
        assert [again.label_names[label] for label in again.labels] == names


CASES = [(page, name) for page in ENTRIES for name in ("mnist", "emoji", "power", "wage", "names", "ecg")]


@pytest.mark.parametrize(("page", "name"), every(40, CASES))
def test_commands_of_pages_are_understood(
    page: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.csv").touch()  # an example's file
    monkeypatch.chdir(tmp_path)
    for words in shown(opened(page, data=name)):
        if words[-1] in {"train", "evaluate", "rates"}:  # named, not called
            continue
        cli.parser().parse_args(words)


def test_commands_that_trained_the_shipped_models_are_understood() -> None:
    files = sorted(models_folder().glob("*/command.txt"))
    assert len(files) > 50
    for file in files:
        for words in commands(file.read_text(encoding="utf-8")):
            cli.parser().parse_args(words)


OFFERING = ("how-a-vae-thinks", "training", "generate", "compare", "sweeps")  # pages that offer to train what lacks


@pytest.mark.long
@pytest.mark.parametrize("modality", OWN)
def test_every_command_for_own_data_trains(
    brought: dict[str, Dataset], modality: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = brought[modality]
    base = np.random.default_rng(1).normal(size=(data.items[0].size, 3)).astype(np.float32)

    def code(x: np.ndarray) -> np.ndarray:
        return np.nan_to_num(np.asarray(x)).reshape(len(x), -1) @ base

    def item(z: np.ndarray) -> np.ndarray:
        return np.repeat(data.items[:1], len(z), 0)

    registry.PROCESS.add_model(wrap(code, item, data, title="any", arrays="numpy"), "any")
    monkeypatch.chdir(tmp_path)
    handed = data.modality.handed(data.items, np.array(data.label_names)[data.labels], data.scale)
    (tmp_path / f"{data.name}.{handed.ending}").write_bytes(handed.content())
    offered = {tuple(words) for page in OFFERING for words in shown(opened(page, data=data.name))}
    trained = sorted(words for words in offered if words[0] == "train" and len(words) > 1)
    assert len({words[1] for words in trained}) >= 4, "families"
    for words in trained:
        tiny = [*words, "--epochs", "1", "--out", str(tmp_path / "out"), "--accelerator", "cpu"]
        assert cli.main(tiny) == 0, shlex.join(words)
    made = sorted(weights.parent for weights in (tmp_path / "out").glob("*/model.safetensors"))
    assert len(made) >= len({words[1] for words in trained})
    measured = made[0]  # "then run aeviz evaluate on each", where the file lies; it takes the longest
    assert cli.main(["evaluate", str(measured), "--device", "cpu", "--nll-samples", "8"]) == 0
    assert json.loads((measured / "metrics.json").read_text(encoding="utf-8"))


def test_own_data_come_with_commands_that_run_on_the_file_that_is_saved(
    brought: dict[str, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = brought["table"]
    monkeypatch.chdir(tmp_path)
    from aeviz.app.panels import training_command

    said: list[str] = []
    saved: dict[str, object] = {}
    monkeypatch.setattr(training_command.st, "code", lambda text, **looks: said.append(text))
    monkeypatch.setattr(training_command.st, "caption", lambda text: None)
    save = lambda label, content, name, *rest, **looks: saved.update({name: content})  # noqa: E731
    monkeypatch.setattr(training_command.widgets, "save", save)
    training_command.show("aeviz train dense [[data]] --epochs 1", data.name, "key")
    ((name, content),) = saved.items()
    (tmp_path / name).write_bytes(content())  # type: ignore[operator]
    (words,) = commands(said[0])
    assert words[2] == name
    assert data.name not in SOURCES
    assert cli.main([*words, "--out", str(tmp_path / "out"), "--accelerator", "cpu"]) == 0
    assert list((tmp_path / "out").glob("*/model.safetensors"))
