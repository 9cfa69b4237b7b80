"""A picture from a visitor's file, made into what a model takes."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from aeviz.errors import DataError
from aeviz.modalities.image.framing import placed, turned
from aeviz.types import Shape

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
MAX_FILE_BYTES = 20_000_000  # bytes
MAX_PICTURE_PIXELS = 40_000_000  # pixels
ORIENTATION, SIDEWAYS = 0x0112, frozenset({5, 6, 7, 8})  # of EXIF: how the camera was held, and where it was turned
MAX_PAGES = 10_000  # of a TIFF that are counted
DEEP = 65_535.0  # the largest value of 16 bits
OVERSIZE = 4  # times the side wanted that a JPEG may have when it is unpacked
GREY = frozenset({"1", "L", "LA", "La", "F", "I", "I;16", "I;16B", "I;16L", "I;16N"})  # Pillow's modes of one channel


@dataclass(frozen=True)
class FittedPicture:
    """What the model will see, (1, C, H, W) float32 in [0, 1], whether light and dark were swapped, and its pages.

    pages: of the file, of which the first is the picture.
    """

    picture: NDArray[np.float32]
    inverted: bool
    pages: int = 1


def read_picture(
    file: bytes,
    shape: Shape,
    invert: bool | None = None,
    *,
    fit: str = "whole",
    ground: int | None = None,
    turn: str = "",
    top: float = DEEP,
) -> FittedPicture:
    """A picture file as an item of `shape` (C, H, W): fitted whole, centred, on the data sets' black ground.

    fit, turn: as `aeviz.modalities.image.framing` has them. ground: of bars and of what is transparent, from 0 to 255;
    None has black bars, and what is transparent on white. top: the value that stands for white in pictures of more than
    8 bits.

    invert: swap light and dark; None swaps a grey picture on a light ground (median of its border above one half),
    for the models know light strokes on black. Raises DataError for another format, a damaged file, more than
    `MAX_PICTURE_PIXELS` pixels (before they are unpacked) or more than `MAX_FILE_BYTES` bytes.
    """
    channels, height, width = shape
    size = (OVERSIZE * width, OVERSIZE * height)
    flat = _flat(file, "L" if channels == 1 else "RGB", size, 255 if ground is None else ground, top)
    if turn:
        flat = Image.fromarray(np.ascontiguousarray(_turned(np.asarray(flat), turn)))
    inverted = channels == 1 and _light(flat) if invert is None else invert
    if inverted:
        flat = ImageOps.invert(flat)
    fitted = _fitted(flat, width, height, fit, ground or 0)
    item = np.asarray(fitted, np.float32).reshape(height, width, channels).transpose(2, 0, 1) / 255
    return FittedPicture(np.ascontiguousarray(item[None]), inverted, pages_of(file))


def size_of(file: bytes) -> tuple[int, int, int]:
    """(C, H, W) of a picture file, C = 1 for a grey one; no pixel is unpacked. Raises DataError as `read_picture`."""
    picture = _opened(file)
    try:
        sideways = picture.getexif().get(ORIENTATION) in SIDEWAYS
    except Exception:  # what cameras and editors write there may be damaged, the picture is not
        sideways = False
    size = (picture.width, picture.height) if sideways else (picture.height, picture.width)
    return (1 if picture.mode in GREY else 3), *size


def pages_of(file: bytes) -> int:
    """Pages of a TIFF, `MAX_PAGES` at most; 1 for a picture of any other format. Raises DataError as `read_picture`."""
    if not file.startswith((b"II", b"MM")):
        return 1
    picture = _opened(file)
    try:
        while picture.tell() < MAX_PAGES - 1:
            picture.seek(picture.tell() + 1)
    except Exception:  # the end, or damage behind what can be read
        pass
    return picture.tell() + 1


def first_of(pages: int) -> tuple[str, ...]:
    """That a file's first page is the picture that was taken, in a sentence; nothing where there is no other."""
    known = f"{pages:,} or more" if pages == MAX_PAGES else f"{pages:,}"
    return (f"The file has {known} pages: the first of them was taken.",) if pages > 1 else ()


def unpacked_pixels(file: bytes, size: tuple[int, int]) -> int:
    """Pixels that `read_picture` unpacks for an item of (height, width): of a large JPEG, fewer than it has."""
    picture = _opened(file)
    picture.draft("RGB" if picture.mode == "RGB" else "L", (OVERSIZE * size[1], OVERSIZE * size[0]))
    return picture.width * picture.height


def highest(file: bytes) -> float | None:
    """The highest value of a picture of more than 8 bits, None for others. Raises DataError as `read_picture` does."""
    picture = _opened(file)
    if not picture.mode.startswith(("I", "F")):
        return None
    try:
        return float(np.asarray(picture, np.float32).max())
    except Exception as error:
        raise _damaged() from error


def light_ground(file: bytes) -> bool:
    """Whether a picture, in grey, has a light border. Raises DataError as `read_picture` does."""
    return _light(_flat(file, "L", (64, 64)))


def _opened(file: bytes) -> Image.Image:
    if len(file) > MAX_FILE_BYTES:
        raise DataError(f"The file has {len(file):,} bytes; at most {MAX_FILE_BYTES:,} are read.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of bombs, which are told below, and of damaged tags
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


def _flat(file: bytes, mode: str, size: tuple[int, int], ground: int = 255, top: float = DEEP) -> Image.Image:
    """The picture upright, opaque and in one mode; a large JPEG shrunk towards `size` as it is read."""
    picture = _opened(file)
    try:
        picture.draft(mode, size)
        return _opaque(_eight_bit(ImageOps.exif_transpose(picture), top), ground).convert(mode)
    except Exception as error:  # decoders fail in as many ways as files can be damaged
        raise _damaged() from error


def _damaged() -> DataError:
    return DataError(f"The file cannot be read as a picture ({', '.join(FORMATS)}): it is damaged or of another kind.")


def _light(picture: Image.Image) -> bool:
    return _border_median(np.asarray(picture, np.float32) / 255) > 0.5


def _eight_bit(picture: Image.Image, top: float) -> Image.Image:
    """A grey picture of more bits scaled to 8: Pillow's `convert` would cut all above 255 to white."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    values = np.nan_to_num(np.asarray(picture, np.float32))
    return Image.fromarray(np.clip(values / top * 255, 0, 255).round().astype(np.uint8))


def _opaque(picture: Image.Image, ground: int) -> Image.Image:
    """Transparent pixels show the ground."""
    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, (ground, ground, ground)), layer)


def _turned(pixels: NDArray[np.uint8], turn: str) -> NDArray[np.uint8]:
    """Pixels (H, W) or (H, W, 3) turned."""
    return turned(pixels, turn) if pixels.ndim == 2 else np.moveaxis(turned(np.moveaxis(pixels, 2, 0), turn), 0, 2)


def _fitted(picture: Image.Image, width: int, height: int, fit: str = "whole", ground: int = 0) -> Image.Image:
    taken, (left, top, right, bottom) = placed((picture.height, picture.width), (height, width), fit)
    frame = Image.new(picture.mode, (width, height), ground if picture.mode == "L" else (ground, ground, ground))
    inner = picture.resize((right - left, bottom - top), Image.Resampling.LANCZOS, box=taken)
    frame.paste(inner, (left, top))
    return frame


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


def read_photograph(file: bytes, side: int) -> NDArray[np.uint8]:
    """A picture file as pixels (h, w, 3), made smaller where a side is longer than `side`.

    Raises DataError as `read_picture` does.
    """
    flat = _flat(file, "RGB", (side, side))
    share = min(1.0, side / max(flat.size))
    if share < 1:
        size = max(1, round(flat.width * share)), max(1, round(flat.height * share))
        flat = flat.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.array(flat, np.uint8)
