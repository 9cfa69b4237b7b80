"""A picture from a visitor's file, made into what a model takes."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from aeviz.errors import DataError
from aeviz.types import Shape

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_FILE_BYTES = 20_000_000  # bytes
MAX_PICTURE_PIXELS = 40_000_000  # pixels
GREY = frozenset({"1", "L", "LA", "La", "F", "I", "I;16", "I;16B", "I;16L", "I;16N"})  # Pillow's modes of one channel


@dataclass(frozen=True)
class FittedPicture:
    """What the model will see, (1, C, H, W) float32 in [0, 1], and whether light and dark were swapped."""

    picture: NDArray[np.float32]
    inverted: bool


def read_picture(file: bytes, shape: Shape, invert: bool | None = None) -> FittedPicture:
    """A picture file as an item of `shape` (C, H, W): fitted whole, centred, on the data sets' black ground.

    invert: swap light and dark; None swaps a grey picture on a light ground (median of its border above one half),
    for the models know light strokes on black. Raises DataError for another format, a damaged file, more than
    `MAX_PICTURE_PIXELS` pixels (before they are unpacked) or more than `MAX_FILE_BYTES` bytes.
    """
    channels, height, width = shape
    flat = _flat(file, "L" if channels == 1 else "RGB", (4 * width, 4 * height))
    inverted = channels == 1 and _light(flat) if invert is None else invert
    if inverted:
        flat = ImageOps.invert(flat)
    fitted = _fitted(flat, width, height)
    item = np.asarray(fitted, np.float32).reshape(height, width, channels).transpose(2, 0, 1) / 255
    return FittedPicture(np.ascontiguousarray(item[None]), inverted)


def size_of(file: bytes) -> tuple[int, int, int]:
    """(C, H, W) of a picture file, C = 1 for a grey one; no pixel is unpacked. Raises DataError as `read_picture`."""
    picture = _opened(file)
    return (1 if picture.mode in GREY else 3), picture.height, picture.width


def light_ground(file: bytes) -> bool:
    """Whether a picture, in grey, has a light border. Raises DataError as `read_picture` does."""
    return _light(_flat(file, "L", (64, 64)))


def _opened(file: bytes) -> Image.Image:
    if len(file) > MAX_FILE_BYTES:
        raise DataError(f"The file has {len(file):,} bytes; at most {MAX_FILE_BYTES:,} are read.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(file), formats=FORMATS)
    except Image.DecompressionBombError as error:  # Pillow's own, higher limit speaks first
        raise DataError(
            f"The picture has more than {MAX_PICTURE_PIXELS // 1_000_000} million pixels. Make it smaller first."
        ) from error
    except Exception as error:
        raise _damaged() from error
    if picture.width * picture.height > MAX_PICTURE_PIXELS:
        raise DataError(
            f"The picture is {picture.width:,} × {picture.height:,} pixels; at most "
            f"{MAX_PICTURE_PIXELS // 1_000_000} million are read. Make it smaller first."
        )
    return picture


def _flat(file: bytes, mode: str, size: tuple[int, int]) -> Image.Image:
    """The picture upright, opaque and in one mode; a large JPEG shrunk towards `size` as it is read."""
    picture = _opened(file)
    try:
        picture.draft(mode, size)
        return _on_white(_eight_bit(ImageOps.exif_transpose(picture))).convert(mode)
    except Exception as error:  # decoders fail in as many ways as files can be damaged
        raise _damaged() from error


def _damaged() -> DataError:
    return DataError(f"The file cannot be read as a picture ({', '.join(FORMATS)}): it is damaged or of another kind.")


def _light(picture: Image.Image) -> bool:
    return _border_median(np.asarray(picture, np.float32) / 255) > 0.5


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


def read_whole(file: bytes, channels: int, most: tuple[int, int], least: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture file as pixels (h, w, channels), in grey for one channel, as it is or made smaller to fit `most`.

    most, least: (width, height). Raises DataError as `read_picture` does, and for a picture smaller than `least`.
    """
    flat = _flat(file, "L" if channels == 1 else "RGB", most)
    share = min(1.0, most[0] / flat.width, most[1] / flat.height)
    size = round(flat.width * share), round(flat.height * share)
    if size[0] < least[0] or size[1] < least[1]:
        raise DataError(
            f"The picture has {flat.width:,} × {flat.height:,} pixels, too few or too narrow to be cut into tiles of "
            f"{least[0]} × {least[1]}."
        )
    if share < 1:
        flat = flat.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(flat, np.uint8).reshape(size[1], size[0], channels)
