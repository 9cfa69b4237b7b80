"""Codecs without a network: their files are files, headers are headers, and what is read back is near."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, features

import aeviz
from aeviz.errors import DataError
from aeviz.modalities.codecs import pictures
from aeviz.modalities.codecs.base import BARE, FILE, SHEET, Codec
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.text import texts

DIGITS = aeviz.load_dataset("mnist")
CODECS = {codec.name: codec for codec in DIGITS.modality.compression.codecs}


def png(width: int, height: int, mode: str = "L") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height), 200 if mode == "L" else (200, 10, 60)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("way", [FILE, BARE, SHEET])
def test_a_file_is_what_pillow_reads_and_the_rate_its_bytes(name: str, way: str) -> None:
    codec, x = CODECS[name], DIGITS.items[:6]
    if codec.lacking():
        pytest.skip(codec.lacking())
    packed = codec.pack(x, DIGITS.scale, codec.settings[-1], way)
    assert packed.items.shape == x.shape
    assert np.abs(packed.items - x).mean() < 0.03
    assert len(packed.files) == (1 if way == SHEET else 6)
    with Image.open(io.BytesIO(packed.files[0])) as read:
        assert read.format == codec.label.upper()
        assert read.size == ((6 * 28, 28) if way == SHEET else (28, 28))
    if way == BARE:
        assert all(0 < header < len(file) for header, file in zip(packed.header, packed.files, strict=True))
    else:
        assert packed.rate == sum(map(len, packed.files)) / 6


def test_what_is_left_of_a_jpeg_is_its_scan_and_headers_are_alike() -> None:
    packed = CODECS["jpeg"].pack(DIGITS.items[:3], DIGITS.scale, (10,), BARE)
    headers = {file[: header - 2] for file, header in zip(packed.files, packed.header, strict=True)}
    assert len(headers) == 1
    assert all(file.endswith(b"\xff\xd9") for file in packed.files)


def test_a_codec_that_pillow_lacks_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda feature: False)
    assert "AVIF" in CODECS["avif"].lacking()
    assert CODECS["jpeg"].lacking() == ""


def test_pictures_of_another_shape_are_fitted() -> None:
    emoji = aeviz.load_dataset("emoji").items[:3]
    grey = pictures.fitted(emoji, (1, 28, 28))
    assert grey.shape == (3, 1, 28, 28)
    assert grey.mean() == pytest.approx(float((emoji.mean((0, 2, 3)) * pictures.GREY).sum()), abs=0.01)
    assert pictures.fitted(DIGITS.items[:2], (3, 32, 32)).shape == (2, 3, 32, 32)


def test_a_photograph_falls_into_tiles_row_by_row() -> None:
    ramp = np.arange(60, dtype=np.uint8)[None].repeat(30, 0)
    buffer = io.BytesIO()
    Image.fromarray(ramp).save(buffer, "PNG")
    tiles, notes = pictures.cut(buffer.getvalue(), (1, 28, 28))
    assert notes == ()
    assert tiles.shape == (2, 1, 28, 28)
    assert np.array_equal(np.rint(tiles[1, 0] * 255), ramp[:28, 28:56])
    assert pictures.cut(png(3000, 2000, "RGB"), (3, 32, 32))[0].shape == (30 * 20, 3, 32, 32)


def test_only_the_first_page_of_a_file_is_cut_and_that_is_told() -> None:
    buffer = io.BytesIO()
    dark, light = (Image.new("L", (28, 28), value) for value in (40, 200))
    dark.save(buffer, "TIFF", save_all=True, append_images=[light])
    tiles, notes = pictures.cut(buffer.getvalue(), (1, 28, 28))
    assert np.unique(np.rint(tiles * 255)).tolist() == [40]
    assert notes == ("The file has 2 pages: the first of them was taken.",)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (png(30_000, 2_000), "30,000 × 2,000 pixels; at most 40 million"),
        (png(20, 90), "cut into tiles"),
        (b"x", "damaged"),
    ],
)
def test_what_cannot_be_cut_is_told(file: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        pictures.cut(file, (1, 28, 28))


def others() -> list[tuple[str, Codec]]:
    datasets = ("ecg", "wage", "names")
    return [(name, codec) for name in datasets for codec in aeviz.load_dataset(name).modality.compression.codecs]


@pytest.mark.parametrize(("name", "codec"), others(), ids=lambda value: getattr(value, "name", value))
def test_the_finest_setting_of_other_codecs_is_near_and_one_file_is_smaller(name: str, codec: Codec) -> None:
    data = aeviz.load_dataset(name)
    x = data.items[:40]
    alone, together = (codec.pack(x, data.scale, codec.settings[-1], way) for way in (FILE, SHEET))
    assert len(alone.files) == 40
    assert len(together.files) == 1
    assert together.rate < alone.rate * 1.2
    assert data.distance(alone.items, x).mean() < 0.08
    coarse = codec.pack(x, data.scale, codec.settings[0], FILE)
    assert coarse.rate <= alone.rate


def test_a_text_is_its_letters_and_zlib_reads_it_back() -> None:
    data = aeviz.load_dataset("names")
    words = texts(data.items[:5], data.scale)
    plain, zipped = (codec.pack(data.items[:5], data.scale, (0,), FILE) for codec in data.modality.compression.codecs)
    assert [file.decode() for file in plain.files] == words
    assert [zlib.decompress(file).decode() for file in zipped.files] == words


def test_every_modality_offers_a_codec_or_says_why_not() -> None:
    for modality in MODALITIES.values():
        assert modality.compression.codecs or modality.compression.note
