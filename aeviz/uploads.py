"""A picture from a visitor's file, made into what a model takes."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from aeviz.datasets import DataError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
LARGEST_FILE = 20_000_000  # bytes
LARGEST_PICTURE = 40_000_000  # pixels


@dataclass(frozen=True)
class Upload:
    """What the model will see, (1, C, H, W) float32 in [0, 1], and whether light and dark were swapped."""

    picture: NDArray[np.float32]
    inverted: bool


def read_picture(file: bytes, shape: tuple[int, int, int]) -> Upload:
    """A picture file as an item of `shape` (C, H, W): fitted whole, centred, on the data sets' black ground.

    A grey picture on a light ground (median of its border above one half) is inverted, for the models know
    light strokes on black. Raises DataError for another format, a damaged file, more than `LARGEST_PICTURE`
    pixels (before they are unpacked) or more than `LARGEST_FILE` bytes.
    """
    if len(file) > LARGEST_FILE:
        raise DataError(f"The file has {len(file):,} bytes; at most {LARGEST_FILE:,} are read.")
    channels, height, width = shape
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(file), formats=FORMATS)
        if picture.width * picture.height > LARGEST_PICTURE:
            raise DataError(
                f"The picture is {picture.width:,} × {picture.height:,} pixels; at most "
                f"{LARGEST_PICTURE // 1_000_000} million are read. Make it smaller first."
            )
        picture.draft("L" if channels == 1 else "RGB", (4 * width, 4 * height))
        flat = _on_white(_eight_bit(ImageOps.exif_transpose(picture))).convert("L" if channels == 1 else "RGB")
    except DataError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own, higher limit speaks first
        raise DataError(
            f"The picture has more than {LARGEST_PICTURE // 1_000_000} million pixels. Make it smaller first."
        ) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise DataError(
            f"The file cannot be read as a picture ({', '.join(FORMATS)}): it is damaged or of another kind."
        ) from error
    pixels = np.asarray(flat, np.float32) / 255
    inverted = channels == 1 and _border_median(pixels) > 0.5
    if inverted:
        flat = ImageOps.invert(flat)
    fitted = _fitted(flat, width, height)
    item = np.asarray(fitted, np.float32).reshape(height, width, channels).transpose(2, 0, 1) / 255
    return Upload(np.ascontiguousarray(item[None]), inverted)


def _eight_bit(picture: Image.Image) -> Image.Image:
    """A grey picture of 16 bits scaled to 8: Pillow's `convert` would cut all above 255 to white."""
    if not picture.mode.startswith("I"):
        return picture
    return Image.fromarray((np.asarray(picture, np.float32) / 257).round().astype(np.uint8))


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparent pixels show white, as on most pages."""
    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)


def _fitted(picture: Image.Image, width: int, height: int) -> Image.Image:
    # ImageOps.pad rounds the short side of a narrow strip to nothing.
    scale = min(width / picture.width, height / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    ground = Image.new(picture.mode, (width, height))
    ground.paste(picture.resize(size, Image.Resampling.LANCZOS), ((width - size[0]) // 2, (height - size[1]) // 2))
    return ground


def _border_median(pixels: NDArray[np.floating]) -> float:
    return float(np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])))
