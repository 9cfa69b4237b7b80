import math
from typing import Any

import pytest
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from aeviz.modalities.image import distances


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def test_mse_and_psnr_of_known_pictures() -> None:
    x = torch.zeros(2, 1, 4, 4)
    y = torch.stack([torch.full((1, 4, 4), 0.1), torch.zeros(1, 4, 4)])
    assert distances.mse(x, y).tolist() == pytest.approx([0.01, 0.0])
    assert distances.psnr(x, y).tolist() == pytest.approx([20.0, math.inf])


@pytest.mark.parametrize("shape", [(3, 1, 28, 28), (2, 3, 12, 9), (2, 1, 6, 5), (2, 3, 3, 4)])
def test_ssim_ranks_pictures(shape: tuple[int, ...]) -> None:
    x = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    near, far = (x + 0.05 * random(*shape)).clamp(0, 1), (x + 0.5 * random(*shape)).clamp(0, 1)
    torch.testing.assert_close(distances.ssim(x, x), torch.ones(shape[0]))
    assert (distances.ssim(x, near) > distances.ssim(x, far)).all()


@pytest.mark.parametrize("shape", [(5, 1, 28, 28), (2, 3, 12, 9), (2, 1, 6, 5)])
def test_ssim_is_that_of_scikit_image(shape: tuple[int, ...]) -> None:
    x = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    y = (x + 0.1 * random(*shape)).clamp(0, 1)
    side = min(7, *shape[2:])
    compare: Any = structural_similarity
    wanted = [
        compare(a, b, win_size=side - 1 + side % 2, data_range=1.0, channel_axis=0)
        for a, b in zip(x.numpy(), y.numpy(), strict=True)
    ]
    torch.testing.assert_close(distances.ssim(x, y), torch.tensor(wanted, dtype=x.dtype), rtol=0, atol=1e-6)


def test_ssim_of_flat_pictures_is_the_luminance_term() -> None:
    a, b, c1 = 0.3, 0.6, 0.01**2
    expected = (2 * a * b + c1) / (a * a + b * b + c1)
    value = distances.ssim(torch.full((1, 1, 8, 8), a), torch.full((1, 1, 8, 8), b))
    assert value.item() == pytest.approx(expected, rel=1e-4)


def test_ssim_needs_three_pixels() -> None:
    with pytest.raises(ValueError, match="2x5"):
        distances.ssim(torch.zeros(1, 1, 2, 5), torch.zeros(1, 1, 2, 5))
