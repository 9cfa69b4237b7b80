"""Random numbers in the browser: for each seed those that numpy and torch draw."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from aeviz.parts.files import FOLDER


@pytest.mark.parametrize(("count", "seed"), [(16, 0), (60, 7), (480, 9999), (5000, 3)])
def test_a_seed_draws_what_torch_draws(module_at: Callable[..., Any], count: int, seed: int) -> None:
    drawn = module_at(FOLDER / "js" / "random.js").call("torchNormals", count, seed)
    expected = torch.randn(count, generator=torch.Generator().manual_seed(seed)).numpy()
    np.testing.assert_allclose(drawn, expected, atol=2e-6)


@pytest.mark.parametrize("seeds", [[0], [9999], [3, 2], [1, 10_000, 0], [5, 4, 3, 2, 1]])
def test_seeds_draw_what_numpy_draws(module_at: Callable[..., Any], seeds: list[int]) -> None:
    drawn = module_at(FOLDER / "js" / "random.js").call("numpyNormals", 20_000, seeds)
    expected = np.random.default_rng(seeds).standard_normal(20_000, np.float32)
    np.testing.assert_allclose(drawn, expected, atol=2e-6)
