import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy

from aeviz.importers.files.archives import ArchiveError
from aeviz.importers.files.arrays import ArrayError, Arrays, read_arrays
from aeviz.importers.files.filetypes import sniff
from tests.importers.conftest import npz, zipped


def arrays_in(path: Path, *most: int) -> Arrays:
    return read_arrays(sniff(path), *most)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def plain(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def header(shape: str, dtype: str = "'|u1'") -> bytes:
    text = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return npy.magic(1, 0) + struct.pack("<H", len(text)) + text


def hundred_gigabytes() -> bytes:
    """An .npz whose directory, headers and array all promise 10^11 bytes."""
    data = header("(100000, 1000, 1000)") + bytes(10_000)
    packed = zipped({"x.npy": data})
    size, large = struct.pack("<L", len(data)), struct.pack("<L", 0xFFFFFFF0)
    return packed.replace(size, large)


def test_items_and_labels_are_found_by_name(tmp_path: Path) -> None:
    images = np.arange(6 * 16).reshape(6, 4, 4).astype(np.uint8)
    labels = np.array(["cat", "dog", "cat", "emu", "dog", "cat"])
    found = arrays_in(write(tmp_path / "a", npz(extra=np.zeros((6, 2)), y=labels, Images=images)))
    assert np.array_equal(found.items, images)
    assert found.labels.names == ("cat", "dog", "emu")
    assert found.labels is not None
    assert found.labels.numbers.tolist() == [0, 1, 0, 2, 1, 0]


def test_arrays_of_other_names_are_told_by_their_shape(tmp_path: Path) -> None:
    found = arrays_in(write(tmp_path / "a", npz(pixels=np.zeros((5, 3, 3)), kind=np.array([1.0, 1, 2, 2, 7]))))
    assert found.items.shape == (5, 3, 3)
    assert found.labels.names == ("1", "2", "7")


def test_one_hot_labels_and_their_names(tmp_path: Path) -> None:
    data = npz(x=np.zeros((4, 3, 3)), y=np.eye(3)[[0, 2, 1, 0]], label_names=np.array(["a", "b", "c"]))
    found = arrays_in(write(tmp_path / "a", data))
    assert found.labels is not None
    assert found.labels.numbers.tolist() == [0, 2, 1, 0]
    assert found.labels.names == ("a", "b", "c")


def test_words_that_are_too_many_for_classes_are_left_out_with_a_note(tmp_path: Path) -> None:
    words = np.array([f"item {row}" for row in range(200)])
    found = arrays_in(write(tmp_path / "a", npz(x=np.zeros((200, 2, 2)), y=words)))
    assert found.labels is None
    assert "more than 100 different words" in found.notes[0]


def test_numbers_by_another_name_colour_the_items_and_are_no_labels_unless_stated(tmp_path: Path) -> None:
    path = write(tmp_path / "a", npz(x=np.zeros((200, 2, 2)), weight=np.linspace(0, 1, 200)))
    found = arrays_in(path).labels
    assert found is not None
    assert (found.column, [column.title for column in found.columns]) == ("", ["weight"])


def test_a_label_that_is_missing_is_a_class_of_its_own(tmp_path: Path) -> None:
    found = arrays_in(write(tmp_path / "a", npz(x=np.zeros((3, 2, 2)), y=np.array([np.nan, 1, 2])))).labels
    assert found is not None
    assert [found.names[row] for row in found.numbers] == ["none stated", "1", "2"]


def test_a_single_array_is_read_in_either_order(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
    assert np.array_equal(arrays_in(write(tmp_path / "a.npy", plain(array))).items, array)


CASES = {
    "objects": (npz(x=np.array([[{}], [1]], dtype=object)), "Python objects"),
    "complex": (plain(np.zeros((3, 3, 3), complex)), "expected numbers"),
    "dates": (plain(np.zeros((3, 3, 3), "M8[s]")), "expected numbers"),
    "records": (plain(np.zeros((3, 3), [("a", "i4")])), "expected numbers"),
    "no items": (npz(y=np.arange(5)), "holds no items.*y"),
    "empty": (plain(np.zeros((0, 28, 28))), "is empty"),
    "nothing in it": (zipped({"a.npy": b""}), "no sound .npy header"),
    "NaN": (npz(x=np.full((3, 2, 2), np.nan)), "12 values that are NaN or infinite, of 12"),
    "infinite labels": (npz(x=np.zeros((2, 2, 2)), y=np.array([np.inf, 1])), "infinite"),
    "labels of another number": (npz(x=np.zeros((5, 2, 2)), y=np.arange(4)), "one label for each of the 5"),
    "truncated": (plain(np.zeros((30, 8, 8)))[:-8], "is truncated"),
    "huge": (header("(100000, 1000, 1000)") + bytes(100), "100,000,000,000 bytes unpacked"),
    "negative": (header("(-1, 5, 5)") + bytes(100), "impossible shape|no sound"),
    "text of no length": (header("(1000000000, 1000000000)", "'|S0'"), "expected numbers or text"),
    "nothing in an endless shape": (header(f"(0, {10**30})", "'<f4'"), "impossible shape|no sound"),
    "nothing in a large shape": (header(f"(0, {10**9}, {10**9}, {10**9})", "'<f4'"), "impossible shape"),
    "endless": (header("(" + "9" * 400 + ",)"), "bytes unpacked|truncated|no sound"),
    "deep header": (header("(" * 3000 + ")" * 3000), "no sound"),
    "long header": (npy.magic(2, 0) + struct.pack("<L", 2_000_000_000) + b"{" * 1000, "no sound"),
    "code in the header": (header("__import__('os').system('touch /tmp/ran')"), "no sound"),
    "version": (b"\x93NUMPY\x07\x00" + bytes(100), "version"),
    "picture": (b"\x89PNG\r\n\x1a\n", "not a NumPy file"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said(case: str, tmp_path: Path) -> None:
    data, said = CASES[case]
    with pytest.raises(ArrayError, match=said):
        arrays_in(write(tmp_path / "a.npz", data))


def test_an_archive_of_a_hundred_gigabytes_is_refused(tmp_path: Path) -> None:
    with pytest.raises((ArchiveError, ArrayError), match="unpacks"):
        arrays_in(write(tmp_path / "a.npz", hundred_gigabytes()))


def test_an_archive_unpacks_to_no_more_than_there_is_room_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz", npz(x=np.zeros((2_000, 28, 28)), y=np.arange(2_000) % 3))
    assert path.stat().st_size < 100_000
    thinned = arrays_in(path, 3_000_000)
    assert thinned.items.nbytes <= 3_000_000 < thinned.items.nbytes + 2 * 28 * 28 * 8
    assert thinned.labels is not None
    assert len(thinned.labels.numbers) == len(thinned.items)
    assert "of 2,000 items were taken as the file passed by" in thinned.notes[0]
    with pytest.raises(ArrayError, match=r"12,544,000 bytes unpacked; at most 300,000 are read"):
        arrays_in(path, 300_000)
    assert arrays_in(path, 12_600_000).items.shape == (2_000, 28, 28)


def test_an_archive_that_declares_little_and_unpacks_to_much_is_read_no_further(tmp_path: Path) -> None:
    """The directory says 10 kB; the deflated stream holds 50 MB of what the header claims is 100 GB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packer.compress(header("(100000, 1000, 1000)") + bytes(50_000_000)) + packer.flush()
    data = bytearray(zipped({"x.npy": stream}, zipfile.ZIP_STORED))
    for mark, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        start = data.index(mark) + offset
        data[start : start + 2] = struct.pack("<H", zipfile.ZIP_DEFLATED)
    with pytest.raises((ArchiveError, ArrayError)):
        arrays_in(write(tmp_path / "a.npz", bytes(data)))


def test_splits_are_paired_with_their_labels(tmp_path: Path) -> None:
    def numbered(count: int, start: int) -> np.ndarray:
        return np.full((count, 4, 4), start, np.uint8) + np.arange(count, dtype=np.uint8)[:, None, None]

    medical = write(
        tmp_path / "medmnist.npz",
        npz(
            train_images=numbered(8, 0), train_labels=np.arange(8)[:, None] % 2, val_images=numbered(3, 100),
            val_labels=np.array([[4], [5], [4]]), test_images=numbered(4, 200),
            test_labels=np.array([[7], [8], [7], [7]]),
        ),
    )  # fmt: skip
    file = sniff(medical)
    found = read_arrays(file)
    assert (found.parts, found.part) == (("test", "train", "val"), "test")
    assert found.items[:, 0, 0].tolist() == [200, 201, 202, 203]
    assert found.labels is not None
    assert [found.labels.names[row] for row in found.labels.numbers] == ["7", "8", "7", "7"]
    assert "parts test, train, val: test was taken" in found.notes[0]
    train = read_arrays(file, part="train")
    assert len(train.items) == 8
    assert train.labels is not None
    assert train.labels.numbers.tolist() == [0, 1] * 4
    together = read_arrays(file, part="all")
    assert together.items.shape == (15, 4, 4)
    assert together.labels is not None
    assert [together.labels.names[row] for row in together.labels.numbers][:4] == ["7", "8", "7", "7"]
    with pytest.raises(ArrayError, match="no part 'dev': expected one of test, train, val, all"):
        read_arrays(file, part="dev")
    keras = write(
        tmp_path / "mnist.npz",
        npz(x_train=numbered(6, 0), y_train=np.arange(6), x_test=numbered(4, 50), y_test=np.array([9, 9, 8, 8])),
    )
    both = read_arrays(sniff(keras))
    assert both.items[0, 0, 0] == 50
    assert both.labels.names == ("8", "9")
    assert both.label_choices == ("y_test",)


def test_several_columns_of_labels_are_offered(tmp_path: Path) -> None:
    classes = np.stack([np.zeros(60, int), np.arange(60) % 3, np.arange(60) % 5], 1)
    data = npz(
        imgs=np.zeros((60, 4, 4), np.uint8), latents_classes=classes,
        latents_values=np.linspace(0, 1, 60)[:, None] ** [1, 2],
        metadata=np.array([{"author": "a"}, {}], dtype=object), date=np.zeros(3, "M8[s]"),
    )  # fmt: skip
    file = sniff(write(tmp_path / "dsprites.npz", data))
    found = read_arrays(file)
    assert found.label_choices[:3] == ("latents_classes 1", "latents_classes 2", "latents_classes 3")
    assert found.labels.names == ("0", "1", "2")
    assert "latents_classes 2 gives the classes; latents_classes 3, latents_values 1" in found.notes[0]
    assert any("metadata.npy holds Python objects" in note and "left out" in note for note in found.notes)
    assert any("date.npy" in note for note in found.notes)
    assert read_arrays(file, labels="latents_classes 3").labels.names == ("0", "1", "2", "3", "4")
    assert read_arrays(file, labels="").labels is None
    with pytest.raises(ArrayError, match="no labels 'shape': expected one of latents_classes 1"):
        read_arrays(file, labels="shape")


def test_numbers_on_a_scale_are_labels_without_classes(tmp_path: Path) -> None:
    ages = np.arange(200.0) / 4
    file = sniff(write(tmp_path / "a.npz", npz(x=np.zeros((200, 2, 2)), age=ages, y=np.arange(200) % 3)))
    usual, found = read_arrays(file).labels, read_arrays(file, labels="age").labels
    assert usual is not None
    assert found is not None
    assert (usual.column, usual.names) == ("y", ("0", "1", "2"))
    assert (found.column, found.names, found.numbers.any()) == ("age", ("unlabelled",), False)
    for labels in (usual, found):
        values = {column.title: column.values for column in labels.columns}
        np.testing.assert_allclose(values["age"], ages)
        np.testing.assert_array_equal(values["y"], np.arange(200) % 3)


@pytest.mark.parametrize("packed", [False, True])
def test_an_array_larger_than_there_is_room_for_is_thinned(packed: bool, tmp_path: Path) -> None:
    array = np.repeat(np.arange(2_000, dtype=np.int32), 1_000).reshape(2_000, 1_000)
    data = npz(x=array, y=np.arange(2_000) // 200) if packed else plain(array)
    found = arrays_in(write(tmp_path / "a", data), 400_000)
    assert found.items[:, 0].tolist() == np.linspace(0, 1_999, 100).round().tolist()
    assert found.brought == 2_000
    if packed:
        assert found.labels is not None
        assert np.array_equal(found.labels.numbers, found.items[:, 0] // 200)
