import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from aeviz.errors import DataError
from aeviz.modalities.image import files
from aeviz.modalities.image.files import FORMATS, light_ground, pages_of, read_photograph, read_picture, size_of
from aeviz.modalities.image.record import IMAGE

GREY, COLOUR = (1, 28, 28), (3, 32, 32)


def packed(picture: Image.Image, kind: str = "PNG", **settings: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **settings)
    return file.getvalue()


def drawn(side: int = 56, ground: int = 0, ink: int = 255) -> Image.Image:
    """A square of ink in the upper left quarter, away from the border."""
    pixels = np.full((side, side), ground, np.uint8)
    pixels[side // 8 : side // 2, side // 8 : side // 2] = ink
    return Image.fromarray(pixels)


def where_light(item: NDArray[np.float32]) -> tuple[float, float]:
    """Row and column of the centre of what is light, (0, 0) to (1, 1)."""
    light = item[0].mean(0)
    rows, columns = np.indices(light.shape)
    scale = light.sum() * (np.array(light.shape) - 1)
    return float((rows * light).sum() / scale[0]), float((columns * light).sum() / scale[1])


def test_the_first_page_of_several_is_told() -> None:
    file = packed(drawn(), "TIFF", save_all=True, append_images=[drawn(ink=90)] * 2)
    assert np.array_equal(read_picture(file, GREY).picture, read_picture(packed(drawn(), "TIFF"), GREY).picture)
    assert IMAGE.read(file, GREY, IMAGE.scale).notes == ("The file has 3 pages: the first of them was taken.",)
    assert pages_of(packed(drawn(), "TIFF")) == pages_of(packed(drawn())) == 1
    assert IMAGE.read(packed(drawn(), "TIFF"), GREY, IMAGE.scale).notes == ()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("shape", [GREY, COLOUR])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_format_is_read(kind: str, shape: tuple[int, int, int], mode: str) -> None:
    upload = read_picture(packed(drawn().convert(mode), kind), shape)
    assert upload.picture.shape == (1, *shape)
    assert upload.picture.dtype == np.float32
    assert upload.picture.flags.c_contiguous
    assert 0 <= upload.picture.min() < 0.1
    assert 0.9 < upload.picture.max() <= 1
    assert not upload.inverted
    row, column = where_light(upload.picture)
    assert row == pytest.approx(0.3, abs=0.05)
    assert column == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_pictures_of_other_modes_look_as_they_should(mode: str) -> None:
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(drawn(ink=200)).astype(np.uint16) * 257)
    else:
        picture = drawn(ink=200 if mode != "1" else 255).convert(mode)
    kind, settings = ("JPEG", {"quality": 100}) if mode == "CMYK" else ("PNG", {})
    upload = read_picture(packed(picture, kind, **settings), GREY)
    assert upload.picture[0, 0, 9, 9] == pytest.approx(200 / 255 if mode != "1" else 1, abs=0.03)
    assert upload.picture[0, 0, 20, 20] == pytest.approx(0, abs=0.03)
    assert not upload.inverted


def test_colours_keep_their_channels() -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:32, :, 0], pixels[32:, :, 2] = 255, 128
    item = read_picture(packed(Image.fromarray(pixels)), COLOUR).picture[0]
    np.testing.assert_allclose(item[:, 5, 5], [1, 0, 0], atol=0.01)
    np.testing.assert_allclose(item[:, 26, 5], [0, 0, 128 / 255], atol=0.01)


def test_dark_strokes_on_a_light_ground_are_inverted() -> None:
    dark = read_picture(packed(drawn(ground=240, ink=10)), GREY)
    light = read_picture(packed(drawn(ground=15, ink=245)), GREY)
    assert dark.inverted
    assert not light.inverted
    np.testing.assert_allclose(dark.picture, light.picture, atol=0.01)


def test_colour_pictures_keep_their_light_ground() -> None:
    upload = read_picture(packed(drawn(ground=255, ink=0)), COLOUR)
    assert not upload.inverted
    assert upload.picture[0, :, -1, -1].tolist() == [1, 1, 1]


def test_what_is_transparent_shows_white() -> None:
    """Black strokes on nothing, as drawing programs save them, become light strokes on black."""
    layer = Image.new("RGBA", (56, 56), (0, 0, 0, 0))
    layer.paste((0, 0, 0, 255), (7, 7, 28, 28))
    upload = read_picture(packed(layer), GREY)
    assert upload.inverted
    np.testing.assert_allclose(upload.picture, read_picture(packed(drawn()), GREY).picture, atol=0.02)
    palette = drawn(ink=255).convert("P")
    black_is_clear = read_picture(packed(palette, "GIF", transparency=palette.getpixel((0, 0))), COLOUR)
    assert black_is_clear.picture.min() == 1


@pytest.mark.parametrize(
    ("orientation", "turned"), [(1, (0.3, 0.3)), (3, (0.7, 0.7)), (6, (0.3, 0.7)), (8, (0.7, 0.3))]
)
def test_photographs_stand_upright(orientation: int, turned: tuple[float, float]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upload = read_picture(packed(drawn(), "JPEG", exif=exif), GREY)
    assert where_light(upload.picture) == pytest.approx(turned, abs=0.05)


@pytest.mark.parametrize("size", [(200, 100), (100, 200), (28, 28), (1, 1), (3000, 10), (10, 3000), (29, 28)])
def test_pictures_are_fitted_whole_and_centred(size: tuple[int, int]) -> None:
    upload = read_picture(packed(Image.new("RGB", size, "white")), COLOUR)
    light = upload.picture[0, 0] > 0.5
    assert light.any(0).sum() == max(1, round(32 * min(1, size[0] / size[1])))
    assert light.any(1).sum() == max(1, round(32 * min(1, size[1] / size[0])))
    assert where_light(upload.picture) == pytest.approx((0.5, 0.5), abs=0.02)


@given(height=st.integers(1, 40), width=st.integers(1, 40), size=st.tuples(st.integers(1, 60), st.integers(1, 60)))
@settings(max_examples=40)
def test_any_size_into_any_shape(height: int, width: int, size: tuple[int, int]) -> None:
    for channels in (1, 3):
        picture = read_picture(packed(Image.new("L", size, 99)), (channels, height, width)).picture
        assert picture.shape == (1, channels, height, width)
        assert picture.max() == pytest.approx(99 / 255, abs=0.02)


def test_only_the_first_picture_of_an_animation_is_read() -> None:
    blank = Image.new("L", (56, 56), 0)
    animation = packed(drawn(), "GIF", save_all=True, append_images=[blank, blank])
    assert read_picture(animation, GREY).picture.max() > 0.9


def bare_png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no picture of it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_000, 50_000), (10_000, 10_000), (40_000_001, 1), (2**31 - 1, 2**31 - 1)])
def test_pictures_too_large_are_refused_before_they_are_unpacked(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpack(*arguments: object) -> None:
        raise AssertionError("began to unpack the pixels")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", unpack)
    with pytest.raises(DataError, match=r"(at most|more than) 40 million.*Make it smaller first"):
        read_picture(bare_png(*size), GREY)


def test_the_largest_size_is_still_taken_for_a_picture() -> None:
    with pytest.raises(DataError, match="damaged or of another kind"):
        read_picture(bare_png(40_000_000, 1), GREY)


def test_large_files_are_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 100)
    with pytest.raises(DataError, match="The file has 101 bytes; at most 100 are read"):
        read_picture(bytes(101), GREY)


@pytest.mark.parametrize(
    "file",
    {
        "empty": b"",
        "text": b"a picture of a seven",
        "header alone": b"\x89PNG\r\n\x1a\n",
        "zeros": bytes(5000),
        "no area": bare_png(0, 5),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "ico": packed(drawn(), "ICO"),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "pdf": b"%PDF-1.4\n",
    }.items(),
    ids=lambda file: file[0],
)
def test_what_is_no_picture_is_refused(file: tuple[str, bytes]) -> None:
    with pytest.raises(DataError, match=r"cannot be read as a picture \(PNG, JPEG, WEBP, GIF, BMP, TIFF, PPM, AVIF\)"):
        read_picture(file[1], GREY)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_truncated_pictures_are_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    whole = packed(Image.fromarray(noise), kind)
    with pytest.raises(DataError, match="damaged or of another kind"):
        read_picture(whole[: int(share * len(whole))], GREY)


def sample(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a seven"
    settings: dict[str, Any] = {"exif": exif} if kind in ("PNG", "JPEG", "WEBP") else {}
    return packed(drawn(24), kind, **settings)


@settings(max_examples=250)
@given(
    kind=st.sampled_from(FORMATS),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_scrambled_files_give_a_picture_or_a_clear_error(kind: str, changes: list[tuple[float, int]]) -> None:
    file = bytearray(sample(kind))
    for place, value in changes:
        file[int(place * len(file))] = value
    try:
        upload = read_picture(bytes(file), GREY)
    except DataError:
        return
    assert upload.picture.shape == (1, *GREY)
    assert ((upload.picture >= 0) & (upload.picture <= 1)).all()


def test_light_and_dark_are_swapped_as_told() -> None:
    file = packed(drawn(ground=255, ink=0))
    assert read_picture(file, GREY).inverted
    kept, swapped = read_picture(file, GREY, invert=False), read_picture(file, COLOUR, invert=True)
    assert not kept.inverted
    assert swapped.inverted
    assert kept.picture[0, 0, 0, 0] == 1
    assert swapped.picture[0, 0, 0, 0] == 0


def test_size_and_ground_are_told_without_an_item() -> None:
    assert size_of(packed(drawn(side=40))) == (1, 40, 40)
    assert size_of(packed(drawn(side=40).convert("RGB"))) == (3, 40, 40)
    assert light_ground(packed(drawn(ground=255, ink=0)))
    assert not light_ground(packed(drawn()))
    with pytest.raises(DataError, match="damaged or of another kind"):
        size_of(b"text")


def test_a_photograph_is_read_in_colour_and_no_larger_than_asked() -> None:
    pixels = np.zeros((300, 900, 3), np.uint8)
    pixels[:, :450, 0] = 200
    read = read_photograph(packed(Image.fromarray(pixels)), 90)
    assert read.shape == (30, 90, 3)
    assert read[15, 20].tolist() == [200, 0, 0]
    assert read_photograph(packed(Image.fromarray(pixels)), 1000).shape == (300, 900, 3)
    assert read_photograph(packed(Image.new("L", (30_000, 5))), 1200).shape == (1, 1200, 3)
