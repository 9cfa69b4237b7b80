"""How far two pictures are from each other. Pictures are (N, C, H, W) in [0, 1]; all figures are per item, (N,)."""

from collections.abc import Callable

import torch
from torch import Tensor

BATCH = 1000  # pictures at a time


def mse(x: Tensor, y: Tensor) -> Tensor:
    """Mean squared error per item, (N,)."""
    return (x - y).square().flatten(1).mean(1)


def psnr(x: Tensor, y: Tensor) -> Tensor:
    """Peak signal-to-noise ratio per item in dB for a peak of 1; identical pictures give infinity. (N,)."""
    return -10.0 * mse(x, y).log10()


def ssim(x: Tensor, y: Tensor) -> Tensor:
    """Structural similarity per item (Wang et al. 2004), 7x7 windows or as large as the picture holds. (N,).

    Raises ValueError for pictures of fewer than three pixels a side.
    """
    side = min(7, *x.shape[-2:])
    if side < 3:
        raise ValueError(f"Structural similarity needs at least 3 pixels a side, not {x.shape[-2]}x{x.shape[-1]}.")
    window = side if side % 2 else side - 1
    x, y, starts = x.detach(), y.detach(), range(0, max(1, len(x)), BATCH)
    parts = [_ssim(x[i : i + BATCH].double(), y[i : i + BATCH].double(), window) for i in starts]
    return torch.cat(parts).to(x.dtype)


def _ssim(x: Tensor, y: Tensor, window: int) -> Tensor:
    """`skimage.metrics.structural_similarity` of many pictures at once: the mean over all windows within them. (N,)."""

    def mean(values: Tensor) -> Tensor:
        return torch.nn.functional.avg_pool2d(values, window, 1)

    mean_x, mean_y, unbiased = mean(x), mean(y), window**2 / (window**2 - 1)
    var_x, var_y = unbiased * (mean(x * x) - mean_x**2), unbiased * (mean(y * y) - mean_y**2)
    together = unbiased * (mean(x * y) - mean_x * mean_y)
    c1, c2 = 0.01**2, 0.03**2
    similar = (2 * mean_x * mean_y + c1) * (2 * together + c2)
    return (similar / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))).mean((1, 2, 3))


FUNCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"mse": mse, "psnr": psnr, "ssim": ssim}
