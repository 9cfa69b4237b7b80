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
    assert found.label_names == ("cat", "dog", "emu")
    assert found.labels is not None
    assert found.labels.tolist() == [0, 1, 0, 2, 1, 0]


def test_arrays_of_other_names_are_told_by_their_shape(tmp_path: Path) -> None:
    found = arrays_in(write(tmp_path / "a", npz(pixels=np.zeros((5, 3, 3)), kind=np.array([1.0, 1, 2, 2, 7]))))
    assert found.items.shape == (5, 3, 3)
    assert found.label_names == ("1", "2", "7")


def test_one_hot_labels_and_their_names(tmp_path: Path) -> None:
    data = npz(x=np.zeros((4, 3, 3)), y=np.eye(3)[[0, 2, 1, 0]], label_names=np.array(["a", "b", "c"]))
    found = arrays_in(write(tmp_path / "a", data))
    assert found.labels is not None
    assert found.labels.tolist() == [0, 2, 1, 0]
    assert found.label_names == ("a", "b", "c")


def test_numbers_that_are_no_classes_are_left_out_with_a_note(tmp_path: Path) -> None:
    found = arrays_in(write(tmp_path / "a", npz(x=np.zeros((200, 2, 2)), y=np.linspace(0, 1, 200))))
    assert found.labels is None
    assert "200 different values" in found.notes[0]


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
    "NaN labels": (npz(x=np.zeros((2, 2, 2)), y=np.array([np.nan, 1])), "NaN"),
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
    with pytest.raises(ArrayError, match=r"12,544,000 bytes unpacked; at most 3,000,000 are read"):
        arrays_in(path, 3_000_000)
    with pytest.raises(ArchiveError, match=r"unpacks to 12,544,128 bytes; there is room for"):
        arrays_in(path, 0)
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
