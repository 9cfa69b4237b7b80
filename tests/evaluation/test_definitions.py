import subprocess
import sys

import pytest

from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.modalities.registry import MODALITIES


@pytest.mark.parametrize("module", ["definitions", "columns"])
def test_definitions_are_read_without_torch(module: str) -> None:
    code = f"import sys, aeviz.evaluation.{module}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_distance_of_every_modality_is_defined() -> None:
    for modality in MODALITIES.values():
        assert {row.key for row in modality.distances} < DEFINITIONS.keys()
        assert {f"{modality.error.key}_{part}" for part in ("probe", "train")} < DEFINITIONS.keys()
        assert {f"{part}_{modality.repair.judge}" for part in ("denoised", "noisy")} < DEFINITIONS.keys()


def test_the_figures_of_pictures_are_told_first_and_in_full() -> None:
    assert [*DEFINITIONS][:4] == ["mse", "mse_probe", "mse_train", "psnr"]
    assert "σ = 0.5" in DEFINITIONS["denoised_psnr"]
