from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aeviz.errors import CheckpointError
from aeviz.store import hub
from aeviz.store.checkpoints import locate
from aeviz.store.hub import fetch


def test_the_hub_is_asked_as_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A visitor must not load what only the owner of the machine may see."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    asked: list[Any] = []

    def model_info(self: Any, name: str, **settings: Any) -> SimpleNamespace:
        asked.append(self.token)
        return SimpleNamespace(siblings=[SimpleNamespace(rfilename="model.safetensors", size=2)], sha="main")

    def download(name: str, **settings: Any) -> str:
        asked.append(settings["token"])
        return str(settings["local_dir"])

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", model_info)
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    assert fetch("owner/name", tmp_path, 100) == tmp_path
    assert asked == [False, False]


FILES: dict[str, tuple[dict[str, int], str, list[str]]] = {
    "ours": (
        {"README.md": 1, "config.json": 1, "model.safetensors": 5, "maps.npz": 2, "other.safetensors": 9},
        "",
        ["config.json", "maps.npz", "model.safetensors"],
    ),
    "a single file of any name": ({"README.md": 1, "w/best.safetensors": 9}, "w", ["w/best.safetensors"]),
    "with a config beside": (
        {"a/config.json": 1, "a/taesd.safetensors": 9, "b.ckpt": 9},
        "a",
        ["a/config.json", "a/taesd.safetensors"],
    ),
    "the one of several that has room": (
        {"unet.safetensors": 10**9, "vae.safetensors": 5},
        "",
        ["vae.safetensors"],
    ),
    "an old checkpoint": ({"last.ckpt": 9}, "", ["last.ckpt"]),
    "a pipeline": (
        {"model_index.json": 1, "unet/x.safetensors": 999, "vae/config.json": 1,
         "vae/diffusion_pytorch_model.safetensors": 5},
        "vae",
        ["vae/config.json", "vae/diffusion_pytorch_model.safetensors"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_the_files_of_a_model_are_chosen(case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files, where, wanted = FILES[case]
    asked: list[str] = []
    _hub_of(monkeypatch, files, asked)
    assert fetch("owner/name", tmp_path, 100) == tmp_path / where
    assert sorted(asked) == sorted(wanted)


@pytest.mark.parametrize("case", FILES)
def test_who_sits_at_the_machine_gets_the_same_files(
    case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files, where, wanted = FILES[case]
    monkeypatch.setattr(hub, "MAX_BYTES", 100)
    asked: list[str] = []
    _hub_of(monkeypatch, files, asked, tmp_path)
    assert locate("owner/name") == tmp_path / where
    assert sorted(asked) == sorted(wanted)


def test_without_a_network_what_was_brought_before_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unreachable(self: Any, name: str, **settings: Any) -> None:
        raise ConnectionError("no network")

    def download(name: str, *, local_files_only: bool) -> str:
        assert local_files_only
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", unreachable)
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "x.safetensors").touch()
    assert locate("owner/name") == tmp_path / "vae"
    (tmp_path / "other.safetensors").touch()
    assert locate("owner/name") == tmp_path


def _hub_of(monkeypatch: pytest.MonkeyPatch, files: dict[str, int], asked: list[str], kept: Path = Path()) -> None:
    siblings = [SimpleNamespace(rfilename=name, size=size) for name, size in files.items()]
    info = SimpleNamespace(siblings=siblings, sha="main", library_name="transformers")
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda self, name, **settings: info)

    def download(name: str, *, allow_patterns: list[str], **settings: Any) -> str:
        asked.extend(allow_patterns)
        return str(settings.get("local_dir", kept))

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"README.md": 1}, "holds no weights.*It is a model of transformers"),
        ({"a.safetensors": 1, "b.safetensors": 1}, "holds 2 files of weights.*It is a model of transformers"),
        ({"model.safetensors": 10**9}, "1,000,000,000 bytes; there is room for 100.*It is a model of transformers"),
    ],
)
def test_why_a_model_is_not_brought_is_said(
    files: dict[str, int], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _hub_of(monkeypatch, files, [])
    with pytest.raises(CheckpointError, match=said):
        fetch("owner/name", tmp_path, 100)


def test_encoder_and_decoder_as_onnx_are_brought(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ("README.md", "decoder.onnx", "encoder.onnx")
    taken: list[Any] = []

    def model_info(self: Any, name: str, **settings: Any) -> SimpleNamespace:
        return SimpleNamespace(
            siblings=[SimpleNamespace(rfilename=file, size=2) for file in names], sha="main", library_name=None
        )

    def download(name: str, **settings: Any) -> str:
        taken.extend(settings["allow_patterns"])
        return str(settings["local_dir"])

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", model_info)
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    assert fetch("owner/name", tmp_path, 100) == tmp_path
    assert taken == ["decoder.onnx", "encoder.onnx"]
