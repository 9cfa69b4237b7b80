import io
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from aeviz.importers.files.archives import ArchiveError, Limits, clean_name, unpack, write_upload, zip_entries
from aeviz.importers.files.zips import open_zip
from tests.importers.conftest import png, zipped


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def entries(path: Path) -> list[zipfile.ZipInfo]:
    with open_zip(path) as archive:
        return zip_entries(archive)


def special(name: str, mode: int, data: bytes = b"/etc/passwd") -> bytes:
    file = io.BytesIO()
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "fine")
        archive.writestr(entry, data)
    return file.getvalue()


def lying(size: int) -> bytes:
    """A zip whose directory and header state another unpacked size than the file has."""
    data = bytearray(zipped({"a.bin": bytes(50_000)}))
    real = struct.pack("<L", 50_000)
    return bytes(data.replace(real, struct.pack("<L", size)))


def overlapping() -> bytes:
    """Two directory entries of one packed file, as in Fifield's bomb."""
    data = zipped({"a.bin": bytes(1000), "b.bin": bytes(1000)})
    start = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    return data[: start + 42] + struct.pack("<L", 0) + data[start + 46 :]


def deflate64() -> bytes:
    data = bytearray(zipped({"a.txt": b"secret" * 9}))
    for mark, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        start = data.index(mark) + offset
        data[start : start + 2] = struct.pack("<H", 9)
    return bytes(data)


REFUSED = {
    "parent": (zipped({"../outside.txt": b"x"}), "leads out"),
    "parent inside": (zipped({"a/../../outside.txt": b"x"}), "leads out"),
    "absolute": (zipped({"/tmp/outside.txt": b"x"}), "leads out"),
    "drive": (zipped({"C:/outside.txt": b"x"}), "leads out"),
    "backslash": (zipped({"..\\outside.txt": b"x"}), "leads out"),
    "link": (special("link", stat.S_IFLNK | 0o777), "is a link"),
    "device": (special("device", stat.S_IFCHR | 0o600), "special file"),
    "pipe": (special("pipe", stat.S_IFIFO | 0o600), "special file"),
    "twice": (zipped({"x/a": b"1", "x/./a": b"2"}), "twice"),
    "Deflate64": (deflate64(), "Deflate64.*7-Zip"),
    "deep": (zipped({"a/" * 40 + "b": b"1"}), "too deep"),
    "long": (zipped({"a" * 300: b"1"}), "too long"),
    "tight": (zipped({"zeros": bytes(20_000_000)}), "200-fold"),
    "large": (zipped({f"{n}": bytes(600) for n in range(3)}, zipfile.ZIP_STORED), "more than 1,500 bytes"),
    "many": (zipped({f"{n}": b"" for n in range(12)}), "more than 10 files"),
    "rare": (zipped({"a": b"abc"}, zipfile.ZIP_BZIP2), "neither stored nor deflated"),
    "more than declared": (lying(40), "damaged|bytes"),
    "less than declared": (lying(60_000), "damaged|bytes"),
    "overlapping": (overlapping(), "overlaps"),
    "truncated": (zipped({"a": bytes(100)})[:-30], "directory at its end"),
    "no zip": (b"PK\3\4" + bytes(200), "directory at its end"),
    "file and folder": (zipped({"a": b"1", "a/b": b"2"}), "damaged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_unsound_zip_writes_nothing(case: str, tmp_path: Path) -> None:
    data, said = REFUSED[case]
    path = write(tmp_path / "a.zip", data)
    limits = Limits(files=10, unpacked={"large": 1_500}.get(case, 10**9))
    with pytest.raises(ArchiveError, match=said):
        unpack(path, tmp_path / "in" / "here", limits)
    assert [file for file in tmp_path.rglob("*") if file.is_file() and file != path] == []


def test_encrypted_files_are_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"secret"}))
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(ArchiveError, match="encrypted"):
        entries(write(tmp_path / "a.zip", bytes(data)))


def test_a_directory_made_to_fill_the_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    entry = b"PK\1\2" + bytes(42)
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(entry) * 200_000, 0, 0)
    path = write(tmp_path / "a.zip", b"PK\3\4" + entry * 200_000 + end)
    with pytest.raises(ArchiveError, match="more than 100,000 files"):
        entries(path)


def test_a_sound_zip_is_unpacked_without_litter(tmp_path: Path) -> None:
    files = {"model/a/b.txt": b"one", "model/c.bin": bytes(range(256)), "__MACOSX/model/._c.bin": b"x"}
    path = write(tmp_path / "a.zip", zipped({**files, "model/.DS_Store": b"x"}))
    assert {entry.filename for entry in entries(path)} == {"model/a/b.txt", "model/c.bin"}
    folder = unpack(path, tmp_path / "out")
    assert folder == tmp_path / "out" / "model"
    assert {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} == {"a/b.txt", "c.bin"}
    assert (folder / "c.bin").read_bytes() == bytes(range(256))


def test_names_stay_in_their_folder() -> None:
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("..\\..\\boot.ini") == "boot.ini"
    assert clean_name("...") == "file"
    assert clean_name("my model (1).pt") == "my_model_(1).pt"
    assert len(clean_name("a" * 500 + ".safetensors")) < 110
    assert clean_name("a" * 500 + ".safetensors").endswith(".safetensors")


def test_a_file_is_placed_whole_under_a_clean_name(tmp_path: Path) -> None:
    picture = png(np.zeros((4, 4), np.uint8))
    path = write_upload(picture, "../up/../a b.png", tmp_path / "mine").path
    assert path == tmp_path / "mine" / "a_b.png"
    assert path.read_bytes() == picture
    assert list(tmp_path.rglob("*")) == [tmp_path / "mine", path]


@pytest.mark.parametrize(("data", "said"), [(b"", "empty"), (b"\x00\x01\x02" * 50, "unknown kind")])
def test_a_file_of_no_known_kind_is_not_placed(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=said):
        write_upload(data, "a.png", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_capitals_and_small_letters_are_two_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", zipped({"set/A/1.txt": b"1", "set/a/1.txt": b"2", "set/a/1.TXT": b"3"}))
    assert len(entries(path)) == 3
    folder = unpack(path, tmp_path / "out")
    assert sorted(file.read_bytes() for file in folder.rglob("*") if file.is_file()) == [b"1", b"2", b"3"]


NAMES = {
    "cp437": ["Hündin/1.png", "Kätzchen/2.png"], "cp850": ["São Paulo/1.png", "Hündin/2.png"],
    "cp1252": ["Hündin/1.png", "Kätzchen/2.png", "élève/3.png"], "utf-8": ["Hündin/1.png", "猫/2.png"],
    "cp866": ["собака/1.png", "Кошка/2.png"], "cp1251": ["собака/1.png", "Кошка/2.png"],
    "gbk": ["小狗/1.png", "猫咪/2.png"],
}  # fmt: skip


@pytest.mark.parametrize("encoding", NAMES)
def test_names_in_the_code_pages_of_windows(encoding: str, tmp_path: Path) -> None:
    names = NAMES[encoding]
    places = [f"{number:02}".rjust(len(name.encode(encoding)), "_") for number, name in enumerate(names)]
    data = zipped(dict.fromkeys(places, b"x"))
    for place, name in zip(places, names, strict=True):
        data = data.replace(place.encode(), name.encode(encoding))
    path = write(tmp_path / "a.zip", data)
    assert [entry.filename for entry in entries(path)] == names
    assert all(file.read_bytes() == b"x" for file in unpack(path, tmp_path / "out").rglob("*.png"))


def test_a_name_in_a_code_page_leads_nowhere_else(tmp_path: Path) -> None:
    data = zipped({"__/_u_.txt": b"x"}).replace(b"__/_u_.txt", b"../\x81u_.txt")
    with pytest.raises(ArchiveError, match="leads out"):
        entries(write(tmp_path / "a.zip", data))
