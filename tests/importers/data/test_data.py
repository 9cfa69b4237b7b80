import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aeviz.errors import DataError
from aeviz.importers.data import pictures
from aeviz.importers.data.answers import VALUES, OwnData
from aeviz.importers.data.arrays import detect_values
from aeviz.importers.files.archives import ArchiveError
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


def test_pictures_with_too_many_pixels_together_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = [(f"{row}.png", png(square(16, 0, 255))) for row in range(6)]
    monkeypatch.setattr(pictures, "MAX_PIXELS", 6 * 256)
    assert len(pictures_from(tmp_path, files, (3, 8, 8)).dataset) == 6
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1_000)
    with pytest.raises(DataError, match=r"6 pictures are too large together: 1,024 pixels after 4.*at most 1,000"):
        pictures_from(tmp_path, files, (3, 8, 8))
    with pytest.raises(DataError, match=r"too large together"):  # looking for a light ground unpacks them as well
        pictures_from(tmp_path, files, (1, 8, 8))


def test_sixty_thousand_pictures_of_a_usual_size_fit() -> None:
    assert 60_000 * 256 * 256 + pictures.SAMPLE * 256 * 256 <= pictures.MAX_PIXELS


def test_too_many_numbers_are_refused_before_they_are_made(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(npz(x=np.zeros((400, 2, 2), np.uint8)))
    with pytest.raises(DataError, match=r"419,430,400 numbers; at most 250,000,000"):
        data_from(tmp_path / "a.npz", (1, 1024, 1024))


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
