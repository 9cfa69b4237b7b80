"""Autoencoders of diffusers, against diffusers itself, with small random weights."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from cases import every

from aeviz.errors import CheckpointError
from aeviz.importers.models.statement import Statement
from tests.importers.conftest import blobs, loaded_from, zipped

diffusers = pytest.importorskip("diffusers")

SMALL = {"block_out_channels": (8, 12, 16), "norm_num_groups": 4, "layers_per_block": 2, "sample_size": 32,
         "down_block_types": ("DownEncoderBlock2D",) * 3, "up_block_types": ("UpDecoderBlock2D",) * 3}  # fmt: skip
TINY = {"encoder_block_out_channels": (8,) * 3, "decoder_block_out_channels": (8,) * 3, "num_encoder_blocks": (1, 2, 2),
        "num_decoder_blocks": (2, 2, 1)}  # fmt: skip
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "kl": ("AutoencoderKL", SMALL),
    "kl, without its quantisers": (
        "AutoencoderKL",
        {**SMALL, "use_quant_conv": False, "use_post_quant_conv": False, "latent_channels": 6},
    ),
    "kl, without attention": ("AutoencoderKL", {**SMALL, "mid_block_add_attention": False}),
    "tiny": ("AutoencoderTiny", TINY),
    "tiny, of 16 channels": ("AutoencoderTiny", {**TINY, "latent_channels": 16, "act_fn": "mish"}),
}


def saved(case: str, folder: Path) -> Any:
    torch.manual_seed(0)
    name, settings = MODELS[case]
    model = getattr(diffusers, name)(**settings).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    return model


@pytest.mark.parametrize("case", every(3, MODELS))
def test_codes_and_pictures_are_those_of_diffusers(case: str, tmp_path: Path) -> None:
    theirs = saved(case, tmp_path / "vae")
    loaded = loaded_from(tmp_path / "vae", Statement(shape=(3, 16, 24)))
    x = torch.rand(3, 3, 16, 24)
    with torch.inference_mode():
        posterior = loaded.model.encode(x)
        if case.startswith("kl"):
            wanted = theirs.encode(2 * x - 1).latent_dist
            torch.testing.assert_close(posterior.mean, wanted.mean.flatten(1), atol=1e-4, rtol=1e-4)
            torch.testing.assert_close(posterior.std, wanted.std.flatten(1), atol=1e-4, rtol=1e-4)
            code = wanted.mean
        else:
            code = theirs.encode(2 * x - 1).latents
            torch.testing.assert_close(posterior.mean, code.flatten(1), atol=1e-4, rtol=1e-4)
            assert posterior.std is None
        pictures = (theirs.decode(code).sample / 2 + 0.5).clamp(0, 1)
        torch.testing.assert_close(loaded.model.decode(code.flatten(1)), pictures, atol=1e-4, rtol=1e-4)
    assert (loaded.origin, loaded.model.config.shape) == ("diffusers", (3, 16, 24))
    assert f"{MODELS[case][0]} of diffusers" == loaded.title
    assert f"is shown as {loaded.model.config.code_shape[0]} maps of 4 × 6 cells" in loaded.notes[0]


def test_a_zip_of_the_folder_takes_the_size_that_is_stated_there(tmp_path: Path) -> None:
    saved("kl", tmp_path / "vae")
    files = {f"vae/{file.name}": file.read_bytes() for file in (tmp_path / "vae").iterdir()}
    (tmp_path / "a.zip").write_bytes(zipped(files))
    loaded = loaded_from(tmp_path / "a.zip")
    assert loaded.model.config.shape == (3, 32, 32)
    assert loaded.card.latent_dim == 4 * 8 * 8
    smaller = loaded_from(tmp_path / "vae", items=blobs(4).repeat(3, 1))
    assert smaller.model.config.shape == (3, 8, 8)
    assert smaller.notes[0].endswith("It is made for larger ones: bring pictures of 32 × 32, or state that shape.")
    assert "larger" not in loaded.notes[0]


@pytest.mark.long
def test_the_network_of_stable_diffusion_takes_pictures_of_256_pixels(tmp_path: Path) -> None:
    """Its layers in full number, a sixteenth as wide: what is slow about it is no part of the test."""
    torch.manual_seed(0)
    settings = {**SMALL, "block_out_channels": (8, 16, 32, 32), "down_block_types": ("DownEncoderBlock2D",) * 4,
                "up_block_types": ("UpDecoderBlock2D",) * 4, "sample_size": 512}  # fmt: skip
    theirs = diffusers.AutoencoderKL(**settings).eval()
    theirs.save_pretrained(tmp_path)
    loaded = loaded_from(tmp_path)
    assert loaded.model.config.shape == (3, 256, 256)
    assert loaded.model.config.code_shape == (4, 32, 32)
    x = torch.rand(1, 3, 256, 256)
    with torch.inference_mode():
        wanted = theirs.encode(2 * x - 1).latent_dist.mean
        torch.testing.assert_close(loaded.model.encode(x).mean, wanted.flatten(1), atol=1e-4, rtol=1e-4)
        picture = (theirs.decode(wanted).sample / 2 + 0.5).clamp(0, 1)
        torch.testing.assert_close(loaded.model.decode(wanted.flatten(1)), picture, atol=1e-4, rtol=1e-4)


def edit(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "blocks": ({"down_block_types": ["AttnDownEncoderBlock2D"] * 3}, "down_block_types other than 3"),
    "channels": ({"block_out_channels": [8, 12, "x"]}, "block_out_channels must be a list of sizes"),
    "many": ({"layers_per_block": 10**6}, "layers_per_block must be a size from 1 to 16"),
    "groups": ({"norm_num_groups": 5}, "describes no AutoencoderKL"),
    "another width": ({"block_out_channels": [8, 12, 20]}, "has shape"),
    "activation": ({"act_fn": "maxout"}, "act_fn 'maxout' is not known"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_folder_of_diffusers_is_said(case: str, tmp_path: Path) -> None:
    changes, said = WRONG[case]
    saved("kl", tmp_path)
    edit(tmp_path, **changes)
    with pytest.raises(CheckpointError, match=said):
        loaded_from(tmp_path)


def test_pictures_that_do_not_fit_and_missing_weights_are_told(tmp_path: Path) -> None:
    saved("kl", tmp_path)
    with pytest.raises(CheckpointError, match="sides that 4 divides"):
        loaded_from(tmp_path, Statement(shape=(3, 15, 16)))
    (tmp_path / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="is missing"):
        loaded_from(tmp_path)
