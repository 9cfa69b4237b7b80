"""Places in latent space: paths between codes, samples, principal axes.

Codes are float32 tensors whose last axis is the latent dimension d.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

MAX_EXACT = 512  # numbers of a code up to which all principal directions are found
WIDEST, FITTED = 64, 500  # directions of longer codes, and codes spread over the cloud that they are fitted to


def line(a: Tensor, b: Tensor, steps: int) -> Tensor:
    """The straight path from a to b, both ends included. a, b: (..., d) -> (steps, ..., d)."""
    t = _times(a, steps)
    return torch.lerp(a, b, t)


def slerp(a: Tensor, b: Tensor, steps: int) -> Tensor:
    """The path from a to b at constant angular speed. a, b: (..., d) -> (steps, ..., d).

    Spherical interpolation (Shoemake 1985; for latent codes White 2016) of the directions, while the length goes
    evenly from that of a to that of b: codes stay as far out as their ends, where Gaussian codes lie; a straight path
    dips towards the origin. Where there is no such arc (parallel, opposite or zero vectors) the path is the straight
    one.
    """
    t = _times(a, steps).double()
    start, end = a.double(), b.double()
    u, v = (torch.nn.functional.normalize(code, dim=-1) for code in (start, end))
    # Kahan's form stays exact for tiny and for nearly straight angles, where arccos does not.
    angle = 2.0 * torch.atan2((u - v).norm(dim=-1, keepdim=True), (u + v).norm(dim=-1, keepdim=True))
    is_zero = (u.norm(dim=-1, keepdim=True) == 0) | (v.norm(dim=-1, keepdim=True) == 0)
    flat = is_zero | (angle.sin() < 1e-6)
    sine = torch.where(flat, 1.0, angle.sin())
    direction = (torch.sin((1.0 - t) * angle) * u + torch.sin(t * angle) * v) / sine
    arc = direction * torch.lerp(start.norm(dim=-1, keepdim=True), end.norm(dim=-1, keepdim=True), t)
    return torch.where(flat, torch.lerp(start, end, t), arc).to(a.dtype)


def cross_fade(x0: Tensor, x1: Tensor, steps: int) -> Tensor:
    """Blend two pictures value by value: what a path in pixels looks like. (C, H, W) -> (steps, C, H, W)."""
    return line(x0, x1, steps)


def _times(a: Tensor, steps: int) -> Tensor:
    if steps < 2:
        raise ValueError(f"A path needs at least its two ends, not {steps} steps.")
    return torch.linspace(0.0, 1.0, steps, device=a.device, dtype=a.dtype).view(-1, *[1] * a.ndim)


def prior(n: int, d: int, seed: int) -> Tensor:
    """Draw n codes from the prior N(0, I): (n, d) on the CPU, the same for the same seed."""
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


@dataclass(frozen=True)
class PrincipalDirections:
    """The principal axes of a cloud of codes, by falling variance.

    mean: (d,); directions: (k, d), one unit vector a row; std: (k,), the cloud's spread along each.
    """

    mean: Tensor
    directions: Tensor
    std: Tensor


def principal_directions(codes: Tensor) -> PrincipalDirections:
    """Principal component analysis of codes (n, d), n >= 2: all d directions, or the widest of codes of many numbers.

    Of more than `MAX_EXACT` numbers, such as maps have, they are the `WIDEST` at most, fitted to `FITTED` of the codes.
    Each direction's largest entry is positive, so that the same codes always give the same signs. Raises
    ValueError for fewer than two codes.
    """
    if len(codes) < 2:
        raise ValueError(f"Principal directions need at least two codes, not {len(codes)}.")
    mean = codes.double().mean(0)
    std, directions = _widest(codes, mean) if codes.shape[1] > MAX_EXACT else _all(codes, mean)
    largest = directions.abs().argmax(1, keepdim=True)
    directions = directions * directions.gather(1, largest).sign()
    return PrincipalDirections(mean.to(codes.dtype), directions.to(codes.dtype).contiguous(), std.to(codes.dtype))


def _all(codes: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    centred = codes.double() - mean
    variance, vectors = torch.linalg.eigh(centred.T @ centred / (len(codes) - 1))
    return variance.flip(0).clamp(min=0.0).sqrt(), vectors.flip(1).T


def _widest(codes: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    rows = torch.linspace(0, len(codes) - 1, min(FITTED, len(codes))).round().long()
    centred = codes[rows].double() - mean
    _, values, directions = torch.linalg.svd(centred, full_matrices=False)
    return values[:WIDEST] / (len(rows) - 1) ** 0.5, directions[:WIDEST]


def importance(mean: Tensor, kl_per_coordinate: Tensor | None = None) -> Tensor:
    """Coordinates in the order of how much they matter, the first most: (d,) int64.

    mean: (n, d) codes, judged by their variance over the items. For a VAE pass the KL from the prior, (d,) or
    (n, d) in nats: a coordinate that carries no information has none (Burda et al. 2016).
    """
    if kl_per_coordinate is None:
        weight = mean.var(0, correction=0)
    else:
        weight = kl_per_coordinate.reshape(-1, mean.shape[-1]).mean(0)
    return weight.argsort(descending=True, stable=True)
