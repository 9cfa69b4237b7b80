"""The record of the modality "image". What needs torch or Pillow loads it when it is called."""

from typing import TYPE_CHECKING, Any

import numpy as np

from aeviz.modalities import neighbours
from aeviz.modalities.base import (
    Array,
    Corruption,
    Distance,
    Known,
    Looks,
    Modality,
    Place,
    Repair,
    Scale,
    Tiles,
    Upload,
    Words,
)
from aeviz.modalities.codecs.pictures import PICTURES
from aeviz.modalities.image.arrays import prepare
from aeviz.modalities.image.shapes import in_colour, problem, size
from aeviz.types import Shape

if TYPE_CHECKING:
    from torch import Generator, Tensor

LOST, ADDED = np.array([255, 140, 30]), np.array([70, 170, 255])  # colours of what is missing in a copy, or is too much
ROUNDING_PSNR = 58.9  # dB: of pictures rounded to 256 values, 10 log₁₀(12 · 255²)


def tiles(items: Array, scale: Scale) -> Tiles:
    """Pictures (N, C, H, W) as (N, H, W, C) uint8; bytes are taken as they are."""
    if items.dtype != np.uint8:
        items = np.rint(np.clip((items - scale.low) / (scale.high - scale.low), 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(items.transpose(0, 2, 3, 1))


def errors(item: Array, made: Array, scale: Scale) -> str:
    """Where a picture (C, H, W) and what was made of it differ: what is missing in orange, what was added in blue."""
    from aeviz.figures.files import data_url

    difference = (item - made).mean(0) / (scale.high - scale.low)
    lost, added = np.clip(difference, 0, 1)[..., None], np.clip(-difference, 0, 1)[..., None]
    drawn = np.rint(np.clip(lost * LOST + added * ADDED, 0, 255)).astype(np.uint8)
    worst = np.unravel_index(np.abs(difference).argmax(), difference.shape)
    words = f"differs most in row {worst[0] + 1}, column {worst[1] + 1}, by {abs(difference[worst]):.2f}"
    return f'<img src="{data_url(drawn)}" alt="{words}" title="{words}">'


def describe(item: Array, scale: Scale) -> str:
    """Size, colour and mean brightness: what can be said of any picture (C, H, W)."""
    brightness = float(np.mean((item - scale.low) / (scale.high - scale.low)))
    return f"picture of {size(item.shape)}, {brightness:.0%} of full brightness"


def read(file: bytes, shape: Shape, scale: Scale) -> Upload:
    """A picture file, fitted whole. Raises DataError."""
    from aeviz.modalities.image.files import first_of, read_picture

    upload = read_picture(file, shape)
    swapped = ("Light and dark are swapped: the models know light shapes on black.",) if upload.inverted else ()
    notes = (*swapped, *first_of(upload.pages))
    return Upload(scale.low + (scale.high - scale.low) * upload.picture[0], notes)


def _corruption(
    name: str, label: str, unit: str, share: float, trained: float, maximum: float = 1.0, **more: Any
) -> Corruption:
    def apply(x: "Tensor", level: float, generator: "Generator", scale: Scale, *place: Place | None) -> "Tensor":
        from aeviz.modalities.image import corruption

        return corruption.FUNCTIONS[name](x, level, generator, *place)

    return Corruption(name, label, unit, maximum, apply, share, trained, **more)


def _in_fours(shape: Shape) -> bool:
    return all(side % 4 == 0 for side in shape[1:])


def _distance(key: str, label: str, unit: str, definition: str, digits: int, better: str, **more: Any) -> Distance:
    def measure(x: "Tensor", y: "Tensor", scale: Scale) -> "Tensor":
        from aeviz.modalities.image import distances

        return distances.FUNCTIONS[key](x, y)

    return Distance(key, label, unit, definition, measure, digits, better, **more)


def _psnr_of_mean(psnrs: Array) -> Array:
    """PSNR in dB of the mean squared error, from the PSNR of each picture: (levels, N) -> (levels,).

    The mean of their PSNRs would be infinite where one of them was left as it was. Where all were, it is NaN.
    """
    error = np.power(10.0, -np.asarray(psnrs, np.float64) / 10).mean(1)
    decibels: Array = -10 * np.log10(error, where=error > 0, out=np.full_like(error, np.nan))
    return decibels


def _median(x: "Tensor", scale: Scale) -> "Tensor":
    from aeviz.modalities.image.corruption import median

    return median(x)


def _repair(name: str, label: str, function: str, idea: str, *, learns: bool = False) -> Repair:
    def apply(x: "Tensor", scale: Scale, known: Known) -> "Tensor":
        from aeviz.modalities.image import repairs

        mended: Tensor = getattr(repairs, function)(x, scale, known)
        return mended

    return Repair(label, apply, "psnr", idea, name, informed=True, learns=learns)


MEDIAN = Repair(
    "Median 3 × 3",
    _median,
    judge="psnr",
    idea="The **median filter** takes the middle value of each pixel's 3 × 3 neighbourhood, whatever the "
    "picture shows.",
)
FILLS = (
    Repair(
        "Mean picture",
        neighbours.mean_fill,
        "psnr",
        "The **mean picture** fills the hole with the mean of other whole pictures: the same for every item.",
        "mean",
        informed=True,
        learns=True,
    ),
    neighbours.repair("psnr"),
)
BICUBIC = _repair(
    "bicubic",
    "Bicubic",
    "bicubic",
    "**Bicubic** enlargement (Keys 1981) lays a smooth surface through the pixels that are left.",
)
COLOURS = (
    _repair("grey", "Grey itself", "as_it_is", "**Grey itself**: to colour nothing is never wrong by much."),
    _repair(
        "table",
        "Table of colours",
        "colour_table",
        "A **table** gives each brightness the mean colour that it has in other pictures.",
        learns=True,
    ),
)


IMAGE = Modality(
    name="image",
    words=Words(noun="picture", plural="pictures", value="pixel", axes="(C, H, W)"),
    problem=problem,
    size=size,
    tiles=tiles,
    describe=describe,
    errors=errors,
    error_legend="Orange: in the picture, but not in what was made of it. Blue: the other way round.",
    prepare=prepare,
    corruptions=(
        _corruption("gaussian", "Gaussian noise", "σ", 0.55, 0.8),
        _corruption("salt-pepper", "Salt and pepper", "share of pixels", 0.15, 0.5),
        _corruption("mask", "Missing pixels", "share of pixels", 0.15, 0.7, holes=True, repairs=(MEDIAN, *FILLS)),
        _corruption(
            "block", "Missing block", "share of the area", 0.15, 0.25, holes=True, placed=True, repairs=(*FILLS, MEDIAN)
        ),
        _corruption(
            "half", "Missing half", "share of the area", 0, 0.5, levels=(0.5,), holes=True, placed=True, repairs=FILLS
        ),
        _corruption(
            "low-resolution",
            "Low resolution",
            "× fewer pixels a side",
            0,
            2,
            4,
            levels=(2.0, 4.0),
            suits=_in_fours,
            repairs=(BICUBIC,),
        ),
        _corruption("grey", "No colour", "", 0, 1, levels=(1.0,), suits=in_colour, repairs=COLOURS),
    ),
    repair=MEDIAN,
    distances=(
        _distance("mse", "Error (MSE)", "", "Squared error per pixel.", 4, "lower", brief="squared error per pixel"),
        _distance(
            "psnr",
            "PSNR",
            "dB",
            "Peak signal-to-noise ratio, 10 log₁₀(1 / MSE).",
            1,
            "higher",
            together=_psnr_of_mean,
            exact=ROUNDING_PSNR,
            idea="**PSNR** is $10 \\log_{10}\\frac{1}{\\text{mean squared error}}$ in decibels: higher is nearer to "
            "the clean picture; of\nseveral pictures together, that of their mean error.",
        ),
        _distance(
            "ssim",
            "SSIM",
            "",
            "Structural similarity (Wang et al. 2004); 1 is identical.",
            2,
            "higher",
            idea="**SSIM** (Wang et al. 2004) compares local means, contrast and structure in 7 × 7 windows: 1 is "
            "identical.",
        ),
    ),
    likelihoods=("bce", "mse", "l1"),
    read=read,
    endings=(".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".avif"),
    editors=("draw",),
    steps="photograph",
    asked=("fit", "ground", "range"),
    output="sigmoid",
    body="conv",
    bounds=(0.0, 1.0),
    classified=True,
    pixels=True,
    looks=lambda shape, scale: Looks("pixels", scale.low, scale.high),
    compression=PICTURES,
)
