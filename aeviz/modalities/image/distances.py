"""How far two pictures are from each other. Pictures are (N, C, H, W) in [0, 1]; all figures are per item, (N,)."""

from collections.abc import Callable

import torch
from torch import Tensor


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
    from skimage.metrics import structural_similarity

    side = min(7, *x.shape[-2:])
    if side < 3:
        raise ValueError(f"Structural similarity needs at least 3 pixels a side, not {x.shape[-2]}x{x.shape[-1]}.")
    window = side if side % 2 else side - 1
    pairs = zip(x.detach().cpu().numpy(), y.detach().cpu().numpy(), strict=True)
    compare: Callable[..., float] = structural_similarity
    values = [compare(a, b, win_size=window, data_range=1.0, channel_axis=0) for a, b in pairs]
    return torch.tensor(values, dtype=x.dtype, device=x.device)


FUNCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"mse": mse, "psnr": psnr, "ssim": ssim}
