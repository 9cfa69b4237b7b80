"""The frame of every page: what it says where checkpoints are damaged."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import streamlit as st
import torch
from apptest import html, opened
from safetensors.torch import load_file, save_file
from streamlit.testing.v1 import AppTest

from aeviz.app import models, shell, startup
from aeviz.app.html import by_hand
from aeviz.datasets.sources import SOURCES
from aeviz.store import checkpoints
from aeviz.store.checkpoints import CONFIG, MAPS, WEIGHTS

ROOT = Path(__file__).parents[2]


def notes(app: AppTest) -> list[str]:
    links = [element.proto.label for element in app.get("page_link")]
    return [label for label in links if "left out" in label]


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Path:
    """A models folder with an AE and a VAE."""
    monkeypatch.setattr(checkpoints, "models_folder", lambda: tmp_path)
    monkeypatch.setattr(startup, "warm", lambda: None)
    for name in ("mnist-ae", "mnist-vae"):
        shutil.copytree(ROOT / "models" / name, tmp_path / name, ignore=shutil.ignore_patterns(MAPS))
    return tmp_path


def spoil(folder: Path, how: str) -> None:
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    match how:
        case "family" | "dataset":
            (folder / CONFIG).write_text(json.dumps({**config, how: "martian"}), encoding="utf-8")
        case "own":
            own = {**config, "dataset": "mine", "data": {"file": "mine.csv"}}
            (folder / CONFIG).write_text(json.dumps(own), encoding="utf-8")
        case "shape":
            (folder / CONFIG).write_text(json.dumps({**config, "latent_dim": 7}), encoding="utf-8")
        case "cut":
            (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:5000])
        case "NaN":
            weights = load_file(folder / WEIGHTS)
            save_file({key: torch.full_like(value, float("nan")) for key, value in weights.items()}, folder / WEIGHTS)
        case "surplus":
            surplus = {**config, "model_type": "mine", "latent_dim": 7}
            (folder / CONFIG).write_text(json.dumps(surplus), encoding="utf-8")
        case "odd":
            header = json.dumps({"x": {"dtype": "F4", "shape": [2], "data_offsets": [0, 1]}}).encode()
            (folder / WEIGHTS).write_bytes(len(header).to_bytes(8, "little") + header + b"\0")
        case "config":
            (folder / CONFIG).unlink()
        case "weights":
            (folder / WEIGHTS).unlink()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("family", "Unknown family 'martian'"),
        ("dataset", "Unknown data set 'martian'"),
        ("own", "trained on mine.csv: bring that file and this folder on the page Your own"),
        ("shape", "but its config needs"),
        ("surplus", "but its config needs"),
        ("odd", "x"),
        ("cut", "is damaged"),
        ("NaN", "NaN or infinite"),
        ("config", "config.json is missing"),
        ("weights", "model.safetensors is missing"),
    ],
)
@pytest.mark.long
def test_what_is_damaged_is_left_out_and_told(zoo: Path, how: str, said: str) -> None:
    shutil.copytree(zoo / "mnist-vae", zoo / "mnist-bad")
    spoil(zoo / "mnist-bad", how)
    about = opened("about")
    assert set(models.zoo()["mnist"]) == {"ae", "vae"}
    (warning,) = about.warning
    assert warning.value.startswith("**mnist-bad** is left out.")
    assert said in warning.value


def test_home_has_a_quiet_note(zoo: Path) -> None:
    assert notes(opened("home")) == []
    assert not opened("about").warning
    (zoo / "mnist-bad").mkdir()
    st.cache_resource.clear()
    assert notes(opened("home")) == ["1 model is left out"]
    assert notes(opened("about")) == []


def test_where_nothing_is_sound_the_page_says_why(zoo: Path) -> None:
    for name in ("mnist-ae", "mnist-vae"):
        spoil(zoo / name, "cut")
    app = opened("map")
    assert [title.value for title in app.title] == ["No model is installed yet"]
    assert len(app.warning) == 2


def test_without_the_folder_further_ones_are_shown(
    zoo: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path_factory.mktemp("mine")
    shutil.move(zoo / "mnist-vae", mine / "mnist-mine")
    monkeypatch.setenv(checkpoints.VARIABLE, str(mine))
    monkeypatch.setattr(checkpoints, "models_folder", lambda: zoo / "none")
    assert opened("about").session_state["choice"].left.name == "mnist-mine"
    assert "is missing" in models.problems()[0].problem


def test_a_page_without_pictures_loads_none(monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> None:
    def never(name: str) -> None:
        raise AssertionError(f"{name} was loaded")

    monkeypatch.setattr(models, "load_dataset", never)
    monkeypatch.setattr(startup, "warm", lambda: None)
    about = opened("about")
    assert about.selectbox[0].options == [source.title for source in SOURCES.values()]


def test_home_encodes_no_more_than_its_walk(monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> None:
    def never(name: str) -> None:
        raise AssertionError(f"the whole test split was encoded by {name}")

    monkeypatch.setattr(models, "codes", never)
    opened("home")


def test_a_surplus_key_of_a_config_is_left_out(zoo: Path) -> None:
    config = json.loads((zoo / "mnist-vae" / CONFIG).read_text(encoding="utf-8"))
    (zoo / "mnist-vae" / CONFIG).write_text(json.dumps({**config, "model_type": "mine"}), encoding="utf-8")
    assert not opened("about").warning
    assert set(models.zoo()["mnist"]) == {"ae", "vae"}


WITHOUT_TORCH = """
import sys
from streamlit.testing.v1 import AppTest
from aeviz.app import startup as server

sys.modules["torch"] = None  # whoever wants it now fails
server.prepare = lambda: None
app = AppTest.from_file("app.py", default_timeout=300).run()
print(len(app.exception), len(app.get("bidi_component")))
"""


def test_homes_pictures_and_both_maps_are_there_before_torch() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["1", "4"], done.stderr


SETTLED = """
import gc, os
from aeviz.app import models, startup as server

server.WARMUP_DELAY_S = 3600
models.zoo = dict
server.prepare()
before = gc.get_freeze_count()
server.warm()
import torch

print(before, gc.get_freeze_count() > 10_000, torch.get_num_threads(), flush=True)
os._exit(0)
"""


def test_one_thread_computes_and_what_is_loaded_is_not_collected_again() -> None:
    settings = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    command = [sys.executable, "-c", SETTLED]
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "True", "1"], done.stderr


def test_a_touch_screen_is_told_to_tap() -> None:
    told = html(AppTest.from_string('from aeviz.app import shell\nshell.header("Maps", "Click one to open it.")').run())
    assert '<span class="aeviz-pointer">Click</span><span class="aeviz-touch">Tap</span> one to open it.' in told


def test_a_caption_says_tap_where_there_is_no_pointer_and_neither_on_paper() -> None:
    app = AppTest.from_string('from aeviz.app import shell\nshell.caption("Rank 1. Click a tile.")').run()
    (caption,) = app.caption
    words = '<span class="aeviz-pointer">Click</span><span class="aeviz-touch">Tap</span>'
    assert caption.value == f'Rank 1. <span class="aeviz-hand">{words} a tile.</span>'
    assert caption.proto.allow_html


def test_what_only_a_hand_can_do_is_marked_whatever_hand_it_is() -> None:
    spans = by_hand("Hover to see it. Click to keep it.", "Tap to keep it.")
    assert shell.off_paper(f"Ten pictures. {spans}") == f'Ten pictures. <span class="aeviz-hand">{spans}</span>'
    assert shell.off_paper("Drag it: what is flagged? What is found.") == (
        '<span class="aeviz-hand">Drag it: what is flagged?</span> What is found.'
    )
