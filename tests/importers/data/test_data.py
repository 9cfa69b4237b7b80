import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from aeviz.errors import DataError
from aeviz.importers.data import fitting, pictures
from aeviz.importers.data.answers import VALUES, OwnData
from aeviz.importers.data.arrays import detect_values
from aeviz.importers.files.archives import ArchiveError, write_upload
from aeviz.importers.files.filetypes import FileType, type_of
from aeviz.modalities.image import files
from tests.importers.conftest import bomb, data_from, npz, png, zipped


def pictures_from(folder: Path, files: list[tuple[str, bytes]], shape: tuple[int, int, int], **more: Any) -> OwnData:
    (folder / "files.zip").write_bytes(zipped(dict(files)))
    return data_from(folder / "files.zip", shape, **more)


def square(side: int, ground: int, ink: int) -> np.ndarray:
    pixels = np.full((side, side), ground, np.uint8)
    pixels[side // 4 : -side // 4, side // 4 : -side // 4] = ink
    return pixels


def folder(path: Path) -> Path:
    for label, ink in (("cat", 255), ("dog", 120)):
        (path / label).mkdir(parents=True)
        for number in range(3):
            (path / label / f"{number}.png").write_bytes(png(square(16, 0, ink)))
    return path


def test_sub_folders_are_labels(tmp_path: Path) -> None:
    seen: list[float] = []
    found = data_from(folder(tmp_path / "pets"), (1, 8, 8), progress=lambda share, stage: seen.append(share))
    data = found.dataset
    assert (data.name, data.title, data.modality.name) == ("pets", "pets", "image")
    assert data.items.shape == (6, 1, 8, 8)
    assert data.items.dtype == np.float32
    assert not data.items.flags.writeable
    assert data.label_names == ("cat", "dog")
    assert data.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.items[0, 0, 4, 4] == 1
    assert data.items[5, 0, 4, 4] == pytest.approx(120 / 255, abs=0.01)
    assert (seen[0], seen[-1]) == (0, 1)


def test_a_zip_is_read_as_its_folder_is(tmp_path: Path) -> None:
    root = folder(tmp_path / "pets")
    files = {f"deep/{file.relative_to(root).as_posix()}": file.read_bytes() for file in root.rglob("*.png")}
    (tmp_path / "a.zip").write_bytes(zipped({**dict(sorted(files.items())), "deep/readme.txt": b"hello"}))
    one, other = data_from(root, (1, 8, 8)).dataset, data_from(tmp_path / "a.zip", (1, 8, 8)).dataset
    assert np.array_equal(one.items, other.items)
    assert np.array_equal(one.labels, other.labels)
    assert one.label_names == other.label_names


def test_uploaded_pictures_and_one_alone(tmp_path: Path) -> None:
    files = [("b/1.png", png(square(8, 0, 255))), ("c/2.png", png(square(8, 0, 99)))]
    found = pictures_from(tmp_path, files, (1, 8, 8)).dataset
    assert found.label_names == ("b", "c")
    (tmp_path / "a").write_bytes(files[0][1])
    alone = data_from(tmp_path / "a", (1, 8, 8)).dataset
    assert np.array_equal(alone.items[0], found.items[0])
    assert len(alone.label_names) == 1


def test_a_light_ground_is_inverted_for_the_whole_set_or_as_told(tmp_path: Path) -> None:
    files = [("1.png", png(square(8, 255, 0))), ("2.png", png(square(8, 250, 30))), ("3.png", png(square(8, 0, 255)))]
    found = pictures_from(tmp_path, files, (1, 8, 8))
    assert found.inverted
    assert found.dataset.items[:, 0, 0, 0].tolist() == pytest.approx([0, 5 / 255, 1])
    assert "swapped" in found.notes[-1]
    kept = pictures_from(tmp_path, files, (1, 8, 8), invert=False)
    assert not kept.inverted
    assert np.allclose(kept.dataset.items, 1 - found.dataset.items)
    assert not pictures_from(tmp_path, files, (3, 8, 8)).inverted


def test_pictures_that_cannot_be_read_are_left_out_and_named(tmp_path: Path) -> None:
    files = [("good.png", png(square(8, 0, 255))), ("bomb.png", bomb()), ("text.png", b"text")]
    found = pictures_from(tmp_path, files, (1, 8, 8))
    assert len(found.dataset) == 1
    assert any("2 pictures were left out" in note and "bomb.png" in note for note in found.notes)
    with pytest.raises(DataError, match=r"None of the 2 pictures.*million"):
        pictures_from(tmp_path, files[1:], (1, 8, 8))


def test_links_in_a_folder_are_passed_by(tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    outside.write_bytes(png(square(8, 0, 9)))
    root = folder(tmp_path / "pets")
    (root / "cat" / "link.png").symlink_to(outside)
    (root / "dog2").symlink_to(tmp_path)
    assert len(data_from(root, (1, 8, 8)).dataset) == 6


RANGES = {
    "bytes": (lambda x: (x * 255).round().astype(np.uint8), "bytes", 0.003),
    "float bytes": (lambda x: x * 255.0, "bytes", 1e-6),
    "unit": (lambda x: x, "unit", 1e-6),
    "signed": (lambda x: 2 * x - 1, "signed", 1e-6),
    "standard": (lambda x: (x - 0.3) / 0.2, "spread", 0.05),
    "binary": (lambda x: x > 0.5, "unit", 0.51),
    "sixteen levels": (lambda x: np.rint(x * 16), "spread", 0.04),
    "sixteen bits": (lambda x: (x * 65535).astype(np.uint16), "spread", 0.05),
}


@pytest.mark.parametrize("case", RANGES)
def test_values_are_detected_and_brought_to_unit(case: str, tmp_path: Path) -> None:
    change, kind, slack = RANGES[case]
    x = np.random.default_rng(0).random((40, 6, 6))
    x[0, 0, 0], x[0, 0, 1] = 0, 1
    (tmp_path / "a.npz").write_bytes(npz(x=change(x)))
    found = data_from(tmp_path / "a.npz", invert=False)
    assert detect_values(change(x)) == kind
    assert found.values == VALUES[kind]
    assert np.abs(found.dataset.items[:, 0] - x).max() <= slack
    assert any(VALUES[kind] in note for note in found.notes)


def test_stated_values_win(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(npz(x=np.full((3, 4, 4), 0.5)))
    assert data_from(tmp_path / "a.npz", values="signed", invert=False).dataset.items.max() == 0.75


@pytest.mark.parametrize(
    ("shape", "own"),
    [((5, 6, 7), (1, 6, 7)), ((5, 1, 6, 7), (1, 6, 7)), ((5, 3, 6, 7), (3, 6, 7)), ((5, 6, 7, 3), (3, 6, 7)),
     ((5, 6, 7, 4), (3, 6, 7)), ((5, 36), (1, 6, 6)), ((5, 108), (3, 6, 6))],
)  # fmt: skip
def test_layouts_of_arrays(shape: tuple[int, ...], own: tuple[int, int, int], tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(npz(x=np.random.default_rng(0).random(shape)))
    assert data_from(tmp_path / "a.npz").dataset.shape == own
    fitted = data_from(tmp_path / "a.npz", (1, 12, 10)).dataset
    assert fitted.shape == (1, 12, 10)
    assert 0 <= fitted.items.min() <= fitted.items.max() <= 1


def test_resizing_keeps_light_and_place(tmp_path: Path) -> None:
    x = np.zeros((2, 8, 16), np.float32)
    x[:, :, 8:] = 1
    (tmp_path / "a.npz").write_bytes(npz(x=x))
    items = data_from(tmp_path / "a.npz", (3, 4, 4), invert=False).dataset.items
    assert np.allclose(items[:, :, 0], 0)  # padded above and below
    assert np.allclose(items[:, :, 1:3, 2:], 1)
    assert np.allclose(items[:, :, 1:3, :2], 0)


def test_a_few_items_for_a_preview_are_spread_over_the_set(tmp_path: Path) -> None:
    x = np.repeat(np.linspace(0, 1, 101), 16).reshape(101, 4, 4)
    (tmp_path / "a.npz").write_bytes(npz(x=x, y=np.arange(101) % 5))
    found = data_from(tmp_path / "a.npz", most=5, invert=False)
    assert found.dataset.items[:, 0, 0, 0].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert found.dataset.labels.tolist() == [0, 0, 0, 0, 0]
    assert any("5 of 101 items" in note for note in found.notes)
    assert found.brought == 101


def test_the_files_of_a_sample_are_let_go_one_by_one(tmp_path: Path) -> None:
    padding = np.random.default_rng(0).bytes(1_000_000)
    files = {f"{row}.png": png(square(16, 0, 255)) + padding for row in range(60)}
    (tmp_path / "a.zip").write_bytes(zipped(files, zipfile.ZIP_STORED))
    del files
    assert peak(lambda: data_from(tmp_path / "a.zip", (1, 8, 8))) < 20_000_000


def test_large_items_are_converted_few_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(npy(np.zeros((300, 256, 256), np.uint8)))
    assert peak(lambda: data_from(tmp_path / "a.npy", (1, 8, 8))) < 200_000_000


def peak(action: Callable[[], object]) -> int:
    """The bytes that something takes at most."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_pictures_with_too_many_pixels_together_are_thinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = [(f"{row}.png", png(square(16, 0, 40 * row))) for row in range(6)]
    monkeypatch.setattr(pictures, "MAX_PIXELS", 6 * 256)
    assert len(pictures_from(tmp_path, files, (3, 8, 8)).dataset) == 6
    monkeypatch.setattr(pictures, "MAX_PIXELS", 900)
    found = pictures_from(tmp_path, files, (3, 8, 8))
    assert (found.dataset.items[:, 0, 4, 4] * 255).tolist() == pytest.approx([0, 80, 200], abs=6)
    assert any("3 of 6 pictures were taken, spread evenly: together they have more than 900" in n for n in found.notes)


def test_pictures_larger_than_the_sample_of_them_end_the_reading(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A hundred small ones, of which every third is looked at, and large ones between them."""
    files = [(f"{row:03}.png", png(square(16 if row % 3 == 0 else 128, 0, 255))) for row in range(100)]
    monkeypatch.setattr(pictures, "MAX_PIXELS", 100_000)
    found = pictures_from(tmp_path, files, (1, 8, 8))
    assert 8 < len(found.dataset) < 40
    assert any("too many pixels" in note for note in found.notes)


def test_sixty_thousand_pictures_of_a_usual_size_fit() -> None:
    assert 60_000 * 256 * 256 + pictures.SAMPLE * 256 * 256 <= pictures.MAX_PIXELS


def test_of_large_items_as_many_are_taken_as_have_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fitting, "MAX_VALUES", 3_000)
    (tmp_path / "a.npz").write_bytes(npz(x=np.zeros((40, 2, 2), np.uint8), y=np.arange(40)))
    found = data_from(tmp_path / "a.npz", (1, 16, 16))
    kept = [int(found.dataset.label_names[row]) for row in found.dataset.labels]
    assert kept == [0, 4, 8, 12, 16, 20, 23, 27, 31, 35, 39]
    assert any("11 of 40 items were taken, spread evenly: of this size" in note for note in found.notes)


def photo(width: int, height: int, orientation: int = 1, form: str = "JPEG") -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (width, height), (200, 100, 50)).save(file, form, exif=exif)
    return file.getvalue()


def test_many_photos_are_made_smaller_so_that_all_have_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pictures, "MAX_VALUES", 20 * 3 * 64 * 64)
    for row in range(20):
        (tmp_path / f"{row}.jpg").write_bytes(photo(400, 300))
    found = data_from(tmp_path)
    assert found.dataset.items.shape == (20, 3, 48, 64)
    assert any("made smaller, to 64 × 48 pixels, so that all 20 have room" in note for note in found.notes)


def test_a_photo_that_was_held_upright_has_no_bars(tmp_path: Path) -> None:
    for row in range(3):
        (tmp_path / f"{row}.jpg").write_bytes(photo(400, 300, orientation=6))
    found = data_from(tmp_path).dataset
    assert found.shape == (3, 256, 192)
    assert found.items.min() > 0.1


def test_shape_and_colour_are_voted_on(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(png(square(9, 0, 255)))
    for row in range(1, 6):
        (tmp_path / f"{row}.png").write_bytes(png(np.full((8, 12, 3), 40 * row, np.uint8)))
    found = data_from(tmp_path)
    assert found.dataset.shape == (3, 8, 12)
    assert any("2 sizes: most are 12 × 8" in note for note in found.notes)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "PPM"])
def test_twelve_bits_in_files_of_sixteen_are_scaled_over_the_set(form: str, tmp_path: Path) -> None:
    for row in range(4):
        Image.fromarray(np.full((6, 6), 1300 * row, np.uint16)).save(tmp_path / f"{row}.{form.lower()}", form)
    found = data_from(tmp_path)
    assert found.dataset.items[:, 0, 0, 0].tolist() == pytest.approx([1300 * row / 4095 for row in range(4)], abs=0.003)
    assert any("scaled from 0 to 4,095" in note for note in found.notes)


@pytest.mark.parametrize("form", ["TIFF", "PPM", "AVIF", "BMP", "WEBP", "GIF"])
@pytest.mark.parametrize("packed", [False, True])
def test_pictures_of_any_format_and_without_an_ending(form: str, packed: bool, tmp_path: Path) -> None:
    files = {}
    for row in range(3):
        file = io.BytesIO()
        Image.fromarray(np.full((16, 16), 100 * row, np.uint8)).save(file, form)
        files[f"set/{row}"] = file.getvalue()
    if packed:
        (tmp_path / "a.zip").write_bytes(zipped(files))
    else:
        (tmp_path / "set").mkdir()
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
    found = data_from(tmp_path / ("a.zip" if packed else "set"))
    assert found.dataset.items.mean((1, 2, 3)).tolist() == pytest.approx([0, 100 / 255, 200 / 255], abs=0.02)


def tiff(*pages: np.ndarray, **settings: Any) -> bytes:
    """A TIFF of several pages; a page of half the size of the first says that it is a smaller copy."""
    file = io.BytesIO()
    first, *others = map(Image.fromarray, pages)
    for page in others:
        if page.width < first.width:
            page.encoderinfo = {"tiffinfo": {254: 1}}
    first.save(file, "TIFF", save_all=True, append_images=others, **settings)
    return file.getvalue()


PAGES = [np.full((12, 16), 25 * page, np.uint8) for page in range(10)]


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
def test_each_page_of_a_tiff_is_an_item(compression: str, tmp_path: Path) -> None:
    (tmp_path / "stack.tif").write_bytes(tiff(*PAGES, compression=compression))
    found = data_from(tmp_path / "stack.tif")
    assert found.dataset.shape == (1, 12, 16)
    assert found.dataset.items[:, 0, 5, 5].tolist() == pytest.approx([25 * page / 255 for page in range(10)])
    assert found.brought == 10
    assert "stack.tif has 10 pages: each is an item." in found.notes


def test_pages_of_sixteen_bits_are_scaled_over_the_set(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(*(np.full((6, 6), 1300 * page, np.uint16) for page in range(4))))
    found = data_from(tmp_path / "a.tif")
    assert found.dataset.items[:, 0, 0, 0].tolist() == pytest.approx([1300 * row / 4095 for row in range(4)], abs=0.003)


@pytest.mark.parametrize("packed", [False, True])
def test_pages_are_of_the_class_of_their_file(packed: bool, tmp_path: Path) -> None:
    files = {"ill/1.tif": tiff(*PAGES[:3]), "well/2": tiff(*PAGES[3:5]), "well/3.png": png(PAGES[9])}
    for name, data in files.items():
        (tmp_path / "cells" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "cells" / name).write_bytes(data)
    (tmp_path / "a.zip").write_bytes(zipped(files))
    found = data_from(tmp_path / ("a.zip" if packed else "cells"))
    values = [page / 255 for page in (0, 25, 50, 75, 100, 225)]
    assert found.dataset.items[:, 0, 0, 0].tolist() == pytest.approx(values)
    assert [found.dataset.label_of(row) for row in range(6)] == ["ill"] * 3 + ["well"] * 3
    assert "2 files have several pages, 5 together: each is an item." in found.notes


def test_smaller_copies_and_damaged_pages_of_a_tiff_are_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "pyramid.tif").write_bytes(tiff(PAGES[8], PAGES[8][::2, ::2]))
    found = data_from(tmp_path / "pyramid.tif")
    assert found.dataset.items.shape == (1, 1, 12, 16)
    assert "1 page was left out as a smaller copy or mask of another." in found.notes
    noise = [np.random.default_rng(page).integers(0, 255, (40, 40), np.uint8) for page in range(4)]
    whole = tiff(*noise)
    (tmp_path / "cut.tif").write_bytes(whole[: len(whole) // 2])  # in the pixels of the third page
    found = data_from(tmp_path / "cut.tif")
    assert np.array_equal(np.rint(255 * found.dataset.items[:, 0]), noise[:2])
    assert "cut.tif is damaged after page 2: what follows is lost." in found.notes


def test_a_large_tiff_is_read_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_FILE_BYTES", 1_000)
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 1_000)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "stack.tif").write_bytes(tiff(*PAGES))
    assert (tmp_path / "set" / "stack.tif").stat().st_size > 1_000
    assert len(data_from(tmp_path / "set").dataset) == len(data_from(tmp_path / "set" / "stack.tif").dataset) == 10


def test_light_and_dark_are_swapped_towards_our_models_only(tmp_path: Path) -> None:
    for row in range(3):
        (tmp_path / f"{row}.png").write_bytes(png(square(8, 255, 0)))
    assert not data_from(tmp_path).inverted
    assert data_from(tmp_path, (1, 8, 8)).inverted
    (tmp_path / "a.npy").write_bytes(npy(np.stack([square(8, 255, 0)] * 3)))
    assert not data_from(tmp_path / "a.npy").inverted
    assert data_from(tmp_path / "a.npy", (1, 8, 8)).inverted


def test_splits_are_parts_and_classes_are_classes(tmp_path: Path) -> None:
    for split, count in (("train", 3), ("test", 2)):
        for place, label in enumerate(("cat", "dog")):
            folder_ = tmp_path / "pets" / split / label
            folder_.mkdir(parents=True)
            for row in range(count):
                (folder_ / f"{row}.png").write_bytes(png(square(8, 0, 100 + 50 * place)))
    found = data_from(tmp_path / "pets")
    assert found.dataset.label_names == ("cat", "dog")
    assert len(found.dataset) == 10
    assert set(found.parts) == {"train", "test"}
    assert any("parts test (4), train (6): all were taken" in note for note in found.notes)
    test = data_from(tmp_path / "pets", part="test").dataset
    assert (len(test), test.label_names, test.labels.tolist()) == (4, ("cat", "dog"), [0, 0, 1, 1])
    assert test.items[3, 0, 4, 4] == pytest.approx(150 / 255, abs=0.01)
    with pytest.raises(DataError, match="no part 'dev': expected one of test, train, all"):
        data_from(tmp_path / "pets", part="dev")


def test_numbered_classes_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    files = [(f"{label}/{row}.png", png(square(8, 0, 20 * label))) for label in (10, 9, 2, 1) for row in (10, 9)]
    data = pictures_from(tmp_path, files, (1, 8, 8)).dataset
    assert data.label_names == ("1", "2", "9", "10")
    assert (data.items[:, 0, 4, 4] * 255 / 20).round().tolist() == [1, 1, 2, 2, 9, 9, 10, 10]


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_beside_the_pictures_gives_their_classes(packed: bool, tmp_path: Path) -> None:
    table = "id,age,diagnosis\n" + "".join(f"img_{row},{40 + row},{'ab'[row % 2]}\n" for row in range(9, -1, -1))
    files = {f"images/img_{row}.png": png(square(8, 0, 20 * row)) for row in range(10)} | {"labels.csv": table.encode()}
    path = tmp_path / ("a.zip" if packed else "a")
    if packed:
        path.write_bytes(zipped(files))
    else:
        for name, data in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
    found = data_from(path)
    assert found.dataset.label_names == ("a", "b")
    assert found.dataset.labels.tolist() == [0, 1] * 5
    assert found.label_choices == ("age", "diagnosis")
    assert any("The classes are the column diagnosis of labels.csv; age may be stated" in note for note in found.notes)
    by_age = data_from(path, labels="age").dataset
    assert by_age.label_names == tuple(str(40 + row) for row in range(10))
    assert by_age.facets == ("diagnosis",)
    assert len(data_from(path, labels="").dataset.label_names) == 1


def test_numbers_in_a_table_beside_the_pictures_are_a_scale(tmp_path: Path) -> None:
    table = "id,age,left\n" + "".join(f"{row},{40 + row / 4 if row else ''},{row % 2}\n" for row in range(10))
    files = {f"{row}.png": png(square(8, 0, 20 * row)) for row in range(10)} | {"labels.csv": table.encode()}
    (tmp_path / "a.zip").write_bytes(zipped(files))
    assert data_from(tmp_path / "a.zip").dataset.label_names == ("0", "1")
    data = data_from(tmp_path / "a.zip", labels="age").dataset
    assert data.continuous is not None
    np.testing.assert_array_equal(data.continuous.values, [np.nan, *(40 + np.arange(1, 10) / 4)])
    assert data.label_of(2) == "age 40.5"
    assert not data.has_classes


def test_what_is_left_out_is_counted_and_named(tmp_path: Path) -> None:
    files = [("1.png", png(square(8, 0, 255))), ("a.mp4", b"\0\1\2"), ("b.xml", b"<a/>"), ("notes.txt", b"hello")]
    notes = pictures_from(tmp_path, files, (1, 8, 8)).notes
    assert any("3 files that are no pictures were left out: a.mp4, b.xml, notes.txt" in note for note in notes)


CASES = {
    "no pictures": (zipped({"a.txt": b"x"}), "holds no pictures"),
    "text": (b"hello there", "1 line is too few: at least 8"),
    "JSON": (b"{}", "is a JSON file: expected a CSV or other text"),
    "odd rows": (npz(x=np.zeros((4, 37))), "no square pictures"),
    "five axes": (npz(x=np.zeros((2, 2, 2, 2, 2))), "expected \\(N, H, W\\)"),
    "seven channels": (npz(x=np.zeros((2, 7, 7, 7))), "1 or 3 channels"),
    "enormous values": (npz(x=np.array([[[-1e300, 1e300]]])), "reach over"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said(case: str, tmp_path: Path) -> None:
    data, said = CASES[case]
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(DataError, match=said):
        data_from(tmp_path / "a")


def test_impossible_wishes_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 or 3"):
        data_from(tmp_path, (2, 8, 8))
    with pytest.raises(DataError, match="Unknown range"):
        data_from(tmp_path, values="odd")
    with pytest.raises(DataError, match="cannot be read"):
        data_from(tmp_path / "missing.npz")
    (tmp_path / "a.zip").write_bytes(zipped({"../a.png": png(square(8, 0, 9))}))
    with pytest.raises(ArchiveError, match="leads out"):
        data_from(tmp_path / "a.zip", (1, 8, 8))


def test_what_progress_raises_goes_through(tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def stop(share: float, stage: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        pictures_from(tmp_path, [("1.png", png(square(8, 0, 9)))], (1, 8, 8), progress=stop)


# --- Arrays as people keep them ---


def test_a_few_values_below_zero_are_no_other_range(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((40, 6, 6))
    x[0, 0, :3] = [-0.02, 1.03, -0.05]
    (tmp_path / "a.npz").write_bytes(npz(x=x))
    found = data_from(tmp_path / "a.npz", invert=False)
    assert detect_values(x) == "unit"
    assert np.abs(found.dataset.items[1:, 0] - x[1:]).max() < 1e-6
    assert any("3 values (0.21%) lie outside and were cut" in note for note in found.notes)
    assert detect_values(x - 0.5) == "spread"
    assert detect_values(2 * np.clip(x, 0, 1) - 1) == "signed"


def test_twelve_bits_in_sixteen_are_scaled_over_the_set(tmp_path: Path) -> None:
    x = np.linspace(0, 4095, 5 * 36).astype(np.uint16).reshape(5, 6, 6)
    (tmp_path / "a.npy").write_bytes(npy(x))
    items = data_from(tmp_path / "a.npy", invert=False).dataset.items
    assert np.abs(items[:, 0] - x / 4095).max() < 1e-6


@pytest.mark.parametrize("place", [0, 63])
def test_a_column_of_labels_in_rows_of_pixels(place: int, tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (40, 64))
    y = np.arange(40) % 4
    (tmp_path / "a.npy").write_bytes(npy(np.insert(x, place and 64, y, 1)))
    found = data_from(tmp_path / "a.npy", invert=False)
    assert found.dataset.shape == (1, 8, 8)
    assert np.abs(found.dataset.items.reshape(40, 64) * 255 - x).max() < 1e-3
    assert found.dataset.labels.tolist() == y.tolist()
    assert f"The {'last' if place else 'first'} of 65 columns was taken for the classes" in found.notes[0]


def test_rows_that_are_no_square_have_a_shape_stated(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (9, 560)).astype(np.uint8)  # the Frey faces: 28 high, 20 wide
    (tmp_path / "a.npy").write_bytes(npy(x))
    with pytest.raises(DataError, match=r"Rows of 560 numbers are no square pictures.*state their shape"):
        data_from(tmp_path / "a.npy")
    items = data_from(tmp_path / "a.npy", (1, 28, 20), invert=False).dataset.items
    assert np.abs(items.reshape(9, 560) * 255 - x).max() < 1e-3


def smooth_colour(count: int = 6, side: int = 12) -> np.ndarray:
    """(N, 3, H, W) in [0, 1], smooth in space, its channels apart."""
    rows, columns = np.indices((side, side)) / side
    dice = np.random.default_rng(0).random((count, 3, 1, 1))
    return 0.4 * dice + 0.3 * rows + 0.3 * columns * np.array([1, 0, 0.5])[:, None, None]


@pytest.mark.parametrize("last", [False, True])
def test_rows_of_colour_in_either_order(last: bool, tmp_path: Path) -> None:
    x = smooth_colour()
    (tmp_path / "a.npy").write_bytes(npy((x.transpose(0, 2, 3, 1) if last else x).reshape(6, -1)))
    found = data_from(tmp_path / "a.npy")
    assert np.abs(found.dataset.items - x).max() < 1e-6
    assert ("(height, width, channels)" if last else "(channels, height, width)") in found.notes[0]
    wrong = data_from(tmp_path / "a.npy", layout="first" if last else "last").dataset.items
    assert np.abs(wrong - x).max() > 0.1


def test_opacity_is_laid_on_the_ground_stated(tmp_path: Path) -> None:
    x = np.zeros((5, 6, 7, 4), np.uint8)
    x[..., 0] = 255
    x[:, :, 3:, 3] = 255
    (tmp_path / "a.npy").write_bytes(npy(x))
    white = data_from(tmp_path / "a.npy").dataset.items
    assert white[0, :, 0, 0].tolist() == [1, 1, 1]
    assert white[0, :, 0, 6].tolist() == [1, 0, 0]
    assert data_from(tmp_path / "a.npy", ground="black").dataset.items[0, :, 0, 0].tolist() == [0, 0, 0]


TURNED = {
    "left": ((0, 0), (7, 0)), "right": ((0, 0), (0, 7)), "over": ((0, 0), (7, 7)), "mirror": ((0, 0), (0, 7)),
    "transpose": ((0, 3), (3, 0)),
}  # fmt: skip


@pytest.mark.parametrize("turn", TURNED)
@pytest.mark.parametrize("files", [False, True])
def test_turned_and_mirrored_sets_are_put_right(turn: str, files: bool, tmp_path: Path) -> None:
    before, after = TURNED[turn]
    x = np.zeros((1, 8, 8), np.uint8)
    x[0][before] = 255
    (tmp_path / "a.npy").write_bytes(npy(x))
    (tmp_path / "a.png").write_bytes(png(x[0]))
    found = data_from(tmp_path / ("a.png" if files else "a.npy"), turn=turn, invert=False)
    assert np.argwhere(found.dataset.items[0, 0] > 0.5).tolist() == [list(after)]


@pytest.mark.parametrize("files", [False, True])
def test_pictures_come_into_a_frame_as_stated(files: bool, tmp_path: Path) -> None:
    x = np.zeros((8, 16), np.uint8)
    x[:, 4:12] = 255  # the middle square
    (tmp_path / "a.npy").write_bytes(npy(x[None]))
    (tmp_path / "a.png").write_bytes(png(x))
    path = tmp_path / ("a.png" if files else "a.npy")

    def fitted(**stated: Any) -> np.ndarray:
        return data_from(path, (1, 8, 8), invert=False, **stated).dataset.items[0, 0].round(1)

    assert fitted()[[0, 7]].max() == 0
    assert fitted(ground="white")[[0, 7]].min() == 1
    assert fitted(fit="fill").min() > 0.9
    assert fitted(fit="crop").min() > 0.9
    assert fitted(fit="stretch")[:, [0, 7]].max() < 0.1
    assert fitted(fit="stretch")[:, 3:5].min() > 0.9
    with pytest.raises(DataError, match="Unknown fit 'odd'"):
        fitted(fit="odd")


def test_the_split_and_the_labels_are_chosen(tmp_path: Path) -> None:
    x = np.zeros((9, 4, 4), np.uint8)
    (tmp_path / "a.npz").write_bytes(npz(x_train=x, y_train=np.arange(9), x_test=x[:4], y_test=np.arange(4) % 2))
    found = data_from(tmp_path / "a.npz")
    assert (len(found.dataset), found.parts, found.label_choices) == (4, ("test", "train"), ("y_test",))
    assert len(data_from(tmp_path / "a.npz", part="train").dataset) == 9
    assert len(data_from(tmp_path / "a.npz", part="all").dataset) == 13
    assert len(data_from(tmp_path / "a.npz", part="train", labels="").dataset.label_names) == 1


HEIC = b"\0\0\0\x18ftyp%b\0\0\0\0mif1%b" + bytes(40)


@pytest.mark.parametrize("brands", [(b"heic", b"heic"), (b"mif1", b"heix")])
def test_pictures_of_phones_are_named_with_the_way_to_convert_them(brands: tuple[bytes, bytes], tmp_path: Path) -> None:
    photo = HEIC % brands
    (tmp_path / "IMG_1.HEIC").write_bytes(photo)
    way = r"pillow_heif.*Most Compatible"
    with pytest.raises(DataError, match=rf"IMG_1.HEIC is a HEIC picture.*{way}"):
        data_from(tmp_path / "IMG_1.HEIC")
    with pytest.raises(DataError, match=rf"holds no pictures.*1 HEIC picture was left out: IMG_1.HEIC.*{way}"):
        data_from(tmp_path)
    with pytest.raises(ArchiveError, match=way):
        write_upload(photo, "IMG_1.HEIC", tmp_path / "upload")
    (tmp_path / "a.png").write_bytes(png(np.zeros((8, 8), np.uint8)))
    (tmp_path / "b.zip").write_bytes(zipped({"a.png": png(np.zeros((8, 8), np.uint8)), "x/IMG_1.heic": photo}))
    for path, name in ((tmp_path / "b.zip", "x/IMG_1.heic"), (tmp_path, "IMG_1.HEIC")):
        assert any(note.startswith(f"1 HEIC picture was left out: {name}. HEIC is") for note in data_from(path).notes)
        (tmp_path / "b.zip").unlink(missing_ok=True)


def test_avif_that_names_a_common_brand_first_is_no_heic() -> None:
    assert type_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif" + bytes(40)) is FileType.AVIF


AGES = np.random.default_rng(5).integers(18, 90, 120)


@pytest.mark.parametrize("form", ["table", "array"])
def test_a_column_of_ages_is_a_scale(form: str, tmp_path: Path) -> None:
    if form == "table":
        for row in range(len(AGES)):
            (tmp_path / f"{row}.png").write_bytes(png(square(8, 0, 2 * row)))
        (tmp_path / "people.csv").write_text(
            "file,age\n" + "".join(f"{row}.png,{age}\n" for row, age in enumerate(AGES))
        )
        data = data_from(tmp_path).dataset
    else:
        (tmp_path / "a.npz").write_bytes(npz(x=np.zeros((len(AGES), 8, 8), np.uint8) + AGES[:, None, None], age=AGES))
        data = data_from(tmp_path / "a.npz", labels="age").dataset
    assert data.label_column == "age"
    assert data.continuous is not None
    assert data.continuous.values.tolist() == AGES.tolist()
