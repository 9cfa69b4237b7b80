"""Models in the tab: which it keeps, and which it refuses."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config

PUBLISH = """async (networks, folders) => {
    const { readFileSync } = await import("node:fs");
    const said = [];
    delete globalThis.aeviz;
    for (const [digest, folder] of folders) {
        const read = (name) => new Uint8Array(readFileSync(`${folder}/${name}`));
        const config = folder && JSON.parse(new TextDecoder().decode(read("config.json")));
        const weights = folder && read("model.safetensors");
        networks.publish({ digest, config, weights, worker: "" }, (...message) => said.push(message));
    }
    const kept = [...globalThis.aeviz.networks.byDigest].map(([digest, { error }]) => [digest, error]);
    return [said.map(([name]) => name), kept];
}"""
SMALL = Config(family="ae", shape=(1, 8, 8), latent_dim=2, channels=(4,), hidden=())
LARGE = Config(family="ae", shape=(1, 256, 256), latent_dim=2, channels=(32,), hidden=())


@pytest.fixture
def publish(js_module: Callable[[str], Any], tmp_path: Path) -> Callable[..., Any]:
    """`publish((digest, config), …)`: what the part has said, and what there is then; None names a model alone."""

    def run(*models: tuple[str, Config | None]) -> Any:
        sent = []
        for digest, config in models:
            folder = tmp_path / digest
            if config and not folder.exists():
                folder.mkdir()
                (folder / "config.json").write_text(json.dumps(asdict(config)))
                weights = Autoencoder(config).state_dict()
                save_file({name: value.contiguous() for name, value in weights.items()}, folder / "model.safetensors")
            sent.append((digest, str(folder) if config else None))
        return js_module("networks").evaluate(PUBLISH, sent)

    torch.manual_seed(0)
    return run


def test_four_models_are_kept_those_used_last(publish: Callable[..., Any]) -> None:
    said, kept = publish(*((name, SMALL) for name in "abcd"), ("a", None), ("e", SMALL))
    assert said == []
    assert kept == [["c", None], ["d", None], ["a", None], ["e", None]]


def test_a_model_that_is_not_here_is_asked_for(publish: Callable[..., Any]) -> None:
    assert publish(("a", None), ("b", SMALL)) == [["lost"], [["b", None]]]


def test_a_model_that_would_not_follow_the_hand_is_refused(publish: Callable[..., Any]) -> None:
    _, kept = publish(("a", LARGE))
    assert "too large to follow a hand" in kept[0][1]
