"""Opening a zip file whose directory may have been made to fill the memory."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from aeviz.importers.files.zip_names import restore_names

END, ENTRY, LOCATOR, END64 = b"PK\5\6", b"PK\1\2", b"PK\6\7", b"PK\6\6"
END_SIZE, LOCATOR_SIZE, END64_SIZE = 22, 20, 56
MAX_COMMENT_BYTES = 65_535
CHUNK_BYTES = 1 << 20

# What `zipfile` raises for a damaged file, depending on where the damage is.
DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    IndexError,
    KeyError,
    OverflowError,
    struct.error,
    zlib.error,
)


class ArchiveError(Exception):
    """A file is refused: too large, of a harmful kind, or an archive that is unsound; the message says why."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold: files, their bytes unpacked, and unpacked bytes per packed one."""

    files: int = 100_000
    unpacked: int = 2_000_000_000
    ratio: int = 200


@contextmanager
def open_zip(source: Path | bytes, limits: Limits | None = None) -> Iterator[zipfile.ZipFile]:
    """A zip file, opened after a look at the size of its directory. Raises ArchiveError where it is damaged."""
    with ExitStack() as opened:
        try:
            file = opened.enter_context(_stream(source))
            _check_directory(file, limits or Limits())
            archive = opened.enter_context(zipfile.ZipFile(file))
            restore_names(archive)
        except DAMAGE as error:
            raise ArchiveError(f"The zip file is damaged: {words_of(error)}.") from error
        yield archive


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """The bytes of one file of an archive. Raises ArchiveError past `max_bytes`, or where it is damaged."""
    if info.file_size > max_bytes:
        raise ArchiveError(f"{info.filename} unpacks to {info.file_size:,} bytes; at most {max_bytes:,} are read.")
    try:
        with archive.open(info) as file:
            data = file.read(max_bytes + 1)
    except DAMAGE as error:
        raise ArchiveError(f"{info.filename} in the zip file is damaged: {words_of(error)}.") from error
    if len(data) != info.file_size:
        raise ArchiveError(f"{info.filename} has {len(data):,} bytes, but {info.file_size:,} are declared.")
    return data


def _stream(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _check_directory(file: IO[bytes], limits: Limits) -> None:
    """Count the directory's entries before `zipfile` makes an object of each."""
    size = file.seek(0, io.SEEK_END)
    reach = min(size, END_SIZE + MAX_COMMENT_BYTES)
    file.seek(size - reach)
    tail = file.read(reach)
    offset = tail.rfind(END)
    if offset < 0 or len(tail) - offset < END_SIZE:
        raise ArchiveError("The zip file is damaged: it has no directory at its end. Is it truncated?")
    end = size - reach + offset
    length = struct.unpack("<L", tail[offset + 12 : offset + 16])[0]
    start = end
    if offset >= LOCATOR_SIZE and tail[offset - LOCATOR_SIZE : offset].startswith(LOCATOR):
        start = end - LOCATOR_SIZE - END64_SIZE
        stated = struct.unpack("<Q", tail[offset - 12 : offset - 4])[0]
        file.seek(max(start, 0))
        long_end = file.read(END64_SIZE)
        if stated != start or len(long_end) != END64_SIZE or not long_end.startswith(END64):
            raise ArchiveError("The zip file is damaged: its 64-bit directory is not where it should be.")
        length = struct.unpack("<Q", long_end[40:48])[0]
    if length > start or length > 1024 * limits.files:
        raise ArchiveError(f"The zip file's directory has {length:,} bytes, more than its files can need.")
    file.seek(start - length)
    if file.read(length).count(ENTRY) > limits.files:
        raise ArchiveError(f"The zip file holds more than {limits.files:,} files.")
    file.seek(0)


def words_of(error: Exception) -> str:
    """An error's own words, without a full stop."""
    return str(error).strip().rstrip(".") or type(error).__name__
