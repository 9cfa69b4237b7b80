"""Classical ways to enlarge a small picture and to colour a grey one. Pictures are (N, C, H, W) in [0, 1]."""

import numpy as np
import torch
from torch import Tensor

from aeviz.modalities.base import Known, Scale
from aeviz.modalities.image.corruption import brightness

BINS = 64  # of brightness


def bicubic(x: Tensor, scale: Scale, known: Known) -> Tensor:
    """A picture of low resolution enlarged by cubic convolution (Keys 1981) with a = −¾, as OpenCV and torch do it.

    known.level: the pixels of a side that show one value; 0 or 1 leaves the picture as it is.
    """
    factor = max(round(known.level), 1)
    small = x[:, :, ::factor, ::factor]
    return torch.nn.functional.interpolate(small, x.shape[2:], mode="bicubic", align_corners=False).clamp(0, 1)


def as_it_is(x: Tensor, scale: Scale, known: Known) -> Tensor:
    """The picture itself."""
    return x.clone()


def colour_table(x: Tensor, scale: Scale, known: Known) -> Tensor:
    """Each pixel of a grey picture (N, 3, H, W) in the mean colour of the whole pictures' pixels of its brightness."""
    pixels = known.others.movedim(1, -1).reshape(-1, 3)
    bins = _bins(brightness(known.others).flatten())
    counts = torch.bincount(bins, minlength=BINS)
    table = torch.stack([torch.bincount(bins, channel, BINS) for channel in pixels.T.contiguous()]) / counts
    counted = counts.cpu().numpy() > 0
    at = np.arange(BINS)
    filled = [np.interp(at, at[counted], channel.cpu().numpy()[counted]) for channel in table]
    colours = torch.tensor(np.array(filled), dtype=x.dtype, device=x.device)  # (3, BINS)
    return colours[:, _bins(brightness(x)[:, 0])].movedim(0, 1).contiguous()


def _bins(values: Tensor) -> Tensor:
    return (values * BINS).long().clamp(0, BINS - 1)
