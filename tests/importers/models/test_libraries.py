"""A `config.json` is recognised for what it is."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save as save_safetensors

from aeviz.errors import CheckpointError
from aeviz.importers.models.libraries import library_of
from aeviz.importers.models.statement import Statement
from tests.importers.conftest import Example, loaded_from

CONFIGS: dict[str, tuple[dict[str, Any], str]] = {
    "diffusers": ({"_class_name": "UNet2DModel", "_diffusers_version": "0.30.0"}, "diffusers (UNet2DModel)"),
    "transformers": ({"architectures": ["ViTMAEForPreTraining"], "model_type": "vit_mae"},
                     "transformers (ViTMAEForPreTraining)"),
    "timm": ({"architecture": "resnet18", "num_classes": 10, "pretrained_cfg": {}}, "timm (resnet18)"),
    "Keras": ({"module": "keras", "class_name": "Functional", "config": {}}, "Keras (Functional)"),
    "ours": ({"family": "vae", "shape": [1, 8, 8], "latent_dim": 2}, ""),
    "of somebody": ({"hidden": 3, "code": 2}, "another library"),
}  # fmt: skip


@pytest.mark.parametrize("case", CONFIGS)
def test_the_library_of_a_config_is_told(case: str) -> None:
    fields, library = CONFIGS[case]
    assert library_of(fields) == library


@pytest.mark.parametrize("case", ["diffusers", "transformers", "timm", "Keras"])
def test_a_folder_of_another_library_is_named(case: str, tmp_path: Path) -> None:
    fields, library = CONFIGS[case]
    (tmp_path / "config.json").write_text(json.dumps(fields))
    with pytest.raises(CheckpointError) as raised:
        loaded_from(tmp_path)
    assert f"Its config.json is one of {library}" in str(raised.value)
    (tmp_path / "model.safetensors").write_bytes(save_safetensors({"blocks.0.qkv.weight": torch.zeros(6, 2)}))
    with pytest.raises(CheckpointError) as raised:
        loaded_from(tmp_path)
    assert f"Its config.json is one of {library}" in str(raised.value)
    assert "load_state_dict" in str(raised.value)


def test_weights_beside_a_config_of_ones_own_are_read(example: Example, tmp_path: Path) -> None:
    """As `PyTorchModelHubMixin` writes: the arguments of a class, and a state dict."""
    (tmp_path / "config.json").write_text(json.dumps({"hidden": 12, "code": 3}))
    (tmp_path / "model.safetensors").write_bytes(save_safetensors(example.state_dict()))
    assert loaded_from(tmp_path, Statement()).title == "VAE of the PyTorch examples"
