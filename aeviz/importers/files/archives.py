"""Uploaded files and zip archives: checked whole before anything is written."""

import os
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from aeviz.importers.files.filetypes import HOW_TO_CONVERT_HEIC, FileType, Sniffed, refuse_program, type_of
from aeviz.importers.files.zips import CHUNK_BYTES, DAMAGE, ArchiveError, Limits, open_zip, words_of
from aeviz.store.checkpoints import atomic_folder

__all__ = ["MAX_UPLOAD_BYTES", "ArchiveError", "Limits", "unpack", "write_upload", "zip_entries"]

MAX_UPLOAD_BYTES = 1_000_000_000  # of one file
MAX_NAME_BYTES, MAX_DEPTH = 200, 16
MIN_RATIO_BYTES = 10_000_000  # less may be packed as tightly as it will
DEFLATE64 = 9
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


def write_upload(file: bytes, name: str, folder: Path) -> Sniffed:
    """Write one uploaded file into a folder, under a clean name: whole, or not at all. Returns what it is.

    Raises ArchiveError for an empty file, one of more than `MAX_UPLOAD_BYTES`, one that can run code
    (see `aeviz.importers.files.filetypes`), and one of a type that is not read.
    """
    if len(file) > MAX_UPLOAD_BYTES:
        raise ArchiveError(f"{name} has {len(file):,} bytes; at most {MAX_UPLOAD_BYTES:,} are taken.")
    filetype = type_of(file)
    refuse_program(filetype, name)
    if filetype is FileType.HEIC:
        raise ArchiveError(f"{name} is a {filetype}. {HOW_TO_CONVERT_HEIC}")
    if filetype in {FileType.EMPTY, FileType.UNKNOWN}:
        article = "an" if filetype is FileType.EMPTY else "a"
        raise ArchiveError(
            f"{name} is {article} {filetype}: expected weights (.safetensors, .pt), ONNX, "
            "a zip, arrays (.npz, .npy, idx, .mat), Parquet, a picture or JSON."
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / clean_name(name)
    draft = folder / f".{path.name}.{os.getpid()}"
    try:
        draft.write_bytes(file)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return Sniffed(path, filetype)


def clean_name(name: str) -> str:
    """A file name of letters, digits, dots and dashes that stays in its folder."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w.()\-]+", "_", last).lstrip(".") or "file"
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:80]}{dot}{ending[:20]}"


def zip_entries(archive: zipfile.ZipFile, limits: Limits | None = None) -> list[zipfile.ZipInfo]:
    """The files in a zip, after a look at all of them; nothing is unpacked.

    Raises ArchiveError for an absolute path, one with "..", a link or special file, a name twice, encryption,
    rare compression, overlapping files, and anything past the limits.
    """
    limits = limits or Limits()
    entries = archive.infolist()
    _check_offsets(archive, entries)
    total, names = 0, set()
    for entry in entries:
        if entry.filename == "./":
            continue
        _check_entry(entry, limits)
        name = "/".join(_parts(entry))
        if name in names:
            raise ArchiveError(f"The zip file holds {entry.filename} twice.")
        names.add(name)
        total += entry.file_size
        if total > limits.unpacked:
            raise ArchiveError(f"The zip file unpacks to more than {limits.unpacked:,} bytes.")
    return [entry for entry in entries if not entry.is_dir() and not _litter(entry)]


def _check_offsets(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Files that share their packed bytes unpack to far more than any ratio tells (Fifield 2019)."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise ArchiveError(f"The zip file is unsound: {entry.filename} overlaps another file.")
        end = entry.header_offset + 30 + entry.compress_size
    if end > archive.start_dir:
        raise ArchiveError("The zip file is unsound: a file reaches into its directory.")


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    name = entry.filename
    parts = _parts(entry)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts:
        raise ArchiveError(f"The zip file is refused: {name!r} leads out of its folder.")
    if not parts or len(parts) > MAX_DEPTH or any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        raise ArchiveError(f"The zip file is refused: the path {name[:80]!r} is empty, too deep or too long.")
    if any(ord(letter) < 32 for letter in name):
        raise ArchiveError(f"The zip file is refused: the path {name!r} holds control characters.")
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if mode not in {0, stat.S_IFREG, stat.S_IFDIR}:
        noun = "a link" if mode == stat.S_IFLNK else "a special file"
        raise ArchiveError(f"The zip file is refused: {name!r} is {noun}.")
    if entry.flag_bits & 1:
        raise ArchiveError(f"The zip file is refused: {name!r} is encrypted.")
    if entry.compress_type == DEFLATE64:
        raise ArchiveError(
            f"The zip file is refused: {name!r} is packed with Deflate64, as Windows packs large files, which is not "
            "read here. Unpack it and bring the folder, or pack it anew: 7-Zip with the method Deflate, or less than "
            "2 GB at a time."
        )
    if entry.compress_type not in METHODS:
        raise ArchiveError(f"The zip file is refused: {name!r} is neither stored nor deflated.")
    if entry.file_size > limits.unpacked:
        raise ArchiveError(
            f"The zip file is refused: {name!r} unpacks to {entry.file_size:,} bytes; there is room for "
            f"{limits.unpacked:,}."
        )
    if entry.file_size > MIN_RATIO_BYTES and entry.file_size > limits.ratio * entry.compress_size:
        raise ArchiveError(
            f"The zip file is refused: {name!r} unpacks from {entry.compress_size:,} to {entry.file_size:,} bytes, "
            f"more than {limits.ratio}-fold."
        )


def _parts(entry: zipfile.ZipInfo) -> list[str]:
    return [part for part in re.split(r"[/\\]", entry.filename) if part not in {"", "."}]


def _litter(entry: zipfile.ZipInfo) -> bool:
    parts = _parts(entry)
    return parts[0] == LITTER[0] or parts[-1] in LITTER or parts[-1].startswith("._")


def unpack(path: Path, folder: Path, limits: Limits | None = None) -> Path:
    """Unpack a zip into a new folder, which appears whole or not at all, replacing one that stood there.

    Returns the folder, or the one inside it where that is all it holds. Raises ArchiveError as `zip_entries` does,
    and where more bytes come out than were declared.
    """
    limits = limits or Limits()
    with open_zip(path, limits) as archive:
        entries = zip_entries(archive, limits)
        remaining = limits.unpacked
        with atomic_folder(folder) as new:
            for entry in entries:
                remaining -= _write(archive, entry, _free(new.joinpath(*_parts(entry))), remaining)
    return _inner(folder)


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, max_bytes: int) -> int:
    count = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as packed, target.open("xb") as file:
            for chunk in _chunks(packed):
                count += len(chunk)
                if count > min(max_bytes, entry.file_size):
                    break
                file.write(chunk)
    except DAMAGE as error:
        raise ArchiveError(f"{entry.filename} in the zip file is damaged: {words_of(error)}.") from error
    if count != entry.file_size:
        raise ArchiveError(f"{entry.filename} does not unpack to the {entry.file_size:,} bytes it declares.")
    return count


def _free(path: Path) -> Path:
    """A path, or one beside it where "A" already lies, on a disc that cannot tell it from "a"."""
    number, free = 2, path
    while free.is_file():
        free, number = path.with_name(f"{path.stem}~{number}{path.suffix}"), number + 1
    return free


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(CHUNK_BYTES), b"")


def _inner(folder: Path) -> Path:
    inside = list(folder.iterdir())
    return _inner(inside[0]) if len(inside) == 1 and inside[0].is_dir() else folder
