"""Photographs of handwriting, made up: test digits of MNIST as ink on paper, under uneven light, askew and grainy."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

PIXELS = (300, 12_000_000)
INKS = ((25, 25, 35), (20, 40, 120), (150, 20, 30), (15, 80, 40), (60, 60, 65))
PAPERS = ((250, 250, 248), (245, 238, 220), (225, 235, 245), (240, 225, 225), (205, 195, 175))


@dataclass(frozen=True)
class Photograph:
    """pixels: (h, w, 3) uint8. tilt: of the page, degrees clockwise. ruled: whether the paper has lines."""

    pixels: NDArray[np.uint8]
    tilt: float
    ruled: bool

    def file(self, quality: int = 88) -> bytes:
        """As a camera saves it."""
        written = io.BytesIO()
        Image.fromarray(self.pixels).save(written, "JPEG", quality=quality)
        return written.getvalue()


def photograph(digit: NDArray[np.float32], seed: int, pixels: int | None = None) -> Photograph:
    """A photograph of a digit (28, 28) in [0, 1], bright on black; pixels: how many, drawn from `PIXELS` if not given.

    The seed draws all else: place and size of the digit, colours, rulings, tilt, a gradient of light, a shadow, noise.
    """
    random = np.random.default_rng(seed)
    pixels = pixels or int(np.exp(random.uniform(*np.log(PIXELS))))
    ratio = random.uniform(0.7, 1.45)
    height, width = max(12, round((pixels / ratio) ** 0.5)), max(12, round((pixels * ratio) ** 0.5))
    shorter = min(height, width)
    size = shorter * random.uniform(*((0.7, 0.9) if shorter < 60 else (0.25, 0.75)))
    tilt, ruled = random.uniform(-12, 12), bool(random.random() < 0.5 and shorter >= 100)
    across, down = _page(height, width, tilt)
    room = 0.5 - 0.5 * size / shorter
    middle = random.uniform(-0.6, 0.6, 2) * room * shorter
    ink = _inked(digit, (down - middle[0]) / size, (across - middle[1]) / size, height, width)
    paper, colour = np.array(PAPERS[random.integers(5)]), np.array(INKS[random.integers(5)])
    page = np.broadcast_to(paper.astype(np.float32), (height, width, 3)).copy()
    if ruled:
        page = _ruled(page, down, size * random.uniform(0.5, 1.3), shorter, random)
    page += ink[..., None] * (colour - page)
    page *= _light(height, width, random)[..., None]
    page += random.normal(0, random.uniform(1, 7), page.shape).astype(np.float32)
    return Photograph(np.clip(page, 0, 255).astype(np.uint8), tilt, ruled)


def _page(height: int, width: int, tilt: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel lies on the page, across and down from its middle, in pixels."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    rows, columns = rows - height / 2 + 0.5, columns - width / 2 + 0.5
    angle = np.float32(np.radians(tilt))
    return columns * np.cos(angle) + rows * np.sin(angle), rows * np.cos(angle) - columns * np.sin(angle)


def _inked(digit: NDArray[np.float32], down: NDArray, across: NDArray, height: int, width: int) -> NDArray[np.float32]:
    """How much ink lies on each pixel, whose place is in units of the digit's box of 20 pixels."""
    at = np.stack([13.5 + 20 * down, 13.5 + 20 * across])
    smooth = ndimage.gaussian_filter(digit, 0.6)
    ink = ndimage.map_coordinates(smooth, at, order=1 if down.size > 500_000 else 3, mode="constant")
    pixel = 20 * abs(float(down[1, 0] - down[0, 0]))  # of the digit's own pixels that one of the photograph takes
    softness = max(0.12, 0.25 * pixel)
    return np.clip((ink - 0.45) / softness / 2 + 0.5, 0, 1).astype(np.float32)


def _ruled(page: NDArray, down: NDArray, distance: float, shorter: int, random: np.random.Generator) -> NDArray:
    thickness = max(1.0, shorter / 300)
    off = np.abs((down + random.uniform(0, distance)) % distance - distance / 2)
    line = np.clip(thickness / 2 - off + 0.5, 0, 1)[..., None] * random.uniform(0.3, 0.8)
    return page + line * (np.array((120, 150, 215)) - page)


def _light(height: int, width: int, random: np.random.Generator) -> NDArray[np.float32]:
    """The light on the page: a gradient, and half the time the soft edge of a shadow."""
    down, across = np.linspace(-0.5, 0.5, height)[:, None], np.linspace(-0.5, 0.5, width)[None]
    angle, slope = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.5)
    light = random.uniform(0.75, 1) - slope * (0.5 + 0.5 * (down * np.sin(angle) + across * np.cos(angle)))
    if random.random() < 0.5:
        angle, soft = random.uniform(0, 2 * np.pi), random.uniform(0.01, 0.1)
        side = (down * np.sin(angle) + across * np.cos(angle) - random.uniform(-0.2, 0.2)) / soft
        light *= 1 - random.uniform(0.15, 0.45) / (1 + np.exp(-np.clip(side, -30, 30)))
    return light.astype(np.float32)


def gridded(digit: NDArray[np.float32], seed: int) -> Photograph:
    """A photograph with all troubles at once: small, on coloured squared paper askew, lines dark, under a shadow.

    digit, seed: as of `photograph`. 3,000 to 60,000 pixels, lines as dark as many inks, 4 to 12 degrees askew.
    """
    random = np.random.default_rng(10_000 + seed)
    pixels, ratio = int(np.exp(random.uniform(*np.log((3_000, 60_000))))), random.uniform(0.7, 1.45)
    height, width = round((pixels / ratio) ** 0.5), round((pixels * ratio) ** 0.5)
    shorter = min(height, width)
    size, tilt = shorter * random.uniform(0.3, 0.7), random.choice([-1, 1]) * random.uniform(4, 12)
    across, down = _page(height, width, tilt)
    middle = random.uniform(-0.6, 0.6, 2) * (0.5 - 0.5 * size / shorter) * shorter
    ink = _inked(digit, (down - middle[0]) / size, (across - middle[1]) / size, height, width)
    paper, colour = np.array(PAPERS[random.integers(5)]), np.array(INKS[random.integers(5)])
    page = np.broadcast_to(paper.astype(np.float32), (height, width, 3)).copy()
    distance, strength, thickness = size * random.uniform(0.25, 0.8), random.uniform(0.6, 1.0), max(1.0, shorter / 150)
    printed = np.array(((60, 80, 150), (70, 70, 70), (150, 70, 70))[random.integers(3)])
    for places in (down, across):
        off = np.abs((places + random.uniform(0, distance)) % distance - distance / 2)
        page += np.clip(thickness / 2 - off + 0.5, 0, 1)[..., None] * strength * (printed - page)
    page += ink[..., None] * (colour - page)
    page *= _light(height, width, random)[..., None]
    page += random.normal(0, random.uniform(1, 7), page.shape).astype(np.float32)
    return Photograph(np.clip(page, 0, 255).astype(np.uint8), tilt, True)
