"""Files inside other files: gzip, tar, and a zip or folder around one file of data; unpacked within limits."""

import gzip
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from aeviz.importers.files.archives import MAX_DEPTH, MAX_NAME_BYTES, clean_name, zip_entries
from aeviz.importers.files.filetypes import PICTURES, FileType, Sniffed, sniff
from aeviz.importers.files.zips import CHUNK_BYTES, DAMAGE, ArchiveError, Limits, open_zip, words_of

ARRAYS = frozenset({FileType.NPY, FileType.NPZ, FileType.IDX, FileType.MAT, FileType.PARQUET, FileType.GZIP})
SEVERAL = frozenset({FileType.NPY, FileType.IDX, FileType.GZIP})  # what is read together
TABLES = (".csv", ".tsv")
ENDINGS = (".npz", ".npy", ".mat", ".parquet", *TABLES, ".gz", "-ubyte")
MAX_LONE = 16  # files in a zip or folder of arrays


@contextmanager
def unpacked(source: Sniffed, limits: Limits | None = None) -> Iterator[Sniffed]:
    """What is in a gzip or tar, or the one file of data in a zip or folder; everything else as it is.

    It lies in a temporary folder that goes. Raises ArchiveError for what is damaged, too large or leads out of its
    folder.
    """
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="aeviz-") as temporary:
        folder = Path(temporary)
        if source.type is FileType.GZIP:
            inner = sniff(_gunzipped(source, folder, limits))
            if inner.type is FileType.TAR:
                yield _folder_of(_untarred(inner, folder / "files", limits))
            else:
                yield inner
        elif source.type is FileType.TAR:
            yield _folder_of(_untarred(source, folder / "files", limits))
        elif source.type is FileType.ZIP:
            yield _alone_in_zip(source, folder, limits) or source
        elif source.type is FileType.FOLDER:
            yield _alone(source.path) or source
        else:
            yield source


def _folder_of(folder: Path) -> Sniffed:
    return _alone(folder) or Sniffed(folder, FileType.FOLDER)


def _gunzipped(source: Sniffed, folder: Path, limits: Limits) -> Path:
    target = folder / clean_name(source.path.name.removesuffix(".gz").removesuffix(".tgz") or "file")
    try:
        with gzip.open(source.path) as packed, target.open("xb") as file:
            _copied(packed, file, limits.unpacked, source.name)
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveError(f"{source.name} is damaged: {words_of(error)}.") from error
    return target


def _copied(packed: "IO[bytes] | gzip.GzipFile", file: IO[bytes], room: int, name: str) -> int:
    count = 0
    while chunk := packed.read(CHUNK_BYTES):
        count += len(chunk)
        if count > room:
            raise ArchiveError(f"{name} unpacks to more than {room:,} bytes.")
        file.write(chunk)
    return count


def _untarred(source: Sniffed, folder: Path, limits: Limits) -> Path:
    """The plain files of a tar; links and devices are passed by."""
    folder.mkdir()
    room, count = limits.unpacked, 0
    try:
        with tarfile.open(source.path, "r:") as archive:
            for entry in archive:
                if not entry.isreg():
                    continue
                count += 1
                if count > limits.files:
                    raise ArchiveError(f"{source.name} holds more than {limits.files:,} files.")
                parts = [part for part in entry.name.replace("\\", "/").split("/") if part not in {"", "."}]
                long = any(len(part.encode("utf-8", "replace")) > MAX_NAME_BYTES for part in parts)
                unsound = entry.name.startswith(("/", "\\")) or ".." in parts or "\0" in entry.name
                if unsound or not parts or len(parts) > MAX_DEPTH or long or ":" in parts[0]:
                    raise ArchiveError(f"{source.name} is refused: {entry.name[:80]!r} leads out of its folder.")
                packed = archive.extractfile(entry)
                target = folder.joinpath(*parts)
                if packed is None or target.exists():
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    room -= _copied(packed, file, room, source.name)
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise ArchiveError(f"{source.name} is damaged: {words_of(error)}.") from error
    return folder


def _alone_in_zip(source: Sniffed, folder: Path, limits: Limits) -> Sniffed | None:
    """The file of data in a zip that holds no pictures, or a folder of its few arrays."""
    with open_zip(source.path, limits) as archive:
        entries = zip_entries(archive, limits)
        files = [entry for entry in entries if entry.filename.lower().endswith(ENDINGS)]
        tables = [entry for entry in files if entry.filename.lower().endswith(TABLES)]
        # A table beside other files may be of their labels.
        if not files or len(entries) > MAX_LONE or (len(tables) == len(files) and len(files) < len(entries)):
            return None
        target = folder / "files"
        target.mkdir()
        room = limits.unpacked
        for entry in files:
            path = target / clean_name(entry.filename)
            if path.exists():
                return None
            try:
                with archive.open(entry) as packed, path.open("xb") as file:
                    room -= _copied(packed, file, min(room, entry.file_size), entry.filename)
            except DAMAGE as error:
                raise ArchiveError(f"{entry.filename} in the zip file is damaged: {words_of(error)}.") from error
    return _alone(target)


def _alone(folder: Path) -> Sniffed | None:
    """The one file of data in a folder, or the folder itself where it holds a few files of arrays; None otherwise."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.is_symlink()]
    if len(files) > MAX_LONE or any(path.is_dir() for path in folder.iterdir()):
        return None
    sniffed = [sniff(path) for path in files]
    if any(file.type in PICTURES for file in sniffed):
        return None
    data = [file for file in sniffed if file.type in ARRAYS]
    if not data and len(sniffed) == 1 and sniffed[0].path.suffix.lower() in TABLES:
        data = sniffed
    if len(data) == 1:
        return data[0]
    return Sniffed(folder, FileType.FOLDER) if data and all(file.type in SEVERAL for file in data) else None
