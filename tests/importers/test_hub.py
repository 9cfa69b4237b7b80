from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aeviz.store.hub import fetch


def test_the_hub_is_asked_as_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A visitor must not load what only the owner of the machine may see."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    asked: list[Any] = []

    def model_info(self: Any, name: str, **settings: Any) -> SimpleNamespace:
        asked.append(self.token)
        return SimpleNamespace(siblings=[SimpleNamespace(rfilename="config.json", size=2)], sha="main")

    def download(name: str, **settings: Any) -> str:
        asked.append(settings["token"])
        return str(settings["local_dir"])

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", model_info)
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    assert fetch("owner/name", tmp_path, 100) == tmp_path
    assert asked == [False, False]
